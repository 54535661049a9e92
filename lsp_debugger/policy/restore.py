"""A patch of a masked file, back on the real one: lines that were kept are the file's own, byte for byte.

Placeholders in lines that the model wrote come back by what they stand for, written anew for the quotes
around them. A secret stays where it was or the patch is refused: in a line that was added or moved, more
often than before, or out of another file, it would be the model that places it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from lsp_debugger.core.diff import differences
from lsp_debugger.policy import placeholders
from lsp_debugger.policy.literals import source
from lsp_debugger.policy.literals.lexing import Family, Piece, family_of, pieces
from lsp_debugger.policy.placeholders import Issued, Placeholders
from lsp_debugger.policy.redact import Redacted

# Old lines that a new one may be made of, and pairs of the two in one change.
_MAX_WIDTH, _LEAST_WIDTH, _MAX_PAIRS = 200, 5, 20_000


class RestoreRefused(ValueError):
    """The patch must not be applied. line: 1-based, in the patched text."""

    def __init__(self, reason: str, line: int) -> None:
        super().__init__(f"{reason} (line {line} of the patched file)")
        self.reason = reason
        self.line = line


def restore(
    original: str, masked: Redacted, patched: str, issued: Placeholders, path: str | None = None
) -> str:
    """The text of the file after the patch, with everything put back.

    original: what was masked. masked: what the model got of it, in the request of `issued`. patched:
    `masked.text` with the model's changes. path: says how the language quotes. Raises RestoreRefused.
    """
    return _Restoration(original, masked, patched, issued, family_of(path)).text()


@dataclass(frozen=True, slots=True)
class _Named:
    """A placeholder at [start, end) of a line."""

    start: int
    end: int
    issued: Issued


class _Restoration:
    def __init__(
        self, original: str, masked: Redacted, patched: str, issued: Placeholders, family: Family
    ) -> None:
        self._issued = issued
        self._real = original.split("\n")
        self._old = masked.text.split("\n")
        self._new = patched.split("\n")
        assert len(self._real) == len(self._old), "masking keeps lines"
        self._ours = {edit.issued.placeholder for edit in masked.edits}
        self._sources = _sources_by_line(masked, original)
        self._starts = _line_starts(self._new)
        self._pieces = list(pieces(patched, family))
        self._in_original = set(placeholders.names_in(original))

    def text(self) -> str:
        out = list[str]()
        at = 0
        for old, old_end, new, new_end in differences(self._old, self._new):
            out += self._real[at:old]
            out += self._rewritten(range(old, old_end), range(new, new_end))
            at = old_end
        return "\n".join([*out, *self._real[at:]])

    def _rewritten(self, old: range, new: range) -> Iterator[str]:
        """Lines that the model wrote in place of others. An old line stands behind one new line at most."""
        names = {line: list(self._named(line)) for line in new}
        # Which old line a new one was made of matters to placeholders alone.
        left = list(old) if any(names.values()) else []
        width = max(_MAX_PAIRS // max(len(new), 1), _LEAST_WIDTH)
        for line, named in names.items():
            before = self._before(line, named, left[:width])
            if before is not None:
                left = left[left.index(before) + 1 :]
            yield self._line(line, named, before)

    def _before(self, line: int, named: Sequence[_Named], left: Sequence[int]) -> int | None:
        """The old line that this one was made of: the likest, and one with its secrets if it has any."""
        secrets = [one.issued.placeholder for one in named if one.issued.kind == "SECRET"]
        text = self._new[line]
        likeness = {
            index: SequenceMatcher(None, self._old[index], text, autojunk=False).quick_ratio()
            for index in left[:_MAX_WIDTH]
            if all(secret in self._old[index] for secret in secrets)
        }
        return max(likeness, key=lambda index: (likeness[index], -index)) if likeness else None

    def _named(self, line: int) -> Iterator[_Named]:
        for match in placeholders.loose().finditer(self._new[line]):
            issued = self._issued.named(match["name"])
            if issued is not None:
                yield _Named(match.start(), match.end(), issued)
            elif match["name"].upper() not in self._in_original and match[0].startswith("<"):
                raise RestoreRefused(f"nobody has issued {match['name'].upper()}", line + 1)

    def _line(self, line: int, named: Sequence[_Named], before: int | None) -> str:
        text, parts, done = self._new[line], list[str](), 0
        self._check_secrets(line, named, before)
        sources = list(self._sources.get(before, ())) if before is not None else []
        for one in named:
            parts.append(text[done : one.start])
            parts.append(self._source(line, one, sources))
            done = one.end
        parts.append(text[done:])
        self._check_rest(line, parts[::2])
        return "".join(parts)

    def _check_rest(self, line: int, rest: Sequence[str]) -> None:
        """Nothing of ours stays in what the model wrote, such as two placeholders run together."""
        for name in (name for part in rest for name in placeholders.names_in(part)):
            if name not in self._in_original and self._issued.named(name) is not None:
                raise RestoreRefused(f"{name} is written in a way that cannot be put back", line + 1)

    def _check_secrets(self, line: int, named: Sequence[_Named], before: int | None) -> None:
        """Each secret with the same text before it as in the line that it was in."""
        secrets = [one for one in named if one.issued.kind == "SECRET"]
        if not secrets:
            return
        if any(one.issued.placeholder not in self._ours for one in secrets):
            raise RestoreRefused("a secret of another file", line + 1)
        if before is None:
            raise RestoreRefused("a secret in a line that was added or moved", line + 1)
        old = self._old[before]
        for one in secrets:
            if not old.startswith(self._new[line][: one.end]):
                raise RestoreRefused("a secret in another place than before", line + 1)

    def _source(self, line: int, one: _Named, sources: list[tuple[str, str, str]]) -> str:
        quote = self._quote(self._starts[line] + one.start)
        # As it stood in the line before, if it still stands between such quotes.
        for index, (placeholder, there, written) in enumerate(sources):
            if placeholder == one.issued.placeholder and there in (quote, "", "secret"):
                del sources[: index + 1]
                return written
        if one.issued.kind == "SECRET":
            raise RestoreRefused("a secret more often than before", line + 1)
        if quote in one.issued.sources:
            return one.issued.sources[quote]
        try:
            return source.write(one.issued.value, quote)
        except source.NotWritable as error:
            raise RestoreRefused(
                f"{one.issued.placeholder} cannot be written there: {error}", line + 1
            ) from error

    def _quote(self, offset: int) -> str:
        """How the literal or comment around `offset` of the patched text is written; empty in code."""
        return next((piece.quote for piece in self._around(offset)), "")

    def _around(self, offset: int) -> Iterator[Piece]:
        for piece in self._pieces:
            if piece.start > offset:
                return
            if offset < piece.end:
                yield piece


def _sources_by_line(masked: Redacted, original: str) -> dict[int, list[tuple[str, str, str]]]:
    """For each line, in order: placeholder, quote, and what stands there in the file."""
    found = dict[int, list[tuple[str, str, str]]]()
    line, at = 0, 0
    for edit in masked.edits:
        line += original.count("\n", at, edit.start)
        at = edit.start
        written = original[edit.start : edit.end]
        # Of a block of several lines, the line with the placeholder holds the first.
        quote = "secret" if edit.issued.kind == "SECRET" else edit.quote
        found.setdefault(line, []).append((edit.issued.placeholder, quote, written.split("\n")[0]))
    return found


def _line_starts(lines: Sequence[str]) -> list[int]:
    starts, at = list[int](), 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    return starts
