"""Cards of clippy's findings: cargo clippy runs once on all cases, a package each."""

from __future__ import annotations

from pathlib import Path

import pytest
from card_golden import GoldenCase
from card_of_tool import cards_of, check_case
from cargo_golden import TOOLCHAINS, cargo_cases, check_edits
from tool_golden import Reported, check_record, names_its_subject

from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.checkers import cargo

CASES = cargo_cases("clippy", cargo.CLIPPY)


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    return CASES.report(tmp_path_factory.mktemp("clippy"))


@pytest.mark.parametrize("case", CASES.cases, ids=lambda case: case.id)
async def test_golden(case: GoldenCase, reported: Reported, docs: RuleTexts):
    await check_case(case, reported, docs)


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
