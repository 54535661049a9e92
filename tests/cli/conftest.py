"""A user with empty settings in a project of their own, who types verbs."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_debugger.cli import app
from lsp_debugger.config.files import user_directory


class Shell:
    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.user_file = user_directory() / "config.toml"
        self._capsys = capsys

    def run(self, *argv: str) -> tuple[int, str, str]:
        """Exit code, what was printed, what was complained about."""
        self._capsys.readouterr()
        code = app.main(argv)
        return code, *self._capsys.readouterr()

    def settings(self, text: str) -> None:
        self.user_file.parent.mkdir(parents=True, exist_ok=True)
        self.user_file.write_text(text, encoding="utf-8")


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    folder = tmp_path / "project"
    (folder / ".git").mkdir(parents=True)
    monkeypatch.chdir(folder)
    return Shell(folder, capsys)
