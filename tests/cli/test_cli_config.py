from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest

from lsp_debugger.config import SETTINGS

Shell = Any  # conftest.py's; pytest hands it in


def test_show_is_toml_that_says_who_set_what(shell: Shell) -> None:
    shell.settings('[model]\nname = "größe"\n')
    (shell.folder / ".lsp-debugger.toml").write_text("index.enabled = false\n")
    code, out, err = shell.run("config", "show")
    assert (code, err) == (0, "")
    shown = tomllib.loads(out)
    assert shown["model"]["name"] == "größe"
    assert shown["index"]["enabled"] is False
    lines = {line.split(" = ")[0]: line.partition("  # ")[2] for line in out.splitlines()}
    assert set(lines) == set(SETTINGS)
    assert lines["model.name"] == f"user {shell.user_file}:2"
    assert lines["index.enabled"] == f"repository {shell.folder / '.lsp-debugger.toml'}:1"
    assert lines["backend"] == "built-in"


def test_show_as_json(shell: Shell) -> None:
    shell.settings('local_hosts = ["http://box:8000"]\nzzz = 1\n')
    code, out, err = shell.run("config", "show", "--json")
    assert code == 1
    shown = json.loads(out)
    assert shown["settings"]["local_hosts"] == {
        "value": ["http://box:8000"],
        "set_by": [{"layer": "user", "file": str(shell.user_file), "line": 1}],
    }
    assert set(shown["settings"]) == set(SETTINGS)
    assert shown["problems"] == [f"{shell.user_file}:2: unknown setting 'zzz'; ignored"]
    assert err == f"problem: {shown['problems'][0]}\n"


def test_a_folder_below_the_project_has_its_settings(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    (shell.folder / ".lsp-debugger.toml").write_text("hover.card = false\n")
    (shell.folder / "src").mkdir()
    monkeypatch.chdir(shell.folder / "src")
    assert "hover.card = false" in shell.run("config", "show")[1]


def test_declaring_a_server_and_taking_it_back(shell: Shell) -> None:
    shell.settings('# mine\n\n[model]\nname = "x"\n')
    code, out, err = shell.run("config", "local", "add", "http://Box:8000/v1")
    assert (code, err) == (0, "")
    assert out.startswith(f"http://box:8000 is declared private in {shell.user_file}.\n")
    assert "not encrypted" in out
    assert "lsp-debugger config local remove http://box:8000" in out
    assert (
        shell.user_file.read_text() == '# mine\n\nlocal_hosts = ["http://box:8000"]\n\n[model]\nname = "x"\n'
    )
    assert shell.run("config", "local", "list")[1] == "http://box:8000\n"
    assert "already" in shell.run("config", "local", "add", "http://box:8000")[1]
    assert shell.run("config", "local", "remove", "http://BOX:8000/")[0] == 0
    assert shell.run("config", "local", "list")[1] == ""
    code, _, err = shell.run("config", "local", "remove", "http://box:8000")
    assert (code, err) == (1, f"error: http://box:8000 is not declared in {shell.user_file}\n")


@pytest.mark.parametrize("url", ["https://models.corp.example", "http://127.0.0.1:8080", "http://[::1]:8080"])
def test_no_warning_where_nobody_can_listen(shell: Shell, url: str) -> None:
    assert "not encrypted" not in shell.run("config", "local", "add", url)[1]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://me:secret@box", "the URL must not hold a user name or password"),
        ("http://*.corp.example", "the URL must name one machine, not a pattern"),
        ("http://0.0.0.0:8000", "the URL must name one machine; 0.0.0.0 and [::] mean every address"),
        ("box:8000", "the URL must be a URL like http://host:port"),
    ],
)
def test_what_cannot_be_declared(shell: Shell, url: str, said: str) -> None:
    code, out, err = shell.run("config", "local", "add", url)
    assert (code, out) == (2, "")
    assert err == f"error: {said} — write it like http://host:port\n"
    assert not shell.user_file.exists()


def test_a_broken_file_is_not_overwritten(shell: Shell) -> None:
    shell.settings("model = [")
    code, out, err = shell.run("config", "local", "add", "http://box:8000")
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {shell.user_file}: is not valid TOML")
    assert shell.user_file.read_text() == "model = ["


def test_path_says_which_files_are_there(shell: Shell) -> None:
    shell.settings("")
    code, out, _ = shell.run("config", "path")
    assert code == 0
    assert f"user          {shell.user_file}\n" in out
    assert f"repository    {shell.folder / '.lsp-debugger.toml'}  (not there)\n" in out


@pytest.mark.parametrize(
    "argv",
    [
        ["config"],
        ["config", "shwo"],
        ["config", "local"],
        ["config", "local", "add"],
        ["config", "show", "--js"],
    ],
)
def test_wrong_usage_is_one_line(shell: Shell, argv: list[str]) -> None:
    code, out, err = shell.run(*argv)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.endswith("see `lsp-debugger config --help`\n")
    assert err.count("\n") == 1
