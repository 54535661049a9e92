"""A query taken apart: which words count and how often, which names it holds, which tests it is about."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lsp_debugger.core.ports import Query
from lsp_debugger.index.names import is_test_path, modules_in, paths_in
from lsp_debugger.syntax.identifiers import search_tokens, split_identifier, words_in

MAX_TOKENS = 256  # different ones
_MIN_NAME_CHARS = 3
_MAX_NAMED_FILES = 8
_MAX_TEST_NAMES = 8
_MAX_TEST_WORDS = 12
_IMPORT_LINE = re.compile(r"^[ \t]*(?:from\s+\S+\s+)?import\s+[^\n]+", re.MULTILINE)
# `a.py::TestB::test_c`, `TestB.test_c`, `def test_c`, `in test_c`, `func TestC`; no class, no module.
_TEST_NAME = re.compile(r"(?:::|\bdef\s+|\bfunc\s+|\bin\s+|\.)(?P<name>[Tt]est\w+)\b(?!\.\w|::)")
# What a test runner or an installed package did says nothing about this code.
_FOREIGN_FRAME = re.compile(
    r'^[ \t]*File "(?:[^"\n]*/)?(?:_pytest|pytest|pluggy|unittest|nose|site-packages|dist-packages'
    r'|lib/python\d[.\d]*)/[^"\n]*", line \d+.*\n?(?:[ \t]++(?!File \")[^\n]*(?:\n|$))*'
    r"|^[ \t]*at [^\n]*\bnode_modules/[^\n]*\n?",
    re.MULTILINE,
)
# Words that every test has.
_RUNNER_WORD_TEXT = """
MagicMock Mock TestCase called_with cls def describe expect fixture it jest mark mock monkeypatch parametrize
patch pytest raises return_value self side_effect skip skipIf skipUnless skipif test tests unittest
"""
_RUNNER_WORDS = frozenset(_RUNNER_WORD_TEXT.split())


@dataclass(frozen=True, slots=True)
class Question:
    """tokens: what to match, a word that occurs often some times more: 1 + ln n.

    names: whole words of the text. asked: names that the problem is about. within_test_names: what a test may
    be named after: of `test_read_file` read, file and read_file, in each spelling. test_paths: files of
    tests. files: what the text is about, tests included. written_imports: modules in its import lines.
    """

    tokens: tuple[str, ...]
    names: frozenset[str]
    asked: tuple[str, ...]
    within_test_names: frozenset[str]
    test_paths: tuple[str, ...]
    files: tuple[str, ...]
    written_imports: tuple[str, ...]

    @property
    def whole_names(self) -> frozenset[str]:
        """All names that it may find something by."""
        return self.names.union(self.asked, self.within_test_names)


def question_of(query: Query) -> Question:
    text = _FOREIGN_FRAME.sub("", query.text)
    words = words_in(text)
    telling = [word for word in words if not _is_runner_word(word)]
    named = [*filter(None, [query.path]), *paths_in(text)[:_MAX_NAMED_FILES]]
    tests = [path for path in (*named, *(path for path, _ in query.frames)) if is_test_path(path)]
    return Question(
        tokens=tuple(_weighted([*query.identifiers, *(telling or words)])),
        names=frozenset(_names(words)),
        asked=tuple(dict.fromkeys(_names(query.identifiers))),
        within_test_names=frozenset(_within_test_names(text)),
        test_paths=tuple(dict.fromkeys(tests)),
        files=tuple(dict.fromkeys(named)),
        written_imports=tuple(
            dict.fromkeys(name for line in _IMPORT_LINE.findall(text) for name in modules_in(line))
        ),
    )


def _is_runner_word(word: str) -> bool:
    return word in _RUNNER_WORDS or word.startswith("assert")


def _weighted(words: Iterable[str]) -> Iterator[str]:
    counts = Counter(search_tokens(words))
    for token in list(counts)[:MAX_TOKENS]:
        yield from [token] * round(1 + math.log(counts[token]))


def _names(words: Iterable[str]) -> Iterator[str]:
    return (word for word in words if len(word) >= _MIN_NAME_CHARS and not word[0].isdigit())


def _within_test_names(text: str) -> Iterator[str]:
    for name in list(dict.fromkeys(match["name"] for match in _TEST_NAME.finditer(text)))[:_MAX_TEST_NAMES]:
        words = [word for word in split_identifier(name) if word != "test"][:_MAX_TEST_WORDS]
        for first in range(len(words)):
            for last in range(first, len(words)):
                yield from _spellings(words[first : last + 1])


def _spellings(words: Sequence[str]) -> Iterator[str]:
    snake = "_".join(words)
    pascal = "".join(word.capitalize() for word in words)
    yield from (snake, f"_{snake}", f"__{snake}__", pascal, pascal[0].lower() + pascal[1:])
