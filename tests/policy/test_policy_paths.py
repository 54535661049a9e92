"""Paths are judged by their letters; the system is asked only about what lies in the workspace."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from lsp_debugger.policy.paths import Workspace, local_path


@pytest.mark.parametrize(
    "path",
    [
        r"\\host\share\x",
        "//host/share/x",
        r"\\?\C:\x",
        r"\\.\pipe\x",
        "file://host/share/x",
        "file:////host/share/x",
        "file:///%5C%5Chost%5Cx".replace("file:///", "file:"),
        "a\0b",
        "file:///a%00b",
        "",
    ],
)
def test_nobody_asks_the_system_about_these(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object, **__: object) -> None:
        raise AssertionError("a system call for a hostile path")

    workspace = Workspace(["/w"])
    _ = workspace.names_of("x")  # the roots themselves are ours to ask about
    monkeypatch.setattr(os, "lstat", asked)
    monkeypatch.setattr(os, "stat", asked)
    monkeypatch.setattr(os.path, "realpath", asked)
    assert local_path(path) is None
    assert workspace.names_of(path).outside


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX folders")
@pytest.mark.parametrize("path", ["/dev/tcp/x", "/proc/self/environ", "/net/host/x", "/etc/passwd", "/w2/x"])
def test_what_lies_elsewhere_is_outside_unasked(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = Workspace(["/w"])
    _ = workspace.names_of("x")
    monkeypatch.setattr(os.path, "realpath", lambda *_: pytest.fail("asked"))
    assert workspace.names_of(path).outside


def test_file_uris_of_this_machine_are_paths() -> None:
    assert local_path("file:///w/a%20b.py") == "/w/a b.py"
    assert local_path("FILE://localhost/w/a") == "/w/a"
    assert local_path("file:///C:/x") == "C:/x"


def test_a_path_has_its_given_and_its_real_names(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "secrets").mkdir(parents=True)
    (root / "secrets" / "x").touch()
    (root / "a.py").symlink_to(root / "secrets" / "x")
    (root / "out.py").symlink_to(tmp_path / "elsewhere")
    workspace = Workspace([str(root)])
    given = workspace.names_of("a.py")
    assert {"a.py", "secrets/x"} <= set(given.names)
    assert not given.outside
    assert {"a.py", "secrets/x"} <= set(workspace.names_of(str(root / "a.py")).names)
    assert "secrets/x" in workspace.names_of("src/../secrets/x").names
    assert workspace.names_of("out.py").outside
    assert workspace.names_of("../other/x").outside
    assert workspace.names_of(str(tmp_path / "root2")).outside


def test_a_root_that_is_a_link_has_two_names(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    link = tmp_path / "link"
    link.symlink_to(real)
    workspace = Workspace([str(link)])
    for root in (real, link):
        named = workspace.names_of(str(root / "a" / "b.py"))
        assert "a/b.py" in named.names
        assert not named.outside


def test_without_a_root_absolute_paths_are_outside() -> None:
    workspace = Workspace([])
    assert workspace.names_of("/w/a.py").outside
    assert not workspace.names_of("a.py").outside
    assert workspace.names_of("../a.py").outside
