"""Cards of bandit: bandit itself runs over all cases at once."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest
from card_golden import GoldenCase
from card_of_tool import cards_of, check_case
from card_project import Project, shown
from tool_golden import Reported, ToolCases, answers, check_record, names_its_subject

from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.checkers import bandit
from lsp_debugger.core.ask import Problem
from lsp_debugger.core.text import Span
from lsp_debugger.state import State


def scrub(text: str) -> str:
    """Without the time, the counts, and the lines of code around each finding."""
    try:
        report = json.loads(text)
    except ValueError:
        return text
    results = [{key: value for key, value in each.items() if key != "code"} for each in report["results"]]
    kept = {"results": sorted(results, key=lambda each: (each["filename"], each["line_number"]))}
    return re.sub(r"readthedocs\.io/en/[\d.]+/", "readthedocs.io/en/latest/", json.dumps(kept, indent=1))


TOOL = ToolCases("bandit", bandit.CHECKER, {}, scrub)


async def words_of(docs: RuleTexts, code: str) -> str:
    """The rule's text; the first one may take a slow machine longer than a card waits."""
    for _ in range(100):
        if text := (await docs.rule(Problem("", source="bandit", code=code))).text:
            return text
        await asyncio.sleep(0.1)
    return ""


@pytest.fixture(scope="session", params=answers("bandit"))
def reported(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Reported:
    return TOOL.report(tmp_path_factory.mktemp("bandit"), request.param)


@pytest.mark.parametrize("case", TOOL.cases, ids=lambda case: case.id)
async def test_golden(case: GoldenCase, reported: Reported, docs: RuleTexts):
    assert await words_of(docs, "B602")
    for problem, card in await check_case(case, reported, docs):
        assert card.href == problem.href
        assert card.rule_text.startswith(f"{problem.code} ")


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


async def test_every_rule_of_the_real_bandit_has_a_text(tmp_path: Path):
    docs = RuleTexts(State(tmp_path / "state"))
    assert await words_of(docs, "B602")
    [file] = (tmp_path / "state" / "rules").iterdir()
    table = json.loads(file.read_bytes())
    texts = [(await docs.rule(Problem("", source="bandit", code=code))).text for code in table]
    told = [text for text in texts if len(text.partition(": ")[2]) > 20]
    assert len(told) >= 0.99 * len(table) > 60


@pytest.mark.parametrize("code", ["B602", "B301", "B403", "B999", "B1", "", "S602"])
@pytest.mark.parametrize("span", [Span(0, 3), Span(0, 9999), None])
async def test_odd_problems_show_their_message(project: Project, code: str, span: Span | None):
    project.write({"app.py": "x = 1\n"})
    snapshot = project.read("app.py")
    said = Problem("*x* \x1b[31m`y`", source="bandit", code=code, path=snapshot.path, line=1, span=span)
    card = await project.card(said, snapshot)
    assert shown(card)[0] == "*x* \x1b[31m`y`"


async def test_a_password_is_never_repeated(project: Project):
    project.write({"app.py": 'password = "hunter2-and-more"\n'})
    snapshot = project.read("app.py")
    problem = Problem(
        "Possible hardcoded password: 'hunter2-and-more'",
        source="bandit", code="B105", path=snapshot.path, line=1, span=Span(11, 29),
    )  # fmt: skip
    card = await project.card(problem, snapshot)
    assert "hunter2" not in " ".join(shown(card))
    assert "password" in card.headline
