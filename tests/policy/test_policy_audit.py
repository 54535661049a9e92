"""The audit log: chained, private, shared by processes, and unavailable rather than wrong."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import stat
import subprocess  # noqa: TID251 - other processes that write the same log
import sys
import threading
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from unprivileged import stopped_by_permissions

from lsp_debugger.core.errors import AuditUnavailable
from lsp_debugger.policy import chain
from lsp_debugger.policy.anchor import acknowledge
from lsp_debugger.policy.audit import CHECKPOINT_EVERY, Audit
from lsp_debugger.policy.audit_verify import BROKEN, GAP, OK, TRUNCATED, verify
from lsp_debugger.policy.chain import GENESIS, canonical, chain_hash


@pytest.fixture
def audit(tmp_path: Path) -> Iterator[Audit]:
    log = Audit(tmp_path / "audit")
    yield log
    log.close()


def tamper(audit: Audit, *statements: str) -> None:
    audit.close()
    with closing(sqlite3.connect(audit.path)) as connection:
        for trigger in ("no_update", "no_delete"):
            connection.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_records_are_numbered_chained_and_read_back(audit: Audit) -> None:
    assert audit.append("decision", {"rule_id": "default", "n": 1}) == 2
    assert audit.append("egress_intent", {"n": 2}, durable=True) == 3
    [(_, first), (_, second), (_, third)] = audit.records()
    assert first["kind"] == "segment"
    assert second["rule_id"] == "default"
    assert (third["kind"], third["n"]) == ("egress_intent", 2)
    assert {"at", "monotonic_ns", "run_id"} <= second.keys()
    assert [seq for seq, _ in audit.records(first=3)] == [3]
    assert verify(audit).code == 0
    with closing(sqlite3.connect(audit.path)) as connection:
        rows = connection.execute("SELECT seq, prev, body, hash FROM records").fetchall()
    assert rows[0][1] == GENESIS
    assert rows[1][1] == rows[0][3]
    assert rows[1][3] == chain_hash(2, rows[0][3], rows[1][2])
    assert rows[1][2] == canonical(json.loads(rows[1][2]))


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_only_the_owner_may_look(audit: Audit) -> None:
    audit.append("decision", {})
    audit.hmac_of(b"x")
    assert stat.S_IMODE(audit.directory.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in audit.directory.iterdir()}
    assert modes.keys() >= {"audit.db", "install.key"}
    assert set(modes.values()) == {0o600}


def test_the_log_refuses_to_forget(audit: Audit) -> None:
    audit.append("decision", {})
    with closing(sqlite3.connect(audit.path)) as connection:
        for statement in ("UPDATE records SET body = '{}'", "DELETE FROM records"):
            with pytest.raises(sqlite3.IntegrityError, match="append only"):
                connection.execute(statement)


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE records SET body = replace(body, 'two', 'tww') WHERE seq = 3", 3),
        ("UPDATE records SET prev = zeroblob(32) WHERE seq = 3", 3),
        ("UPDATE records SET hash = zeroblob(32) WHERE seq = 3", 3),
        ("UPDATE records SET seq = 30 WHERE seq = 3", 3),
        ("DELETE FROM records WHERE seq = 3", 3),
        ("DELETE FROM records WHERE seq = 5", 5),
        ("DELETE FROM records", 1),
        ("DELETE FROM records WHERE seq = 6", 6),
        ("INSERT INTO records SELECT 7, prev, body, hash FROM records WHERE seq = 5", 7),
    ],
)
def test_whatever_is_changed_shows(audit: Audit, statement: str, broken: int) -> None:
    for word in ("one", "two", "three", "four"):
        audit.append("decision", {"word": word})
    assert verify(audit).code == 0
    tamper(audit, statement)
    assert verify(audit).at == broken


def test_two_swapped_records_show(audit: Audit) -> None:
    for word in ("one", "two", "three"):
        audit.append("decision", {"word": word})
    tamper(
        audit,
        "UPDATE records SET seq = -1 WHERE seq = 2",
        "UPDATE records SET seq = 2 WHERE seq = 3",
        "UPDATE records SET seq = 3 WHERE seq = -1",
    )
    assert verify(audit).at == 2


def test_no_log_is_not_a_broken_log(audit: Audit) -> None:
    assert verify(audit).code == 0
    assert not audit.directory.exists()


def test_the_key_is_made_once(audit: Audit, tmp_path: Path) -> None:
    first = audit.hmac_of(b"text")
    assert first == audit.hmac_of(b"text") == Audit(audit.directory).hmac_of(b"text")
    assert first != audit.hmac_of(b"texu")
    assert first != Audit(tmp_path / "other").hmac_of(b"text")


def test_a_file_system_without_hard_links_will_do(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("no hard links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    first = audit.hmac_of(b"x")
    assert Audit(audit.directory).hmac_of(b"x") == first
    assert [path.name for path in audit.directory.iterdir()] == ["install.key"]


def test_a_damaged_key_is_said(audit: Audit) -> None:
    audit.hmac_of(b"x")
    key = audit.directory / "install.key"
    key.write_bytes(b"short")
    with pytest.raises(AuditUnavailable, match="key is damaged") as caught:
        Audit(audit.directory).hmac_of(b"x")
    assert str(key) in caught.value.hint


_WRITER = """
import sys
from lsp_debugger.policy.audit import Audit
audit = Audit(sys.argv[1])
key = audit.hmac_of(b"x")
for n in range(int(sys.argv[2])):
    audit.append("decision", {"n": n}, durable=n % 10 == 0)
audit.close()
print(key)
"""


def test_several_processes_write_one_chain(audit: Audit) -> None:
    command = [sys.executable, "-c", _WRITER, str(audit.directory), "50"]
    writers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    keys = {writer.communicate(timeout=100)[0].strip() for writer in writers}
    assert [writer.returncode for writer in writers] == [0] * 4
    assert len(keys) == 1
    assert verify(audit).code == 0
    kinds = Counter(record["kind"] for _, record in audit.records())
    assert kinds == {"segment": 1, "decision": 200, "checkpoint": 4}


def test_several_threads_write_one_chain(audit: Audit) -> None:
    threads = [
        threading.Thread(target=lambda: [audit.append("decision", {}) for _ in range(25)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verify(audit).code == 0
    assert len(list(audit.records())) == 101


def test_a_process_that_is_killed_leaves_a_whole_chain(audit: Audit) -> None:
    code = _WRITER.replace("audit.close()", "import os; os.kill(os.getpid(), 9)")
    killed = subprocess.run([sys.executable, "-c", code, str(audit.directory), "5"], check=False)
    assert killed.returncode != 0
    assert audit.append("egress_intent", {}, durable=True) == 7
    assert verify(audit).code == 0


def test_a_locked_log_is_unavailable_and_then_is_not(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    audit.append("decision", {})
    audit.close()
    monkeypatch.setattr(chain, "BUSY_TIMEOUT_S", 0.05)
    with closing(sqlite3.connect(audit.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(AuditUnavailable, match="locked"):
            audit.append("egress_intent", {}, durable=True)
        other.execute("ROLLBACK")
    assert audit.append("egress_intent", {}, durable=True) == 4
    assert verify(audit).code == 0


def test_a_full_disk_is_unavailable_and_loses_nothing(audit: Audit) -> None:
    audit.append("decision", {})
    connection = audit._connection
    assert connection is not None
    [pages] = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(AuditUnavailable, match="full") as caught:
        deque((audit.append("decision", {"filler": "x" * 2000}) for _ in range(200)), maxlen=0)
    assert caught.value.hint
    assert verify(audit).code == 0
    written = len(list(audit.records()))
    assert audit.append("decision", {}) == written + 1  # a new connection: there is room again


@pytest.mark.parametrize("obstacle", ["a file for a directory", "a directory for a file"])
def test_a_place_that_cannot_be_used_is_unavailable(audit: Audit, obstacle: str) -> None:
    if obstacle == "a file for a directory":
        audit.directory.write_text("")
    else:
        audit.path.mkdir(parents=True)
    with pytest.raises(AuditUnavailable, match="cannot be used"):
        audit.append("egress_intent", {}, durable=True)


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_read_only_place_is_unavailable(audit: Audit) -> None:
    audit.append("decision", {})
    audit.close()
    audit.path.chmod(0o400)
    audit.directory.chmod(0o500)
    with stopped_by_permissions(), pytest.raises(AuditUnavailable):
        Audit(audit.directory).append("egress_intent", {}, durable=True)
    audit.directory.chmod(0o700)


@pytest.mark.skipif(os.name != "posix", reason="symbolic links")
def test_a_link_in_the_place_of_the_log_is_not_followed(audit: Audit, tmp_path: Path) -> None:
    audit.directory.mkdir()
    target = tmp_path / "target"
    target.write_text("precious")
    audit.path.symlink_to(target)
    with pytest.raises(AuditUnavailable):
        audit.append("decision", {})
    assert target.read_text() == "precious"


@pytest.mark.parametrize("damage", ["header", "middle"])
def test_a_log_that_cannot_be_read_is_put_aside(audit: Audit, damage: str) -> None:
    for n in range(200):
        audit.append("decision", {"n": n, "filler": "x" * 100})
    audit.close()
    data = bytearray(audit.path.read_bytes())
    if damage == "header":
        data[:100] = b"\xff" * 100
    else:
        data[4096:] = b"\xff" * (len(data) - 4096)
    audit.path.write_bytes(bytes(data))
    assert verify(audit).at == 1
    assert audit.append("decision", {"after": True}) == 2
    [(_, genesis), (_, record)] = audit.records()
    assert genesis["kind"] == "segment"
    assert record["after"] is True
    aside = audit.directory / str(genesis["quarantined"])
    assert aside.suffix == ".corrupt"
    assert aside.read_bytes() == bytes(data)
    assert verify(audit).code == 0


def test_only_plain_values_are_recorded(audit: Audit) -> None:
    with pytest.raises(AuditUnavailable):
        audit.append("decision", {"n": float("nan")})  # type: ignore[dict-item]
    with pytest.raises(AuditUnavailable):
        audit.append("decision", {"n": object()})  # type: ignore[dict-item]
    with pytest.raises(AssertionError):
        audit.append("gossip", {})


def test_a_key_that_could_not_be_written_is_not_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty key would be called damaged for ever after, with the disk long free again."""

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with (
            closing(Audit(tmp_path)) as audit,
            pytest.raises(AuditUnavailable, match="No space left"),
        ):
            audit.hmac_of(b"x")
    assert list(tmp_path.iterdir()) == []
    with closing(Audit(tmp_path)) as audit:
        assert len(audit.hmac_of(b"x")) == 64


def written(audit: Audit, words: int, first: int = 0) -> None:
    for n in range(first, first + words):
        audit.append("decision", {"n": n})


def test_checkpoints_are_signed_every_so_often_and_at_the_end(audit: Audit) -> None:
    written(audit, CHECKPOINT_EVERY + 3)
    signed = [record["signed_seq"] for _, record in audit.records() if record["kind"] == "checkpoint"]
    assert signed == [CHECKPOINT_EVERY + 1]
    audit.close()
    signed = [record["signed_seq"] for _, record in audit.records() if record["kind"] == "checkpoint"]
    assert signed == [CHECKPOINT_EVERY + 1, CHECKPOINT_EVERY + 5]
    assert f"signed up to record {CHECKPOINT_EVERY + 5}" in verify(audit).said


def test_a_log_written_anew_without_the_key_shows(audit: Audit, tmp_path: Path) -> None:
    written(audit, 3)
    audit.close()
    forger = Audit(tmp_path / "forged")
    written(forger, 2)
    forger.close()
    audit.path.write_bytes(forger.path.read_bytes())
    verdict = verify(audit)
    assert (verdict.code, verdict.at) == (BROKEN, 4)
    assert "not signed by this installation" in verdict.said


def aged(audit: Audit, days: int) -> None:
    """Let everything that is there have been written some days ago, with a chain that is whole."""
    audit.close()
    past = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="milliseconds")
    with closing(sqlite3.connect(audit.path)) as connection:
        connection.execute("DROP TRIGGER no_update")
        previous = GENESIS
        for seq, body in connection.execute("SELECT seq, body FROM records ORDER BY seq").fetchall():
            record = {**json.loads(body), "at": past}
            if record["kind"] == "checkpoint":
                record["signed_hash"] = previous.hex()
                record["signature"] = audit.sign(seq - 1, previous)
            text = canonical(record)
            digest = chain_hash(seq, previous, text)
            row = (previous, text, digest, seq)
            connection.execute("UPDATE records SET prev = ?, body = ?, hash = ? WHERE seq = ?", row)
            previous = digest
        connection.commit()


def test_what_is_too_old_goes_in_whole_segments_and_the_chain_still_proves(audit: Audit) -> None:
    written(audit, 5)
    aged(audit, 100)
    assert verify(audit).code == OK
    written(audit, 4, first=5)
    audit.close()
    assert audit.retain(180) == 0
    assert audit.retain(90) == 7
    assert verify(audit).code == OK
    assert [record.get("n") for _, record in audit.records()][:4] == [5, 6, 7, 8]
    written(audit, 1)
    aged(audit, 95)
    assert audit.retain(90) > 0
    assert verify(audit).code == OK
    with closing(sqlite3.connect(audit.path)) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute("DELETE FROM records")


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("DELETE FROM segments", GAP),
        ("DELETE FROM records WHERE seq = (SELECT min(seq) FROM records)", GAP),
        ("UPDATE segments SET last_hash = zeroblob(32)", BROKEN),
    ],
)
def test_a_missing_segment_is_a_gap(audit: Audit, statement: str, code: int) -> None:
    written(audit, 5)
    aged(audit, 100)
    written(audit, 4, first=5)
    audit.retain(90)
    tamper(audit, statement)
    assert verify(audit).code == code


def test_an_anchor_sees_a_cut_tail_an_old_copy_and_a_new_log(audit: Audit, tmp_path: Path) -> None:
    anchor = tmp_path / "worm" / "anchor.jsonl"
    anchor.parent.mkdir()
    written(audit, 3)
    audit.close()
    old = audit.path.read_bytes()
    written(audit, 3, first=3)
    assert acknowledge(audit, anchor) == audit.head()[0]
    assert verify(audit, anchor).code == OK
    assert "the anchor agrees" in verify(audit, anchor).said
    audit.close()
    audit.path.write_bytes(old)
    assert verify(audit).code == OK  # by itself an old copy is a whole log
    assert verify(audit, anchor).code == TRUNCATED
    audit.path.unlink()
    assert verify(audit, anchor).code == TRUNCATED
    assert verify(audit, tmp_path / "another").code == OK


def test_an_anchor_that_does_not_keep_is_no_anchor(audit: Audit, tmp_path: Path) -> None:
    written(audit, 1)
    with pytest.raises(AuditUnavailable, match="cannot be written"):
        acknowledge(audit, tmp_path / "nowhere" / "anchor.jsonl")
    with pytest.raises(AuditUnavailable, match=r"did not keep|cannot be written"):
        acknowledge(audit, Path("/dev/null"))


def test_lines_of_others_on_the_anchor_are_passed_over(audit: Audit, tmp_path: Path) -> None:
    anchor, other = tmp_path / "anchor.jsonl", Audit(tmp_path / "other")
    written(audit, 2)
    written(other, 9)
    acknowledge(audit, anchor)
    acknowledge(other, anchor)
    with anchor.open("ab") as file:
        file.write(b"{broken\n\xff\n[]\n")
    assert verify(audit, anchor).code == OK
    assert verify(other, anchor).code == OK


def test_a_clock_that_goes_back_breaks_nothing(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    written(audit, 2)

    class Earlier(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime(2001, 1, 1, tzinfo=UTC)

    monkeypatch.setattr(chain, "datetime", Earlier)
    written(audit, 2)
    assert verify(audit).code == OK
