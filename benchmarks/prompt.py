"""How much of a prompt two neighbouring problems of one file share, counted from the first byte.

    python benchmarks/prompt.py

Files are the largest of this package and of the standard library's; problems stand on lines a few apart. What
is shared an engine serves from its cache of leading tokens; the rest is what a user waits for.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from harness import Row, median, percentile, print_table

from lsp_debugger.context import build
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Ask, Card, Problem
from lsp_debugger.core.model import estimate_tokens
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.features.explain import TASK
from lsp_debugger.models.prompt import render
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.syntax.tree import TreeSitterSyntax

_BUDGET_TOKENS = 3000
_GOAL = 0.6


def prompt_of(root: Path, path: Path, line: int) -> str:
    text = path.read_text("utf-8")
    snapshot = Snapshot(path.as_uri(), text, 1, str(path), "python")
    words = snapshot.line_text(line)
    start = snapshot.lines.span_of(line).start + len(words) - len(words.lstrip())
    span = Span(start, snapshot.lines.span_of(line).end)
    problem = Problem(
        f"Problem with `{words.strip()[:30]}`", code="X1", source="tool", line=line + 1, span=span
    )
    space = Workspace([root], SymbolMap())
    space.refresh(snapshot)
    sources = build.Sources(TreeSitterSyntax(), space.symbols, None, space.read, root, use_git=False)
    ask = Ask(problem, TASK, "explain")
    context = asyncio.run(build.build(sources, ask, Card(problem.message), snapshot, _BUDGET_TOKENS))
    return "".join(message.text for message in render(context))


def shared(one: str, other: str) -> float:
    pairs = zip(one, other, strict=False)
    same = next((at for at, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))
    return same / len(other)


def neighbours(path: Path) -> list[tuple[int, int]]:
    """Pairs of lines with code on them, five apart, spread over the file."""
    lines = path.read_text("utf-8").splitlines()
    code = [at for at, line in enumerate(lines) if line.strip() and not line.strip().startswith(("#", '"'))]
    step = max(1, len(code) // 12)
    return [(code[at], code[at + 5]) for at in range(0, len(code) - 5, step)]


def measure(root: Path, paths: list[Path]) -> tuple[list[float], list[int]]:
    shares: list[float] = []
    sizes: list[int] = []
    for path in paths:
        for one, other in neighbours(path):
            first, second = prompt_of(root, path, one), prompt_of(root, path, other)
            shares.append(shared(first, second))
            sizes.append(estimate_tokens(second))
    return shares, sizes


def main() -> int:
    package = Path(build.__file__).resolve().parent.parent
    library = Path(json.__file__).resolve().parent
    rows: list[Row] = []
    for name, root in (("this package", package), ("json, of the standard library", library)):
        paths = sorted(root.rglob("*.py"), key=lambda path: path.stat().st_size, reverse=True)[:12]
        shares, sizes = measure(root, paths)
        rows.append(
            Row(
                f"prompt shared by neighbouring problems, {name}: median / p10 of {len(shares)} pairs",
                f"{median(shares):.0%} / {percentile(shares, 10):.0%} of {median(sizes)} tokens",
                f">= {_GOAL:.0%} (median)",
                median(shares) >= _GOAL,
            )
        )
    return 0 if print_table("Prompt", rows) else 1


if __name__ == "__main__":
    sys.exit(main())
