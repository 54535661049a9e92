"""Cards of ESLint: ESLint itself runs over all cases at once."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from card_golden import GoldenCase
from card_of_tool import cards_of, check_case
from card_project import Project, shown
from tool_golden import Reported, ToolCases, check_record, names_its_subject

from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.cards.eslint import RULES
from lsp_debugger.checkers import eslint
from lsp_debugger.core.ask import Problem
from lsp_debugger.core.text import Span
from lsp_debugger.state import State
from lsp_debugger.tools import find_tool

# By name, since what a configuration imports would have to lie beside the cases. Those of typescript-eslint
# need a plugin; their cards read what the core's rules of the same name say.
_RULES = [name for name in RULES if name not in {"no-explicit-any", "no-floating-promises"}]
_CONFIG = f"""\
export default [
  {{
    languageOptions: {{ ecmaVersion: 2024, sourceType: "module" }},
    rules: Object.fromEntries({json.dumps(_RULES)}.map((name) => [name, "error"])),
  }},
];
"""
_VERSION = re.compile(r'"url":"https://[^"]*"')


def scrub(text: str) -> str:
    """Without the metadata of every rule and the text of every file."""
    try:
        report = json.loads(text)
    except ValueError:
        return text
    kept = [
        {
            "filePath": file["filePath"],
            "messages": file["messages"],
        }
        for file in sorted(report["results"], key=lambda file: file["filePath"])
    ]
    used = {each["ruleId"] for file in kept for each in file["messages"]}
    rules = {name: rule for name, rule in sorted(report["metadata"]["rulesMeta"].items()) if name in used}
    return json.dumps({"results": kept, "metadata": {"rulesMeta": rules}}, indent=1)


TOOL = ToolCases(
    "eslint", eslint.CHECKER, {"eslint.config.mjs": _CONFIG}, scrub, "run tools/install_checkers.sh"
)


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    return TOOL.report(tmp_path_factory.mktemp("eslint"))


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


async def test_every_rule_of_the_real_eslint_has_a_text(tmp_path: Path):
    if find_tool("eslint") is None:
        pytest.skip("no eslint here: run tools/install_checkers.sh")
    docs = RuleTexts(State(tmp_path / "state"))
    for _ in range(20):  # node takes its time on a busy machine, and a card does not wait for it
        first = await docs.rule(Problem("", source="eslint", code="no-undef"))
        if first.text:
            break
    assert first.href == "https://eslint.org/docs/latest/rules/no-undef"
    [file] = (tmp_path / "state" / "rules").iterdir()
    table = json.loads(file.read_bytes())
    told = [name for name, text in table.items() if len(text.partition("\n")[2]) > 10]
    assert len(told) >= 0.99 * len(table) > 150
    assert set(_RULES) <= set(table)


@pytest.mark.parametrize("code", sorted(RULES))
@pytest.mark.parametrize("text", ["", "x\n", "(((", "const a = 1;\n", "\U0001f44d" * 30 + "\n"])
async def test_odd_files_and_messages_show_the_message(project: Project, code: str, text: str):
    project.write({"a.js": text or "\n"})
    snapshot = project.read("a.js")
    for span in (Span(0, 1), Span(0, len(snapshot.text)), Span(5, 99_999), None):
        said = Problem(
            "*x* " + "y" * 50_000, source="eslint", code=code, path=snapshot.path, line=1, span=span
        )
        card = await project.card(said, snapshot)
        assert shown(card)[0]
        assert len(card.headline) < 60_000
