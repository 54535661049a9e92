"""`lsp-debugger policy sign`: keys, signatures of policy files, signatures of attestations."""

from __future__ import annotations

import re
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from lsp_debugger.cli.app import OK
from lsp_debugger.cli.arguments import Arguments
from lsp_debugger.core.errors import ConfigInvalid

HELP = """\
lsp-debugger policy sign key KEYFILE                  make a key if there is none; print its public half
lsp-debugger policy sign file --key KEYFILE FILE      write FILE.sig, which an organisation's policy needs
lsp-debugger policy sign endpoint --key KEYFILE FILE NAME
                                                      print the `signature:` of an endpoint's attestation
lsp-debugger policy sign approval --key KEYFILE --task TASK --endpoint NAME --by WHO --until DAY
                                                      print a line for `approvals.jsonl` beside the policy

The public half goes, one a line, into `policy.pub` beside the policy it speaks for: yours beside your own
policy.yaml, an organisation's beside its own in the folder that only the administrator can write.
An attestation is signed with everything else that the endpoint's record says: to change any of it, the
address or the region for example, takes a new signature.
Exit codes: 0 done, 2 the policy, the endpoint or the key is wrong."""


def run(args: Sequence[str]) -> int:
    parsed = _parser().parse_args(list(args))
    action: Callable[[Namespace], int] = parsed.run
    return action(parsed)


def _parser() -> Arguments:
    parser = Arguments("lsp-debugger policy sign")
    actions = parser.add_subparsers(required=True, metavar="key|file|endpoint|approval")
    key = actions.add_parser("key")
    key.add_argument("keyfile", type=Path)
    key.set_defaults(run=_key)
    for name, action in (("file", _file), ("endpoint", _endpoint)):
        verb = actions.add_parser(name)
        verb.add_argument("--key", type=Path, required=True)
        verb.add_argument("file", type=Path)
        if name == "endpoint":
            verb.add_argument("name")
        verb.set_defaults(run=action)
    approval = actions.add_parser("approval")
    for option in ("--task", "--endpoint", "--by", "--until"):
        approval.add_argument(option, required=True)
    approval.add_argument("--key", type=Path, required=True)
    approval.set_defaults(run=_approval)
    return parser


def _key(parsed: Namespace) -> int:
    from lsp_debugger.policy.signing import signing_key

    print(signing_key(parsed.keyfile).public)
    return OK


def _file(parsed: Namespace) -> int:
    from lsp_debugger.policy.organisation import companions
    from lsp_debugger.policy.schema import read_policy
    from lsp_debugger.policy.signing import POLICY, SigningKey

    data = parsed.file.read_bytes()
    policy = read_policy(data, str(parsed.file), "org")
    signature, *_ = companions(parsed.file)
    signature.write_text(SigningKey(parsed.key).sign(POLICY, data) + "\n", encoding="ascii")
    print(f"wrote {signature}")
    if not policy.serial:
        print("note: no `serial:` in the file, so an older signed file would count too", file=sys.stderr)
    return OK


def _endpoint(parsed: Namespace) -> int:
    from lsp_debugger.policy.schema import read_policy
    from lsp_debugger.policy.signing import ATTESTATION, SigningKey

    policy = read_policy(parsed.file.read_bytes(), str(parsed.file), "user")
    endpoint = policy.grants.endpoint(parsed.name)
    if endpoint is None or endpoint.attestation is None:
        what = "no endpoint" if endpoint is None else "no attestation for the endpoint"
        raise ConfigInvalid(f"{parsed.file} has {what} {parsed.name!r}", "write it first, without signature")
    print(f'signature: "{SigningKey(parsed.key).sign(ATTESTATION, endpoint.attestation.statement)}"')
    return OK


def _approval(parsed: Namespace) -> int:
    from lsp_debugger.policy.approvals import Approval
    from lsp_debugger.policy.signing import SigningKey

    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", parsed.until):
        raise ConfigInvalid(f"--until {parsed.until}: not a day", "write it as 2026-12-31")
    print(Approval(parsed.task, parsed.endpoint, parsed.by, parsed.until).signed(SigningKey(parsed.key)))
    return OK
