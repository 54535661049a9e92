"""A file in pieces that search can return: functions, what is left of classes, what is left of the file.

Every line with text lies in a piece. Why these pieces, and why 60 lines: function chunks of at most
60 lines under a header of path and name find bugs best by far, measured on 301 of them; windows of
lines are for files that no grammar reads.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lsp_debugger.core.text import LineIndex, Span
from lsp_debugger.index.names import is_test_path, modules_in
from lsp_debugger.syntax.grammars import language_of
from lsp_debugger.syntax.identifiers import search_tokens, words_in
from lsp_debugger.syntax.outline import Named
from lsp_debugger.syntax.tree import TreeView, parse_view

MAX_LINES = 60
MAX_CHARS = 8_000  # of one chunk's lines; a longer line stands alone, cut to this
NAME_WEIGHT = 5  # a word of the path or of the qualified name counts like so many in the text
WINDOW_LINES = 40
WINDOW_OVERLAP = 10
PARSE_TIMEOUT_S = 3.0
_MAX_NAMES = 200

Run = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of one file.

    path: relative to the root, with `/`. kind: function | method | class | module | window.
    runs: the lines it holds, (first, last) 1-based and inclusive, ascending; a remainder has several.
    text: the lines of the runs, one after the other. literals: spans in `text`, quotes excluded.
    file_hash: of the file's bytes on disk, or of the buffer; chunk_hash: of header and text.
    tokens: what the lexical index sees, separated by blanks; those of path and name NAME_WEIGHT times.
    """

    path: str
    language: str
    kind: str
    qualname: str
    runs: tuple[Run, ...]
    text: str
    literals: tuple[Span, ...]
    is_test: bool
    defines: tuple[str, ...]
    refers: tuple[str, ...]
    imports: tuple[str, ...]
    file_hash: str
    chunk_hash: str
    tokens: str


def chunk_file(path: str, text: str, file_hash: str, parse_timeout_s: float = PARSE_TIMEOUT_S) -> list[Chunk]:
    """The chunks of one file, in the order of their first lines. Broken source is no obstacle."""
    language = language_of(path)
    view = parse_view(text, language, parse_timeout_s)
    file = _File(path, language, text, file_hash)
    if view is None:
        return [file.chunk(piece, ()) for piece in _windows(file)]
    pieces = list(_pieces(file, view))
    _note_names(file, view, pieces)
    return [file.chunk(piece, view.outline.literals) for piece in pieces]


@dataclass(slots=True)
class _Piece:
    """Lines that will be a chunk, and what a parser found to begin on one of them."""

    kind: str
    qualname: str
    runs: list[Run]
    signature: str = ""
    defines: dict[str, None] = field(default_factory=dict[str, None])
    imports: dict[str, None] = field(default_factory=dict[str, None])


class _File:
    def __init__(self, path: str, language: str, text: str, file_hash: str) -> None:
        self.path = path
        self.language = language
        self.text = text
        self.file_hash = file_hash
        self.lines = LineIndex(text)
        self.is_test = is_test_path(path)
        written = [text[start:end] for start, end in self.lines.spans()]
        self._sizes = [0, *map(len, written)]  # by line, the first of which is 1
        self._blank = [True, *(not line or line.isspace() for line in written)]

    def is_blank(self, line: int) -> bool:
        return self._blank[line]

    def size_of(self, line: int) -> int:
        return self._sizes[line]

    def span_of(self, run: Run) -> Span:
        return Span(self.lines.span_of(run[0] - 1).start, self.lines.span_of(run[1] - 1).end)

    def line_of(self, offset: int) -> int:
        return self.lines.line_of(offset) + 1

    def chunk(self, piece: _Piece, literals: Sequence[Span]) -> Chunk:
        text, moved = self._cut(piece.runs, literals)
        header = f"{self.path} {piece.qualname} {piece.signature}".rstrip()
        words = words_in(text)
        names = list(search_tokens(words_in(f"{self.path} {piece.qualname}")))
        body = search_tokens([*words_in(piece.signature), *words])
        refers = dict.fromkeys(word for word in words if word not in piece.defines and not word[0].isdigit())
        return Chunk(
            path=self.path,
            language=self.language,
            kind=piece.kind,
            qualname=piece.qualname,
            runs=tuple(piece.runs),
            text=text,
            literals=moved,
            is_test=self.is_test,
            defines=tuple(piece.defines)[:_MAX_NAMES],
            refers=tuple(refers)[:_MAX_NAMES],
            imports=tuple(piece.imports)[:_MAX_NAMES],
            file_hash=self.file_hash,
            chunk_hash=hashlib.sha256(f"{header}\0{text}".encode("utf-8", "surrogatepass")).hexdigest()[:16],
            tokens=" ".join([*names * NAME_WEIGHT, *body]),
        )

    def _cut(self, runs: Sequence[Run], literals: Sequence[Span]) -> tuple[str, tuple[Span, ...]]:
        """The text of the runs, and the literals in it at their new places."""
        parts: list[str] = []
        moved: list[Span] = []
        length = 0
        for run in runs:
            span = self.span_of(run)
            span = Span(span.start, min(span.end, span.start + MAX_CHARS * (run[1] - run[0] + 1)))
            parts.append(span.of(self.text))
            for literal in literals[bisect_right(literals, span.start, key=_end) :]:
                if literal.start >= span.end:
                    break
                start, end = max(literal.start, span.start), min(literal.end, span.end)
                moved.append(Span(start - span.start + length, end - span.start + length))
            length += len(span) + 1
        return "\n".join(parts), tuple(moved)


def _end(span: Span) -> int:
    return span.end


def _note_names(file: _File, view: TreeView, pieces: Sequence[_Piece]) -> None:
    """Give each piece the definitions and imports that begin on one of its lines."""
    piece_at: list[_Piece | None] = [None] * (len(file.lines) + 2)
    for piece in pieces:
        for first, last in piece.runs:
            piece_at[first : last + 1] = [piece] * (last - first + 1)
    for named in view.outline.named:
        piece = piece_at[file.line_of(named.span.start)]
        if piece is not None and named.kind != "import":
            piece.defines[named.name] = None
    for span in view.outline.imports:
        piece = piece_at[file.line_of(span.start)]
        if piece is not None:
            piece.imports.update(dict.fromkeys(modules_in(span.of(file.text))))


def _pieces(file: _File, view: TreeView) -> Iterator[_Piece]:
    """Each line belongs to its outermost function, else to its innermost class, else to the module."""
    owners: list[Named | None] = [None] * (len(file.lines) + 1)
    inside_function = 0  # offset where the function that is open ends
    for named in view.outline.scopes():
        if named.span.start < inside_function:
            continue
        if named.kind != "class":
            inside_function = named.span.end
        first = file.line_of(named.span.start)
        last = file.line_of(named.span.end - 1)
        owners[first : last + 1] = [named] * (last - first + 1)
    for owner, runs in _runs_by_owner(file, owners):
        kind, qualname = (owner.kind, owner.qualname) if owner else ("module", "")
        signature = " ".join(owner.header.of(file.text).split())[:400] if owner else ""
        for number, part in enumerate(_parts(file, runs)):
            if all(file.is_blank(line) for first, last in part for line in range(first, last + 1)):
                continue
            yield _Piece(kind, qualname, part, signature if number else "")


def _runs_by_owner(file: _File, owners: list[Named | None]) -> Iterator[tuple[Named | None, list[Run]]]:
    """Lines that belong together, in the order of their first lines.

    A blank line goes with the one before it, so that runs with nothing between them touch.
    """
    runs: dict[int, tuple[Named | None, list[Run]]] = {}
    current: list[Run] = []
    current_owner: int | None = None
    for line in range(1, len(file.lines) + 1):
        if file.is_blank(line):
            continue
        if current:
            current[-1] = (current[-1][0], line - 1)
        owner = owners[line]
        _, current = runs.setdefault(id(owner), (owner, []))
        if current_owner == id(owner):
            current[-1] = (current[-1][0], line)
        else:
            current.append((line, line))
        current_owner = id(owner)
    yield from runs.values()


def _parts(file: _File, runs: list[Run]) -> Iterator[list[Run]]:
    """Cut into even parts of at most MAX_LINES lines and MAX_CHARS characters."""
    total = sum(last - first + 1 for first, last in runs)
    limit = -(-total // -(-total // MAX_LINES))
    part: list[Run] = []
    lines = chars = 0
    for first, last in runs:
        for line in range(first, last + 1):
            size = file.size_of(line) + 1
            if part and (lines >= limit or chars + size > MAX_CHARS):
                yield part
                part, lines, chars = [], 0, 0
            if part and part[-1][1] == line - 1:
                part[-1] = (part[-1][0], line)
            else:
                part.append((line, line))
            lines, chars = lines + 1, chars + size
    if part:
        yield part


def _windows(file: _File) -> Iterator[_Piece]:
    """Overlapping stretches of lines, for text that no grammar reads. A window may end early at MAX_CHARS."""
    first, count = 1, len(file.lines)
    while count and file.is_blank(count):
        count -= 1
    while first <= count:
        last, chars = first, file.size_of(first)
        while last < count and last - first + 1 < WINDOW_LINES and chars < MAX_CHARS:
            last += 1
            chars += file.size_of(last) + 1
        if not all(file.is_blank(line) for line in range(first, last + 1)):
            yield _Piece("window", "", [(first, last)])
        first = last + 1 if last >= count else max(first + 1, last + 1 - WINDOW_OVERLAP)
