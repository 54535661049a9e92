"""Cards of clippy's findings: cargo clippy runs once on all cases, a package each."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest
from card_golden import GoldenCase
from card_of_tool import cards_of, check_case
from cargo_golden import TOOLCHAINS, cargo_cases, check_edits
from tool_golden import Reported, answers, check_record, names_its_subject

from lsp_debugger import spawn
from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.cards.rustc import texts
from lsp_debugger.cards.rustc.clippy import LINTS
from lsp_debugger.checkers import cargo
from lsp_debugger.core.ask import Problem
from lsp_debugger.tools import find_tool

CASES = cargo_cases("clippy", cargo.CLIPPY)


@pytest.fixture(scope="session", params=answers("clippy"))
def reported(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Reported:
    return CASES.report(tmp_path_factory.mktemp("clippy"), request.param)


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


async def test_rule_texts(docs: RuleTexts):
    """A sample of the lints that the tool lists; the first is asked for as an editor does."""
    tool, driver = find_tool("cargo-clippy"), find_tool("clippy-driver")
    if tool is None or driver is None:
        pytest.skip("no clippy here")
    for source, code in (("clippy", "needless_return"), ("cargo", "clippy::needless_return")):
        text = await docs.rule(Problem("x", source=source, code=code))
        assert text.text.startswith("needless_return: Checks for return statements")
        assert text.href == "https://rust-lang.github.io/rust-clippy/stable/index.html#needless_return"
    assert not (await docs.rule(Problem("x", source="clippy", code="no_such_lint"))).text
    listed = await asyncio.to_thread(
        spawn.run_blocking,
        [str(driver.path), "-W", "help"],
        cwd="/",
        timeout_s=20,
        env={"RUSTUP_HOME": TOOLCHAINS},
    )
    lints = sorted(
        set(
            re.findall(r"^ *clippy::([a-z0-9-]+)  +(?:allow|warn|deny)", listed.stdout.decode(), re.MULTILINE)
        )
    )
    assert len(lints) > 600
    sample = [lint.replace("-", "_") for lint in lints[::12]]
    told = await asyncio.gather(*(texts.ask_clippy(tool, lint) for lint in sample))
    missing = [lint for lint, each in zip(sample, told, strict=True) if len(each.get(lint, "")) < 40]
    assert not missing


def test_every_lint_is_one(reported: Reported):
    """Each function has a golden case."""
    found = {each.code.removeprefix("clippy::") for each in reported.problems}
    assert len(set(LINTS) - found) <= 1, set(LINTS) - found
