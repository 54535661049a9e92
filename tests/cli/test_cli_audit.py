"""`lsp-debugger audit` on real logs: what it says, and the codes that a script goes by."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Protocol

import pytest
from policy_samples import context, fragment

from lsp_debugger.cli.project import load_settings, open_state
from lsp_debugger.policy.anchor import acknowledge
from lsp_debugger.policy.audit import Audit
from lsp_debugger.policy.chain import Body
from lsp_debugger.policy.decide import decide
from lsp_debugger.policy.recorder import Recorder, about_decision
from lsp_debugger.policy.store import PolicyStore

INTENT: Body = {
    "request_id": "r1",
    "outcome": "intended",
    "action": "consider_cloud",
    "rule_id": "user.rules[0]",
    "endpoint": "https://llm.example.com",
    "model": "big",
    "locality": "remote",
    "redactions": {"aws_key": 2, "email": 1},
}


class Shell(Protocol):
    def run(self, *argv: str) -> tuple[int, str, str]: ...


@pytest.fixture
def log(shell: Shell) -> Iterator[Audit]:
    audit = Audit(open_state(load_settings(Path.cwd())).audit)
    yield audit
    audit.close()


def test_no_log_is_nothing_sent(log: Audit, shell: Shell) -> None:
    code, out, _ = shell.run("audit", "verify")
    assert (code, "nothing was sent" in out) == (0, True)
    assert shell.run("audit", "show") == (0, "", "")
    assert shell.run("audit", "export") == (0, "", "")


def test_a_request_without_an_outcome_is_named(log: Audit, shell: Shell) -> None:
    seq = log.append("egress_intent", INTENT, durable=True)
    code, out, _ = shell.run("audit", "verify")
    assert code == 0
    assert f"no outcome on record for the requests of {seq}: under way, or interrupted" in out
    log.append("egress_outcome", {"request_id": "r1", "outcome": "completed"})
    code, out, _ = shell.run("audit", "verify")
    assert (code, "no outcome" in out) == (0, False)


@pytest.mark.parametrize(
    ("damage", "code", "said"),
    [
        (
            "UPDATE records SET body = replace(body, 'big', 'bag') WHERE seq = 2",
            1,
            "record 2 is not as it was",
        ),
        ("DELETE FROM records WHERE seq = 4", 1, "record 4 and those after it are gone"),
        ("DELETE FROM records WHERE seq = 3", 1, "record 3 is not as it was written"),
        ("DELETE FROM records WHERE seq = 1", 3, "records 1 to 1 are missing"),
    ],
)
def test_damage_has_its_code_and_its_place(
    log: Audit, shell: Shell, damage: str, code: int, said: str
) -> None:
    for _ in range(3):
        log.append("decision", INTENT)
    with closing(sqlite3.connect(log.path)) as connection, connection:
        connection.execute("DROP TRIGGER no_update")
        connection.execute("DROP TRIGGER no_delete")
        connection.execute(damage)
    got, _, err = shell.run("audit", "verify")
    assert (got, said in err) == (code, True), err


def test_an_anchor_shows_a_new_log(log: Audit, tmp_path: Path, shell: Shell) -> None:
    anchor = tmp_path / "anchor"
    log.append("decision", INTENT)
    acknowledge(log, anchor)
    code, out, _ = shell.run("audit", "verify", "--anchor", str(anchor))
    assert (code, "the anchor agrees" in out) == (0, True)
    log.close()
    for part in log.directory.glob("audit.db*"):
        part.unlink()
    with closing(Audit(log.directory)) as other:
        other.append("decision", INTENT)
    assert shell.run("audit", "verify", "--anchor", str(anchor))[0] == 2


def test_show_is_a_line_each_and_export_an_object_each(log: Audit, shell: Shell) -> None:
    for _ in range(30):
        log.append("egress_intent", INTENT)
    code, out, _ = shell.run("audit", "show", "--last", "2")
    lines = out.splitlines()
    assert (code, len(lines), lines[-1].split()[0]) == (0, 2, "31")
    assert "big at https://llm.example.com (remote)" in lines[-1]
    assert "redacted 3" in lines[-1]
    code, out, _ = shell.run("audit", "export", "--from", "31")
    [record] = map(json.loads, out.splitlines())
    assert (code, record["seq"], record["request_id"]) == (0, 31, "r1")


def test_replay_compares_what_it_decides_with_what_was_decided(log: Audit, shell: Shell) -> None:
    loaded = PolicyStore().current()
    recorder = Recorder(lambda: log)
    recorder.note_policy(loaded)
    body = about_decision(decide(loaded, context(fragment("x = 1")), "explain"))
    recorder.append("decision", body)
    assert shell.run("audit", "replay")[:2] == (0, "1 of 1 decisions came out the same\n")
    recorder.append("decision", {**body, "action": "deny"})
    code, out, _ = shell.run("audit", "replay")
    assert (code, out.splitlines()[-1]) == (1, "1 of 2 decisions came out the same")


@pytest.mark.parametrize("args", [("verfy",), ("export", "--format", "csv"), ("show", "--last", "x"), ()])
def test_a_slip_is_one_clear_line(shell: Shell, args: tuple[str, ...]) -> None:
    code, out, err = shell.run("audit", *args)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
