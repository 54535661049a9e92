"""A model's fix in the real process: asked for, placed, checked with the real ruff, offered as an edit."""

from __future__ import annotations

import json
import os
import subprocess  # noqa: TID251 - the command line, as somebody types it
import sys
from pathlib import Path

import pytest
from fix_desk import FIXED, FOUND, GOOD, SOURCE, block, desk, fix, uri_of
from kept_server import STREAMING, diagnostic
from model_server import Model, ModelServer, Reply
from raw_server import private_environment, wait_until

from lsp_debugger.verify.overlay import available

pytestmark = pytest.mark.thorough


def test_a_fix_that_holds_is_applied_with_its_verdict(tmp_path: Path) -> None:
    with desk(tmp_path, GOOD) as (server, applied):
        said = fix(server, tmp_path)
        assert said.startswith("Fix: change total (")
        assert said.endswith("parses · F821 gone)")
        [params] = applied
        edit = params["edit"]
        [document] = edit["documentChanges"]
        assert document["textDocument"]["version"] == 1
        [change] = document["edits"]
        assert change["newText"] == "    return sum(prices)\n"
        [annotation] = edit["changeAnnotations"].values()
        assert annotation == {"label": said, "needsConfirmation": False}
        [offered] = [
            each for each in server.actions(uri_of(tmp_path), 1, [FOUND]) if "Fix: " in each["title"]
        ]
        assert offered["title"] == said
        assert server.ask("codeAction/resolve", offered)["edit"] == edit
    assert (tmp_path / "project" / "app.py").read_text() == SOURCE


@pytest.mark.parametrize(
    ("message", "line"),
    [("assert 0 == 3", 4), ("NameError: prise (test_app.py::test_total)", 0)],
)
def test_a_failing_test_has_to_pass(tmp_path: Path, message: str, line: int) -> None:
    with desk(tmp_path, GOOD) as (server, applied):
        test = tmp_path / "project" / "test_app.py"
        test.write_text("from app import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n")
        uri = server.open(test)
        found = {**diagnostic(line, message, "NameError"), "source": "pytest"}
        begun = server.command("fix", {"uri": uri, "version": 1, "diagnostic": found})
        assert begun["id"], begun
        assert wait_until(lambda: bool(applied), 90), server.popups()
        assert "1 test passes" in applied[0]["label"]
        [document] = applied[0]["edit"]["documentChanges"]
        assert document["textDocument"]["uri"].endswith("/app.py")


WRITTEN = (
    "```python\nfrom app import total\n\n\ndef test_total_f821():\n    assert total([1, 2]) == {}\n```\n"
)


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        (3, "Test: add test_total_f821 (fails now with NameError at app.py:2 · passes with the fix)"),
        (4, "no test that holds"),
    ],
)
def test_a_test_is_run_without_and_with_the_fix_at_hand(tmp_path: Path, expected: int, said: str) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "test_app.py").write_text("import app\n\n\ndef test_it():\n    assert app\n")
    with desk(tmp_path, GOOD, WRITTEN.format(expected)) as (server, applied):
        fix(server, tmp_path)
        assert fix(server, tmp_path, "writeTest") == said
        if expected == 4:
            assert len(applied) == 1
            [popup] = server.popups()
            assert "the test fails with the fix too: AssertionError" in popup["params"]["message"]
            return
        _, params = applied
        [document] = params["edit"]["documentChanges"]
        assert document["textDocument"]["uri"].endswith("/test_app.py")
    assert "def test_total_f821" not in (root / "test_app.py").read_text()


def test_who_calls_what_a_fix_changes_is_told_before_it_is_applied(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "till.py").write_text("from app import total\n\n\ndef pay(basket):\n    return total(basket)\n")
    answer = block(SOURCE, "def total(prices, tax):\n    return sum(prices) + tax\n")
    with desk(tmp_path, answer, capabilities=STREAMING) as (server, applied):
        assert wait_until(lambda: "chunks" in server.command("status")["index"], 60)
        server.answers["window/showMessageRequest"] = {"title": "No"}
        assert fix(server, tmp_path) == "not applied"
        [asked] = server.popups()
        assert "may break 1 caller). It may break its callers. Apply it?" in asked["params"]["message"]
        shown = server.told_text()
        assert "## What may break" in shown
        assert "does not pass `tax`, which is needed now" in shown
        assert "till.py:5" in shown
        assert applied == []


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (block("    return sum(prise)\n", "    return sum(prise))\n"), "would not parse"),
        (block("    return sum(prise)\n", "    return max(prise)\n"), "F821 is still there"),
        (block("    return max(prise)\n", "    return max(prices)\n"), ""),
        (block("x", "y", "../../etc/passwd"), ""),
        (block("x", "y", ".vscode/settings.json"), ""),
        ("I would rename the variable.", "there is no edit in the answer"),
        ("", "the answer is empty"),
    ],
)
def test_what_does_not_hold_is_never_shown(tmp_path: Path, answer: str, why: str) -> None:
    with desk(tmp_path, answer) as (server, applied):
        assert fix(server, tmp_path) == "no fix that holds"
        assert applied == []
        [said] = [each for each in server.popups() if each["method"] == "window/showMessage"]
        assert said["params"]["message"].startswith("No fix that holds: ")
        assert why in said["params"]["message"]


def test_a_second_try_is_told_what_was_wrong(tmp_path: Path) -> None:
    bad = block("    return sum(prise)\n", "    return sum(prise))\n")
    with desk(tmp_path, bad, GOOD) as (server, applied):
        assert "F821 gone" in fix(server, tmp_path)
        assert len(applied) == 1


def test_a_silencing_fix_asks_and_says_so(tmp_path: Path) -> None:
    answer = block(
        "    return sum(prise)\n",
        "    return sum(prise)  # noqa: F821  # pyright: ignore[reportUndefinedVariable]\n",
    )
    with desk(tmp_path, answer) as (server, applied):
        assert fix(server, tmp_path).startswith("Fix: change total (silences: noqa"), server.popups()
        [annotation] = applied[0]["edit"]["changeAnnotations"].values()
        assert annotation["needsConfirmation"] is True


@pytest.mark.parametrize(("pressed", "count"), [("Apply", 1), ("No", 0), (None, 0)])
def test_without_annotations_the_user_is_asked(tmp_path: Path, pressed: str | None, count: int) -> None:
    answer = block(
        "    return sum(prise)\n",
        "    return sum(prise)  # noqa: F821  # pyright: ignore[reportUndefinedVariable]\n",
    )
    with desk(tmp_path, answer, capabilities=STREAMING) as (server, applied):
        server.answers["window/showMessageRequest"] = lambda _: {"title": pressed} if pressed else None
        fix(server, tmp_path)
        assert len(applied) == count


@pytest.mark.parametrize(
    ("text", "is_applied"),
    [(f"# new\n{SOURCE}", True), (SOURCE.replace("sum(prise)", "sum(prise, 1)"), False)],
)
def test_a_document_that_was_typed_in_gets_the_fix_only_where_it_still_fits(
    tmp_path: Path, text: str, is_applied: bool
) -> None:
    with desk(tmp_path, GOOD) as (server, applied):
        uri = uri_of(tmp_path)
        begun = server.command("fix", {"uri": uri, "version": 1, "diagnostic": FOUND})
        change = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": text}]}
        server.notify("textDocument/didChange", change)
        assert begun["id"]
        assert wait_until(lambda: bool(server.popups() or applied), 90)
        if not is_applied:
            assert "has changed since the fix was checked" in server.popups()[0]["params"]["message"]
            assert applied == []
            return
        [document] = applied[0]["edit"]["documentChanges"]
        assert document["textDocument"]["version"] == 2
        assert document["edits"][0]["range"]["start"] == {"line": 2, "character": 0}


def test_on_a_command_line(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / ".git").mkdir()
    (root / "app.py").write_text(SOURCE)
    (root / "test_app.py").write_text(
        "from app import total\n\n\ndef test_it():\n    assert total([1, 2]) == 3\n"
    )
    if reason := available(root):
        pytest.skip(f"no overlay: {reason}; it takes Linux with user namespaces")
    with ModelServer(models=[Model("mine")], replies=[Reply(pieces=(GOOD,))]) as models:
        environment = {**os.environ, **private_environment(tmp_path / "home")}
        folder = Path(environment["XDG_CONFIG_HOME"], "lsp-debugger")
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(f'ollama.url = "{models.url}"\n')

        def run(*args: str) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-m", "lsp_debugger", "fix", "app.py:2", *args]
            return subprocess.run(
                command, cwd=root, env=environment, capture_output=True, text=True, timeout=120, check=False
            )

        shown = run()
        assert shown.returncode == 0, shown.stderr
        assert "+    return sum(prices)" in shown.stdout
        assert (root / "app.py").read_text() == SOURCE
        said = json.loads(run("--json", "--test", f"{sys.executable} -m pytest -q").stdout)
        results = {rung["name"]: rung["result"] for rung in said["candidates"][0]["verdict"]["rungs"]}
        assert results == dict.fromkeys(results, "passed")
        assert "tests pass" in results
        assert run("--apply").returncode == 0
        assert (root / "app.py").read_text() == FIXED


def test_everything_of_a_rule_is_fixed_without_a_model(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / ".git").mkdir()
    (root / "app.py").write_text(f"import os\nimport re\nimport sys\n\nprint(re)\n\n\n{SOURCE}")
    if reason := available(root):
        pytest.skip(f"no overlay: {reason}; it takes Linux with user namespaces")
    environment = {**os.environ, **private_environment(tmp_path / "home")}
    command = [sys.executable, "-m", "lsp_debugger", "fix", "app.py:1", "--all", "--apply"]
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "2 findings gone" in done.stdout.splitlines()[0]
    assert (root / "app.py").read_text() == f"import re\n\nprint(re)\n\n\n{SOURCE}"
