"""Cards of pyright's findings: basedpyright runs once on all cases."""

from __future__ import annotations

import importlib.util
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from card_golden import GoldenCase, cases_of, check
from card_project import Project, shown

from lsp_debugger import spawn
from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.cards.pyright import RULES
from lsp_debugger.cards.pyright.words import WORDS
from lsp_debugger.cards.python import proof
from lsp_debugger.core.ask import Problem
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.tools import find_tool

CASES = cases_of("pyright")


_OFF_BY_DEFAULT = (
    "reportCallInDefaultInitializer",
    "reportConstantRedefinition",
    "reportMatchNotExhaustive",
    "reportPossiblyUnbound",
    "reportPrivateUsage",
    "reportUninitializedInstanceVariable",
    "reportUnnecessaryComparison",
)


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """The folder with a subfolder for each case, and everything found there."""
    root = tmp_path_factory.mktemp("pyright").resolve()
    for case in CASES:
        case.write_files(root / case.folder)
    return root, basedpyright(root)


def basedpyright(root: Path) -> list[dict[str, Any]]:
    """Everything that is found below `root`."""
    settings = {
        "typeCheckingMode": "standard",
        "reportMissingModuleSource": "warning",
        **dict.fromkeys(_OFF_BY_DEFAULT, "error"),
    }
    (root / "pyrightconfig.json").write_text(json.dumps(settings))
    tool = find_tool("basedpyright")
    assert tool is not None
    done = spawn.run_blocking(
        [str(tool.path), "--outputjson", "--project", str(root)],
        cwd=root,
        timeout_s=110,
        max_output_bytes=16_000_000,
    )
    return json.loads(done.stdout)["generalDiagnostics"]


def problem_of(finding: dict[str, Any], snapshot: Snapshot, source: str = "Pyright") -> Problem:
    start, end = (
        snapshot.lines.span_of(place["line"]).start + place["character"]
        for place in (finding["range"]["start"], finding["range"]["end"])
    )
    return Problem(
        finding["message"],
        source=source,
        code=finding["rule"],
        path=snapshot.path,
        line=finding["range"]["start"]["line"] + 1,
        span=Span(start, end),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
async def test_golden(case: GoldenCase, reported: tuple[Path, list[dict[str, Any]]], docs: RuleTexts):
    root, findings = reported
    project = Project(root / case.folder, docs)
    found: dict[str, list[str]] = {}
    for finding in findings:
        file = Path(finding["file"])
        if not file.is_relative_to(project.root) or finding.get("rule") not in case.source.stem.split("-"):
            continue
        snapshot = project.read(str(file))
        card = await project.card(problem_of(finding, snapshot), snapshot)
        start = finding["range"]["start"]
        place = f"{file.relative_to(project.root).as_posix()}:{start['line'] + 1}:{start['character'] + 1}"
        key = f"{place} {finding['rule']}"
        found[key] = shown(card)
        assert card.rule_text.startswith(finding["rule"])
        assert card.href is not None
        again = await project.card(problem_of(finding, snapshot, "basedpyright"), snapshot)
        offered = again.edit.title if again.edit is not None else ""
        assert not offered.startswith("Add `"), "basedpyright offers imports itself"
    assert found, "the case shows no finding of its rule"
    check(case, found)


async def test_certain_edits(reported: tuple[Path, list[dict[str, Any]]], docs: RuleTexts, tmp_path: Path):
    """Each edit on a copy of its own, one run over all copies: its finding is gone, none has come."""
    root, findings = reported
    expected = list[tuple[str, Counter[tuple[str, str]]]]()
    for case in CASES:
        project = Project(root / case.folder, docs)
        mine = [each for each in findings if Path(each["file"]).is_relative_to(project.root)]
        for finding in mine:
            snapshot = project.read(finding["file"])
            card = await project.card(problem_of(finding, snapshot), snapshot)
            if card.edit is None:
                continue
            copy = tmp_path / f"edit{len(expected)}"
            case.write_files(copy)
            changed = proof.applied(snapshot.text, card.edit.replacements)
            (copy / Path(finding["file"]).relative_to(project.root)).write_text(changed, encoding="utf-8")
            wanted = Counter(map(_told, mine)) - Counter([_told(finding)])
            expected.append((f"{case.id}: {card.edit.title}", wanted))
    assert len(expected) > 10
    after = basedpyright(tmp_path)
    for number, (title, wanted) in enumerate(expected):
        folder = tmp_path / f"edit{number}"
        left = Counter(_told(each) for each in after if Path(each["file"]).is_relative_to(folder))
        assert left <= wanted, title


def _told(finding: dict[str, Any]) -> tuple[str, str]:
    return finding.get("rule", ""), finding["message"]


def test_rules_in_our_words():
    """Every rule that the installed basedpyright knows."""
    names = set[str]()
    found = importlib.util.find_spec("basedpyright")
    assert found is not None
    assert found.origin is not None
    for file in Path(found.origin).parent.rglob("*.js"):
        names.update(re.findall(r"""["'](report[A-Z]\w+)["']""", file.read_text("utf-8", "replace")))
    assert len(names) > 80
    assert len(names & set(WORDS)) >= 0.99 * len(names), sorted(names - set(WORDS))
    assert all(words.endswith(".") for words in WORDS.values())
    assert set(RULES) <= set(WORDS)
