"""Indexes and iterators that had nothing to give."""

from __future__ import annotations

import ast

from lsp_debugger.cards.exceptions.contents import missing_place
from lsp_debugger.cards.exceptions.raised import Raised
from lsp_debugger.cards.python.resolve import last_assignment, only_binding
from lsp_debugger.core.ask import Card, Place


def index_error(raised: Raised) -> Card | None:
    if raised.message.startswith("pop from empty") or raised.message.startswith("pop from an empty"):
        call = raised.only(node for node in raised.on_line(ast.Call) if isinstance(node.func, ast.Attribute))
        owner = call.func.value if call is not None and isinstance(call.func, ast.Attribute) else None
        return (
            Card(f"`{raised.code(owner)}` is empty when something is taken from it.", raised.here())
            if owner
            else None
        )
    if "index out of range" not in raised.message:
        return missing_place(raised)
    access = raised.only(
        node for node in raised.on_line(ast.Subscript) if not isinstance(node.slice, ast.Slice)
    )
    if access is None:
        return None
    owner, index = raised.code(access.value), raised.code(access.slice)
    number = _constant(access.slice)
    if number is not None:
        needed = number + 1 if number >= 0 else -number
        what = "is empty" if needed == 1 else f"has fewer than {needed} elements"
        return Card(
            f"`{owner}` {what}, so there is no `{raised.code(access)}`.",
            (*raised.here(), *_made(raised, access)),
        )
    return _by_loop(raised, access) or Card(
        f"`{index}` is past the end of `{owner}` in `{raised.code(access)}`.",
        (*raised.here(), *_made(raised, access)),
    )


def _by_loop(raised: Raised, access: ast.Subscript) -> Card | None:
    """`for i in range(len(x) + 1)` and `x[i + 1]` in a loop over the length of x."""
    parsed = raised.case.python
    assert parsed is not None, "the subscript came from there"
    names = {node.id for node in ast.walk(access.slice) if isinstance(node, ast.Name)}
    loops = [node for node in parsed.path_to(parsed.span(access)) if isinstance(node, ast.For)]
    for loop in reversed(loops):
        if not isinstance(loop.target, ast.Name) or loop.target.id not in names:
            continue
        ranged = parsed.code(loop.iter)
        length = f"len({raised.code(access.value)})"
        if not ranged.startswith("range(") or length not in ranged:
            return None
        index = raised.code(access.slice)
        return Card(
            f"`{index}` goes past the end of `{raised.code(access.value)}`: "
            f"`{loop.target.id}` comes from `{ranged}` in line {loop.lineno}.",
            (*raised.here(), raised.case.here(loop.lineno, f"`for {loop.target.id} in {ranged}`")),
        )
    return None


def _constant(index: ast.expr) -> int | None:
    match index:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int(number)):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
            return -number
        case _:
            return None


def _made(raised: Raised, access: ast.Subscript) -> tuple[Place, ...]:
    """Where the sequence got its value, if that is one place."""
    parsed = raised.case.python
    if parsed is None or not isinstance(access.value, ast.Name):
        return ()
    name = access.value.id
    binding = last_assignment(parsed, name, parsed.span(access)) or only_binding(
        parsed, name, parsed.span(access)
    )
    if binding is None or not isinstance(binding.node, ast.Assign | ast.AnnAssign):
        return ()
    return (raised.case.here(binding.line, f"`{parsed.code(binding.node)}`"),)


def stop_iteration(raised: Raised) -> Card | None:
    calls = [
        node
        for node in raised.on_line(ast.Call)
        if isinstance(node.func, ast.Name) and node.func.id in ("next", "anext") and len(node.args) == 1
    ]
    call = raised.only(calls)
    if call is None:
        return None
    code = raised.code(call)
    return Card(
        f"`{raised.code(call.args[0])}` has nothing left when `{code}` asks for it.",
        raised.here(),
        (f"`{code[:-1]}, None)` gives None instead.",),
    )
