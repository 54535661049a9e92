"""The files of one request as its model saw them, so that a patch in the model's words finds its place.

    text of the file → masked → (somewhere else a patch is put in place) → restored → text of the file

Nothing of it is ever sent: a model got the fragments that a gate cleared. The file around them is masked in
the same words, the fragments exactly as they went out.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from lsp_debugger.core.material import Fragment
from lsp_debugger.core.text import Span
from lsp_debugger.policy.redact import Edit, Redacted, Redactor
from lsp_debugger.policy.restore import RestoreRefused, restore

_NOTHING = Redacted("", (), (), clean=True)


class MaskedFiles:
    """One for each request; safe to use from several threads.

    shown: fragments as they were, each with what the model got of it.
    """

    def __init__(self, redactor: Redactor, shown: Sequence[tuple[Fragment, Redacted]] = ()) -> None:
        self._redactor = redactor
        self._shown = tuple(shown)
        self._lock = threading.Lock()
        self._files: dict[tuple[str, str], Redacted] = {}

    def masked(self, path: str, text: str) -> str:
        """What the model saw of the file at `path` (below the root), or would have seen: as many lines.

        Raises RestoreRefused when no clean form of it can be reached.
        """
        return self._file(path, text).text

    def restored(self, path: str, patched: str, text: str | None) -> str:
        """The new text of the file. patched: its masked text, changed. text: as it was, None for a new file.

        Raises RestoreRefused when a secret would move, or a placeholder would stay.
        """
        masked = _NOTHING if text is None else self._file(path, text)
        if patched == masked.text and text is not None:
            return text
        return restore(text or "", masked, patched, self._redactor.placeholders, path)

    def _file(self, path: str, text: str) -> Redacted:
        with self._lock:
            known = self._files.get((path, text))
            if known is None:
                known = self._files[path, text] = self._composed(path, text)
        if not known.clean:
            raise RestoreRefused("the file cannot be masked", 1)
        return known

    def _composed(self, path: str, text: str) -> Redacted:
        """The whole file masked, but each part that went out as it went out."""
        parts = sorted(self._parts(path, text), key=lambda part: part[0].start)
        language_id = next((one.language_id for one, _ in self._shown if one.path == path), "")
        whole = self._redactor.mask(text, path, language_id)
        edits, clean, spans = list[Edit](), whole.clean, list[Span]()
        for span, part in parts:
            if spans and span.start < spans[-1].end:
                continue  # shown twice; the first counts
            spans.append(span)
            clean = clean and part.clean
            edits += [
                Edit(one.start + span.start, one.end + span.start, one.put, one.issued, one.quote)
                for one in part.edits
            ]
        edits += [edit for edit in whole.edits if not _meets(edit, spans)]
        edits.sort(key=lambda edit: edit.start)
        return Redacted(_with(text, edits), (), (), clean, tuple(edits))

    def _parts(self, path: str, text: str) -> Iterator[tuple[Span, Redacted]]:
        starts = [0, *(at + 1 for at, char in enumerate(text) if char == "\n")]
        for fragment, part in self._shown:
            if fragment.path != path or not fragment.text or fragment.start_line > len(starts):
                continue
            start = starts[fragment.start_line - 1]
            if text.startswith(fragment.text, start):
                yield Span(start, start + len(fragment.text)), part


def _meets(edit: Edit, spans: Sequence[Span]) -> bool:
    index = bisect_left(spans, edit.end, key=lambda span: span.start)
    return index > 0 and edit.start < spans[index - 1].end


def _with(text: str, edits: Sequence[Edit]) -> str:
    parts, done = list[str](), 0
    for edit in edits:
        parts += [text[done : edit.start], edit.put]
        done = edit.end
    return "".join([*parts, text[done:]])
