"""A key that is not there: the keys that are, as far as the code writes them."""

from __future__ import annotations

import ast

from lsp_debugger.cards.exceptions.raised import Raised
from lsp_debugger.cards.python.members import lines_of_members
from lsp_debugger.cards.python.resolve import definition_of, last_assignment, lookup, node_of
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.syntax.likeness import likeliest, sketches

_MAX_KEYS = 6
_Key = str | int


def key_error(raised: Raised) -> Card | None:
    key = raised.message
    subscripts = [node for node in raised.on_line(ast.Subscript) if isinstance(node.ctx, ast.Load | ast.Del)]
    literal = raised.only(node for node in subscripts if _is_literal(node.slice, key))
    access = literal or raised.only(subscripts)
    if access is None:
        return _popped(raised, key) or _in_format(raised, key)
    code = raised.code(access.value)
    if code.endswith("environ"):
        return Card(f"The environment variable {key} is not set.", raised.here())
    asked = "" if isinstance(access.slice, ast.Constant) else f" (the value of `{raised.code(access.slice)}`)"
    members = _members(raised, access.value)
    if members is not None:
        near = likeliest(_unquoted(key), [sketches(members)], 1)
        tail = f"; the nearest is `{near[0]}`" if near else ""
        place = (raised.case.here(members[near[0]], f"`{code}.{near[0]}`"),) if near else ()
        return Card(f"`{code}` has no member {key}{asked}{tail}.", (*raised.here(), *place))
    known, places = _keys(raised, access.value)
    near = likeliest(_unquoted(key), [sketches(each for each in known if isinstance(each, str))], 1)
    tail = f"; the nearest key is `{near[0]!r}`" if near else ""
    return Card(
        f"`{code}` has no key `{key}`{asked}{tail}.",
        (*raised.here(), *places),
        _note(key, known) if known and not near else (),
    )


def _note(key: str, known: list[_Key]) -> tuple[str, ...]:
    other = next((each for each in known if repr(each) != key and str(each) == _unquoted(key)), None)
    listed = f"Keys written there: {', '.join(map(repr, known[:_MAX_KEYS]))}"
    if other is None:
        return (listed,)
    kind, instead = ("number", "text") if isinstance(other, int) else ("text", "number")
    return (f"The key {other!r} is there: a {kind}, and no {instead}.",)


def _popped(raised: Raised, key: str) -> Card | None:
    calls = [
        node
        for node in raised.on_line(ast.Call)
        if isinstance(node.func, ast.Attribute)
        and node.func.attr in ("pop", "remove", "popitem")
        and len(node.args) < 2
    ]
    call = raised.only(calls)
    if call is None or not isinstance(call.func, ast.Attribute):
        return None
    owner = raised.code(call.func.value)
    if key in ("'pop from an empty set'", "'popitem(): dictionary is empty'"):
        return Card(f"`{owner}` is empty when `{raised.code(call)}` takes something from it.", raised.here())
    default = (
        f"`{owner}.pop({raised.code(call.args[0])}, None)` would allow that."
        if call.func.attr == "pop"
        else ""
    )
    return Card(
        f"`{owner}` has no `{key}` to take out.", raised.here(), (default,) if default and call.args else ()
    )


def _is_literal(index: ast.expr, key: str) -> bool:
    return isinstance(index, ast.Constant) and repr(index.value) == key


def _unquoted(key: str) -> str:
    return key[1:-1] if len(key) > 1 and key[0] == key[-1] and key[0] in "'\"" else key


def _in_format(raised: Raised, key: str) -> Card | None:
    call = raised.call_of("format")
    names = [each.arg for each in call.keywords] if call is not None else []
    if call is None or None in names or not _unquoted(key).isidentifier():
        return None
    return Card(
        f"`{raised.owner(call)}` has a place `{{{_unquoted(key)}}}`, and `format` gets nothing of that name.",
        raised.here(),
    )


def _members(raised: Raised, owner: ast.expr) -> dict[str, int] | None:
    """What `Color["RED"]` looks in: the names of a class of this file, with their lines."""
    definition = definition_of(raised.case, owner)
    is_here = definition is not None and definition.path == raised.case.path and definition.kind == "class"
    read = node_of(raised.case, definition) if definition is not None and is_here else None
    if read is None or not isinstance(read[1], ast.ClassDef):
        return None
    bases = [ast.unparse(base).rpartition(".")[2] for base in read[1].bases]
    is_enum = any(base.endswith(("Enum", "Flag")) for base in bases)
    return lines_of_members(read[1]) if is_enum else None


def _keys(raised: Raised, owner: ast.expr) -> tuple[list[_Key], tuple[Place, ...]]:
    """Keys of the dict display that `owner` was set to, and those that are set in the same function."""
    parsed = raised.case.python
    if parsed is None or not isinstance(owner, ast.Name):
        return [], ()
    binding, found = (
        last_assignment(parsed, owner.id, parsed.span(owner)),
        lookup(parsed, owner.id, parsed.span(owner)),
    )
    node = binding.node if binding is not None else None
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    if not isinstance(value, ast.Dict) or binding is None or found is None:
        return [], ()
    set_later = [
        each.slice
        for each in ast.walk(found[0])
        if isinstance(each, ast.Subscript) and isinstance(each.ctx, ast.Store)
        if isinstance(each.value, ast.Name) and each.value.id == owner.id and each.lineno > binding.line
    ]
    keys = [key.value for key in (*value.keys, *set_later) if isinstance(key, ast.Constant)]
    plain = [key for key in keys if isinstance(key, str | int) and not isinstance(key, bool)]
    return list(dict.fromkeys(plain)), (raised.case.here(binding.line, f"`{owner.id}` is made here"),)
