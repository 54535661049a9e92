"""Globs over paths with `/`: `**`, `*`, `?`, `[abc]`, `{a,b}`.

`*` stays within one segment, `**` crosses them. A glob without a slash is looked for in every folder,
and one that ends in a plain name covers everything below a folder of that name: in a list of things to
keep back, the wider reading is the safe one.
"""

from __future__ import annotations

import re
import sys
from functools import lru_cache

MAX_GLOB_CHARS = 500
MAX_ALTERNATIVES = 64

# Default file systems of both compare names without case, so `Secrets/` is `secrets/` there.
FOLDS_CASE = sys.platform in ("win32", "darwin")

_MAGIC = re.compile(r"[*?\[\]{}]")


class GlobInvalid(ValueError):
    pass


def matches(glob: str, path: str, *, folds_case: bool = FOLDS_CASE) -> bool:
    """True when `glob` covers `path`. Both use `/` and are relative to the same folder, or absolute."""
    regexes = _compiled(glob, folds_case)
    return any(_fits(regex, path) for regex in regexes)


def check(glob: str) -> None:
    """Raises GlobInvalid, with the reason, when `glob` cannot be used."""
    if not glob.strip():
        raise GlobInvalid("empty glob")
    if len(glob) > MAX_GLOB_CHARS:
        raise GlobInvalid(f"glob longer than {MAX_GLOB_CHARS} characters")
    _compiled(glob, FOLDS_CASE)


_Segments = tuple["re.Pattern[str] | None", ...]  # None stands for `**`


@lru_cache(maxsize=4096)
def _compiled(glob: str, folds_case: bool) -> tuple[_Segments, ...]:
    return tuple(_segments(plain, folds_case) for plain in _alternatives(glob))


def _segments(glob: str, folds_case: bool) -> _Segments:
    absolute = glob.startswith("/")
    # Not posixpath: `..` in a glob is a mistake that may match nothing, never something else.
    parts = [part for part in glob.split("/") if part not in ("", ".")]
    if not parts:
        raise GlobInvalid("glob without a name")
    if not absolute and len(parts) == 1:
        parts.insert(0, "**")
    if glob.endswith("/") or not _MAGIC.search(parts[-1]):
        parts = [*parts, "**"]
    flags = re.IGNORECASE if folds_case else 0
    # One segment has at most a few stars and 255 characters, so `re` is quick enough here.
    return tuple(None if part == "**" else re.compile(_segment_source(part), flags) for part in parts)


def _segment_source(part: str) -> str:
    source, index = "", 0
    while index < len(part):
        char = part[index]
        if char == "*":
            source += "" if source.endswith("[^/]*") else "[^/]*"
        elif char == "?":
            source += "[^/]"
        elif char == "[" and (end := part.find("]", index + 2)) > 0:
            body = part[index + 1 : end].replace("\\", r"\\").replace("[", r"\[")
            source += f"[^{body[1:]}]" if body[0] in "!^" else f"[{body}]"
            index = end
        else:
            source += re.escape(char)
        index += 1
    try:
        re.compile(source)
    except re.error as exc:
        raise GlobInvalid("bad character range in the glob") from exc
    return rf"(?s:{source})\Z"


def _alternatives(glob: str) -> list[str]:
    """Braces written out, innermost last: `{a,b}/*` gives `a/*` and `b/*`."""
    done, waiting = list[str](), [glob]
    while waiting:
        current = waiting.pop()
        close = current.find("}")
        start = current.rfind("{", 0, close) if close >= 0 else -1
        if start < 0:
            if "{" in current or "}" in current:
                raise GlobInvalid("unbalanced { } in the glob")
            done.append(current)
            continue
        choices = current[start + 1 : close].split(",")
        waiting.extend(current[:start] + choice + current[close + 1 :] for choice in choices)
        if len(done) + len(waiting) > MAX_ALTERNATIVES:
            raise GlobInvalid(f"more than {MAX_ALTERNATIVES} alternatives in the glob")
    return done


def _fits(segments: _Segments, path: str) -> bool:
    """Segment by segment, in time len(glob) * len(path): `**` keeps a set of positions open."""
    names = [name for name in path.split("/") if name not in ("", ".")]
    reached = {0}
    for name in names:
        following = set[int]()
        for index in _closed(segments, reached):
            if index == len(segments):
                continue
            segment = segments[index]
            if segment is None:
                following.add(index)
            elif segment.match(name):
                following.add(index + 1)
        if not following:
            return False
        reached = following
    return len(segments) in _closed(segments, reached)


def _closed(segments: _Segments, reached: set[int]) -> set[int]:
    """With every place that skipping a `**` leads to."""
    closed = set(reached)
    for index in sorted(reached):
        at = index
        while at < len(segments) and segments[at] is None:
            at += 1
            closed.add(at)
    return closed
