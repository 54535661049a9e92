"""Formatting of texts: placeholders and values that do not go together."""

from __future__ import annotations

import ast
import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.mypy.reading import TYPE, told
from lsp_debugger.cards.pyright import wording
from lsp_debugger.cards.python.parsed import ParsedPython
from lsp_debugger.core.ask import Card

_MISFIT = re.compile(
    rf'Incompatible types in string interpolation \(expression has type "(?P<given>{TYPE})", '
    rf'placeholder has type "(?P<wanted>{TYPE})"\)'
)
_COUNTS = {"Not enough arguments for format string": "more", "Not all arguments converted": "fewer"}
_NO_REPLACEMENT = re.compile(
    r"Cannot find replacement for (?:positional|named) format specifier \"?(?P<which>[\w]{1,80})"
)


def placeholders(case: Case) -> Card | None:
    parsed = case.python
    node = _formatting(parsed, case) if parsed is not None else None
    if parsed is None or node is None:
        return None
    code, message = parsed.code(_template(node)), case.problem.message
    if match := told(_MISFIT, case):
        return _misfit(case, parsed, match, code)
    if match := told(_NO_REPLACEMENT, case):
        return Card(f"`{code}` has a placeholder `{match['which']}` that nothing is given for.")
    for beginning, what in _COUNTS.items():
        if message.startswith(beginning):
            return Card(f"`{code}` has {what} placeholders than there are values.")
    return None


def _misfit(case: Case, parsed: ParsedPython, match: re.Match[str], code: str) -> Card | None:
    value = case.expression
    if value is None:
        return None
    given, wanted = wording.kind(match["given"]), wording.short(match["wanted"])
    return Card(f"`{parsed.code(value)}` is {given}, but the placeholder in `{code}` takes {wanted}.")


def _formatting(parsed: ParsedPython, case: Case) -> ast.BinOp | ast.Call | None:
    for node in reversed(parsed.path_to(case.span)):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            return node
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            return node
    return None


def _template(node: ast.BinOp | ast.Call) -> ast.expr:
    if isinstance(node, ast.BinOp):
        return node.left
    assert isinstance(node.func, ast.Attribute), "only `….format(…)` is taken"
    return node.func.value


def bytes_shown(case: Case) -> Card | None:
    """Bytes put into a text look like `b'abc'`."""
    parsed = case.python
    string = parsed.around(case.span, (ast.JoinedStr, ast.Call, ast.BinOp)) if parsed is not None else None
    if parsed is None or string is None or not case.problem.message.startswith("If x = b'abc'"):
        return None
    return Card(
        f"`{parsed.code(string)}` shows bytes as Python writes them, with `b'…'` around them.",
        notes=("`.decode()` makes a text of them; `!r` says that the quotes are meant.",),
    )
