"""How chunks stand in the table: as they are, or blind: no source text, names and words as keyed hashes.

Blind: equal words have equal hashes, so that the text index ranks as it would; who has the directory and not
the key sees how often some word occurs, and not which. Paths, kinds and line numbers stay readable.
"""

from __future__ import annotations

import base64
import hmac
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Protocol

from lsp_debugger.index.chunk import Chunk
from lsp_debugger.index.unindexed import folded

_BYTES = 8
_MAX_REMEMBERED = 50_000


class Form(Protocol):
    """What the table gets of a chunk and of a question, and what comes back. is_blind: without texts."""

    is_blind: bool

    def chunk(self, chunk: Chunk) -> Chunk: ...
    def tokens(self, tokens: Iterable[str]) -> list[str]: ...
    def name(self, name: str) -> str: ...
    def names(self, stored: Iterable[str]) -> tuple[str, ...]: ...
    def qualname(self, stored: str) -> str: ...
    def remember(self, names: Iterable[str]) -> None: ...


class Plain:
    """Everything as it is."""

    is_blind = False

    def chunk(self, chunk: Chunk) -> Chunk:
        return chunk

    def tokens(self, tokens: Iterable[str]) -> list[str]:
        return list(tokens)

    def name(self, name: str) -> str:
        return name

    def names(self, stored: Iterable[str]) -> tuple[str, ...]:
        return tuple(stored)

    def qualname(self, stored: str) -> str:
        return stored

    def remember(self, names: Iterable[str]) -> None:
        pass


class Veil:
    """The blind form. key: 32 bytes that only the user has."""

    is_blind = True

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._hash: Callable[[str], str] = lru_cache(maxsize=100_000)(self._hashed)
        self._words: OrderedDict[str, str] = OrderedDict()  # hash → word, of questions only

    def name(self, name: str) -> str:
        """The hash of a name, which `names` turns back from now on."""
        sealed = self._hash(f"name {name}")
        self._words[sealed] = name
        self._words.move_to_end(sealed)
        if len(self._words) > _MAX_REMEMBERED:
            self._words.popitem(last=False)
        return sealed

    def remember(self, names: Iterable[str]) -> None:
        for name in names:
            self.name(name)

    def names(self, stored: Iterable[str]) -> tuple[str, ...]:
        """Those names that somebody has asked for; the others stay unknown."""
        return tuple(self._words[each] for each in stored if each in self._words)

    def qualname(self, stored: str) -> str:
        """With the parts that somebody has asked for; the others stay as they are stored."""
        return ".".join(self._words.get(part, part) for part in stored.split("."))

    def tokens(self, tokens: Iterable[str]) -> list[str]:
        """Search tokens, as the text index would have folded them."""
        return [self._hash(f"token {token}") for token in folded(tokens)]

    def chunk(self, chunk: Chunk) -> Chunk:
        """What of a chunk may be stored."""
        return replace(
            chunk,
            qualname=".".join(self._hash(f"name {part}") for part in chunk.qualname.split(".") if part),
            text="",
            literals=(),
            defines=tuple(self._hash(f"name {name}") for name in chunk.defines),
            refers=tuple(self._hash(f"name {name}") for name in chunk.refers),
            imports=(),
            chunk_hash=self._hash(f"chunk {chunk.chunk_hash}"),
            tokens=" ".join(self.tokens(chunk.tokens.split(" "))) if chunk.tokens else "",
        )

    def _hashed(self, word: str) -> str:
        digest = hmac.digest(self._key, word.encode("utf-8", "surrogatepass"), "sha256")
        return base64.b32encode(digest[:_BYTES]).decode().rstrip("=").lower()


def fingerprint_of(detectors: str, key: bytes) -> str:
    """What makes rows of one table differ from those of another: detectors, form and key."""
    if not key:
        return detectors
    return f"{detectors} blind {hmac.digest(key, b'fingerprint', 'sha256').hex()[:16]}"
