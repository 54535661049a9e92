"""Which entries of which class the request matches, and where. Never the matched text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from lsp_debugger.core.material import Context
from lsp_debugger.policy import globs
from lsp_debugger.policy.document import Entry, Policy
from lsp_debugger.policy.paths import Names, Workspace
from lsp_debugger.policy.patterns import encode
from lsp_debugger.policy.views import views

MAX_MATCHES = 100


@dataclass(frozen=True, slots=True)
class Matched:
    """An entry that applies. fragment: index in the context, or None for the problem and its card.

    line: 1-based, in the fragment's file; 0 where a path matched or there is no file.
    """

    class_name: str
    entry_id: str
    fragment: int | None
    line: int


@dataclass(frozen=True)
class Segment:
    """A piece of the request: text, paths, or both."""

    fragment: int | None
    text: str = ""
    start_line: int = 0
    paths: tuple[str, ...] = ()

    @cached_property
    def encoded(self) -> tuple[bytes, ...]:
        """Every way to read the text, as RE2 takes it; the first is the text line by line."""
        return tuple(encode(view.text) for view in views(self.text))


def segments(context: Context) -> list[Segment]:
    """Everything of the request that could be sent, and every path that it names."""
    problem, card = context.ask.problem, context.card
    places = (*problem.related, *problem.frames, *card.places)
    words = [problem.message, problem.code, problem.source, card.headline, *card.notes, card.rule_text]
    words += [place.note for place in places]
    paths = [context.snapshot.path, problem.path, *(place.path for place in places)]
    about = Segment(None, "\n".join(filter(None, words)), paths=tuple(path for path in paths if path))
    return [about, *(_of_fragment(index, context) for index in range(len(context.fragments)))]


def _of_fragment(index: int, context: Context) -> Segment:
    fragment = context.fragments[index]
    paths = (fragment.path,) if fragment.path else ()
    text = f"{fragment.text}\n{fragment.symbol}" if fragment.symbol else fragment.text
    return Segment(index, text, fragment.start_line, paths)


class Classified:
    """The request under one policy. Classes are looked at when a rule asks, once each."""

    def __init__(self, policy: Policy, pieces: list[Segment], workspace: Workspace) -> None:
        self._policy = policy
        self._pieces = pieces
        self._names: list[list[Names]] = [
            [workspace.names_of(path) for path in piece.paths] for piece in pieces
        ]
        self._found: dict[str, tuple[Matched, ...]] = {}

    @property
    def outside(self) -> bool:
        """True when a path lies in no workspace folder."""
        return any(names.outside for piece in self._names for names in piece)

    def matches(self, class_name: str) -> bool:
        return bool(self.found(class_name))

    def found(self, class_name: str) -> tuple[Matched, ...]:
        """In the policy's order; at most MAX_MATCHES."""
        if class_name not in self._found:
            every = (
                hit for entry in self._policy.entries(class_name) for hit in self._hits(class_name, entry)
            )
            self._found[class_name] = tuple(islice(every, MAX_MATCHES))
        return self._found[class_name]

    def _hits(self, class_name: str, entry: Entry) -> Iterator[Matched]:
        for piece, named in zip(self._pieces, self._names, strict=True):
            line = _line_of(entry, piece) if entry.regex is not None else _covers(entry.glob, named)
            if line is not None:
                yield Matched(class_name, entry.id, piece.fragment, line)


def _covers(glob: str, named: list[Names]) -> int | None:
    covered = any(globs.matches(glob, name) for names in named for name in names.names)
    return 0 if covered else None


def _line_of(entry: Entry, piece: Segment) -> int | None:
    """The line of the first match; 0 without a file, or where only a joined reading matches."""
    assert entry.regex is not None
    for index, encoded in enumerate(piece.encoded):
        match = entry.regex.search(encoded)
        if match is not None:
            known = index == 0 and piece.start_line
            return piece.start_line + encoded.count(b"\n", 0, match.start()) if known else 0
    return None
