"""Functions whose parameters or results have no type."""

from __future__ import annotations

import ast
import io
import tokenize

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.python import proof
from lsp_debugger.cards.python.bindings import BUILTINS
from lsp_debugger.cards.python.flow import falls_through, is_generator, is_none, own_nodes
from lsp_debugger.cards.python.parsed import FUNCTIONS, FunctionNode, ParsedPython
from lsp_debugger.cards.python.resolve import lookup
from lsp_debugger.cards.ruff import results
from lsp_debugger.core.ask import Card, CertainEdit, Replacement
from lsp_debugger.core.text import Span


def untyped_function(case: Case) -> Card | None:
    parsed = case.python
    function = parsed.around(case.span, FUNCTIONS) if parsed is not None else None
    if parsed is None or function is None or not case.problem.message.startswith("Function is missing a "):
        return None
    arguments = function.args
    listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    listed += [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    owner = parsed.class_around(parsed.span(function.body[0]))
    in_class = owner is not None and function in owner.body
    bare = [each.arg for each in (listed[1:] if in_class else listed) if each.annotation is None]
    if function.returns is None and not bare:
        return _result(case, parsed, function)
    parts = ", ".join(f"`{name}`" for name in bare)
    missing = (
        [f"{parts} of `{function.name}` {'has no type' if len(bare) == 1 else 'have no types'}"]
        if bare
        else []
    )
    if function.returns is None:
        missing.append("its result has none either" if bare else "its result has no type")
    return Card(f"{' and '.join(missing)}.") if missing else None


def _result(case: Case, parsed: ParsedPython, function: FunctionNode) -> Card | None:
    returns = [node for node in own_nodes(function) if isinstance(node, ast.Return)]
    if is_generator(function):
        return Card(f"`{function.name}` gives its values one by one with `yield`; its result has no type.")
    if any(node.value is not None and not is_none(node.value) for node in returns):
        return _value(case, parsed, function, returns)
    edit = _edit(case, parsed, function, "None") if _surely_none(parsed, function) else None
    if not falls_through(function.body) and not returns:
        return Card(f"The result of `{function.name}` has no type; it never comes to its end.")
    return Card(f"`{function.name}` gives nothing back, and does not say so: `-> None`.", edit=edit)


def _value(case: Case, parsed: ParsedPython, function: FunctionNode, returns: list[ast.Return]) -> Card:
    made = results.missing_result(case)
    kinds = {_literal(node.value) for node in returns}
    kind = kinds.pop() if len(kinds) == 1 and not falls_through(function.body) else None
    if made is not None:
        edit = made.edit or (_edit(case, parsed, function, kind) if kind else None)
        return Card(made.headline, made.places, made.notes, edit)
    places = tuple(case.here(node.lineno, f"`{parsed.code(node)}`") for node in returns[:2])
    also = ", and it can end without one" if falls_through(function.body) else ""
    return Card(f"`{function.name}` returns a value{also}; the type of its result is not declared.", places)


def _literal(value: ast.expr | None) -> str | None:
    """The plain type of a text, a number or a truth value that is written out."""
    if isinstance(value, ast.JoinedStr):
        return "str"
    constant = value.value if isinstance(value, ast.Constant) else None
    return type(constant).__name__ if isinstance(constant, bool | int | float | str | bytes) else None


def _surely_none(parsed: ParsedPython, function: FunctionNode) -> bool:
    """No method that a subclass may fill or a base has another type for, and nothing that never ends."""
    owner = parsed.class_around(parsed.span(function.body[0]))
    is_method = owner is not None and function in owner.body
    plain = not function.decorator_list or not is_method
    alone = not is_method or function.name == "__init__" or (owner is not None and not owner.bases)
    stub = all(
        isinstance(each, ast.Pass) or (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
        for each in function.body
    )
    never_read = not _result_is_read(parsed, function.name)
    return plain and alone and falls_through(function.body) and not (is_method and stub) and never_read


def _result_is_read(parsed: ParsedPython, name: str) -> bool:
    """Somewhere in this file a call of that name is more than a statement: mypy would complain there."""
    alone = {
        id(value.value if isinstance(value := node.value, ast.Await) else value)
        for node in ast.walk(parsed.tree)
        if isinstance(node, ast.Expr)
    }
    return any(
        isinstance(node, ast.Call)
        and name in (getattr(node.func, "id", ""), getattr(node.func, "attr", ""))
        and id(node) not in alone
        for node in ast.walk(parsed.tree)
    )


def _edit(case: Case, parsed: ParsedPython, function: FunctionNode, kind: str) -> CertainEdit | None:
    """` -> kind` where the signature ends."""
    at = _after_parameters(parsed, function)
    if at is None or (kind in BUILTINS and lookup(parsed, kind, Span(at, at)) is not None):
        return None
    return proof.proven(
        case,
        f"Declare `{function.name}` to return `{kind}`",
        (Replacement(Span(at, at), f" -> {kind}"),),
        proof.annotates(function.lineno, function.name, kind),
    )


def _after_parameters(parsed: ParsedPython, function: FunctionNode) -> int | None:
    """Behind the bracket that closes the parameters."""
    start = parsed.span(function).start
    source = parsed.text[start : parsed.span(function.body[0]).start]
    lines = [0]
    for line in source.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    depth = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.OP and token.string in "([{":
                depth += 1
            elif token.type == tokenize.OP and token.string in ")]}":
                depth -= 1
                if not depth and token.string == ")":
                    return start + lines[token.end[0] - 1] + token.end[1]
    except (tokenize.TokenError, SyntaxError, IndexError):
        return None
    return None
