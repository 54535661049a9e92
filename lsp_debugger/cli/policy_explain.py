"""`lsp-debugger policy explain`: what the policy says to a text, which rule, which entry, which gate."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_debugger.cli.app import OK
from lsp_debugger.cli.arguments import Arguments
from lsp_debugger.cli.policies import in_force

if TYPE_CHECKING:
    from lsp_debugger.policy.decide import Decision

HELP = """\
lsp-debugger policy explain [--policy FILE] --task TASK [--path PATH] [--endpoint NAME] [--json] < TEXT

Says what the policy decides about the text on standard input: the action, the rule and the entries that
made it so, and each gate that a remote request would have to pass. The text itself is never shown, stored
or sent. Preview, consent, budget and redaction belong to one request and are shown as open.
Exit codes: 0 decided, whatever was decided, 2 the policy cannot be read."""


def run(args: Sequence[str]) -> int:
    parser = Arguments("lsp-debugger policy explain")
    parser.add_argument("--policy", type=Path, metavar="FILE")
    parser.add_argument("--task", required=True)
    parser.add_argument("--path", default="")
    parser.add_argument("--endpoint", default="")
    parser.add_argument("--json", action="store_true")
    parsed = parser.parse_args(list(args))
    loaded = in_force(parsed.policy, Path.cwd())
    text = sys.stdin.buffer.read().decode("utf-8", "replace")
    from lsp_debugger.policy.simulate import ask

    decision = ask(loaded, text, parsed.task, parsed.path, parsed.endpoint)
    if parsed.json:
        print(json.dumps(as_json(decision), indent=2))
    else:
        print(_in_words(decision))
    return OK


def as_json(decision: Decision) -> dict[str, Any]:
    from lsp_debugger.policy.simulate import closed_beforehand

    return {
        "action": decision.action.value,
        "rule_id": decision.rule_id,
        "matched": [
            {"class": hit.class_name, "entry": hit.entry_id, "fragment": hit.fragment, "line": hit.line}
            for hit in decision.matched
        ],
        "obligations": list(decision.obligations),
        "gates": {gate.name: {"pass": gate.passed, "why": gate.why} for gate in decision.gates},
        "remote": not closed_beforehand(decision),
        "policy_sha256": decision.policy_sha256,
        "engine_version": decision.engine_version,
    }


def _in_words(decision: Decision) -> str:
    lines = [f"{decision.action.value}, by {decision.rule_id}"]
    for hit in decision.matched[:20]:
        where = f", line {hit.line}" if hit.line else ""
        lines.append(f"  matches {hit.entry_id}{where}")
    lines += [f"  {'open  ' if gate.passed else 'closed'} {gate.name}: {gate.why}" for gate in decision.gates]
    return "\n".join(lines)
