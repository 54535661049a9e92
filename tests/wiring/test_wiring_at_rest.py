"""Which indexes are blind, and the key of those that are."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import NamedTuple

import psutil
import pytest

from lsp_debugger.core.errors import StateUnavailable
from lsp_debugger.wiring.at_rest import KEY_BYTES, is_shared, key_for, user_key


class Mount(NamedTuple):
    mountpoint: str
    fstype: str
    opts: str = "rw"


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_a_key_is_made_once_and_private(tmp_path: Path):
    place = tmp_path / "new" / "index.key"
    key = user_key(place)
    assert len(key) == KEY_BYTES
    assert place.stat().st_mode & 0o777 == 0o600
    assert user_key(place) == key
    assert [path.name for path in place.parent.iterdir()] == ["index.key"]


def test_several_processes_agree_on_one_key(tmp_path: Path):
    keys: list[bytes] = []
    barrier = threading.Barrier(8)

    def make() -> None:
        barrier.wait()
        keys.append(user_key(tmp_path / "index.key"))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_a_key_that_others_can_read_is_refused(tmp_path: Path):
    place = tmp_path / "index.key"
    user_key(place)
    place.chmod(0o640)
    with pytest.raises(StateUnavailable, match="read by others") as caught:
        user_key(place)
    assert "chmod 600" in caught.value.hint


def test_what_is_no_key_is_said(tmp_path: Path):
    (tmp_path / "short").write_bytes(b"1")
    (tmp_path / "short").chmod(0o600)
    with pytest.raises(StateUnavailable, match="no key"):
        user_key(tmp_path / "short")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StateUnavailable, match="cannot be read"):
        user_key(tmp_path / "folder")


def test_the_setting_decides_and_auto_looks_at_the_storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert key_for("plain", tmp_path) == b""
    blind = key_for("blind", tmp_path)
    assert len(blind) == KEY_BYTES
    assert key_for("auto", tmp_path) == b""  # this machine's own disk
    mounts = [
        Mount("/", "ext4", "rw"),
        Mount(str(tmp_path), "nfs4", "rw"),
        Mount(f"{tmp_path}/fast", "xfs", "rw"),
    ]
    monkeypatch.setattr(psutil, "disk_partitions", lambda all: mounts)  # noqa: A006 - psutil's own name
    assert key_for("auto", tmp_path / "state") == blind
    assert not is_shared(tmp_path / "fast" / "state")
    assert not is_shared(tmp_path.with_name(tmp_path.name + "-beside"))
    assert key_for("plain", tmp_path) == b""
