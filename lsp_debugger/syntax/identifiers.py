"""Words inside names: `getHTTPResponse2` is get, http, response, 2."""

from __future__ import annotations

import re
from collections.abc import Iterator

_WORD = re.compile(r"\w+")
_NAME = re.compile(r"\b[^\W\d]\w*")
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


def names_in(text: str) -> list[str]:
    """Identifier-like words of `text`, each once, in order of appearance. Keywords included."""
    return list(dict.fromkeys(_NAME.findall(text)))


def search_tokens(text: str) -> Iterator[str]:
    """What the lexical index sees of `text`: the words of every name, and each name as a whole.

    The whole has no underscores: `userName`, `user_name` and `username` meet there.
    """
    for word in _WORD.findall(text):
        parts = split_identifier(word)
        yield from parts
        if len(parts) > 1:
            yield "".join(parts)
