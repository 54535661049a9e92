"""Diagnostics of rustc and clippy, as Cargo prints them, as problems."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from lsp_debugger.checkers.checker import Job
from lsp_debugger.checkers.places import Columns, problem_at, span_at
from lsp_debugger.core.ask import Place, Problem, Replacement, Severity, ToolFix

_SEVERITIES = {
    "error": Severity.ERROR,
    "error: internal compiler error": Severity.ERROR,
    "warning": Severity.WARNING,
    "note": Severity.INFORMATION,
    "help": Severity.HINT,
}
_UNNECESSARY = frozenset({"dead_code", "unknown_lints", "unreachable_code", "redundant_semicolons"})
# What is for somebody to judge: whether it is meant so, what it costs, what it does to callers.
_TO_JUDGE = (
    "if this is intentional",
    "if the performance cost is acceptable",
    "if you ",
    "might ",
    "to be a mutable reference",
)
# What these suggest brings other findings: types that are not imported, a borrow of a wrong type, a `mut`
# that is not needed any more.
_INCOMPLETE = frozenset({"E0053", "E0277", "clippy::while_let_on_iterator"})
_MAX_EXPANSIONS = 64
_MAX_RELATED = 12
_MAX_SUGGESTED = 4
_SUGGESTED_CHARS = 80


@dataclass(frozen=True)
class Reader:
    """absolute: a path as rustc printed it. own: the folder of the user's code."""

    job: Job
    absolute: Callable[[str], str]
    own: Path

    def problem(self, message: Mapping[str, Any]) -> Problem | None:
        """None for what has no place in the user's own files, such as a summary.

        Raises KeyError, TypeError and AttributeError for what is no diagnostic.
        """
        primary = [span for span in message["spans"] if span["is_primary"]]
        places = [place for span in primary if (place := self.place(span)) is not None]
        if not places or message["level"] not in _SEVERITIES:
            return None
        first = places[0]
        code = message["code"]["code"] if message.get("code") else ""
        related = dict.fromkeys([*self._labels(message["spans"], first), *self._notes(message["children"])])
        return problem_at(
            self.job,
            self.absolute(first["file_name"]),
            (first["line_start"], _start(first)),
            (first["line_end"], first["column_end"]),
            Columns.CODE_POINTS,
            message="\n".join(_lines(message, primary[0])),
            source="clippy" if code.startswith("clippy::") else "rustc",
            code=code,
            severity=_SEVERITIES[message["level"]],
            related=tuple(related)[:_MAX_RELATED],
            tags=_tags(code),
            fix=self._fix(message, self.absolute(first["file_name"])) if code not in _INCOMPLETE else None,
        )

    def place(self, span: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The span itself, or where in the user's files the macro is used that it comes from."""
        inner: Mapping[str, Any] | None = span
        for _ in range(_MAX_EXPANSIONS):
            if inner is None or self._is_own(inner):
                return inner
            expansion = inner.get("expansion")
            inner = expansion["span"] if expansion else None
        return None

    def _is_own(self, span: Mapping[str, Any]) -> bool:
        path = self.absolute(span["file_name"])
        return Path(path).is_relative_to(self.own) and self.job.read(path) is not None

    def _labels(self, spans: Sequence[Mapping[str, Any]], first: Mapping[str, Any]) -> Iterator[Place]:
        for span in spans:
            place = self.place(span)
            if place is None:
                continue
            elsewhere = span["is_primary"] and place["line_start"] != first["line_start"]
            if place is not first and (span["label"] or elsewhere):
                yield self._place(place, span["label"] or "here too")
            used = self._use(span, place) if place is first else None
            if used is not None:
                yield used

    def _use(self, span: Mapping[str, Any], place: Mapping[str, Any]) -> Place | None:
        """Where a macro of the user's own is used, as the place itself is within the macro."""
        expansion = span.get("expansion")
        if not expansion or "desugaring" in expansion["macro_decl_name"]:
            return None
        used = self.place(expansion["span"])
        if used is None or used["line_start"] == place["line_start"]:
            return None
        return self._place(used, f"in this use of `{expansion['macro_decl_name']}`")

    def _notes(self, children: Sequence[Mapping[str, Any]]) -> Iterator[Place]:
        for child in children:
            for span in child["spans"]:
                place = self.place(span)
                if place is not None and span.get("suggested_replacement") is None:
                    yield self._place(place, span["label"] or child["message"])

    def _place(self, span: Mapping[str, Any], note: str) -> Place:
        return Place(
            self.absolute(span["file_name"]), max(int(span["line_start"]), 1), note.partition("\n")[0]
        )

    def _fix(self, message: Mapping[str, Any], path: str) -> ToolFix | None:
        """Where there is one suggestion that can be applied by a machine, all of it in the problem's file."""
        offered = [child for child in message["children"] if _is_applicable(child)]
        snapshot = self.job.read(path)
        if len(offered) != 1 or snapshot is None:
            return None
        spans = cast("list[dict[str, Any]]", offered[0]["spans"])
        if any(self.absolute(span["file_name"]) != path or span.get("expansion") for span in spans):
            return None
        replacements = list[Replacement]()
        for span in spans:
            start, end = (span["line_start"], span["column_start"]), (span["line_end"], span["column_end"])
            place = span_at(snapshot, start, end, Columns.CODE_POINTS)
            if start == end:
                place = type(place)(place.start, place.start)
            replacements.append(Replacement(place, span["suggested_replacement"]))
        said = str(offered[0]["message"]).partition("\n")[0].strip().rstrip(":")
        shown = _suggested([each.new_text for each in replacements]) if len(replacements) == 1 else ""
        title = f"{said[:1].upper()}{said[1:]}{shown}"
        return ToolFix(title, tuple(sorted(replacements, key=lambda each: each.span)))


def _start(span: Mapping[str, Any]) -> int:
    """Where something is missing, the character before it: an empty place cannot be seen."""
    is_empty = (span["line_start"], span["column_start"]) == (span["line_end"], span["column_end"])
    return max(span["column_start"] - 1, 1) if is_empty else span["column_start"]


def _is_applicable(child: Mapping[str, Any]) -> bool:
    spans = child["spans"]
    said = f"{child['message']} "
    return (
        bool(spans)
        and all(
            span.get("suggested_replacement") is not None
            and span.get("suggestion_applicability") == "MachineApplicable"
            for span in spans
        )
        and not any(words in said for words in _TO_JUDGE)
    )


def _lines(message: Mapping[str, Any], primary: Mapping[str, Any]) -> Iterator[str]:
    """The message, what is written below the place, and notes and helps without a place of their own."""
    yield message["message"]
    if primary["label"]:
        yield primary["label"]
    for child in message["children"]:
        said = child["message"]
        is_about_lints = said.startswith(("`#[", "the lint level is")) or "rust-clippy" in said
        if is_about_lints or said.startswith(("for more information", "requested on the command line")):
            continue
        told = [span.get("suggested_replacement") for span in child["spans"]]
        if not child["spans"] or any(text is not None for text in told):
            yield f"{child['level']}: {said}{_suggested(told)}"


def _suggested(told: Sequence[str | None]) -> str:
    """What a help would put in, where that is short; several where each of them would do."""
    texts = list(dict.fromkeys(text.strip() for text in told if text and text.strip()))[:_MAX_SUGGESTED]
    if any(len(text) > _SUGGESTED_CHARS or "\n" in text or "`" in text for text in texts):
        return ""
    return f": {', '.join(f'`{text}`' for text in texts)}" if texts else ""


def _tags(code: str) -> tuple[str, ...]:
    if code == "deprecated":
        return ("deprecated",)
    return ("unnecessary",) if code in _UNNECESSARY or code.startswith("unused_") else ()
