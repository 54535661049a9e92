"""Cards of shellcheck's findings: shellcheck runs once on all cases, and once more on all certain edits."""

from __future__ import annotations

import asyncio
import itertools
import re
import struct
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from card_golden import GoldenCase
from card_of_tool import cards_of, check_case
from card_project import Project
from tool_golden import Reported, ToolCases, answers, check_record, names_its_subject

from lsp_debugger.cards import markdown
from lsp_debugger.cards.case import Case, Surroundings
from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.cards.python.proof import applied
from lsp_debugger.cards.shellcheck import FAMILY, RULES
from lsp_debugger.cards.shellcheck.sentences import SENTENCES
from lsp_debugger.cards.shellcheck.unclosed import open_at
from lsp_debugger.cards.shellcheck.words import WORDS
from lsp_debugger.checkers import Job
from lsp_debugger.checkers.run import run_commands
from lsp_debugger.checkers.shellcheck import CHECKER
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Problem
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.tools import find_tool

TOOL = ToolCases("shellcheck", CHECKER)
FIRST_CODE, LAST_CODE = 1000, 3999


@pytest.fixture(scope="session", params=answers("shellcheck"))
def reported(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Reported:
    return TOOL.report(tmp_path_factory.mktemp("shellcheck"), request.param)


@pytest.mark.parametrize("case", TOOL.cases, ids=lambda case: case.id)
async def test_golden(case: GoldenCase, reported: Reported, docs: RuleTexts):
    for problem, card in await check_case(case, reported, docs):
        assert card.rule_text.startswith(f"{problem.code}: ")
        assert card.href == f"https://www.shellcheck.net/wiki/{problem.code}"


@pytest.mark.thorough
@pytest.mark.parametrize("reported", ["real"], indirect=True)
def test_the_record_is_what_shellcheck_says(reported: Reported):
    check_record(reported)


async def test_headlines_name_what_they_are_about(reported: Reported, docs: RuleTexts):
    named = unnamed = 0
    for case in TOOL.cases:
        for problem, card, project in await cards_of(case, reported, docs):
            is_named = names_its_subject(card, problem, project.read(str(problem.path)))
            named, unnamed = named + is_named, unnamed + (not is_named)
    assert named + unnamed > 350
    assert unnamed <= 0.05 * (named + unnamed)


async def test_a_language_server_gets_the_same_card(reported: Reported, docs: RuleTexts):
    """Other publishers write the code as a number or not at all, and have no fix of ours."""
    for case in TOOL.cases[::7]:
        for problem, card, project in await cards_of(case, reported, docs):
            snapshot = project.read(str(problem.path))
            digits = problem.code.removeprefix("SC")
            for code, message in (
                (digits, problem.message),
                ("", f"{problem.message} [SC{digits}]"),
            ):
                theirs = replace(
                    problem, source="ShellCheck", code=code, message=message, fix=None, href=None
                )
                again = await project.card(theirs, snapshot)
                assert again.rule_text == card.rule_text
                assert again.href == card.href
                assert again.edit is None
                if not message.endswith("]"):
                    assert (again.headline, again.places, again.notes) == (
                        card.headline,
                        card.places,
                        card.notes,
                    )


async def test_certain_edits(reported: Reported, docs: RuleTexts, tmp_path: Path):
    """Each on a copy of its own, one run over all: its finding is gone and none has come."""
    expected = list[tuple[Path, str, Counter[tuple[str, str]]]]()
    for case in TOOL.cases:
        made = await cards_of(case, reported, docs)
        for problem, card, project in made:
            if card.edit is None:
                continue
            assert problem.path is not None
            snapshot = project.read(problem.path)
            copy = tmp_path / f"edit{len(expected)}"
            case.write_files(copy)
            file = copy / Path(problem.path).relative_to(project.root)
            file.write_text(applied(snapshot.text, card.edit.replacements), encoding="utf-8")
            before = Counter(
                (other.code, other.message) for other, _, _ in made if other.path == problem.path
            )
            expected.append((file, card.edit.title, before - Counter([(problem.code, problem.message)])))
    assert {title for _, title, _ in expected} >= {
        "Write `$(…)` for the backticks",
        "Put braces around the name",
        "Remove the inner parentheses",
        "Write `-e` for `-a`",
    }
    found = await _check(tmp_path, tuple(file for file, _, _ in expected))
    for file, title, wanted in expected:
        left = Counter((each.code, each.message) for each in found if each.path == str(file))
        assert left <= wanted, (file, title)


async def _check(root: Path, files: tuple[Path, ...]) -> list[Problem]:
    tool = find_tool("shellcheck")
    if tool is None:
        pytest.skip(f"no shellcheck here: {CHECKER.install}")
    read = Workspace([root], SymbolMap()).read
    job = Job(tool, root, files, True, root, True, root.parent, read)
    return list(CHECKER.read(job, await run_commands(CHECKER, job)))


def codes_in(program: bytes) -> set[str]:
    """The codes that the program holds.

    It is compiled Haskell, where a small constant is a closure of two words: the address that all integers
    have in common, then the value. The address with the most values in the codes' range is that one.
    """
    words = struct.unpack(f"<{len(program) // 8}Q", program[: len(program) // 8 * 8])
    by_address: dict[int, set[int]] = {}
    for address, value in itertools.pairwise(words):
        if FIRST_CODE <= value <= LAST_CODE:
            by_address.setdefault(address, set()).add(value)
    return {str(value) for value in max(by_address.values(), key=len)}


def test_all_codes_in_our_words(reported: Reported):
    tool = find_tool("shellcheck")
    if tool is None:
        pytest.skip(f"no shellcheck here: {CHECKER.install}")
    program = tool.path.resolve().read_bytes()
    if not program.startswith(b"\x7fELF\x02\x01"):
        pytest.skip("only a program for 64-bit Linux is read for its codes")
    codes = codes_in(program)
    told = {problem.code.removeprefix("SC") for problem in reported.problems}
    assert len(told) > 200
    assert len(told - codes) <= 2, "the codes are not found where they are looked for"
    assert len(codes) > 450
    assert len(codes & set(WORDS)) >= 0.99 * len(codes), sorted(codes - set(WORDS))
    assert told <= set(WORDS)
    assert set(RULES) | set(SENTENCES) <= set(WORDS)


def test_words_are_sentences():
    for code, words in WORDS.items():
        assert 6 <= len(words.split()) <= 26, code
        assert words.endswith("."), code
        assert not re.search(r"\s{2}", words), code


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('if [ -f "$1" ]; then\n  echo\n', ["if"]),
        ("for f in *; do\n  if true; then echo; fi\n", ["do"]),
        ("log() {\n  echo done\n", ["{"]),
        ("while read -r x; do case $x in a) echo fi ;; esac\n", ["do"]),
        ("cat <<EOF\nif then do {\nEOF\n", []),
        ("echo if; echo 'do {'\n# if do {\n", []),
        ('echo "a\nb', ['"']),
        ("awk '{ print }' | while true; do\n", ["do"]),
        ("x=${y#*{}; echo ${#x}\n", []),
        ("f() { :; }\n}\nfi\n", []),
    ],
)
def test_what_is_open(text: str, expected: list[str]):
    assert [each.word for each in open_at(text, len(text))] == expected


def _problem(code: str, message: str, span: Span | None = None, line: int = 1) -> Problem:
    return Problem(message, source="shellcheck", code=code, path="a.sh", line=line, span=span)


SCRIPT = (
    '#!/bin/sh\nx=$1\nif [ $x = "`ls`" ]; then\n  cd $x; rm -r "$x/"*\n  case $x in a) ;; esac\n  echo $?\n'
)
ODD_MESSAGES = ("", "x appears unused.", "x is referenced but not assigned.", "on line 99999", "`" * 50)


@pytest.mark.parametrize("hundred", sorted({digits[:2] for digits in WORDS}))
def test_odd_input_is_no_exception(hundred: str, project: Project):
    """Each code on places that do not fit it: a card function says nothing or something and never raises."""
    snapshot = Snapshot("file:///a.sh", SCRIPT, 1, "a.sh", "shellscript")
    spans = [Span(0, 0), Span(0, len(SCRIPT)), Span(len(SCRIPT), len(SCRIPT)), Span(5, 9_999), None]
    spans += [Span(match.start(), match.end()) for match in re.finditer(r"\S+", SCRIPT)][::2]
    around = project.cards._around
    for digits in (each for each in WORDS if each.startswith(hundred)):
        for number, span in enumerate(spans):
            for message in (ODD_MESSAGES[0], ODD_MESSAGES[number % len(ODD_MESSAGES)]):
                problem = _problem(digits, message, span, (1, 3, 0, 500)[number % 4])
                made = FAMILY.card(_case(problem, snapshot, around))
                assert made is not None
                assert len(markdown(made).splitlines()) <= 12


def _case(problem: Problem, snapshot: Snapshot, around: Surroundings) -> Case:
    return Case(problem, snapshot, around)


def test_hostile_messages_end_soon(project: Project):
    text = "#!/bin/bash\n" + "echo $x " * 30_000 + "\n" + "if [ $x = '" * 200 + "\n"
    snapshot = Snapshot("file:///a.sh", text, 1, "a.sh", "shellscript")
    huge = (
        "x is referenced but not assigned (did you mean '"
        + "x" * 1_000_000
        + "'. `[](javascript:1)` \x1b[31m"
    )
    for digits in ("2154", "2034", "2086", "1072", "1078", "1079", "2094", "2181", "3010", "2222"):
        at = text.index("$x")
        card = FAMILY.card(
            _case(_problem(digits, huge, Span(at, at + 2), 2), snapshot, project.cards._around)
        )
        assert card is not None
        shown = markdown(card)
        assert "\x1b" not in shown
        assert "](javascript" not in shown
        assert len(shown) < 5_000


async def test_cards_are_quick(reported: Reported, docs: RuleTexts):
    """p95 below 50 ms, in the longest case."""
    longest = max(TOOL.cases, key=lambda case: len(reported.of(case)))
    loop = asyncio.get_running_loop()
    times = list[float]()
    project = Project(reported.root / longest.folder, docs)
    for problem in reported.of(longest):
        snapshot = project.read(str(problem.path))
        project.workspace.refresh(snapshot)
        start = loop.time()
        await project.cards.card(problem, snapshot)
        times.append(loop.time() - start)
    assert sorted(times)[int(0.95 * len(times))] < 0.05


def test_unknown_codes_keep_their_message(project: Project):
    snapshot = Snapshot("file:///a.sh", SCRIPT, 1, "a.sh", "shellscript")
    card = FAMILY.card(_case(_problem("SC9999", "Something new."), snapshot, project.cards._around))
    assert card is not None
    assert card.headline == "Something new."
    assert card.rule_text == ""
