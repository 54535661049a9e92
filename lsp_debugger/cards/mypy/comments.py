"""Casts and `type: ignore` comments that do nothing: they can be taken away."""

from __future__ import annotations

import ast
import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.mypy.reading import NAME, TYPE, told
from lsp_debugger.cards.python import proof
from lsp_debugger.cards.python.parsed import ParsedPython
from lsp_debugger.core.ask import Card, CertainEdit, Replacement
from lsp_debugger.core.text import Span

_REDUNDANT = re.compile(rf'Redundant cast to "(?P<type>{TYPE})"')
_UNUSED = re.compile(rf'Unused "type: ignore(?:\[(?P<codes>{NAME}(?:, {NAME}){{0,20}})\])?" comment')
_NARROWER = re.compile(r"use narrower \[([a-z0-9, -]{1,200})\] instead of \[([a-z0-9-]{1,60})\]")
_COMMENT = re.compile(r"#[ \t]*type:[ \t]*ignore(?:[ \t]*\[(?P<codes>[^\]\n]{0,500})\])?(?=[ \t]*(?:$|#))")
_MAX_LINE_CHARS = 5000


def redundant_cast(case: Case) -> Card | None:
    match, parsed = told(_REDUNDANT, case), case.python
    node = parsed.around(case.span, ast.Call) if parsed is not None else None
    if match is None or parsed is None or node is None or len(node.args) != 2 or node.keywords:
        return None
    value = node.args[1]
    code = parsed.code(value)
    said = f"`{code}` is `{match['type'][:80]}` without the cast."
    return Card(said, edit=_without_cast(case, parsed, node, value))


def _without_cast(case: Case, parsed: ParsedPython, node: ast.Call, value: ast.expr) -> CertainEdit | None:
    """The value in the place of the call, in brackets unless nothing could bind tighter around it."""
    span = parsed.span(value)
    if isinstance(value, ast.Starred) or parsed.span(node).of(parsed.text).count("#"):
        return None
    plain = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.Constant, ast.List, ast.Dict, ast.Set)
    text = span.of(parsed.text)
    is_plain = isinstance(value, plain) and not isinstance(value, ast.Constant)
    replacement = Replacement(parsed.span(node), text if is_plain or "\n" in text else f"({text})")
    if "\n" in text:
        return None
    return proof.proven(case, "Remove the cast", (replacement,), _replaces(node, value))


def _replaces(node: ast.Call, value: ast.expr) -> proof.Holds:
    """In the new text the value stands where the call was, and all else is as before."""

    def holds(before: ParsedPython, after: ParsedPython) -> bool:
        wanted = _Replaced(node, value).visit(ast.parse(before.text))
        return ast.dump(wanted) == ast.dump(after.tree)

    return holds


class _Replaced(ast.NodeTransformer):
    """Puts `value` in the place of the call that stands where `call` does."""

    def __init__(self, call: ast.Call, value: ast.expr) -> None:
        self._place = (call.lineno, call.col_offset, call.end_lineno, call.end_col_offset)
        self._value = value

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset) == self._place:
            return self._value
        return self.generic_visit(node)


def unused_ignore(case: Case) -> Card | None:
    """Where some of the codes do silence something, mypy names those that do not."""
    match = told(_UNUSED, case)
    line = case.line_text
    comment = _COMMENT.search(line) if len(line) <= _MAX_LINE_CHARS else None
    if match is None or comment is None or _COMMENT.search(line, comment.end()):
        return None
    if "use narrower" in case.problem.message[:2000]:
        return _narrower(case, line, comment, _codes(match["codes"] or ""))
    unused = _codes(match["codes"] or "")
    written = _codes(comment["codes"] or "")
    left = [code for code in written if code not in unused] if unused else []
    if unused and not set(unused) <= set(written):
        return None
    shown = comment[0].rstrip()
    what = f"`{', '.join(unused)}` in `{shown}`" if left else f"`{shown}`"
    which = "no such error" if unused else "no error"
    said = f"{what} silences nothing: mypy finds {which} in this line."
    return Card(said, edit=_shortened(case, line, comment, left))


def _narrower(case: Case, line: str, comment: re.Match[str], unused: list[str]) -> Card | None:
    """Of a code that stands for several, only some occur."""
    pairs = _NARROWER.findall(case.problem.message[:2000])
    written = _codes(comment["codes"] or "")
    if len(pairs) != 1 or pairs[0][1] not in written:
        return None
    narrower, wide = pairs[0]
    kept = list[str]()
    for code in written:
        kept += _codes(narrower) if code == wide else [] if code in unused else [code]
    said = f"`{wide}` silences more than there is: `{narrower}` would do."
    return Card(said, edit=_shortened(case, line, comment, list(dict.fromkeys(kept))))


def _codes(text: str) -> list[str]:
    return [code.strip() for code in text.split(",") if code.strip()]


def _shortened(case: Case, line: str, comment: re.Match[str], left: list[str]) -> CertainEdit | None:
    start = case.snapshot.lines.span_of(case.line - 1).start
    if left:
        span = Span(start + comment.start("codes"), start + comment.end("codes"))
        return proof.proven(
            case, "Name only the codes that it needs", (Replacement(span, ", ".join(left)),), _same
        )
    rest = line[comment.end() :].strip()
    before = line[: comment.start()]
    # What follows is a comment of its own; where nothing follows, the space before goes too.
    first = len(before) if rest else len(before.rstrip())
    last = len(line) - len(line[comment.end() :].lstrip()) if rest else len(line.rstrip("\r\n"))
    span = Span(start + first, start + last)
    return proof.proven(case, "Remove the comment", (Replacement(span, ""),), _same)


def _same(before: ParsedPython, after: ParsedPython) -> bool:
    return ast.dump(before.tree) == ast.dump(after.tree)
