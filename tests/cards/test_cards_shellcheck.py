"""Cards of shellcheck's findings: shellcheck runs once on all cases."""

from __future__ import annotations

import pytest
from card_golden import GoldenCase
from card_of_tool import cards_of, check_case
from tool_golden import Reported, ToolCases, check_record, names_its_subject

from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.checkers.shellcheck import CHECKER

TOOL = ToolCases("shellcheck", CHECKER)


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    return TOOL.report(tmp_path_factory.mktemp("shellcheck"))


@pytest.mark.parametrize("case", TOOL.cases, ids=lambda case: case.id)
async def test_golden(case: GoldenCase, reported: Reported, docs: RuleTexts):
    await check_case(case, reported, docs)
