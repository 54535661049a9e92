"""A Python text as the interpreter's own parser reads it."""

from __future__ import annotations

import ast
import functools
import re
import sys
import warnings
from collections.abc import Iterator
from typing import TypeVar

from lsp_debugger.core.text import LineIndex, Span

NodeT = TypeVar("NodeT", bound=ast.AST)
MAX_CHARS = 500_000  # about 60 ms; longer texts get cards without a look at the code

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
ScopeNode = (
    ast.Module
    | ast.ClassDef
    | FunctionNode
    | ast.Lambda
    | ast.GeneratorExp
    | ast.ListComp
    | ast.SetComp
    | ast.DictComp
)
COMPREHENSIONS = (ast.GeneratorExp, ast.ListComp, ast.SetComp, ast.DictComp)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_CONTEXT = re.compile(r"ctx=\w+\(\)")
# Before 3.12 what stands inside of an f-string may be placed wrongly, above all over several lines.
_PLACES_IN_STRINGS = sys.version_info >= (3, 12)


class ParsedPython:
    """A syntax tree with code-point offsets. Lines are 1-based, as in `ast`."""

    def __init__(self, text: str, tree: ast.Module) -> None:
        self.text = text
        self.tree = tree
        self._lines = LineIndex(text)

    def offset(self, line: int, column_bytes: int) -> int:
        """`ast` counts columns in UTF-8 bytes."""
        start = self._lines.span_of(line - 1)
        source = start.of(self.text)
        if source.isascii():
            return start.start + min(column_bytes, len(source))
        return start.start + len(source.encode()[:column_bytes].decode("utf-8", "ignore"))

    def line_start(self, line: int) -> int:
        """Where line `line` begins; the end of the text for the line after the last."""
        return self._lines.span_of(line - 1).start if line <= len(self._lines) else len(self.text)

    def span(self, node: ast.expr | ast.stmt | ast.alias | ast.arg | ast.excepthandler | ast.keyword) -> Span:
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return Span(self.offset(node.lineno, node.col_offset), self.offset(end_line, end_column))

    def code(self, node: ast.expr | ast.stmt | ast.arg, limit: int = 60) -> str:
        """The node as it is written, on one line, cut to `limit` characters."""
        source = self.span(node).of(self.text)
        if not _PLACES_IN_STRINGS and isinstance(node, ast.expr) and not _is_source_of(source, node):
            source = ast.unparse(node)
        words = " ".join(source.split())
        return words if len(words) <= limit else words[: limit - 1] + "…"

    def path_to(self, span: Span) -> list[ast.AST]:
        """The nodes around `span`, module first, innermost last; an f-string may be the end of it."""
        path, node = list[ast.AST](), self.tree
        while node is not None:
            path.append(node)
            if isinstance(node, ast.JoinedStr) and not _PLACES_IN_STRINGS:
                break
            node = next((child for child in _positioned(node) if self._holds(child, span)), None)
        return path

    def placed_nodes(self) -> Iterator[ast.AST]:
        """All nodes but those whose lines may be wrong: within an f-string over several lines."""
        waiting: list[ast.AST] = [self.tree]
        while waiting:
            node = waiting.pop()
            yield node
            is_long = isinstance(node, ast.JoinedStr) and node.lineno != node.end_lineno
            if _PLACES_IN_STRINGS or not is_long:
                waiting.extend(ast.iter_child_nodes(node))

    def around(self, span: Span, kind: type[NodeT] | tuple[type[NodeT], ...]) -> NodeT | None:
        """The innermost node of that kind around `span`; None for an expression within an f-string
        whose parts have no sure places.
        """
        path = self.path_to(span)
        end = path[-1]
        if isinstance(end, ast.JoinedStr) and not _PLACES_IN_STRINGS and self.span(end) != span:
            path = [node for node in path if not isinstance(node, ast.expr)]
        return next((node for node in reversed(path) if isinstance(node, kind)), None)

    def scopes(self, span: Span) -> list[ScopeNode]:
        """What a name at `span` is looked up in, innermost first; the module is last.

        Decorators, defaults, annotations and bases belong to the scope outside.
        """
        found: list[ScopeNode] = [self.tree]
        path = self.path_to(span)
        for node, child in zip(path, [*path[1:], None], strict=True):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                if child in node.body or (child is None and self.span(node.body[0]).start <= span.start):
                    found.append(node)
            elif isinstance(node, ast.Lambda | ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp):
                found.append(node)
        return found[::-1]

    def function_around(self, span: Span) -> FunctionNode | None:
        """The function whose body holds `span`."""
        return next((scope for scope in self.scopes(span) if isinstance(scope, FUNCTIONS)), None)

    def class_around(self, span: Span) -> ast.ClassDef | None:
        """The class whose body, methods included, holds `span`."""
        return next((scope for scope in self.scopes(span) if isinstance(scope, ast.ClassDef)), None)

    def _holds(self, node: ast.AST, span: Span) -> bool:
        line, column = getattr(node, "lineno", None), getattr(node, "col_offset", 0)
        if line is None:
            return False
        decorators = getattr(node, "decorator_list", None)
        if decorators:
            line, column = decorators[0].lineno, decorators[0].col_offset - 1
        first, last = self._lines.line_of(span.start) + 1, self._lines.line_of(span.end) + 1
        end_line = getattr(node, "end_lineno", None) or line
        if line > first or end_line < last:
            return False
        if line < first and end_line > last:
            return True
        end_column = getattr(node, "end_col_offset", None) or column
        return self.offset(line, column) <= span.start and span.end <= self.offset(end_line, end_column)


def _is_source_of(source: str, node: ast.expr) -> bool:
    try:
        return _shape(ast.parse(f"({source})", mode="eval").body) == _shape(node)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return isinstance(node, ast.Starred | ast.Slice)  # these cannot stand alone


def _shape(node: ast.expr) -> str:
    """Without whether it is read, set or deleted."""
    return _CONTEXT.sub("", ast.dump(node))


def _positioned(node: ast.AST) -> Iterator[ast.AST]:
    """Children that have a place in the text; those of children that have none stand in for them."""
    for child in ast.iter_child_nodes(node):
        if hasattr(child, "lineno"):
            yield child
        elif not isinstance(child, ast.expr_context | ast.operator | ast.cmpop | ast.boolop | ast.unaryop):
            yield from _positioned(child)


@functools.lru_cache(maxsize=8)
def parse(text: str) -> ParsedPython | None:
    """None for text that is no valid Python or too long. Never raises; runs nothing of the text."""
    if len(text) > MAX_CHARS:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of invalid escapes in somebody else's code
            return ParsedPython(text, ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        # ValueError: null characters, lone surrogates. MemoryError: how the parser refuses deep nesting.
        return None
