"""`lsp-debugger policy test`: the `tests:` in a policy, run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lsp_debugger.cli.app import FAILED, OK
from lsp_debugger.cli.arguments import Arguments
from lsp_debugger.cli.policies import in_force

HELP = """\
lsp-debugger policy test [FILE]

Runs the `tests:` of FILE, or of the policy that is in force in this folder. A test is
  - name: no database addresses
    input: {text: "postgres://u:p@h/db", path: src/a.py}
    task: explain
    endpoint: corp                 # optional, else the first one
    expect: {action: deny, rule: "rules[0]"}
where `action` is deny, local, redact_then_route, consider_cloud, or remote: every gate that can be known
before preview and consent is open. Sends nothing.
Exit codes: 0 all hold, 1 one does not, 2 the policy cannot be read."""


def run(args: Sequence[str]) -> int:
    parser = Arguments("lsp-debugger policy test")
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE")
    loaded = in_force(parser.parse_args(list(args)).file, Path.cwd())
    from lsp_debugger.policy.simulate import run_tests

    failed = count = 0
    for outcome in run_tests(loaded):
        count += 1
        failed += bool(outcome.said)
        print(f"{'FAIL' if outcome.said else 'ok  '} {outcome.test.name}")
        if outcome.said:
            print(f"     {outcome.said}")
    none = "no tests are in force: a repository's are run when its file is named (policy test policy.yaml)"
    print(f"{count - failed} of {count} tests hold" if count else none)
    return FAILED if failed else OK
