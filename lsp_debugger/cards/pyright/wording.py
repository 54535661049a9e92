"""Types as pyright prints them, in a sentence."""

from __future__ import annotations

import re

_LITERAL = re.compile(r"Literal\[(?P<value>.+)\]$", re.DOTALL)
_NAME = re.compile(r"[^\W\d][\w.]*$")
_LIMIT = 60


def kind(printed: str) -> str:
    """`Literal['x']` is a `str`, `User` a `User`, everything else as it is printed, cut."""
    match = _LITERAL.match(printed)
    if match is not None:
        name = _type_of(match["value"])
        return article(name) if name else short(printed)
    plain = printed.removesuffix("*")
    return article(plain) if _NAME.match(plain) and plain != "None" else short(printed)


def article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeio' else 'a'} `{name}`"


def short(printed: str, limit: int = _LIMIT) -> str:
    """The type in backticks, cut to `limit` characters."""
    return f"`{printed if len(printed) <= limit else printed[: limit - 1] + '…'}`"


def only_none_differs(given: str, wanted: str) -> bool:
    """True when None is all that does not fit: `str | None` for `str`."""
    parts = given.split(" | ")
    rest = " | ".join(part for part in parts if part != "None")
    return len(parts) > 1 and "None" in parts and "None" not in wanted.split(" | ") and rest == wanted


def _type_of(value: str) -> str:
    """The type of a literal; empty for several of them and for members of an enum."""
    if re.fullmatch(r"-?\d+", value):
        return "int"
    if value in ("True", "False"):
        return "bool"
    if re.fullmatch(r"""b(?:'[^']*'|"[^"]*")""", value):
        return "bytes"
    return "str" if re.fullmatch(r"""'[^']*'|"[^"]*\"""", value) else ""
