"""What every test shares: no connections but to this machine, state in a temporary directory."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

# How long one example takes says nothing on a shared machine. Where a change is judged, the same examples
# judge it each time; at a desk they are new with every run, and what they find becomes a case of its own.
settings.register_profile("desk", deadline=None)
settings.register_profile("judge", deadline=None, derandomize=True)
settings.load_profile("judge" if os.environ.get("CI") else "desk")

REPO = Path(__file__).resolve().parent.parent
# What tools/install_checkers.sh has brought.
os.environ["PATH"] = os.pathsep.join([str(REPO / ".tools" / "bin"), os.environ.get("PATH", os.defpath)])


@pytest.fixture(scope="session")
def _homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder for each test; `mktemp` would read the list of all folders to find the next number."""
    above = tmp_path_factory.mktemp("homes")
    return (above / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def _private_places(_homes: Iterator[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the developer's own settings, state or model daemon."""
    home = next(_homes)
    home.mkdir()
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    monkeypatch.setenv("HOME", str(home))
    for name in ("OLLAMA_HOST", "OLLAMA_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
