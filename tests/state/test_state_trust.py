"""Trust is the user's, for one root, and what cannot be read means no."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path

import pytest

from lsp_debugger.core.errors import ConfigInvalid, StateUnavailable
from lsp_debugger.state import State
from lsp_debugger.trust import Trust


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / "state")


@pytest.fixture
def trust(state: State) -> Trust:
    return Trust(state)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "a prö ject"
    (root / "src").mkdir(parents=True)
    (root / "src" / "a.py").touch()
    return root


def test_nothing_is_trusted_at_first(trust: Trust, root: Path) -> None:
    assert not trust.trusted(root)
    assert list(trust.grants()) == []


def test_a_root_is_trusted_with_what_is_inside(
    trust: Trust, state: State, root: Path, tmp_path: Path
) -> None:
    beside = tmp_path / "a prö ject two"
    beside.mkdir()

    assert trust.grant(root / "src" / "..") == root.resolve()

    for path in (root, root / "src" / "a.py", root / "not there yet", str(root)):
        assert trust.trusted(path)
    for path in (tmp_path, beside, root / ".." / beside.name, "relative"):
        assert not trust.trusted(path)
    assert [grant.root for grant in Trust(state).grants()] == [root.resolve()]
    if sys.platform != "win32":
        assert stat.S_IMODE((state.path / "trust.json").stat().st_mode) == 0o600


def test_links_count_where_they_lead(trust: Trust, root: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / "out").symlink_to(outside)
    (outside / "in").symlink_to(root / "src")
    trust.grant(root)

    assert not trust.trusted(root / "out" / "tool")
    assert trust.trusted(outside / "in" / "a.py")

    root.rename(tmp_path / "moved")
    root.symlink_to(outside)
    assert not trust.trusted(root)


def test_what_another_process_changes_counts_at_once(trust: Trust, state: State, root: Path) -> None:
    other = Trust(state)
    other.grant(root)
    assert trust.trusted(root)
    assert other.revoke(root)
    assert not trust.trusted(root)


def test_trust_is_taken_back_also_for_what_is_gone(trust: Trust, root: Path, tmp_path: Path) -> None:
    trust.grant(root)
    trust.grant(root)
    assert len(trust.grants()) == 1
    assert not trust.revoke(root / "src")
    (root / "src" / "a.py").unlink()
    (root / "src").rmdir()
    root.rmdir()

    assert trust.revoke(root)
    assert not trust.revoke(root)
    assert list(trust.grants()) == []


def test_a_client_can_only_lower_it(trust: Trust, root: Path) -> None:
    trust.lowered = False
    assert not trust.trusted(root)
    trust.grant(root)
    trust.lowered = True
    assert not trust.trusted(root)
    trust.lowered = False
    assert trust.trusted(root)


def test_what_holds_more_than_a_project_is_not_trusted(
    trust: Trust, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "people" / "me"
    (home / "project").mkdir(parents=True)
    (tmp_path / "link home").symlink_to(home)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))

    for wide in ("/", home, home.parent, tmp_path / "link home", tempfile.gettempdir()):
        with pytest.raises(ConfigInvalid, match="more than one project") as invalid:
            trust.grant(wide)
        assert invalid.value.hint
    with pytest.raises(ConfigInvalid, match="not a directory"):
        trust.grant(tmp_path / "nothing")
    trust.grant(home / "project")

    assert [grant.root.name for grant in trust.grants()] == ["project"]


@pytest.mark.parametrize(
    "data",
    [b"", b"garbage", b"[]", b"{}", b'{"roots": [{}]}', b'{"roots": [{"root": "/", "since": 1}', b"\xff",
     b'{"roots": [{"root": ".", "since": ""}]}', b'{"roots": 1}', b'{"roots": [{"root": 1, "since": ""}]}'],
)  # fmt: skip
def test_what_cannot_be_read_means_no(trust: Trust, state: State, root: Path, data: bytes) -> None:
    trust.grant(root)
    (state.path / "trust.json").write_bytes(data)

    assert not trust.trusted(root)
    with pytest.raises(StateUnavailable, match="nothing is trusted"):
        trust.grants()
    with pytest.raises(StateUnavailable):
        trust.grant(root)


def test_a_root_that_is_too_wide_does_not_come_in_by_hand_either(
    trust: Trust, state: State, root: Path
) -> None:
    trust.grant(root)
    (state.path / "trust.json").write_text(
        f'{{"roots": [{{"root": "/", "since": ""}}, {{"root": "{root.resolve()}", "since": ""}}]}}',
        encoding="utf-8",
    )

    assert not trust.trusted("/bin/sh")
    assert trust.trusted(root)


def test_without_a_state_directory_nothing_is_trusted(tmp_path: Path, root: Path) -> None:
    (tmp_path / "file").touch()
    trust = Trust(State(tmp_path / "file" / "state"))

    assert not trust.trusted(root)
    with pytest.raises(StateUnavailable):
        trust.grant(root)


def test_two_processes_do_not_lose_each_others_grants(state: State, tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    roots = [tmp_path / f"root{number}" for number in range(12)]
    for each in roots:
        each.mkdir()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: Trust(state).grant(each), roots))

    assert {grant.root for grant in Trust(state).grants()} == {Path(os.path.realpath(each)) for each in roots}
