"""What the golden cards amount to: cases, first sentences that name their subject, rules with a text.

    python benchmarks/golden.py

Every tool that is here runs over its cases; of the others the recorded answer is read. A first sentence
names its subject when it has, in backticks, a name that the tool points at or quotes. Whether a claim is
true is for readers of the cards in tests/golden to judge.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from harness import Row, print_table

from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.cards.families import family_of
from lsp_debugger.core.ask import Problem
from lsp_debugger.state import State

REPO = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPO / "tests" / "support"), str(REPO / "tests" / "cards")]

from card_golden import cases_of  # noqa: E402 - found by the line above
from card_of_tool import cards_of  # noqa: E402
from tool_golden import ToolCases, names_its_subject  # noqa: E402

_NAMED_GOAL = 0.95
_FIRST_TEXT_GOAL_MS = 400


@dataclass
class Score:
    folder: str
    cases: int = 0
    findings: int = 0
    named: int = 0
    edits: int = 0
    version: str = ""


def main() -> int:
    rows = list[Row]()
    total = Score("all")
    for tool in tools():
        score, first_ms = asyncio.run(measure(tool))
        rows.append(score_row(score))
        if first_ms is not None:
            shown = f"{first_ms:.0f} ms"
            rows.append(
                Row(
                    "  first use of its rule texts",
                    shown,
                    f"< {_FIRST_TEXT_GOAL_MS} ms",
                    first_ms < _FIRST_TEXT_GOAL_MS,
                )
            )
        total = replace(
            total,
            cases=total.cases + score.cases,
            findings=total.findings + score.findings,
            named=total.named + score.named,
            edits=total.edits + score.edits,
        )
    rows.append(score_row(total))
    others = {name: len(cases_of(name)) for name in ("ruff", "pyright", "exceptions")}
    rows.append(
        Row("cases held by tests of their own", ", ".join(f"{name} {n}" for name, n in others.items()))
    )
    return 0 if print_table("Golden cards", rows) else 1


def tools() -> Iterator[ToolCases]:
    """Those that the tests of cards define."""
    seen = set[str]()
    for file in sorted((REPO / "tests" / "cards").glob("test_cards_*.py")):
        for found in vars(importlib.import_module(file.stem)).values():
            if isinstance(found, ToolCases) and found.folder not in seen:
                seen.add(found.folder)
                yield found


async def measure(tool: ToolCases) -> tuple[Score, float | None]:
    with tempfile.TemporaryDirectory() as folder:
        docs = RuleTexts(State(Path(folder) / "state"))
        reported = await asyncio.to_thread(tool.report, Path(folder) / "cases")
        score = Score(tool.folder, len(tool.cases), version=reported.version)
        first_ms = await first_text_ms(docs, reported.problems)
        for case in tool.cases:
            for problem, card, project in await cards_of(case, reported, docs):
                snapshot = project.read(str(problem.path))
                score.findings += 1
                score.named += names_its_subject(card, problem, snapshot)
                score.edits += card.edit is not None
        return score, first_ms


async def first_text_ms(docs: RuleTexts, problems: list[Problem]) -> float | None:
    """How long the first card waits for its rule's text, of the tools that are asked for theirs."""
    for problem in problems:
        family = family_of(problem)
        explainer = family.explainer(problem) if family is not None else None
        if explainer is not None and explainer.key(problem):
            started = time.perf_counter()
            await docs.rule(problem)
            return (time.perf_counter() - started) * 1000
    return None


def score_row(score: Score) -> Row:
    share = score.named / max(score.findings, 1)
    said = f"{score.cases} cases, {score.findings} findings, {score.edits} edits; named {share:.1%}"
    return Row(
        f"{score.folder} ({score.version})" if score.version else score.folder,
        said,
        f"named >= {_NAMED_GOAL:.0%}",
        share >= _NAMED_GOAL,
    )


if __name__ == "__main__":
    sys.exit(main())
