"""What an examination found, and three ways to give it: a terminal, JSON, a file to attach to a report."""

from __future__ import annotations

import contextlib
import enum
import getpass
import json
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast


class Level(enum.Enum):
    OK = "ok"
    NOTE = "note"  # worth knowing; nothing is wrong
    MISSING = "missing"  # works without it, better with it
    BROKEN = "broken"  # asked for, and does not work


@dataclass(frozen=True, slots=True)
class Finding:
    """One line. todo: what to do about it, a command where there is one."""

    level: Level
    text: str
    todo: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Sections in the order in which a reader needs them."""

    sections: tuple[Section, ...]

    @property
    def findings(self) -> Iterable[Finding]:
        return (each for section in self.sections for each in section.findings)

    @property
    def is_healthy(self) -> bool:
        return not any(each.level is Level.BROKEN for each in self.findings)

    @property
    def todos(self) -> list[str]:
        """What is broken first, then what is missing; each once."""
        urgent = [each.todo for each in self.findings if each.level is Level.BROKEN]
        rest = [each.todo for each in self.findings if each.level is not Level.BROKEN]
        return list(dict.fromkeys(each for each in (*urgent, *rest) if each))

    def as_json(self) -> dict[str, Any]:
        sections = [
            {
                "title": section.title,
                "findings": [asdict(each) | {"level": each.level.value} for each in section.findings],
            }
            for section in self.sections
        ]
        return {"healthy": self.is_healthy, "sections": sections, "to_do": self.todos}


Paint = Callable[[str, Level | None], str]


def plain(text: str, _level: Level | None) -> str:
    return text


def coloured(text: str, level: Level | None) -> str:
    """SGR colours; None is a title."""
    codes = {Level.OK: "32", Level.NOTE: "2", Level.MISSING: "33", Level.BROKEN: "31;1", None: "1"}
    return f"\x1b[{codes[level]}m{text}\x1b[0m"


def rendered(report: Report, paint: Paint = plain) -> str:
    lines: list[str] = []
    for section in report.sections:
        lines += ["", paint(section.title, None)]
        lines += [f"  {paint(f'{each.level.value:8}', each.level)} {each.text}" for each in section.findings]
    lines += ["", paint("To do", None)]
    lines += [f"  {number}. {todo}" for number, todo in enumerate(report.todos, 1)] or ["  nothing"]
    return "\n".join(lines[1:])


def write_bundle(path: Path, report: Report, log_lines: Sequence[str], redact: Callable[[str], str]) -> None:
    """A JSON file for a bug report. Raises OSError; an existing file is not overwritten.

    redact: takes secrets out. Names of this user and the home folder are taken out here.
    """
    anonymous = _anonymiser()

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            return redact(anonymous(value))
        if isinstance(value, dict):
            return {key: clean(each) for key, each in cast("dict[str, Any]", value).items()}
        return [clean(each) for each in cast("list[Any]", value)] if isinstance(value, list) else value

    bundle = clean({**report.as_json(), "log": list(log_lines)})
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(json.dumps(bundle, indent=2, ensure_ascii=False) + "\n")


def _anonymiser() -> Callable[[str], str]:
    """Home folder → `~`, user name → `<user>`, in paths and beside them."""
    home, names = os.path.expanduser("~"), set[str]()  # noqa: PTH111 - Path.home() raises where there is none
    with contextlib.suppress(KeyError, OSError, ImportError):  # a container's user may have no name
        names.add(getpass.getuser())
    names.add(os.path.basename(home))  # noqa: PTH119
    homes = sorted({home, os.path.realpath(home)} - {"~", "/"}, key=len, reverse=True)
    patterns = [(rf"{re.escape(each)}(?!\w)", "~") for each in homes]
    patterns += [
        (rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", "<user>")
        for name in sorted(names - {"", "~", "root"})
    ]

    def anonymous(text: str) -> str:
        for pattern, replacement in patterns:
            text = re.sub(pattern, replacement, text)
        return text

    return anonymous
