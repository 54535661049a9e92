"""A project with a real bug, a real engine, a scripted model, and where the real editors are."""

from __future__ import annotations

import json
import os
import subprocess  # noqa: TID251 - the real editors are what is tested
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import vscode_server
from editor_terminal import PICTURES, Terminal
from engine_watch import EngineWatch
from model_server import Model, ModelServer, Reply
from tiny_gguf import Shape, write_tiny_gguf

from lsp_debugger.verify.overlay import available

REPO = Path(__file__).resolve().parents[2]
EDITORS = REPO / ".tools" / "editors"
HOW = "tools/install_editors.sh brings it"
# The import is missing for certain; what stands before counts differently in each encoding. The comment
# makes room: Neovim 0.10 takes a column in bytes that is past a line's length in UTF-16 for the line's end.
TEXT = 'hello = "👍🏽 漢字"; print(hello, math.pi)  # half of what many would want\n'
COLUMN = TEXT.index("math")  # in code points
FIXED = f"import math\n\n{TEXT}"
# What the scripted model answers: words when it is asked to explain, then an edit that holds.
WORDS = "Nothing on this line imports that name."
FIXED_BY_MODEL = TEXT.replace("math.pi", "3.1416")
NOT_SENT = "Nothing was sent to another service: your policy names none"
# Slow enough to be stopped in the middle of an answer.
_MODEL = Shape(layers=3, width=96, feed_forward=256, context_tokens=8192, words=500)
# Within this much after a cancel the engine has to be at rest, and this long it is looked at.
_STOPS_WITHIN_S, _AT_REST_S = 0.5, 1.0


@dataclass(frozen=True)
class Walk:
    """Where an editor is walked through. environment: of the editor and all it starts.

    other_settings: to be copied over `settings` in the middle of the walk, for a model that is scripted.
    """

    root: Path
    file: Path
    home: Path
    environment: Mapping[str, str]
    results: Path
    settings: Path
    other_settings: Path

    def run(self, argv: list[str], name: str, timeout_s: float = 100) -> dict[str, Any]:
        """Run an editor's script in a terminal until it has written down what it saw: one JSON object.

        name: of the pictures that it asks for by writing a moment's name into $WALK_PICTURE.
        """
        terminal = Terminal(argv, self.root, self.environment, self.results.with_name("tmux"), name)
        wanted, end = Path(self.environment["WALK_PICTURE"]), time.monotonic() + timeout_s
        try:
            with EngineWatch(self.home) as engine:
                while not self.results.exists():
                    is_late = time.monotonic() > end or (terminal.has_ended() and not self.results.exists())
                    assert not is_late, f"it wrote no results:\n{terminal.text()}"
                    if wanted.exists():
                        terminal.picture(wanted.read_text("utf-8").strip())
                        wanted.unlink()
                    time.sleep(0.02)
                seen = json.loads(self.results.read_text("utf-8"))
                return {
                    **seen,
                    "screen": terminal.text(),
                    "engine": engine_stopped(engine, seen.get("cancelled_at")),
                }
        finally:
            terminal.close()


def engine_stopped(engine: EngineWatch, cancelled_at: float | None) -> dict[str, float]:
    """Processor seconds of the engine before and after the cancel."""
    if cancelled_at is None:
        return {}
    rest = cancelled_at + _STOPS_WITHIN_S
    time.sleep(max(0.0, rest + _AT_REST_S - time.time()))
    return {"before": engine.used_s(0, cancelled_at), "after": engine.used_s(rest, rest + _AT_REST_S)}


def check_walk(seen: Mapping[str, Any]) -> None:
    """What every editor's walk has to have seen."""
    assert "error" not in seen, {name: value for name, value in seen.items() if name != "fix_menu"}
    assert "Undefined name `math`" in seen["finding"]
    assert "never imported" in seen["hover"]
    assert sum(title.startswith("Explain: ") for title in seen["first_menu"]) == 1
    assert seen["cursor_stays"]
    assert seen["grew_before_the_end"]
    assert "Stopped: cancelled" in seen["answer"]
    assert seen["engine"]["before"] > 0, "the engine was not seen at work"
    assert seen["engine"]["after"] < 0.2, "the engine went on after the cancel"
    assert (seen["fixed"], seen["undone"]) == (FIXED, TEXT)
    assert WORDS in seen["whole_answer"]
    assert NOT_SENT in seen["whole_answer"]
    assert (seen["fixed_by_model"], seen["undone_again"]) == (FIXED_BY_MODEL, TEXT)
    assert seen["popups"] == []


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walk]:
    with _walk(tmp_path, "a prøject", "näme.py") as found:
        yield found


@pytest.fixture
def ascii_walk(tmp_path: Path) -> Iterator[Walk]:
    """For Eglot of Emacs 30, which takes other characters in a server's file names for bytes."""
    with _walk(tmp_path, "a project", "name.py") as found:
        yield found


@contextmanager
def _walk(tmp_path: Path, folder: str, name: str) -> Iterator[Walk]:
    """User settings that name a model file, and a project with one faulty file."""
    home, root = tmp_path / "home", tmp_path / folder
    root.mkdir()
    if reason := available(root):
        pytest.skip(f"a model's fix cannot be checked here: {reason}; it takes Linux with user namespaces")
    (root / "pyproject.toml").write_text("[project]\nname = 'x'\nversion = '0'\n")
    file = root / name
    file.write_text(TEXT, "utf-8")
    block = f"{name}\n<<<<<<< SEARCH\n{TEXT}=======\n{FIXED_BY_MODEL}>>>>>>> REPLACE\n"
    replies = [Reply(pieces=[WORDS]), Reply(pieces=[block])]
    with ModelServer(models=[Model("scripted")], replies=replies) as models:
        settings = home / ".config" / "lsp-debugger" / "config.toml"
        settings.parent.mkdir(parents=True)
        model = write_tiny_gguf(tmp_path / "tiny.gguf", _MODEL)
        written = (
            f'backend = "llamacpp"\n[llamacpp]\nmodel_path = "{model}"\n[answer]\nmax_tokens = 6000\n'
            f'[index]\nenabled = false\n[model]\npreload = "never"\n[ollama]\nurl = "{models.url}"\n'
        )
        settings.write_text(written)
        other = tmp_path / "other.toml"
        other.write_text(written.replace('backend = "llamacpp"', 'backend = "ollama"'))
        results = tmp_path / "results.json"
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
        environment = {
            **kept, "HOME": str(home), "PATH": path, "LANG": "C.UTF-8", "TERM": "xterm-256color",
            "WALK_FILE": str(file), "WALK_RESULTS": str(results), "WALK_COLUMN": str(COLUMN),
            "WALK_PACKAGES": str(REPO / "editors"), "WALK_SETTINGS": str(settings),
            "WALK_OTHER_SETTINGS": str(other), "WALK_PICTURE": str(tmp_path / "picture"), "WALK_WORDS": WORDS,
        }  # fmt: skip
        yield Walk(root, file, home, environment, results, settings, other)


@pytest.fixture
def editor() -> Callable[[str], str]:
    """The path of an editor's program; skips the test when it is not there."""

    def find(name: str) -> str:
        found = EDITORS / "bin" / name
        if not found.exists():
            pytest.skip(f"{name} is not installed: {HOW}")
        return str(found)

    return find


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our .vsix, built from a copy."""
    if why := vscode_server.missing():
        pytest.skip(f"{why}: {HOW}")
    return vscode_server.build_package(tmp_path_factory.mktemp("package"))


@pytest.fixture
def code_walk(package: Path, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Runs a script of vscode_walk/ in VS Code and a browser; returns what it and the browser saw.

    A third argument are settings in place of the one that names our server.
    """
    scripts = Path(__file__).parent
    tools = Path(sys.executable).parent

    # By its path: VS Code asks a login shell for PATH.
    ours = {"lspDebugger.server.path": str(tools / "lsp-debugger")}

    def run(walk: Walk, script: str, settings: Mapping[str, Any] = ours) -> dict[str, Any]:
        environment = {**walk.environment, "WALK_RUFF": str(tools / "ruff"), "WALK_SCRIPT": script}
        extensions = [package, vscode_server.pack(scripts / "vscode_walk", tmp_path)]
        PICTURES.mkdir(parents=True, exist_ok=True)
        drive = [vscode_server.NODE, str(scripts / "vscode_drive.mjs"), vscode_server.MODULES]
        with (
            vscode_server.running(tmp_path / "code", walk.root, extensions, settings, environment) as address,
            EngineWatch(walk.home) as engine,
        ):
            done = subprocess.run(
                [*drive, str(vscode_server.BROWSER), address, str(PICTURES)], env=environment,
                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=280, check=False,
            )  # fmt: skip
            assert walk.results.exists(), done.stdout + done.stderr
            seen = json.loads(walk.results.read_text("utf-8"))
            seen["engine"] = engine_stopped(engine, seen.get("cancelled_at"))
        return {**seen, **json.loads(done.stdout)}

    return run
