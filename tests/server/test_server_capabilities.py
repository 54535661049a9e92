"""Client facts from the capabilities that real editors sent, and which folders are projects."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from lsprotocol import converters, types

from lsp_debugger.server.capabilities import ClientFacts, client_facts, registrations, roots_of

RECORDED = Path(__file__).resolve().parent.parent / "data" / "client_capabilities"
NAMES = sorted(path.stem for path in RECORDED.glob("*.json"))
_converter = converters.get_converter()


def facts_of(capabilities: object, **rest: object) -> ClientFacts:
    given = {"processId": 7, "rootUri": None, "capabilities": capabilities, **rest}
    return client_facts(_converter.structure(given, types.InitializeParams))


def recorded(name: str) -> ClientFacts:
    return facts_of(json.loads((RECORDED / f"{name}.json").read_text("utf-8")))


def test_every_recorded_client_is_there() -> None:
    assert len(NAMES) == 8


def test_a_client_that_says_nothing_can_do_nothing() -> None:
    assert facts_of({}) == ClientFacts(process_id=7, takes_code_actions=False)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("vscode_1.139_client9", "shows markdown disabled versioned annotates watches"),
        ("vscode_1.139_client11", "streams shows markdown disabled versioned annotates watches"),
        ("neovim_0.10.4", "shows markdown"),
        ("neovim_0.12.4", "shows markdown disabled annotates"),
        ("helix_git_2026-07", "shows markdown disabled versioned watches"),
        ("helix_25.01.1", "markdown disabled versioned watches"),
        ("eglot_30.1", "shows versioned watches"),
        ("eglot_30.2", "shows versioned watches"),
    ],
)
def test_recorded_clients(name: str, expected: str) -> None:
    facts = recorded(name)
    can = {
        "streams": facts.streams_documents,
        "shows": facts.shows_documents,
        "markdown": facts.hovers_markdown,
        "disabled": facts.shows_disabled,
        "versioned": facts.applies_versioned_edits,
        "annotates": facts.annotates_edits,
        "watches": facts.watches_files,
    }
    assert " ".join(name for name, able in can.items() if able) == expected
    assert facts.shows_progress
    assert facts.answers_configuration
    assert facts.takes_code_actions
    assert "edit" in facts.resolves
    assert not facts.streams_deltas


def test_encodings_are_the_clients_in_its_order() -> None:
    assert recorded("eglot_30.2").position_encodings == ("utf-32", "utf-8", "utf-16")
    assert facts_of({}).position_encodings == ("utf-16",)


@pytest.mark.parametrize(
    ("experimental", "expected"),
    [
        ({"lspDebugger": {"answerDelta": True}}, True),
        ({"lspDebugger.answerDelta": True}, True),
        ({"lspDebugger": {"answerDelta": "yes"}}, False),
        ({"lspDebugger": True}, False),
        ([], False),
        (None, False),
    ],
)
def test_deltas_are_taken_only_by_those_who_say_so(experimental: object, expected: bool) -> None:
    assert facts_of({"experimental": experimental}).streams_deltas is expected


def test_name_and_version() -> None:
    facts = facts_of({}, clientInfo={"name": "Neovim", "version": "0.12.4"})
    assert (facts.name, facts.version) == ("Neovim", "0.12.4")


def test_what_is_registered_dynamically() -> None:
    facts = recorded("vscode_1.139_client11")
    methods = [each.method for each in registrations(facts, ("/w",))]
    assert methods == [
        "workspace/textDocumentContent",
        "workspace/didChangeWatchedFiles",
        "workspace/didChangeConfiguration",
    ]
    assert registrations(recorded("neovim_0.12.4"), ("/w",)) == []


def test_single_file_mode_watches_nothing() -> None:
    methods = [each.method for each in registrations(recorded("eglot_30.2"), ())]
    assert methods == []


def test_registrations_survive_the_wire() -> None:
    for name in NAMES:
        wire = _converter.unstructure(types.RegistrationParams(registrations(recorded(name), ("/w",))))
        assert _converter.structure(wire, types.RegistrationParams)


def initialize(**given: object) -> types.InitializeParams:
    return _converter.structure(
        {"processId": 1, "rootUri": None, "capabilities": {}, **given}, types.InitializeParams
    )


def check_roots(tmp_path: Path, expected: list[Path], **given: object) -> None:
    (tmp_path / "home").mkdir(exist_ok=True)
    (tmp_path / "tmp").mkdir(exist_ok=True)
    found = roots_of(initialize(**given), str(tmp_path / "home"), str(tmp_path / "tmp"))
    assert found == tuple(map(str, expected))


def folders(*paths: Path) -> list[dict[str, str]]:
    return [{"uri": path.as_uri(), "name": path.name} for path in paths]


def test_folders_win_over_the_root(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "t wö"
    check_roots(tmp_path, [one, two], workspaceFolders=folders(one, two, one), rootUri=tmp_path.as_uri())
    check_roots(tmp_path, [one], workspaceFolders=None, rootUri=one.as_uri())
    check_roots(tmp_path, [one], workspaceFolders=[], rootPath=str(one))
    check_roots(tmp_path, [])


def test_home_the_top_and_the_temporary_directory_are_no_projects(tmp_path: Path) -> None:
    home, tmp, work = tmp_path / "home", tmp_path / "tmp", tmp_path / "work"
    check_roots(tmp_path, [work], workspaceFolders=folders(home, tmp, Path("/"), work))
    check_roots(tmp_path, [], rootUri=home.as_uri() + "/")
    check_roots(tmp_path, [], rootUri="file:///")
    check_roots(tmp_path, [tmp / "inside"], rootUri=(tmp / "inside").as_uri())


def test_another_spelling_of_home_is_home(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    alias = tmp_path / "alias"
    alias.symlink_to(tmp_path / "home")
    check_roots(tmp_path, [], rootUri=alias.as_uri())


def test_folders_without_files_are_left_out(tmp_path: Path) -> None:
    remote = [{"uri": "vscode-vfs://github/x/y", "name": "y"}]
    check_roots(tmp_path, [], workspaceFolders=remote)
