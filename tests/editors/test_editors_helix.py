"""Helix itself in a terminal of tmux's: what stands on the screen, key by key, with our languages.toml."""

from __future__ import annotations

import re
import shutil
import subprocess  # noqa: TID251 - the real editor is what is tested
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .conftest import REPO, Walk

pytestmark = pytest.mark.editors
WAIT_S = 30.0


class Screen:
    """A terminal with Helix in it."""

    def __init__(self, program: str, walk: Walk, socket: Path) -> None:
        # 25.01 asks only the first server that has hovers, and that is another one.
        self.shows_all_hovers = program.endswith("-sid")
        self._tmux = ["tmux", "-S", str(socket), "-f", "/dev/null"]
        size = ["-x", "150", "-y", "40"]
        environment = dict(walk.environment) | {"COLORTERM": "truecolor"}
        argv = [*self._tmux, "-u", "new-session", "-d", *size, program, str(walk.file)]
        subprocess.run(argv, cwd=walk.root, env=environment, check=True, timeout=20)

    def keys(self, *keys: str) -> None:
        subprocess.run([*self._tmux, "send-keys", *keys], check=True, timeout=20)
        if "Escape" in keys:
            time.sleep(0.3)  # what follows at once would make one key with it

    def type(self, text: str) -> None:
        subprocess.run([*self._tmux, "send-keys", "-l", text], check=True, timeout=20)

    def text(self) -> str:
        argv = [*self._tmux, "capture-pane", "-p"]
        return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=20).stdout

    def wait(self, pattern: str, wait_s: float = WAIT_S) -> str:
        """The screen, once the pattern is on it."""
        end = time.monotonic() + wait_s
        while not re.search(pattern, text := self.text()):
            assert time.monotonic() < end, f"{pattern} did not come:\n{text}"
            time.sleep(0.05)
        return text

    def again(self, pattern: str, *keys: str) -> str:
        """Press keys until the pattern is on the screen: what they show depends on what is there by then."""
        end = time.monotonic() + WAIT_S
        while True:
            self.keys(*keys)
            time.sleep(0.7)
            if re.search(pattern, text := self.text()):
                return text
            assert time.monotonic() < end, f"{pattern} did not come:\n{text}"
            self.keys("Escape")

    def command(self, line: str) -> None:
        self.type(":")
        self.type(line)
        self.keys("Enter")

    def selected(self) -> str:
        """What of the menu stands on white, which is how this theme marks the chosen one."""
        argv = [*self._tmux, "capture-pane", "-p", "-e"]
        shown = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=20).stdout
        return "\n".join(re.findall(r"\x1b\[48;2;255;255;255m([^\x1b]*)", shown))

    def close(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], check=False, timeout=20)


@pytest.fixture(params=["hx", "hx-sid"])
def screen(
    request: pytest.FixtureRequest, walk: Walk, editor: Callable[[str], str], tmp_path: Path
) -> Iterator[Screen]:
    if shutil.which("tmux") is None:
        pytest.skip("Helix needs a terminal: apt-get install tmux")
    program = editor(request.param)
    settings = Path(walk.environment["HOME"]) / ".config" / "helix" / "languages.toml"
    settings.parent.mkdir(parents=True)
    ours = (REPO / "editors" / "helix" / "languages.toml").read_text("utf-8")
    # Without basedpyright, whose own import would stand in the place of ours.
    settings.write_text(ours.replace('"basedpyright", ', ""), "utf-8")
    progress = "[editor.lsp]\ndisplay-progress-messages = true\n"
    settings.with_name("config.toml").write_text(progress, "utf-8")
    shown = Screen(program, walk, tmp_path / "tmux")
    yield shown
    shown.close()


def choose(screen: Screen, wanted: str) -> list[str]:
    """Take an action out of the menu; returns the lines of the menu."""
    menu = screen.again(wanted, "Space", "a").split("\n")
    for _ in range(20):
        if re.search(wanted, screen.selected()):
            screen.keys("Enter")
            return menu
        screen.keys("Down")
        time.sleep(0.1)
    raise AssertionError(f"{wanted} cannot be reached:\n{screen.text()}")


def test_the_walk(screen: Screen, walk: Walk) -> None:
    screen.wait("math.pi")
    screen.type("/math")
    screen.keys("Enter")
    screen.wait("Undefined name `math`")
    screen.again(r"Add `import math`", "Space", "a")  # the list waits for nothing: not at once
    screen.keys("Escape")
    menu = choose(screen, "Explain: F821")
    ours = [line for line in menu if "Add `import math`" in line or "Explain: " in line]
    assert len(ours) == 2, "each once"
    screen.wait("explaining F821")
    screen.wait("tokens/s")
    screen.command("lsp-workspace-command lspDebugger.cancel")
    screen.wait("stopped: cancelled|lastAnswer")
    screen.keys("Escape")
    if screen.shows_all_hovers:
        screen.again("never imported", "Space", "k")
        screen.keys("Escape")
    screen.command("lsp-workspace-command lspDebugger.lastAnswer")
    screen.wait(r"The answer is in|# F821")
    (answer,) = (Path(walk.environment["HOME"]) / ".local/state/lsp-debugger/answers").glob("*.md")
    assert "Stopped: cancelled" in answer.read_text("utf-8")
    screen.command("buffer-close") if "# F821" in screen.text() else screen.keys("Escape")
    screen.wait("math.pi")
    choose(screen, "Add `import math`")
    screen.wait(r"(?m)^.*1  import math")
    screen.keys("Escape")
    screen.keys("u")
    screen.wait(r"(?m)^.*1  hello = ")
