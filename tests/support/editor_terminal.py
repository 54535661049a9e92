"""A terminal of tmux's with a program in it: keys go in, and what stands on the screen can be read."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess  # noqa: TID251 - the real editors are what is tested
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

PICTURES = Path(__file__).resolve().parents[2] / "build" / "editors"
WAIT_S = 30.0
_SIZE = ("-x", "140", "-y", "36")
_LOOK_AGAIN_S = 0.05


class Terminal:
    """name: of its pictures, which stay in build/editors of this checkout. Skips where there is no tmux."""

    def __init__(
        self, argv: Sequence[str], cwd: Path, environment: Mapping[str, str], socket: Path, name: str
    ) -> None:
        if shutil.which("tmux") is None:
            pytest.skip("this editor needs a terminal: apt-get install tmux")
        self.name = name
        self._tmux = ["tmux", "-S", str(socket), "-f", "/dev/null", "-u"]
        # What an editor says at its end stays on the screen.
        start = ["new-session", "-d", *_SIZE, *argv, ";", "set-option", "-g", "remain-on-exit", "on"]
        colourful = {**environment, "COLORTERM": "truecolor"}
        options = ["set-option", "-s", "escape-time", "0", ";"]
        subprocess.run(
            [*self._tmux, "start-server", ";", *options, *start],
            cwd=cwd,
            env=colourful,
            check=True,
            timeout=20,
        )

    def has_ended(self) -> bool:
        argv = [*self._tmux, "display-message", "-p", "#{pane_dead}"]
        return (
            subprocess.run(argv, capture_output=True, text=True, check=True, timeout=20).stdout.strip() == "1"
        )

    def keys(self, *keys: str) -> None:
        """Press these, by tmux's names for them.

        After an Escape it waits: a program that reads that and the next key at once takes them for Alt and
        the key.
        """
        for key in keys:
            subprocess.run([*self._tmux, "send-keys", key], check=True, timeout=20)
            if key == "Escape":
                self._wait_until_read()

    def type(self, text: str) -> None:
        subprocess.run([*self._tmux, "send-keys", "-l", text], check=True, timeout=20)

    def text(self) -> str:
        return self._captured()

    def wait(self, pattern: str, wait_s: float = WAIT_S) -> str:
        """The screen, once the pattern is on it."""
        end = time.monotonic() + wait_s
        while not re.search(pattern, text := self.text()):
            assert time.monotonic() < end, f"{pattern} did not come:\n{text}"
            time.sleep(_LOOK_AGAIN_S)
        return text

    def wait_until_gone(self, pattern: str) -> str:
        end = time.monotonic() + WAIT_S
        while re.search(pattern, text := self.text()):
            assert time.monotonic() < end, f"{pattern} stayed:\n{text}"
            time.sleep(_LOOK_AGAIN_S)
        return text

    def coloured(self) -> str:
        """The screen with its colours, as escape sequences; those of empty space too."""
        return self._captured("-e", "-N")

    def picture(self, moment: str) -> None:
        """Keep the screen, as text and with its colours."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        for suffix, text in (("txt", self.text()), ("ansi", self.coloured())):
            (PICTURES / f"{self.name}-{moment}.{suffix}").write_text(text, "utf-8")

    def close(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], check=False, timeout=20, capture_output=True)

    def _wait_until_read(self) -> None:
        """Until the program has taken everything that was typed."""
        # One more turn of tmux's loop: by its answer it has handed on what it got before.
        where = [*self._tmux, "display-message", "-p", "#{pane_tty}"]
        name = subprocess.run(where, capture_output=True, text=True, check=True, timeout=20).stdout.strip()
        terminal = os.open(name, os.O_RDONLY | os.O_NOCTTY)
        try:
            end = time.monotonic() + WAIT_S
            while int.from_bytes(fcntl.ioctl(terminal, termios.FIONREAD, bytes(4)), sys.byteorder):
                assert time.monotonic() < end, f"it reads no keys:\n{self.text()}"
                time.sleep(0.005)
        finally:
            os.close(terminal)

    def _captured(self, *options: str) -> str:
        argv = [*self._tmux, "capture-pane", "-p", *options]
        return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=20).stdout
