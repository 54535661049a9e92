"""Words inside names: `getHTTPResponse2` is get, http, response, 2."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator

_WORD = re.compile(r"\w+")
_PART = re.compile(
    r"[A-Z]{2,}s(?![a-z])"  # plural of an acronym: URLs
    r"|[A-Z]+(?=[A-Z][a-z])"  # acronym before a word: HTTP in HTTPResponse
    r"|[A-Z]?[a-z]+|[A-Z]+|[0-9]+"
)


def split_identifier(name: str) -> list[str]:
    """The lower-case words of one identifier, in order."""
    shape = name if name.isascii() else "".join(map(_letter_class, name))
    return [name[part.start() : part.end()].lower() for part in _PART.finditer(shape)]


def _letter_class(letter: str) -> str:
    if letter.isupper():
        return "A"
    if letter.isnumeric():
        return "0"
    return "a" if letter.isalpha() else letter if letter.isascii() else "a"


def words_in(text: str) -> list[str]:
    """Names, keywords and numbers of `text`, in order."""
    return _WORD.findall(text)


def search_tokens(words: Iterable[str]) -> Iterator[str]:
    """What the lexical index sees: the parts of every word, and each word of several parts as a whole.

    The whole has no underscores: `userName`, `user_name` and `username` meet there.
    """
    for word in words:
        yield from _tokens_of(word)


@functools.lru_cache(maxsize=20_000)  # a project uses few words often
def _tokens_of(word: str) -> tuple[str, ...]:
    parts = split_identifier(word)
    return (*parts, "".join(parts)) if len(parts) > 1 else tuple(parts)
