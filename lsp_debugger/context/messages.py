"""One problem in the words of a linter, type checker or compiler, as terminals show it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lsp_debugger.context.traces.drafts import exception_of
from lsp_debugger.context.traces.lines import split
from lsp_debugger.core.ask import Problem, ProblemKind, Severity

_MAX_LINES = 20_000
_MAX_LINE_CHARS = 4_000
_PATH = r"(?P<path>(?:[A-Za-z]:[\\/])?[^\s:()<>\"'|][^:()<>\"'|]{0,400})"
_SEVERITIES = {
    "fatal error": Severity.ERROR,
    "error": Severity.ERROR,
    "warning": Severity.WARNING,
    "information": Severity.INFORMATION,
    "info": Severity.INFORMATION,
    "note": Severity.INFORMATION,
    "hint": Severity.HINT,
}
_SEVERITY = r"(?P<severity>fatal error|error|warning|information|info|note|hint)"

# path:line:col: CODE message           ruff, flake8, pylint (CODE: message (name))
_CODED = re.compile(
    rf"\s*{_PATH}:(?P<line>\d+):(?P<column>\d+): "
    r"(?P<code>[A-Z]{1,6}\d{3,5}|invalid-syntax):?(?: \[\*\])? (?P<message>.+)$"
)
# path:line:col - error TS2304: message  tsc pretty;  - error: message (rule)   pyright
_DASHED = re.compile(
    rf"\s*{_PATH}:(?P<line>\d+):(?P<column>\d+) - {_SEVERITY}(?: (?P<code>TS\d+))?: (?P<message>.+)$"
)
# path(line,col): error TS2304: message  tsc, msbuild
_BRACKETED = re.compile(
    rf"\s*{_PATH}\((?P<line>\d+),(?P<column>\d+)\): {_SEVERITY} (?P<code>[A-Z]+\d+): (?P<message>.+)$"
)
# path:line[:col]: error: message [code] mypy, gcc, clang
_COLON = re.compile(rf"\s*{_PATH}:(?P<line>\d+):(?:(?P<column>\d+):)? {_SEVERITY}: (?P<message>.+)$")
# path:line:col: message                 go, vet and whoever prints nothing but that
_BARE = re.compile(rf"\s*(?:vet: )?{_PATH}:(?P<line>\d+):(?P<column>\d+): (?P<message>\S.*)$")
# error[E0382]: message / F401 [*] message, then ` --> path:line:col`    rustc, ruff
_TITLE = re.compile(
    r"(?:(?P<severity>error|warning)(?:\[(?P<rust>\w+)\])?: |(?P<code>[A-Z]{1,6}\d{3,5}|invalid-syntax):? )"
    r"(?:\[\*\] )?(?P<message>.+)$"
)
_ARROW = re.compile(r"\s*-->\s+(?P<path>\S.*?):(?P<line>\d+):(?P<column>\d+)\s*$")

_NAMES_A_FILE = re.compile(r"[\w-]\.[A-Za-z]\w{0,7}$")  # else a clock time would do: `10:11:12: started`
_RULE_AT_END = re.compile(r"\s+(?:\[(?P<square>[\w-]+)\]|\((?P<round>report\w+|[a-z]+(?:-[a-z]+)+)\))$")


@dataclass(frozen=True, slots=True)
class Message:
    """column: 1-based, as the tool counts, or None where it says none."""

    problem: Problem
    column: int | None = None


def first(text: str) -> Message | None:
    """The first problem in `text`; a text of any other kind is one itself, by its first line."""
    lines = [line[:_MAX_LINE_CHARS] for line in split(text)[:_MAX_LINES]]
    if not any(line.strip() for line in lines):
        return None
    return next(_located(lines), None) or _unlocated(lines)


def _located(lines: list[str]) -> Iterator[Message]:
    for number, line in enumerate(lines):
        arrow = _ARROW.match(line)
        if arrow is not None and number and (title := _TITLE.match(lines[number - 1])):
            yield _from_title(title, arrow)
            continue
        for pattern, read in _READERS:
            match = pattern.match(line)
            if match is not None and (message := read(match)) is not None:
                yield message
                break


def _coded(match: re.Match[str]) -> Message:
    message, rule = _without_rule(match["message"])
    return _message(match, message, "pylint" if rule else "Ruff", match["code"], Severity.WARNING)


def _dashed(match: re.Match[str]) -> Message:
    message, rule = _without_rule(match["message"])
    code = match["code"]
    source = "ts" if code else "Pyright"
    return _message(match, message, source, (code or "").removeprefix("TS") or rule, _severity(match))


def _bracketed(match: re.Match[str]) -> Message:
    code = match["code"]
    source = "ts" if code.startswith("TS") else ""
    return _message(match, match["message"], source, code.removeprefix("TS"), _severity(match))


def _colon(match: re.Match[str]) -> Message:
    message, rule = _without_rule(match["message"])
    source = "mypy" if match["path"].endswith((".py", ".pyi")) else "cc"
    return _message(match, message, source, rule, _severity(match))


def _bare(match: re.Match[str]) -> Message | None:
    if not _NAMES_A_FILE.search(match["path"]):
        return None
    source = "compiler" if match["path"].endswith(".go") else ""
    return _message(match, match["message"], source, "", Severity.ERROR)


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Message | None]], ...] = (
    (_CODED, _coded),
    (_DASHED, _dashed),
    (_BRACKETED, _bracketed),
    (_COLON, _colon),
    (_BARE, _bare),
)


def _from_title(title: re.Match[str], arrow: re.Match[str]) -> Message:
    if title["code"]:
        return _message(arrow, title["message"], "Ruff", title["code"], Severity.WARNING)
    return _message(arrow, title["message"], "rustc", title["rust"] or "", _severity(title))


def _unlocated(lines: list[str]) -> Message:
    """The last line that names an exception, else the first line that says anything."""
    for line in reversed(lines):
        if raised := exception_of(line.strip()):
            return Message(Problem(line.strip(), ProblemKind.MESSAGE, source="python", code=raised[0]))
    return Message(Problem(next(line.strip() for line in lines if line.strip()), ProblemKind.MESSAGE))


def _message(match: re.Match[str], text: str, source: str, code: str, severity: Severity) -> Message:
    problem = Problem(
        message=text.strip(),
        kind=ProblemKind.MESSAGE,
        source=source,
        code=code,
        severity=severity,
        path=match["path"].strip(),
        line=max(int(match["line"][:9]), 1),
    )
    column = match["column"]
    return Message(problem, int(column[:9]) if column else None)


def _without_rule(message: str) -> tuple[str, str]:
    """The message and the rule that stands behind it in brackets."""
    match = _RULE_AT_END.search(message)
    if match is None:
        return message, ""
    return message[: match.start()], match["square"] or match["round"]


def _severity(match: re.Match[str]) -> Severity:
    return _SEVERITIES[match["severity"]]
