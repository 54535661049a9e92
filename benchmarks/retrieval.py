"""Which file and function holds the bug? BM25 alone, the default, and with vectors, on real bugs.

    python benchmarks/retrieval.py --repos CLONES [--project NAME ...] [--every N] [--records FILE ...]

CLONES holds a git clone (bare or not) of each project as OWNER+NAME; `data/localize_dev.jsonl` holds
references only: commits, failing tests, spans that the fix touched (after BugsInPy). Query: ids and source
of the failing tests; the same with the traceback where there is one; the traceback alone. Indexed is every
Python file of the buggy commit; candidates are those outside of tests, docs and examples. file@k: a gold file
among the first k files; func@k: a gold function among the first k chunks; 4k, 8k: the share of gold functions
that the first chunks hold until one does not fit so many tokens; means over bugs.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from bugs import METRICS, RECORDS, Bug, Remembering, Trees, load_bugs, plain_tokens

from lsp_debugger.core.errors import IndexUnavailable
from lsp_debugger.core.ports import Embedder, Query
from lsp_debugger.index.embedding import EmbeddedModel
from lsp_debugger.index.library import Library
from lsp_debugger.index.question import MAX_TOKENS
from lsp_debugger.index.rows import Candidate
from lsp_debugger.index.search import ranking
from lsp_debugger.syntax.identifiers import search_tokens, words_in

_TOP_K = 100

Scores = dict[str, dict[str, list[list[float]]]]  # query → ranking → a row of METRICS a bug


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repos", type=Path, required=True)
    parser.add_argument("--project", action="append", help="only this one; may be repeated")
    parser.add_argument("--every", type=int, default=1, help="only each Nth bug")
    parser.add_argument("--records", type=Path, action="append", help="other bugs than ours")
    options = parser.parse_args()
    bugs = [
        bug
        for bug in load_bugs(options.repos, options.records or [RECORDS])
        if not options.project or bug.project.split("/")[1] in options.project
    ]
    scores: Scores = defaultdict(lambda: defaultdict(list))
    trees = Trees()
    vectors = _vectors()
    for bug in bugs[:: options.every]:
        for query_name, ranking_name, found in _found(bug, trees, vectors):
            scores[query_name][ranking_name].append(bug.score(found))
    for query_name, by_ranking in scores.items():
        _print(query_name, by_ranking)
    return 0 if scores else 1


def _found(bug: Bug, trees: Trees, vectors: Embedder | None) -> Iterator[tuple[str, str, list[Candidate]]]:
    with trees.library(bug, plain_tokens) as table:
        for name, query in bug.queries():
            yield name, "BM25 alone", _by_words(query, table(None))
    with trees.library(bug) as table:
        libraries = {"default": table(None)} | ({"with vectors": table(vectors)} if vectors else {})
        for name, query in bug.queries():
            for title, library in libraries.items():
                _, ranked = ranking(query, library, lambda each: each)
                best = [each.candidate for each in ranked[:_TOP_K]]
                yield name, title, [each for each in library.with_texts(best) if each]


def _vectors() -> Embedder | None:
    try:
        return Remembering(EmbeddedModel())
    except IndexUnavailable as exc:
        print(f"Without vectors: {exc}; {exc.hint}")
        return None


def _by_words(query: Query, library: Library) -> list[Candidate]:
    tokens = list(dict.fromkeys(search_tokens(words_in(query.text))))[:MAX_TOKENS]
    found = library.match(tokens, _TOP_K, exclude_tests=query.exclude_tests)
    return [each for each in library.with_texts(found) if each]


def _print(query_name: str, by_ranking: dict[str, list[list[float]]]) -> None:
    bugs = len(next(iter(by_ranking.values())))
    print(f"\nQuery: {query_name} ({bugs} bugs)")
    print(f"{'':14}" + "".join(f"{name:>9}" for name in METRICS))
    for name, rows in by_ranking.items():
        means = [sum(column) / bugs for column in zip(*rows, strict=True)]
        print(f"{name:14}" + "".join(f"{mean:9.3f}" for mean in means))


if __name__ == "__main__":
    raise SystemExit(main())
