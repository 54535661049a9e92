"""Which file and function holds the bug? BM25 alone and the default, on real bugs with known fixes.

    python benchmarks/retrieval.py --repos CLONES [--project NAME ...] [--every N]

CLONES holds a git clone (bare or not) of each project as OWNER+NAME; `data/localize_dev.jsonl` holds
references only: commits, failing tests, spans that the fix touched (after BugsInPy). Query: ids and source
of the failing tests, then the same with the traceback where there is one. Indexed is every Python file of
the buggy commit; candidates are those outside of tests, docs and examples. file@k: a gold file among the
first k files; func@k: a gold function among the first k chunks; means over bugs.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess  # noqa: TID251 - reads clones, which spawn.git keeps away from
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from lsp_debugger.core.material import Hit
from lsp_debugger.core.ports import Query
from lsp_debugger.index.chunk import Chunk, chunk_file
from lsp_debugger.index.library import Library
from lsp_debugger.index.overlay import Overlay
from lsp_debugger.index.rows import FileChunks, Mark
from lsp_debugger.index.search import WEIGHTS, Weights, search
from lsp_debugger.index.store import Store

RECORDS = Path(__file__).parent / "data" / "localize_dev.jsonl"
RANKINGS = {
    "BM25 alone": Weights(symbols=0, stem=0, imports=0, frames=0, same_file=0),
    "default": WEIGHTS,
}
CUTOFFS = (1, 5, 10)
_TOP_K = 100
_UNKNOWN_SPAN_LINES = 150
_NO_CANDIDATE = re.compile(
    r"/(tests?|testing|examples?|docs?|docs_src)/|/test_[^/]*\.py$|_test\.py$|/conftest\.py$|/setup\.py$"
)
_FRAME = re.compile(r'\s*File "([^"]+)", line (\d+)')

Record = dict[str, Any]
Blobs = dict[tuple[str, str], list[Chunk]]  # by (path, blob): most files are the same in the next bug


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repos", type=Path, required=True)
    parser.add_argument("--project", action="append", help="only this one; may be repeated")
    parser.add_argument("--every", type=int, default=1, help="only each Nth bug")
    options = parser.parse_args()
    records = [json.loads(line) for line in RECORDS.read_text("utf-8").splitlines()]
    wanted = [
        each for each in records if not options.project or each["repo"].split("/")[1] in options.project
    ]
    scores: dict[str, dict[str, list[Score]]] = {}
    blobs: Blobs = {}
    for record in wanted[:: options.every]:
        clone = Clone(options.repos / record["repo"].replace("/", "+", 1))
        if not clone.has(record["buggy_commit"], record["fixed_commit"]):
            print(f"{record['id']}: no clone with its commits in {clone.path}", file=sys.stderr)
            continue
        for query_name, ranking, score in _measured(record, clone, blobs):
            scores.setdefault(query_name, {}).setdefault(ranking, []).append(score)
    for query_name, by_ranking in scores.items():
        _print(query_name, by_ranking)
    return 0 if scores else 1


class Clone:
    """A git clone, read without a work tree."""

    def __init__(self, path: Path) -> None:
        inner = path / "repo"  # a mirror may keep its git directory one level down
        self.path = inner if inner.is_dir() and not (path / ".git").exists() else path

    def has(self, *commits: str) -> bool:
        return all(self._git("cat-file", "-e", f"{commit}^{{commit}}") is not None for commit in commits)

    def lines(self, commit: str, path: str) -> list[str]:
        """Of one file at a commit; none where it does not exist."""
        data = self._git("show", f"{commit}:{path}")
        return [] if data is None else data.decode("utf-8", "replace").split("\n")

    def python_files(self, commit: str) -> Iterator[tuple[str, str]]:
        """(path, blob)."""
        for entry in (self._git("ls-tree", "-r", "-z", commit) or b"").split(b"\0"):
            head, _, path = entry.decode("utf-8", "replace").partition("\t")
            if path.endswith(".py") and head.startswith("100"):
                yield path, head.split()[2]

    def text(self, blob: str) -> str:
        return (self._git("cat-file", "blob", blob) or b"").decode("utf-8", "replace")

    def _git(self, *arguments: str) -> bytes | None:
        done = subprocess.run(["git", "-C", self.path, *arguments], capture_output=True, check=False)
        return done.stdout if done.returncode == 0 else None


@dataclass(frozen=True, slots=True)
class Score:
    """Where the first gold file and function stand, from 1; None: not among the hits."""

    file: int | None
    function: int | None


@dataclass(frozen=True)
class Case:
    record: Record
    clone: Clone

    @cached_property
    def test_source(self) -> str:
        parts: list[str] = []
        for test in self.record["tests"]:
            lines = self.clone.lines(self.record["fixed_commit"], test["file"])
            first, last = test.get("start", 1), test.get("end", _UNKNOWN_SPAN_LINES)
            parts += [f"{test['file']}::{test['name']}", *lines[first - 1 : last]]
        return "\n".join(parts)

    def queries(self) -> Iterator[tuple[str, Query]]:
        yield "failing tests", Query(self.test_source, exclude_tests=True)
        if self.record["traceback"]:
            text, frames = self._traceback()
            query = Query(f"{self.test_source}\n{text}", frames=tuple(frames), exclude_tests=True)
            yield "traceback and failing tests", query

    def _traceback(self) -> tuple[str, list[tuple[str, int]]]:
        """The traceback with the project's source lines put back, and the project's frames."""
        text: list[str] = []
        frames: list[tuple[str, int]] = []
        tests = {test["file"] for test in self.record["tests"]}
        for line in self.record["traceback"].split("\n"):
            text.append(line)
            frame = _FRAME.match(line)
            if frame is None or frame[1].startswith(("/", "<", "site-packages")):
                continue
            number = int(frame[2])
            frames.append((frame[1], number))
            commit = self.record["fixed_commit" if frame[1] in tests else "buggy_commit"]
            text += [source.strip() for source in self.clone.lines(commit, frame[1])[number - 1 : number]]
        return "\n".join(text), frames

    def score(self, hits: Sequence[Hit]) -> Score:
        gold_files = set(self.record["gold_files"])
        candidates = [hit for hit in hits if self._is_candidate(hit.fragment.path or "")]
        files = list(dict.fromkeys(hit.fragment.path for hit in candidates))
        return Score(
            _first(path in gold_files for path in files), _first(self._is_gold(hit) for hit in candidates)
        )

    def _is_candidate(self, path: str) -> bool:
        return path in self.record["gold_files"] or not _NO_CANDIDATE.search(f"/{path.lower()}")

    def _is_gold(self, hit: Hit) -> bool:
        fragment = hit.fragment
        return any(
            fragment.path == gold["file"]
            and (
                (fragment.symbol or "<module>") == gold["name"]
                or (
                    hit.kind in {"function", "method"}
                    and gold["start"] <= fragment.start_line
                    and fragment.end_line <= gold["end"]
                )
            )
            for gold in self.record["gold_functions"]
        )


def _measured(record: Record, clone: Clone, blobs: Blobs) -> Iterator[tuple[str, str, Score]]:
    case = Case(record, clone)
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(Path(folder), "benchmark", writable=True)
        files = [
            FileChunks(path, Mark(blob, 0, 0), _chunks(clone, path, blob, blobs))
            for path, blob in clone.python_files(record["buggy_commit"])
        ]
        store.replace([file for file in files if file.chunks])
        store.optimize()
        library = Library(store, Overlay(), lambda: (1, [file.path for file in files]))
        for query_name, query in case.queries():
            for name, weights in RANKINGS.items():
                # One hit a chunk: joined neighbours would count as one place.
                hits = search(query, _TOP_K, library, weights=weights, merge=False)
                yield query_name, name, case.score(hits)


def _chunks(clone: Clone, path: str, blob: str, blobs: Blobs) -> tuple[Chunk, ...]:
    if (path, blob) not in blobs:
        blobs[path, blob] = chunk_file(path, clone.text(blob), blob)
    return tuple(blobs[path, blob])


def _first(matches: Iterator[bool]) -> int | None:
    return next((place for place, matched in enumerate(matches, 1) if matched), None)


def _print(query_name: str, by_ranking: dict[str, list[Score]]) -> None:
    bugs = len(next(iter(by_ranking.values())))
    heads = [f"{what}@{cutoff}" for what in ("file", "func") for cutoff in CUTOFFS]
    print(f"\nQuery: {query_name} ({bugs} bugs)")
    print(f"{'':14}" + "".join(f"{head:>9}" for head in heads))
    for name, scores in by_ranking.items():
        shares = [
            sum(place is not None and place <= cutoff for place in places) / bugs
            for places in ([each.file for each in scores], [each.function for each in scores])
            for cutoff in CUTOFFS
        ]
        print(f"{name:14}" + "".join(f"{share:9.3f}" for share in shares))


if __name__ == "__main__":
    raise SystemExit(main())
