"""`lsp-debugger policy preview`: the exact bytes that would be sent, and nothing sent."""

from __future__ import annotations

from collections.abc import Sequence

HELP = """\
lsp-debugger policy preview PATH[:LINE[:COLUMN]]
lsp-debugger policy preview -

Writes the body of the request that `lsp-debugger explain --remote` would send about this problem, byte for
byte, after redaction and masking. With - it reads an error message or a traceback from standard input.
Exit codes: 0 shown, 1 there is no problem there, or a gate is closed: it says which."""


def run(args: Sequence[str]) -> int:
    from lsp_debugger.cli import explain

    return explain.run([*args, "--remote", "--preview"])
