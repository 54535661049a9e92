"""Cards of clang-tidy's findings: it runs once on every case."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from c_scrub import without_library_text
from card_golden import GoldenCase
from card_of_tool import cards_of, check_case
from card_project import Project
from tool_golden import Reported, ToolCases, answers, check_record, names_its_subject

from lsp_debugger import spawn
from lsp_debugger.cards.c import words_tidy
from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.checkers.clang_tidy import CHECKER, CHECKS
from lsp_debugger.core.ask import Problem
from lsp_debugger.core.text import Span
from lsp_debugger.tools import find_tool

TOOL = ToolCases("clang_tidy", CHECKER, scrub=without_library_text)


@pytest.fixture(scope="session", params=answers("clang_tidy"))
def reported(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Reported:
    return TOOL.report(tmp_path_factory.mktemp("clang_tidy"), request.param)


@pytest.mark.parametrize("case", TOOL.cases, ids=lambda case: case.id)
async def test_golden(case: GoldenCase, reported: Reported, docs: RuleTexts):
    for problem, card in await check_case(case, reported, docs):
        assert card.rule_text or problem.code == "clang-diagnostic-error", problem.code


@pytest.mark.thorough
@pytest.mark.parametrize("reported", ["real"], indirect=True)
def test_the_record_is_what_clang_tidy_says(reported: Reported):
    check_record(reported)


async def test_headlines_name_their_subject(reported: Reported, docs: RuleTexts):
    made = [each for case in TOOL.cases for each in await cards_of(case, reported, docs)]
    named = [
        names_its_subject(card, problem, project.read(str(problem.path))) for problem, card, project in made
    ]
    assert sum(named) / len(named) >= 0.95


def test_checks_that_are_on_have_words():
    tool = find_tool("clang-tidy")
    if tool is None:
        pytest.skip("no clang-tidy here")
    done = spawn.run_blocking(
        [str(tool.path), "--list-checks", "--config={}", f"--checks={CHECKS}"], cwd="/", timeout_s=60
    )
    listed = {line.strip() for line in done.stdout.decode().splitlines() if line.startswith("    ")}
    # Of Apple's and other platforms' libraries, or no check but a model of functions for the others.
    others = re.compile(
        r"osx|webkit|fuchsia|nullability|apiModeling|mpi|core\.builtin|Captured|TaintPropagation|SmartPtrModeling"
        r"|ObjC|DynamicMemoryModeling|CStringModeling|SecuritySyntaxChecker"
    )
    wanted = {name for name in listed if not others.search(name)}
    without = sorted(name for name in wanted if name not in words_tidy.WORDS)
    assert len(wanted) > 150
    assert len(without) <= len(wanted) // 100, without


def test_there_are_words_for_the_usual():
    assert len(words_tidy.WORDS) >= 80
    assert all(text.endswith(".") and len(text) < 160 for text in words_tidy.WORDS.values())


@pytest.mark.parametrize(
    ("code", "text", "where"),
    [
        ("bugprone-use-after-move", "int f() { return 1; }\n", "1"),
        ("bugprone-integer-division", "double f(int a) { return a; }\n", "a;"),
        ("bugprone-infinite-loop", "int f() { return 1; }\n", "1"),
        ("performance-for-range-copy", "int f() { return 1; }\n", "1"),
        ("performance-noexcept-move-constructor", "int f() { return 1; }\n", "1"),
        ("bugprone-exception-escape", "", ""),
    ],
)
async def test_the_message_stands_where_the_code_does_not_bear_it_out(
    code: str, text: str, where: str, tmp_path: Path
):
    project = Project(tmp_path, RuleTexts(None))
    project.write({"a.cpp": text})
    snapshot = project.read("a.cpp")
    start = text.index(where)
    problem = Problem(
        "something is wrong here",
        source="clang-tidy",
        code=code,
        path=snapshot.path,
        span=Span(start, start + len(where)),
    )
    card = await project.card(problem, snapshot)
    assert card.headline == "something is wrong here"
    assert card.rule_text.startswith(code)
