"""What becomes of a fix after it was offered: taken, thrown away, undone; how much of it is there later.

Numbers only. Nothing here writes down text, names or paths, and nothing leaves the machine.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lsp_debugger.core.diff import likeness
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.server.documents import Change, key_of, moved_all
from lsp_debugger.server.edits import replacements
from lsp_debugger.server.offers import Offer

KEPT_AFTER_S = (30, 300)
_MAX_PENDING = 64

# outcome (accepted, rejected, undone, kept), and with `kept` after how many seconds and which share.
Record = Callable[[str, Offer, int, float], None]


@dataclass(eq=False, slots=True)
class _Watched:
    """A fix in a document. written: where its text is now, with that text; timers: when it is measured."""

    offer: Offer
    before: str
    after: str
    written: list[tuple[Span, str]] = field(default_factory=list[tuple[Span, str]])
    timers: list[asyncio.TimerHandle] = field(default_factory=list[asyncio.TimerHandle])

    def stop(self) -> None:
        for timer in self.timers:
            timer.cancel()


class Feedback:
    """now: the open document of an address. after_s: when to measure."""

    def __init__(
        self,
        now: Callable[[str], Snapshot | None],
        record: Record,
        after_s: Sequence[float] = KEPT_AFTER_S,
    ) -> None:
        self._now, self._record, self._after_s = now, record, tuple(after_s)
        self._pending: OrderedDict[str, _Watched] = OrderedDict()
        self._taken: dict[str, list[_Watched]] = {}

    def offered(self, offer: Offer) -> None:
        """From now on the document may become what this fix makes of it."""
        text = _text_after(offer)
        if text is None:
            return
        self._pending[offer.id] = _Watched(offer, offer.snapshot.text, text)
        while len(self._pending) > _MAX_PENDING:
            self._pending.popitem(last=False)

    def rejected(self, offer: Offer) -> None:
        """The user, or their editor, would not have it; it may still be taken from the menu."""
        self._record("rejected", offer, 0, 0.0)

    def edited(self, change: Change) -> None:
        """A document has changed. Cheap while no fix is on its way."""
        uri, text = key_of(change.after.uri), change.after.text
        for watched in list(self._taken.get(uri, ())):
            watched.written = [
                (moved_all(span, change.edits)[0], written) for span, written in watched.written
            ]
            if text == watched.before:
                self._end(uri, watched)
                self._record("undone", watched.offer, 0, 0.0)
        for watched in list(self._pending.values()):
            if key_of(watched.offer.snapshot.uri) == uri and text == watched.after:
                del self._pending[watched.offer.id]
                self._accept(uri, watched)

    def closed(self, uri: str) -> None:
        """What is closed is not measured any more."""
        for watched in self._taken.pop(key_of(uri), ()):
            watched.stop()

    def _accept(self, uri: str, watched: _Watched) -> None:
        self._record("accepted", watched.offer, 0, 1.0)
        watched.written = _written(watched.before, watched.after)
        self._taken.setdefault(uri, []).append(watched)
        loop = asyncio.get_running_loop()
        watched.timers = [
            loop.call_later(after_s, self._measure, uri, watched, after_s) for after_s in self._after_s
        ]

    def _measure(self, uri: str, watched: _Watched, after_s: float) -> None:
        snapshot = self._now(watched.offer.snapshot.uri)
        if snapshot is not None:
            self._record("kept", watched.offer, round(after_s), _kept(watched.written, snapshot.text))
        if after_s == self._after_s[-1]:
            self._end(uri, watched)

    def _end(self, uri: str, watched: _Watched) -> None:
        watched.stop()
        here = self._taken.get(uri, [])
        here[:] = [each for each in here if each is not watched]
        if not here:
            self._taken.pop(uri, None)


def _text_after(offer: Offer) -> str | None:
    """What the problem's own document becomes; None for a fix of other files."""
    texts = offer.candidate.applied.new_texts
    name = next((name for name in texts if str(offer.root / name) == offer.snapshot.path), None)
    return texts[name] if name is not None else None


def _written(before: str, after: str) -> list[tuple[Span, str]]:
    """What a fix wrote, where it is in the new text."""
    found, growth = list[tuple[Span, str]](), 0
    for each in replacements(before, after):
        start = each.span.start + growth
        found.append((Span(start, start + len(each.new_text)), each.new_text))
        growth += len(each.new_text) - len(each.span)
    return [each for each in found if each[1]]


def _kept(written: Sequence[tuple[Span, str]], now: str) -> float:
    """The share of what was written that is still there, in [0, 1]; 1 for a mere removal."""
    total = sum(len(text) for _, text in written)
    return sum(_same(text, span.of(now), now) for span, text in written) / total if total else 1.0


def _same(text: str, there: str, now: str) -> int:
    """How many characters of `text` are left. With clients that send whole documents places get lost."""
    if text in now:
        return len(text)
    return round(likeness(text, there) * (len(text) + len(there)) / 2)
