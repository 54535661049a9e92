"""A unified diff as models write it: any line numbers, wrong counts, or no header at all.

Where a hunk stands is told by its lines alone. Its counts serve one purpose: fewer lines than promised
mean that the answer was cut off.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lsp_debugger.core.patch import EditKind, FileEdit, Hunk
from lsp_debugger.verify.refusal import Refusal

_HUNK = re.compile(r"@@(?: -\d+(?:,(?P<old>\d{1,9}))? \+\d+(?:,(?P<new>\d{1,9}))? @@)?")
_NOWHERE = "/dev/null"
_KINDS = " +-\\"


@dataclass
class _File:
    path: str
    kind: EditKind = EditKind.CHANGE
    new_path: str = ""
    hunks: list[Hunk] = field(default_factory=list[Hunk])

    def edit(self) -> FileEdit | None:
        if self.kind is EditKind.CREATE:
            text = "".join(hunk.replace for hunk in self.hunks)
            return FileEdit(self.path, self.kind, new_text=text)
        if self.kind is EditKind.DELETE:
            return FileEdit(self.path, self.kind)
        if self.kind is EditKind.CHANGE and not self.hunks:
            return None
        return FileEdit(self.path, self.kind, tuple(self.hunks), new_path=self.new_path)


def looks_like(lines: Sequence[str], info: str = "") -> bool:
    if info.split(" ", maxsplit=1)[0].lower() in {"diff", "patch", "udiff"}:
        return True
    return any(
        _HUNK.match(line) or line.startswith("rename from ") or _is_header(lines, at)
        for at, line in enumerate(lines)
    )


def read(lines: Sequence[str], path: str, *, fenced: bool, closed: bool) -> list[FileEdit]:
    """Raises Refusal when it is cut off, or binary."""
    return _Reader(lines, path, fenced=fenced, closed=closed).read()


class _Reader:
    def __init__(self, lines: Sequence[str], path: str, *, fenced: bool, closed: bool) -> None:
        self._lines = lines
        self._default = path
        self._fenced, self._closed = fenced, closed
        self._files: list[_File] = []
        self._at = 0

    def read(self) -> list[FileEdit]:
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if line.startswith(("GIT binary patch", "Binary files ")):
                raise Refusal("the answer changes a binary file", "only text is changed")
            if line.startswith("diff --git "):
                self._files.append(_File(_bare(line.split()[-1])))
            elif line.startswith("deleted file mode "):
                self._file().kind = EditKind.DELETE
            elif line.startswith("rename from "):
                self._file().kind = EditKind.RENAME
                self._file().path = line.removeprefix("rename from ").strip()
            elif line.startswith("rename to "):
                self._file().new_path = line.removeprefix("rename to ").strip()
            elif _is_header(self._lines, self._at):
                self._header()
                continue
            elif match := _HUNK.match(line):
                self._at += 1
                self._hunk(match["old"] or ("1" if match[0] != "@@" else None), match["new"] or "1")
                continue
            elif self._fenced and line[:1] in {" ", "+", "-"} and not self._hunks():
                self._hunk(None, "")
                continue
            self._at += 1
        return [edit for each in self._files if (edit := each.edit()) is not None]

    def _file(self) -> _File:
        if not self._files:
            self._files.append(_File(self._default))
        return self._files[-1]

    def _hunks(self) -> list[Hunk]:
        return self._files[-1].hunks if self._files else []

    def _header(self) -> None:
        old, new = (_name(self._lines[self._at + ahead]) for ahead in (0, 1))
        self._at += 2
        fresh = not self._files or self._hunks() or self._lines[self._at - 3][:1] in {"", " ", "+", "-"}
        if fresh:
            self._files.append(_File(self._default))
        file = self._files[-1]
        if file.kind is EditKind.RENAME:
            return
        if old == _NOWHERE:
            file.kind, file.path = EditKind.CREATE, _bare(new)
        elif new == _NOWHERE:
            file.kind, file.path = EditKind.DELETE, _bare(old)
        elif "." in new or "/" in new or new == old:
            file.path = _bare(new)  # else `--- original`, `+++ fixed`, which name no file

    def _hunk(self, old_count: str | None, new_count: str) -> None:
        body = self._body(old_count, new_count)
        search = [line[1:] for line in body if line[0] in " -"]
        replace = [line[1:] for line in body if line[0] in " +"]
        if self._at >= len(self._lines) and not self._closed:
            self._check_end(body, old_count, new_count, (len(search), len(replace)))
        if search != replace:
            self._file().hunks.append(Hunk(_joined(search), _joined(replace)))

    def _body(self, old_count: str | None, new_count: str) -> list[str]:
        body: list[str] = []
        promised = (int(old_count), int(new_count)) if old_count is not None else None
        counts = (0, 0)  # of the lines in `body`
        blank = 0  # how many of the last lines are empty: they may be the end of the diff
        while self._at < len(self._lines) and not self._ends(is_whole=counts == promised):
            line = self._lines[self._at]
            self._at += 1
            if line.startswith("\\"):
                continue
            blank = blank + 1 if not line else 0
            body.append(line if line[:1] in _KINDS and line else f" {line}")
            counts = (counts[0] + (body[-1][0] in " -"), counts[1] + (body[-1][0] in " +"))
        while blank and counts != promised:
            body.pop()
            counts = (counts[0] - 1, counts[1] - 1)
            blank -= 1
        return body

    def _ends(self, *, is_whole: bool) -> bool:
        """is_whole: the counts say that there are no more lines."""
        line = self._lines[self._at]
        if line.startswith(("@@", "diff --git ")) or _is_header(self._lines, self._at):
            return True
        if line and line[0] in _KINDS:
            return False
        if is_whole:
            return True
        return bool(line) and not self._fenced  # prose after a diff without a fence

    def _check_end(
        self, body: Sequence[str], old_count: str | None, new_count: str, found: tuple[int, int]
    ) -> None:
        if old_count is None:
            short = not body or body[-1][0] != " "
        else:
            short = found[0] < int(old_count) or found[1] < int(new_count)
        if short:
            raise Refusal("the diff was cut off", "ask again, with a larger limit for the answer")


def _is_header(lines: Sequence[str], at: int) -> bool:
    return lines[at].startswith("--- ") and at + 1 < len(lines) and lines[at + 1].startswith("+++ ")


def _name(header: str) -> str:
    return header[4:].split("\t", maxsplit=1)[0].strip().strip('"')


def _bare(name: str) -> str:
    return name[2:] if name[:2] in {"a/", "b/"} else name


def _joined(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
