"""What a piece of a literal stands for, and how the same text is written between other quotes."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\\\"'`/]))")
# Written with an escape wherever escapes are read.
_CONTROLS = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}


class NotWritable(ValueError):
    """The quotes around it cannot hold this text."""


def read(source: str, quote: str) -> str:
    """The text that `source` stands for between quotes of this kind (`Piece.quote`)."""
    prefix = quote.rstrip("\"'`")
    is_raw = quote == "#" or not quote or "r" in prefix
    text = source if is_raw else _ESCAPE.sub(_character, source)
    return text.replace("{{", "{").replace("}}", "}") if "f" in prefix else text


def write(text: str, quote: str) -> str:
    """Source that stands for `text`, so that `read` gives it back. Raises NotWritable."""
    if quote == "#" or not quote:
        if "\n" in text or "\r" in text:
            raise NotWritable("a line end in a comment")
        return text
    prefix, mark = quote.rstrip("\"'`"), quote.lstrip("abcdefghijklmnopqrstuvwxyz@$")
    if "b" in prefix and not text.isascii():
        raise NotWritable("letters beyond ASCII in bytes")
    if "r" in prefix:
        return _raw(text, mark)
    source = text.replace("\\", "\\\\").replace(mark[0], "\\" + mark[0])
    if "f" in prefix:
        source = source.replace("{", "{{").replace("}", "}}")
    return "".join(_CONTROLS.get(char, char) for char in source)


def _raw(text: str, mark: str) -> str:
    if mark in text or text.endswith(("\\", mark[0])) or (len(mark) == 1 and ("\n" in text or "\r" in text)):
        raise NotWritable("its own quote or a line end in a raw literal")
    return text


def _character(escape: re.Match[str]) -> str:
    number = escape[1] or escape[2]
    return chr(int(number, 16)) if number else escape[3]
