"""`lsp-debugger wrap`: a language server as it is, with ours beside it, as one server to the editor."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from lsp_debugger import spawn
from lsp_debugger.cli import app
from lsp_debugger.core.errors import ToolFailed

HELP = """\
lsp-debugger wrap -- COMMAND [ARGUMENTS] [-- COMMAND [ARGUMENTS] …]

Starts COMMAND, a language server that speaks over standard input and output, and stands in its place:
what it and the editor say to each other passes unchanged. Our own server listens beside it, and adds
cards to hovers, and Explain and certain fixes to code actions. It ends as COMMAND ends, with its exit code.

Several servers become one: hovers and code actions of all, everything else of the first that has it.

  lsp-debugger wrap -- basedpyright-langserver --stdio
  lsp-debugger wrap -- basedpyright-langserver --stdio -- ruff server"""


def run(args: Sequence[str]) -> int:
    """Returns the exit code of the wrapped server. Raises ToolFailed, SpawnRefused."""
    commands = _commands(args)
    if not commands:
        print(
            "error: wrap needs the command of a language server — see `lsp-debugger help wrap`",
            file=sys.stderr,
        )
        return app.USAGE
    if sys.platform == "win32":
        raise ToolFailed("wrap does not run on Windows yet", hint="let your editor start both servers")
    # Importing makes objects that all stay: collecting garbage meanwhile only costs time.
    gc.disable()
    stdin, stdout = os.dup(0), os.dup(1)
    # A stray print of anybody in this process must not get into the stream.
    os.dup2(2, 1)
    servers = [_start(command) for command in commands]
    # They start while we still import: that is most of what their client would otherwise wait for.
    from lsp_debugger.wrap.run import run as join

    gc.freeze()
    gc.enable()
    code = join(servers, spawn.python_argv("lsp_debugger", "serve"), stdin, stdout)
    return code if code >= 0 else _end_by_signal(-code)


def _commands(args: Sequence[str]) -> list[list[str]]:
    """The commands between the `--`; what stands before the first is ours, and nothing is known there."""
    commands: list[list[str]] = []
    for arg in args:
        if arg == "--":
            commands.append([])
        elif commands:
            commands[-1].append(arg)
        elif not arg.startswith(("--stdio", "--clientProcessId")):  # which language clients add
            return []
    # Some clients append theirs at the very end, where it belongs to the last server, as it would without us.
    return commands if commands and all(commands) else []


def _start(command: Sequence[str]) -> spawn.Child:
    """As the editor would: with its environment, in its directory, with its standard error."""
    program = shutil.which(command[0])
    if program is None:
        raise ToolFailed(f"there is no program {command[0]}", hint="install it, or give its full path")
    argv = [str(Path(program).absolute()), *command[1:]]
    return spawn.start(
        argv, cwd=Path.cwd(), env=dict(os.environ), stdin="pipe", stdout="pipe", stderr="inherit"
    )


def _end_by_signal(number: int) -> int:
    """End as the server did, so that whoever waits for us sees the same."""
    with contextlib.suppress(OSError, ValueError):
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    return 128 + number
