from __future__ import annotations

import os
import subprocess  # noqa: TID251 - the real program, as a shell starts it
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from lsp_debugger import __version__
from lsp_debugger.cli import app
from lsp_debugger.core import errors

PROGRAM = [sys.executable, "-c", "import sys; from lsp_debugger.cli.app import main; sys.exit(main())"]


def every_error(kind: type[errors.LspDebuggerError] = errors.LspDebuggerError) -> Iterator[type]:
    yield kind
    for each in kind.__subclasses__():
        yield from every_error(each)


ERRORS = [each for each in every_error() if each.__module__ == errors.__name__]


@pytest.fixture
def verb(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Put a function in the place of a verb's module."""

    def put(run: Callable[[list[str]], int], name: str = "probe") -> None:
        monkeypatch.setitem(app.VERBS, name, app.Verb(name, "a verb of this test"))
        monkeypatch.setitem(sys.modules, f"lsp_debugger.cli.{name}", SimpleNamespace(run=run, HELP="how to"))

    return put


def raising(error: BaseException) -> Callable[[list[str]], int]:
    def run(_: list[str]) -> int:
        raise error

    return run


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_has_an_exit_code_of_its_own_choosing(kind: type[errors.LspDebuggerError]) -> None:
    assert kind in app.EXIT_CODES


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_is_one_line_with_what_to_do(
    kind: type[errors.LspDebuggerError], verb: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    verb(raising(kind("it broke", "mend it")))
    assert app.main(["probe"]) == app.EXIT_CODES[kind]
    assert capsys.readouterr().err == "error: it broke — mend it\n"


def test_an_error_below_the_tree_counts_as_its_parent(verb: Callable[..., None]) -> None:
    class PolicyEmpty(errors.PolicyInvalid):
        pass

    verb(raising(PolicyEmpty("nothing in it")))
    assert app.main(["probe"]) == app.EXIT_CODES[errors.PolicyInvalid]


def test_a_bug_of_ours_is_not_hidden(verb: Callable[..., None]) -> None:
    verb(raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        app.main(["probe"])


def test_the_systems_own_errors_are_one_line(
    verb: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    verb(raising(PermissionError(13, "Permission denied", "/etc/x")))
    assert app.main(["probe"]) == app.BROKEN
    assert capsys.readouterr().err == "error: Permission denied: /etc/x\n"


def test_interrupted_quietly(verb: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    verb(raising(KeyboardInterrupt()))
    assert app.main(["probe"]) == 130
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("argv", "served_with"),
    [
        ([], []),
        (["serve"], []),
        (["serve", "--stdio"], ["--stdio"]),
        (["--stdio"], ["--stdio"]),
        (["--stdio", "--clientProcessId=7"], ["--stdio", "--clientProcessId=7"]),
        (["--clientProcessId=7"], ["--clientProcessId=7"]),
    ],
)
def test_what_editors_call_serves(argv: list[str], served_with: list[str], verb: Callable[..., None]) -> None:
    seen: list[Any] = []

    def run(args: list[str]) -> int:
        seen.append(args)
        return 0

    verb(run, "serve")
    assert app.main(argv) == 0
    assert seen == [served_with]


@pytest.mark.parametrize("argv", [["help"], ["--help"], ["-h"]])
def test_help_names_every_verb_and_exit_code(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(argv) == 0
    out = capsys.readouterr().out
    assert all(f"  {name} " in out for name in app.VERBS)
    codes = {app.OK, app.FAILED, app.USAGE, app.BROKEN, app.REFUSED, app.INTERRUPTED, app.READER_GONE}
    assert codes.issuperset(app.EXIT_CODES.values())
    words = out.split()
    assert all(str(code) in words for code in codes)


@pytest.mark.parametrize("name", app.VERBS)
def test_every_verb_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["help", name]) == 0
    told = capsys.readouterr().out
    assert f"lsp-debugger {name}" in told
    assert app.main([name, "--help"]) == 0
    assert capsys.readouterr().out == told


@pytest.mark.parametrize("argv", [["version"], ["--version"], ["-V"]])
def test_version(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(argv) == 0
    assert capsys.readouterr().out == f"lsp-debugger {__version__}\n"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["expalin"], "error: no verb 'expalin' — did you mean `lsp-debugger explain`?\n"),
        (["help", "zzz"], "error: no verb 'zzz' — see `lsp-debugger help`\n"),
        (["--frobnicate"], "error: no verb '--frobnicate' — see `lsp-debugger help`\n"),
    ],
)
def test_an_unknown_verb_is_usage(argv: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(argv) == 2
    assert capsys.readouterr().err == said


def test_finding_the_verb_imports_nothing_that_serving_does_not_need() -> None:
    script = "import sys; old = set(sys.modules); import lsp_debugger.cli.app; print(*set(sys.modules) - old)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "lsp_debugger.cli.app" in loaded
    assert not loaded & {"argparse", "json", "logging", "asyncio", "tomllib", "platformdirs", "pygls"}
    assert not any(f"lsp_debugger.cli.{verb.module}" in loaded for verb in app.VERBS.values())


@pytest.mark.skipif(os.name != "posix", reason="pipes that break are POSIX's")
def test_a_reader_that_leaves_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run([*PROGRAM, "help"], stdout=writer, stderr=subprocess.PIPE, check=False)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (app.READER_GONE, b"")


@pytest.mark.skipif(os.name != "posix", reason="terminals of this kind are POSIX's")
def test_a_newcomer_in_a_terminal_is_told_what_this_is() -> None:
    ours, theirs = os.openpty()
    try:
        done = subprocess.run(PROGRAM, stdin=theirs, capture_output=True, text=True, timeout=60, check=False)
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == 2
    assert "waits for an editor" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_narrow_terminal_gets_question_marks() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([*PROGRAM, "help"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "Exit codes: 0 done ?" in done.stdout
