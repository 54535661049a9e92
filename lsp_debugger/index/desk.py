"""One workspace in the worker: its keeper, its overlay of newer texts, and the answers to messages."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lsp_debugger.core.errors import IndexUnavailable
from lsp_debugger.index import memory, messages
from lsp_debugger.index.attention import Attention
from lsp_debugger.index.brake import Brake, on_battery
from lsp_debugger.index.chunkers import Chunkers
from lsp_debugger.index.files import Reader
from lsp_debugger.index.keeper import Keeper
from lsp_debugger.index.library import Library
from lsp_debugger.index.messages import Params
from lsp_debugger.index.newer import Newer
from lsp_debugger.index.opener import Opener
from lsp_debugger.index.overlay import Overlay
from lsp_debugger.index.redaction import Redaction
from lsp_debugger.index.search import relative_to, search
from lsp_debugger.index.store import Store
from lsp_debugger.index.sync import Progress
from lsp_debugger.index.vectors import MakeEmbedder, Vectors, remove_all
from lsp_debugger.index.veil import Plain, Veil, fingerprint_of
from lsp_debugger.index.walk import Walker
from lsp_debugger.index.watch import Watcher
from lsp_debugger.rpc import Message

_MAX_TOP_K = 100
_FAILED_SEARCHES_MEAN_BROKEN = 2


class Desk:
    """One workspace: its keeper, its overlay, and the answers. Methods run in the answering thread.

    make_embedder: of the model that the settings name, see `vectors.Vectors`.
    """

    def __init__(self, params: Params, send: Callable[[Message], None], make_embedder: MakeEmbedder) -> None:
        self.root = Path(params["root"])
        directory = Path(params["directory"])
        redaction = Redaction(self.root, params["known_values"])
        key = bytes.fromhex(params["key"])  # empty: rows as they are
        self._reader = Reader(self.root, redaction, key)
        form = Veil(key) if key else Plain()
        self._send = send
        self._overlay = Overlay()
        self._libraries: tuple[Store, Library] | None = None
        self._fingerprint = fingerprint_of(redaction.fingerprint, key)
        self._failed_searches = 0
        walker = self._walker = Walker(
            self.root, _never_index(params["never_index"]), excluded=_ours(directory)
        )
        background = bool(params["background"])
        helping = {"root": params["root"], "known_values": params["known_values"], "key": params["key"]}
        self.keeper = Keeper(
            walker,
            directory,
            self._reader,
            self._fingerprint,
            self._report,
            self._problem,
            form=form,
            helpers=Chunkers(helping, busy=on_battery if background else lambda: False),
            waits=background,
            disk_bytes=params["disk_bytes"],
        )
        self._opener = Opener(
            self._reader,
            lambda: self._overlay.paths,
            self.keeper.mark_of,
            self.keeper.dirty.add_unless_waiting,
            blind=form.is_blind,
        )
        self._attention = Attention(self.keeper.repository, self.keeper.marks, self.keeper.mark_of)
        self._newer = Newer(walker, self._reader, self.keeper, self._overlay, self._attention)
        self._because = params["because"]
        self._limits = {"memory_bytes": params["memory_bytes"], "disk_bytes": params["disk_bytes"]}
        self._stopped = threading.Event()
        # A blind index has no text to be near, and vectors would tell about the texts.
        self._vectors: Vectors | None = None
        if params["embeddings"] != "off" and not form.is_blind:
            self._vectors = Vectors(
                directory,
                self._fingerprint,
                params["embeddings"],
                make_embedder,
                self.keeper,
                self._vectors_may_work(waits=background),
                self._report_vectors,
            )
        self._watcher: Watcher | None = None
        if params["watches"]:
            self._watcher = Watcher(
                self.root,
                lambda: walker.folders,
                self.keeper.touched,
                self.keeper.dirty.add_everything,
                self._problem,
            )

    def open(self) -> Params:
        self.keeper.open(self._because)
        self.keeper.start()
        if self._vectors:
            self._vectors.start()
        elif self.keeper.is_writer:
            remove_all(self.keeper.directory)
        if self._watcher:
            self._watcher.start()
        return self.status()

    def stop(self, timeout_s: float) -> None:
        self._stopped.set()
        if self._vectors:
            self._vectors.stop()
        if self._watcher:
            self._watcher.stop()
        self.keeper.stop(timeout_s)

    def changed(self, params: Params) -> None:
        """A buffer's text, or None when the disk's text is true again."""
        self._newer.changed(params["path"], params["text"])

    def touched(self, params: Params) -> None:
        self._newer.touched(params["paths"])

    def search(self, params: Params) -> Params:
        query = relative_to(messages.query_from_json(params), self._newer.relative)
        top_k = min(int(params["top_k"]), _MAX_TOP_K)
        self.keeper.searching.set()
        try:
            self._newer.drop_overtaken()
            self._opener.begin()
            self._attention.begin()
            with self._newer.brought_in(path for path, _ in query.frames):
                merge = bool(params.get("merge", True))
                try:
                    hits = search(query, top_k, self._library(), self._opener, merge=merge)
                except IndexUnavailable:  # maintenance may have dropped the version that it read
                    hits = search(query, top_k, self._library(), self._opener, merge=merge)
        except IndexUnavailable:
            self._failed_searches += 1
            if self._failed_searches >= _FAILED_SEARCHES_MEAN_BROKEN and self.keeper.is_writer:
                self._failed_searches = 0
                self.keeper.rebuild()
            raise
        finally:
            self.keeper.searching.clear()
        self._failed_searches = 0
        return {
            "hits": [messages.hit_to_json(hit) for hit in hits],
            "version": self.version(),
            "resident_bytes": memory.resident_bytes(),
        }

    def status(self, _: Params | None = None) -> Params:
        keeper = self.keeper
        status: dict[str, Any] = {
            "role": "writer" if keeper.is_writer else "reader",
            "at_rest": "blind" if self._opener.is_blind else "plain",
            "phase": keeper.progress.phase,
            "done": keeper.progress.done,
            "total": keeper.progress.total,
            "skipped": dict(keeper.skipped),
            "unsaved": len(self._overlay.paths),
            "resident_bytes": memory.resident_bytes(),
            "files": 0,
            "chunks": 0,
            "size_bytes": 0,
            "version": "none",
            "vectors": self._vectors.status() if self._vectors else None,
            "metrics": keeper.metrics(),
            "limits": self._limits,
        }
        try:
            store = keeper.store
            status |= {
                "files": len(keeper.numbered_paths()[1]),
                "chunks": store.count_rows(),
                "size_bytes": store.size_bytes(),
                "version": self.version(),
            }
        except IndexUnavailable as exc:
            status["problem"] = str(exc)
        return status

    def optimize(self, _: Params) -> Params:
        """Maintenance now; the writing thread also does it by itself when idle."""
        self.keeper.compact()
        return self.status()

    def verify(self, _: Params) -> Params:
        return {**self.status(), "verified": self.keeper.verify()}

    def version(self) -> str:
        """Names what a search sees: the table's version, and a hash that also knows the unsaved texts."""
        number = self.keeper.store.version
        digest = hashlib.sha256(f"{self._fingerprint} {number}".encode())
        waiting = self.keeper.store.waiting.items()
        newer = {path: file.mark.file_hash if file else None for path, file in waiting}
        newer |= {path: self._overlay.hash_of(path) for path in self._overlay.paths}
        for path, file_hash in sorted(newer.items()):
            digest.update(f"\0{path}\0{file_hash}".encode("utf-8", "surrogatepass"))
        return f"{number}-{digest.hexdigest()[:8]}"

    def _library(self) -> Library:
        store = self.keeper.store
        if self._libraries is None or self._libraries[0] is not store:
            imports_of = self._opener.imports_of if self._opener.is_blind else self._imports_of
            paths = self.keeper.numbered_paths
            library = Library(store, self._overlay, paths, imports_of, self._vectors, self._attention.of)
            self._libraries = (store, library)
        return self._libraries[1]

    def _imports_of(self, path: str) -> list[str]:
        mark = self.keeper.mark_of(path)
        return self.keeper.store.imports_of(path, mark.file_hash if mark else "")

    def _vectors_may_work(self, *, waits: bool) -> Callable[[int], None]:
        """As the keeper does: searches first, and in the background it spares battery and machine."""
        brake = Brake(self._stopped, lambda _: None) if waits else None

        def wait(chunks_left: int) -> None:
            if brake:
                brake.wait(chunks_left)
            self.keeper.let_search()

        return wait

    def _report_vectors(self, done: int, total: int) -> None:
        self._report(Progress("making vectors", done, total) if done < total else self.keeper.progress)

    def _report(self, progress: Progress) -> None:
        params = {"phase": progress.phase, "done": progress.done, "total": progress.total}
        params["resident_bytes"] = memory.resident_bytes()
        self._send(messages.notification("progress", params))

    def _problem(self, message: str, hint: str) -> None:
        self._send(messages.notification("problem", {"message": message, "hint": hint}))


def _never_index(globs_given: list[str]) -> Callable[[str], bool]:
    """Files of secrets stay out whatever the policy says."""
    from lsp_debugger.policy import globs
    from lsp_debugger.policy.store import SECRET_FILES

    return globs.matcher((*SECRET_FILES, *globs_given))


def _ours(directory: Path) -> list[Path]:
    """Folders of ours that may lie inside of the workspace: the index, and the state directory around it."""
    holds_workspaces = directory.parents[1] if len(directory.parents) > 1 else directory
    return [directory, *([holds_workspaces.parent] if holds_workspaces.name == "workspaces" else [])]
