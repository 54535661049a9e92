"""Real bugs with known fixes: what to ask, what to index, and where the fix was.

Records hold references only: commits, failing tests, spans that the fix touched. CLONES is a folder with a
git clone (bare or not) of each project as OWNER+NAME.
"""

from __future__ import annotations

import json
import math
import re
import subprocess  # noqa: TID251 - reads clones, which spawn.git keeps away from
import sys
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from lsp_debugger.cli.index_query import query_of
from lsp_debugger.core.material import Fragment
from lsp_debugger.core.ports import Embedder, Query, Vectors
from lsp_debugger.index.chunk import NAME_WEIGHT, Chunk, chunk_file
from lsp_debugger.index.filling import Filling
from lsp_debugger.index.library import Library
from lsp_debugger.index.nearness import Nearness
from lsp_debugger.index.overlay import Overlay
from lsp_debugger.index.rows import Candidate, FileChunks, Mark
from lsp_debugger.index.search import relative_to
from lsp_debugger.index.store import Store
from lsp_debugger.index.vector_table import VectorTable
from lsp_debugger.syntax.identifiers import search_tokens, words_in

RECORDS = Path(__file__).parent / "data" / "localize_dev.jsonl"
CUTOFFS = (1, 5, 10)
BUDGETS_TOKENS = (4_000, 8_000)
_CHARS_PER_TOKEN = 4
_ROOT = Path("/workspace")
_UNKNOWN_SPAN_LINES = 150
_NO_CANDIDATE = re.compile(
    r"/(tests?|testing|examples?|docs?|docs_src)/|/test_[^/]*\.py$|_test\.py$|/conftest\.py$|/setup\.py$"
)
_FRAME = re.compile(r'\s*File "([^"]+)", line (\d+)')

Record = dict[str, Any]


class Clone:
    """A git clone, read without a work tree."""

    def __init__(self, path: Path) -> None:
        inner = path / "repo"  # a mirror may keep its git directory one level down
        self.path = inner if inner.is_dir() and not (path / ".git").exists() else path

    def has(self, *commits: str) -> bool:
        return all(self.git("cat-file", "-e", f"{commit}^{{commit}}") is not None for commit in commits)

    def lines(self, commit: str, path: str) -> list[str]:
        """Of one file at a commit; none where it does not exist."""
        data = self.git("show", f"{commit}:{path}")
        return [] if data is None else data.decode("utf-8", "replace").split("\n")

    def python_files(self, commit: str) -> Iterator[tuple[str, str]]:
        """(path, blob)."""
        for entry in (self.git("ls-tree", "-r", "-z", commit) or b"").split(b"\0"):
            head, _, path = entry.decode("utf-8", "replace").partition("\t")
            if path.endswith(".py") and head.startswith("100"):
                yield path, head.split()[2]

    def texts(self, blobs: Sequence[str]) -> Iterator[str]:
        asked = "".join(f"{blob}\n" for blob in blobs).encode()
        answer = memoryview(self.git("cat-file", "--batch", given=asked) or b"")
        at = 0
        for _ in blobs:
            end = bytes(answer[at : at + 100]).index(b"\n") + at
            size = int(bytes(answer[at:end]).split()[2])
            yield bytes(answer[end + 1 : end + 1 + size]).decode("utf-8", "replace")
            at = end + size + 2

    def git(self, *arguments: str, given: bytes | None = None) -> bytes | None:
        done = subprocess.run(
            ["git", "-C", self.path, *arguments], input=given, capture_output=True, check=False
        )
        return done.stdout if done.returncode == 0 else None


@dataclass(frozen=True)
class Bug:
    record: Record
    clone: Clone

    @property
    def project(self) -> str:
        return self.record["repo"]

    @cached_property
    def test_source(self) -> str:
        parts: list[str] = []
        for test in self.record["tests"]:
            lines = self.clone.lines(self.record["fixed_commit"], test["file"])
            first, last = test.get("start", 1), test.get("end", _UNKNOWN_SPAN_LINES)
            parts += [f"{test['file']}::{test['name']}", *lines[first - 1 : last]]
        return "\n".join(parts)

    def queries(self) -> Iterator[tuple[str, Query]]:
        """As `index search --jsonl --exclude-tests` makes them of `query` and `traceback`."""
        yield "failing tests", _query(self.test_source, "")
        if self.record["traceback"]:
            yield "traceback and failing tests", _query(self.test_source, self._traceback())
            yield "traceback alone", _query(self._traceback(), "")

    def _traceback(self) -> str:
        """With the project's source lines put back."""
        text: list[str] = []
        tests = {test["file"] for test in self.record["tests"]}
        for line in self.record["traceback"].split("\n"):
            text.append(line)
            frame = _FRAME.match(line)
            if frame is None or frame[1].startswith(("/", "<", "site-packages")):
                continue
            number = int(frame[2])
            commit = self.record["fixed_commit" if frame[1] in tests else "buggy_commit"]
            source = self.clone.lines(commit, frame[1])[number - 1 : number]
            text += [f"    {line.strip()}" for line in source]
        return "\n".join(text)

    def is_candidate(self, path: str) -> bool:
        return path in self.record["gold_files"] or not _NO_CANDIDATE.search(f"/{path.lower()}")

    def is_gold(self, chunk: Candidate) -> bool:
        first, last = chunk.runs[0][0], chunk.runs[-1][1]
        return any(
            chunk.path == gold["file"]
            and (
                (chunk.qualname or "<module>") == gold["name"]
                or (chunk.kind in {"function", "method"} and gold["start"] <= first and last <= gold["end"])
            )
            for gold in self.record["gold_functions"]
        )

    def score(self, found: Iterable[Candidate]) -> list[float]:
        """file@k, function@k for each cutoff, then recall for each budget, each 0..1; see METRICS."""
        candidates = [each for each in found if self.is_candidate(each.path)]
        files = list(dict.fromkeys(each.path for each in candidates))
        gold_files = set(self.record["gold_files"])
        places = (_first(path in gold_files for path in files), _first(map(self.is_gold, candidates)))
        hits = [float(place <= cutoff) for place in places for cutoff in CUTOFFS]
        return [*hits, *(self._recall(candidates, budget) for budget in BUDGETS_TOKENS)]

    def _recall(self, found: Sequence[Candidate], budget_tokens: int) -> float:
        """Share of gold functions with half of their lines, or ten, in what fits the budget."""
        shown: list[Candidate] = []
        left = budget_tokens * _CHARS_PER_TOKEN
        for each in found:
            left -= len(each.text or "")
            if left < 0:
                break
            shown += [each] if each.kind not in {"class", "module"} else []
        covered = [
            self._lines_of(gold, shown) >= min(math.ceil((gold["end"] - gold["start"] + 1) / 2), 10)
            for gold in self.record["gold_functions"]
        ]
        return sum(covered) / len(covered)

    def _lines_of(self, gold: dict[str, Any], shown: Sequence[Candidate]) -> int:
        return len(
            {
                line
                for each in shown
                if each.path == gold["file"]
                for line in each.lines()
                if gold["start"] <= line <= gold["end"]
            }
        )


METRICS = (
    *(f"{what}@{cutoff}" for what in ("file", "func") for cutoff in CUTOFFS),
    *(f"{budget // 1000}k" for budget in BUDGETS_TOKENS),
)


class Trees:
    """Buggy trees as tables; chunks are kept, since most files are the same in the next bug."""

    def __init__(self) -> None:
        self._chunks: dict[tuple[str, str], tuple[Chunk, ...]] = {}

    @contextmanager
    def library(
        self, bug: Bug, adapt: Callable[[Chunk], Chunk] = lambda each: each
    ) -> Generator[Callable[[Embedder | None], Library]]:
        """Libraries over one table, with a model's vectors or without. adapt: how a chunk stands in it."""
        files = list(bug.clone.python_files(bug.record["buggy_commit"]))
        new = [(path, blob) for path, blob in files if (path, blob) not in self._chunks]
        for (path, blob), text in zip(new, bug.clone.texts([blob for _, blob in new]), strict=True):
            self._chunks[path, blob] = tuple(chunk_file(path, text, blob))
        with tempfile.TemporaryDirectory() as folder:
            store = Store.open(Path(folder), "benchmark", writable=True)
            rows = [
                FileChunks(path, Mark(blob, 0, 0), tuple(map(adapt, self._chunks[path, blob])))
                for path, blob in files
            ]
            store.replace([row for row in rows if row.chunks])
            store.optimize()
            paths = [path for path, _ in files]
            yield lambda embedder: Library(
                store,
                Overlay(),
                lambda: (1, paths),
                vectors=_nearness(store, Path(folder), embedder) if embedder else None,
            )


class Remembering:
    """An embedder that is asked once for each text: most of a tree is the same in the next bug."""

    def __init__(self, embedder: Embedder) -> None:
        self.model, self.dimension = embedder.model, embedder.dimension
        self._embedder = embedder
        self._rows: dict[str, Vectors] = {}

    def embed(self, fragments: Sequence[Fragment], timeout_s: float) -> Vectors:
        missing = [each for each in fragments if each.headed not in self._rows]
        made = self._embedder.embed(missing, timeout_s)
        self._rows.update(zip((each.headed for each in missing), made, strict=True))
        return [self._rows[each.headed] for each in fragments]


def _nearness(store: Store, folder: Path, embedder: Embedder) -> Nearness:
    table = VectorTable.of_model(folder, "benchmark", embedder.model, embedder.dimension)
    Filling(store, table, embedder).fill()
    return Nearness(table, embedder)


def plain_tokens(chunk: Chunk) -> Chunk:
    """The chunk as plain BM25 has it: path and name count once."""
    names = sum(1 for _ in search_tokens(words_in(f"{chunk.path} {chunk.qualname}")))
    tokens = chunk.tokens.split(" ")
    return replace(chunk, tokens=" ".join(tokens[names * (NAME_WEIGHT - 1) :]))


def load_bugs(repos: Path, records: Sequence[Path] = (RECORDS,)) -> Iterator[Bug]:
    """Those whose commits are in the clones; the others are named on standard error."""
    for record in (json.loads(line) for path in records for line in path.read_text("utf-8").splitlines()):
        clone = Clone(repos / record["repo"].replace("/", "+", 1))
        if clone.has(record["buggy_commit"], record["fixed_commit"]):
            yield Bug(record, clone)
        else:
            print(f"{record['id']}: no clone with its commits in {clone.path}", file=sys.stderr)


def _query(text: str, traceback: str) -> Query:
    query = query_of(text, traceback, _ROOT, exclude_tests=True)
    return relative_to(
        query, lambda path: path.removeprefix(f"{_ROOT}/") if _ROOT in Path(path).parents else None
    )


def _first(matches: Iterable[bool]) -> float:
    return next((place for place, matched in enumerate(matches, 1) if matched), math.inf)
