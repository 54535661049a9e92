"""Cards of Python exceptions: every case is run, and its own traceback is what gets explained."""

from __future__ import annotations

import sys

import pytest
from card_golden import GoldenCase, cases_of, check
from card_project import Project, shown

from lsp_debugger.cards.exceptions import EXCEPTIONS
from lsp_debugger.cards.exceptions.words import MEANINGS


@pytest.mark.filterwarnings("ignore")  # the cases are wrong on purpose
@pytest.mark.parametrize("case", cases_of("exceptions"), ids=lambda case: case.id)
async def test_golden(case: GoldenCase, project: Project, monkeypatch: pytest.MonkeyPatch):
    case.write_files(project.root)
    monkeypatch.syspath_prepend(project.root)
    monkeypatch.chdir(project.root)
    known = set(sys.modules)
    try:
        card = await project.crash()
    finally:
        for name in set(sys.modules) - known:
            if getattr(sys.modules[name], "__file__", None) and str(project.root) in str(
                sys.modules[name].__file__
            ):
                del sys.modules[name]
    lines = [line.replace(str(project.root), "ROOT") for line in shown(card)]
    # The standard library's own lines differ from version to version.
    check(case, {"app.py": [line for line in lines if "raised there" not in line]})


@pytest.mark.parametrize(
    ("text", "headline"),
    [
        (
            "ConnectionRefusedError: [Errno 111] Connection refused",
            "Nothing listens at the address that this connects to.",
        ),
        ("KeyboardInterrupt", "`KeyboardInterrupt` was raised."),
        ("MemoryError", "`MemoryError` was raised."),
        ("TimeoutError: timed out", "`TimeoutError` was raised: timed out."),
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


def test_breadth():
    assert len(MEANINGS) >= 40
    assert set(EXCEPTIONS) <= set(MEANINGS)
    assert all(meaning.endswith(".") for meaning in MEANINGS.values())
