"""LSP4IJ, emulated from its sources, in front of `wrap`: its two requests for actions, and its questions.

The template beside our guide is what it imports.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from wrap_client import WRAP, WrapClient

from lsp_debugger.core import installing

# Beside this Python too, where the tests were started without its folder on the path.
PATH = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
RUFF = shutil.which("ruff", path=PATH) or ""
pytestmark = pytest.mark.skipif(not RUFF, reason="there is no ruff here: pip install -e '.[dev]' brings it")
TEMPLATE = Path(__file__).resolve().parents[2] / "editors" / "jetbrains" / "lsp-debugger"
TEXT = 'hello = "👍🏽 漢字"; print(hello, math.pi)\n'


def test_both_lists_of_actions_have_ours(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text(TEXT, "utf-8")
    uri = file.as_uri()
    with WrapClient([*WRAP, RUFF, "server"], cwd=tmp_path) as client:
        client.initialize(tmp_path, "vscode_1.139_client9")
        client.open(uri, TEXT)
        client.ours_is_ready()
        pulled = client.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        (found,) = (each for each in pulled["items"] if each["code"] == "F821")
        place = {"textDocument": {"uri": uri}, "range": found["range"]}
        client.request("textDocument/hover", {**place, "position": found["range"]["start"]})
        # For the light bulb: the server's own findings, quick fixes alone, each time it highlights.
        quick_fixes = client.request(
            "textDocument/codeAction",
            {**place, "context": {"diagnostics": [found], "only": ["quickfix"], "triggerKind": 2}},
        )
        # For Alt+Enter: no findings at all, and what is a plain quick fix is left out of the list.
        intentions = client.request(
            "textDocument/codeAction", {**place, "context": {"diagnostics": [], "triggerKind": 1}}
        )
        kept_fixes = [each for each in quick_fixes if each.get("kind", "").startswith("quickfix")]
        kept_intentions = [each for each in intentions if each.get("kind") != "quickfix"]
        for kept in (kept_fixes, kept_intentions):
            explains = [each for each in kept if each["title"].startswith("Explain: ")]
            assert [each["kind"] for each in explains] == ["quickfix.explain"]
        assert client.leave() == 0


def test_what_it_is_asked_to_show_has_a_selection(tmp_path: Path) -> None:
    """It fails on a question without one, and then never answers."""
    file = tmp_path / "a.py"
    file.write_text(TEXT, "utf-8")
    with WrapClient([*WRAP, RUFF, "server"], cwd=tmp_path) as client:
        client.initialize(tmp_path, "vscode_1.139_client9")
        client.open(file.as_uri(), TEXT)
        client.ours_is_ready()
        pulled = client.request("textDocument/diagnostic", {"textDocument": {"uri": file.as_uri()}})
        (found,) = (each for each in pulled["items"] if each["code"] == "F821")
        at = {"uri": file.as_uri(), "version": 1, "diagnostic": found}
        number = client.ask("workspace/executeCommand", {"command": "lspDebugger.explain", "arguments": [at]})
        assert client.reply(number)["result"]["id"]
        client.wait(lambda message: message.get("method") == "window/showDocument")
        shown = [each["params"] for each in client.asked if each["method"] == "window/showDocument"]
        assert all("selection" in each for each in shown)
        assert client.leave() == 0


def test_settings_as_its_completion_writes_them_reach_ours(tmp_path: Path) -> None:
    template = json.loads((TEMPLATE / "template.json").read_text("utf-8"))
    written = json.loads((TEMPLATE / "settings.json").read_text("utf-8"))
    names = json.loads((TEMPLATE / "settings.schema.json").read_text("utf-8"))["properties"]
    wanted = {"lspDebugger.backend": "none", "lspDebugger.hover.card": False}
    assert wanted.keys() <= names.keys(), "what it completes"
    settings = {**written, **wanted}
    section = _expanded(settings) if template.get("expandConfiguration") else settings
    answers = {"workspace/configuration": [section.get("lspDebugger")]}
    command = [*WRAP, RUFF, "server"]
    with WrapClient(command, answers=answers, cwd=tmp_path, env={"XDG_CONFIG_HOME": str(tmp_path)}) as client:
        client.initialize(tmp_path, "vscode_1.139_client9")
        client.ours_is_ready()
        client.wait(lambda message: message.get("method") == "workspace/configuration")
        end = time.monotonic() + 20
        while "backend is none" not in (model := client.command("lspDebugger.status")["model"]):
            assert time.monotonic() < end, model
            time.sleep(0.02)
        assert client.leave() == 0


def _expanded(settings: dict[str, Any]) -> dict[str, Any]:
    """Names with dots as objects in objects: what LSP4IJ does where a template asks for it."""
    expanded: dict[str, Any] = {}
    for name, value in settings.items():
        *outer, last = name.split(".")
        inner = expanded
        for each in outer:
            inner = inner.setdefault(each, {})
        inner[last] = value
    return expanded


def test_the_template_is_complete() -> None:
    names = {
        "template.json", "settings.json", "settings.schema.json", "initializationOptions.json",
        "clientSettings.json", "installer.json",
    }  # fmt: skip
    assert names <= {path.name for path in TEMPLATE.iterdir()}
    read = {name: json.loads((TEMPLATE / name).read_text("utf-8")) for name in names}
    template, installer = read["template.json"], read["installer.json"]
    assert template["programArgs"]["default"].startswith("lsp-debugger wrap -- ")
    assert all(each["languageId"] for each in template["fileTypeMappings"])
    assert installer["check"]["exec"]["command"] == "lsp-debugger --version"
    assert set(installer["run"]) == {"showMessage"}, (
        "nothing is installed by itself, under a name that is not ours"
    )
    assert installing.how() in " ".join(installer["run"]["showMessage"]["content"])
    assert set(read["settings.schema.json"]["properties"]) > {"lspDebugger.backend"}
    # Names with dots become objects only so, and only where no object of that name is there already.
    assert (template["expandConfiguration"], read["settings.json"]) == (True, {})
    assert (TEMPLATE / "README.md").is_file(), "what its help shows"
