"""Secrets leave a text before it is cut into rows: policy's detectors, and the workspace's own values."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path


class Redaction:
    """Call it with a file's text: the same lines come back, with placeholders where secrets were.

    known_values: those of the server's environment, which a worker does not inherit.
    """

    def __init__(self, root: Path, known_values: Sequence[str] = ()) -> None:
        from lsp_debugger.policy.known_values import KnownValues

        self._known = KnownValues((str(root),), others=known_values)

    def __call__(self, text: str) -> str:
        from lsp_debugger.policy.redact import redact_text

        return redact_text(text, self._known.scanner())

    @property
    def fingerprint(self) -> str:
        """Changes with the detectors: rows made under other ones are made anew."""
        from lsp_debugger.policy.rules import ALL

        digest = hashlib.sha256()
        for rule in ALL:
            digest.update(f"{rule.id}\0{rule.label}\0{rule.pattern}\0{rule.keywords}\n".encode())
        return digest.hexdigest()[:16]
