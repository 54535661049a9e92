"""Proof before an edit is offered: on a copy, the text still parses and does what the edit is for.

Each proof has two halves: the edit reached its goal, and undone in the new tree it gives the old one,
so nothing else has changed. What cannot be proven is not offered.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.python.bindings import Binding
from lsp_debugger.cards.python.flow import blocks
from lsp_debugger.cards.python.parsed import COMPREHENSIONS, FUNCTIONS, ParsedPython, parse
from lsp_debugger.cards.python.resolve import lookup
from lsp_debugger.core.ask import CertainEdit, Replacement
from lsp_debugger.core.text import Span

Holds = Callable[[ParsedPython, ParsedPython], bool]  # of the text before and after
_LASTING = frozenset({"parameter", "assignment", "import", "function", "class", "with"})


def applied(text: str, replacements: tuple[Replacement, ...]) -> str:
    """The text after the edit. Replacements are of the same text and do not overlap."""
    for each in sorted(replacements, key=lambda each: each.span, reverse=True):
        text = text[: each.span.start] + each.new_text + text[each.span.end :]
    return text


def proven(
    case: Case, title: str, replacements: tuple[Replacement, ...], *proofs: Holds
) -> CertainEdit | None:
    """The edit, where every proof holds for it; else None."""
    before, after = case.python, parse(applied(case.snapshot.text, replacements))
    if before is None or after is None or not all(holds(before, after) for holds in proofs):
        return None
    return CertainEdit(title, case.snapshot.uri, case.snapshot.version, replacements)


def adds_import(name: str, used: Span | None, shift: int) -> Holds:
    """An import at the top gives `name` its value, there and at `used`, which moved by `shift`."""

    def holds(before: ParsedPython, after: ParsedPython) -> bool:
        if used is not None and not _is_imported(after, name, Span(used.start + shift, used.end + shift)):
            return False
        imported = any(
            isinstance(node, ast.Import | ast.ImportFrom)
            and any((alias.asname or alias.name.partition(".")[0]) == name for alias in node.names)
            for node in after.tree.body
        )
        return imported and _without_imports(before) == _without_imports(after)

    return holds


def _is_imported(parsed: ParsedPython, name: str, span: Span) -> bool:
    found = lookup(parsed, name, span)
    return (
        span.of(parsed.text) == name
        and found is not None
        and found[0] is parsed.tree
        and all(binding.kind == "import" for binding in found[1])
    )


def _without_imports(parsed: ParsedPython) -> list[str]:
    return [ast.dump(node) for node in parsed.tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]


def renames(span: Span, old: str, new: str) -> Holds:
    """At `span` the name or attribute `new` stands for `old`; a plain name surely has a value there."""

    def holds(before: ParsedPython, after: ParsedPython) -> bool:
        place = Span(span.start, span.start + len(new))
        if place.of(after.text) != new:
            return False
        node = after.around(place, (ast.Name, ast.Attribute))
        if isinstance(node, ast.Name) and node.id == new:
            if not is_bound(after, new, place):
                return False
            node.id = old
        elif isinstance(node, ast.Attribute) and node.attr == new and after.span(node).end == place.end:
            node.attr = old
        else:
            return False
        return ast.dump(after.tree) == ast.dump(before.tree)

    return holds


def awaits(span: Span) -> Holds:
    """What stood at `span` is awaited there, straight in the body of an `async def`."""

    def holds(before: ParsedPython, after: ParsedPython) -> bool:
        found = [
            node
            for node in ast.walk(after.tree)
            if isinstance(node, ast.Await) and after.span(node).start in (span.start, span.start + 1)
        ]
        if len(found) != 1 or not isinstance(after.scopes(after.span(found[0]))[0], ast.AsyncFunctionDef):
            return False
        if after.span(found[0].value).of(after.text) != span.of(before.text):
            return False  # `await g().x` awaits the attribute
        undone = _WithoutAwait(found[0]).visit(after.tree)
        return ast.dump(undone) == ast.dump(before.tree)

    return holds


class _WithoutAwait(ast.NodeTransformer):
    def __init__(self, awaited: ast.Await) -> None:
        self._awaited = awaited

    def visit_Await(self, node: ast.Await) -> ast.AST:
        return node.value if node is self._awaited else self.generic_visit(node)


def annotates(line: int, name: str, annotation: str) -> Holds:
    """The function `name` of `line` (1-based) is declared to return `annotation`, and was not before."""

    def holds(before: ParsedPython, after: ParsedPython) -> bool:
        node = next(
            (
                each
                for each in ast.walk(after.tree)
                if isinstance(each, FUNCTIONS) and each.lineno == line and each.name == name
            ),
            None,
        )
        if node is None or node.returns is None or ast.unparse(node.returns) != annotation:
            return False
        node.returns = None
        return ast.dump(after.tree) == ast.dump(before.tree)

    return holds


def is_bound(parsed: ParsedPython, name: str, span: Span) -> bool:
    """True when every way to `span` gives `name` a value first, as far as one scope's text shows."""
    found = lookup(parsed, name, span)
    if found is None or any(binding.kind in ("delete", "declared", "except") for binding in found[1]):
        return False
    return any(_is_set(parsed, binding, span) for binding in found[1])


def _is_set(parsed: ParsedPython, binding: Binding, span: Span) -> bool:
    node, path = binding.node, parsed.path_to(span)
    is_inside = any(each in path for each in getattr(node, "body", ()))
    if binding.kind == "parameter":
        return True
    if isinstance(node, COMPREHENSIONS):
        return node in path
    if node in path:  # a loop or a `with` that it is used in, a function that calls itself
        return is_inside and isinstance(node, (*FUNCTIONS, ast.For, ast.AsyncFor, ast.With, ast.AsyncWith))
    if binding.kind not in _LASTING or (isinstance(node, ast.AnnAssign) and node.value is None):
        return False  # after a loop, say: what it went through may have been empty
    comes_first = isinstance(node, ast.stmt) and parsed.span(node).start < span.start
    blocks_with_it = [block for each in path for block in blocks(each) if node in block]
    return comes_first and any(each in path for block in blocks_with_it for each in block)
