"""`lsp-debugger serve`: the language server over standard input and output."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lsp_debugger.core.errors import LspDebuggerError, SpawnRefused, StateUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lsp_debugger.server.logs import Logs
    from lsp_debugger.wiring import Session

HELP = """\
lsp-debugger serve

Speaks the Language Server Protocol on standard input and output; an editor starts it. It opens no
port. Warnings go to standard error, everything else to the log file that `lsp-debugger state where`
names. Flags that language clients add (`--stdio`, `--clientProcessId=N`) are accepted and not needed."""

LOG_NAME = "server.log"


def run(args: Sequence[str]) -> int:  # noqa: ARG001 - whatever a language client appends
    """Serve until the client leaves; returns 0 after `shutdown`, else 1. Raises SpawnRefused."""
    # Importing makes objects that all stay: collecting garbage meanwhile only costs a tenth of the start.
    gc.disable()
    _install_guard()
    _keep_no_core_dump()
    stdin, stdout = _take_over_streams()
    from lsp_debugger.server.app import create_server
    from lsp_debugger.server.lifecycle import Watchdog
    from lsp_debugger.server.logs import Logs

    logs = Logs()
    logs.install()
    server = create_server(lambda roots, editor: _open_session(logs, roots, editor))
    watchdog = Watchdog(lambda: server.exit_code, _end_children)
    gc.freeze()
    gc.enable()
    try:
        return server.serve(stdin, stdout, watchdog.arm)
    finally:
        _end_children()


def _install_guard() -> None:
    """Without the guard nothing is served: it is what proves that nothing leaves the machine."""
    try:
        from lsp_debugger import guard

        guard.install()
    except LspDebuggerError:
        raise
    except Exception as error:
        raise SpawnRefused(
            f"the guard could not be installed ({type(error).__name__})", hint="reinstall lsp-debugger"
        ) from error


def _keep_no_core_dump() -> None:
    """The memory of this process holds source; a crash must not write it to a place nobody thinks of."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _take_over_streams() -> tuple[int, int]:
    """Private descriptors for the protocol.

    0 reads nothing and 1 leads to stderr from now on, so that neither a stray print nor a library nor a
    child can take bytes from the stream or put bytes into it.
    """
    stdin, stdout = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # the editor gave us no stderr
        os.dup2(nothing, 1)
    os.close(nothing)
    sys.stdout = sys.stderr
    return stdin, stdout


def _end_children() -> None:
    """Every child goes with us. An exit hook does this too, but only after waiting for our threads."""
    if (spawn := sys.modules.get("lsp_debugger.spawn")) is not None:
        spawn.kill_all()


def _open_session(logs: Logs, roots: Sequence[Path], editor: Mapping[str, Any] | None) -> Session:
    from lsp_debugger.wiring import open_session

    session = open_session(roots, editor)
    try:
        logs.open(session.state.logs / LOG_NAME)
    except StateUnavailable as error:
        logging.getLogger(__name__).warning("no log file: %s", error)
    return session
