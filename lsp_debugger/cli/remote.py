"""Agreeing, on a command line, to send a question to a model of somebody else."""

from __future__ import annotations

import sys
from collections.abc import Collection
from typing import TYPE_CHECKING

from lsp_debugger.cli.app import FAILED, OK
from lsp_debugger.core.ask import Unanswered, Verified
from lsp_debugger.core.errors import ConfigInvalid

if TYPE_CHECKING:
    from lsp_debugger.escalation import Agree
    from lsp_debugger.policy.remote import Preview

_DECLINED = "you did not agree to send it"


def agreement(flags: Collection[str]) -> Agree:
    """How this command line agrees: by flag, by being asked, or, with --preview, never."""

    async def agree(preview: Preview) -> str:
        if "--preview" in flags:
            sys.stdout.buffer.write(preview.body + b"\n")
            sys.stdout.buffer.flush()
            return ""
        if "--consent" in flags:
            return "flag"
        if not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise ConfigInvalid(
                "nobody can be asked here",
                "--consent says yes beforehand; --preview shows what would be sent",
            )
        return _asked(preview)

    return agree


def shown(verified: Verified) -> int:
    """After a preview: why there was none, if there was none."""
    reply = verified.reply
    return previewed(reply.reason, reply.hint) if isinstance(reply, Unanswered) else OK


def previewed(reason: str, hint: str) -> int:
    """The same where a fix was asked for."""
    if reason == _DECLINED:
        return OK
    print(f"{reason}\n{hint}".rstrip(), file=sys.stderr)
    return FAILED


def _asked(preview: Preview) -> str:
    from lsp_debugger.policy.remote import in_words

    while True:
        print(in_words(preview), "[y]es, [p]review, [N]o? ", end="", file=sys.stderr, flush=True)
        match sys.stdin.readline().strip().lower():
            case "y" | "yes":
                return "once"
            case "p" | "preview":
                print(preview.body.decode("utf-8"), file=sys.stderr)
            case _:
                return ""
