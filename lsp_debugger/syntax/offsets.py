"""Between tree-sitter's UTF-8 byte offsets and our code-point offsets."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate

_BLOCK = 512  # code points; what one conversion has to look at
_CONTINUATION = bytes(range(0x80, 0xC0))


class ByteMap:
    """Both directions for one text. ASCII costs nothing; else one small block is looked at a call.

    Lone surrogates have three bytes, which tree-sitter reads as errors; offsets still agree.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self.source = text.encode("utf-8", "surrogatepass")
        self._ascii = len(self.source) == len(text)
        self._starts: list[int] | None = None  # byte offset of each block, built when first needed

    def byte_of(self, offset: int) -> int:
        """Bytes before the code point at `offset`; offsets past either end are clamped."""
        offset = min(max(offset, 0), len(self._text))
        if self._ascii:
            return offset
        block = offset // _BLOCK
        rest = self._text[block * _BLOCK : offset]
        return self._blocks()[block] + len(rest.encode("utf-8", "surrogatepass"))

    def offset_of(self, byte: int) -> int:
        """Code points that begin before `byte`; inside of a character that is the one after it."""
        byte = min(max(byte, 0), len(self.source))
        if self._ascii:
            return byte
        starts = self._blocks()
        block = bisect_right(starts, byte) - 1
        return block * _BLOCK + len(self.source[starts[block] : byte].translate(None, _CONTINUATION))

    def _blocks(self) -> list[int]:
        if self._starts is None:
            text = self._text
            sizes = (
                len(text[start : start + _BLOCK].encode("utf-8", "surrogatepass"))
                for start in range(0, len(text), _BLOCK)
            )
            starts = list(accumulate(sizes, initial=0))
            self._starts = starts[: len(text) // _BLOCK + 1]  # only where a whole block begins
        return self._starts
