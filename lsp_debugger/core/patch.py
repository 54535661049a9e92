"""An edit that somebody proposes, and what became of it when it was put in place."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field


class EditKind(enum.Enum):
    CHANGE = "change"
    CREATE = "create"
    RENAME = "rename"
    DELETE = "delete"


class Rung(enum.Enum):
    """How a place was found, surest first."""

    EXACT = "exact"  # the lines stand there to the letter
    FILE = "file"  # the whole file was given
    DEFINITION = "definition"  # a function or class was given whole, and found by its name
    WHITESPACE = "whitespace"  # but for blanks inside of lines, at their ends, and blank lines
    INDENTATION = "indentation"  # but for that, tabs for spaces and how far it is indented
    ELIDED = "elided"  # lines that the proposal left out were filled in from the file
    FUZZY = "fuzzy"  # some lines around the change are spelt otherwise; the change itself is not

    @property
    def doubt(self) -> int:
        """0 for the surest."""
        return list(Rung).index(self)


@dataclass(frozen=True, slots=True)
class Hunk:
    """Put `replace` where `search` stands. Both are whole lines, joined and ended by a line feed.

    An empty `search` gives no place: only imports and an empty file can do without one.
    """

    search: str
    replace: str


@dataclass(frozen=True, slots=True)
class FileEdit:
    """What happens to one file.

    path: as the proposal spells it; nobody has judged it yet.
    hunks: changes by lines, in the order they were given.
    new_text: of CREATE the file's text; of CHANGE the whole file or whole definitions in it, which
    only the file itself can tell apart. None where there are hunks, or nothing but a name changes.
    ended: False when nothing shows that `new_text` is complete, like the fence that closes it.
    new_path: of RENAME.
    """

    path: str
    kind: EditKind = EditKind.CHANGE
    hunks: tuple[Hunk, ...] = ()
    new_text: str | None = None
    ended: bool = True
    new_path: str = ""


@dataclass(frozen=True, slots=True)
class Patch:
    """All that one proposal wants to change; applied as a whole or not at all."""

    edits: tuple[FileEdit, ...]


@dataclass(frozen=True, slots=True)
class Placed:
    """Where one hunk went. Lines are 1-based and inclusive, in the old text.

    last_line < first_line: nothing was replaced, the new lines stand before `first_line`.
    """

    path: str
    rung: Rung
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Applied:
    """A patch in place, in memory only.

    new_texts: path below the root, with `/` → the whole new text, or None for a file that is gone.
    placed: one for each hunk, in order; none for a file that is new, renamed or deleted.
    """

    new_texts: Mapping[str, str | None]
    placed: tuple[Placed, ...] = field(default=())

    @property
    def rung(self) -> Rung:
        """The least sure one."""
        return max((each.rung for each in self.placed), key=lambda rung: rung.doubt, default=Rung.FILE)


@dataclass(frozen=True, slots=True)
class PatchRefused:
    """Nothing was changed. `reason` is one line without source text, `hint` what to do about it."""

    reason: str
    hint: str = ""
