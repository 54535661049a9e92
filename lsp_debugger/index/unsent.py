"""What the worker has not been told yet: buffers' texts, and paths that changed on disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lsp_debugger.index.messages import Params

_MAX_BUFFERS = 200
_MAX_BUFFER_CHARS = 1_000_000
_PATHS_PER_MESSAGE = 1_000


class Unsent:
    """Keeps the texts of all buffers, so that a new worker can be told everything again."""

    def __init__(self) -> None:
        self._buffers: dict[str, str] = {}
        self._changed: set[str] = set()
        self._touched: set[str] = set()

    def buffer(self, path: str, text: str | None) -> None:
        """None, or a text too long for the index: the disk's text counts. The oldest give way."""
        self._buffers.pop(path, None)
        self._changed.add(path)
        if text is not None and len(text) <= _MAX_BUFFER_CHARS:
            self._buffers[path] = text
        while len(self._buffers) > _MAX_BUFFERS:
            oldest = next(iter(self._buffers))
            del self._buffers[oldest]
            self._changed.add(oldest)

    def touch(self, paths: Iterable[str]) -> None:
        self._touched.update(paths)

    def start_over(self) -> None:
        """For a worker that knows nothing: it reads the disk by itself, and has to hear of every buffer."""
        self._changed = set(self._buffers)
        self._touched.clear()

    def take(self) -> Iterator[tuple[str, Params]]:
        """Notifications, (method, params). Each is given once."""
        changed, self._changed = self._changed, set()
        touched, self._touched = sorted(self._touched), set()
        for path in changed:
            yield "changed", {"path": path, "text": self._buffers.get(path)}
        for start in range(0, len(touched), _PATHS_PER_MESSAGE):
            yield "touched", {"paths": touched[start : start + _PATHS_PER_MESSAGE]}
