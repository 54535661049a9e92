"""What a project's configuration says to mypy, as far as it matters to how mypy is started."""

from __future__ import annotations

import configparser
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

_MAX_CHARS = 1_000_000
# In mypy's order: the first that has its section is the one that is read.
_FILES = ("mypy.ini", ".mypy.ini", "pyproject.toml", "setup.cfg")
_REPORT = re.compile(r"[a-z_]{1,40}_report")


def settings(root: Path) -> Mapping[str, Any]:
    """The global section; empty where there is none that can be read."""
    for name in _FILES:
        found = _section(root / name)
        if found is not None:
            return found
    return {}


def says_what(found: Mapping[str, Any]) -> bool:
    """It names what is to be checked, so that mypy is to be started without any."""
    return any(found.get(key) for key in ("files", "packages", "modules"))


def reports(found: Mapping[str, Any], folder: Path) -> list[str]:
    """Options that send the reports which the configuration asks for to `folder`."""
    asked = sorted(key for key in found if _REPORT.fullmatch(key))
    options = [part for key in asked for part in (f"--{key.replace('_', '-')}", str(folder))]
    return [*options, *(("--junit-xml", str(folder / "junit.xml")) if "junit_xml" in found else ())]


def not_excluded(found: Mapping[str, Any], root: Path, files: Sequence[Path]) -> list[str]:
    """`exclude` holds for folders that mypy walks through, not for files that it is given; all the same
    a run over the project says nothing about them.
    """
    patterns = _patterns(found.get("exclude"))
    return [str(path) for path in files if not _is_excluded(path, root, patterns)]


def _section(file: Path) -> Mapping[str, Any] | None:
    try:
        with file.open("rb") as opened:
            text = opened.read(_MAX_CHARS).decode("utf-8", "replace")
    except OSError:
        return None
    try:
        if file.suffix == ".toml":
            found: Any = tomllib.loads(text).get("tool", {}).get("mypy")
            return cast("dict[str, Any]", found) if isinstance(found, dict) else None
        parser = configparser.RawConfigParser()
        parser.read_string(text)
        return dict(parser.items("mypy")) if parser.has_section("mypy") else None
    except (configparser.Error, ValueError, TypeError, AttributeError, RecursionError):
        return None


def _patterns(exclude: object) -> list[re.Pattern[str]]:
    listed = cast("list[object]", exclude) if isinstance(exclude, list) else [exclude]
    patterns = list[re.Pattern[str]]()
    for each in listed:
        if isinstance(each, str) and each:
            try:
                patterns.append(re.compile(each))
            except (re.error, RecursionError, OverflowError):
                continue
    return patterns


def _is_excluded(path: Path, root: Path, patterns: Sequence[re.Pattern[str]]) -> bool:
    if not path.is_relative_to(root):
        return False
    inner = path.relative_to(root)
    names = [inner.as_posix(), *(f"{parent.as_posix()}/" for parent in inner.parents if parent.name)]
    return any(pattern.search(name) for pattern in patterns for name in names)
