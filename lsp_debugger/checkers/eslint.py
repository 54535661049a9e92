"""eslint: its configuration is a program, so it is run where that is trusted and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lsp_debugger.checkers import node_project
from lsp_debugger.checkers.answers import json_of, unreadable
from lsp_debugger.checkers.checker import Checker, Job
from lsp_debugger.checkers.places import Columns, problem_at
from lsp_debugger.core.ask import Problem, Replacement, Severity, ToolFix
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.spawn import Completed

FLAT = tuple(f"eslint.config.{ending}" for ending in ("js", "mjs", "cjs", "ts", "mts", "cts"))
OLD = (".eslintrc", *(f".eslintrc.{ending}" for ending in ("js", "cjs", "json", "yml", "yaml")))
_MAX_TITLE_CHARS = 30
# Said of files that were asked for by name. `--no-warn-ignored` is an error with the old configuration.
_IGNORED = "File ignored "


def commands(job: Job) -> Iterable[Sequence[str]]:
    """No `--cache`: what a configuration that is a program depends on, nobody knows."""
    targets = ["."] if job.whole else [str(path) for path in job.files]
    options = ("--format", "json-with-metadata", "--no-color", "--no-error-on-unmatched-pattern")
    yield [str(job.tool.path), *options, "--", *targets]


def environment(job: Job) -> Mapping[str, str]:
    """Version 9 reads a `.eslintrc` only when it is told to; 8 would read it anyway."""
    is_flat = any((job.root / name).is_file() for name in FLAT)
    old = {} if is_flat else {"ESLINT_USE_FLAT_CONFIG": "false"}
    return {**node_project.ENVIRONMENT, **old}


def read(job: Job, outputs: Sequence[Completed]) -> Iterator[Problem]:
    own = node_project.in_project(job, (*FLAT, *OLD))
    for done in outputs:
        report = json_of("eslint", done)
        try:
            rules = report["metadata"]["rulesMeta"]
            found = [
                _problem(job, Path(job.absolute(file["filePath"])), each, rules)
                for file in report["results"]
                for each in file["messages"]
                if each["ruleId"] or not each["message"].startswith(_IGNORED)
            ]
        except (KeyError, TypeError, AttributeError, ValueError):
            raise unreadable("eslint", done) from None
        yield from (problem for problem in found if own(problem.path))


def _problem(job: Job, path: Path, found: Mapping[str, Any], rules: Mapping[str, Any]) -> Problem:
    snapshot = job.read(str(path))
    rule = found["ruleId"] or ""
    end = None
    if found.get("endLine") and found.get("endColumn"):
        end = node_project.position(snapshot, int(found["endLine"]), int(found["endColumn"]))
    return problem_at(
        job,
        str(path),
        # What is about a whole file has no line, or line 0.
        node_project.position(snapshot, int(found.get("line") or 1), int(found.get("column") or 1)),
        end,
        Columns.UTF16,
        message=str(found["message"]),
        source="eslint",
        code=str(rule) or ("parse-error" if found.get("fatal") else ""),
        severity=Severity.ERROR if found["severity"] == 2 or found.get("fatal") else Severity.WARNING,
        href=_page(rules.get(rule)),
        fix=_fix(snapshot, found.get("fix"), str(rule)),
    )


def _page(rule: Any) -> str | None:
    """A plugin may say anything about its rules, or nothing."""
    try:
        url = rule["docs"]["url"]
    except (KeyError, TypeError):
        return None
    return url if isinstance(url, str) and url.startswith("https://") else None


def _fix(snapshot: Snapshot | None, fix: Any, rule: str) -> ToolFix | None:
    """The tool applies these by itself with `--fix`; what it only suggests has no `fix`."""
    if snapshot is None or not fix:
        return None
    text = snapshot.text
    start, end = (node_project.offset_of(text, int(offset)) for offset in fix["range"])
    if start > end or int(fix["range"][0]) < 0:
        return None
    span, new = Span(start, end), str(fix["text"])
    return ToolFix(_title(span.of(text), new, rule), (Replacement(span, new),))


def _title(old: str, new: str, rule: str) -> str:
    """What changes, where that is a word or two; words at both ends that stay are left out."""
    words, others = old.split(), new.split()
    while words and others and words[0] == others[0]:
        words, others = words[1:], others[1:]
    while words and others and words[-1] == others[-1]:
        words, others = words[:-1], others[:-1]
    before, after = " ".join(words), " ".join(others)
    shown = [part for part in (before, after) if part]
    if not shown or any(len(part) > _MAX_TITLE_CHARS or "`" in part for part in shown):
        return f"Apply eslint's fix of {rule}"
    if len(shown) == 2:
        return f"Replace `{before}` with `{after}`"
    return f"Remove `{before}`" if before else f"Insert `{after}`"


CHECKER = Checker(
    name="eslint",
    programs=("eslint",),
    suffixes=node_project.SCRIPTS | {".vue", ".svelte"},
    markers=(*FLAT, *OLD),
    needs_marker=True,
    commands=commands,
    read=read,
    needs_trust="its configuration is a program",
    environment=environment,
    install="npm install --save-dev eslint",
)
