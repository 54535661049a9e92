"""Which type somebody wrote down for an expression, followed through declarations, calls and members."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.typescript.modules import declaration_of, imports
from lsp_debugger.cards.typescript.scopes import Declared, declared
from lsp_debugger.cards.typescript.source import FUNCTIONS, Source, field, parent, unwrapped
from lsp_debugger.cards.typescript.types import Member, members_in, members_named

if TYPE_CHECKING:
    from tree_sitter import Node

_MAX_STEPS = 8
_ARRAYS = frozenset({"Array", "ReadonlyArray", "Set", "Iterable"})


@dataclass(frozen=True, eq=False, slots=True)
class Written:
    """A type as it stands in a file; owner: the declaration that it is written at."""

    source: Source
    type: Node
    owner: Node

    @property
    def text(self) -> str:
        return self.source.text(self.type)


def annotation(node: Node | None, name: str = "type") -> Node | None:
    """The type behind the colon of a declaration, or of a function with `return_type`."""
    written = field(node, name)
    return written.named_children[0] if written is not None and written.named_children else None


def written_type(  # noqa: PLR0911 - one case for each kind of expression
    case: Case, source: Source, node: Node, steps: int = 0
) -> Written | None:
    """None where nothing is written, or where following it would be guessing."""
    node = unwrapped(node)
    if steps > _MAX_STEPS:
        return None
    match node.type:
        case "identifier":
            thing = declared(source, source.text(node), node)
            return of_declaration(case, source, thing, steps + 1) if thing is not None else None
        case "member_expression":
            member = member_at(case, source, node, steps + 1)
            return (
                Written(member.source, member.type, member.node)
                if member is not None and member.type
                else None
            )
        case "call_expression":
            called = callee(case, source, node, steps + 1)
            returned = annotation(called[1], "return_type") if called is not None else None
            return (
                Written(called[0], returned, called[1])
                if called is not None and returned is not None
                else None
            )
        case "await_expression":
            inner = (
                written_type(case, source, node.named_children[0], steps + 1) if node.named_children else None
            )
            return argument_of(inner, "Promise") if inner is not None else None
        case "new_expression":
            made = field(node, "constructor")
            return Written(source, made, node) if made is not None and made.type == "identifier" else None
        case "subscript_expression":
            owner = field(node, "object")
            inner = written_type(case, source, owner, steps + 1) if owner is not None else None
            return element_of(inner) if inner is not None else None
        case _:
            return None


def of_declaration(  # noqa: PLR0911 - one for each way to declare something
    case: Case, source: Source, thing: Declared, steps: int = 0
) -> Written | None:
    if steps > _MAX_STEPS:
        return None
    whole = thing.whole
    if thing.kind == "import":
        there = declaration_of(case, source, thing.name)
        written = annotation(there.node) if there is not None else None
        return (
            Written(there.source, written, there.node) if there is not None and written is not None else None
        )
    pattern = field(whole, "pattern") or field(whole, "name") or field(whole, "left")
    is_plain = pattern is not None and pattern.id == thing.node.id
    if is_plain and (written := annotation(whole)) is not None:
        return Written(source, written, whole)
    if not is_plain:
        member = destructured(case, source, thing, steps)
        return (
            Written(member.source, member.type, member.node) if member is not None and member.type else None
        )
    value = field(whole, "value")
    if whole.type == "variable_declarator" and value is not None:
        return written_type(case, source, value, steps + 1)
    if whole.type == "for_in_statement" and any(child.type == "of" for child in whole.children):
        gone_through = field(whole, "right")
        inner = written_type(case, source, gone_through, steps + 1) if gone_through is not None else None
        return element_of(inner) if inner is not None else None
    return None


def destructured(case: Case, source: Source, thing: Declared, steps: int = 0) -> Member | None:
    """The member that `{ name }` or `{ key: name }` takes, one level deep."""
    pattern = field(thing.whole, "pattern") or field(thing.whole, "name")
    if pattern is None or pattern.type != "object_pattern":
        return None
    for each in pattern.named_children:
        key, bound = each, each
        if each.type == "pair_pattern":
            key, bound = field(each, "key") or each, field(each, "value") or each
        if bound.id != thing.node.id:
            continue
        written = annotation(thing.whole)
        value = field(thing.whole, "value")
        if written is not None:
            owner = Written(source, written, thing.whole)
        else:
            owner = written_type(case, source, value, steps + 1) if value is not None else None
        return members_written(case, owner).get(source.text(key)) if owner is not None else None
    return None


def members_written(case: Case, written: Written) -> dict[str, Member]:
    """Of a written type without null and undefined; nothing where several types are left."""
    parts = [
        part for part in union_parts(written.type) if written.source.text(part) not in {"null", "undefined"}
    ]
    if len(parts) != 1:
        return {}
    shown = written.source.text(parts[0])
    return dict(members_in(case, written.source, parts[0], shown if len(shown) < 40 else "the type").found)


def member_at(case: Case, source: Source, access: Node, steps: int = 0) -> Member | None:
    """The declaration of `a.b`, if the type of `a` is written somewhere."""
    owner, name = field(access, "object"), field(access, "property")
    if owner is None or name is None:
        return None
    if owner.type == "this":
        around = parent(source, access, "class_declaration", "class", "abstract_class_declaration")
        named = field(around, "name")
        members = members_named(case, source, source.text(named)) if named is not None else None
        return members.found.get(source.text(name)) if members is not None else None
    written = written_type(case, source, owner, steps)
    return members_written(case, written).get(source.text(name)) if written is not None else None


def callee(case: Case, source: Source, call: Node, steps: int = 0) -> tuple[Source, Node] | None:
    """The function, method or signature that a call means, where there is only one."""
    function = field(call, "function") or field(call, "constructor")
    if function is None:
        return None
    function = unwrapped(function)
    if function.type == "identifier":
        return _function_named(case, source, function)
    if function.type == "member_expression":
        space = field(function, "object")
        name = field(function, "property")
        if space is not None and name is not None and space.type == "identifier":
            brought = imports(source).get(source.text(space))
            if brought is not None and brought.imported == "*":
                return None
        member = member_at(case, source, function, steps + 1)
        if member is None:
            return None
        node = member.node if field(member.node, "parameters") is not None else member.type
        value = field(member.node, "value")
        node = value if value is not None and value.type in FUNCTIONS else node
        return (member.source, node) if node is not None and field(node, "parameters") is not None else None
    return None


def _function_named(case: Case, source: Source, name: Node) -> tuple[Source, Node] | None:
    thing = declared(source, source.text(name), name)
    if thing is None:
        return None
    where, node = source, thing.whole
    if thing.kind == "import":
        there = declaration_of(case, source, thing.name)
        if there is None:
            return None
        where, node = there.source, there.node
    if node.type in {"class_declaration", "class", "abstract_class_declaration"}:
        return _constructor(where, node)
    value = field(node, "value")
    if node.type == "variable_declarator":
        node = value if value is not None else node
    is_function = node.type in FUNCTIONS or node.type == "function_signature"
    return (where, node) if is_function else None


def _constructor(source: Source, node: Node) -> tuple[Source, Node] | None:
    body = field(node, "body")
    found = [
        each
        for each in (body.named_children if body is not None else ())
        if each.type == "method_definition" and source.text(field(each, "name") or each) == "constructor"
    ]
    return (source, found[0]) if len(found) == 1 else None


def union_parts(node: Node) -> Iterator[Node]:
    """The parts of `A | B | C`; a type that is none is its own."""
    waiting = [node]
    while waiting:
        each = waiting.pop(0)
        if each.type in {"union_type", "parenthesized_type"}:
            waiting[:0] = each.named_children
        else:
            yield each


def argument_of(written: Written, *generics: str) -> Written | None:
    """`T` of `Promise<T>`."""
    name, arguments = field(written.type, "name"), field(written.type, "type_arguments")
    if (
        written.type.type != "generic_type"
        or name is None
        or arguments is None
        or not arguments.named_children
    ):
        return None
    is_asked = written.source.text(name) in generics
    return Written(written.source, arguments.named_children[0], written.owner) if is_asked else None


def element_of(written: Written) -> Written | None:
    """`T` of `T[]`, `Array<T>` and their like."""
    node = written.type
    if node.type == "readonly_type" and node.named_children:
        node = node.named_children[0]
    if node.type == "array_type" and node.named_children:
        return Written(written.source, node.named_children[0], written.owner)
    return argument_of(Written(written.source, node, written.owner), *_ARRAYS)
