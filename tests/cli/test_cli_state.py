from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from lsp_debugger.cli.project import open_state
from lsp_debugger.cli.state import shown_size
from lsp_debugger.config import load
from lsp_debugger.server import presence
from lsp_debugger.server.capabilities import ClientFacts
from lsp_debugger.state import State
from lsp_debugger.trust import Trust

Shell = Any  # conftest.py's; pytest hands it in


@pytest.fixture
def state(shell: Shell) -> State:
    """The state of a user who has worked for a while: everything that `State` can make is there."""
    state = open_state(load())
    for name in vars(State):
        getattr(state, name)  # every property makes its folder
    (state.workspace(shell.folder) / "chunks").write_bytes(b"x" * 2000)
    (state.answers / "a.md").write_text("an answer")
    (state.audit / "audit.db").write_text("a record")
    Trust(state).grant(shell.folder)
    presence.remember(state, ClientFacts(name="Helix"))
    return state


def left(state: State) -> set[str]:
    return {each.name for each in state.path.iterdir()}


def test_where_lists_what_is_there(shell: Shell, state: State) -> None:
    code, out, err = shell.run("state", "where")
    assert (code, err) == (0, "")
    first, *rest = out.splitlines()
    assert first == str(state.path)
    assert {line.split()[0] for line in rest} == left(state)
    assert "     1 files     2.0 kB" in next(line for line in rest if "workspaces" in line)


def test_where_makes_nothing(shell: Shell) -> None:
    code, out, _ = shell.run("state", "where")
    assert code == 0
    assert not Path(out.strip()).exists()


def test_clean_keeps_audit_and_trust(shell: Shell, state: State) -> None:
    code, out, err = shell.run("state", "clean")
    assert (code, err) == (0, "")
    assert re.match(r"Freed 2\.\d kB in ", out)
    assert "Kept: audit, trust.json (--all deletes that too)." in out
    assert left(state) == {"audit", "trust.json"}
    assert Trust(state).trusted(shell.folder)


def test_clean_all_leaves_nothing(shell: Shell, state: State) -> None:
    assert shell.run("state", "clean", "--all")[0] == 0
    assert not state.path.exists()


def test_a_folder_with_other_things_is_not_cleaned(shell: Shell, state: State) -> None:
    (state.path / "thesis.tex").write_text("ten years")
    before = left(state)
    for argv in (("state", "clean"), ("state", "clean", "--all"), ("uninstall", "--purge", "--yes")):
        code, _, err = shell.run(*argv)
        assert code == 3
        assert "thesis.tex" in err
        assert left(state) == before


def test_clean_repairs_what_a_newer_version_left(shell: Shell, state: State) -> None:
    (state.path / "schema").write_text("999")
    assert shell.run("trust", "list")[0] == 3
    assert shell.run("state", "clean")[0] == 0
    assert shell.run("trust", "list")[0] == 0


def test_trust_and_back(shell: Shell) -> None:
    code, out, err = shell.run("trust", ".")
    assert (code, err) == (0, "")
    assert out.startswith(f"{shell.folder} is trusted")
    assert shell.run("trust", "list")[1].startswith(f"{shell.folder}  since 2")
    assert shell.run("trust", "remove", str(shell.folder))[0] == 0
    assert shell.run("trust", "list")[1] == ""
    code, _, err = shell.run("trust", "remove", str(shell.folder))
    assert (code, err) == (1, f"error: {shell.folder} is not on the list of trusted folders\n")


@pytest.mark.parametrize("wide", ["/", "~", "nowhere"])
def test_what_cannot_be_trusted(shell: Shell, wide: str) -> None:
    code, out, err = shell.run("trust", "add", str(Path(wide).expanduser()))
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1


def test_uninstall_asks_first(shell: Shell, state: State) -> None:
    shell.settings('backend = "none"\n')
    code, out, err = shell.run("uninstall", "--purge")
    assert code == 2
    assert str(state.path) in out
    assert str(shell.user_file.parent) in out
    assert err == "error: nothing was removed — add --yes to remove it\n"
    assert state.path.exists()


def test_uninstall_removes_every_trace(shell: Shell, state: State) -> None:
    shell.settings('backend = "none"\n')
    assert shell.run("uninstall", "--purge", "--yes")[0] == 0
    assert not state.path.exists()
    assert not shell.user_file.parent.exists()
    code, out, _ = shell.run("uninstall", "--purge", "--yes")
    assert code == 0
    assert "gone already" in out


def test_uninstall_leaves_what_a_link_points_to(shell: Shell, tmp_path: Path) -> None:
    dotfiles = tmp_path / "dotfiles"
    dotfiles.mkdir()
    (dotfiles / "config.toml").write_text("")
    shell.user_file.parent.parent.mkdir(parents=True, exist_ok=True)
    shell.user_file.parent.symlink_to(dotfiles, target_is_directory=True)
    assert shell.run("uninstall", "--purge", "--yes")[0] == 0
    assert not shell.user_file.parent.exists()
    assert (dotfiles / "config.toml").exists()


@pytest.mark.parametrize(
    "argv",
    [("state",), ("state", "cleen"), ("trust",), ("trust", "add"), ("uninstall",), ("uninstall", "--yes")],
)
def test_wrong_usage_is_one_line(shell: Shell, argv: tuple[str, ...]) -> None:
    code, out, err = shell.run(*argv)
    assert (code, out) == (2, "")
    assert err.endswith(f"see `lsp-debugger {argv[0]} --help`\n")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (2_500_000, "2.5 MB"), (7e12, "7000.0 GB")],
)
def test_sizes_are_for_people(size_bytes: float, shown: str) -> None:
    assert shown_size(size_bytes) == shown
