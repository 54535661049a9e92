"""Code without a word about where it goes: whole definitions, found by name, or the whole file."""

from __future__ import annotations

import re
import textwrap
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from lsp_debugger.core.diff import differences
from lsp_debugger.core.patch import Rung
from lsp_debugger.core.text import LineIndex, Span
from lsp_debugger.syntax.outline import SCOPES, Named
from lsp_debugger.syntax.tree import TreeView, parse_view
from lsp_debugger.verify.alignment import aligned
from lsp_debugger.verify.completion import MAX_HUNKS
from lsp_debugger.verify.drift import Manner
from lsp_debugger.verify.lines import (
    Change,
    Lines,
    Placement,
    cleaned,
    is_elision,
    split,
    squeezed,
)
from lsp_debugger.verify.refusal import ASK_FOR_BLOCKS, ASK_FOR_MORE, Refusal

_FILE_ALIKE = 0.6  # how much of a file without a grammar its new text has to repeat
_PROSE = re.compile(r"[A-Z][\w\u2019']*,?(?: [\w\u2019'`(,-]+){2,}.*[.:!]?\s*\Z")
_IMPORTS = re.compile(r"import|use_declaration|preproc_include")
_CLASSES = frozenset({"javascript", "javascriptreact", "typescript", "typescriptreact"})
_EXPORTS = ("export default ", "export ")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A statement at the top of a text. [first, last): its lines. name: "" of what defines none."""

    kind: str
    name: str
    first: int
    last: int
    text: str


class _Source:
    """A text by its statements and definitions."""

    def __init__(self, text: str, view: TreeView) -> None:
        self.text, self.view = text, view
        self.index = LineIndex(text)
        self.lines = text.split("\n")
        self.named = [each for each in view.outline.named if each.kind in SCOPES]

    @cached_property
    def by_name(self) -> dict[str, list[Named]]:
        return _grouped(self.named, lambda each: each.name)

    @cached_property
    def by_owner(self) -> dict[str, list[Named]]:
        """What stands in a definition right away, by its qualified name."""
        return _grouped(self.named, lambda each: each.qualname.rpartition(".")[0])

    def lines_of(self, span: Span) -> tuple[int, int]:
        return self.index.line_of(span.start), self.index.line_of(max(span.start, span.end - 1)) + 1

    def alone(self, span: Span) -> bool:
        """True when nothing else stands on its first and last line."""
        first, last = self.lines_of(span)
        before = self.text[self.index.span_of(first).start : span.start]
        after = self.text[span.end : self.index.span_of(last - 1).end]
        return not before.strip() and not after.strip(" \t;,")

    def pieces(self) -> list[_Piece]:
        names = {named.span.start: named.name for named in self.named if named.depth == 0}
        found: list[_Piece] = []
        for node in self.view.nodes.root.named_children:
            span = self.view.nodes.span(node)
            first, last = self.lines_of(span)
            text = squeezed(span.of(self.text))
            found.append(_Piece(node.type, names.get(span.start, ""), first, last, text))
        return found

    def with_heads(self, pieces: Sequence[_Piece]) -> list[_Piece]:
        """What holds definitions, such as a namespace or `#if`, by its first line: none stands for it."""
        firsts = sorted(self.lines_of(each.span)[0] for each in self.named)

        def holds_one(piece: _Piece) -> bool:
            at = bisect_left(firsts, piece.first)
            return at < len(firsts) and firsts[at] < piece.last

        return [
            replace(each, name=squeezed(self.lines[each.first]))
            if not each.name and holds_one(each)
            else each
            for each in pieces
        ]


def _grouped(named: Iterable[Named], key: Callable[[Named], str]) -> dict[str, list[Named]]:
    found: dict[str, list[Named]] = {}
    for each in named:
        found.setdefault(key(each), []).append(each)
    return found


def scopes_of(text: str, language_id: str) -> list[tuple[int, int]]:
    """Lines [first, last) of every definition."""
    view = parse_view(text, language_id)
    if view is None:
        return []
    source = _Source(text, view)
    return [source.lines_of(named.span) for named in source.named]


def place_code(
    lines: Lines, code: str, language_id: str, line: int | None, *, ended: bool
) -> list[Placement]:
    """Raises Refusal. line: of the problem, 0-based. ended: see `FileEdit`."""
    text = "\n".join(lines.texts)
    new = split(code)
    if not ended:
        new = _without_prose(new)
    old_view = parse_view(text, language_id)
    if old_view is None:
        return [_whole(lines, new, ended=ended)]
    for reading in dict.fromkeys(["\n".join(new), cleaned("\n".join(new))]):
        view = parse_view(textwrap.dedent(reading).strip("\n"), language_id)
        if view is not None and not view.has_error:
            return _Placing(lines, _Source(text, old_view), _Source(view.text, view), line, ended).place()
    # A method by itself is no text of these languages; in a class it is.
    body = textwrap.dedent("\n".join(new)).strip("\n")
    view = parse_view(f"class _ {{\n{body}\n}}", language_id) if language_id in _CLASSES else None
    if view is not None and not view.has_error:
        return _Placing(lines, _Source(text, old_view), _Source(view.text, view), line, ended).members()
    raise Refusal("the code of the answer does not parse", ASK_FOR_BLOCKS)


class _Placing:
    def __init__(self, lines: Lines, old: _Source, new: _Source, line: int | None, ended: bool) -> None:
        self._lines, self._old, self._new = lines, old, new
        self._line, self._ended = line, ended
        self._manner = Manner.of(lines.texts)

    def place(self) -> list[Placement]:
        pieces = [piece for piece in self._new.pieces() if piece.kind != "comment"]
        olds = [piece for piece in self._old.pieces() if piece.kind != "comment"]
        elided = any(map(is_elision, self._new.lines))
        covers = _covers(self._old.with_heads(olds), self._new.with_heads(pieces))
        if not elided and any(not piece.name for piece in olds) and covers:
            return [_whole(self._lines, self._new.lines, ended=self._ended)]
        present = {piece.text for piece in olds}
        placed: list[Placement] = []
        defined = 0
        for piece in pieces:
            if len(placed) > MAX_HUNKS:
                raise Refusal(f"more than {MAX_HUNKS} changes in one answer", "ask for a smaller fix")
            if piece.name:
                defined += 1
                placed += self._definition(piece)
            elif _IMPORTS.search(piece.kind):
                if piece.text not in present:
                    placed.append(self._import(piece, olds))
            elif piece.text not in present and not is_elision(self._new.lines[piece.first]):
                raise Refusal("the answer has statements beside definitions", ASK_FOR_BLOCKS)
        if not defined and not placed:
            raise Refusal("there is no edit in the answer", ASK_FOR_BLOCKS)
        return placed

    def members(self) -> list[Placement]:
        """Of the only class of the answer, whose name says nothing."""
        found = [replace(each, qualname=each.name) for each in self._new.named if each.depth]
        return [self._replaced(each) for each in found[:MAX_HUNKS]]

    def _definition(self, piece: _Piece) -> list[Placement]:
        named = next(n for n in self._new.by_name[piece.name] if n.depth == 0)
        if named.kind == "class":
            inner = [n for n in self._new.by_owner.get(named.name, ()) if n.depth == 1]
            target = self._target(named)
            kept = {n.name for n in self._old.by_owner.get(target.qualname, ())}
            if inner and not kept <= {n.name for n in inner}:
                self._check_members(named, inner, target)
                return [self._replaced(each) for each in inner]
        return [self._replaced(named)]

    def _check_members(self, named: Named, inner: Sequence[Named], target: Named) -> None:
        """A part of a class may leave out methods, but what else is in it has to be known."""
        covered = {n for each in inner for n in range(*self._new.lines_of(each.span))}
        covered |= set(range(*self._new.lines_of(named.header)))
        known = {squeezed(line) for line in target.span.of(self._old.text).split("\n")}
        for number in range(*self._new.lines_of(named.span)):
            line = self._new.lines[number]
            if number not in covered and not is_elision(line) and squeezed(line) not in {*known, "", "}"}:
                raise Refusal("a part of a class changes more than methods", ASK_FOR_BLOCKS)

    def _target(self, wanted: Named) -> Named:
        there = self._old.by_name.get(wanted.name, ())
        alike = [n for n in there if n.qualname == wanted.qualname]
        alike = alike or [n for n in there if n.qualname.endswith(f".{wanted.qualname}")]
        if len(alike) > 1 and self._line is not None:
            spans = [(n, self._old.lines_of(n.span)) for n in alike]
            alike = [n for n, (first, last) in spans if first <= self._line < last] or alike
        if not alike:
            raise Refusal("the answer has a definition that the file does not have", ASK_FOR_BLOCKS)
        if len(alike) > 1:
            raise Refusal(f"{len(alike)} definitions in the file have the same name", ASK_FOR_MORE)
        return alike[0]

    def _replaced(self, wanted: Named) -> Placement:
        target = self._target(wanted)
        if (wanted.kind == "class") != (target.kind == "class"):
            raise Refusal("a definition became one of another kind", ASK_FOR_BLOCKS)
        if not self._old.alone(target.span):
            raise Refusal("other code stands on the lines of the definition", ASK_FOR_BLOCKS)
        first, last = self._old.lines_of(target.span)
        begin, end = self._new.lines_of(wanted.span)
        new = self._new.lines[begin:end]
        old = self._lines.texts[first:last]
        if old[0].lstrip().startswith("@") and not new[0].lstrip().startswith("@"):
            # Decorators that an answer leaves out are left out for brevity, like the rest of the file.
            undecorated = next(n for n, line in enumerate(old) if squeezed(line)[:6] == squeezed(new[0])[:6])
            first, old = first + undecorated, old[undecorated:]
        prefix = next((each for each in _EXPORTS if old[0].startswith(each)), "")
        if prefix and not new[0].startswith("export "):
            new = [prefix + new[0], *new[1:]]
        changes = aligned(old, new, self._manner, at=first, ended=self._ended)
        return Placement(tuple(changes), first, last, Rung.DEFINITION)

    def _import(self, piece: _Piece, olds: Sequence[_Piece]) -> Placement:
        """After the last import, else before the first statement that is no docstring."""
        if self._old.view.outline.imports and piece.kind == "future_import_statement":
            raise Refusal("an import that has to stand first is new", ASK_FOR_BLOCKS)
        imports = [old for old in olds if _IMPORTS.search(old.kind)]
        docstring = olds[0].last if olds and olds[0].text[:1] in {'"', "'"} and not olds[0].name else 0
        if imports:
            at = imports[-1].last
        else:
            at = next((old.first for old in olds if old.first >= docstring), docstring)
        if any(old.first < at < old.last for old in olds):
            raise Refusal("there is no line for a new import", ASK_FOR_BLOCKS)
        new = tuple(self._new.lines[piece.first : piece.last])
        return Placement((Change(at, at, new if imports else (*new, "")),), at, at, Rung.DEFINITION)


def _covers(olds: Sequence[_Piece], news: Sequence[_Piece]) -> bool:
    """True when every statement of the file has its counterpart, so that nothing gets lost."""
    ours, theirs = ([piece.name or piece.text for piece in pieces] for pieces in (olds, news))
    return not any(
        last - first > end - start or any(piece.name for piece in olds[first:last])
        for first, last, start, end in differences(ours, theirs)
    )


def _whole(lines: Lines, new: Sequence[str], *, ended: bool) -> Placement:
    """The file's new text. Without a grammar most of it has to be there again."""
    kept = [line for line in new if line.strip()]
    old = [line for line in lines.texts if line.strip()]
    if any(map(is_elision, new)):
        raise Refusal("the answer leaves out parts of the file", ASK_FOR_BLOCKS)
    shared = sum((Counter(map(squeezed, old)) & Counter(map(squeezed, kept))).values())
    if not old or shared < _FILE_ALIKE * len(old):
        raise Refusal("the answer is not a new text of this file", ASK_FOR_BLOCKS)
    begin = next(n for n, line in enumerate(lines.texts) if line.strip())
    end = len(lines.texts) - next(n for n, line in enumerate(reversed(lines.texts)) if line.strip())
    body = _trimmed(new)
    changes = aligned(lines.texts[begin:end], body, Manner.of(lines.texts), at=begin, ended=ended)
    return Placement(tuple(changes), 0, len(lines.texts), Rung.FILE)


def _trimmed(lines: Sequence[str]) -> list[str]:
    text = [n for n, line in enumerate(lines) if line.strip()]
    return list(lines[text[0] : text[-1] + 1]) if text else []


def _without_prose(lines: Sequence[str]) -> list[str]:
    """Without the sentences before and after; inside of code nothing is taken away."""
    kept = _trimmed(lines)
    while kept and (_PROSE.match(kept[0]) or not kept[0].strip()):
        kept.pop(0)
    while kept and (_PROSE.match(kept[-1]) or not kept[-1].strip()):
        kept.pop()
    return kept
