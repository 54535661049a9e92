"""`lsp-debugger policy redact`: texts in, the same texts without secrets out, one JSON object a line."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_debugger.cli.app import OK
from lsp_debugger.cli.arguments import Arguments
from lsp_debugger.cli.jsonl import records
from lsp_debugger.core.errors import PolicyInvalid

if TYPE_CHECKING:
    from lsp_debugger.policy.detect import KnownScanner
    from lsp_debugger.policy.patterns import Regex

HELP = """\
lsp-debugger policy redact [--mode secrets|cloud] [--policy FILE] --jsonl

Reads one JSON object a line, {"id": …, "text": "…", "path": "…"}, and writes one a line:
{"id": …, "text": "…", "findings": [{"start": …, "end": …, "rule": "…", "label": "…"}]}.
`path` is optional and says in which language a text is written. Offsets count code points of the input.

  --mode secrets   what every route gets, the local model included (the default)
  --mode cloud     what a remote model gets: literals, comments, people and places are hidden as well
  --policy FILE    redact what this file's `redact_and_allow` patterns name as well

Values of this folder's `.env*` files and of secret-named environment variables count as secrets. Nothing
is sent, stored or looked up. A text that no clean result can be reached for becomes empty but for a
placeholder and its line ends.
Exit codes: 0 done, 2 a line or the policy cannot be read."""


def run(args: Sequence[str]) -> int:
    parser = Arguments("lsp-debugger policy redact")
    parser.add_argument("--mode", choices=("secrets", "cloud"), default="secrets")
    parser.add_argument("--policy", type=Path)
    parser.add_argument("--jsonl", action="store_true", required=True)
    parsed = parser.parse_args(list(args))
    redaction = _Redaction(_patterns(parsed.policy), cloud=parsed.mode == "cloud")
    for _, record in records(sys.stdin.buffer, ("text",)):
        print(json.dumps(redaction.record(record)), flush=True)
    return OK


class _Redaction:
    """Each record is a request of its own: numbers begin anew, and nothing is learnt from the one before."""

    def __init__(self, patterns: Sequence[Regex], *, cloud: bool) -> None:
        from lsp_debugger.policy.known_values import KnownValues

        self._known: KnownScanner = KnownValues((str(Path.cwd()),)).scanner()
        self._patterns = patterns
        self._cloud = cloud

    def record(self, record: dict[str, Any]) -> dict[str, Any]:
        from lsp_debugger.policy.redact import Redactor, unclear

        text: str = record["text"]
        path = record.get("path")
        redactor = Redactor(self._known, self._patterns, cloud=self._cloud)
        redacted = redactor.mask(text, path if isinstance(path, str) else None)
        findings = [
            {"start": found.start, "end": found.end, "rule": found.rule, "label": found.label}
            for found in redacted.findings
        ]
        if not redacted.clean:
            findings = [{"start": 0, "end": len(text), "rule": "unclear", "label": "unclear"}]
        shown = redacted.text if redacted.clean else unclear(text)
        return {"id": record["id"], "text": shown, "findings": findings}


def _patterns(policy: Path | None) -> list[Regex]:
    if policy is None:
        return []
    from lsp_debugger.policy.schema import read_policy

    try:
        data = policy.read_bytes()
    except OSError as error:
        raise PolicyInvalid(f"{policy} cannot be read: {error.strerror}") from error
    entries = read_policy(data, str(policy), "file").redact_and_allow
    return [entry.regex for entry in entries if entry.regex is not None]
