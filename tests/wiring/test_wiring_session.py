"""A session over real parts: what belongs to a folder goes with it."""

from __future__ import annotations

from pathlib import Path

import psutil
from waiting import until

from lsp_debugger.core.ask import Problem
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.state import State
from lsp_debugger.wiring import open_session

TEXT = "def f():\n    return undefined_name\n"


def workers() -> set[int]:
    """Our own children that are index workers."""
    mine = psutil.Process().children()
    return {child.pid for child in mine if "lsp_debugger.index.worker" in child.cmdline()}


async def test_a_folder_that_is_closed_takes_its_worker_along(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    path = root / "a.py"
    path.write_text(TEXT)
    snapshot = Snapshot(path.as_uri(), TEXT, 1, str(path), "python")
    span = Span(TEXT.index("undefined"), len(TEXT) - 1)
    problem = Problem("Undefined name", source="Ruff", code="F821", path=str(path), line=2, span=span)
    before = workers()
    async with open_session([root], state=State(tmp_path / "state")) as session:
        session.opened(snapshot)
        await session.pipeline.card(problem, snapshot)
        (worker,) = workers() - before
        session.roots_changed([])
        await until(lambda: not psutil.pid_exists(worker))
        assert (await session.status())["index"] == "none in single-file mode"
