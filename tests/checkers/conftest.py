from __future__ import annotations

from pathlib import Path

import pytest

pytest.register_assert_rewrite("tripwires")
from tripwires import Tree  # noqa: E402


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """What Go has compiled stays from session to session: its standard library takes half a minute."""
    found = tmp_path_factory.mktemp("kept")
    if hasattr(request.config, "cache"):
        assert request.config.cache is not None
        (found / "go").symlink_to(request.config.cache.mkdir("go-build"))
    else:
        (found / "go").mkdir()
    return found


@pytest.fixture
def tree(tmp_path: Path, kept: Path) -> Tree:
    """An empty repository; what it must not reach is beside it."""
    found = Tree(tmp_path / "clone", tmp_path / "marks", tmp_path / "ours", kept)
    for folder in (found.root, found.marks, found.ours):
        folder.mkdir()
    return found
