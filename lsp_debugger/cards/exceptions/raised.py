"""The exception itself, and the code of the line that it came from."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.python.origins import Origin, none_origin
from lsp_debugger.cards.python.resolve import last_assignment, lookup
from lsp_debugger.core.ask import Card, Place, ProblemKind

ExprT = TypeVar("ExprT", bound=ast.expr | ast.stmt)
_TYPED = re.compile(r"(?P<type>[^\W\d]\w*(?:\.\w+)*)(?:: (?P<message>.*))?$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Raised:
    """name: the type without its module. message: its first line."""

    case: Case
    name: str
    message: str

    def on_line(self, kind: type[ExprT] | tuple[type[ExprT], ...]) -> list[ExprT]:
        """Nodes of that kind that touch the line, in the order of the text."""
        parsed = self.case.python
        if parsed is None:
            return []
        line = self.case.line
        found = [
            node
            for node in parsed.placed_nodes()
            if isinstance(node, kind) and node.lineno <= line <= (node.end_lineno or node.lineno)
        ]
        return sorted(found, key=lambda node: (node.lineno, node.col_offset))

    def only(self, nodes: Iterable[ExprT]) -> ExprT | None:
        """The one node of `nodes`; None where there are several, since a trace tells only the line."""
        listed = list(nodes)
        return listed[0] if len(listed) == 1 else None

    def call_of(self, *names: str) -> ast.Call | None:
        """The one call on the line of a function or method with one of these names."""
        return self.only(node for node in self.on_line(ast.Call) if self.called(node) in names)

    def called(self, call: ast.Call) -> str:
        """The last part of the name that is called."""
        return self.code(call.func).rpartition(".")[2]

    def owner(self, call: ast.Call) -> str:
        """What the called method belongs to, as it is written; empty for a plain function."""
        return self.code(call.func.value) if isinstance(call.func, ast.Attribute) else ""

    @property
    def line(self) -> str:
        """The line itself in backticks, or words for it where there is none."""
        text = self.case.line_text.strip()
        return f"`{text[:80]}`" if text else "the line that raised this"

    def code(self, node: ast.expr | ast.stmt) -> str:
        parsed = self.case.python
        assert parsed is not None, "the node came from there"
        return parsed.code(node)

    def here(self) -> tuple[Place, ...]:
        """The line itself: worth naming where the problem comes from a text and not from the editor."""
        if self.case.problem.kind is ProblemKind.DIAGNOSTIC or not self.case.is_in_text:
            return ()
        return (self.case.here(self.case.line, f"`{self.case.line_text.strip()}`"),)

    def made(self, expression: ast.expr) -> tuple[Place, ...]:
        """Where a name got its value: the line that set it, or the function whose parameter it is."""
        parsed = self.case.python
        if parsed is None or not isinstance(expression, ast.Name):
            return ()
        name, span = expression.id, parsed.span(expression)
        binding, found = last_assignment(parsed, name, span), lookup(parsed, name, span)
        if binding is None or found is None:
            return ()
        scope = found[0]
        if binding.kind == "parameter" and isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
            return (self.case.here(scope.lineno, f"`{name}` is a parameter of `{scope.name}`"),)
        if isinstance(binding.node, ast.Assign | ast.AnnAssign):
            return (self.case.here(binding.line, f"`{parsed.code(binding.node)}`"),)
        return ()

    def none(self, expression: ast.expr, consequence: str) -> Card:
        """`expression` was None, and where that comes from. consequence: stands before the reason."""
        origin = none_origin(self.case, expression) or Origin("")
        reason = f": {origin.reason}" if origin.reason else ""
        return Card(
            f"`{self.code(expression)}` is None here, {consequence}{reason}.", (*self.here(), *origin.places)
        )


def a(kind: str) -> str:
    """The type with its article: an `int`."""
    return f"{'an' if kind[:1].lower() in 'aeio' else 'a'} `{kind}`"


def raised(case: Case) -> Raised | None:
    """From `Type: message`; the type may stand in the problem's code alone."""
    message = case.problem.message.strip()
    match = _TYPED.match(message)
    name = match["type"].rpartition(".")[2] if match is not None else ""
    by_code = case.problem.code.rpartition(".")[2]
    if match is not None and (name == by_code or (not by_code and name[:1].isupper())):
        return Raised(case, name, _first_line(match["message"] or ""))
    return Raised(case, by_code, _first_line(message)) if by_code else None


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0][:2000]
