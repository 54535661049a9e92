"""What the project itself adds to a card: other places of the same rule, how it is solved elsewhere, the last
commit of the line.

Each fact has a moment; what is not there by then is left out, and a card without any is still a card.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from lsp_debugger import spawn
from lsp_debugger.core.ask import Card, Place, Problem, ProblemKind
from lsp_debugger.core.errors import LspDebuggerError
from lsp_debugger.core.markdown import visible
from lsp_debugger.core.material import Hit
from lsp_debugger.core.ports import Query, Retriever
from lsp_debugger.core.text import Snapshot

_log = logging.getLogger(__name__)
_PATIENCE_S = 0.12
_GIT_TIMEOUT_S = 2.0
_MAX_ELSEWHERE = 3
_SEARCHED = 12
_MAX_NOTES = 4  # a card has twelve lines, and the rule's text is one of them
_MAX_PLACES = 4
_CALLEE = re.compile(r"`(?:[\w.]{1,60}\.)?(?P<name>\w{3,60})\([^`]{0,120}\)` (?:may be|is) None")
_GUARD = (
    r"(?m)^[ \t]*(?:if[ \t]+\(?)?(?P<var>\w+)[ \t]*:?=[ \t]*(?:await[ \t]+)?(?:[\w.]{1,80}\.)?%s\([^\n]*\n"
    r"(?:[^\n]*\n){0,2}?"
    r"(?P<guard>[ \t]*(?:el)?(?:if|assert|while)[ \t]+(?:not[ \t]+)?(?P=var)\b[^\n]{0,80})"
)
_SILENCED = (
    r"(?i)(?:noqa|type:[ \t]*ignore|pyright:[ \t]*ignore|eslint-disable|ts-ignore|ts-expect-error"
    r"|allow\(|expect\(|nolint|lint:ignore|shellcheck[ \t]+disable|nosec)[^\n]{0,80}?\b%s\b"
)
_NOT_COMMITTED = "0" * 40


@dataclass(frozen=True)
class ProjectFacts:
    """known: other places that the same rule was found at, from memory. on_disk: a file as it was saved.

    retriever: the index of a workspace folder, or None.
    """

    known: Callable[[Problem], Sequence[Place]]
    on_disk: Callable[[str], Snapshot | None]
    retriever: Callable[[Path | None], Awaitable[Retriever | None]]

    async def added(self, card: Card, problem: Problem, snapshot: Snapshot, root: Path | None) -> Card:
        """The card with what is known by now, never more than it has room for."""
        if root is None or snapshot.path is None or problem.kind is not ProblemKind.DIAGNOSTIC:
            return card
        asked = [self._solved(card, problem, root), self._changed(problem, snapshot)]
        tasks = [asyncio.ensure_future(each) for each in asked]
        await asyncio.wait(tasks, timeout=_PATIENCE_S)
        solved, changed = (_result(task) for task in tasks)
        notes = [*_elsewhere(self.known(problem), root), *changed.notes, *solved.notes]
        places = (*card.places, *solved.places)[: max(_MAX_PLACES, len(card.places))]
        room = max(_MAX_NOTES - len(card.notes), 0)
        return replace(card, notes=(*card.notes, *notes[:room]), places=places)

    async def _solved(self, card: Card, problem: Problem, root: Path) -> Fact:
        """Where this project checks the same call for None, or silences the same rule."""
        index = await self.retriever(root)
        callee = _CALLEE.search(card.headline)
        if index is None or (callee is None and not problem.code):
            return NO_FACT
        if callee is not None:
            name = callee["name"]
            hits = await index.search(Query(name, problem.path, identifiers=(name,)), _SEARCHED)
            guards = (place for hit in hits for place in _guards(hit, name))
            found = next((place for place in guards if not _is_here(place, problem, root)), None)
            return Fact(places=(found,)) if found is not None else NO_FACT
        hits = await index.search(Query(f"noqa ignore disable allow {problem.code}"), _SEARCHED)
        silenced = [place for hit in hits for place in _silenced(hit, problem.code)]
        if not silenced:
            return NO_FACT
        times = "once" if len(silenced) == 1 else f"in {len(silenced)} places or more"
        return Fact(notes=(f"This project silences `{problem.code}` {times}: {visible(str(silenced[0]))}.",))

    async def _changed(self, problem: Problem, snapshot: Snapshot) -> Fact:
        """When the line was last changed, for a line that stands in the saved file as it does here."""
        assert snapshot.path is not None, "checked before"
        saved = await asyncio.to_thread(self.on_disk, snapshot.path)
        line = problem.line
        if saved is None or not 1 <= line <= len(snapshot.lines) or line > len(saved.lines):
            return NO_FACT
        end = snapshot.lines.span_of(line - 1).end
        if saved.text[:end] != snapshot.text[:end]:
            return NO_FACT
        path = Path(snapshot.path)
        args = ("blame", "--porcelain", "-L", f"{line},{line}", "--", path.name)
        done = await spawn.git(
            args, cwd=path.parent, timeout_s=_GIT_TIMEOUT_S, untrusted_roots=(path.parent,)
        )
        said = last_change(done.stdout.decode("utf-8", "replace")) if done.returncode == 0 else ""
        return Fact(notes=(f"Line {line} {said}.",)) if said else NO_FACT


@dataclass(frozen=True, slots=True)
class Fact:
    notes: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()


NO_FACT = Fact()


def last_change(porcelain: str) -> str:
    """What `git blame --porcelain` says of one line, in words; empty when it says nothing."""
    first, *rest = porcelain.splitlines() or [""]
    commit = first.split(" ")[0]
    if len(commit) < len(_NOT_COMMITTED):
        return ""
    if commit == _NOT_COMMITTED:
        return "has changed since the last commit"
    told = dict(line.split(" ", 1) for line in rest if " " in line and not line.startswith("\t"))
    try:
        zone = told.get("author-tz", "+0000")
        hours, minutes = int(zone[:3]), int(zone[0] + zone[3:5])
        when = datetime.fromtimestamp(int(told["author-time"]), UTC)
        day = when.astimezone(timezone(timedelta(hours=hours, minutes=minutes))).date()
    except (KeyError, ValueError, OverflowError, OSError):
        return ""
    summary = visible(told.get("summary", ""))
    return f"was last changed on {day}, in commit {commit[:9]}: {summary}".rstrip(": ")


def _elsewhere(places: Sequence[Place], root: Path) -> Iterator[str]:
    if places:
        # A file may be called anything, line breaks included; a note is one line of a prompt too.
        shown = ", ".join(visible(str(_relative(place, root))) for place in places[:_MAX_ELSEWHERE])
        more = f" and {len(places) - _MAX_ELSEWHERE} more" if len(places) > _MAX_ELSEWHERE else ""
        yield f"The same rule was found at {shown}{more}."


def _relative(place: Place, root: Path) -> Place:
    path = Path(place.path)
    return replace(place, path=path.relative_to(root).as_posix()) if path.is_relative_to(root) else place


def _guards(hit: Hit, name: str) -> Iterator[Place]:
    """Lines after `x = name(…)` that ask whether x is there."""
    text, path = hit.fragment.text, hit.fragment.path
    if path is None:
        return
    for match in re.finditer(_GUARD % re.escape(name), text):
        line = hit.fragment.start_line + text.count("\n", 0, match.start("guard"))
        yield Place(path, line, f"checks it first: `{match['guard'].strip().rstrip(':')}`")


def _silenced(hit: Hit, code: str) -> Iterator[Place]:
    text, path = hit.fragment.text, hit.fragment.path
    if path is None:
        return
    for match in re.finditer(_SILENCED % re.escape(code), text):
        yield Place(path, hit.fragment.start_line + text.count("\n", 0, match.start()))


def _is_here(place: Place, problem: Problem, root: Path) -> bool:
    near = abs(place.line - problem.line) < _MAX_ELSEWHERE
    return near and problem.path is not None and root / place.path == root / problem.path


def _result(task: asyncio.Task[Fact]) -> Fact:
    """What a task found in time; a late one is ended."""
    if not task.done():
        task.cancel()
        return NO_FACT
    error = task.exception()
    if error is not None:
        if not isinstance(error, LspDebuggerError):
            _log.warning("a fact failed: %s", type(error).__name__)
        return NO_FACT
    return task.result()
