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


def is_gone(pid: int) -> bool:
    """True also for a child that has ended and was not reaped yet."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


async def test_a_folder_that_is_closed_takes_its_worker_along(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    path = root / "a.py"
    path.write_text(TEXT)
    snapshot = Snapshot(path.as_uri(), TEXT, 1, str(path), "python")
    span = Span(TEXT.index("undefined"), len(TEXT) - 1)
    problem = Problem("Undefined name", source="Ruff", code="F821", path=str(path), line=2, span=span)
    async with open_session([root], state=State(tmp_path / "state")) as session:
        session.opened(snapshot)
        await session.pipeline.card(problem, snapshot)
        (client,) = session._indexes._clients.values()
        worker = client.pid
        assert worker is not None
        assert not is_gone(worker)
        session.roots_changed([])
        await until(lambda: is_gone(worker))
        assert (await session.status())["index"] == "none in single-file mode"
