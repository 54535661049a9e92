"""`.gitignore` and `.ignore`, as gitignore(5) says, without starting git.

Not supported: the user's global excludes file, and `.git/info/exclude`, which belong to a person and
not to the project. Patterns that no project writes (over 500 characters, more than three `**`) match
nothing: a hostile repository may not stall the index with them. `?` is a character here and a byte there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

IGNORE_FILES = (".gitignore", ".ignore")  # the second wins where both speak
_MAX_FILE_BYTES = 256 * 1024
_MAX_PATTERN_CHARS = 500
_MAX_DOUBLE_STARS = 3
_CLASS = re.compile(r"\[(?P<not>[!^]?)(?P<body>\]?(?:\\.|\[:\w+:\]|[^\]\\])*)\]")
_POSIX = {
    "alpha": "A-Za-z",
    "digit": "0-9",
    "alnum": "A-Za-z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "space": r"\s",
}


@dataclass(frozen=True, slots=True)
class _Group:
    """Neighbouring patterns of one sign as one expression; files skip those that end in a slash."""

    ignores: bool
    folders: re.Pattern[str]
    files: re.Pattern[str] | None


class IgnoreRules:
    """The patterns of one folder."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._groups = list(_groups(lines))  # the last one that matches decides

    @classmethod
    def of(cls, folder: Path) -> IgnoreRules | None:
        """None when the folder has no ignore files. Unreadable ones count as empty."""
        lines: list[str] = []
        for name in IGNORE_FILES:
            try:
                with open(folder / name, "rb", opener=_without_waiting) as file:
                    data = file.read(_MAX_FILE_BYTES) or b""
            except OSError:
                continue
            lines.extend(data.decode("utf-8", "replace").removeprefix("\ufeff").splitlines())
        return cls(lines) if lines else None

    def verdict(self, path: str, *, is_folder: bool) -> bool | None:
        """True: ignored; False: expressly not; None: nothing said. path: relative to this folder."""
        for group in reversed(self._groups):
            pattern = group.folders if is_folder else group.files
            if pattern is not None and pattern.fullmatch(path):
                return group.ignores
        return None


def _without_waiting(path: str, flags: int) -> int:
    """A pipe in a file's place is empty: it does not hold the worker until somebody writes."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def is_ignored(path: str, layers: Sequence[tuple[str, IgnoreRules]], *, is_folder: bool) -> bool:
    """layers: (folder, its rules), outermost first, folders relative to the root with a final `/`, or "".

    The caller asks for each folder on the way: what lies in an ignored folder cannot be brought back.
    """
    for folder, rules in reversed(layers):
        verdict = rules.verdict(path[len(folder) :], is_folder=is_folder)
        if verdict is not None:
            return verdict
    return False


def _groups(lines: Iterable[str]) -> Iterator[_Group]:
    sign: bool | None = None
    everywhere: list[str] = []
    folders_only: list[str] = []
    for ignores, expression, folder_only in filter(None, map(_parsed, lines)):
        if ignores != sign and sign is not None:
            yield _group(sign, everywhere, folders_only)
            everywhere, folders_only = [], []
        sign = ignores
        (folders_only if folder_only else everywhere).append(expression)
    if sign is not None:
        yield _group(sign, everywhere, folders_only)


def _group(sign: bool, everywhere: list[str], folders_only: list[str]) -> _Group:
    flags = re.DOTALL  # a file name may hold a newline
    folders = re.compile("|".join([*everywhere, *folders_only]), flags)
    return _Group(sign, folders, re.compile("|".join(everywhere), flags) if everywhere else None)


def _parsed(line: str) -> tuple[bool, str, bool] | None:
    """(ignores, expression, folders only), or None for what is no usable pattern."""
    line = re.sub(r"(?<!\\)((?:\\\\)*)[ \t]+$", r"\1", line)
    if not line or line.startswith("#") or len(line) > _MAX_PATTERN_CHARS:
        return None
    ignores = not line.startswith("!")
    pattern = line if ignores else line[1:]
    folder_only = pattern.endswith("/")
    pattern = pattern[:-1] if folder_only else pattern
    anchored = "/" in pattern
    segments = pattern.removeprefix("/").split("/")
    if "" in segments or segments.count("**") > _MAX_DOUBLE_STARS:
        return None
    expression = _expression(segments if anchored else ["**", *segments])
    try:
        re.compile(expression)
    except re.error:  # `[z-a]`: matches nothing
        return None
    return ignores, expression, folder_only


def _expression(segments: list[str]) -> str:
    parts: list[str] = []
    for number, segment in enumerate(segments):
        last = number == len(segments) - 1
        if segment == "**":
            parts.append("[^/].*" if last else "(?:[^/]+/)*")
        else:
            parts.append(_segment(segment) + ("" if last else "/"))
    return "".join(parts)


def _segment(glob: str) -> str:
    """One path segment. Each `*` but the last takes as little as it can, for good.

    That finds the same names as trying everything, in linear time: what follows a star may as well
    begin at its first occurrence, if another star comes after it.
    """
    literals = _between_stars(glob)
    first, *rest = literals
    if not rest:
        return first
    *middle, last = rest
    lazy = "".join(f"(?>[^/]*?{literal})" for literal in middle if literal)
    return f"{first}{lazy}[^/]*{last}"


def _between_stars(glob: str) -> list[str]:
    """Regular expressions of what stands between the stars, of fixed length each."""
    found = [""]
    position = 0
    while position < len(glob):
        letter = glob[position]
        match = _CLASS.match(glob, position) if letter == "[" else None
        if match:
            found[-1] += _class(match)
            position = match.end()
            continue
        if letter == "\\" and position + 1 < len(glob):
            position += 1
            found[-1] += re.escape(glob[position])
        elif letter == "*":
            found.append("")
        else:
            found[-1] += "[^/]" if letter == "?" else re.escape(letter)
        position += 1
    return found


def _class(match: re.Match[str]) -> str:
    body = re.sub(r"\[:(\w+):\]", lambda name: _POSIX.get(name[1], ""), match["body"])
    body = body.replace("[", r"\[")
    body = "\\" + body if body.startswith(("]", "^")) else body
    return f"(?!/)[{'^' if match['not'] else ''}{body}]"
