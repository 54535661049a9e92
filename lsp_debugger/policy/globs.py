"""Globs over paths with `/`: `**`, `*`, `?`, `[abc]`, `{a,b}`.

`*` stays within one segment, `**` crosses them. A glob without a slash is looked for in every folder,
and one that ends in a plain name covers everything below a folder of that name: in a list of things to
keep back, the wider reading is the safe one. They run on RE2, because a repository may write them too.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import groupby

from lsp_debugger.policy.patterns import PatternInvalid, Regex, compile_pattern, encode, escape

MAX_GLOB_CHARS = 500

# Default file systems of both compare names without case, so `Secrets/` is `secrets/` there.
FOLDS_CASE = sys.platform in ("win32", "darwin")

_MAGIC = re.compile(r"[*?\[\]{}]")
_PIECE = re.compile(r"\*+|\?|\[[!^]?[^\]/]+\]|[{},]|[^*?\[{},]+|\[")


class GlobInvalid(ValueError):
    pass


def matches(glob: str, path: str, *, folds_case: bool = FOLDS_CASE) -> bool:
    """True when `glob` covers `path`. Both use `/` and are relative to the same folder, or absolute."""
    return _compiled((glob,), folds_case).search(encode(_tidy(path))) is not None


def matcher(globs: Iterable[str], *, folds_case: bool = FOLDS_CASE) -> Callable[[str], bool]:
    """A test for many paths against many globs, at the price of one."""
    regex = _compiled(tuple(globs), folds_case)
    return lambda path: regex.search(encode(_tidy(path))) is not None


def check(glob: str) -> None:
    """Raises GlobInvalid, with the reason, when `glob` cannot be used."""
    if not glob.strip():
        raise GlobInvalid("empty glob")
    if len(glob) > MAX_GLOB_CHARS:
        raise GlobInvalid(f"glob longer than {MAX_GLOB_CHARS} characters")
    _compiled((glob,), FOLDS_CASE)


def _tidy(path: str) -> str:
    return "/".join(name for name in path.split("/") if name not in ("", "."))


@lru_cache(maxsize=2048)
def _compiled(globs: tuple[str, ...], folds_case: bool) -> Regex:
    sources = "|".join(map(_source, globs))
    try:
        return compile_pattern(rf"{'(?i)' if folds_case else ''}\A(?:{sources})\z")
    except PatternInvalid as exc:
        raise GlobInvalid("not a glob: check its [ ] and { }") from exc


def _source(glob: str) -> str:
    """As a pattern over tidy paths, without anchors."""
    parts = [part for part in glob.split("/") if part not in ("", ".")]
    if not parts:
        raise GlobInvalid("glob without a name")
    if len(parts) == 1 and not glob.startswith("/"):
        parts.insert(0, "**")
    if glob.endswith("/") or not _MAGIC.search(parts[-1]):
        parts.append("**")
    parts = [name for name, run in groupby(parts) for name in (["**"] if name == "**" else run)]
    if parts == ["**"]:
        return ".+"
    below = parts[-1] == "**"
    *folders, name = parts[:-1] if below else parts
    source = "".join("(?:[^/]+/)*" if part == "**" else f"{_segment(part)}/" for part in folders)
    return source + _segment(name) + ("(?:/.+)?" if below else "")


def _segment(part: str) -> str:
    if part == "*":
        return "[^/]+"
    source, depth = "", 0
    for piece in _PIECE.findall(part):
        if piece.startswith("*"):
            source += "[^/]*"
        elif piece == "?":
            source += "[^/]"
        elif len(piece) > 2 and piece[0] == "[":
            negated, body = (True, piece[2:-1]) if piece[1] in "!^" else (False, piece[1:-1])
            escaped = re.sub(r"([\\\[\]^&~])", r"\\\1", body)
            source += f"[^/{escaped}]" if negated else f"[{escaped}]"
        elif piece in "{}":
            depth += 1 if piece == "{" else -1
            source += "(?:" if piece == "{" else ")"
        elif piece == "," and depth > 0:
            source += "|"
        else:
            source += escape(piece)
        if depth < 0:
            break
    if depth != 0:
        raise GlobInvalid("unbalanced { } in the glob")
    return source
