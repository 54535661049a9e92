"""Change one list in a settings file and nothing else: comments, order and spacing stay the user's.

The text is edited, then parsed and compared with what was meant; a spelling of TOML that this does not
know ends in ConfigInvalid, never in a damaged file.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from lsp_debugger.config.files import Owner, read_toml
from lsp_debugger.core.errors import ConfigInvalid

_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)
_TOKEN = re.compile(r"""(?P<item>"(?:[^"\\\n]|\\.)*"|'[^'\n]*')|(?P<comma>,)|(?P<close>\])|\#[^\n]*|\s+""")


def add_item(path: Path, name: str, item: str) -> None:
    """Append a string to the top-level list `name`, which need not be there. Raises ConfigInvalid."""
    text, values, items = _read(path, name)
    _write_checked(path, _with_item(text, name, item), {**values, name: [*items, item]})


def remove_items(path: Path, name: str, unwanted: Callable[[str], bool]) -> int:
    """Take out the strings that `unwanted` picks; returns how many. Raises ConfigInvalid."""
    text, values, items = _read(path, name)
    kept = [each for each in items if not unwanted(each)]
    if len(kept) < len(items):
        for index in reversed([at for at, each in enumerate(items) if unwanted(each)]):
            text = _without_item(text, name, index)
        _write_checked(path, text, {**values, name: kept})
    return len(items) - len(kept)


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner alone. A link keeps pointing where it does."""
    path = Path(os.path.realpath(path))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(descriptor)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


@dataclass(frozen=True, slots=True)
class _List:
    """Where a list stands in the text: its bracket's inside, its items, the comma after the last one."""

    start: int
    close: int
    items: tuple[tuple[int, int], ...]
    trailing_comma: bool


def _read(path: Path, name: str) -> tuple[str, Mapping[str, Any], list[str]]:
    """The text, all of its values, and the list called `name`."""
    read = read_toml(path, Owner.USER)
    if read.problem:
        raise ConfigInvalid(f"{path}: {read.problem}", "repair the file, or move it away")
    items = read.values.get(name, [])
    if not isinstance(items, list) or not all(isinstance(each, str) for each in cast("list[object]", items)):
        raise ConfigInvalid(f"{path}: {name} is not a list of strings", "repair it by hand")
    return read.text, read.values, cast("list[str]", items)


def _write_checked(path: Path, text: str, meant: Mapping[str, Any]) -> None:
    import tomllib

    try:
        as_meant = tomllib.loads(text) == meant
    except tomllib.TOMLDecodeError:
        as_meant = False
    if not as_meant:
        raise ConfigInvalid(f"{path}: cannot be changed without risk to what else it says", "edit it by hand")
    try:
        write_private(path, text)
    except OSError as wrong:
        raise ConfigInvalid(f"{path}: cannot be written: {wrong.strerror}") from wrong


def _with_item(text: str, name: str, item: str) -> str:
    line_end = "\r\n" if "\r\n" in text else "\n"
    quoted = f'"{item}"'
    if (found := _find(text, name)) is None:
        at = _end_of_top_level(text)
        before = line_end if at and not text[:at].endswith("\n") else ""
        after = line_end if text[at:].strip() else ""
        return f"{text[:at]}{before}{name} = [{quoted}]{line_end}{after}{text[at:]}"
    if not found.items:
        return text[: found.start] + quoted + text[found.start :]
    start, end = found.items[-1]
    if "\n" not in text[end : found.close]:
        return f"{text[:end]}, {quoted}{text[end:]}"
    comma = "" if found.trailing_comma else ","
    line_start = text.rfind("\n", 0, start) + 1
    indent = re.match(r"[ \t]*", text[line_start:])
    rest_of_line = text.index("\n", end)
    return (
        f"{text[:end]}{comma}{text[end:rest_of_line].rstrip()}{line_end}"
        f"{indent[0] if indent else ''}{quoted},{line_end}{text[rest_of_line + 1 :]}"
    )


def _without_item(text: str, name: str, index: int) -> str:
    if (found := _find(text, name)) is None or index >= len(found.items):
        return text  # spelt in a way that is not known here: the check before writing says so
    start, end = found.items[index]
    line_start, line_end = text.rfind("\n", 0, start) + 1, text.find("\n", end) + 1
    alone = re.fullmatch(r"\s*", text[line_start:start]) and re.match(
        r"[ \t]*,?[ \t]*(#.*)?\r?$", text[end:], re.MULTILINE
    )
    if alone and line_end:
        return text[:line_start] + text[line_end:]
    if after := re.match(r"[ \t]*,[ \t]*", text[end:]):
        return text[:start] + text[end + after.end() :]
    before = re.search(r"[ \t]*,[ \t]*$", text[:start])
    return text[: before.start() if before else start] + text[end:]


def _find(text: str, name: str) -> _List | None:
    """The list `name = [...]` before the first table, if it is spelt that way."""
    key = re.compile(rf"^[ \t]*{re.escape(name)}[ \t]*=[ \t]*\[", re.MULTILINE).search(text)
    table = _TABLE.search(text)
    if not key or (table and table.start() < key.start()):
        return None
    items: list[tuple[int, int]] = []
    at, trailing_comma = key.end(), False
    while token := _TOKEN.match(text, at):
        if token["close"]:
            return _List(key.end(), token.start(), tuple(items), trailing_comma)
        if token["item"]:
            items.append(token.span())
        if token["item"] or token["comma"]:
            trailing_comma = bool(token["comma"])
        at = token.end()
    return None


def _end_of_top_level(text: str) -> int:
    """Where a new top-level line goes: before the first table and the comments right above it."""
    table = _TABLE.search(text)
    if table is None:
        return len(text)
    lines = text[: table.start()].splitlines(keepends=True)
    while lines and lines[-1].lstrip().startswith("#"):
        lines.pop()
    return sum(map(len, lines))
