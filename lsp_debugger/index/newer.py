"""What is newer than the table: buffers, files that another process will write, files of one question."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager

from lsp_debugger.index.attention import Attention
from lsp_debugger.index.files import Reader, Source
from lsp_debugger.index.keeper import Keeper
from lsp_debugger.index.overlay import Overlay
from lsp_debugger.index.walk import Walker

_MAX_TOUCHED_AS_READER = 50
_MAX_BROUGHT_IN = 8
_GONE = ""  # stands for the hash of a file that is no more


class Newer:
    """Keeps the overlay. Paths come in as anybody writes them. Used by the answering thread alone."""

    def __init__(
        self, walker: Walker, reader: Reader, keeper: Keeper, overlay: Overlay, attention: Attention
    ) -> None:
        self._root = walker.root
        self._real_root = os.path.realpath(walker.root)
        self._walker = walker
        self._reader = reader
        self._keeper = keeper
        self._overlay = overlay
        self._attention = attention

    def changed(self, name: str, text: str | None) -> None:
        """A buffer's text, or None when the disk's text is true again."""
        path = self.relative(name)
        if path is None:
            return
        if text is None:
            self._attention.closed(path)
            self._overlay.drop(path)
            self.touched([name])
            return
        self._attention.opened(path)
        text_hash = self._reader.hash_of(text.encode("utf-8", "surrogatepass"))
        mark = self._keeper.mark_of(path) if self._keeper.is_writer else None
        if mark is not None and mark.file_hash == text_hash:
            self._overlay.drop(path)  # as on disk: the table answers
        elif self._overlay.hash_of(path) != text_hash:
            self._overlay.put(path, text_hash, self._reader.chunks(path, text, text_hash))

    def touched(self, names: Iterable[str]) -> None:
        paths = [path for name in names if (path := self.relative(name)) is not None]
        if self._keeper.is_writer:
            self._keeper.touched(paths)
            return
        for path in paths[:_MAX_TOUCHED_AS_READER]:  # the writer hears of it in its own time
            if not self._read(path) and path in self._keeper.numbered_paths()[1]:
                self._overlay.put(path, _GONE, [])

    def drop_overtaken(self) -> None:
        """Texts that the table has by now: saved buffers, and what the other process has written."""
        for path in list(self._overlay.paths):
            mark = self._keeper.mark_of(path)
            if (mark.file_hash if mark else _GONE) == self._overlay.hash_of(path):
                self._overlay.drop(path)

    @contextmanager
    def brought_in(self, frames: Iterable[str]) -> Generator[None]:
        """Files outside of the table (vendored, ignored, …) that a stack names: for one question."""
        brought: list[str] = []
        try:
            for path in dict.fromkeys(frames):
                known = path in self._overlay.paths or self._keeper.mark_of(path) is not None
                if known or len(brought) >= _MAX_BROUGHT_IN or self._walker.is_forbidden(path):
                    continue
                brought += [path] if self._read(path) else []
            yield
        finally:
            for path in brought:
                self._overlay.drop(path)

    def relative(self, path: str) -> str | None:
        """Relative to the root, with `/`; None outside of it, however the root and the path are reached."""
        path = os.path.join(self._root, path)  # noqa: PTH118  strings in, strings out; absolute stays as it is
        written = _below(path, str(self._root))
        return written if written is not None else _below(os.path.realpath(path), self._real_root)

    def _read(self, path: str) -> bool:
        source = self._reader.source(path)
        if not isinstance(source, Source):
            return False
        file_hash = source.mark.file_hash
        self._overlay.put(path, file_hash, self._reader.chunks(path, source.text, file_hash))
        return True


def _below(path: str, root: str) -> str | None:
    relative = os.path.relpath(path, root).replace(os.sep, "/")
    return None if relative in {".", ".."} or relative.startswith("../") else relative
