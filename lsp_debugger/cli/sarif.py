"""SARIF 2.1.0: what code scanners and review tools read. A run for each checker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_debugger import __version__
from lsp_debugger.core.ask import Place, Problem, Severity
from lsp_debugger.core.text import Snapshot

if TYPE_CHECKING:
    from lsp_debugger.checkers import Checked

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning"}

Read = Callable[[str], Snapshot | None]


def sarif(checked: Sequence[Checked], root: Path, read: Read) -> dict[str, Any]:
    """The log as a JSON object. Paths are relative to `root` where they are inside of it.

    checked: masked, since exports hold no secrets either.
    """
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(each, root, read) for each in checked]}


def _run(checked: Checked, root: Path, read: Read) -> dict[str, Any]:
    rules = {problem.code: problem for problem in checked.problems if problem.code}
    places = list(rules)
    invocation: dict[str, Any] = {"executionSuccessful": not checked.reason}
    if checked.reason:
        text = f"{checked.reason}. {checked.hint}".rstrip(". ")
        invocation["toolExecutionNotifications"] = [{"level": "note", "message": {"text": text}}]
    driver: dict[str, Any] = {
        "name": checked.checker,
        "rules": [_rule(code, problem) for code, problem in rules.items()],
    }
    if checked.version:
        driver["version"] = checked.version
    return {
        "tool": {
            "driver": driver,
            "extensions": [{"name": "lsp-debugger", "version": __version__}],
        },
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"ROOT": {"uri": root.as_uri() + "/"}},
        "results": [_result(problem, places, root, read) for problem in checked.problems],
    }


def _rule(code: str, problem: Problem) -> dict[str, Any]:
    return {"id": code, **({"helpUri": problem.href} if problem.href else {})}


def _result(problem: Problem, rules: Sequence[str], root: Path, read: Read) -> dict[str, Any]:
    result: dict[str, Any] = {
        "level": _LEVELS.get(problem.severity, "note"),
        "message": {"text": problem.message},
        "locations": [_location(problem, root, read)],
    }
    if problem.code:
        result |= {"ruleId": problem.code, "ruleIndex": rules.index(problem.code)}
    if problem.related:
        result["relatedLocations"] = [_related(place, root) for place in problem.related]
    return result


def _location(problem: Problem, root: Path, read: Read) -> dict[str, Any]:
    region: dict[str, Any] = {"startLine": problem.line}
    snapshot = read(problem.path) if problem.path and problem.span else None
    if snapshot is not None and problem.span is not None:
        lines = snapshot.lines
        first, last = lines.line_of(problem.span.start), lines.line_of(problem.span.end)
        region = {
            "startLine": first + 1,
            "startColumn": problem.span.start - lines.span_of(first).start + 1,
            "endLine": last + 1,
            "endColumn": problem.span.end - lines.span_of(last).start + 1,
        }
    return {"physicalLocation": {"artifactLocation": _artifact(problem.path or "", root), "region": region}}


def _related(place: Place, root: Path) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": _artifact(place.path, root),
            "region": {"startLine": max(place.line, 1)},
        }
    }
    return location | ({"message": {"text": place.note}} if place.note else {})


def _artifact(path: str, root: Path) -> dict[str, Any]:
    place = Path(path)
    if place.is_absolute() and place.is_relative_to(root):
        from urllib.parse import quote

        return {"uri": quote(place.relative_to(root).as_posix()), "uriBaseId": "ROOT"}
    return {"uri": place.as_uri() if place.is_absolute() else path}
