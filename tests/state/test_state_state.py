"""The state directory: private, versioned, whole."""

from __future__ import annotations

import errno
import os
import stat
import subprocess  # noqa: TID251  a second process holds a lock, and dies with it
import sys
import threading
from pathlib import Path

import platformdirs
import pytest
from unprivileged import stopped_by_permissions

from lsp_debugger.core.errors import StateUnavailable
from lsp_debugger.state import SCHEMA, State

posix = pytest.mark.skipif(sys.platform == "win32", reason="about POSIX permissions")


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / "some" / "state")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_platform_has_a_place_for_it() -> None:
    assert State().path == platformdirs.user_state_path("lsp-debugger", appauthor=False)


def test_making_one_touches_nothing(state: State) -> None:
    assert not state.path.exists()
    assert state.size_bytes() == 0
    assert state.clean() == 0
    assert not state.path.exists()


@posix
def test_it_is_private_to_the_user(state: State, tmp_path: Path) -> None:
    assert mode(state.directory) == 0o700
    for path in (
        state.answers,
        state.audit,
        state.engine,
        state.logs,
        state.rules,
        state.workspace(tmp_path),
    ):
        assert path.is_relative_to(state.directory)
        assert mode(path) == 0o700
    state.write_atomic(state.answers / "a", b"text")
    assert mode(state.answers / "a") == 0o600
    with state.lock(state.directory / "a.lock"):
        assert mode(state.directory / "a.lock") == 0o600


@posix
def test_a_directory_that_others_may_read_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    assert mode(State(tmp_path).directory) == 0o700


@posix
def test_somebody_elses_directory_is_not_used(monkeypatch: pytest.MonkeyPatch, state: State) -> None:
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)

    with pytest.raises(StateUnavailable, match="another user") as unavailable:
        _ = state.directory
    assert "state.directory" in unavailable.value.hint


def test_a_root_has_one_directory_however_it_is_reached(state: State, tmp_path: Path) -> None:
    root, other = tmp_path / "my prö ject", tmp_path / "other" / "my prö ject"
    root.mkdir()
    other.mkdir(parents=True)
    (tmp_path / "link").symlink_to(root)

    one = state.workspace(root)

    assert one == state.workspace(tmp_path / "link") == state.workspace(root / ".." / root.name)
    assert one != state.workspace(other)
    assert one.name.startswith("my_pr_ject-")
    assert state.workspace("/").name.startswith("root-")


def test_a_newer_schema_is_left_alone_and_an_older_is_kept(state: State) -> None:
    (state.answers / "kept").write_bytes(b"text")
    schema = state.path / "schema"
    assert schema.read_bytes() == b"%d\n" % SCHEMA

    schema.write_bytes(b"%d\n" % (SCHEMA + 1))
    with pytest.raises(StateUnavailable, match="newer version") as unavailable:
        _ = State(state.path).logs
    assert "state clean" in unavailable.value.hint
    assert schema.read_bytes() == b"%d\n" % (SCHEMA + 1)

    schema.write_bytes(b"garbage")
    with pytest.raises(StateUnavailable, match="cannot be understood"):
        _ = State(state.path).logs

    schema.unlink()
    assert (State(state.path).answers / "kept").read_bytes() == b"text"
    assert schema.exists()


def test_a_file_is_replaced_whole(state: State) -> None:
    file = state.answers / "a"
    for data in (b"one", b"", b"x" * 200_000):
        state.write_atomic(file, data, durable=True)
        assert file.read_bytes() == data
    assert [each.name for each in state.answers.iterdir()] == ["a"]


def test_a_reader_never_sees_half_a_file(state: State) -> None:
    file, whole = state.answers / "a", {b"a" * 300_000, b"b" * 300_000}
    state.write_atomic(file, b"a" * 300_000)
    done = threading.Event()

    def write() -> None:
        for _ in range(40):
            for data in whole:
                state.write_atomic(file, data)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = set[bytes]()
    while not done.is_set():
        seen.add(file.read_bytes())
    writer.join()
    assert seen <= whole


def test_a_full_disk_is_one_clear_line(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    file = state.answers / "a"
    state.write_atomic(file, b"before")

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "replace", fail)  # no disk of the test's own can be filled
    with pytest.raises(StateUnavailable, match="no space left") as unavailable:
        state.write_atomic(file, b"after")

    assert unavailable.value.hint
    assert file.read_bytes() == b"before"
    assert [each.name for each in state.answers.iterdir()] == ["a"]


def test_a_place_that_cannot_be_used_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    state = State(tmp_path / "file" / "state")

    with pytest.raises(StateUnavailable, match="cannot be used") as unavailable:
        _ = state.directory

    assert "\n" not in str(unavailable.value)
    assert "state.directory" in unavailable.value.hint


@posix
def test_a_read_only_place_is_one_clear_line(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with stopped_by_permissions(), pytest.raises(StateUnavailable, match="cannot be used"):
            _ = State(tmp_path / "state").directory
    finally:
        tmp_path.chmod(0o700)


HOLDER = """
import sys, time
from lsp_debugger.state import State
with State(sys.argv[1]).lock(sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_lock_excludes_and_falls_back_when_its_holder_dies(state: State) -> None:
    path = state.directory / "x.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(state.path), str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"

        with pytest.raises(StateUnavailable, match=r"held x\.lock for 0\.05 s"), state.lock(path, 0.05):
            pass

        holder.kill()
    with state.lock(path, 20):
        pass


def test_a_lock_excludes_threads_and_can_be_given_back_from_another(state: State) -> None:
    path = state.directory / "x.lock"
    lock = state.lock(path)
    taker = threading.Thread(target=lock.__enter__)
    taker.start()
    taker.join()

    with pytest.raises(StateUnavailable), state.lock(path, 0.01):
        pass

    lock.__exit__(None, None, None)
    with state.lock(path, 0.01):
        pass


def test_clean_leaves_what_was_sent_and_what_was_decided(state: State, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_bytes(b"x")
    for name in ("audit/audit.db", "answers/a", "logs/l", "trust.json", "workspaces/x/y/z"):
        file = state.directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"1234")
    (state.directory / "link").symlink_to(outside)
    (state.answers / "link").symlink_to(outside)
    before = state.size_bytes()

    freed = state.clean()

    left = sorted(str(each.relative_to(state.path)) for each in state.path.rglob("*"))
    assert left == ["audit", "audit/audit.db", "trust.json"]
    assert state.size_bytes() == 8 == before - freed
    assert (outside / "precious").exists()
    assert state.logs.is_dir()  # usable again

    state.clean(keep=())
    assert not state.path.exists()
