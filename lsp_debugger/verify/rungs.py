"""Single rungs of the ladder. Each is told what was before and what is after, and answers in a line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from lsp_debugger.core.ask import Problem, Severity
from lsp_debugger.syntax.grammars import grammar_for, language_of
from lsp_debugger.syntax.tree import parse_view
from lsp_debugger.verify.compiling import compiles
from lsp_debugger.verify.verdict import Result, RungResult

SECRETS = "secrets kept"
SYNTAX = "no new syntax errors"
# What stands in a prompt for a value that no model may see.
_PLACEHOLDER = re.compile(r"\bSECRET_\d{1,9}[:_]\w")
FINDING = "finding gone"
OTHERS = "other checkers"

_LINE = re.compile(r"\bline \d+(?::\d+)?")
_ALIASES = {
    "basedpyright": "pyright",
    "ts": "tsc",
    "typescript": "tsc",
    "compiler": "gopls",
    "rustc": "cargo",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What the checkers say about a tree. ran: those that had something to say, or nothing to complain about.

    not_run: why others did not, by name. broken: those of them that were started and failed. said_by: which
    checker found a problem, where that is not its source.
    """

    problems: tuple[Problem, ...] = ()
    ran: frozenset[str] = frozenset()
    not_run: Mapping[str, str] = field(default_factory=dict[str, str])
    broken: frozenset[str] = frozenset()
    said_by: Mapping[Problem, str] = field(default_factory=dict[Problem, str])

    def of(self, names: frozenset[str]) -> list[Problem]:
        """What these checkers found, and what nobody knows the checker of."""
        every = self.ran | self.not_run.keys()
        by = ((each, self.said_by.get(each, each.source)) for each in self.problems)
        return [each for each, name in by if name in names or name not in every]


@dataclass(frozen=True, slots=True)
class _Key:
    """What makes two findings the same one."""

    path: str
    source: str
    code: str
    message: str = ""


def secrets_rung(before: Mapping[str, str], after: Mapping[str, str | None]) -> RungResult:
    """No placeholder is written where the file has the value itself, which the model has never seen."""
    for path, text in after.items():
        if text is not None and len(_PLACEHOLDER.findall(text)) > len(
            _PLACEHOLDER.findall(before.get(path, ""))
        ):
            return RungResult(SECRETS, Result.FAILED, "would write a placeholder in place of a secret")
    return RungResult(SECRETS, Result.PASSED, "")


def syntax_rung(before: Mapping[str, str], after: Mapping[str, str | None]) -> RungResult:
    """Texts by path. A file that was broken before may stay so, and must not become worse. Blocks."""
    doubts = list[str]()
    for path, text in after.items():
        if text is None:
            continue
        broken = _is_broken(path, text)
        if isinstance(broken, str):
            doubts.append(broken)
        elif broken and path in before and _is_broken(path, before[path]):
            doubts.append(f"{PurePath(path).name} does not parse, as before")
        elif broken:
            return RungResult(SYNTAX, Result.FAILED, f"{PurePath(path).name} would not parse")
    if doubts:
        return RungResult(SYNTAX, Result.NOT_CHECKED, doubts[0])
    return RungResult(SYNTAX, Result.PASSED, "parses")


def finding_rung(problem: Problem | None, before: Found, after: Found) -> RungResult:
    """The finding is gone, and no checker that ran before and after says anything new."""
    if problem is not None and not _ran(problem, after):
        source = problem.source.lower()
        names = {source, _source(problem)}
        why = next((why for name, why in after.not_run.items() if name.lower() in names), "")
        return RungResult(FINDING, Result.NOT_CHECKED, why or f"{problem.source} did not run")
    had, has = _counted(before.problems), _counted(after.problems)
    compared = after.of(_compared_checkers(before, after))
    new = _counted([each for each in compared if (each.severity or 0) <= Severity.WARNING]) - had
    if new:
        [(first, _)] = new.most_common(1)
        more = f" and {sum(new.values()) - 1} more" if sum(new.values()) > 1 else ""
        words = f"brings {first.code or first.source} in {PurePath(first.path).name}{more}"
        return RungResult(FINDING, Result.FAILED, words)
    if not after.ran:
        return RungResult(FINDING, Result.NOT_CHECKED, next(iter(after.not_run.values()), "no checker fits"))
    if problem is None:
        gone = sum((had - has).values())
        return RungResult(FINDING, Result.PASSED, _gone(had - has) if gone else "nothing new found")
    return _compared(problem, before.problems, after.problems)


def others_rung(before: Found, after: Found) -> RungResult:
    """Whether each checker in use could be compared: what one says that failed is no sign of anything."""
    failed = sorted((before.ran ^ after.ran) | before.broken | after.broken)
    if failed:
        name = failed[0]
        why = after.not_run.get(name) or before.not_run.get(name) or f"{name} ran once only"
        more = f", and {len(failed) - 1} more" if failed[1:] else ""
        return RungResult(OTHERS, Result.NOT_CHECKED, f"{why}{more}")
    if not after.ran:
        return RungResult(OTHERS, Result.NOT_CHECKED, "no checker fits")
    return RungResult(OTHERS, Result.PASSED, "")


def _compared_checkers(before: Found, after: Found) -> frozenset[str]:
    return (before.ran & after.ran) - before.broken - after.broken


def _compared(problem: Problem, before: Sequence[Problem], after: Sequence[Problem]) -> RungResult:
    """To the letter where the tool said it like this before; a language server words some things its own way,
    and then the rule has to be found once less in the file.
    """
    for key in (_key, _rule):
        had, has = (Counter(map(key, found))[key(problem)] for found in (before, after))
        if had:
            if has >= had:
                return RungResult(FINDING, Result.FAILED, f"{problem.label} is still there")
            return RungResult(FINDING, Result.PASSED, f"{problem.label} gone")
    return RungResult(FINDING, Result.NOT_CHECKED, f"{problem.source} does not say it here")


def _gone(gone: Mapping[_Key, int]) -> str:
    count = sum(gone.values())
    [first, *_] = gone
    return f"{first.code or first.source} gone" if count == 1 else f"{count} findings gone"


def _is_broken(path: str, text: str) -> bool | str:
    """A line where nobody can tell: why."""
    language, name = language_of(path), PurePath(path).name
    if language == "python":
        parsed = compiles(text)
        return f"{name} was too much for Python's compiler" if parsed is None else not parsed
    if grammar_for(language) is None:
        return f"no grammar for {PurePath(path).suffix or name} here"
    view = parse_view(text, language)
    return f"{name} is too large to be parsed here" if view is None else view.has_error


def _ran(problem: Problem, found: Found) -> bool:
    names = {name.lower() for name in found.ran} | {each.source.lower() for each in found.problems}
    return bool({problem.source.lower(), _source(problem)} & names)


def _source(problem: Problem) -> str:
    """The checker's name for what language servers call their own way."""
    source = problem.source.lower()
    return _ALIASES.get(source, source)


def _key(problem: Problem) -> _Key:
    # Not the line, nor one that the message names: a patch moves what stands below it.
    return replace(_rule(problem), message=_LINE.sub("line", problem.message))


def _rule(problem: Problem) -> _Key:
    source = _source(problem)
    # TypeScript's servers send 2322 for what the compiler calls TS2322.
    code = problem.code.removeprefix("TS") if source == "tsc" else problem.code
    return _Key(problem.path or "", source, code)


def _counted(problems: Sequence[Problem]) -> Counter[_Key]:
    return Counter(map(_key, problems))
