"""Helix itself in a terminal: what stands on the screen, key by key, with our languages.toml."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from editor_terminal import WAIT_S, Terminal
from engine_watch import EngineWatch

from .conftest import FIXED_BY_MODEL, NOT_SENT, REPO, TEXT, WORDS, Walk, engine_stopped

pytestmark = pytest.mark.editors
# What Helix writes down of each message that a server sends it.
_RECEIVED = re.compile(r"lsp-debugger <- (\{.*\})$", re.MULTILINE)


class Helix(Terminal):
    """program: `hx`, or `hx-sid` for the newer one."""

    def __init__(self, name: str, program: str, walk: Walk, folder: Path) -> None:
        # 25.01 asks only the first server that has hovers, and that is another one.
        self.shows_all_hovers = name.endswith("-sid")
        self._log = folder / "helix.log"
        argv = [program, "-v", "--log", str(self._log), walk.file.name]
        super().__init__(argv, walk.root, walk.environment, folder / "tmux", name)

    def again(self, pattern: str, *keys: str) -> str:
        """Press keys until the pattern is on the screen: what they show depends on what is there by then."""
        end = time.monotonic() + WAIT_S
        while True:
            self.keys(*keys)
            look_again = time.monotonic() + 1
            while time.monotonic() < look_again:
                if re.search(pattern, text := self.text()):
                    return text
                time.sleep(0.05)
            assert time.monotonic() < end, f"{pattern} did not come:\n{text}"
            self.keys("Escape")

    def command(self, line: str) -> None:
        self.type(f":{line}")
        self.wait(re.escape(f":{line}"))
        self.keys("Enter")

    def choose(self, wanted: str) -> str:
        """Take an action out of the menu; returns the screen with the menu."""
        menu = self.again(wanted, "Space", "a")
        for _ in range(20):
            if re.search(wanted, before := self._selected()):
                self.keys("Enter")
                return menu
            self.keys("Down")
            end = time.monotonic() + 5
            while self._selected() == before and time.monotonic() < end:
                time.sleep(0.02)
        raise AssertionError(f"{wanted} cannot be reached:\n{self.text()}")

    def received(self) -> list[dict[str, Any]]:
        """Our server's messages, in order, each once."""
        said = self._log.read_text("utf-8", "replace") if self._log.exists() else ""
        return [json.loads(each) for each in _RECEIVED.findall(said)]

    def progress(self, verb: str) -> list[str]:
        """The kinds of progress of the newest question of this sort."""
        notes = [each["params"] for each in self.received() if each.get("method") == "$/progress"]
        wanted = [each for each in notes if str(each["token"]).startswith(verb)]
        return [each["value"]["kind"] for each in wanted if each["token"] == wanted[-1]["token"]]

    def popups(self) -> list[str]:
        shown = ("window/showMessage", "window/showMessageRequest")
        return [each["params"]["message"] for each in self.received() if each.get("method") in shown]

    def _selected(self) -> str:
        """What of the menu stands on white, which is how this theme marks the chosen one."""
        return "\n".join(re.findall(r"\x1b\[48;2;255;255;255m([^\x1b]*)", self.coloured()))


@pytest.fixture(params=["hx", "hx-sid"])
def helix(
    request: pytest.FixtureRequest, walk: Walk, editor: Callable[[str], str], tmp_path: Path
) -> Iterator[Helix]:
    program = editor(request.param)
    settings = walk.home / ".config" / "helix" / "languages.toml"
    settings.parent.mkdir(parents=True)
    ours = (REPO / "editors" / "helix" / "languages.toml").read_text("utf-8")
    # Without basedpyright, whose own import would stand in the place of ours.
    settings.write_text(ours.replace('"basedpyright", ', ""), "utf-8")
    progress = "[editor.lsp]\ndisplay-progress-messages = true\n"
    settings.with_name("config.toml").write_text(progress, "utf-8")
    shown = Helix(request.param, program, walk, tmp_path)
    yield shown
    shown.close()


def test_the_walk(helix: Helix, walk: Walk) -> None:
    helix.wait("math.pi")
    helix.type("/math")
    helix.wait("search:math")
    helix.keys("Enter")
    helix.wait("Undefined name `math`")
    menu = helix.again("Add `import math`", "Space", "a")
    assert sum("Explain: " in line for line in menu.split("\n")) == 1
    helix.picture("menu")
    helix.keys("Escape")
    helix.wait_until_gone("Add `import math`")
    with EngineWatch(walk.home) as engine:
        helix.choose("Explain: F821")
        helix.wait(r"explain F821.* tokens/s|explaining F821.* tokens/s")
        helix.picture("progress")
        helix.command("lsp-workspace-command lspDebugger.cancel")
        cancelled_at = time.time()
        helix.wait("stopped: cancelled|lastAnswer")
        used = engine_stopped(engine, cancelled_at)
    assert used["before"] > 0
    assert used["after"] < 0.2, "the engine went on after the cancel"
    assert set(helix.progress("explain")) == {"begin", "report", "end"}
    helix.keys("Escape")
    if helix.shows_all_hovers:
        helix.again("never imported", "Space", "k")
        helix.picture("card")
        helix.keys("Escape")
    assert helix.popups() == []
    assert "Stopped: cancelled" in last_answer(helix, walk)

    helix.choose("Add `import math`")
    helix.wait(r"(?m)^.*1  import math")
    helix.keys("Escape", "u")
    helix.wait(r"(?m)^.*1  hello = ")

    # The rest with a model that is scripted: what it says is known.
    walk.settings.write_text(walk.other_settings.read_text())
    helix.command("lsp-workspace-command lspDebugger.restart")
    asked = len(answers(walk))
    helix.choose("Explain: F821")
    until(lambda: len(answers(walk)) > asked)
    said = last_answer(helix, walk)
    assert WORDS in said
    assert NOT_SENT in said
    helix.choose("Fix with the model: ")
    helix.wait(r"hello, 3\.1416\)", 60)
    helix.keys("Escape")
    helix.command("write")
    until(lambda: saved(walk.file) == FIXED_BY_MODEL)
    helix.keys("u")
    helix.wait(r"hello, math\.pi\)")
    helix.command("write")
    until(lambda: saved(walk.file) == TEXT)
    asked_for = [each for each in helix.popups() if each.startswith("The answer is in")]
    assert helix.popups() == asked_for


def answers(walk: Walk) -> list[Path]:
    folder = walk.home / ".local" / "state" / "lsp-debugger" / "answers"
    return sorted(folder.glob("*.md"), key=lambda path: path.stat().st_mtime_ns)


def last_answer(helix: Helix, walk: Walk) -> str:
    """Its text, once Helix has shown it or where it is; the file with the fault is in front again."""
    helix.command("lsp-workspace-command lspDebugger.lastAnswer")
    helix.wait("The answer is in|# F821")
    if "# F821" in helix.text():
        helix.picture("answer")
        helix.command("buffer-close")
    else:
        helix.keys("Escape")
    helix.wait("math.pi")
    return answers(walk)[-1].read_text("utf-8")


def saved(file: Path) -> str:
    """What is in a file that Helix writes: it moves the old one away first, so for a moment there is none."""
    try:
        return file.read_text("utf-8")
    except FileNotFoundError:
        return ""


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)
