"""Cards in a world that does not fit: hostile messages, wrong ranges, files gone, unknown rules."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from card_project import Project, shown
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lsp_debugger.cards import Cards, markdown
from lsp_debugger.cards.exceptions import EXCEPTIONS
from lsp_debugger.cards.pyright import RULES as PYRIGHT_RULES
from lsp_debugger.cards.ruff import RULES as RUFF_RULES
from lsp_debugger.core.ask import Place, Problem, ProblemKind
from lsp_debugger.core.text import Snapshot, Span

SOURCE = "import os\n\n\ndef f(items=[]):\n    print(totl)\n    return os.getcwd()\n"


@pytest.fixture
def snapshot(project: Project) -> Snapshot:
    project.write({"app.py": SOURCE})
    return replace(project.read("app.py"), version=7)


async def test_generic_shows_the_message_and_where_its_names_are_defined(
    project: Project, snapshot: Snapshot
):
    problem = Problem(
        "Cannot find name 'items'. Did you mean 'f'?\n  detail one\n  detail two",
        source="some-linter",
        code="2552",
        path=snapshot.path,
        line=5,
        related=(Place(str(project.root / "other.ts"), 3, "declared here"),),
        href="https://example.com/2552",
    )
    card = await project.card(problem, snapshot)
    assert shown(card) == [
        "Cannot find name 'items'. Did you mean 'f'?",
        "other.ts:3 declared here",
        "detail one",
        "detail two",
    ]
    assert card.href == "https://example.com/2552"
    assert card.rule_text == ""


async def test_generic_names_the_one_definition(project: Project, snapshot: Snapshot):
    project.write({"shop.py": "class Cart:\n    pass\n"})
    project.workspace.refresh(project.read("shop.py"))
    problem = Problem("Type `Cart` is not assignable", source="some-linter", path=snapshot.path, line=5)
    card = await project.card(problem, snapshot)
    assert [str(place) for place in card.places] == ["shop.py:1"]


async def test_related_places_are_always_shown(project: Project, snapshot: Snapshot):
    related = tuple(Place("far.py", line, "related") for line in range(1, 4))
    problem = undefined("totl", snapshot, related=related)
    card = await project.card(problem, snapshot)
    assert [str(place) for place in card.places[-3:]] == ["far.py:1", "far.py:2", "far.py:3"]
    assert markdown(card).count("far.py") == 3


async def test_stale_problem_is_explained_and_never_edited(project: Project, snapshot: Snapshot):
    text = "print(os.getcwd())\n"
    project.write({"late.py": text})
    late = replace(project.read("late.py"), version=3)
    problem = replace(undefined("os", late), stale=False)
    fresh = await project.card(problem, late)
    assert fresh.edit is not None
    assert (fresh.edit.uri, fresh.edit.version) == (late.uri, 3)
    stale = await project.card(replace(problem, stale=True), late)
    assert stale.edit is None
    assert stale.headline == fresh.headline


def undefined(name: str, snapshot: Snapshot, **changes: object) -> Problem:
    start = snapshot.text.index(name)
    problem = Problem(
        f"Undefined name `{name}`",
        source="Ruff",
        code="F821",
        path=snapshot.path,
        line=snapshot.text[:start].count("\n") + 1,
        span=Span(start, start + len(name)),
    )
    return replace(problem, **changes)


async def test_text_that_moved_since(project: Project, snapshot: Snapshot):
    problem = undefined("totl", snapshot)
    moved = replace(snapshot, text="\n\n" + snapshot.text)
    assert problem.span is not None
    card = await project.card(
        replace(problem, span=Span(problem.span.start + 2, problem.span.end + 2)), moved
    )
    assert card.headline.startswith("`totl` is not defined")


async def test_broken_text_still_gets_a_card(project: Project, snapshot: Snapshot):
    broken = replace(snapshot, text=snapshot.text + "def (:\n")
    card = await project.card(undefined("totl", broken), broken)
    assert card.headline == "`totl` is not defined where it is used."


async def test_rule_that_the_installed_ruff_does_not_know(project: Project, snapshot: Snapshot):
    problem = undefined("totl", snapshot, code="ZZZ999", message="Something new")
    card = await project.card(problem, snapshot)
    assert (card.headline, card.rule_text, card.href) == ("Something new", "", None)


async def test_problem_in_another_file_than_the_one_that_is_shown(project: Project, snapshot: Snapshot):
    log = Snapshot("file:///run.log", "Traceback …", 1, "/run.log", "log")
    problem = Problem("KeyError: 'tea'", ProblemKind.TRACEBACK, "python", "KeyError", path="app.py", line=6)
    card = await project.card(problem, log)
    assert card.headline == "`return os.getcwd()` raised `KeyError` in `f`: 'tea'."


async def test_single_file_mode(project: Project, snapshot: Snapshot):
    cards = Cards(project.docs, project.workspace.symbols, project.cards._around.syntax, lambda _: None, None)
    card = await cards.card(undefined("totl", snapshot), snapshot)
    assert card.headline.startswith("`totl` is not defined")
    untitled = replace(snapshot, uri="untitled:1", path=None, language_id="python")
    card = await cards.card(undefined("totl", untitled), untitled)
    assert card.headline.startswith("`totl` is not defined")


RULES = [
    *(("Ruff", code) for code in (*RUFF_RULES, "S102", "S105", "S110", "S608", "S602", "E501", "X")),
    *(("Pyright", code) for code in (*PYRIGHT_RULES, "reportNothing", "")),
    *(("python", code) for code in (*EXCEPTIONS, "Odd", "")),
    ("ts", "2304"),
    ("", ""),
]
MESSAGES = [
    "",
    " \n\t ",
    "`",
    "``",
    "``x`` `y",
    '"a" is not a known attribute of "None"',
    "name 'x' is not defined",
    "'NoneType' object has no attribute 'getcwd'",
    "**bold** <b>html</b> [a](b) \x1b[31m \u202e \x00",
    "x" * 200_000,
    "`" + "y" * 200_000 + "`",
    "\n".join("line" for _ in range(50_000)),
    'Argument of type "' + "list[" * 3000 + '" cannot be assigned',
    'Operator "+" not supported for types "' + 'a" and "' * 5000 + '"',
    "[Errno 2] No such file or directory: '" + "\\" * 5000,
    "Redefinition of unused `f` from line 99999999999999999999: `f` redefined here",
]
PROBLEMS = {
    "file gone": {"path": "/nowhere/at/all.py", "span": None, "line": 3},
    "line zero": {"span": None, "line": 0},
    "negative line": {"span": None, "line": -5},
    "far line": {"span": None, "line": 10**9},
    "far span": {"span": Span(10**9, 10**9 + 5)},
    "backward span": {"span": Span(50, 20)},
    "negative span": {"span": Span(-10, -5)},
    "empty span": {"span": Span(0, 0)},
    "whole text": {"span": Span(0, len(SOURCE))},
    "in a name": {"span": Span(SOURCE.index("totl"), SOURCE.index("totl") + 4)},
    "no path": {"path": None, "span": None, "line": 1},
    "frames": {
        "frames": (Place("<string>", 1, "<module>"), Place("/x.py", 2)),
        "kind": ProblemKind.TRACEBACK,
    },
}


@pytest.mark.parametrize("where", PROBLEMS)
@pytest.mark.parametrize(("source", "code"), RULES, ids=lambda value: value or "none")
async def test_no_rule_fails_on_hostile_words(
    source: str,
    code: str,
    where: str,
    project: Project,
    snapshot: Snapshot,
    caplog: pytest.LogCaptureFixture,
):
    for message in MESSAGES:
        problem = replace(Problem(message, source=source, code=code, path=snapshot.path), **PROBLEMS[where])
        card = await project.cards.card(problem, snapshot)
        assert card.headline
        assert len(markdown(card).split("\n")) <= 12
    assert not caplog.records, "a card function raised"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00",
        "\ud800",
        "(" * 10_000,
        "x" + "+1" * 20_000,
        "x = 1\r\ny = x.z\rprint(y)\n\x0cz",
        "def f():\n" + "".join("    " * n + "if x:\n" for n in range(1, 90)) + "    " * 90 + "y\n",
        "a = b" + ".c" * 5_000,
        "x = 'é😀'; totl.y\n",
    ],
    ids=["empty", "null", "surrogate", "brackets", "sum", "line ends", "deep", "attributes", "not ASCII"],
)
@pytest.mark.parametrize(
    ("source", "code", "message"),
    [
        ("Ruff", "F821", "Undefined name `totl`"),
        ("Ruff", "invalid-syntax", "Expected `)`, found newline"),
        ("Pyright", "reportOptionalMemberAccess", '"y" is not a known attribute of "None"'),
        ("Pyright", "reportPossiblyUnbound", '"totl" is possibly unbound'),
        ("python", "AttributeError", "AttributeError: 'NoneType' object has no attribute 'y'"),
        ("python", "ZeroDivisionError", "ZeroDivisionError: division by zero"),
    ],
)
async def test_no_text_fails(text: str, source: str, code: str, message: str, project: Project):
    snapshot = Snapshot("file:///odd.py", text, 1, str(project.root / "odd.py"), "python")
    for span in (None, Span(0, len(text)), Span(len(text) // 2, len(text) // 2 + 1)):
        problem = Problem(message, source=source, code=code, path=snapshot.path, line=1, span=span)
        assert (await project.cards.card(problem, snapshot)).headline


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rule=st.sampled_from(RULES),
    start=st.integers(0, len(SOURCE)),
    length=st.integers(0, 40),
    message=st.sampled_from(MESSAGES) | st.text(max_size=80),
)
async def test_any_place_any_message(
    rule: tuple[str, str], start: int, length: int, message: str, project: Project, tmp_path: Path
):
    snapshot = Snapshot("file:///app.py", SOURCE, 1, str(tmp_path / "app.py"), "python")
    problem = Problem(
        message, source=rule[0], code=rule[1], path=snapshot.path, span=Span(start, start + length)
    )
    card = await project.cards.card(problem, snapshot)
    assert card.headline
