"""Edits as JSON, in the spellings that models and their tool calls use for the same four things."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, cast

from lsp_debugger.core.patch import EditKind, FileEdit, Hunk
from lsp_debugger.verify.refusal import Refusal

_PATH = ("path", "file", "filename", "file_path", "filePath")
_SEARCH = ("search", "old_string", "oldString", "old_text", "oldText", "old", "find", "before", "original")
_REPLACE = ("replace", "new_string", "newString", "new_text", "newText", "new", "replacement", "after")
_WHOLE = ("content", "contents", "new_content", "code", "text")
_KIND = ("kind", "type", "action", "operation", "op")
_NEW_PATH = ("new_path", "newPath", "to", "destination")
_LISTS = ("edits", "changes", "files", "patches", "hunks", "replacements", "patch")
_RANGES = ("range", "start_line", "startLine", "line", "lines", "start")
_SPEAKS_OF_EDITS = re.compile(rf'"(?:{"|".join((*_SEARCH[:5], *_REPLACE[:5], "edits", "changes"))})"\s*:')
_KINDS = {kind.value: kind for kind in EditKind} | {
    "remove": EditKind.DELETE,
    "move": EditKind.RENAME,
    "add": EditKind.CREATE,
    "new": EditKind.CREATE,
}
_MAX_DEPTH = 6
_MAX_TRIES = 50  # places where JSON may begin


def read(text: str, path: str) -> list[FileEdit] | None:
    """None when the text holds no JSON that speaks of edits. Raises Refusal for one that cannot be used."""
    if not _SPEAKS_OF_EDITS.search(text) and not re.search(rf'"(?:{"|".join(_KIND)})"\s*:\s*"', text):
        return None
    decoder = json.JSONDecoder(strict=False)
    for start in islice(re.finditer(r"^[ \t]*+(?=[\[{])", text, re.MULTILINE), _MAX_TRIES):
        try:
            value, _ = decoder.raw_decode(text, start.end())
        except (ValueError, RecursionError):
            if text[: start.start()].count("```") % 2 == text[start.start() :].count("```") % 2 == 0:
                continue
            break
        edits = list(_edits(value, path, 0))
        if edits:
            return _merged(edits)
    if text.lstrip().startswith(("{", "[")) or "```json" in text:
        raise Refusal("the JSON of the answer cannot be read, or was cut off")
    return None


def _edits(value: object, path: str, depth: int) -> Iterator[FileEdit]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for each in cast("list[object]", value):
            yield from _edits(each, path, depth + 1)
    elif isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        path = _first(fields, _PATH) or path
        edit = _edit(fields, path)
        if edit is not None:
            yield edit
            return
        for name in _LISTS:
            if isinstance(fields.get(name), list | dict):
                yield from _edits(fields[name], path, depth + 1)


def _edit(fields: dict[str, Any], path: str) -> FileEdit | None:
    kind = _KINDS.get((_first(fields, _KIND) or "").lower(), EditKind.CHANGE)
    search, replace, whole = (_first(fields, names) for names in (_SEARCH, _REPLACE, _WHOLE))
    if kind is EditKind.DELETE:
        return FileEdit(path, kind)
    if kind is EditKind.RENAME:
        return FileEdit(path, kind, new_path=_first(fields, _NEW_PATH) or "")
    if search is not None and replace is not None and kind is EditKind.CHANGE:
        return FileEdit(path, hunks=(Hunk(search, replace),))
    new_text = whole if whole is not None else replace
    if new_text is None:
        return None
    if any(name in fields for name in _RANGES):
        raise Refusal(
            "an edit names line numbers only", "ask for the lines themselves: SEARCH/REPLACE blocks"
        )
    return FileEdit(path, kind, new_text=new_text)


def _first(fields: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((fields[name] for name in names if isinstance(fields.get(name), str)), None)


def _merged(edits: list[FileEdit]) -> list[FileEdit]:
    """One edit a file where it only changes lines."""
    hunks: dict[str, list[Hunk]] = {}
    for edit in edits:
        if edit.hunks:
            hunks.setdefault(edit.path, []).extend(edit.hunks)
    found: dict[object, FileEdit] = {}
    for number, edit in enumerate(edits):
        if not edit.hunks:
            found[number] = edit
        elif edit.path not in found:
            found[edit.path] = FileEdit(edit.path, hunks=tuple(hunks[edit.path]))
    return list(found.values())
