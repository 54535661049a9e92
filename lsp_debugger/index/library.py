"""The table with the overlay on top: what `search` asks. A path in the overlay hides its rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePosixPath
from posixpath import normpath
from typing import Protocol

from lsp_debugger.index.likeness import Likeness
from lsp_debugger.index.overlay import Overlay
from lsp_debugger.index.rows import Candidate
from lsp_debugger.index.store import Store

NumberedPaths = tuple[int, Collection[str]]
_PACKAGE_STEMS = frozenset({"__init__", "index"})


class Near(Protocol):
    """What vectors say, see `vectors.Vectors`; nothing where there are none."""

    def of(self, question: str, candidates: Sequence[Candidate]) -> list[float]: ...
    def nearest(self, question: str, limit: int) -> Collection[str]: ...


class Library:
    """Implements `search.Library`. paths: the files in the table, with a number that changes with them.

    imports_of: the modules that a file imports, where the table itself may not know. vectors: how near
    texts are to a question; None: no such sign. attention: see `ranking.Surroundings.attention_to`, of
    files that are not in the overlay.
    """

    def __init__(
        self,
        store: Store,
        overlay: Overlay,
        paths: Callable[[], NumberedPaths],
        imports_of: Callable[[str], list[str]] | None = None,
        vectors: Near | None = None,
        attention: Callable[[str], str] = lambda _: "",
    ) -> None:
        self._store = store
        self._overlay = overlay
        self._imports_of = imports_of or store.imports_of
        self._vectors = vectors
        self._attention = attention
        self._modules = Modules(paths)
        self._likeness = Likeness(paths)
        self._beside = ThreadPoolExecutor(1, "index-answers-beside")

    def remember(self, names: Collection[str]) -> None:
        """Names that a question is about: a blind table can tell only where those stand."""
        self._store.remember(names)

    def both(
        self, tokens: Sequence[str], limit: int, names: Collection[str], *, exclude_tests: bool
    ) -> tuple[list[Candidate], list[Candidate]]:
        """`match` and `defining` side by side: most of each is native code that waits for nobody."""
        defining = self._beside.submit(self.defining, names, exclude_tests=exclude_tests)
        try:
            return self.match(tokens, limit, exclude_tests=exclude_tests), defining.result()
        finally:
            defining.cancel()

    def match(self, tokens: Sequence[str], limit: int, *, exclude_tests: bool) -> list[Candidate]:
        hidden = self._overlay.paths
        found = self._store.match(tokens, limit, without=hidden, exclude_tests=exclude_tests)
        if hidden:
            frequencies = self._store.frequencies()
            found += self._overlay.match(tokens, frequencies, limit, exclude_tests=exclude_tests)
            found.sort(key=lambda each: -each.lexical)
        return found[:limit]

    def with_texts(self, candidates: Sequence[Candidate]) -> list[Candidate | None]:
        return self._store.with_texts(candidates)

    def defining(self, names: Collection[str], *, exclude_tests: bool) -> list[Candidate]:
        found = self._store.defining(names, without=self._overlay.paths, exclude_tests=exclude_tests)
        return found + self._overlay.defining(names, exclude_tests=exclude_tests)

    def holding(self, places: Collection[tuple[str, int]]) -> list[Candidate]:
        return self._store.holding(places, without=self._overlay.paths) + self._overlay.holding(places)

    def imports_of(self, path: str) -> list[str]:
        if path in self._overlay.paths:
            return self._overlay.imports_of(path)
        return self._imports_of(path)

    def resolve(self, modules: Collection[str], importer: str | None) -> set[str]:
        return self._modules.resolve(modules, importer)

    def likeness(self, path: str, tests: Collection[str]) -> float:
        return self._likeness.of(path, tests)

    def nearness(self, text: str, candidates: Sequence[Candidate]) -> list[float]:
        """0..1 each, by vectors; empty without them."""
        return self._vectors.of(text, candidates) if self._vectors else []

    def nearest(self, text: str, limit: int, *, exclude_tests: bool) -> list[Candidate]:
        """By vectors, of what is on disk; none without them."""
        hashes = self._vectors.nearest(text, limit) if self._vectors else ()
        return self._store.with_hashes(hashes, without=self._overlay.paths, exclude_tests=exclude_tests)

    def attention_to(self, path: str) -> str:
        if path in self._overlay.paths:
            return "edited"
        return self._attention(path)


class Modules:
    """Which files a module name may mean, by the ends of their paths: no import system is asked."""

    def __init__(self, paths: Callable[[], NumberedPaths]) -> None:
        self._paths = paths
        self._number = -1
        self._known: set[str] = set()
        self._by_last_part: dict[str, list[tuple[tuple[str, ...], str]]] = {}

    def resolve(self, modules: Collection[str], importer: str | None) -> set[str]:
        """importer: relative names count from its folder."""
        self._refresh()
        found: set[str] = set()
        for module in modules:
            parts, anchored = _parts(module, importer)
            if parts:
                found.update(
                    path
                    for known, path in self._by_last_part.get(parts[-1], ())
                    if (known == parts if anchored else known[-len(parts) :] == parts)
                )
        return found

    def _refresh(self) -> None:
        number, paths = self._paths()
        if number == self._number:
            return
        self._number = number
        now = set(paths)
        for path in now - self._known:
            parts = _module_of(path)
            self._by_last_part.setdefault(parts[-1], []).append((parts, path))
        for path in self._known - now:
            parts = _module_of(path)
            self._by_last_part[parts[-1]].remove((parts, path))
        self._known = now


def _module_of(path: str) -> tuple[str, ...]:
    *folders, name = path.split("/")
    stem = name.partition(".")[0]
    return tuple(folders) if stem in _PACKAGE_STEMS and folders else (*folders, stem)


def _parts(module: str, importer: str | None) -> tuple[tuple[str, ...], bool]:
    """The path that a module name stands for, and whether it counts from the root."""
    folder = str(PurePosixPath(importer or "").parent)
    if module.startswith(("./", "../")) or module in {".", ".."}:
        return _anchored(f"{folder}/{module}")
    if module.startswith("."):
        dots = len(module) - len(module.lstrip("."))
        return _anchored("/".join([folder, *[".."] * (dots - 1), *module.lstrip(".").split(".")]))
    separator = "/" if "/" in module else "."
    return tuple(part for part in module.split(separator) if part), False


def _anchored(path: str) -> tuple[tuple[str, ...], bool]:
    parts = PurePosixPath(normpath(path)).parts
    last = parts[-1].partition(".")[0] if parts else ""
    return ((*parts[:-1], last) if last and ".." not in parts else ()), True
