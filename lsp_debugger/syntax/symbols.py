"""Names of the texts that are open or were looked at, in memory. Answers until the index does."""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from lsp_debugger.core.ports import Definition
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.syntax.grammars import language_of
from lsp_debugger.syntax.likeness import likeliest, python_builtins, sketch_of, sketches
from lsp_debugger.syntax.outline import Named, Outline
from lsp_debugger.syntax.tree import parse_view

MAX_FILES = 400
MAX_CHARS = 16_000_000  # of all texts together
_MAX_SIGNATURE_CHARS = 200
_MAX_TEXT_CHARS = 8_000
_MAX_DEFINITIONS = 50
# What stands for a thing before what only mentions it.
_KIND_ORDER = {"class": 0, "function": 0, "method": 0, "variable": 1, "import": 2}


@dataclass(frozen=True)
class _File:
    snapshot: Snapshot
    language_id: str
    outline: Outline
    identifiers: tuple[str, ...] = ()

    @cached_property
    def defined(self) -> frozenset[str]:
        return frozenset(named.name for named in self.outline.named)

    @cached_property
    def words(self) -> Mapping[str, int]:
        """Parameters and locals are what most typos mean, so every identifier counts here."""
        return sketches(self.identifiers)


class SymbolMap:
    """Implements `core.ports.Symbols`. The files updated longest ago go first when it is full.

    `update` parses (about 0.3 s a megabyte): above some 50 KB call it from a thread. Look-ups do
    not parse and may run on the loop. Safe in any thread.
    """

    def __init__(self, max_files: int = MAX_FILES, max_chars: int = MAX_CHARS) -> None:
        self._max_files = max_files
        self._max_chars = max_chars
        self._files: OrderedDict[str, _File] = OrderedDict()
        self._files_defining: dict[str, set[str]] = {}
        self._sketches: dict[str, int] = {}  # of every name in _files_defining
        self._chars = 0
        self._lock = threading.Lock()

    def update(self, snapshot: Snapshot) -> None:
        """Replace what is known of the snapshot's file. Text without a grammar defines nothing."""
        language_id = snapshot.language_id or language_of(snapshot.path or snapshot.uri)
        view = parse_view(snapshot.text, language_id)
        names = view.identifiers(Span(0, len(snapshot.text))) if view else ()
        outline = view.outline if view else Outline()
        file = _File(snapshot, language_id, outline, tuple(map(sys.intern, names)))
        with self._lock:
            self._remove(_key(snapshot))
            self._insert(_key(snapshot), file)
            while len(self._files) > self._max_files or self._chars > self._max_chars:
                self._remove(next(iter(self._files)))

    def forget(self, path_or_uri: str) -> None:
        with self._lock:
            self._remove(path_or_uri)

    def definitions(self, name: str, near: str | None = None) -> Sequence[Definition]:
        """At most 50, those in or nearest to the path `near` first, imports after what they import.

        `A.b` asks for b inside of A.
        """
        last = name.rpartition(".")[2]
        with self._lock:
            keys = sorted(self._files_defining.get(last, ()), key=lambda key: (-_nearness(key, near), key))
            files = [self._files[key] for key in keys]
        found: list[tuple[Named, Snapshot]] = []
        for file in files:
            matches = [named for named in file.outline.named if _answers(named, name)]
            matches.sort(key=lambda named: (_KIND_ORDER[named.kind], named.span))
            found.extend((named, file.snapshot) for named in matches)
        found.sort(key=lambda match: match[0].kind == "import")
        return [_definition(named, snapshot) for named, snapshot in found[:_MAX_DEFINITIONS]]

    def similar(self, name: str, near: str | None = None, limit: int = 3) -> Sequence[str]:
        """Known names that look like `name`: from the file `near`, builtins, other files' definitions."""
        with self._lock:
            here = self._files.get(near) if near else None
            elsewhere = dict(self._sketches)
        if here is None:
            return likeliest(name, [elsewhere], limit)
        groups = [here.words, elsewhere]
        if here.language_id == "python":
            groups.insert(1, python_builtins())
        return likeliest(name, groups, limit)

    def _insert(self, key: str, file: _File) -> None:
        if len(file.snapshot.text) > self._max_chars:
            return
        self._files[key] = file
        self._chars += len(file.snapshot.text)
        for name in file.defined:
            self._files_defining.setdefault(name, set()).add(key)
            self._sketches.setdefault(name, sketch_of(name))

    def _remove(self, key: str) -> None:
        file = self._files.pop(key, None)
        if file is None:
            return
        self._chars -= len(file.snapshot.text)
        for name in file.defined:
            self._files_defining[name].remove(key)
            if not self._files_defining[name]:
                del self._files_defining[name], self._sketches[name]


def _key(snapshot: Snapshot) -> str:
    return snapshot.path or snapshot.uri


def _answers(named: Named, asked: str) -> bool:
    return named.name == asked or f".{named.qualname}".endswith(f".{asked}")


def _nearness(key: str, near: str | None) -> int:
    """Leading folders in common; the file itself is nearest."""
    if near is None:
        return 0
    ours, theirs = key.replace("\\", "/").split("/"), near.replace("\\", "/").split("/")
    shared = 0
    for one, other in zip(ours, theirs, strict=False):
        if one != other:
            break
        shared += 1
    return shared


def _definition(named: Named, snapshot: Snapshot) -> Definition:
    lines, text = snapshot.lines, snapshot.text
    signature = " ".join(named.header.of(text).split())
    return Definition(
        named.name,
        named.qualname,
        named.kind,
        _key(snapshot),
        lines.line_of(named.span.start) + 1,
        lines.line_of(max(named.span.start, named.span.end - 1)) + 1,
        signature[:_MAX_SIGNATURE_CHARS],
        named.span.of(text)[:_MAX_TEXT_CHARS],
    )
