"""`lsp-debugger audit`: what was decided and what was sent, and the proof that the record is whole."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_debugger.cli.app import FAILED, OK
from lsp_debugger.cli.arguments import Arguments
from lsp_debugger.cli.project import load_settings, open_state

if TYPE_CHECKING:
    from lsp_debugger.policy.audit import Audit

HELP = """\
lsp-debugger audit verify [--anchor FILE]   is every record as it was written?
lsp-debugger audit show [--last N]          the last records, a line each
lsp-debugger audit export [--from SEQ]      all of them, one JSON object a line
lsp-debugger audit replay                   make each decision again from its record, and compare

Records hold counts, ids and keyed hashes; there is no source text, prompt or secret in them.
--anchor: compare with what was acknowledged there; without one the log is tamper-evident against others,
not against the one who owns it.
Exit codes of verify: 0 whole, 1 a record is not as it was written, 2 cut or replaced, as the anchor shows,
3 a part is missing. Others: 0 done, 1 a decision came out differently, 3 the log cannot be read."""


def run(args: Sequence[str]) -> int:
    from lsp_debugger.policy.audit import Audit

    parsed = _parser().parse_args(list(args))
    action: Callable[[Audit, Namespace], int] = parsed.run
    return action(Audit(open_state(load_settings(Path.cwd())).audit), parsed)


def _parser() -> Arguments:
    parser = Arguments("lsp-debugger audit")
    actions = parser.add_subparsers(required=True, metavar="verify|show|export|replay")
    verify = actions.add_parser("verify")
    verify.add_argument("--anchor", type=Path, metavar="FILE")
    verify.set_defaults(run=_verify)
    show = actions.add_parser("show")
    show.add_argument("--last", type=int, default=20, metavar="N")
    show.set_defaults(run=_show)
    export = actions.add_parser("export")
    export.add_argument("--format", choices=("jsonl",), default="jsonl")
    export.add_argument("--from", dest="first", type=int, default=1, metavar="SEQ")
    export.set_defaults(run=_export)
    actions.add_parser("replay").set_defaults(run=_replay)
    return parser


def _verify(audit: Audit, parsed: Namespace) -> int:
    from lsp_debugger.policy.audit_verify import verify

    verdict = verify(audit, parsed.anchor)
    print(verdict.said, file=sys.stderr if verdict.code else sys.stdout)
    return verdict.code


def _show(audit: Audit, parsed: Namespace) -> int:
    last, _ = audit.head()
    for seq, record in audit.records(max(1, last - parsed.last + 1)):
        print(f"{seq:>7}  {record['at']}  {record['kind']:<15} {_told(record)}")
    return OK


def _export(audit: Audit, parsed: Namespace) -> int:
    for seq, record in audit.records(parsed.first):
        print(json.dumps({"seq": seq, **record}, sort_keys=True))
    return OK


def _replay(audit: Audit, _: Namespace) -> int:
    from lsp_debugger.policy.replay import replay

    count = differing = 0
    for each in replay(audit):
        count += 1
        if each.said:
            differing += 1
            print(f"{each.seq}: {each.said}")
    print(f"{count - differing} of {count} decisions came out the same")
    return FAILED if differing else OK


def _told(record: dict[str, Any]) -> str:
    """What somebody who reads down the list wants to know."""
    gates: dict[str, bool] = record.get("gates") or {}
    closed = [name for name, passed in gates.items() if not passed]
    parts = [
        str(record.get("outcome", "")),
        str(record.get("action", "")),
        str(record.get("rule_id", "")),
        f"{record['model']} at {record['endpoint']} ({record['locality']})" if "endpoint" in record else "",
        f"redacted {sum(record['redactions'].values())}" if record.get("redactions") else "",
        f"closed: {', '.join(closed)}" if record.get("outcome") == "denied" and closed else "",
        f"policy {record['policy_sha256'][:12]}" if record["kind"] == "policy_load" else "",
    ]
    return "  ".join(part for part in parts if part)
