"""`lsp-debugger policy check`: is this file a policy, and what does it open?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger.cli.app import FAILED, OK
from lsp_debugger.cli.arguments import Arguments
from lsp_debugger.cli.policies import in_force

if TYPE_CHECKING:
    from lsp_debugger.policy.store import LoadedPolicy

HELP = """\
lsp-debugger policy check [FILE]

Reads FILE as your own policy, or without one the policy that is in force in this folder with all its
layers, and says what it opens and what it ignores.
Exit codes: 0 it can be read, 1 something in it is ignored or a rule can never act, 2 it cannot be read."""


def run(args: Sequence[str]) -> int:
    parser = Arguments("lsp-debugger policy check")
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE")
    parsed = parser.parse_args(list(args))
    loaded = in_force(parsed.file, Path.cwd())
    print(f"{loaded.source} ({loaded.sha256[:12]})")
    for line in _summary(loaded):
        print(f"  {line}")
    noted = [*loaded.problems, *_lint(loaded)]
    for problem in noted:
        print(f"note: {problem}")
    return FAILED if noted else OK


def _summary(loaded: LoadedPolicy) -> Iterator[str]:
    policy = loaded.policy
    yield f"mode {policy.mode.value}"
    for name in ("never_send", "redact_and_allow", "allow"):
        if entries := policy.entries(name):
            yield f"{name}: {len(entries)} entries"
    if policy.rules:
        yield f"rules: {', '.join(f'{rule.id} {rule.action.value}' for rule in policy.rules)}"
    from lsp_debugger.policy.facts import attestation_of, utc_now

    if not policy.grants.endpoints:
        yield "endpoints: none, so only models on your own machines are asked"
    for endpoint in policy.grants.endpoints:
        state, _ = attestation_of(endpoint, loaded.keys, utc_now())
        yield f"endpoint {endpoint.name}: {endpoint.base_url}, attestation {state}"


def _lint(loaded: LoadedPolicy) -> Iterator[str]:
    """What can be read and still is hardly what its author meant."""
    from lsp_debugger.policy.document import Action

    rules, grants = loaded.policy.rules, loaded.policy.grants
    opens = [rule for rule in rules if rule.action is Action.CONSIDER_CLOUD]
    if opens and not grants.endpoints:
        yield f"{opens[0].id} considers the cloud, but the policy names no endpoint"
    if grants.endpoints and not opens:
        yield "endpoints are named, but no rule has the action consider_cloud"
    for index, rule in enumerate(rules):
        if rule.action is Action.DENY and any(each in opens for each in rules[:index]):
            yield f"{rule.id} denies after a rule that opens: it still wins, wherever it stands"
            return
