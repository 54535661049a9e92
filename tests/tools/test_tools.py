"""Programs are found where trust allows, and asked for their version once."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from lsp_debugger import tools
from lsp_debugger.tools import Tool, find_tool

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs made here are shell scripts")


def program(path: Path, says: str = "tool 1.2.3") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\necho run >> "{path.parent}/runs"\necho "{says}"\n')
    path.chmod(0o755)
    return path


def runs(path: Path) -> int:
    record = path.parent / "runs"
    return len(record.read_text().splitlines()) if record.exists() else 0


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("folder", [".venv/bin", "venv/bin", "node_modules/.bin"])
def test_project_environment_only_when_trusted(folder: str, root: Path):
    planted = program(root / folder / "some-linter")
    assert find_tool("some-linter", root=root) is None
    found = find_tool("some-linter", root=root, trusted=True)
    assert found is not None
    assert found.path == planted
    assert runs(planted) == 0


def test_project_environment_wins_when_trusted(root: Path):
    program(root / ".venv/bin/ruff")
    trusted, untrusted = find_tool("ruff", root=root, trusted=True), find_tool("ruff", root=root)
    assert trusted is not None
    assert untrusted is not None
    assert trusted.path == root / ".venv/bin/ruff"
    assert untrusted.path.parent == Path(sys.executable).parent


def test_path_entries_inside_the_workspace_do_not_count(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    program(root / "bin/some-linter")
    outside = program(tmp_path / "opt/some-linter")
    (tmp_path / "link").symlink_to(root / "bin")
    folders = [str(root / "bin"), "bin", ".", "", str(tmp_path / "link"), str(outside.parent)]
    monkeypatch.setenv("PATH", os.pathsep.join(folders))
    monkeypatch.chdir(root)
    found = find_tool("some-linter", root=root)
    assert found is not None
    assert found.path == outside


def test_link_into_the_workspace_does_not_count(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    planted = program(root / "bin/some-linter")
    (tmp_path / "opt").mkdir()
    (tmp_path / "opt/some-linter").symlink_to(planted)
    monkeypatch.setenv("PATH", str(tmp_path / "opt"))
    assert find_tool("some-linter", root=root) is None


@pytest.mark.parametrize("name", ["", "../ruff", "/bin/sh", "a b", ".hidden", "ruff\n"])
def test_names_are_names(name: str):
    assert find_tool(name) is None


def test_missing_and_unusable_programs(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "not-executable").write_text("x")
    (tmp_path / "folder").mkdir()
    assert find_tool("not-executable", root=root) is None
    assert find_tool("folder", root=root) is None
    assert find_tool("nowhere", root=root) is None


def test_version_is_asked_once_for_each_build(tmp_path: Path):
    tool = Tool("some-linter", program(tmp_path / "some-linter"))
    assert (tool.version, tool.version, runs(tool.path)) == ("1.2.3", "1.2.3", 1)
    program(tool.path, "some-linter v2.0.0-rc1 (abc)")
    os.utime(tool.path, ns=(1, 1))
    assert (tool.version, runs(tool.path)) == ("2.0.0-rc1", 2)


@pytest.mark.parametrize("says", ["", "no number here", '"; exit 3; echo "'])
def test_version_unknown(says: str, tmp_path: Path):
    assert Tool("some-linter", program(tmp_path / "some-linter", says)).version == ""


def test_version_of_what_is_gone_or_refused(root: Path):
    assert Tool("gone", root / "gone").version == ""
    planted = program(root / "some-linter")
    assert Tool("some-linter", planted, (root,)).version == ""
    assert runs(planted) == 0


def test_version_is_asked_where_there_is_no_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    script = tmp_path / "some-linter"
    script.write_text(f'#!/bin/sh\nls -A > "{tmp_path}/seen"\npwd > "{tmp_path}/where"\necho 1.0\n')
    script.chmod(0o755)
    assert Tool("some-linter", script).version == "1.0"
    assert (tmp_path / "seen").read_text() == ""
    assert (tmp_path / "where").read_text().strip() != str(tmp_path)


def test_real_ruff():
    found = find_tool("ruff")
    assert found is not None
    assert found.version.count(".") == 2
    assert (str(found.path), found.path.stat().st_mtime_ns) in tools._versions


def test_our_own_environment_counts_wherever_it_is(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = root / ".venv" / "bin"
    own.mkdir(parents=True, exist_ok=True)
    for name in ("python", "toolname"):
        program(own / name)
    monkeypatch.setattr("sys.executable", str(own / "python"))
    tool = find_tool("toolname", root=root)
    assert tool is not None
    assert (tool.path, tool.version) == (own / "toolname", "1.2.3")


def test_what_our_own_environment_starts_is_not_looked_for_in_the_workspace(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "env" / "bin"
    program(own / "python")
    program(own / "toolname").write_text("#!/bin/sh\nhelper\n")
    planted = program(root / "bin/helper")
    monkeypatch.setattr("sys.executable", str(own / "python"))
    monkeypatch.setenv("PATH", os.pathsep.join([str(root / "bin"), "/usr/bin", "/bin"]))
    tool = find_tool("toolname", root=root)
    assert tool is not None
    assert (tool.version, runs(planted)) == ("", 0)
    trusted = find_tool("toolname", root=root, trusted=True)
    assert trusted is not None
    tools._versions.clear()
    assert (trusted.version, runs(planted)) == ("1.2.3", 1)
