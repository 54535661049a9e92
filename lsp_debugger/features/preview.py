"""A checked fix as a document to read before it is applied: what was checked, may break, and changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from lsp_debugger.core.ask import Place
from lsp_debugger.core.diff import unified
from lsp_debugger.core.markdown import escaped, file_link

_MAX_DIFF_CHARS = 60_000


@dataclass(frozen=True, slots=True)
class Shown:
    """Everything in it is masked already.

    rungs: (result, what was checked or why not), in the order they were climbed. flags: how it silences.
    secrets: rules that take something it writes for one.
    callers: who uses what it changes, each with what may break. callers_unknown: why there may be more.
    """

    title: str
    rungs: Sequence[tuple[str, str]]
    flags: Sequence[str]
    callers: Sequence[Place]
    diff: str
    callers_unknown: str = ""
    secrets: Sequence[str] = ()


def preview(shown: Shown, root: str | None = None) -> str:
    """As Markdown. Nothing in it can be followed but links to the user's own files."""
    checked = [f"{escaped(result)}: {escaped(said)}" for result, said in shown.rungs if said]
    parts = [f"# {escaped(shown.title)}\n"]
    parts.append(_section("It silences instead of fixing", map(escaped, shown.flags)))
    parts.append(_section("It writes what looks like a secret", map(escaped, shown.secrets)))
    parts.append(_section("What was checked", checked))
    callers = [f"{_linked(place, root)} {escaped(place.note)}" for place in shown.callers]
    if shown.callers_unknown:
        callers.append(escaped(shown.callers_unknown))
    parts.append(_section("What may break", callers))
    diff = harmless(shown.diff[:_MAX_DIFF_CHARS])
    cut = "\n(cut off here: it is long)\n" if len(shown.diff) > _MAX_DIFF_CHARS else ""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", diff)), default=0))
    parts.append(f"\n## What changes\n\n{fence}diff\n{diff.rstrip()}\n{fence}\n{cut}")
    return "".join(parts)


def harmless(diff: str) -> str:
    """A diff to look at: what moves the cursor, hides or turns around what follows is spelled out."""
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else f"\\u{ord(letter):04x}"
        for letter in diff.replace("\r\n", "\n")
    )


def unified_diff(before: Mapping[str, str], after: Mapping[str, str | None]) -> str:
    """A unified diff, for people and for `git apply`. Texts by path; None for a file that is gone."""
    lines = list[str]()
    for path, text in after.items():
        old = before.get(path)
        if hunks := list(unified(_lines(old or ""), _lines(text or ""))):
            lines.append(f"--- a/{path}\n" if old is not None else "--- /dev/null\n")
            lines.append(f"+++ b/{path}\n" if text is not None else "+++ /dev/null\n")
            lines += hunks
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _lines(text: str) -> list[str]:
    """Lines as git has them, with their ends."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _linked(place: Place, root: str | None) -> str:
    path = PurePath(place.path)
    shown = path.relative_to(root).as_posix() if root and path.is_relative_to(root) else place.path
    return file_link(f"{shown}:{place.line}", place.path, place.line, root)


def _section(title: str, lines: Iterable[str]) -> str:
    kept = [line for line in lines if line]
    return f"\n## {title}\n\n" + "\n".join(f"- {line}" for line in kept) + "\n" if kept else ""
