"""What the policy engine costs: a decision, a record, a replay, and eight processes writing at once.

    python benchmarks/policy.py [--decisions 10000]

A record is measured beside a bare commit of the same row with the same durability, in turns, on one disk.
"""

from __future__ import annotations

import argparse
import sqlite3
import subprocess  # noqa: TID251 - other processes that write the same log
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from harness import Row, median, percentile, print_table

from lsp_debugger.policy.audit import Audit
from lsp_debugger.policy.audit_verify import verify
from lsp_debugger.policy.chain import canonical
from lsp_debugger.policy.classify import Matched
from lsp_debugger.policy.decide import Decision, conclude
from lsp_debugger.policy.facts import Findings, RequestFacts
from lsp_debugger.policy.recorder import about_decision
from lsp_debugger.policy.replay import keep_policy, replay
from lsp_debugger.policy.store import LoadedPolicy, PolicyStore

_RULES = 50
_FRAGMENTS = 200
_MATCHES = 5  # of an ordinary request that may leave
_WRITERS = 8
_RECORDS_EACH = 1_000
_WRITE = """
import sys
from lsp_debugger.policy.audit import Audit
audit = Audit(sys.argv[1])
for n in range(int(sys.argv[2])):
    audit.append("decision", {"n": n})
audit.close()
"""


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--decisions", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lsp-debugger-bench-") as folder:
        root = Path(folder)
        loaded = _policy(root)
        decision = conclude(loaded, _findings(_MATCHES), _facts(0))
        rows = [
            _decisions(loaded),
            *_appends(root, decision),
            _replayed(root, loaded, options.decisions),
            _several(root),
        ]
    return 0 if print_table("Policy engine", rows) else 1


def _policy(root: Path) -> LoadedPolicy:
    conditions = (
        "input.matches(classes.redact_and_allow) and task == 'none'",
        "input.matches_any([classes.allow, classes.redact_and_allow]) and language in ['go', 'rust']",
        "tokens == 1 or user.id == 'nobody'",
        "not input.matches(classes.never_send) and repo == 'elsewhere'",
    )
    rules = "\n".join(
        f"  - if: {conditions[n % len(conditions)]}\n    action: {'deny' if n % 2 else 'consider_cloud'}"
        for n in range(_RULES)
    )
    file = root / "policy.yaml"
    file.write_text(f"rules:\n{rules}\n", encoding="utf-8")
    return PolicyStore(user_path=str(file)).current()


def _findings(count: int = _FRAGMENTS) -> Findings:
    classes = ("redact_and_allow", "allow")
    hits = [Matched(classes[n % 2], f"user.{classes[n % 2]}[{n}]", n, n + 1) for n in range(count)]
    return Findings(tuple(hits), False, 100_000)


def _facts(n: int) -> RequestFacts:
    return RequestFacts(
        now=f"2026-11-25T10:00:{n % 60:02}.000+00:00",
        task="explain",
        language="python",
        tokens=n,
        user_id="u",
    )


def _decisions(loaded: LoadedPolicy) -> Row:
    findings, took = _findings(), list[float]()
    for n in range(2_000):
        facts = _facts(n)
        began = time.perf_counter()
        conclude(loaded, findings, facts)
        took.append(time.perf_counter() - began)
    p95 = percentile(took, 95) * 1e6
    shown = f"{median(took) * 1e6:.0f} us, p95 {p95:.0f} us"
    return Row(
        f"decision, {_RULES} rules, matches in {_FRAGMENTS} fragments", shown, "p95 < 100 us", p95 < 100
    )


def _appends(root: Path, decision: Decision) -> list[Row]:
    """The egress path's record and a bare commit of the same size take turns."""
    audit, body = Audit(root / "audit"), about_decision(decision)
    text = canonical(body)
    with closing(sqlite3.connect(root / "bare.db", isolation_level=None)) as bare:
        bare.execute("PRAGMA journal_mode=WAL")
        bare.execute("PRAGMA synchronous=FULL")
        bare.execute("CREATE TABLE rows (seq INTEGER PRIMARY KEY, body TEXT)")
        audit.append("egress_intent", body, durable=True)
        ours, theirs = list[float](), list[float]()
        for _ in range(300):
            began = time.perf_counter()
            audit.append("egress_intent", body, durable=True)
            middle = time.perf_counter()
            bare.execute("BEGIN IMMEDIATE")
            bare.execute("INSERT INTO rows (body) VALUES (?)", (text,))
            bare.execute("COMMIT")
            ours.append(middle - began)
            theirs.append(time.perf_counter() - middle)
    audit.close()
    return [
        Row(
            f"record on the egress path beside a bare FULL commit, p{percent}",
            f"{percentile(ours, percent) * 1e3:.2f} / {percentile(theirs, percent) * 1e3:.2f} ms = "
            f"{(ratio := percentile(ours, percent) / percentile(theirs, percent)):.2f}",
            "<= 1.5",
            ratio <= 1.5,
        )
        for percent in (50, 99)
    ]


def _replayed(root: Path, loaded: LoadedPolicy, count: int) -> Row:
    audit = Audit(root / "replayed")
    keep_policy(audit.directory, loaded)
    for n in range(count):
        audit.append("decision", about_decision(conclude(loaded, _findings(), _facts(n % 5))))
    audit.close()
    began = time.perf_counter()
    same = sum(not each.said for each in replay(audit))
    took = time.perf_counter() - began
    return Row(
        f"replay of {count} decisions",
        f"{100 * same / count:.2f} % identical in {took:.1f} s",
        "100 %",
        same == count,
    )


def _several(root: Path) -> Row:
    audit = Audit(root / "several")
    command = [sys.executable, "-c", _WRITE, str(audit.directory), str(_RECORDS_EACH)]
    began = time.perf_counter()
    writers = [subprocess.Popen(command) for _ in range(_WRITERS)]
    ended = [writer.wait() for writer in writers]
    took = time.perf_counter() - began
    verdict = verify(audit)
    kept = sum(record["kind"] == "decision" for _, record in audit.records())
    whole = verdict.code == 0 and kept == _WRITERS * _RECORDS_EACH and not any(ended)
    shown = f"{kept} records in {took:.1f} s; {verdict.said}"
    return Row(f"{_WRITERS} processes x {_RECORDS_EACH} records", shown, "verify says whole", whole)


if __name__ == "__main__":
    sys.exit(main())
