"""Cards of mypy: mypy itself runs over all cases at once."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from card_golden import GoldenCase
from card_of_tool import cards_of, check_case
from card_project import Project, shown
from tool_golden import Reported, ToolCases, answers, check_record, names_its_subject

from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.cards.mypy import RULES
from lsp_debugger.cards.python import proof
from lsp_debugger.checkers import Job, mypy
from lsp_debugger.checkers.run import run_commands
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Problem
from lsp_debugger.core.text import Span
from lsp_debugger.state import State
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.tools import find_tool

# Each folder a package of its own, whatever the interpreter that the tests run on.
_CONFIG = """\
[mypy]
strict = true
python_version = 3.11
explicit_package_bases = true
warn_unreachable = true
enable_error_code = possibly-undefined, truthy-bool, truthy-iterable, redundant-expr, unused-awaitable,
    exhaustive-match, mutable-override, deprecated
"""


def scrub(text: str) -> str:
    """File by file: in which order mypy comes to them is its own affair."""
    lines = [line for line in text.split("\n") if line]
    return "".join(f"{line}\n" for line in sorted(lines, key=_file))


def _file(line: str) -> str:
    try:
        return str(json.loads(line)["file"])
    except (ValueError, KeyError, TypeError):
        return ""


TOOL = ToolCases("mypy", mypy.CHECKER, {"mypy.ini": _CONFIG}, scrub)


async def words_of(docs: RuleTexts, code: str) -> str:
    """The code's text; the first one may take a slow machine longer than a card waits."""
    for _ in range(100):
        if text := (await docs.rule(Problem("", source="mypy", code=code))).text:
            return text
        await asyncio.sleep(0.1)
    return ""


@pytest.fixture(scope="session", params=answers("mypy"))
def reported(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Reported:
    return TOOL.report(tmp_path_factory.mktemp("mypy"), request.param)


@pytest.mark.parametrize("case", TOOL.cases, ids=lambda case: case.id)
async def test_golden(case: GoldenCase, reported: Reported, docs: RuleTexts):
    assert await words_of(docs, "misc")
    for problem, card in await check_case(case, reported, docs):
        assert card.href == f"https://mypy.readthedocs.io/en/stable/_refs.html#code-{problem.code}"
        assert card.rule_text.startswith(f"{problem.code}: ")


@pytest.mark.thorough
@pytest.mark.parametrize("reported", ["real"], indirect=True)
def test_record(reported: Reported):
    check_record(reported)


async def test_headlines_name_what_they_are_about(reported: Reported, docs: RuleTexts):
    named = list[bool]()
    for case in TOOL.cases:
        for problem, card, project in await cards_of(case, reported, docs):
            named.append(names_its_subject(card, problem, project.read(str(problem.path))))
    assert named.count(True) >= 0.95 * len(named)


def report(root: Path) -> list[Problem]:
    """What the real mypy finds below `root` with the configuration of the cases."""
    (root / "mypy.ini").write_text(_CONFIG)
    tool = find_tool("mypy", root=root)
    if tool is None:
        pytest.skip("no mypy here")
    cache = root.parent / f"{root.name}-cache"
    cache.mkdir()
    read = Workspace([root], SymbolMap()).read
    job = Job(tool, root, tuple(sorted(root.rglob("*.py"))), True, root, True, cache, read)
    return list(mypy.CHECKER.read(job, asyncio.run(run_commands(mypy.CHECKER, job))))


def of_kind(problems: list[Problem], folder: Path) -> Counter[tuple[str, str]]:
    """Codes and messages, without the folder's own name as a module."""
    mine = [each for each in problems if each.path and Path(each.path).is_relative_to(folder)]
    return Counter((each.code, each.message.replace(f"{folder.name}.", "")) for each in mine)


def test_certain_edits(reported: Reported, docs: RuleTexts, tmp_path: Path):
    """Each edit on a copy of its own, one run over all copies: its finding is gone, none has come."""
    root = tmp_path / "copies"
    root.mkdir()
    expected = list[tuple[str, Path, Counter[tuple[str, str]]]]()
    for case in TOOL.cases:
        for problem, card, project in asyncio.run(cards_of(case, reported, docs)):
            if card.edit is None:
                continue
            snapshot = project.read(str(problem.path))
            copy = root / f"edit{len(expected)}"
            case.write_files(copy)
            changed = proof.applied(snapshot.text, card.edit.replacements)
            (copy / Path(str(problem.path)).relative_to(project.root)).write_text(changed, encoding="utf-8")
            gone = of_kind([problem], project.root)
            wanted = of_kind(reported.of(case), project.root) - gone
            expected.append((f"{case.id}: {card.edit.title}", copy, wanted))
    assert len(expected) > 20
    after = report(root)
    for title, copy, wanted in expected:
        assert of_kind(after, copy) <= wanted, title


async def test_every_code_of_the_real_mypy_has_a_text(tmp_path: Path):
    docs = RuleTexts(State(tmp_path / "state"))
    assert await words_of(docs, "arg-type")
    [file] = (tmp_path / "state" / "rules").iterdir()
    table = json.loads(file.read_bytes())
    told = [await docs.rule(Problem("", source="mypy", code=code)) for code in table]
    good = [each for each in told if len(each.text.partition(": ")[2]) > 15 and each.href]
    assert len(good) >= 0.99 * len(table) > 60
    assert set(RULES) <= set(table)


@pytest.mark.parametrize("code", [*sorted(RULES), "no-such-code", "", "x" * 500])
@pytest.mark.parametrize("span", [Span(0, 3), Span(0, 9999), None])
async def test_odd_problems_show_their_message(project: Project, code: str, span: Span | None):
    project.write({"app.py": "x = 1\n"})
    snapshot = project.read("app.py")
    said = Problem("*x* \x1b[31m`y`", source="mypy", code=code, path=snapshot.path, line=1, span=span)
    assert shown(await project.card(said, snapshot))[0] == "*x* \x1b[31m`y`"


async def test_findings_where_the_text_has_changed(reported: Reported, docs: RuleTexts, tmp_path: Path):
    """Every recorded message about a text that does not have what it speaks of: no card fails."""
    project = Project(tmp_path, docs)
    project.write({"app.py": "def f():\n    return g(1)[0] + None\n"})
    snapshot = project.read("app.py")
    length = len(snapshot.text)
    for problem in reported.problems:
        for span in (Span(20, 31), Span(13, length), Span(length, length), None):
            moved = replace(problem, path=snapshot.path, line=2, span=span)
            card = await project.card(moved, snapshot)
            assert card.headline
            assert card.edit is None or moved.code == "no-untyped-def", moved


async def test_a_message_of_a_megabyte(project: Project):
    project.write({"app.py": "x = 1\n"})
    snapshot = project.read("app.py")
    for start in ('Argument 1 to "', 'Item "', 'No overload variant of "f" of "', 'Unused "type: ignore['):
        said = Problem(start + "a, " * 350_000, source="mypy", code="", path=snapshot.path, line=1)
        for code in RULES:
            assert (await project.card(replace(said, code=code), snapshot)).headline


@pytest.mark.parametrize("source", ["mypy", "Mypy"])
async def test_a_server_that_passes_the_line_on(project: Project, source: str):
    project.write({"app.py": "def f(name: str | None) -> str:\n    return name.title()\n"})
    snapshot = project.read("app.py")
    start = snapshot.text.index("name.title")
    said = 'Item "None" of "str | None" has no attribute "title"  [union-attr]'
    problem = Problem(said, source=source, path=snapshot.path, line=2, span=Span(start, start + 10))
    card = await project.card(problem, snapshot)
    assert card.headline.startswith("`name` may be None here, and None has no `title`")
    assert card.href == "https://mypy.readthedocs.io/en/stable/_refs.html#code-union-attr"


async def test_within_an_f_string(project: Project):
    """Before Python 3.12 places in there are not sure, and mypy's neither."""
    project.write({"app.py": 'def f(name: str | None) -> str:\n    return f"ä{name.title()}"\n'})
    snapshot = project.read("app.py")
    start = snapshot.text.index('f"ä')
    said = 'Item "None" of "str | None" has no attribute "title"'
    problem = Problem(said, source="mypy", code="union-attr", path=snapshot.path, line=2,
                      span=Span(start, start + 9))  # fmt: skip
    card = await project.card(problem, snapshot)
    assert card.headline.startswith("`name` may be None here, and None has no `title`")


async def test_a_package_without_types(project: Project):
    project.write({"app.py": "import numbers_of_ours.core\n"})
    snapshot = project.read("app.py")
    said = (
        'Skipping analyzing "numbers_of_ours.core": module is installed, but missing library stubs or '
        "py.typed marker"
    )
    problem = Problem(said, source="mypy", code="import-untyped", path=snapshot.path, line=1, span=Span(0, 6))
    assert shown(await project.card(problem, snapshot)) == [
        "`numbers_of_ours.core` is installed without types: mypy takes all that comes from it for `Any`.",
        "For packages that have none: `ignore_missing_imports` in a section for `numbers_of_ours.*`.",
    ]


async def test_broken_syntax(project: Project):
    project.write({"app.py": "def f():\n    return [1, 2\n\nx = 3\n"})
    snapshot = project.read("app.py")
    problem = Problem("'[' was never closed", source="mypy", code="syntax", path=snapshot.path, line=2)
    card = await project.card(problem, snapshot)
    assert card.headline == "The `[` of line 2 is never closed."
