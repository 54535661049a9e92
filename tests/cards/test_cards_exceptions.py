"""Cards of Python exceptions: every case is run, and its own traceback is what gets explained."""

from __future__ import annotations

import asyncio
import io
import sys

import pytest
from card_golden import GoldenCase, cases_of, check
from card_project import Project, crash_of, shown

from lsp_debugger.cards.exceptions import EXCEPTIONS
from lsp_debugger.cards.exceptions.words import MEANINGS


@pytest.mark.filterwarnings("ignore")  # the cases are wrong on purpose
@pytest.mark.parametrize("case", cases_of("exceptions"), ids=lambda case: case.id)
async def test_golden(case: GoldenCase, project: Project, monkeypatch: pytest.MonkeyPatch):
    case.write_files(project.root)
    monkeypatch.syspath_prepend(project.root)
    monkeypatch.chdir(project.root)
    known = set(sys.modules)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    try:
        # In a thread, since here an event loop is running.
        trace = await asyncio.to_thread(crash_of, project.root / "app.py")
        card = await project.explain(trace)
    finally:
        for name in set(sys.modules) - known:
            if getattr(sys.modules[name], "__file__", None) and str(project.root) in str(
                sys.modules[name].__file__
            ):
                del sys.modules[name]
    lines = [line.replace(str(project.root), "ROOT") for line in shown(card)]
    check(case, {"app.py": [line for line in lines if not _differs(line)]})


def _differs(line: str) -> bool:
    """The standard library's own lines differ from version to version and from machine to machine."""
    return "raised there" in line or line.startswith((sys.base_prefix, "<frozen"))


@pytest.mark.parametrize(
    ("text", "headline"),
    [
        (
            "ConnectionRefusedError: [Errno 111] Connection refused",
            "Nothing listens at the address that this connects to.",
        ),
        ("KeyboardInterrupt", "`KeyboardInterrupt` was raised."),
        ("MemoryError", "`MemoryError` was raised."),
        ("TimeoutError: timed out", "The other side did not answer in the time that was set for it."),
        ("TimeoutError: the job timed out", "`TimeoutError` was raised: the job timed out."),
        ("queue.Empty", "`Empty` was raised."),
        ("struct.error: bad char in struct format", "`error` was raised: bad char in struct format."),
        ("OSError: [Errno 99] x", "This machine has no such address."),
        (
            (
                "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
                "self-signed certificate (_ssl.c:1006)"
            ),
            "The server has signed its certificate itself, so nobody vouches for it.",
        ),
        (
            (
                "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
                "Hostname mismatch, certificate is not valid for 'db.example'. (_ssl.c:1006)"
            ),
            "The server's certificate is for other names than `db.example`.",
        ),
        (
            (
                "urllib.error.URLError: <urlopen error [SSL: CERTIFICATE_VERIFY_FAILED] "
                "certificate verify failed: certificate has expired (_ssl.c:1006)>"
            ),
            "The server's certificate has expired, or this machine's clock is wrong.",
        ),
        (
            (
                "requests.exceptions.SSLError: HTTPSConnectionPool(host='x', port=443): Max retries "
                "exceeded with url: / (Caused by SSLError(SSLCertVerificationError(1, "
                "'[SSL: CERTIFICATE_VERIFY_FAILED] "
                "certificate verify failed: unable to get local issuer certificate (_ssl.c:1006)')))"
            ),
            (
                "Who issued the server's certificate is not known here, "
                "or the server leaves out a link of the chain."
            ),
        ),
        (
            "urllib.error.URLError: <urlopen error [Errno 111] Connection refused>",
            "Nothing listens at the address of that URL.",
        ),
        (
            "urllib.error.URLError: <urlopen error [Errno -2] Name or service not known>",
            "The host name is not known.",
        ),
        (
            "urllib.error.HTTPError: HTTP Error 404: Not Found",
            "The server answers, and has nothing at that address.",
        ),
        ("urllib.error.HTTPError: HTTP Error 418: Teapot", "`HTTPError` was raised: HTTP Error 418: Teapot."),
        (
            "ConnectionResetError: [Errno 104] Connection reset by peer",
            "The other side broke the connection off.",
        ),
        (
            (
                "_pickle.PicklingError: Can't pickle <class '__main__.Odd'>: it's not the same object as "
                "__main__.Odd"
            ),
            "Pickle stores `__main__.Odd` by its name, which stands for another object by now.",
        ),
        (
            "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) no such table: users",
            "The database that is open has no table `users`.",
        ),
        (
            "psycopg2.OperationalError: connection failed",
            "`OperationalError` was raised: connection failed.",
        ),
        (
            "sqlite3.OperationalError: database is locked",
            "Another connection is writing to the database and did not end in time.",
        ),
        (
            (
                "concurrent.futures.process.BrokenProcessPool: A process in the process pool was terminated "
                "abruptly while the future was running or pending."
            ),
            "A worker process of the pool died without a Python exception: it was killed or it crashed.",
        ),
        (
            "Task was destroyed but it is pending!\ntask: <Task pending name='Task-2' coro=<f()>>",
            "A task was thrown away before it was done: nothing kept it, or its loop ended first.",
        ),
        (
            "ERROR:asyncio:Task exception was never retrieved",
            "A task ended with an exception, and nobody awaited it or asked for its result.",
        ),
        (
            "sys:1: RuntimeWarning: coroutine 'fetch' was never awaited",
            "`fetch` was called but its coroutine never ran: the `await` is missing.",
        ),
        (
            "RuntimeError: no running event loop",
            "This needs a running event loop: it is called outside of any coroutine.",
        ),
        (
            "RuntimeError: Cannot run the event loop while another loop is running",
            "This starts an event loop while another one is running in this thread.",
        ),
        ("re.error: nothing to repeat at position 0", "`error` was raised: nothing to repeat at position 0."),
        (
            "PermissionError: [Errno 13] Permission denied: '/etc/shadow'",
            "The user that runs the program may not use `/etc/shadow` like that.",
        ),
        ("OSError: [Errno 28] No space left on device", "There is no space left on the disk."),
        (
            "OSError: [Errno 24] Too many open files: 'x'",
            "Too many files are open: something opens files and never closes them.",
        ),
        ("socket.gaierror: [Errno -2] Name or service not known", "The host name is not known."),
        ("RuntimeError: Event loop is closed", "Something is still in use after its event loop was closed."),
        (
            "RuntimeWarning: coroutine 'fetch' was never awaited",
            "`fetch` was called but its coroutine never ran: the `await` is missing.",
        ),
        ("KeyError: 'tea'", "`KeyError` was raised: 'tea'."),
        ("shop.errors.OutOfStock: tea", "`OutOfStock` was raised: tea."),
        (
            "subprocess.TimeoutExpired: Command '['sleep', '9']' timed out after 2 seconds",
            "The command ran longer than the 2 seconds it was given.",
        ),
    ],
)
async def test_message_alone(text: str, headline: str, project: Project):
    card = await project.explain(text)
    assert card.headline == headline


@pytest.mark.parametrize(
    ("source", "line", "raised", "headline"),
    [
        (
            "while True:\n    work = 1\n",
            2,
            "KeyboardInterrupt",
            "The program was stopped, by Ctrl-C or SIGINT, while `work = 1` ran.",
        ),
        (
            "total = 1\n",
            1,
            "MemoryError",
            "The memory was used up when `total = 1` asked for more.",
        ),
        (
            "send(3)\n",
            1,
            "ConnectionResetError: [Errno 104] Connection reset by peer",
            "The other side broke the connection off during `send(3)`.",
        ),
    ],
)
async def test_from_a_trace(source: str, line: int, raised: str, headline: str, project: Project):
    """What is not to be provoked in a test."""
    project.write({"app.py": source})
    place = f'  File "{project.root}/app.py", line {line}, in <module>'
    card = await project.explain(f"Traceback (most recent call last):\n{place}\n    x\n{raised}\n")
    assert card.headline == headline


async def test_two_that_call_each_other(project: Project):
    project.write({"app.py": "def even(n):\n    return odd(n)\n\n\ndef odd(n):\n    return even(n)\n"})
    frames = [
        f'  File "{project.root}/app.py", line {line}, in {name}\n    x\n'
        for line, name in [(2, "even"), (6, "odd")] * 9
    ]
    trace = "".join(["Traceback (most recent call last):\n", *frames, "RecursionError: too deep\n"])
    card = await project.explain(trace)
    assert card.headline == "`even` and `odd` call each other and nothing stops them."


def test_breadth():
    assert len(MEANINGS) >= 90
    assert len(set(EXCEPTIONS.values())) >= 40
    assert set(EXCEPTIONS) <= set(MEANINGS)
    assert all(meaning.endswith(".") for meaning in MEANINGS.values())
