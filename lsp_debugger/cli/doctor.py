"""`lsp-debugger doctor`: what was found, what was chosen and why, what is missing and what to do."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from lsp_debugger.cli.app import FAILED, OK
from lsp_debugger.cli.arguments import Arguments
from lsp_debugger.cli.examine import Subject, examined
from lsp_debugger.cli.report import Report, coloured, plain, rendered, write_bundle
from lsp_debugger.cli.serve import LOG_NAME
from lsp_debugger.core.errors import ConfigInvalid, LspDebuggerError

HELP = """\
lsp-debugger doctor [PATH] [--json] [--bundle FILE]

Examines this installation as a server opened in PATH (this folder if not given) would find it. Nothing
is loaded and no code is sent: it asks servers on this machine which models they have, and tools which
version they are.

  --json         the same as JSON
  --bundle FILE  also write a report to attach to an issue: no source, no secrets, no user name, no home
                 folder; read it before you send it

Exit codes: 0 it works (without a model is enough), 1 something that was asked for is broken."""

_LOG_LINES = 200


def run(args: Sequence[str]) -> int:
    parser = Arguments("lsp-debugger doctor")
    parser.add_argument("path", nargs="?", type=Path, default=Path())
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--bundle", type=Path, metavar="FILE")
    parsed = parser.parse_args(list(args))
    if not parsed.path.exists():
        raise ConfigInvalid(f"{parsed.path} does not exist", "give a folder of your project, or nothing")
    subject = Subject(parsed.path)
    report = Report(examined(subject))
    if parsed.json:
        print(json.dumps(report.as_json(), indent=2))
    else:
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        print(rendered(report, coloured if colour else plain))
    if parsed.bundle is not None:
        _bundle(parsed.bundle, report, subject)
    return OK if report.is_healthy else FAILED


def _bundle(path: Path, report: Report, subject: Subject) -> None:
    from lsp_debugger.policy.redact import redact_text

    try:
        write_bundle(path, report, _log_tail(subject), redact_text)
    except FileExistsError:
        raise ConfigInvalid(f"{path} exists already", "give a name that is free") from None
    except OSError as wrong:
        raise ConfigInvalid(f"{path} cannot be written ({wrong.strerror})", "give another place") from wrong
    print(f"Wrote {path}: read it before you send it.", file=sys.stderr)


def _log_tail(subject: Subject) -> list[str]:
    """The server's last words; by its own rule they hold no source text."""
    try:
        text = (subject.state.logs / LOG_NAME).read_text(encoding="utf-8", errors="replace")
    except (OSError, LspDebuggerError):
        return []
    return text.splitlines()[-_LOG_LINES:]
