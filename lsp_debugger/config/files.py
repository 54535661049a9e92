"""Settings files: where they are, whose word they carry, how they are read.

An organisation's file can grant what nobody else can, so on POSIX it counts only if the administrator
alone can write it. On Windows the administrator has to see to that with the folder's permissions:
%ProgramData% lets every user create folders in it, and the standard library cannot read an ACL.
"""

from __future__ import annotations

import enum
import os
import re
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

APP_NAME = "lsp-debugger"
# Parsing a dotted key takes the square of its parts: at this size the worst file costs a third of a second.
MAX_FILE_BYTES = 32 * 1024


class Owner(enum.Enum):
    """Who has to own a file for its words to count."""

    ADMINISTRATOR = "the administrator"
    USER = "you"
    ANYBODY = "anybody"


@dataclass(frozen=True, slots=True)
class FileRead:
    """A parsed file, or why it is not: one line without its text. A missing file is empty, no problem."""

    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    problem: str | None = None
    text: str = field(default="", repr=False)

    def line_of(self, name: str) -> int | None:
        """1-based line of a dotted name, found by its plain spelling; None when it is spelt otherwise."""
        table = ""
        for number, line in enumerate(self.text.splitlines(), start=1):
            if header := re.match(r"\s*\[\s*([\w.-]+)\s*\]", line):
                table = header[1] + "."
            elif (key := re.match(r"\s*([\w.-]+)\s*=", line)) and table + key[1] == name:
                return number
        return None


def user_directory() -> Path:
    """Where the user's settings and policy are."""
    from platformdirs import user_config_path

    return user_config_path(APP_NAME, appauthor=False)


def organisation_directory() -> Path:
    """Where an administrator puts settings and policy for everybody on this machine."""
    if sys.platform == "darwin":
        return Path("/Library/Application Support") / APP_NAME
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / APP_NAME
    return Path("/etc") / APP_NAME


def read_toml(path: Path, owner: Owner) -> FileRead:
    """Parse a settings file. Never raises."""
    try:
        data = _read_owned(path, owner)
    except FileNotFoundError:
        return FileRead()
    except (OSError, ValueError) as wrong:
        return FileRead(problem=f"cannot be read: {getattr(wrong, 'strerror', None) or wrong}")
    return parse_toml(data)


def parse_toml(data: bytes) -> FileRead:
    import tomllib

    try:
        text = data.decode("utf-8-sig")
        return FileRead(tomllib.loads(text), text=text)
    except UnicodeDecodeError:
        return FileRead(problem="is not UTF-8")
    except tomllib.TOMLDecodeError as wrong:
        # Only the place: the rest of the message can quote the file.
        place = re.search(r"\(at ([^()]*)\)\Z", str(wrong))
        return FileRead(problem="is not valid TOML" + (f" (at {place[1]})" if place else ""))
    except RecursionError:
        return FileRead(problem="is nested too deeply")


def ownership_problem(status: os.stat_result, owner: Owner, user_id: int) -> str | None:
    """Why a file or folder with this POSIX status cannot speak for `owner`, or None."""
    if owner is Owner.ANYBODY:
        return None
    if owner is Owner.ADMINISTRATOR:
        if status.st_uid != 0:
            return "not owned by root"
        loose = stat.S_IWGRP | stat.S_IWOTH
    else:
        if status.st_uid not in {0, user_id}:
            return "owned by another user"
        loose = stat.S_IWOTH  # many systems give each user a group of their own, writable by default
    if status.st_mode & loose:
        return f"others can write it (chmod {'go' if loose & stat.S_IWGRP else 'o'}-w)"
    return None


def _read_owned(path: Path, owner: Owner) -> bytes:
    """The bytes of a regular file that `owner` alone can change. Raises OSError, ValueError."""
    # Without O_NONBLOCK a FIFO that a repository brings would hang the server.
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("not a regular file")
        if os.name == "posix":
            _check_owner(path, status, owner)
        data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        raise ValueError(f"larger than {MAX_FILE_BYTES // 1024} KiB")
    return data


def _check_owner(path: Path, status: os.stat_result, owner: Owner) -> None:
    """Raises ValueError. An administrator's folder counts too: who can write it can swap the file."""
    user_id = os.geteuid()
    if problem := ownership_problem(status, owner, user_id):
        raise ValueError(problem)
    if owner is Owner.ADMINISTRATOR and (
        problem := ownership_problem(path.resolve().parent.stat(), owner, user_id)
    ):
        raise ValueError(f"its folder: {problem}")
