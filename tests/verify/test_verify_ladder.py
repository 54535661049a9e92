"""The ladder with the real ruff in a real overlay: what passes, what is refuted, what is only not checked."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Problem
from lsp_debugger.core.patch import Applied
from lsp_debugger.state import State
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.trust import Trust
from lsp_debugger.verify.overlay import Overlay, available
from lsp_debugger.verify.rungs import FINDING, OTHERS
from lsp_debugger.verify.verdict import Result, RungResult, Verdict
from lsp_debugger.wiring.verification import ladder

pytestmark = pytest.mark.thorough

SOURCE = "def total(prices):\n    return undefined_name + sum(prices)\n"
FIXED = "def total(prices):\n    return sum(prices)\n"
TEST = "from app import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "app.py").write_text(SOURCE)
    (folder / "test_app.py").write_text(TEST)
    if reason := available(folder):
        pytest.skip(f"no overlay: {reason}; it takes Linux with user namespaces")
    return folder


async def verdict(
    root: Path, new: str | None, problem: Problem | None = None, test: list[str] | None = None
) -> Verdict:
    state = State(root.parent / "state")
    made = ladder(root, Workspace([root], SymbolMap()), state, Trust(state), test)
    return await made.verdict(Applied({"app.py": new}), {"app.py": (root / "app.py").read_text()}, problem)


async def finding(root: Path) -> Problem:
    from lsp_debugger.checkers.run import Runner

    runner = Runner(
        root, False, lambda name: _made(root.parent / "cache" / name), Workspace([root], SymbolMap()).on_disk
    )
    checked = await runner.check(root / "app.py", ["ruff"])
    [problem] = [problem for each in checked for problem in each.problems]
    return problem


def result_of(verdict: Verdict, name: str) -> RungResult:
    return next(rung for rung in verdict.rungs if rung.name == name)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def test_a_fix_passes_and_says_what_was_checked(root: Path) -> None:
    said = await verdict(root, FIXED, await finding(root))
    assert said.is_complete, said
    assert said.words == "parses · F821 gone"
    assert (root / "app.py").read_text() == SOURCE, "the user's tree is as it was"


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ("def total(prices:\n    return sum(prices)\n", "app.py would not parse"),
        (SOURCE.replace("undefined_name", "(undefined_name)"), "F821 is still there"),
        (FIXED.replace("sum(prices)", "sum(prices) + another_name"), "brings F821 in app.py"),
    ],
)
async def test_what_does_not_help_or_breaks_is_refuted(root: Path, new: str, words: str) -> None:
    said = await verdict(root, new, await finding(root))
    assert said.is_refuted
    assert said.words.startswith(words), said.words


async def test_a_comment_that_silences_is_flagged(root: Path) -> None:
    silenced = SOURCE.replace("sum(prices)\n", "sum(prices)  # noqa: F821\n")
    said = await verdict(root, silenced, await finding(root))
    assert said.flags == ("noqa",)
    assert not said.is_complete
    assert "silences: noqa" in said.words


async def test_a_tool_that_did_not_run_is_not_a_tool_that_was_content(root: Path) -> None:
    other = Problem("something", source="another-tool", code="X1", path=str(root / "app.py"))
    said = await verdict(root, FIXED, other)
    assert result_of(said, FINDING).result is Result.NOT_CHECKED
    assert not said.is_complete


@pytest.mark.parametrize(
    "program",
    [
        "#!/bin/sh\necho INTERNAL ERROR >&2\nexit 2\n",
        "#!/bin/sh\nkill -SEGV $$\n",
        "#!/bin/sh\necho '{'\nexit 1\n",
        "#!/nowhere/sh\n",
    ],
    ids=["says so", "is killed", "prints nonsense", "cannot start"],
)
async def test_another_checker_that_crashes_is_said(root: Path, program: str) -> None:
    """The project's own, in a workspace that is trusted."""
    problem, installed = await finding(root), root / ".venv" / "bin"
    installed.mkdir(parents=True)
    (installed / "mypy").write_text(program)
    (installed / "mypy").chmod(0o755)
    (root / "mypy.ini").write_text("[mypy]\n")
    Trust(State(root.parent / "state")).grant(root)
    said = await verdict(root, FIXED, problem)
    assert result_of(said, FINDING).said == "F821 gone"
    others = result_of(said, OTHERS)
    assert (others.result, others.said.partition(" ")[0].rstrip(":")) == (Result.NOT_CHECKED, "mypy"), others
    assert not said.is_complete


PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]


async def test_tests_run_with_the_patch_and_prove_it(root: Path) -> None:
    said = await verdict(root, FIXED, await finding(root), PYTEST)
    assert said.rungs[-1].result is Result.PASSED, said
    assert said.rungs[-1].said == "1 test passes"
    assert names_in(root) == ["app.py", "test_app.py"]


async def test_tests_that_fail_refute(root: Path) -> None:
    said = await verdict(root, FIXED.replace("sum(prices)", "sum(prices) - 1"), None, PYTEST)
    assert said.rungs[-1].result is Result.FAILED
    assert "1 failed" in said.words


async def test_passing_without_the_patch_in_force_proves_nothing(root: Path) -> None:
    (root / "test_app.py").write_text("def test_nothing():\n    assert True\n")
    said = await verdict(root, FIXED, None, PYTEST)
    assert said.rungs[-1].result is Result.NOT_CHECKED
    assert "not seen to run the patched file" in said.rungs[-1].said


@pytest.mark.parametrize(
    "body",
    [
        "import socket; socket.create_connection(('127.0.0.1', {port}), 2)",
        "open({home!r} + '/secret.txt').read()",
        "open({home!r} + '/made', 'w')",
    ],
)
async def test_a_hostile_patch_reaches_neither_network_nor_home(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, body: str
) -> None:
    import socket  # noqa: TID251 - the other end, which must not be reached

    home = tmp_path / "home"
    home.mkdir()
    (home / "secret.txt").write_text("secret")
    monkeypatch.setenv("HOME", str(home))
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        text = body.format(port=server.getsockname()[1], home=str(home))
        (root / "test_app.py").write_text("import app\n\n\ndef test_it():\n    app.total([1])\n")
        await verdict(root, f"def total(prices):\n    {text}\n    return sum(prices)\n", None, PYTEST)
        with pytest.raises(BlockingIOError):
            server.accept()
    assert not (home / "made").exists()


async def test_a_command_that_never_ends_is_ended(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lsp_debugger.verify.ladder.TEST_TIMEOUT_S", 2.0)
    said = await verdict(root, FIXED, None, [sys.executable, "-c", "import time; time.sleep(600)"])
    assert said.rungs[-1].result is Result.FAILED
    assert "did not end" in said.rungs[-1].said


def test_an_overlay_shows_changes_and_deletions_and_keeps_the_tree(root: Path) -> None:
    from lsp_debugger import spawn

    texts = {root / "app.py": "changed\n", root / "test_app.py": None, root / "sub" / "new.py": "new\n"}
    with Overlay(root, texts) as overlay:
        argv = overlay.argv(["/bin/sh", "-c", "cat app.py sub/new.py; ls; echo x > written"], root)
        done = spawn.run_blocking(argv, cwd=root, timeout_s=20)
    assert done.stdout.decode().split() == ["changed", "new", "app.py", "sub"]
    assert sorted(path.name for path in root.iterdir()) == ["app.py", "test_app.py"]


async def test_a_placeholder_never_takes_the_place_of_a_secret(root: Path) -> None:
    (root / "app.py").write_text(f'TOKEN = "the real one"\n{SOURCE}')
    said = await verdict(root, f'TOKEN = "<SECRET_1:assigned>"\n{FIXED}')
    assert said.is_refuted
    assert said.words.startswith("would write a placeholder in place of a secret")


async def test_a_tree_that_cannot_be_set_up_refutes_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lsp_debugger.verify.overlay.DISK", "size=nonsense")
    said = await verdict(root, FIXED, None, PYTEST)
    assert said.rungs[-1].result is Result.NOT_CHECKED, said
