"""Markdown that we write around words that are not ours: names, messages, paths.

What a tool or a repository says is shown as text. It cannot open a link, load an image, start a
heading or hide characters.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

# Controls, zero-width, bidi, tag and variation characters, line separators.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180b-\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_SPACES = re.compile(r"\s+")
_MASKED = re.compile(r"<SECRET_\d+:\w+>")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")  # at least two letters: `C:` is a drive
_CODE_SPAN = re.compile(r"(?<!`)(`[^`]+`)(?!`)")
# An underscore between two letters never begins emphasis.
_ACTIVE = re.compile(r"[\\`*\[\]<>&~|!#]|(?<![^\W_])_|_(?![^\W_])")


def visible(text: str) -> str:
    """`text` on one line, without characters that are not seen."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", _SPACES.sub(" ", text))).strip()


def escaped(text: str) -> str:
    """`text` as prose on one line; spans in single backticks stay code, as linters write names."""
    parts = _CODE_SPAN.split(visible(text))
    return "".join(
        part if place % 2 else _ACTIVE.sub(lambda found: "\\" + found[0], part)
        for place, part in enumerate(parts)
    )


def code(text: str) -> str:
    """`text` as a code span on one line, whatever backticks it holds."""
    shown = visible(text) or " "
    longest = max((len(run) for run in re.findall(r"`+", shown)), default=0)
    ticks = "`" * (longest + 1)
    pad = " " if shown[0] == "`" or shown[-1] == "`" else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def link(label: str, address: str) -> str:
    """A link to `address`, which is one of ours or the label stands alone: http, https or file."""
    if urlsplit(address).scheme not in {"http", "https", "file"} or re.search(r"[\s<>()\\]", address):
        return escaped(label)
    return f"[{escaped(label)}]({address})"


def file_address(path: str, line: int, root: str | None = None) -> str | None:
    """Where an editor opens line `line` (1-based) of a file.

    None when `path` is relative and no root is known, or names no file: `untitled:1`, a masked name.
    """
    if _MASKED.search(path):
        return None
    place = Path(root, path) if root and not _ADDRESS.match(path) else Path(path)
    return f"{place.as_uri()}#L{line}" if place.is_absolute() else None


def file_link(label: str, path: str, line: int, root: str | None = None) -> str:
    """A link to a line of a file; plain text where there is no address for it."""
    address = file_address(path, line, root)
    return link(label, address) if address else escaped(label)


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters of `text` on one line, cut at a word where one ends near."""
    shown = visible(text)
    if len(shown) <= limit:
        return shown
    cut = shown[: limit - 1]
    at_word = cut.rfind(" ")
    return (cut[:at_word] if at_word > limit * 2 // 3 else cut).rstrip() + "…"
