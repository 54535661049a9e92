"""Fit the weights of `index/ranking.py` to bugs with known fixes, and say what they are worth elsewhere.

    python benchmarks/fit_ranking.py --repos CLONES [--records FILE ...]

Ascends, one weight after the other, on a coarse grid; the goal is the mean of file@1, file@5, func@1,
func@5, func@10 and both reciprocal ranks, over bugs that count less the more their project has, so that no
project decides. A value is judged by the mean with its neighbours on the grid, so that no lucky peak wins.
Printed are the metrics under the weights in use, under those fitted to all, and of each bug under weights
that were fitted without its project (one round, from the weights in use).

The weights in use were chosen on the dev bugs together with 436 fixes out of the histories of 19 other
projects (commits that call themselves a fix and change a test), and then rounded; plain BM25 finds .66 of
those at file@1 and .62 at func@5. Tried there without gain: names that the query calls or holds, 1/√n;
callers and callees; the class that a method belongs to; a file's best chunk or best three as its score;
words of set-up, helpers and imports around the test; other k1 and b; how rare a word is among tests.
The files of the last five commits as `recent` ones change nothing but func@5 with a traceback, which
gains .015; half of the bugs are in one of them.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import operator
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from bugs import CUTOFFS, RECORDS, Bug, Trees, load_bugs

from lsp_debugger.index.ranking import WEIGHTS, Sign, Weights, ranked
from lsp_debugger.index.rows import Candidate
from lsp_debugger.index.search import gathered

GRID = (0.0, 0.03, 0.06, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6)
FITTED = ("likeness", "imported", "imported_name", "test_name", "class_rest", "module_rest", "frames")
_AGAINST = {"class_rest", "module_rest"}
_GOAL = (1.0, 1.0, 0.5, 1.0, 1.0)  # file@1, file@5, func@1, func@5, func@10
_MAX_CANDIDATES = 150  # the others have no prospect
_QUERIES = {"failing tests", "traceback and failing tests"}

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Case:
    """One query of one bug: what may be ranked, and all that ranking knows of it.

    signs: of each candidate, worked out once. gold: those that the fix touched; gold_files: their files.
    """

    project: str
    query: str
    candidates: tuple[Candidate, ...]
    signs: dict[Key, tuple[Sign, ...]]
    best_lexical: float
    gold: frozenset[Key]
    gold_files: frozenset[str]

    def of(self, candidate: Candidate) -> Iterator[Sign]:
        yield from self.signs[candidate.key]

    def places(self, weights: Weights) -> tuple[float, float]:
        """Of the first gold file and the first gold function, from 1."""
        keys = [each.candidate.key for each in ranked(self.candidates, self, self.best_lexical, weights)]
        files = list(dict.fromkeys(path for path, _ in keys))
        return (
            next((place for place, path in enumerate(files, 1) if path in self.gold_files), math.inf),
            next((place for place, key in enumerate(keys, 1) if key in self.gold), math.inf),
        )

    def worth(self, weights: Weights) -> float:
        file, function = self.places(weights)
        hits = (file <= 1, file <= 5, function <= 1, function <= 5, function <= 10)
        return sum(map(operator.mul, _GOAL, hits)) + 1 / file + 1 / function


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repos", type=Path, required=True)
    parser.add_argument("--records", type=Path, action="append", default=[], help="more bugs than ours")
    options = parser.parse_args()
    trees = Trees()
    cases = [
        case for bug in load_bugs(options.repos, [RECORDS, *options.records]) for case in _cases(bug, trees)
    ]
    if not cases:
        return 1
    print(f"{len(cases)} queries of {len({case.project for case in cases})} projects")
    _print("weights in use", WEIGHTS, cases)
    _print("fitted to all", fit(cases, 3), cases)
    print("\nEach project under weights fitted to the others:")
    left_out: list[tuple[Case, Weights]] = []
    for project in sorted({case.project for case in cases}):
        weights = fit([case for case in cases if case.project != project], 1)
        left_out += [(case, weights) for case in cases if case.project == project]
        print(f"  without {project}: {_shown(weights)}")
    _print_scores(left_out)
    return 0


def fit(cases: Sequence[Case], rounds: int) -> Weights:
    counts = Counter(case.project for case in cases)
    shares = [1 / math.sqrt(counts[case.project]) for case in cases]
    weights = WEIGHTS

    def worth(tried: Weights) -> float:
        return sum(share * case.worth(tried) for share, case in zip(shares, cases, strict=True))

    for _ in range(rounds):
        before = weights
        for name in FITTED:
            values = [-value if name in _AGAINST else value for value in GRID]
            worths = [worth(replace(weights, **{name: value})) for value in values]
            smooth = [
                (worths[max(at - 1, 0)] + 2 * worths[at] + worths[min(at + 1, len(worths) - 1)]) / 4
                for at in range(len(worths))
            ]
            weights = replace(weights, **{name: values[smooth.index(max(smooth))]})
        if weights == before:
            break
    return weights


def _cases(bug: Bug, trees: Trees) -> Iterator[Case]:
    with trees.library(bug) as table:
        library = table(None)
        for name, query in bug.queries():
            if name not in _QUERIES:
                continue
            _, candidates, signs, best = gathered(query, library, lambda each: each)
            candidates = [each for each in candidates if bug.is_candidate(each.path)]
            gold = frozenset(each.key for each in candidates if bug.is_gold(each))
            first = [each.candidate for each in ranked(candidates, signs, best, WEIGHTS)[:_MAX_CANDIDATES]]
            kept = {each.key: each for each in (*first, *(each for each in candidates if each.key in gold))}
            yield Case(
                bug.project,
                name,
                tuple(each._replace(text="") for each in kept.values()),
                {key: tuple(signs.of(each)) for key, each in kept.items()},
                best,
                gold,
                frozenset(bug.record["gold_files"]),
            )


def _print(title: str, weights: Weights, cases: Sequence[Case]) -> None:
    print(f"\n{title}: {_shown(weights)}")
    _print_scores([(case, weights) for case in cases])


def _print_scores(pairs: Sequence[tuple[Case, Weights]]) -> None:
    print(f"{'':30}" + "".join(f"{f'{what}@{k}':>9}" for what in ("file", "func") for k in CUTOFFS))
    ours = {json.loads(line)["repo"] for line in RECORDS.read_text("utf-8").splitlines()}
    for query, title in itertools.product(sorted(_QUERIES), ("dev", "others")):
        places = [
            case.places(weights)
            for case, weights in pairs
            if case.query == query and (case.project in ours) == (title == "dev")
        ]
        if places:
            shares = [
                sum(place[what] <= k for place in places) / len(places) for what in (0, 1) for k in CUTOFFS
            ]
            head = f"{query.removesuffix(' and failing tests')}, {title} ({len(places)})"
            print(f"{head:30}" + "".join(f"{share:9.3f}" for share in shares))


def _shown(weights: Weights) -> str:
    values = asdict(weights)
    return " ".join(f"{name} {values[name]:g}" for name in FITTED)


if __name__ == "__main__":
    raise SystemExit(main())
