"""The command line. A verb's module is imported when the verb is called, so that serving starts at once."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from lsp_debugger.core import errors

OK: Final = 0
FAILED: Final = 1
USAGE: Final = 2
BROKEN: Final = 3
REFUSED: Final = 4
INTERRUPTED: Final = 130
READER_GONE: Final = 141

EXIT_CODES: dict[type[errors.LspDebuggerError], int] = {
    errors.LspDebuggerError: BROKEN,
    errors.ConfigInvalid: USAGE,
    errors.PolicyInvalid: USAGE,
    errors.AuditUnavailable: BROKEN,
    errors.EgressRefused: REFUSED,
    errors.SpawnRefused: REFUSED,
    errors.ToolFailed: BROKEN,
    errors.BackendUnavailable: BROKEN,
    errors.ModelMissing: BROKEN,
    errors.ContextTooLong: BROKEN,
    errors.IndexUnavailable: BROKEN,
    errors.StateUnavailable: BROKEN,
    errors.FrameInvalid: BROKEN,
    errors.MessageInvalid: BROKEN,
}


@dataclass(frozen=True, slots=True)
class Verb:
    """module: in this package; it has HELP and run(args)."""

    module: str
    summary: str


VERBS = {
    "serve": Verb("serve", "speak LSP on standard input and output (what an editor starts; the default)"),
    "wrap": Verb("wrap", "stand in for another language server and add what we have (wrap -- COMMAND)"),
    "explain": Verb(
        "explain", "explain the problem at PATH[:LINE[:COLUMN]], or a message from standard input"
    ),
    "fix": Verb("fix", "ask your model for a fix, check it, and show or apply what holds"),
    "reduce": Verb("reduce", "make a failing pytest test smaller for as long as it fails in the same way"),
    "check": Verb(
        "check", "run the linters, type checkers and compilers that fit a file or folder, together"
    ),
    "card": Verb("card", "print the card of one finding, as a tool reported it"),
    "patch": Verb("patch", "what would a model's answer change, and does it hold? (patch apply, verify)"),
    "demo": Verb("demo", "show the main job on a small project with real bugs"),
    "doctor": Verb("doctor", "say what was found, what was chosen and why, what is missing and what to do"),
    "config": Verb("config", "show settings and where each came from; declare a model server as yours"),
    "policy": Verb("policy", "what may leave this machine: check, test, explain, report, redact, sign"),
    "audit": Verb("audit", "what was decided and sent: verify the record, show it, export it, replay it"),
    "index": Verb("index", "the code index: build, search, verify or compact it, say what is in it, drop it"),
    "trust": Verb("trust", "say which folders may have their own tools run"),
    "state": Verb("state", "say where answers, logs and the index are kept; clean them up"),
    "uninstall": Verb("uninstall", "remove everything that was written outside of the package"),
}

HELP = """\
lsp-debugger [VERB] [ARGUMENTS]

{verbs}
  help       this text; with a verb after it, that verb's
  version    which version this is (also --version)

Without a verb it serves: that is how an editor starts it.

Exit codes: 0 done · 1 done, and something was found or did not work · 2 the command line, a settings
file or a policy is wrong · 3 something needed is missing or broken · 4 refused for safety ·
130 interrupted · 141 whoever read the output is gone."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit code. Raises nothing of ours; a bug of ours keeps its traceback.

    argv: without the program's name; None for this process's own.
    """
    args = list(sys.argv[1:] if argv is None else argv)
    try:
        code = _run(args, guarded=argv is None)
        sys.stdout.flush()
    except errors.LspDebuggerError as error:
        code = _report(error)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        code = READER_GONE
        _forget_stdout()
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        code = _report(errors.LspDebuggerError(f"{error.strerror or type(error).__name__}{where}"))
    return code


def exit_code(error: errors.LspDebuggerError) -> int:
    return next(EXIT_CODES[kind] for kind in type(error).__mro__ if kind in EXIT_CODES)


def _run(args: list[str], *, guarded: bool) -> int:
    """guarded: this process is ours alone; a test that calls `main(argv)` keeps its own connections."""
    name, rest = _verb_of(args)
    if name != "serve":  # which sees to both by itself, before anything else
        _make_output_safe()
        if guarded:
            _install_guard()
    if name in VERBS:
        if rest and rest[0] in {"-h", "--help"}:
            return _help([name])
        return _module(name).run(rest)
    match name:
        case "version":
            from lsp_debugger import __version__

            print(f"lsp-debugger {__version__}")
            return OK
        case "help":
            return _help(rest)
        case "":
            print(
                "lsp-debugger waits for an editor on standard input, and this is a terminal: "
                "try `lsp-debugger demo`, or `lsp-debugger help`.",
                file=sys.stderr,
            )
            return USAGE
        case _:
            return _unknown(args[0])


def _module(verb: str) -> Any:
    return importlib.import_module(f"{__package__}.{VERBS[verb].module}")


def _verb_of(args: list[str]) -> tuple[str, list[str]]:
    """A verb's name and its arguments; no name when a person called us without one.

    Language clients append flags of their own to a server's command.
    """
    if not args:
        return ("" if sys.stdin is not None and sys.stdin.isatty() else "serve"), []
    first = args[0]
    if first == "--stdio" or first.startswith("--clientProcessId"):
        return "serve", args
    match first:
        case "-h" | "--help":
            return "help", args[1:]
        case "-V" | "--version":
            return "version", args[1:]
        case _:
            return first, args[1:]


def _help(args: list[str]) -> int:
    if args and args[0] in VERBS:
        print(_module(args[0]).HELP)
        return OK
    if args:
        return _unknown(args[0])
    width = max(map(len, VERBS)) + 2
    print(HELP.format(verbs="\n".join(f"  {name:{width}}{verb.summary}" for name, verb in VERBS.items())))
    return OK


def _unknown(name: str) -> int:
    from difflib import get_close_matches

    near = get_close_matches(name, [*VERBS, "help", "version"], n=1)
    hint = f"did you mean `lsp-debugger {near[0]}`?" if near else "see `lsp-debugger help`"
    print(f"error: no verb {name!r} — {hint}", file=sys.stderr)
    return USAGE


def _report(error: errors.LspDebuggerError) -> int:
    hint = f" — {error.hint}" if error.hint else ""
    with contextlib.suppress(BrokenPipeError):
        print(f"error: {error}{hint}", file=sys.stderr)
    return exit_code(error)


def _install_guard() -> None:
    from lsp_debugger import guard

    guard.install()


def _make_output_safe() -> None:
    """A terminal or pipe with a narrow encoding shows a question mark instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="replace")


def _forget_stdout() -> None:
    """What is still buffered has no reader; without this the interpreter complains about it at exit."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
