from __future__ import annotations

from pathlib import Path

import pytest
from tripwires import Tree


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """An empty repository; what it must not reach is beside it."""
    found = Tree(tmp_path / "clone", tmp_path / "marks", tmp_path / "ours")
    for folder in (found.root, found.marks, found.ours):
        folder.mkdir()
    return found
