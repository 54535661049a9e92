"""Findings of gcc, clang, clangd and clang-tidy: one family, since they say the same in two dialects."""

from __future__ import annotations

import re
from dataclasses import replace

from lsp_debugger.cards.c import (
    calls,
    candidates,
    classes,
    comparisons,
    conversions,
    flow,
    formats,
    members,
    memory,
    names,
    redefinitions,
    syntax,
    tidy,
    tidy_performance,
    unused,
    values,
    wording,
    words,
    words_clangd,
    words_tidy,
)
from lsp_debugger.cards.case import Case
from lsp_debugger.cards.family import Family, from_sources
from lsp_debugger.cards.generic import generic
from lsp_debugger.core.ask import Card, Problem

_RULES = (
    *names.RULES,
    *members.RULES,
    *calls.RULES,
    *conversions.RULES,
    *candidates.RULES,
    *formats.RULES,
    *values.RULES,
    *unused.RULES,
    *comparisons.RULES,
    *flow.RULES,
    *memory.RULES,
    *classes.RULES,
    *redefinitions.RULES,
    *syntax.RULES,
)
_GCC = frozenset({"gcc", "g++", "cc", "c++"})
_FLAG = re.compile(r"[a-z0-9][a-z0-9+-]{1,60}$")
_CHECK = re.compile(
    r"(?P<group>clang-analyzer|bugprone|performance|cert|concurrency|cppcoreguidelines|google"
    r"|hicpp|llvm|misc|modernize|portability|readability)-(?P<name>[\w.+-]{1,120})$"
)


def card(case: Case) -> Card | None:
    """The card of this instance, or the message with our words about its rule where there are any."""
    explained = explanation(case.problem)
    made = _of_check(case) or _by_message(case)
    if made is None and not explained:
        return None
    return replace(made or generic(case), rule_text=explained, href=address(case.problem))


def _of_check(case: Case) -> Card | None:
    rule = wording.rule_of(case.problem)
    check = tidy.CHECKS.get(rule) or tidy_performance.CHECKS.get(rule)
    return check(case) if check is not None else None


def _by_message(case: Case) -> Card | None:
    """The first reading of the message that the code bears out."""
    text = wording.text_of(case.problem.message)
    for each in _RULES:
        match = each.pattern.match(text)
        made = each.card(case, match) if match is not None else None
        if made is not None:
            return made
    return None


def explanation(problem: Problem) -> str:
    """What the rule is about, in our words: none of these tools prints any."""
    rule = wording.rule_of(problem)
    text = words.WORDS.get(rule) or words_tidy.WORDS.get(rule) or words_clangd.WORDS.get(rule, "")
    shown = f"-W{rule}" if rule in words.WORDS else rule
    return f"{shown}: {text}" if text else ""


def address(problem: Problem) -> str | None:
    """The page of the rule; errors have none."""
    rule, source = wording.rule_of(problem), problem.source.lower()
    if match := _CHECK.match(rule):
        return f"https://clang.llvm.org/extra/clang-tidy/checks/{match['group']}/{match['name']}.html"
    if rule not in words.WORDS or not _FLAG.match(rule):
        return None
    if source in _GCC:
        page = "Static-Analyzer-Options" if rule.startswith("analyzer-") else "Warning-Options"
        return f"https://gcc.gnu.org/onlinedocs/gcc/{page}.html#index-W{rule}"
    return f"https://clang.llvm.org/docs/DiagnosticsReference.html#w{rule}"


FAMILY = Family(from_sources(*_GCC, "clang", "clang++", "clangd", "clang-tidy"), card)
