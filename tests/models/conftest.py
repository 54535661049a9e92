"""The real gate and a scripted model server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from clearing import Clear, real_gate
from model_server import Model, ModelServer


@pytest.fixture
async def clear(tmp_path: Path) -> AsyncIterator[Clear]:
    async with real_gate(tmp_path) as clear:
        yield clear


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(models=[Model("coder:7b")]) as server:
        yield server
