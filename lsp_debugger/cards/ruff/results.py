"""Result types that are missing, where every `return` shows the same plain one."""

from __future__ import annotations

import ast
from collections.abc import Callable

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.python import proof
from lsp_debugger.cards.python.bindings import bindings
from lsp_debugger.cards.python.flow import falls_through, is_generator, own_nodes
from lsp_debugger.cards.python.parsed import FUNCTIONS, FunctionNode, ParsedPython
from lsp_debugger.cards.python.resolve import lookup
from lsp_debugger.core.ask import Card, CertainEdit, Replacement
from lsp_debugger.core.text import Span

# Builtins whose call always gives the same type, whatever the argument is.
_CALLS = {
    name: kind
    for kind, names in {
        "bool": "all any bool callable hasattr isinstance issubclass",
        "bytes": "bytes",
        "float": "float",
        "int": "hash id int len ord",
        "str": "bin chr hex oct repr str",
    }.items()
    for name in names.split()
}
_UNTOLD = frozenset({"__eq__", "__hash__", "__ne__"})
_SURE = ast.Is | ast.IsNot | ast.In | ast.NotIn  # `==` and `<` give whatever the class likes


def missing_result(case: Case) -> Card | None:
    """Ruff itself writes what it can tell from literals; this is for what it cannot."""
    parsed = case.python
    function = parsed.around(case.span, FUNCTIONS) if parsed is not None else None
    if parsed is None or function is None or function.returns is not None or is_generator(function):
        return None
    returns = [node for node in own_nodes(function) if isinstance(node, ast.Return)]
    if not returns or falls_through(function.body):
        return None
    kinds = {_type_of(parsed, node.value) for node in returns}
    if len(kinds) != 1 or None in kinds:
        return None
    kind = kinds.pop() or ""
    places = tuple(case.here(node.lineno, f"`{parsed.code(node)}`") for node in returns[:2])
    every = "The one `return`" if len(returns) == 1 else f"Each of the {len(returns)} `return`s"
    edit = _edit(case, parsed, function, kind) if _is_beyond_ruff(function, returns) else None
    return Card(
        f"{every} of `{function.name}` gives `{kind}`, and the signature does not say so.", places, edit=edit
    )


def _type_of(  # noqa: PLR0911 - one case for each kind of expression
    parsed: ParsedPython, value: ast.expr | None
) -> str | None:
    """None for anything that is not plain to see."""
    match value:
        case ast.Constant(value=bool() | int() | float() | str() | bytes() as constant):
            return type(constant).__name__
        case ast.JoinedStr():
            return "str"
        case ast.UnaryOp(op=ast.Not()):
            return "bool"
        case ast.Compare(ops=operators) if all(isinstance(each, _SURE) for each in operators):
            return "bool"
        case ast.Call(func=ast.Name(id=name) as called) if name in _CALLS:
            return _CALLS[name] if lookup(parsed, name, parsed.span(called)) is None else None
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()), attr="join" | "format")):
            return "str"
        case ast.Call(func=ast.Name(id=name) as called):
            return name if _is_plain_class(parsed, name, parsed.span(called)) else None
        case _:
            return None


def _is_plain_class(parsed: ParsedPython, name: str, span: Span) -> bool:
    """A class of this file that nothing can make into something else when it is called."""
    found = lookup(parsed, name, span)
    node = found[1][0].node if found is not None and len(found[1]) == 1 and found[0] is parsed.tree else None
    if not isinstance(node, ast.ClassDef) or node.keywords or node.bases or node.decorator_list:
        return False
    return "__new__" not in bindings(node) and not getattr(node, "type_params", None)


def _is_beyond_ruff(function: FunctionNode, returns: list[ast.Return]) -> bool:
    """What ruff does not infer, from a `return` or from a special method's name: it has no such edit."""
    is_special = function.name.startswith("__") and function.name.endswith("__")
    if is_special and function.name not in _UNTOLD:
        return False
    return any(isinstance(node.value, ast.Call | ast.Compare) for node in returns)


def _edit(case: Case, parsed: ParsedPython, function: FunctionNode, kind: str) -> CertainEdit | None:
    """` -> kind` before the colon that ends the signature; only where the name means that there."""
    if kind not in _kinds() and not _is_defined_before(parsed, function, kind):
        return None
    colon = _colon(parsed, function)
    if colon is None:
        return None
    title = f"Declare `{function.name}` to return `{kind}`"
    return proof.proven(
        case,
        title,
        (Replacement(Span(colon, colon), f" -> {kind}"),),
        proof.annotates(function.lineno, function.name, kind),
        _means(kind, function),
    )


def _kinds() -> frozenset[str]:
    return frozenset({*_CALLS.values(), "str", "int", "bool", "float", "bytes"})


def _means(kind: str, function: FunctionNode) -> Callable[[ParsedPython, ParsedPython], bool]:
    """The name of a builtin type is bound by nothing where the signature stands."""

    def holds(before: ParsedPython, after: ParsedPython) -> bool:
        del after
        span = before.span(function)
        found = lookup(before, kind, Span(span.start, span.start))
        return (found is None) == (kind in _kinds())

    return holds


def _is_defined_before(parsed: ParsedPython, function: FunctionNode, kind: str) -> bool:
    postponed = any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and node.names[0].name == "annotations"
        for node in parsed.tree.body
    )
    found = bindings(parsed.tree).get(kind, ())
    node = found[0].node if len(found) == 1 else None
    ends = node.end_lineno or node.lineno if isinstance(node, ast.ClassDef) else None
    return ends is not None and (postponed or ends < function.lineno)


def _colon(parsed: ParsedPython, function: FunctionNode) -> int | None:
    """Where the signature ends: the last `)` before the body, with nothing but a colon and comments after."""
    start, end = parsed.span(function).start, parsed.span(function.body[0]).start
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    arguments += filter(None, (function.args.vararg, function.args.kwarg))
    defaults = [*function.args.defaults, *filter(None, function.args.kw_defaults)]
    after = max([start, *(parsed.span(each).end for each in (*arguments, *defaults))])
    closing = parsed.text.find(")", after, end)
    rest = parsed.text[closing + 1 : end].lstrip() if closing >= 0 else ""
    return closing + 1 if rest.startswith(":") else None
