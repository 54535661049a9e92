"""The vectors of one workspace, made in a thread behind the index's back.

While those of another model than before are made, the old ones serve, and questions are put to the model that
made those. Where that is gone, questions do without vectors, and the status says so.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, TypeVar

from lsp_debugger.core.errors import IndexUnavailable, LspDebuggerError
from lsp_debugger.core.ports import Embedder
from lsp_debugger.index.filling import Filling
from lsp_debugger.index.nearness import Nearness
from lsp_debugger.index.priority import step_back
from lsp_debugger.index.rows import Candidate
from lsp_debugger.index.store import Store
from lsp_debugger.index.vector_table import VectorTable, name_of, remove_others

_log = logging.getLogger(__name__)
_LOOK_S = 1.0
RETRY_S = 30.0
_QUIET_S = 10.0  # without vectors after a question that waited for some in vain
_SERVED_FILE = "vectors.json"
_MAX_FILE_BYTES = 4_096

_T = TypeVar("_T")
MakeEmbedder = Callable[[str], Embedder]


class Indexed(Protocol):
    """What `keeper.Keeper` is to this."""

    @property
    def is_writer(self) -> bool: ...
    @property
    def is_current(self) -> bool: ...
    @property
    def is_put_off(self) -> bool: ...
    @property
    def store(self) -> Store: ...


@dataclass(frozen=True, slots=True)
class _Serving:
    """The table that answers, and how to say which model made it. nearness: None while that model is gone."""

    table: VectorTable
    spec: str
    nearness: Nearness | None = None


class Vectors:
    """`start`, then ask `of` and `nearest` from one thread. wanted: names a model for `make`.

    make: raises LspDebuggerError while there is no such model. may_work: called with the number of chunks
    left; returns when nobody more urgent waits. report: told (done, total), and (0, 0) at the end.
    """

    def __init__(  # noqa: PLR0913  its parts, handed in by the desk
        self,
        directory: Path,
        fingerprint: str,
        wanted: str,
        make: MakeEmbedder,
        index: Indexed,
        may_work: Callable[[int], object] = lambda _left: None,
        report: Callable[[int, int], None] = lambda _done, _total: None,
        *,
        retry_s: float = RETRY_S,
    ) -> None:
        self._directory = directory
        self._fingerprint = fingerprint
        self._wanted = wanted
        self._make = make
        self._index = index
        self._may_work = may_work
        self._report = report
        self._retry_s = retry_s
        self._stop = threading.Event()
        self._serving: _Serving | None = None
        self._embedders: dict[str, Embedder] = {}
        self._filling: Filling | None = None
        self._filled_version = -1
        self._failures: dict[str, tuple[float, LspDebuggerError]] = {}  # by spec, when and why
        self._quiet_until_s = 0.0
        self._counts = (0, 0)
        self._problem = ""
        self._gone = ""
        self._thread = threading.Thread(target=self._run, name="index-vectors", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def of(self, question: str, candidates: Sequence[Candidate]) -> list[float]:
        """As `Nearness.of`; empty while nothing can tell."""
        return self._asked(lambda nearness: nearness.of(question, candidates), [])

    def nearest(self, question: str, limit: int) -> Collection[str]:
        """As `Nearness.nearest`."""
        return self._asked(lambda nearness: nearness.nearest(question, limit), [])

    def status(self) -> dict[str, object]:
        """model: which answers, empty for none. done of total: chunks with a vector of the wanted model.

        made: those of the wanted model were all there at least once, and answer.
        """
        serving = self._serving
        done, total = self._counts
        return {
            "model": serving.table.model if serving and serving.nearness else "",
            "dimension": serving.table.dimension if serving else 0,
            "wanted": self._wanted,
            "made": self._filled_version >= 0,
            "done": done,
            "total": total,
            "refused": len(self._filling.refused) if self._filling else 0,
            "problem": "; ".join(filter(None, [self._problem, self._gone])),
        }

    def _asked(self, ask: Callable[[Nearness], _T], without: _T) -> _T:
        serving = self._serving
        if serving is None or serving.nearness is None or time.monotonic() < self._quiet_until_s:
            return without
        try:
            return ask(serving.nearness)
        except LspDebuggerError as exc:
            self._quiet_until_s = time.monotonic() + _QUIET_S
            self._lost(serving, exc)
            return without

    def _lost(self, serving: _Serving, exc: LspDebuggerError) -> None:
        """Whatever it was, model and table are looked at again."""
        self._gone = f"questions do without vectors: {exc}"
        self._embedders.pop(serving.spec, None)
        self._serving = None

    def _run(self) -> None:
        step_back()
        while not self._stop.wait(_LOOK_S):
            try:
                self._round()
            except LspDebuggerError as exc:
                self._problem = str(exc)
                self._embedders.clear()  # another model may stand behind the name by now
                self._stop.wait(self._retry_s)
            except BaseException as exc:  # noqa: BLE001  a native panic may not end the vectors for good
                _log.error("the vectors stumbled: %s", type(exc).__name__)
                self._problem = f"the vectors cannot be made ({type(exc).__name__})"
                self._stop.wait(self._retry_s)

    def _round(self) -> None:
        self._open_serving()
        try:
            embedder = self._embedder(self._wanted)
        except LspDebuggerError as exc:
            self._problem = str(exc)
            embedder = None
        self._find_model()
        if embedder is not None and self._index.is_writer and self._index.is_current:
            self._fill(embedder)
            self._problem = ""

    def _fill(self, embedder: Embedder) -> None:
        store = self._index.store
        filling = self._filling
        if filling is None or filling.store is not store or filling.table.model != embedder.model:
            self._filling = filling = Filling(
                store, self._table_of(embedder), embedder, self._count, self._goes_on
            )
        version = store.version
        is_served = self._serving is not None and self._serving.table.name == filling.table.name
        if is_served and version == self._filled_version:
            return
        try:
            is_full = filling.fill()
        finally:
            self._report(0, 0)
        if is_full:
            self._filled_version = version
            if not is_served:
                self._serve(_Serving(filling.table, self._wanted, Nearness(filling.table, embedder)))

    def _table_of(self, embedder: Embedder) -> VectorTable:
        return VectorTable.of_model(self._directory, self._fingerprint, embedder.model, embedder.dimension)

    def _count(self, done: int, total: int) -> None:
        self._counts = (done, total)
        self._report(done, total)

    def _goes_on(self, left: int) -> bool:
        self._may_work(left)
        return not self._stop.is_set() and not self._index.is_put_off

    def _embedder(self, spec: str) -> Embedder:
        """Raises LspDebuggerError; asks a server that failed only now and then."""
        if spec not in self._embedders:
            failed_s, why = self._failures.get(spec, (-self._retry_s, None))
            if why is not None and time.monotonic() - failed_s < self._retry_s:
                raise why
            try:
                self._embedders[spec] = self._make(spec)
            except LspDebuggerError as exc:
                self._failures[spec] = (time.monotonic(), exc)
                raise
        return self._embedders[spec]

    def _find_model(self) -> None:
        """The model that the vectors in use came from, so that questions can be put to it."""
        serving = self._serving
        if serving is None or serving.nearness is not None:
            return
        try:
            embedder = self._embedder(serving.spec)
        except LspDebuggerError as exc:
            self._gone = f"questions do without vectors: {exc}"
            return
        if embedder.model != serving.table.model:
            self._gone = "questions do without vectors: the model that made those in use is gone"
            return
        self._serving = replace(serving, nearness=Nearness(serving.table, embedder))
        self._gone = ""

    def _open_serving(self) -> None:
        """What the file names, where it is not open yet: a writer in another process may have changed it."""
        name, spec = _read_served(self._directory / _SERVED_FILE)
        if not name or (self._serving is not None and self._serving.table.name == name):
            return
        table = VectorTable.existing(self._directory, name, reader=not self._index.is_writer)
        if table is not None and table.name == name_of(self._fingerprint, table.model, table.dimension):
            self._serving = _Serving(table, spec)

    def _serve(self, serving: _Serving) -> None:
        """Raises IndexUnavailable."""
        place = self._directory / _SERVED_FILE
        beside = place.with_suffix(".new")
        try:
            beside.write_text(json.dumps({"table": serving.table.name, "model": serving.spec}), "utf-8")
            beside.replace(place)
        except OSError as exc:
            raise IndexUnavailable(
                f"the vectors cannot be put in use ({type(exc).__name__})", hint="is the disk full?"
            ) from exc
        self._serving, self._gone = serving, ""
        remove_others(self._directory, {serving.table.name})


def remove_all(directory: Path) -> None:
    """Vectors tell about the texts that they were made of: where they are off, none are kept."""
    with contextlib.suppress(OSError):
        (directory / _SERVED_FILE).unlink(missing_ok=True)
    remove_others(directory, ())


def _read_served(place: Path) -> tuple[str, str]:
    """The table's name and its model's; empty where the file is missing or no such file."""
    try:
        with place.open("rb") as file:
            said: object = json.loads(file.read(_MAX_FILE_BYTES))
        if isinstance(said, dict) and isinstance(said["table"], str) and isinstance(said["model"], str):
            return said["table"], said["model"]
    except (OSError, ValueError, KeyError):
        pass
    return "", ""
