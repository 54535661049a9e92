"""Where nothing can be isolated, a patch runs after setting, trust, diff and a yes, and never before.

The folder's name has a comma, which no overlay takes: there is truly no isolation over it. Each patch makes a
mark when it is run; the last case of each surface is the control, in which it does.
"""

from __future__ import annotations

import json
import os
import pty
import subprocess  # noqa: TID251 - the command line, as somebody types it
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kept_server import STREAMING, KeptServer, diagnostic
from model_server import Model, ModelServer, Reply
from raw_server import private_environment, wait_until

pytestmark = pytest.mark.thorough

SOURCE = "def total(prices):\n    return sum(prise)\n"
TEST = "from app import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n"
ON, OFF = "allow_unisolated = true\n", ""
QUESTION = "Nothing here can isolate the tests of this patch"
WITHOUT_DOCUMENTS = {**STREAMING, "window": {"workDoneProgress": True}, "experimental": {}}
WITH_DOCUMENTS = {**STREAMING, "experimental": {}}


@dataclass(frozen=True)
class Desk:
    root: Path
    mark: Path
    environment: dict[str, str]

    @property
    def has_run(self) -> bool:
        return self.mark.exists()

    def run(self, *args: str, typed: str | None = None) -> tuple[subprocess.CompletedProcess[str], str]:
        """typed: at the terminal that the command has then. Also what was on that terminal."""
        command = [sys.executable, "-m", "lsp_debugger", "fix", "app.py:2", *args]
        if typed is None:
            return self._completed(command, subprocess.DEVNULL, subprocess.PIPE), ""
        ours, theirs = pty.openpty()
        seen = bytearray()
        reading = threading.Thread(target=_read, args=(ours, seen), daemon=True)
        reading.start()
        os.write(ours, typed.encode())
        done = self._completed(command, theirs, theirs)
        os.close(theirs)
        reading.join(10)
        os.close(ours)
        return done, seen.decode()

    def _completed(self, command: list[str], stdin: int, stderr: int) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=self.root, env=self.environment, stdin=stdin, stdout=subprocess.PIPE, stderr=stderr,
            text=True, timeout=120, check=False,
        )  # fmt: skip


def _read(terminal: int, seen: bytearray) -> None:
    try:
        while data := os.read(terminal, 4096):
            seen += data
    except OSError:  # the other end is closed
        pass


@contextmanager
def desk(tmp_path: Path, user: str, repository: str = "", *, trusts: bool = True) -> Iterator[Desk]:
    root, mark = tmp_path / "pro,ject", tmp_path / "mark"
    root.mkdir()
    (root / ".git").mkdir()
    (root / "app.py").write_text(SOURCE)
    (root / "test_app.py").write_text(TEST)
    (root / ".lsp-debugger.toml").write_text(repository)
    answer = (
        "app.py\n<<<<<<< SEARCH\n    return sum(prise)\n=======\n"
        f"    open(bytes.fromhex({str(mark).encode().hex()!r}), 'w').close()\n    return sum(prices)\n"
        ">>>>>>> REPLACE\n"
    )
    with ModelServer(models=[Model("mine")], replies=[Reply(pieces=(answer,))]) as models:
        environment = {**os.environ, **private_environment(tmp_path / "home")}
        folder = Path(environment["XDG_CONFIG_HOME"], "lsp-debugger")
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(f'{user}ollama.url = "{models.url}"\n')
        if trusts:
            subprocess.run(
                [sys.executable, "-m", "lsp_debugger", "trust", str(root)],
                env=environment, cwd=root, check=True, timeout=60, capture_output=True,
            )  # fmt: skip
        yield Desk(root, mark, environment)


def rung_of_tests(output: str) -> dict[str, Any]:
    [candidate] = json.loads(output)["candidates"]
    return next(each for each in candidate["verdict"]["rungs"] if each["name"] == "tests pass")


RUN = ("--json", "--test", f"{sys.executable} -m pytest -q test_app.py")


@pytest.mark.parametrize(
    ("user", "repository", "trusts", "typed"),
    [
        pytest.param(OFF, "", True, "y\n", id="setting off"),
        pytest.param(OFF, ON, True, "y\n", id="a repository's setting"),
        pytest.param(ON, "", False, "y\n", id="no trust"),
        pytest.param(ON, "", True, None, id="nobody to ask"),
        pytest.param(ON, "", True, "n\n", id="no"),
        pytest.param(ON, "", True, "\n", id="no word"),
    ],
)
def test_on_a_command_line_it_is_not_run(
    tmp_path: Path, user: str, repository: str, trusts: bool, typed: str | None
) -> None:
    with desk(tmp_path, user, repository, trusts=trusts) as given:
        done, seen = given.run(*RUN, typed=typed)
        said = rung_of_tests(done.stdout)
        assert said["result"] == "not checked"
        assert "no isolation" in said["said"]
        assert not given.has_run
        is_asked = user == ON and trusts and typed is not None
        assert (QUESTION in seen) is is_asked, seen


def test_on_a_command_line_it_is_run_after_the_diff_and_a_yes(tmp_path: Path) -> None:
    with desk(tmp_path, ON) as given:
        done, seen = given.run(*RUN, typed="y\n")
        assert "+    return sum(prices)" in seen[: seen.index(QUESTION)]
        assert rung_of_tests(done.stdout)["said"] == "1 test passes"
        assert given.has_run


@pytest.mark.parametrize("flag", ["--consent", "--yes"])
def test_no_flag_says_yes(tmp_path: Path, flag: str) -> None:
    with desk(tmp_path, ON) as given:
        done, _ = given.run(*RUN, flag)
        assert done.returncode == 2
        assert not given.has_run


@contextmanager
def editor(given: Desk, capabilities: dict[str, Any]) -> Iterator[tuple[KeptServer, list[str]]]:
    """A server, and what happened in its editor, in order."""
    with KeptServer(env=given.environment, cwd=given.root) as server:
        happened = list[str]()

        def note(name: str, reply: Any) -> Any:
            def answer(params: dict[str, Any]) -> Any:
                happened.append(name if name != "ask" else params["message"])
                return reply

            return answer

        server.answers["window/showDocument"] = note("document", {"success": True})
        server.answers["window/showMessageRequest"] = note("ask", {"title": "Run once"})
        server.start(given.root, capabilities)
        yield server, happened
        server.leave(10)


def fix(server: KeptServer, given: Desk) -> None:
    """Ask for what makes a pytest test pass, and wait for its end."""
    test = given.root / "test_app.py"
    server.open(given.root / "app.py")
    uri = server.open(test)
    found = {**diagnostic(4, "NameError: prise", "NameError"), "source": "pytest"}
    assert server.command("fix", {"uri": uri, "version": 1, "diagnostic": found})["id"]

    def ended() -> bool:
        values = [each["params"]["value"] for each in server.told if each.get("method") == "$/progress"]
        return any(each["kind"] == "end" for each in values)

    assert wait_until(ended, 120), server.told


@pytest.mark.parametrize(
    ("user", "capabilities", "changed"),
    [
        pytest.param(OFF, STREAMING, {}, id="setting off"),
        pytest.param(ON, STREAMING, {"window/showMessageRequest": {"title": "No"}}, id="no"),
        pytest.param(ON, STREAMING, {"window/showMessageRequest": None}, id="no word"),
        pytest.param(ON, WITHOUT_DOCUMENTS, {}, id="no place for the diff"),
        pytest.param(ON, WITH_DOCUMENTS, {"window/showDocument": {"success": False}}, id="diff not shown"),
    ],
)
def test_in_an_editor_it_is_not_run(
    tmp_path: Path, user: str, capabilities: dict[str, Any], changed: dict[str, Any]
) -> None:
    with desk(tmp_path, user) as given, editor(given, capabilities) as (server, _):
        server.answers |= changed
        fix(server, given)
        assert not given.has_run


@pytest.mark.parametrize("capabilities", [STREAMING, WITH_DOCUMENTS], ids=["deltas", "documents"])
def test_in_an_editor_it_is_run_after_the_diff_and_a_yes(
    tmp_path: Path, capabilities: dict[str, Any]
) -> None:
    with desk(tmp_path, ON) as given, editor(given, capabilities) as (server, happened):
        fix(server, given)
        assert given.has_run
        asked = next(number for number, name in enumerate(happened) if name.startswith(QUESTION))
        if capabilities is WITH_DOCUMENTS:
            assert "document" in happened[:asked]
        else:
            order = [each.get("method") for each in server.told]
            assert order.index("lspDebugger/answerDelta") < order.index("window/showMessageRequest")
            deltas = [
                each["params"]["text"]
                for each in server.told
                if each.get("method") == "lspDebugger/answerDelta"
            ]
            assert "+    return sum(prices)" in deltas[0]
