"""Cards of ruff's findings: ruff itself runs on every case, and again after a certain edit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from card_golden import GoldenCase, cases_of, check
from card_project import Project, shown

from lsp_debugger import spawn
from lsp_debugger.core.ask import CertainEdit, Problem
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.tools import find_tool

# The import rules watch that an added import stands where isort would put it.
_RULES = "F,E4,E7,E9,W605,A,ANN2,ASYNC,B,BLE,C4,I,PLW,RUF006,RUF012,S,SIM,TRY400"


def ruff(root: Path) -> list[dict[str, Any]]:
    tool = find_tool("ruff")
    assert tool is not None
    done = spawn.run_blocking(
        [
            str(tool.path),
            "check",
            "--isolated",
            "--no-cache",
            "--select",
            _RULES,
            "--output-format",
            "json",
            ".",
        ],
        cwd=root,
        timeout_s=60,
    )
    return json.loads(done.stdout)


def problem_of(finding: dict[str, Any], snapshot: Snapshot) -> Problem:
    start, end = (
        snapshot.lines.span_of(place["row"] - 1).start + place["column"] - 1
        for place in (finding["location"], finding["end_location"])
    )
    return Problem(
        finding["message"],
        source="Ruff",
        code=finding["code"],
        path=snapshot.path,
        line=finding["location"]["row"],
        span=Span(start, min(end, len(snapshot.text))),
        href=finding["url"],
    )


def _key(finding: dict[str, Any], root: Path) -> str:
    path = Path(finding["filename"]).relative_to(root).as_posix()
    return f"{path}:{finding['location']['row']}:{finding['location']['column']} {finding['code']}"


@pytest.mark.parametrize("case", cases_of("ruff"), ids=lambda case: case.id)
async def test_golden(case: GoldenCase, project: Project):
    case.write_files(project.root)
    wanted = case.source.stem.split("_")
    found: dict[str, list[str]] = {}
    before = ruff(project.root)
    for finding in before:
        if finding["code"] not in wanted:
            continue
        snapshot = project.read(finding["filename"])
        card = await project.card(problem_of(finding, snapshot), snapshot)
        found[_key(finding, project.root)] = shown(card)
        assert card.rule_text or finding["code"] == "invalid-syntax"
        if card.edit is not None:
            assert finding["fix"] is None, "ruff has the edit itself"
            _check_edit(card.edit, finding, before, project)
    assert found, "the case shows no finding of its rule"
    check(case, found)


def _check_edit(
    edit: CertainEdit, finding: dict[str, Any], before: list[dict[str, Any]], project: Project
) -> None:
    """Applied to a copy, the finding is gone and no other one has come."""
    path = Path(finding["filename"])
    text = path.read_text(encoding="utf-8")
    changed = text
    for replacement in sorted(edit.replacements, key=lambda each: each.span, reverse=True):
        changed = changed[: replacement.span.start] + replacement.new_text + changed[replacement.span.end :]
    path.write_text(changed, encoding="utf-8")
    after = [(each["code"], each["message"]) for each in ruff(project.root)]
    path.write_text(text, encoding="utf-8")
    assert (finding["code"], finding["message"]) not in after or after.count(
        (finding["code"], finding["message"])
    ) < [(each["code"], each["message"]) for each in before].count((finding["code"], finding["message"]))
    assert set(after) <= {(each["code"], each["message"]) for each in before}
