"""What the user has in front of them: open text over the disk, and the names that are near."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.text import Snapshot
from lsp_debugger.syntax.symbols import SymbolMap


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "pyproject.toml": "",
        "app.py": "from pkg.store import find\nfrom .local import x\nimport helper\n",
        "local.py": "x = 1\n",
        "helper.py": "def help_me(): ...\n",
        "pkg/__init__.py": "",
        "pkg/store.py": "def find(name):\n    return None\n",
        "src/inner/__init__.py": "def from_src(): ...\n",
        "web/package.json": "{}",
        "web/cart.ts": "import { price } from './price'\n",
        "web/price.ts": "export function price() { return 1 }\n",
    }
    for name, text in files.items():
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "outside.py").write_text("secret = 1\n")
    return tmp_path / "root"


def workspace(*roots: Path) -> Workspace:
    return Workspace(roots, SymbolMap())


def opened(path: Path, text: str | None = None, language: str = "python", version: int = 1) -> Snapshot:
    return Snapshot(path.as_uri(), path.read_text() if text is None else text, version, str(path), language)


def test_unsaved_text_wins_over_the_disk_until_it_is_closed(root: Path) -> None:
    space = workspace(root)
    path = root / "helper.py"
    space.opened(opened(path, "changed = 1\n"))
    assert space.read(str(path)).text == "changed = 1\n"  # pyright: ignore[reportOptionalMemberAccess]
    assert space.read("helper.py").text == "changed = 1\n"  # pyright: ignore[reportOptionalMemberAccess]
    space.closed(str(path))
    assert space.read("helper.py").text == "def help_me(): ...\n"  # pyright: ignore[reportOptionalMemberAccess]


def test_a_file_that_changes_on_disk_is_read_again(root: Path) -> None:
    space = workspace(root)
    assert space.read("local.py") is space.read("local.py")
    (root / "local.py").write_text("x = 12345\n")
    again = space.read("local.py")
    assert again is not None
    assert again.text == "x = 12345\n"


@pytest.mark.parametrize(
    "path", ["../outside.py", "missing.py", ".", "pkg", "/etc/hostname", "\\\\host\\share\\x.py", "a\0b.py"]
)
def test_nothing_outside_of_the_roots_is_read(root: Path, path: str) -> None:
    assert workspace(root).read(path) is None


def test_without_a_root_only_the_folder_of_an_open_file_is_read(root: Path) -> None:
    space = workspace()
    assert space.read(str(root / "helper.py")) is None
    space.opened(opened(root / "app.py"))
    assert space.read(str(root / "helper.py")) is not None
    assert space.read(str(root / "pkg" / "store.py")) is None


def test_a_link_that_leads_out_is_not_followed(root: Path) -> None:
    (root / "leak.py").symlink_to(root.parent / "outside.py")
    (root / "up").symlink_to(root.parent)
    (root / "inside.py").symlink_to(root / "helper.py")
    for space in (workspace(root), workspace()):
        space.opened(opened(root / "app.py"))
        assert space.read(str(root / "leak.py")) is None
        assert space.read(str(root / "inside.py")) is not None
    assert workspace(root).read("up/outside.py") is None
    assert workspace(root).read("a\0b") is None


def test_the_root_itself_may_be_reached_through_a_link(root: Path) -> None:
    (root.parent / "link").symlink_to(root)
    assert workspace(root.parent / "link").read("helper.py") is not None


def test_the_deepest_root_and_the_nearest_project_decide(root: Path) -> None:
    space = workspace(root.parent, root)
    cart = str(root / "web" / "cart.ts")
    assert space.root_of(cart) == root
    assert space.project_of(cart) == root / "web"
    assert space.project_of(str(root / "pkg" / "store.py")) == root
    assert space.project_of("/elsewhere/x.py") is None


@pytest.mark.parametrize(
    ("name", "language", "text", "known"),
    [
        ("app.py", "python", None, {"find", "help_me"}),
        ("pkg/other.py", "python", "from .store import find\nfrom .. import local\n", {"find", "x"}),
        ("app.py", "python", "from inner import from_src\n", {"from_src"}),
        ("app.py", "python", "from pkg import (store,\n other)\n", {"find"}),
        ("web/cart.ts", "typescript", None, {"price"}),
        ("app.py", "python", "import os, sys\nfrom . import *\n", set()),
    ],
)
def test_names_of_imported_files_are_known(
    root: Path, name: str, language: str, text: str | None, known: set[str]
) -> None:
    space = workspace(root)
    path = root / name
    if not path.exists():
        path.write_text(text or "")
    space.refresh(opened(path, text, language))
    own = str(path)
    found = {
        wanted
        for wanted in ("find", "help_me", "x", "from_src", "price")
        if any(each.path != own for each in space.symbols.definitions(wanted, near=own))
    }
    assert known <= found
    assert bool(known) == bool(found)
