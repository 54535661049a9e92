"""Edits on a copy: what an edit would make of a text, and whether that can still be read."""

from __future__ import annotations

from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import CertainEdit, Replacement
from lsp_debugger.syntax.tree import parse_view


def applied(text: str, replacements: tuple[Replacement, ...]) -> str:
    """The text after the edit. Replacements are of the same text and do not overlap."""
    for each in sorted(replacements, key=lambda each: each.span, reverse=True):
        text = text[: each.span.start] + each.new_text + text[each.span.end :]
    return text


def sound(case: Case, edit: CertainEdit | None) -> CertainEdit | None:
    """The edit, unless it changes nothing, lies outside of the text, overlaps itself or breaks the syntax."""
    if edit is None or not _fits(case.snapshot.text, edit.replacements):
        return None
    after = applied(case.snapshot.text, edit.replacements)
    if after == case.snapshot.text:
        return None
    before = case.around.syntax.view(case.snapshot)
    if before is None or before.has_error:
        return edit  # no grammar, or nothing to compare with
    view = parse_view(after, case.snapshot.language_id)
    return edit if view is not None and not view.has_error else None


def _fits(text: str, replacements: tuple[Replacement, ...]) -> bool:
    end = 0
    for each in sorted(replacements, key=lambda each: each.span):
        if not end <= each.span.start <= each.span.end <= len(text):
            return False
        end = each.span.end
    return bool(replacements)
