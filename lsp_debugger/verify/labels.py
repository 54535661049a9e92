"""Fences in a model's answer, and the file names that stand above them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# Possessive where a line of one letter would be read again from each of its places.
_FENCE = re.compile(r" {0,3}(`{3,}+|~{3,}+)\s*+([^`]*+)$")
_LABEL = re.compile(r"(?i)^\W*(?:file ?name|file|path)[\s*`]*:[\s*`]*(?P<name>[^\s*`]+)")
_PATH = re.compile(r"(?:[\w@+~. -]*[\w@+~.-][/\\])*[\w@+~.-]*[\w)]\Z")
_SUFFIX = re.compile(r"\.[A-Za-z]\w{0,9}\Z")
_MAX_NAMING_CHARS = 500  # of a line that names a file
_MAX_LINES_ABOVE = 20
_QUOTED = re.compile(r"[`*]+([^`*\s]+)[`*]+")


@dataclass(frozen=True, slots=True)
class Fence:
    """start: the index of its first line. closed: False when the answer ends inside of it."""

    info: str
    start: int
    lines: tuple[str, ...]
    closed: bool


def fences(lines: Sequence[str]) -> list[Fence]:
    found: list[Fence] = []
    at = 0
    while at < len(lines):
        opened = _FENCE.match(lines[at])
        at += 1
        if opened is None:
            continue
        start = at
        while at < len(lines) and not _closes(lines[at], opened[1]):
            at += 1
        found.append(Fence(opened[2].strip(), start, tuple(lines[start:at]), at < len(lines)))
        at += 1
    return found


def is_fence(line: str) -> bool:
    return _FENCE.match(line) is not None


def path_above(lines: Sequence[str], at: int, floor: int = 0) -> str | None:
    """The file that the line above `at` names, fences and blank lines passed over, down to `floor`."""
    for number in range(at - 1, max(floor, at - _MAX_LINES_ABOVE) - 1, -1):
        opened = _FENCE.match(lines[number])
        if opened is not None:
            named = path_in_info(opened[2])
            if named is not None:
                return named
        elif lines[number].strip():
            return path_in(lines[number])
    return None


def path_in_info(info: str) -> str | None:
    """```` ```python src/a.py ````, ```` ```python:src/a.py ```` and ```` ```src/a.py ````."""
    for word in re.split(r"[\s:]+|title=|\"", info[:_MAX_NAMING_CHARS]):
        if _looks_like_path(word):
            return word
    return None


def path_in(line: str) -> str | None:
    """The one file that a line of prose is about, or None."""
    if len(line) > _MAX_NAMING_CHARS:
        return None
    if labelled := _LABEL.match(line):
        return labelled["name"].rstrip(":,")
    whole = line.strip().strip("#*`: \t").removeprefix("// ").strip()
    if " " not in whole and _looks_like_path(whole):
        return whole
    quoted = {name for name in _QUOTED.findall(line) if _looks_like_path(name)}
    return quoted.pop() if len(quoted) == 1 else None


def _looks_like_path(word: str) -> bool:
    slashed = "/" in word or "\\" in word
    return bool(_PATH.match(word)) and (slashed or bool(_SUFFIX.search(word)))


def _closes(line: str, opening: str) -> bool:
    mark = line.strip()
    return len(mark) >= len(opening) and set(mark) == {opening[0]}
