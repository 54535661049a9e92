"""What typescript-eslint says about promises, `any` and values of the wrong kind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.eslint.code import around
from lsp_debugger.cards.typescript.annotated import callee, member_at
from lsp_debugger.cards.typescript.scopes import declared
from lsp_debugger.cards.typescript.source import (
    Source,
    expression_at,
    field,
    function_around,
    name_of_function,
    parent,
    place,
    source_of,
)
from lsp_debugger.core.ask import Card, Place

if TYPE_CHECKING:
    from tree_sitter import Node

_NAMED = re.compile(r"'(?P<name>[\w$]{1,80})' has no 'await'")
_GOT = re.compile(r"Got `(?P<type>[^`]{1,300})`")
_TEMPLATE = re.compile(r'Invalid type "(?P<type>.{1,300}?)" of template literal expression')
_ARGUMENT = re.compile(
    r"of type (?P<given>[^`]{0,40}`[^`]{1,200}`) (?:assigned )?to (?:a )?parameter of type "
    r"`(?P<wanted>[^`]{1,200})`"
)


def misused(case: Case) -> Card | None:
    source = source_of(case)
    if source is None:
        return None
    at, message = expression_at(case, source), case.problem.message
    if "boolean conditional" in message:
        return Card(
            f"`{source.shown(at, 40)}` is a promise, which is always true: it is not awaited.",
            _called(case, source, at),
        )
    if "function argument" in message:
        return _handed_on(source, at)
    if "provided to property" in message:
        pair = at if at.type == "pair" else parent(source, at, "pair")
        key, value = field(pair, "key"), field(pair, "value")
        if key is None or value is None:
            return None
        name, given = source.shown(key, 40), _function(source, value)
        said = f"Whoever calls `{name}` does not wait for the promise of `{given}`"
        return Card(f"{said}: nobody hears of an error in it.", _declaration(case, source, value))
    return None


def _handed_on(source: Source, function: Node) -> Card | None:
    call = parent(source, function, "call_expression", "new_expression")
    taker = field(call, "function") or field(call, "constructor")
    if call is None or taker is None:
        return None
    name = ("new " if call.type == "new_expression" else "") + source.shown(taker, 40)
    in_turn = ("`for … of` with `await` waits for one after the other.",)
    said = f"`{name}` does not wait for the promise of `{_function(source, function)}`"
    notes = in_turn if name.endswith(".forEach") else ()
    return Card(f"{said}: nobody hears of an error in it.", notes=notes)


def _function(source: Source, node: Node) -> str:
    """Its name, or how it begins."""
    is_written_here = node.child_by_field_name("body") is not None
    if node.type == "arrow_function" and is_written_here:
        return f"{source.first_line(node)} => …"
    return source.shown(node, 40)


def _called(case: Case, source: Source, node: Node) -> tuple[Place, ...]:
    found = callee(case, source, node) if node.type == "call_expression" else None
    return (
        (place(case, found[0], found[1], f"`{found[0].first_line(found[1])}`"),) if found is not None else ()
    )


def _declaration(case: Case, source: Source, node: Node) -> tuple[Place, ...]:
    thing = declared(source, source.text(node), node) if node.type == "identifier" else None
    if thing is None or source.line(thing.node) == case.line:
        return ()
    return (place(case, source, thing.whole, f"`{source.first_line(thing.whole)}`"),)


def nothing_to_await(case: Case) -> Card | None:
    source = source_of(case)
    found = around(case, "await_expression")
    if source is None or found is None or not found[1].named_children or "await" not in case.code:
        return None
    return Card(
        f"`{source.shown(found[1].named_children[0], 50)}` is no promise: `await` has nothing to wait for."
    )


def never_waits(case: Case) -> Card | None:
    source = source_of(case)
    match = _NAMED.search(case.problem.message)
    if source is None:
        return None
    function = source.nodes.around(
        case.span, "arrow_function", "function_declaration", "function_expression", "method_definition"
    )
    name = (
        match["name"]
        if match is not None
        else (name_of_function(source, function) if function is not None else "")
    )
    if not name:
        return None
    return Card(f"`{name}` is `async` and never waits for anything; its callers get a promise all the same.")


def unsafe_member(case: Case) -> Card | None:
    source = source_of(case)
    access = (
        source.nodes.around(case.span, "member_expression", "subscript_expression")
        if source is not None
        else None
    )
    owner = field(access, "object")
    if source is None or owner is None:
        return None
    code, name = source.shown(owner, 40), source.shown(expression_at(case, source), 30)
    return Card(f"`{code}` is `any`: nothing checks that it has `{name}`.", _origin(case, source, owner))


def unsafe_call(case: Case) -> Card | None:
    source = source_of(case)
    if source is None:
        return None
    at = expression_at(case, source)
    return Card(
        f"`{source.shown(at, 40)}` is `any`: nothing checks that it can be called, or with what.",
        _origin(case, source, at),
    )


def unsafe_assignment(case: Case) -> Card | None:
    source = source_of(case)
    if source is None:
        return None
    at = source.nodes.around(
        case.span, "variable_declarator", "assignment_expression", "pair", "public_field_definition"
    )
    left = field(at, "name") or field(at, "left") or field(at, "key")
    value = field(at, "value") or field(at, "right")
    if left is None or value is None:
        return None
    name, given = source.shown(left, 40), source.shown(value, 40)
    said = f"`{name}` gets `{given}`, which is `any`: nothing checks what it is."
    return Card(said, _origin(case, source, value))


def unsafe_return(case: Case) -> Card | None:
    source = source_of(case)
    if source is None:
        return None
    statement = source.nodes.around(case.span, "return_statement")
    value = statement.named_children[0] if statement is not None and statement.named_children else None
    function = function_around(source, statement) if statement is not None else None
    name = name_of_function(source, function) if function is not None else ""
    if value is None or not name:
        return None
    said = (
        f"`{name}` returns `{source.shown(value, 40)}`, which is `any`: nothing checks what its callers get."
    )
    return Card(said, _origin(case, source, value))


def unsafe_argument(case: Case) -> Card | None:
    source = source_of(case)
    match = _ARGUMENT.search(case.problem.message)
    if source is None or match is None:
        return None
    at = expression_at(case, source)
    name, wanted = source.shown(at, 40), match["wanted"][:60]
    said = f"`{name}` is `any`, and goes to a parameter of type `{wanted}` unchecked."
    return Card(said, _origin(case, source, at)) if "any" in match["given"] else None


def _origin(case: Case, source: Source, node: Node) -> tuple[Place, ...]:
    """Where the name that it starts with is declared."""
    while node.type in {"member_expression", "subscript_expression", "call_expression"}:
        inner = field(node, "object") or field(node, "function")
        if inner is None:
            return ()
        node = inner
    return _declaration(case, source, node)


def thrown(case: Case) -> Card | None:
    source = source_of(case)
    if source is None or not case.code or "\n" in case.code:
        return None
    found = source.nodes.around(case.span, "throw_statement")
    if found is None:
        return None
    return (
        Card(
            f"`{case.code[:50]}` is thrown and is no Error: it has no stack, and `.message` of it is "
            "undefined."
        )
        if _is_text(source, case)
        else None
    )


def _is_text(source: Source, case: Case) -> bool:
    node = source.nodes.exactly(case.span)
    return node is not None and node.type in {"string", "template_string", "number"}


def rejected(case: Case) -> Card | None:
    source = source_of(case)
    if source is None or "\n" in case.code:
        return None
    call = source.nodes.around(case.span, "call_expression")
    return (
        Card(f"`{source.shown(call, 50)}` rejects with something that is no Error, so it has no stack.")
        if call is not None
        else None
    )


def plus(case: Case) -> Card | None:
    match, source = _GOT.search(case.problem.message), source_of(case)
    if match is None or source is None:
        return None
    return Card(
        f"`+` joins `{source.shown(expression_at(case, source), 40)}` as a text, and it is "
        f"`{match['type'][:60]}`."
    )


def in_template(case: Case) -> Card | None:
    match, source = _TEMPLATE.search(case.problem.message), source_of(case)
    if match is None or source is None:
        return None
    return Card(
        f"The template joins `{source.shown(expression_at(case, source), 40)}` as a text, and it is "
        f"`{match['type'][:60]}`."
    )


def object_text(case: Case) -> Card | None:
    source = source_of(case)
    if source is None or "[object Object]" not in case.problem.message:
        return None
    surely = "will use" in case.problem.message
    verb = "becomes" if surely else "may become"
    return Card(f"As a text `{source.shown(expression_at(case, source), 40)}` {verb} `[object Object]`.")


def unbound(case: Case) -> Card | None:
    source = source_of(case)
    if source is None:
        return None
    at = expression_at(case, source)
    if at.type != "member_expression":
        return None
    member = member_at(case, source, at)
    places = (member.place(case),) if member is not None else ()
    code = source.shown(at, 40)
    return Card(f"`{code}` is taken off its object: called alone, its `this` is not that object.", places)
