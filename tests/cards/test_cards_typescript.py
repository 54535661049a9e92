"""Cards of TypeScript's compiler: tsc itself runs over all cases at once."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from card_golden import GoldenCase
from card_of_tool import cards_of, check_case
from tool_golden import Reported, ToolCases, check_record, names_its_subject

from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.checkers import tsc

_CONFIG = {
    "compilerOptions": {
        "strict": True,
        "noUnusedLocals": True,
        "noUnusedParameters": True,
        "noUncheckedIndexedAccess": True,
        "noImplicitReturns": True,
        "allowUnreachableCode": False,
        "target": "es2022",
        "lib": ["es2022", "dom", "dom.iterable"],
        "module": "esnext",
        "moduleResolution": "bundler",
        "moduleDetection": "force",
        "types": [],
        "noEmit": True,
    },
    "include": ["**/*.ts"],
}
# Where the compiler's own declarations lie, and what is written there, belongs to the machine.
_LIBRARY = re.compile(r"\x1b\[96m[^\x1b\n]*/(lib\.[\w.]+\.d\.ts)\x1b\[0m(.*)\n(?:    \x1b\[7m.*\n)+")


def scrub(text: str) -> str:
    return _LIBRARY.sub("\x1b[96m$TYPESCRIPT/\\1\x1b[0m\\2\n", text)


TOOL = ToolCases("typescript", tsc.CHECKER, {"tsconfig.json": json.dumps(_CONFIG)}, scrub)


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    return TOOL.report(tmp_path_factory.mktemp("typescript"))


@pytest.mark.parametrize("case", TOOL.cases, ids=lambda case: case.id)
async def test_golden(case: GoldenCase, reported: Reported, docs: RuleTexts):
    await check_case(case, reported, docs)


def test_record(reported: Reported):
    check_record(reported)


async def test_headlines_name_what_they_are_about(reported: Reported, docs: RuleTexts):
    named = list[bool]()
    for case in TOOL.cases:
        for problem, card, project in await cards_of(case, reported, docs):
            named.append(names_its_subject(card, problem, project.read(str(problem.path))))
    assert named.count(True) >= 0.95 * len(named)


SYNTAX = ToolCases("typescript/syntax", tsc.CHECKER, {"tsconfig.json": json.dumps(_CONFIG)}, scrub)


@pytest.fixture(scope="session")
def unreadable(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """The compiler says nothing about types where a file cannot be read: these cases stand apart."""
    return SYNTAX.report(tmp_path_factory.mktemp("typescript_syntax"))


@pytest.mark.parametrize("case", SYNTAX.cases, ids=lambda case: case.id)
async def test_golden_of_syntax(case: GoldenCase, unreadable: Reported, docs: RuleTexts):
    await check_case(case, unreadable, docs)


def test_record_of_syntax(unreadable: Reported):
    check_record(unreadable)
