"""`lsp-debugger policy`: what may leave this machine, and what is left of a text before it does."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

from lsp_debugger.cli.app import OK, Verb
from lsp_debugger.core.errors import ConfigInvalid

# Each is a module of this package with HELP and run(args), imported when it is called.
ACTIONS = {
    "check": Verb("policy_check", "read a policy, and say what it opens and what it ignores"),
    "test": Verb("policy_test", "run the tests that are written in a policy"),
    "explain": Verb("policy_explain", "what the policy decides about a text, and why"),
    "preview": Verb("policy_preview", "the exact bytes that would be sent about a problem"),
    "report": Verb("policy_report", "what each endpoint's operator keeps, where, and who attested it"),
    "sign": Verb("policy_sign", "make keys; sign policies and attestations"),
    "redact": Verb("policy_redact", "replace secrets in texts, and say where they stood"),
}

HELP = "\n".join(
    (
        "lsp-debugger policy ACTION [ARGUMENTS]",
        "",
        *(f"  {name:<10} {action.summary}" for name, action in ACTIONS.items()),
        "",
        "`lsp-debugger policy ACTION --help` says more about one.",
    )
)


def run(args: Sequence[str]) -> int:
    name, rest = (args[0], args[1:]) if args else ("", ())
    if name not in ACTIONS:
        said = f"no action {name!r}" if name else "which action?"
        raise ConfigInvalid(f"{said} (one of {', '.join(ACTIONS)})", "see `lsp-debugger policy --help`")
    module: Any = importlib.import_module(f"{__package__}.{ACTIONS[name].module}")
    if rest and rest[0] in {"-h", "--help"}:
        print(module.HELP)
        return OK
    code: int = module.run(rest)
    return code
