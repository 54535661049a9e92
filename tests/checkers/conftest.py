from __future__ import annotations

from pathlib import Path

import pytest

pytest.register_assert_rewrite("tripwires")
from tripwires import Tree  # noqa: E402


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def tree(tmp_path: Path, kept: Path) -> Tree:
    """An empty repository; what it must not reach is beside it."""
    found = Tree(tmp_path / "clone", tmp_path / "marks", tmp_path / "ours", kept)
    for folder in (found.root, found.marks, found.ours):
        folder.mkdir()
    return found
