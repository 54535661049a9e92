"""A model's answer, read into a patch: SEARCH/REPLACE blocks, a diff, JSON, or plain code.

Models wrap what was asked for in prose and fences, forget file names and stop in the middle. Whatever
might have been cut off is refused: half a fix looks like a whole one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsp_debugger.core.patch import EditKind, FileEdit, Hunk, Patch, PatchRefused
from lsp_debugger.syntax.grammars import language_of
from lsp_debugger.verify import json_edits, unified
from lsp_debugger.verify.labels import Fence, fences, path_above, path_in_info
from lsp_debugger.verify.refusal import Refusal

MAX_COMPLETION_CHARS = 400_000
MAX_HUNKS = 500

_SEARCH = re.compile(r"\s*(<{5,9})\s*(?:SEARCH|ORIGINAL)\b", re.IGNORECASE)
_REPLACE = re.compile(r"\s*>{5,9}\s*+(?:REPLACE|UPDATED)?\s*\Z", re.IGNORECASE)
_DIVIDER = re.compile(r"\s*(={5,9})\s*\Z")
_SHELL_INFO = frozenset({"bash", "sh", "shell", "console", "text", "txt", "output", "plaintext", "pycon"})
_ALIASES = {"py": "python", "python3": "python", "js": "javascript", "ts": "typescript", "rs": "rust"}
_CUT_OFF = ("the answer was cut off", "ask again, with a larger limit for the answer")


def read(completion: str, path: str, *, cut_off: bool = False) -> Patch | PatchRefused:
    """What the answer wants to change. path: the file that was asked about, meant where none is named.

    cut_off: the backend said that it stopped at a limit.
    """
    try:
        return _patch(completion, path, cut_off=cut_off)
    except Refusal as refusal:
        return refusal.value


def _patch(completion: str, path: str, *, cut_off: bool) -> Patch:
    if cut_off:
        raise Refusal(*_CUT_OFF)
    edits = _edits(_lines(completion), path)
    if not edits:
        raise Refusal("there is no edit in the answer", "ask for SEARCH/REPLACE blocks")
    if sum(len(edit.hunks) for edit in edits) > MAX_HUNKS:
        raise Refusal(f"more than {MAX_HUNKS} changes in one answer", "ask for a smaller fix")
    return Patch(tuple(edits))


def _lines(completion: str) -> list[str]:
    if not completion.strip():
        raise Refusal("the answer is empty", "ask again, or ask another model")
    if len(completion) > MAX_COMPLETION_CHARS:
        reason = f"the answer is longer than {MAX_COMPLETION_CHARS} characters"
        raise Refusal(reason, "ask for the changed lines only")
    return completion.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _edits(lines: Sequence[str], path: str) -> list[FileEdit]:
    if any(map(_SEARCH.match, lines)):
        return _blocks(lines, path)
    found = fences(lines)
    diffs = [fence for fence in found if unified.looks_like(fence.lines, fence.info)]
    if diffs:
        return [
            edit
            for fence in diffs
            for edit in unified.read(
                fence.lines, path_above(lines, fence.start) or path, fenced=True, closed=fence.closed
            )
        ]
    if unified.looks_like(lines):
        return unified.read(lines, path, fenced=False, closed=False)
    edits = json_edits.read("\n".join(lines), path)
    if edits is not None:
        return edits
    return _code(lines, found, path)


def _blocks(lines: Sequence[str], path: str) -> list[FileEdit]:
    hunks: dict[str, list[Hunk]] = {}
    at = floor = 0
    while at < len(lines):
        opened = _SEARCH.match(lines[at])
        if opened is None:
            at += 1
            continue
        end = next((n for n in range(at + 1, len(lines)) if _REPLACE.match(lines[n])), None)
        if end is None or any(map(_SEARCH.match, lines[at + 1 : end])):
            raise Refusal(*_CUT_OFF)
        path = path_above(lines, at, floor) or path
        hunks.setdefault(path, []).append(_block(lines[at + 1 : end], len(opened[1])))
        at = floor = end + 1
    return [FileEdit(named, hunks=tuple(of_file)) for named, of_file in hunks.items()]


def _block(body: Sequence[str], marks: int) -> Hunk:
    dividers = [(n, len(match[1])) for n, line in enumerate(body) if (match := _DIVIDER.match(line))]
    alike = [n for n, length in dividers if length == marks] or [n for n, _ in dividers]
    if len(alike) != 1:
        found = "more than one line" if alike else "no line"
        raise Refusal(f"{found} divides a block into what to find and what to put there")
    return Hunk(_joined(body[: alike[0]]), _joined(body[alike[0] + 1 :]))


def _joined(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _code(lines: Sequence[str], found: Sequence[Fence], path: str) -> list[FileEdit]:
    if not found:
        return [FileEdit(path, new_text="\n".join(lines), ended=False)]
    chosen = [fence for fence in found if _is_code(fence, path)]
    if any(not fence.closed for fence in chosen):
        raise Refusal(*_CUT_OFF)
    edits = [
        FileEdit(
            path_in_info(fence.info) or path_above(lines, fence.start - 1) or path,
            EditKind.CHANGE,
            new_text=_joined(fence.lines),
        )
        for fence in chosen
    ]
    return list(dict.fromkeys(edits))


def _is_code(fence: Fence, path: str) -> bool:
    """Not what is to be typed into a terminal, nor what came out of one."""
    words = re.split(r"[\s:{]+", fence.info.lower())
    info = _ALIASES.get(words[0], words[0])
    own = language_of(path_in_info(fence.info) or path)
    return bool("".join(fence.lines).strip()) and (info not in _SHELL_INFO or info == own)
