"""What people get to see, without secrets: cards, problems, and a model's words while they are written.

The prompt does not pass here: the gate redacts the originals by itself.
"""

from __future__ import annotations

from dataclasses import replace

from lsp_debugger.core.ask import Answer, Card, Place, Problem, Verified
from lsp_debugger.core.text import Span
from lsp_debugger.policy.detect import KnownScanner
from lsp_debugger.policy.redact import Redactor, unclear

# A line that is longer is taken for ended: looking at it anew with each word would take its square.
_MAX_LINE_CHARS = 4_000


class Mask:
    """For one card, or for one question: equal values share a placeholder in everything it masks."""

    def __init__(self, known: KnownScanner | None = None) -> None:
        self._redactor = Redactor(known)

    def text(self, text: str) -> str:
        """Fails closed: what no clean result can be reached for is left out."""
        if not text:
            return text
        redacted = self._redactor.redact(text)
        return redacted.text if redacted.clean else unclear(text)

    def problem(self, problem: Problem) -> Problem:
        """The new text of its tool's fix stays as it is: that goes into the user's own file."""
        return replace(
            problem,
            message=self.text(problem.message),
            source=self.text(problem.source),
            code=self.text(problem.code),
            path=None if problem.path is None else self.text(problem.path),
            related=self._places(problem.related),
            frames=self._places(problem.frames),
            href=self._address(problem.href),
            fix=replace(problem.fix, title=self.text(problem.fix.title)) if problem.fix else None,
        )

    def card(self, card: Card) -> Card:
        """The new text of its certain edit stays as it is: that goes into the user's own file."""
        return replace(
            card,
            headline=self.text(card.headline),
            places=self._places(card.places),
            notes=tuple(map(self.text, card.notes)),
            edit=replace(card.edit, title=self.text(card.edit.title)) if card.edit else None,
            rule_text=self.text(card.rule_text),
            href=self._address(card.href),
        )

    def verified(self, verified: Verified) -> Verified:
        problem, card, reply = self.problem(verified.problem), self.card(verified.card), verified.reply
        if isinstance(reply, Answer):
            evidence = self._places(reply.evidence)
            reply = replace(reply, markdown=self.text(reply.markdown), evidence=evidence)
        return replace(verified, problem=problem, card=card, reply=reply)

    def words(self) -> Words:
        return Words(self)

    def part(self, text: str, start: int) -> tuple[str, bool]:
        """What is to be shown of `text` from `start` on, and whether all of the text is clean as it is."""
        redacted = self._redactor.redact(text)
        if not redacted.findings:
            return text[start:], True
        if not redacted.clean:
            return unclear(text), False
        return redacted.text[redacted.moved(Span(start, len(text))).start :], False

    def _places(self, places: tuple[Place, ...]) -> tuple[Place, ...]:
        return tuple(
            replace(place, path=self.text(place.path), note=self.text(place.note)) for place in places
        )

    def _address(self, href: str | None) -> str | None:
        """An address with a hole leads nowhere."""
        return href if href is not None and self.text(href) == href else None


class Words:
    """A text that is shown while it is written: nothing that was shown is taken back.

    The line that is being written is held back as soon as it holds a secret, and shown when it ends. Text
    comes in whole words; of a value of several words the first may have been shown by then.
    """

    def __init__(self, mask: Mask) -> None:
        self._mask = mask
        self._line = ""
        self._shown = 0

    def feed(self, text: str) -> str:
        """What may be shown now."""
        *lines, rest = text.split("\n")
        parts = list[str]()
        for line in lines:
            self._line += line
            parts.append(self._ended() + "\n")
        self._line += rest
        if len(self._line) > _MAX_LINE_CHARS:
            parts.append(self._ended())
        elif rest:
            part, is_clean = self._mask.part(self._line, self._shown)
            if is_clean:
                parts.append(part)
                self._shown = len(self._line)
        return "".join(parts)

    def close(self) -> str:
        return self._ended()

    def _ended(self) -> str:
        part, _ = self._mask.part(self._line, self._shown) if self._line else ("", True)
        self._line, self._shown = "", 0
        return part
