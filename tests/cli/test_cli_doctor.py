from __future__ import annotations

import functools
import getpass
import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from model_server import Model, ModelServer

from lsp_debugger.cli import examine
from lsp_debugger.cli.project import open_state
from lsp_debugger.cli.report import Finding, Level, Report, Section, coloured, rendered
from lsp_debugger.config import load
from lsp_debugger.core.errors import ToolFailed
from lsp_debugger.models import detect
from lsp_debugger.server import presence
from lsp_debugger.server.capabilities import ClientFacts

Shell = Any  # conftest.py's; pytest hands it in
OFF = 'ollama.url = "http://127.0.0.1:9"\n'  # the discard port: nobody listens


@pytest.fixture(autouse=True)
def quiet_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """What happens to listen on this machine's usual ports is not this test's business."""
    monkeypatch.setattr(detect, "detect_servers", functools.partial(detect.detect_servers, usual=()))


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(models=[Model("qwen2.5-coder:7b")]) as server:
        yield server


def examined(shell: Shell, *argv: str) -> tuple[int, dict[str, list[dict[str, str]]], list[str]]:
    """Exit code, findings by section, what to do."""
    code, out, _ = shell.run("doctor", "--json", *argv)
    report = json.loads(out)
    assert report["healthy"] is (code == 0)
    return code, {each["title"]: each["findings"] for each in report["sections"]}, report["to_do"]


def levels(findings: list[dict[str, str]]) -> set[str]:
    return {each["level"] for each in findings}


def test_without_a_model_it_works_and_says_what_would_help(shell: Shell) -> None:
    code, sections, todo = examined(shell)
    assert code == 0
    assert list(sections) == list(examine._SECTIONS)
    assert sections["Model"][0]["level"] == "missing"
    assert any("GGUF" in each for each in todo)
    assert not any("lsp-debugger doctor" in each for each in todo)


def test_as_text_the_findings_are_the_same(shell: Shell) -> None:
    _, sections, todo = examined(shell)
    code, out, err = shell.run("doctor")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert "\x1b" not in out
    for title, findings in sections.items():
        assert title in lines
        assert all(f"  {each['level']:8} {each['text']}" in lines for each in findings)
    assert [f"  {number}. {each}" for number, each in enumerate(todo, 1)] == lines[lines.index("To do") + 1 :]


def test_a_proven_model_is_named_with_its_reason(shell: Shell, server: ModelServer) -> None:
    shell.settings(f'ollama.url = "{server.url}"\n')
    code, sections, _ = examined(shell)
    assert code == 0
    texts = [each["text"] for each in sections["Model"]]
    assert texts[0] == f"qwen2.5-coder:7b on ollama, at {server.url}"
    assert texts[1].startswith("chosen because: ")
    assert texts[2].startswith("verified local: ")
    assert not any(request.path.endswith(("chat", "generate")) for request in server.requests)


def test_a_model_that_its_daemon_passes_on_is_not_cured_by_declaring(shell: Shell) -> None:
    elsewhere = {"remote_host": "https://models.example", "remote_model": "big"}
    with ModelServer(models=[Model("helper:latest", extra_tags=elsewhere)]) as server:
        shell.settings(f'backend = "ollama"\nollama.url = "{server.url}"\nmodel.name = "helper"\n')
        code, sections, todo = examined(shell)
        assert code == 1
        assert any(each["text"].startswith("remote, so it is not asked") for each in sections["Model"])
        assert any("weights" in each for each in todo)
        assert not any("config local add" in each for each in todo)


def test_a_server_that_was_asked_for_and_is_gone_is_broken(shell: Shell) -> None:
    shell.settings(OFF)
    code, sections, todo = examined(shell)
    assert code == 1
    assert "broken" in levels(sections["Model"])
    assert any("start it, or change ollama.url" in each for each in todo)


def test_turned_off_is_healthy(shell: Shell) -> None:
    shell.settings('backend = "none"\nindex.enabled = false\n')
    code, sections, _ = examined(shell)
    assert code == 0
    assert levels(sections["Model"]) == {"ok"}
    assert sections["Index"][0]["text"] == f"turned off by user {shell.user_file}:2"


def test_an_undeclared_server_comes_with_its_command(
    shell: Shell, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = (("LM Studio", server.url, "/v1/models"),)
    monkeypatch.setattr(detect, "detect_servers", functools.partial(detect.detect_servers, usual=usual))
    _, _, todo = examined(shell)
    command = f"lsp-debugger config local add {server.url}"
    assert any(each.endswith(command) for each in todo)
    assert shell.run(*command.split()[1:])[0] == 0
    _, _, todo = examined(shell)
    assert not any(command in each for each in todo)


def test_a_configured_server_that_nobody_declared_is_broken(shell: Shell, server: ModelServer) -> None:
    shell.settings(f'openai.base_url = "{server.url}/v1"\n')
    code, _, todo = examined(shell)
    assert code == 1
    assert any(f"lsp-debugger config local add {server.url}" in each for each in todo)


def test_a_repository_cannot_make_its_reader_look_ill(shell: Shell) -> None:
    (shell.folder / ".lsp-debugger.toml").write_text('ollama.url = "http://evil:1"\n')
    (shell.folder / "policy.yaml").write_text("mode: [\n")
    _, sections, _ = examined(shell)
    assert "broken" not in levels(sections["Settings"])


def test_the_users_own_mistakes_are_broken_and_named(shell: Shell) -> None:
    shell.settings('modle.name = "x"\n')
    (shell.user_file.parent / "policy.yaml").write_text("nevr_send: []\n")
    code, sections, todo = examined(shell)
    assert code == 1
    assert any("did you mean 'model.name'?" in each["text"] for each in sections["Settings"])
    assert any("nevr_send" in each["text"] for each in sections["Policy"])
    assert todo[0] == f"correct {shell.user_file}:1"


def test_a_state_file_where_the_directory_should_be_is_told_once_a_section(
    shell: Shell, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    shell.settings(f'backend = "none"\nstate.directory = "{tmp_path / "file"}"\n')
    code, sections, _ = examined(shell)
    assert code == 1
    assert levels(sections["State"]) == {"broken"}
    assert "broken" not in levels(sections["Program"]) | levels(sections["Settings"])


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ToolFailed("it hangs", "kill it"), Finding(Level.BROKEN, "it hangs", "kill it")),
        (
            RuntimeError("secret"),
            Finding(Level.BROKEN, "could not be examined (RuntimeError)", "report this, with --bundle"),
        ),
    ],
)
def test_one_broken_section_leaves_the_others(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, error: Exception, said: Finding
) -> None:
    def look(_: examine.Subject) -> Iterator[Finding]:
        yield Finding(Level.OK, "so far")
        raise error

    monkeypatch.setitem(examine._SECTIONS, "Index", look)
    sections = {each.title: each.findings for each in examine.examined(examine.Subject(shell.folder))}
    assert sections["Index"] == (Finding(Level.OK, "so far"), said)
    assert len(sections) == len(examine._SECTIONS)


def test_the_last_editor_is_remembered(shell: Shell) -> None:
    _, sections, _ = examined(shell)
    assert [each["text"] for each in sections["Editor"]] == ["no editor has connected yet"]
    facts = ClientFacts(name="Neovim", version="0.12.4", process_id=7, shows_documents=True)
    presence.remember(open_state(load()), facts)
    _, sections, _ = examined(shell)
    first, second = (each["text"] for each in sections["Editor"])
    assert first == "last: Neovim 0.12.4"
    able, _, unable = second.partition("; no: ")
    assert "shows documents" in able
    assert "shows documents" not in unable
    assert "hovers markdown" in unable
    assert "process" not in second


def test_a_bundle_names_nobody_and_holds_no_secret(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "jdoe")
    assert getpass.getuser() == "jdoe"
    key = "AKIA" + "QZ7X" * 4
    shell.settings('modle.name = "x"\n')
    state = open_state(load())
    (state.logs / "server.log").write_text(f"started in {Path.home()}/work by jdoe\nkey={key}\n")
    target = tmp_path / "bundle.json"
    code, _, err = shell.run("doctor", "--bundle", str(target))
    assert code == 1
    assert err == f"Wrote {target}: read it before you send it.\n"
    text = target.read_text()
    assert key not in text
    assert str(Path.home()) not in text
    assert "jdoe" not in text
    bundle = json.loads(text)
    assert bundle["log"][0] == "started in ~/work by <user>"
    assert bundle["sections"][0]["title"] == "Program"
    if os.name == "posix":
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
    code, _, err = shell.run("doctor", "--bundle", str(target))
    assert (code, err) == (2, f"error: {target} exists already — give a name that is free\n")


def test_nowhere_is_wrong_usage(shell: Shell) -> None:
    code, out, err = shell.run("doctor", "nowhere")
    assert (code, out) == (2, "")
    assert err.startswith("error: nowhere does not exist")


def test_what_is_broken_comes_first_and_once() -> None:
    report = Report(
        (
            Section("A", (Finding(Level.MISSING, "m", "install it"), Finding(Level.OK, "o"))),
            Section("B", (Finding(Level.BROKEN, "b", "mend it"), Finding(Level.BROKEN, "c", "mend it"))),
        )
    )
    assert report.todos == ["mend it", "install it"]
    assert not report.is_healthy
    assert "\x1b[31;1mbroken  \x1b[0m b" in rendered(report, coloured)
