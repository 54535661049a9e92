"""How long a card takes: for each finding of ruff and basedpyright in the golden cases and in our package.

    python benchmarks/cards.py

Cold: the first card of a text, which is parsed for it. Warm: the same card again, as for hover after the
code action. The traces are read out of one large log.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness import Row, median, percentile, print_table

from lsp_debugger import spawn
from lsp_debugger.cards import Cards, markdown
from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.cards.python.bindings import bindings
from lsp_debugger.cards.python.parsed import parse
from lsp_debugger.context.traces import parse as parse_traces
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Problem
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.state import State
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.syntax.tree import TreeSitterSyntax
from lsp_debugger.tools import find_tool

REPO = Path(__file__).resolve().parent.parent
_CARD_GOAL_MS = 50
_FIRST_TEXT_GOAL_MS = 400
_WARM_TEXT_GOAL_MS = 1
_LOG_MEGABYTES = 10
_TRACE = """\
2026-03-04 10:11:12,001 INFO [app] request 7f3a
Traceback (most recent call last):
  File "/srv/app/main.py", line 5, in <module>
    run(config)
  File "/srv/app/shop/cart.py", line 39, in total
    return prices[name]
           ~~~~~~^^^^^^
KeyError: 'tea'
"""


@dataclass(frozen=True, slots=True)
class Case:
    problem: Problem
    snapshot: Snapshot


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve() / "project"
        write_cases(root)
        rows = asyncio.run(measure(root, State(Path(folder) / "state")))
    rows.append(measure_traces())
    return 0 if print_table("Cards", rows) else 1


def write_cases(root: Path) -> None:
    """The golden cases, which hold every rule that has a card, and our package, for files of real sizes."""
    sys.path.insert(0, str(REPO / "tests" / "support"))
    from card_golden import cases_of

    for tool in ("ruff", "pyright"):
        for case in cases_of(tool):
            case.write_files(root / "golden" / tool / case.folder)
    for file in (REPO / "lsp_debugger").rglob("*.py"):
        target = root / file.relative_to(REPO)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())


async def measure(root: Path, state: State) -> list[Row]:
    workspace = Workspace([root], SymbolMap())
    cases = [*ruff_cases(root, workspace), *pyright_cases(root, workspace)]
    docs = RuleTexts(state)
    first_ms = await timed_ms(docs.rule(Problem("", source="ruff", code="F821")))
    again_ms = await timed_ms(docs.rule(Problem("", source="ruff", code="F401")))
    cards = Cards(docs, workspace.symbols, TreeSitterSyntax(), workspace.read, root)
    for snapshot in {case.snapshot.uri: case.snapshot for case in cases}.values():
        workspace.refresh(snapshot)
    cold, warm = list[float](), list[float]()
    for case in cases:
        parse.cache_clear()
        bindings.cache_clear()
        cold.append(await timed_ms(shown(cards, case)))
        warm.append(await timed_ms(shown(cards, case)))
    return [
        card_row(f"card of {len(cases)} findings, cold", cold),
        card_row("card, warm", warm),
        text_row("first use of ruff's texts", first_ms, _FIRST_TEXT_GOAL_MS),
        text_row("a text after that", again_ms, _WARM_TEXT_GOAL_MS),
    ]


def text_row(what: str, took_ms: float, goal_ms: float) -> Row:
    return Row(what, f"{took_ms:.3g} ms", f"< {goal_ms} ms", took_ms < goal_ms)


def card_row(what: str, times_ms: list[float]) -> Row:
    p95 = percentile(times_ms, 95)
    shown_times = f"{median(times_ms):.2f} / {p95:.2f} / {max(times_ms):.1f} ms"
    return Row(f"{what}: median / p95 / worst", shown_times, f"p95 < {_CARD_GOAL_MS} ms", p95 < _CARD_GOAL_MS)


def measure_traces() -> Row:
    log = _TRACE * (_LOG_MEGABYTES * 1_000_000 // len(_TRACE))
    started = time.perf_counter()
    found = len(parse_traces(log))
    return Row(
        f"{found} traces out of a log of {_LOG_MEGABYTES} MB", f"{time.perf_counter() - started:.1f} s"
    )


async def shown(cards: Cards, case: Case) -> str:
    return markdown(await cards.card(case.problem, case.snapshot))


async def timed_ms(work: Any) -> float:
    started = time.perf_counter()
    await work
    return (time.perf_counter() - started) * 1000


def ruff_cases(root: Path, workspace: Workspace) -> Iterator[Case]:
    args = ["check", "--isolated", "--no-cache", "--select", "ALL", "--output-format", "json", str(root)]
    for each in run("ruff", args, root):
        start, end = each["location"], each["end_location"]
        span = (start["row"] - 1, start["column"] - 1), (end["row"] - 1, end["column"] - 1)
        yield from cases_at(workspace, each["filename"], "Ruff", each["code"], each["message"], span)


def pyright_cases(root: Path, workspace: Workspace) -> Iterator[Case]:
    for each in run("basedpyright", ["--outputjson", str(root / "golden")], root)["generalDiagnostics"]:
        if "range" not in each:  # about the configuration
            continue
        start, end = each["range"]["start"], each["range"]["end"]
        span = (start["line"], start["character"]), (end["line"], end["character"])
        yield from cases_at(
            workspace, each["file"], "basedpyright", each.get("rule", ""), each["message"], span
        )


def run(name: str, args: list[str], root: Path) -> Any:
    tool = find_tool(name)
    assert tool is not None, f"{name} is not installed"
    done = spawn.run_blocking([str(tool.path), *args], cwd=root, timeout_s=300, max_output_bytes=200_000_000)
    return json.loads(done.stdout)


def cases_at(
    workspace: Workspace,
    path: str,
    source: str,
    code: str,
    message: str,
    span: tuple[tuple[int, int], tuple[int, int]],
) -> Iterator[Case]:
    snapshot = workspace.read(path)
    if snapshot is None:
        return
    start, end = (
        min(snapshot.lines.span_of(line).start + column, len(snapshot.text)) for line, column in span
    )
    line = span[0][0] + 1
    yield Case(
        Problem(message, source=source, code=code, path=path, line=line, span=Span(start, end)), snapshot
    )


if __name__ == "__main__":
    sys.exit(main())
