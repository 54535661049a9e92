"""Cards of rustc's findings: cargo check runs once on all cases, a package each."""

from __future__ import annotations

import pytest
from card_golden import GoldenCase
from card_of_tool import check_case
from cargo_golden import cargo_cases
from tool_golden import Reported, check_record

from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.checkers import cargo

CASES = cargo_cases("rustc", cargo.CARGO)


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    return CASES.report(tmp_path_factory.mktemp("rustc"))


@pytest.mark.parametrize("case", CASES.cases, ids=lambda case: case.id)
async def test_golden(case: GoldenCase, reported: Reported, docs: RuleTexts):
    await check_case(case, reported, docs)


def test_record(reported: Reported):
    check_record(reported)
