"""A model's words with literals put back, while they arrive: `<STR_4>` is what the user wrote.

Only literals. Secrets, people and places stay placeholders in prose, and so does what nobody has issued.
The result is text that a model wrote: it goes through `models/parse` like any other.
"""

from __future__ import annotations

import re

from lsp_debugger.policy import placeholders
from lsp_debugger.policy.placeholders import Placeholders

# The longest start of a placeholder that may still go on: more is not held back.
_MAX_CHARS = 64
_BEGUN = re.compile(
    r"(?:<|&lt;|&l?t?\Z)[A-Za-z_0-9: ]{0,60}(?:&g?t?)?\Z|(?<![A-Za-z0-9_])S(?:T(?:R(?:_\d{0,9})?)?)?\Z",
    re.IGNORECASE,
)


class Prose:
    """One for each answer. What `feed` has returned is never taken back."""

    def __init__(self, issued: Placeholders) -> None:
        self._issued = issued
        self._held = ""
        self._last = ""  # the character before: `STR_4` at the end of a word is none of ours

    def feed(self, text: str) -> str:
        """What may be shown now: all but the start of what may become a placeholder."""
        text = self._held + text
        begun = _BEGUN.search(text, max(0, len(text) - _MAX_CHARS))
        cut = begun.start() if begun else len(text)
        shown, self._held = text[:cut], text[cut:]
        return self._restored(shown)

    def close(self) -> str:
        held, self._held = self._held, ""
        return self._restored(held)

    def _restored(self, text: str) -> str:
        said, parts, done = self._last + text, list[str](), len(self._last)
        for match in placeholders.loose().finditer(said, done):
            parts += [said[done : match.start()], self._literal(match)]
            done = match.end()
        parts.append(said[done:])
        self._last = said[-1:]
        return "".join(parts)

    def _literal(self, match: re.Match[str]) -> str:
        issued = self._issued.named(match["name"])
        return match[0] if issued is None or issued.kind != "STR" else issued.value
