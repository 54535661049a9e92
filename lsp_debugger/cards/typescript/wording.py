"""Types, names and messages as TypeScript prints them, in a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NAME = re.compile(r"[A-Za-z_$][\w$.]*\Z")
_LITERAL = re.compile(r'"[^"\n]{0,80}"\Z')
_LIMIT = 60
_MAX_LINES = 40
_MAX_LINE_CHARS = 2000
_MAX_LISTED = 4


def chain(message: str) -> list[str]:
    """The message and what it is because of, a line each, without their indents."""
    lines = message[: _MAX_LINES * _MAX_LINE_CHARS].splitlines()[:_MAX_LINES]
    return [line.strip()[:_MAX_LINE_CHARS] for line in lines if line.strip()]


def short(printed: str, limit: int = _LIMIT) -> str:
    """In backticks, cut."""
    words = " ".join(printed.split()).replace("`", "'")
    return f"`{words if len(words) <= limit else words[: limit - 1] + '…'}`"


def kind(printed: str) -> str:
    """`string` is a `string`, `User[]` an array of `User`, everything else as it is printed."""
    if printed in {"null", "undefined", "void", "any", "unknown", "never", "true", "false", "this"}:
        return short(printed)
    if printed.endswith("[]") and _NAME.match(printed[:-2]):
        return f"an array of `{printed[:-2]}`"
    if _NAME.match(printed):
        return f"{'an' if printed[0].lower() in 'aeio' else 'a'} `{printed}`"
    return short(printed)


def listed(names: Sequence[str], word: str = "and") -> str:
    """`a`, `b` and `c`; the first few of many."""
    shown = [short(name, 40) for name in names[:_MAX_LISTED]]
    if len(names) > _MAX_LISTED:
        return f"{', '.join(shown)} {word} {len(names) - _MAX_LISTED} more"
    return f"{', '.join(shown[:-1])} {word} {shown[-1]}" if len(shown) > 1 else "".join(shown)


def parts(printed: str) -> list[str]:
    """Of a union, outermost level; a type that is none is its own only part."""
    found, depth, start = list[str](), 0, 0
    in_string = False
    for at, letter in enumerate(printed):
        if letter == '"':
            in_string = not in_string
        elif in_string:
            continue
        elif letter in "([{<":
            depth += 1
        elif letter in ")]}" or (letter == ">" and printed[at - 1 : at] != "="):
            depth -= 1
        elif letter == "|" and depth == 0:
            found.append(printed[start:at].strip())
            start = at + 1
    return [part for part in [*found, printed[start:].strip()] if part]


def is_literal(printed: str) -> bool:
    return _LITERAL.match(printed) is not None


def nothings(given: str, wanted: str) -> list[str]:
    """`null` and `undefined` where they are all of `given` that does not fit; empty where more differs."""
    has, may = parts(given), set(parts(wanted))
    extra = [part for part in has if part in {"null", "undefined"} and part not in may]
    rest = [part for part in has if part not in {"null", "undefined"}]
    if not extra or (rest and " | ".join(rest) != wanted and not set(rest) <= may):
        return []
    return extra


def promised(printed: str) -> str:
    """`T` of `Promise<T>`; empty for everything else."""
    inner = printed.removeprefix("Promise<")
    return inner[:-1] if inner != printed and printed.endswith(">") else ""
