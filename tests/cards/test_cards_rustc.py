"""Cards of rustc's findings: cargo check runs once on all cases, a package each."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from card_golden import GoldenCase
from card_of_tool import cards_of, check_case
from card_project import Project
from cargo_golden import TOOLCHAINS, cargo_cases, check_edits
from tool_golden import Reported, answers, check_record, names_its_subject

from lsp_debugger.cards import markdown
from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.cards.python.proof import applied
from lsp_debugger.cards.rustc import RULES, texts
from lsp_debugger.checkers import cargo
from lsp_debugger.core.ask import Place, Problem
from lsp_debugger.core.text import Span
from lsp_debugger.tools import find_tool

POINT = """pub struct Point {
    pub x: i32,
}

pub fn shown(p: &Point) -> String {
    format!("{p:?}")
}
"""
CASES = cargo_cases("rustc", cargo.CARGO)


@pytest.fixture(scope="session", params=answers("rustc"))
def reported(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Reported:
    return CASES.report(tmp_path_factory.mktemp("rustc"), request.param)


@pytest.mark.parametrize("case", CASES.cases, ids=lambda case: case.id)
async def test_golden(case: GoldenCase, reported: Reported, docs: RuleTexts):
    await check_case(case, reported, docs)


@pytest.mark.thorough
@pytest.mark.parametrize("reported", ["real"], indirect=True)
def test_record(reported: Reported):
    check_record(reported)


@pytest.fixture(autouse=True)
def toolchains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUSTUP_HOME", TOOLCHAINS)


async def test_certain_edits(reported: Reported, docs: RuleTexts, tmp_path: Path):
    titles = await check_edits(CASES, reported, docs, tmp_path)
    assert len(titles) > 10


async def test_cards_name_their_subject(reported: Reported, docs: RuleTexts):
    made = [each for case in CASES.cases for each in await cards_of(case, reported, docs)]
    missing = [
        f"{project.root.name}: {card.headline}"
        for problem, card, project in made
        if not names_its_subject(card, problem, project.read(str(problem.path)))
    ]
    assert len(missing) <= 0.05 * len(made), missing


@pytest.mark.parametrize("code", sorted(RULES))
async def test_hostile_messages(code: str, project: Project, reported: Reported):
    """Real first lines that go on for ever, hold Markdown or name what is not there."""
    project.write({"src/lib.rs": "pub fn run() {\n    let x = 1;\n}\n", "src/empty.rs": ""})
    real = next((each.message for each in reported.problems if each.code == code), "odd `thing`")
    messages = [
        "",
        "`",
        real + "`[x](http://evil) <img> \x1b[31m" * 3,
        real.partition("\n")[0] + "\n" + "expected `A`, " * 80_000,
        "`" * 1_000_000,
        "cannot find value `" + "a" * 1_000_000 + "` in this scope",
        real.replace("`", "``"),
    ]
    for message in messages:
        for file, span in (
            ("src/lib.rs", Span(19, 24)),
            ("src/lib.rs", Span(900, 901)),
            ("src/empty.rs", None),
        ):
            snapshot = project.read(file)
            problem = Problem(message, source="rustc", code=code, path=snapshot.path, line=2, span=span)
            gone = Problem(message, source="rustc", code=code, path=str(project.root / "gone.rs"), line=9)
            for each in (problem, gone):
                card = await project.cards.card(each, snapshot)
                assert len(markdown(card).split("\n")) <= 12
                assert card.edit is None or each is problem


async def test_as_rust_analyzer_tells_it(reported: Reported, docs: RuleTexts):
    """The same places and words in another order, relative paths, and its own name for what wrote them."""
    same = 0
    for case in CASES.cases:
        for problem, card, project in await cards_of(case, reported, docs):
            lines = problem.message.split("\n")
            helps = [line.partition(": ")[2] for line in lines[1:] if line.startswith("help: ")]
            rest = [line.partition(": ")[2] if line.startswith("note: ") else line for line in lines[1:]]
            kept = [line for line in rest if not line.startswith("help: ")]
            told = replace(
                problem,
                message="\n".join([lines[0], *kept]),
                related=(*problem.related, *(Place(str(problem.path), problem.line, said) for said in helps)),
                fix=None,
            )
            again = await project.card(told, project.read(str(problem.path)))
            assert again.edit is None or not helps or "consider annotating" not in " ".join(helps)
            same += again.headline == card.headline
    assert same >= 0.95 * len(reported.problems)


async def test_derives_are_left_to_whoever_offers_them(project: Project):
    project.write({"src/lib.rs": POINT})
    snapshot = project.read("src/lib.rs")
    start = snapshot.text.index("p:?")
    problem = Problem(
        "`Point` doesn't implement `Debug`",
        source="rustc",
        code="E0277",
        path=snapshot.path,
        line=6,
        span=Span(start, start + 1),
    )
    card = await project.card(problem, snapshot)
    assert card.edit is not None
    assert applied(snapshot.text, card.edit.replacements).startswith("#[derive(Debug)]\npub struct Point")
    hint = Place(
        str(snapshot.path), 1, "consider annotating `Point` with `#[derive(Debug)]`: `#[derive(Debug)]`"
    )
    assert (await project.card(replace(problem, related=(hint,)), snapshot)).edit is None


@pytest.mark.parametrize(
    "text",
    [
        "pub struct Point<T> {\n    pub x: T,\n}\n",
        "pub struct Point {\n    pub x: Other,\n}\n",
        "pub struct Point {\n    pub f: fn(u8) -> u8,\n}\n",
        "pub union Point {\n    pub x: u8,\n}\n",
        "pub struct Point {\n    pub x: i32,\n}\n\nimpl std::fmt::Debug for Point {}\n",
        "mod a {\n    pub struct Point;\n}\nmod b {\n    pub struct Point;\n}\n",
    ],
)
async def test_derive_is_silent_where_it_is_not_certain(project: Project, text: str):
    project.write({"src/lib.rs": text})
    snapshot = project.read("src/lib.rs")
    problem = Problem(
        "`Point` doesn't implement `Debug`", source="rustc", code="E0277", path=snapshot.path, line=1
    )
    assert (await project.card(problem, snapshot)).edit is None


async def test_rule_texts(docs: RuleTexts):
    """Of every error code that the installed documentation has a page for, and of every lint."""
    tool = find_tool("rustc")
    if tool is None:
        pytest.skip("no rustc here")
    text = await docs.rule(Problem("x", source="rustc", code="E0382"))
    assert text.text.startswith("E0382: A variable was used after")
    assert text.href == "https://doc.rust-lang.org/error_codes/E0382.html"
    lint = await docs.rule(Problem("x", source="rust-analyzer", code="dead_code"))
    assert lint.text == "dead_code: detect unused, unexported items."
    assert not (await docs.rule(Problem("x", source="rustc", code="E9999"))).text
    assert not (await docs.rule(Problem("x", source="rustc", code="; rm -rf"))).text
    codes = [code for code in RULES if code.startswith("E")]
    told = await asyncio.gather(*(texts.ask(tool, code) for code in codes))
    assert all(len(texts.told(code, each[code]).text) > 30 for code, each in zip(codes, told, strict=True))
    listed = await texts.ask(tool, "dead_code")
    assert len(listed) > 150
    assert {code for code in RULES if not code.startswith("E")} <= set(listed)
