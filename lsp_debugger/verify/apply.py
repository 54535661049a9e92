"""A patch in a workspace, worked out in memory: all of it, or none and the reason.

Nothing is written here. Whoever wrote the patch chose its paths too, so each is judged before the file
system is asked anything that could leave the workspace.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from lsp_debugger.core.patch import Applied, EditKind, FileEdit, Patch, PatchRefused, Placed
from lsp_debugger.syntax.grammars import language_of
from lsp_debugger.verify.completion import read
from lsp_debugger.verify.definitions import place_code, scopes_of
from lsp_debugger.verify.forbidden import relative
from lsp_debugger.verify.lines import Lines, Placement, hidden, split
from lsp_debugger.verify.place import place_hunks
from lsp_debugger.verify.refusal import Refusal

MAX_FILE_BYTES = 2_000_000
MAX_FILE_LINES = 200_000
MAX_FILES = 50
_BOM = "\ufeff"
_NO_BUFFERS: Mapping[str, str] = MappingProxyType({})


def apply_completion(
    completion: str,
    root: Path,
    path: str,
    line: int | None = None,
    buffers: Mapping[str, str] = _NO_BUFFERS,
) -> Applied | PatchRefused:
    """What a model's answer comes to. The parameters are those of `apply_patch`."""
    patch = read(completion, path)
    return patch if isinstance(patch, PatchRefused) else apply_patch(patch, root, path, line, buffers)


def apply_patch(
    patch: Patch,
    root: Path,
    path: str,
    line: int | None = None,
    buffers: Mapping[str, str] = _NO_BUFFERS,
    as_seen: Callable[[str, str], str] | None = None,
) -> Applied | PatchRefused:
    """The new texts of all files that `patch` changes.

    root: of the workspace. path: the file that holds the problem, absolute or below `root`; it may be
    one that patches leave alone otherwise, and outside of `root`. line: of the problem, 1-based.
    buffers: texts that are open and not saved, by path below `root`. as_seen: what of a file's text (after
    its path) whoever wrote the patch saw, as many lines; the new texts are of that, too.
    """
    try:
        return _Application(root, path, line, buffers, as_seen).of(patch)
    except Refusal as refusal:
        return refusal.value


class _Application:
    def __init__(
        self,
        root: Path,
        path: str,
        line: int | None,
        buffers: Mapping[str, str],
        as_seen: Callable[[str, str], str] | None,
    ) -> None:
        self._root = Path(os.path.realpath(root))
        self._problem = os.path.relpath(os.path.realpath(self._root / path), self._root).replace(os.sep, "/")
        self._spelt = path
        self._line = line
        self._buffers = buffers
        self._as_seen = as_seen
        self._new: dict[str, str | None] = {}
        self._placed: list[Placed] = []

    def of(self, patch: Patch) -> Applied:
        if len(patch.edits) > MAX_FILES:
            raise Refusal(f"the answer changes more than {MAX_FILES} files", "ask for a smaller fix")
        for edit in self._one_a_file(patch):
            match edit.kind:
                case EditKind.CHANGE:
                    self._change(edit)
                case EditKind.CREATE:
                    self._create(edit.path, edit.new_text or "")
                case EditKind.DELETE:
                    self._old(self._inside(edit.path))
                    self._new[self._inside(edit.path)] = None
                case EditKind.RENAME:
                    self._rename(edit)
        kept = {name: self._kept(name) for name in self._new}
        if all(text is not None and text == kept[name] for name, text in self._new.items()):
            raise Refusal("the answer changes nothing")
        had, has = (sum(hidden(text or "") for text in texts.values()) for texts in (kept, self._new))
        if has > had:
            raise Refusal("the answer puts characters into the file that nobody sees", "look at it closely")
        return Applied(MappingProxyType(self._new), tuple(self._placed))

    def _one_a_file(self, patch: Patch) -> list[FileEdit]:
        """Hunks for one file in one edit, whichever way each of them spelt its name."""
        found: dict[tuple[str, bool], FileEdit] = {}
        others: list[FileEdit] = []
        for edit in patch.edits:
            if edit.kind is not EditKind.CHANGE or edit.new_text is not None:
                others.append(edit)
                continue
            key = (self._target(edit.path), True)
            before = found[key].hunks if key in found else ()
            found[key] = FileEdit(key[0], hunks=(*before, *edit.hunks))
        return [*found.values(), *others]

    def _change(self, edit: FileEdit) -> None:
        name = self._target(edit.path)
        if not self._exists(name) and name != self._problem:
            if edit.new_text is not None:
                return self._create(name, edit.new_text)
            if len(edit.hunks) == 1 and not edit.hunks[0].search.strip():
                return self._create(name, edit.hunks[0].replace)
        old = self._old(name)
        bom = _BOM if old.startswith(_BOM) else ""
        lines = Lines(old.removeprefix(_BOM))
        placements = self._placements(lines, edit, name)
        changes = [change for each in placements for change in each.changes]
        if name in self._new and changes:
            raise Refusal("one file is changed in two ways")
        self._new[name] = bom + lines.rewritten(changes)
        self._placed += [Placed(name, each.rung, each.first + 1, each.last) for each in placements]
        return None

    def _placements(self, lines: Lines, edit: FileEdit, name: str) -> list[Placement]:
        language_id = language_of(name)
        line = self._line - 1 if self._line is not None and name == self._problem else None
        if edit.new_text is not None:
            return place_code(lines, edit.new_text, language_id, line, ended=edit.ended)
        scopes = cache(lambda: scopes_of("\n".join(lines.texts), language_id))
        return place_hunks(lines, edit.hunks, line, scopes)

    def _create(self, path: str, text: str) -> None:
        name = self._inside(path)
        if self._exists(name):
            raise Refusal("the answer creates a file that is there already", "ask for a change of it")
        self._new[name] = "".join(f"{line}\n" for line in split(text))

    def _rename(self, edit: FileEdit) -> None:
        old, new = self._inside(edit.path), self._inside(edit.new_path)
        if self._exists(new):
            raise Refusal("the answer renames a file to one that is there already")
        if edit.hunks:
            self._change(FileEdit(old, hunks=edit.hunks))
        self._new[new] = self._new.get(old) if edit.hunks else self._old(old)
        self._new[old] = None

    def _target(self, path: str) -> str:
        """The file meant: the problem's own, one of that name beside it, or one below the root."""
        if path in {self._spelt, self._problem}:
            return self._problem
        name = self._inside(path)
        if self._exists(name):
            return name
        own = self._problem.split("/")
        given = name.split("/")
        if own[-len(given) :] == given or given[-len(own) :] == own:
            return self._problem
        beside = "/".join([*own[:-1], *given])
        return self._inside(beside) if len(own) > 1 and self._exists(beside) else name

    def _inside(self, path: str) -> str:
        return relative(self._root, path)

    def _exists(self, name: str) -> bool:
        if name in self._new:
            return self._new[name] is not None
        return name in self._buffers or os.path.lexists(self._root / name)

    def _kept(self, name: str) -> str | None:
        return self._read(name) if name in self._buffers or os.path.lexists(self._root / name) else None

    def _old(self, name: str) -> str:
        if self._new.get(name, "") is None:
            raise Refusal("the answer changes a file that it deletes")
        return self._read(name)

    def _read(self, name: str) -> str:
        text = self._real(name)
        return text if self._as_seen is None else self._as_seen(name, text)

    def _real(self, name: str) -> str:
        text = self._buffers[name] if name in self._buffers else self._saved(name)
        if "\0" in text:
            raise Refusal("the file is binary", "only text is changed")
        if len(text) > MAX_FILE_BYTES:
            raise Refusal(f"the file is larger than {MAX_FILE_BYTES} bytes", "make this change by hand")
        if max(text.count("\n"), text.count("\r")) > MAX_FILE_LINES:
            raise Refusal(f"the file has more than {MAX_FILE_LINES} lines", "make this change by hand")
        return text

    def _saved(self, name: str) -> str:
        try:
            return _bytes_of(self._root / name).decode("utf-8")
        except UnicodeDecodeError as exc:
            raise Refusal("the file is not UTF-8 text", "make this change by hand") from exc
        except FileNotFoundError as exc:
            raise Refusal("the file to be changed is gone", "save it, or ask again") from exc
        except OSError as exc:
            raise Refusal(f"the file cannot be read: {exc.strerror}", "check its permissions") from exc


def _bytes_of(path: Path) -> bytes:
    """Of a regular file of bearable size; a pipe or a device is not waited for. Raises OSError, Refusal."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode):
            raise Refusal("what is to be changed is not a file")
        if facts.st_size > MAX_FILE_BYTES:
            raise Refusal(f"the file is larger than {MAX_FILE_BYTES} bytes", "make this change by hand")
        return file.read(MAX_FILE_BYTES)
