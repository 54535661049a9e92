"""Findings about Go: of the compiler, `go vet`, gopls and staticcheck.

Most come without a code, or with one of gopls's own, so messages are recognised by their words. There are
no certain edits: what could be certain (imports, names, fields) gopls offers itself.
"""

from __future__ import annotations

import functools
import re
from dataclasses import replace

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.family import Explainer, Family
from lsp_debugger.cards.generic import generic
from lsp_debugger.cards.go import (
    calls,
    declarations,
    flow,
    imports,
    literals,
    members,
    names,
    staticcheck,
    staticcheck_style,
    texts,
    types,
    vet,
    vet_locks,
    vet_print,
    vet_values,
)
from lsp_debugger.cards.go.rule import Rule
from lsp_debugger.cards.go.words import ANALYZERS, COMPILER, GOPLS
from lsp_debugger.core.ask import Card, Problem
from lsp_debugger.tools import find_tool

RULES: tuple[Rule, ...] = (
    *flow.RULES,
    *vet_print.RULES,
    *vet_locks.RULES,
    *names.RULES,
    *imports.RULES,
    *declarations.RULES,
    *calls.RULES,
    *vet.RULES,
    # Before the compiler's: its impossible assertion begins with the same words.
    *vet_values.RULES,
    *literals.RULES,
    *types.RULES,
    *members.RULES,
)
_CHECKS = {**staticcheck.RULES, **staticcheck_style.RULES}
_SOURCES = frozenset({"compiler", "go vet", "go list", "vet", "govet", "gopls", "go build", "staticcheck"})
_OWN_FILES = (".go", "go.mod", "go.work")
_CHECK = re.compile(r"(?:SA|S|ST|QF|U)\d{4}$")
_MAX_MESSAGE_CHARS = 4000
# Said of what gopls repeats at the other place of a pair.
_MIRRORED = re.compile(r" \(this error: [^\n]{1,500}\)$")


def knows(problem: Problem) -> bool:
    """Some sources have names that other tools may have too; those count in Go's own files."""
    source = problem.source.lower()
    is_go = problem.path is not None and problem.path.endswith(_OWN_FILES)
    if source in _SOURCES - {"compiler"}:
        return True
    return is_go and (source in {"compiler", "syntax"} or _is_rule(problem.source))


def _is_rule(name: str) -> bool:
    return name in ANALYZERS or name in GOPLS or _CHECK.match(name) is not None


def code_of(problem: Problem) -> str:
    """The compiler's code, vet's analyzer or staticcheck's check; by the words where nobody says it."""
    for told in (problem.code, problem.source):
        if told in COMPILER or _is_rule(told):
            return told
    found = _rule_of(problem.message)
    return found[0].code if found is not None and found[0].code != "syntax" else ""


def _rule_of(message: str) -> tuple[Rule, re.Match[str]] | None:
    said = _MIRRORED.sub("", message[:_MAX_MESSAGE_CHARS].strip())
    for each in RULES:
        match = each.pattern.match(said)
        if match is not None:
            return each, match
    return None


def card(case: Case) -> Card:
    """With our own words about the rule only where the tool that has better ones is missing."""
    made = _made(case) or generic(case)
    code = code_of(case.problem)
    page = texts.page(code) if code else None
    words = COMPILER.get(code) or ANALYZERS.get(code, "")
    rule_text = f"{code}: {words}" if words and not _has_go() else ""
    return replace(made, rule_text=made.rule_text or rule_text, href=made.href or page)


@functools.cache
def _has_go() -> bool:
    return find_tool("go") is not None


def _made(case: Case) -> Card | None:
    code = next((told for told in (case.problem.code, case.problem.source) if _CHECK.match(told)), "")
    if code:
        make = _CHECKS.get(code)
        return make(case) if make is not None else None
    found = _rule_of(case.problem.message)
    if found is None or found[0].make is None:
        return None
    return found[0].make(case, found[1])


def explainer(problem: Problem) -> Explainer | None:
    code = code_of(problem)
    if not code:
        return None
    if _CHECK.match(code):
        return texts.staticcheck(code)
    return texts.gopls(code) if code in GOPLS else texts.go(code)


FAMILY = Family(knows, card, explainer)
