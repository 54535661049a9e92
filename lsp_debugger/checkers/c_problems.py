"""Messages of a compiler as problems in the user's own files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from lsp_debugger.checkers.c_text import Said, Spot
from lsp_debugger.checkers.checker import Job
from lsp_debugger.checkers.places import Columns, problem_at
from lsp_debugger.core.ask import Place, Problem, Severity

_MAX_RELATED = 16
_MAX_STEPS = 4
_MISSING = re.compile(
    r"^(?P<name>[^:\n]{1,300}): No such file or directory$|^'(?P<other>[^'\n]{1,300})' file not found"
)
# Notes that say nothing about a place.
_EMPTY = re.compile(
    r"each undeclared identifier|include \W?<|in expansion of macro|expanded from|template argument deduction"
    r"|to silence this warning$|^use '==' to turn|^remove the '|^treat the string as|^did you mean to provide"
    r"|^include the header|^put the semicolon|^make conversion explicit|^perform multiplication in a wider"
    r"|^use reference type|because the following virtual functions are pure|\(perhaps"
    r"|suggested alternative|this will be reported only once"
)
# A path of an analyzer, in gcc's words and in clang's.
_STEP = re.compile(
    r"^\(\d+\) |^Assuming |^Taking |^Memory is |^Loop condition|initialized to a null pointer value$"
)
_PASSED = re.compile(
    r"^\(\d+\) \.\.\.to here$|^Taking |^Entering loop|^Left side of|^'\?' condition|^Control jumps|"
    r"^Execution continues|^Assuming the condition|^Returning |^Loop condition|^'[^']*' is "
    r"|^Field '|^Assuming that 'fopen'|assuming .{1,80} is non-NULL$|^(?:\(\d+\) )?.{0,80}leaks here"
)
_TURNING = re.compile(
    r"allocated|opened|freed|released|first .free|could (?:return|be) NULL|is NULL$|null pointer value"
    r"|without an initial value|created on stack|moved",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"candidate expects|no known conversion|deduced conflicting|couldn.t deduce|mismatched types"
    r"|cannot convert|.{1,400} is not derived from|substitution of deduced|template argument"
)
# Constructors that the compiler makes by itself are candidates for everything.
_IMPLICIT = re.compile(r"candidate(?: \d+)?: .(?P<name>\w+)::(?P=name)\((?:const (?P=name)&|(?P=name)&&)\)")
_NUMBER = re.compile(r"^\(\d+\) ")
_REFERENCE = re.compile(r"; .{1,120} at \(\d+\)$| from \(\d+\)")


def is_missing_header(said: Said) -> bool:
    return "error" in said.level and bool(_MISSING.match(said.spot.text))


def without_cascade(found: Sequence[Said]) -> Sequence[Said]:
    """A file that lacks a header has that one problem; what else is said follows from it."""
    missing = [said for said in found if is_missing_header(said)]
    return missing[:1] or found


def problems(
    job: Job, file: Path, found: Sequence[Said], *, source: str, href: Callable[[str], str | None]
) -> Iterator[Problem]:
    """file: what was compiled; asked for alone, an error in one of its headers is told at its include."""
    blamed = set[tuple[str, int]]()
    for said in without_cascade(found):
        if said.level == "warning" and said.spot.text.startswith("#pragma once in main file"):
            continue
        spot, width, related = _anchored(job, file, said)
        if "error" in said.level:
            # What a template library says next of the same line follows from the first.
            if spot is not said.spot and (spot.path, spot.line) in blamed:
                continue
            blamed.add((spot.path, spot.line))
        code = said.code or ("" if said.level == "warning" else "error")
        column = max(spot.column, 1)
        end = (spot.line, column + width) if width else None
        yield problem_at(
            job,
            spot.path,
            (spot.line, column),
            end,
            Columns.UTF8,
            message=said.spot.text,
            source=source,
            code=code if code != "-fpermissive" else "error",
            severity=Severity.WARNING if said.level == "warning" else Severity.ERROR,
            related=related,
            href=href(code),
        )


def unfinished(job: Job, file: Path, *, source: str, why: str) -> Problem:
    """A file that the tool gave up on: said, so that no silence looks like praise."""
    message = f"{source} did not get through this file: {why[:200]}"
    return problem_at(
        job, str(file), (1, 1), None, Columns.UTF8, message=message, source=source, severity=Severity.WARNING
    )


def beyond(job: Job, files: Sequence[Path], limit: int, *, source: str) -> Iterator[Problem]:
    """What a run leaves out, told at the first file that it did not come to."""
    if len(files) > limit:
        message = f"{source} looked at {limit} of {len(files)} files; check a smaller folder for the others"
        yield problem_at(
            job,
            str(files[limit]),
            (1, 1),
            None,
            Columns.UTF8,
            message=message,
            source=source,
            severity=Severity.INFORMATION,
        )


def _anchored(job: Job, file: Path, said: Said) -> tuple[Spot, int, tuple[Place, ...]]:
    """Where the user can act: their own line, and not the library's that it led to."""
    chain = [*said.chain, *(note for note in said.notes if note.text.endswith("requested here"))]
    own_chain = [spot for spot in chain if _is_own(job, spot)]
    others = [note for note in said.notes if note not in chain]
    if not _is_own(job, said.spot):
        at = next(iter(own_chain), None) or next((spot for spot in said.included if _is_own(job, spot)), None)
        if at is not None:
            own = others if said.spot.text.startswith("no matching") else _without_library(others)
            return at, 0, _related(job, [*own_chain[1:], *own], at)
    elif not job.whole and not _is_same(job, said.spot, file):
        at = next((spot for spot in said.included if _is_same(job, spot, file)), None)
        if at is not None:
            there = Spot(said.spot.path, said.spot.line, said.spot.column, "the line that it is about")
            return at, 0, _related(job, [there, *own_chain, *others], at)
    is_call = said.spot.text.startswith("no matching")
    return (
        said.spot,
        said.width,
        _related(job, [*own_chain, *(others if is_call else _without_library(others))], said.spot),
    )


def _without_library(notes: Sequence[Spot]) -> list[Spot]:
    """An operator has hundreds of candidates in the library: why none of them fits helps nobody."""
    return [note for note in notes if not _REASON.match(note.text)]


def _related(job: Job, notes: Sequence[Spot], at: Spot) -> tuple[Place, ...]:
    wanted = [
        note
        for note in _events(_with_reasons(job, notes))
        if not (_EMPTY.search(note.text) or _IMPLICIT.match(note.text))
        and _is_own(job, note)
        and not (
            note.line == at.line
            and note.path == at.path
            and (note.text == at.text or _STEP.search(note.text))
        )
    ]
    return tuple(
        dict.fromkeys(Place(job.absolute(note.path), note.line, _note(note.text)) for note in wanted)
    )[:_MAX_RELATED]


def _with_reasons(job: Job, notes: Sequence[Spot]) -> list[Spot]:
    """Each candidate with the notes behind it that say why it does not fit; none of a library's."""
    told, candidate = list[Spot](), False
    for note in notes:
        if note.text.startswith("candidate") and "expects" not in note.text.partition("'")[0]:
            candidate = True
            told.append(note)
        elif candidate and _REASON.match(note.text):
            last = told[-1]
            if "argument deduction" in note.text or last.text.endswith(note.text):
                continue
            if not _is_own(job, last):
                told += [note] if note.text.startswith("deduced conflicting types for parameter") else []
                continue
            told[-1] = Spot(last.path, last.line, last.column, f"{last.text}: {note.text}")
        else:
            told.append(note)
    return told


def _events(notes: Sequence[Spot]) -> Sequence[Spot]:
    """Of the steps of a path those that matter, in their order: other notes stay as they are."""
    if not any(_STEP.search(note.text) for note in notes):
        return notes
    steps = [note for note in notes if not _PASSED.search(note.text)]
    turning = [note for note in steps if _TURNING.search(note.text)]
    # What was decided last before the end says more than what was decided first.
    rest = [note for note in steps if note not in turning][-max(_MAX_STEPS - len(turning), 0) or len(steps) :]
    chosen = turning[-_MAX_STEPS:] if len(turning) >= _MAX_STEPS else [*turning, *rest]
    return [note for note in steps if note in chosen]


def _note(text: str) -> str:
    if text.startswith(("required from here", "recursively required")):
        return "is what asks for it"
    return _REFERENCE.sub("", _NUMBER.sub("", text)).removesuffix("...")


def _is_own(job: Job, spot: Spot) -> bool:
    return Path(job.absolute(spot.path)).is_relative_to(job.workspace)


def _is_same(job: Job, spot: Spot, file: Path) -> bool:
    return Path(job.absolute(spot.path)) == file
