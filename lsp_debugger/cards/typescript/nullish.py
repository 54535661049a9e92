"""What may be null or undefined, and where that comes from: 2531 to 2533, 18047 to 18049, 2721 to 2723."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.typescript.annotated import (
    Written,
    annotation,
    callee,
    destructured,
    element_of,
    member_at,
    union_parts,
    written_type,
)
from lsp_debugger.cards.typescript.modules import compiler_options
from lsp_debugger.cards.typescript.scopes import Declared, declared
from lsp_debugger.cards.typescript.source import (
    FUNCTIONS,
    Source,
    expression_at,
    field,
    inside,
    name_of_function,
    parent,
    place,
    source_of,
    unwrapped,
)
from lsp_debugger.cards.typescript.types import Member
from lsp_debugger.cards.typescript.wording import short
from lsp_debugger.core.ask import Card, Place

if TYPE_CHECKING:
    from tree_sitter import Node

_MAY = re.compile(r"possibly '(?P<first>null|undefined)'(?: or '(?P<second>undefined)')?")
_MAX_STEPS = 6
_MAPS = re.compile(r"(?:Readonly|Weak)?Map\b|URLSearchParams\b|FormData\b|Headers\b")
# Methods of the language and of browsers, by what they give when they have nothing.
_GIVING = {
    "find": ("undefined", "when no element fits"),
    "findLast": ("undefined", "when no element fits"),
    "pop": ("undefined", "when the array is empty"),
    "shift": ("undefined", "when the array is empty"),
    "at": ("undefined", "when there is no element at that place"),
    "match": ("null", "when nothing in the text fits"),
    "exec": ("null", "when nothing in the text fits"),
    "getElementById": ("null", "when the page has no such element"),
    "querySelector": ("null", "when no element fits the selector"),
    "closest": ("null", "when no element around it fits"),
    "getItem": ("null", "when nothing is stored under that key"),
    "getAttribute": ("null", "when the element has no such attribute"),
    "getContext": ("null", "when the context is not supported"),
}


@dataclass(frozen=True, slots=True)
class Origin:
    """reason: goes on after a colon."""

    reason: str
    places: tuple[Place, ...] = ()


def possibly(case: Case) -> Card | None:
    may = _MAY.search(case.problem.message)
    source = source_of(case)
    if may is None or source is None:
        return None
    what = " or ".join(each for each in (may["first"], may["second"]) if each)
    expression = expression_at(case, source)
    code = source.shown(expression, 50)
    used = _use(source, expression, is_call="invoke" in case.problem.message)
    origin = origin_of(case, source, expression, what)
    said = f"`{code}` may be {what}{used}"
    notes = _check(expression, code, what, is_call="invoke" in case.problem.message)
    if origin is None:
        return Card(f"{said}.", notes=notes)
    return Card(f"{said}: {origin.reason}.", origin.places, notes)


def _use(source: Source, expression: Node, *, is_call: bool) -> str:
    if is_call:
        return " where it is called"
    around = parent(source, expression)
    while around is not None and around.type in {"non_null_expression", "parenthesized_expression"}:
        expression, around = around, parent(source, around)
    if around is not None and around.type == "member_expression" and field(around, "object") == expression:
        named = field(around, "property")
        return f" where `.{source.text(named)}` is read from it" if named is not None else " here"
    if around is not None and around.type == "subscript_expression" and field(around, "object") == expression:
        return " where an index of it is read"
    return " here"


def _check(expression: Node, code: str, what: str, *, is_call: bool) -> tuple[str, ...]:
    """For what can be looked at twice without an effect."""
    expression = unwrapped(expression)
    if is_call:
        return (
            (f"`{code}?.(…)` calls it only where it is there.",)
            if "?" not in code and "…" not in code
            else ()
        )
    if expression.type == "identifier":
        test = f"!== {what}" if " " not in what else "!= null"
        return (f"`if ({code} {test})` around it rules that out.",)
    return ()


def origin_of(case: Case, source: Source, node: Node, what: str, steps: int = 0) -> Origin | None:  # noqa: PLR0911 - one for each kind
    """Where null or undefined flows from; None where that cannot be seen."""
    node = unwrapped(node)
    if steps > _MAX_STEPS:
        return None
    match node.type:
        case "identifier":
            thing = declared(source, source.text(node), node)
            return _of_name(case, source, thing, what, steps) if thing is not None else None
        case "member_expression":
            return _of_member(case, source, node, what, steps)
        case "call_expression":
            return _of_call(case, source, node, what)
        case "await_expression":
            return (
                origin_of(case, source, node.named_children[0], what, steps + 1)
                if node.named_children
                else None
            )
        case "subscript_expression":
            return _of_index(case, source, node, what)
        case _:
            return None


def _of_name(case: Case, source: Source, thing: Declared, what: str, steps: int) -> Origin | None:
    whole = thing.whole
    if thing.kind == "parameter" and whole.type == "optional_parameter":
        return Origin("the parameter is optional", (place(case, source, whole, f"`{source.shown(whole)}`"),))
    pattern = field(whole, "pattern") or field(whole, "name")
    if pattern is not None and pattern.type == "object_pattern":
        member = destructured(case, source, thing)
        return _by_member(case, member, what) if member is not None else None
    written = annotation(whole)
    if written is not None and pattern is not None and pattern.id == thing.node.id:
        if _includes(Written(source, written, whole), what):
            shown = place(case, source, whole, f"`{source.first_line(whole)}`")
            return Origin(f"it is declared as {short(source.text(written))}", (shown,))
        return None
    value = field(whole, "value")
    if value is None or whole.type != "variable_declarator" or thing.kind not in {"const", "let", "var"}:
        return None
    return origin_of(case, source, value, what, steps + 1)


def _of_member(case: Case, source: Source, node: Node, what: str, steps: int) -> Origin | None:
    owner = field(node, "object")
    link = _optional_link(node)
    if link is not None and "undefined" in what:
        cause = origin_of(case, source, link, what, steps + 1)
        reason = f"`?.` gives undefined where `{source.shown(link, 40)}` is missing"
        return Origin(reason, cause.places if cause is not None else ())
    if owner is not None and source.text(owner) == "process.env":
        return Origin("an environment variable need not be set")
    member = member_at(case, source, node)
    return _by_member(case, member, what) if member is not None else None


def _optional_link(node: Node) -> Node | None:
    """What stands before the `?.` that the value of a chain hangs on."""
    while node.type == "member_expression":
        owner = field(node, "object")
        if field(node, "optional_chain") is not None:
            return owner
        if owner is None:
            return None
        node = owner
    return None


def _by_member(case: Case, member: Member, what: str) -> Origin | None:
    shown = place(case, member.source, member.node, f"`{member.signature}`")
    of = f" in `{member.owner}`" if member.owner.isidentifier() else ""
    written = member.type
    includes = written is not None and _includes(Written(member.source, written, member.node), what)
    if member.is_optional and "undefined" in what:
        also = f" and may be {what.partition(' ')[0]}" if includes and what != "undefined" else ""
        return Origin(f"`{member.name}` is optional{of}{also}", (shown,))
    if includes and written is not None:
        return Origin(f"`{member.name}` is declared as {short(member.source.text(written))}{of}", (shown,))
    return None


def _includes(written: Written, what: str) -> bool:
    """A part of the type as it is written is null or undefined."""
    parts = {written.source.text(part) for part in union_parts(written.type)}
    return bool(parts & set(what.split(" or ")))


def _of_call(case: Case, source: Source, node: Node, what: str) -> Origin | None:  # noqa: PLR0911 - one for each reason
    called = callee(case, source, node)
    if called is not None:
        return _of_function(case, called[0], called[1], what)
    function = field(node, "function")
    if function is None or function.type != "member_expression":
        return None
    owner, method = field(function, "object"), field(function, "property")
    if owner is None or method is None:
        return None
    if _optional_link(function) is not None:
        return None
    name = source.text(method)
    if name == "get" and _is_map(case, source, owner):
        return (
            Origin("`get` gives undefined when the key is not in it")
            if "null" not in what
            else Origin("`get` gives null when there is no such entry")
        )
    gives, when = _GIVING.get(name, ("", ""))
    if gives == "" or gives not in what.split(" or ") or not _is_built_in(case, source, owner, name):
        return None
    return Origin(f"`{name}` gives {gives} {when}")


def _is_map(case: Case, source: Source, owner: Node) -> bool:
    written = written_type(case, source, owner)
    if written is not None:
        return _MAPS.match(written.text) is not None
    thing = declared(source, source.text(owner), owner) if owner.type == "identifier" else None
    made = field(thing.whole, "value") if thing is not None else None
    name = field(made, "constructor") if made is not None and made.type == "new_expression" else None
    return name is not None and _MAPS.match(source.text(name)) is not None


def _is_built_in(case: Case, source: Source, owner: Node, name: str) -> bool:
    """The method is the language's own: what it is called on is no class of somebody's with the same name."""
    written = written_type(case, source, owner)
    if written is None:
        return True
    if name in {"find", "findLast", "pop", "shift", "at"}:
        return element_of(written) is not None or written.text == "string"
    if name == "match":
        return written.text == "string"
    return written.type.type == "predefined_type" or written.text.startswith(
        ("HTML", "Element", "Document", "RegExp", "Storage")
    )


def _of_function(case: Case, source: Source, function: Node, what: str) -> Origin | None:
    name = name_of_function(source, function)
    returned = annotation(function, "return_type")
    shown = f"`{name}`" if name else "the function"
    gives = _nothing_returned(source, function, what)
    places = [place(case, source, function, f"`{source.first_line(function)}`")]
    if gives is not None:
        places.insert(0, place(case, source, gives, f"`{source.first_line(gives)}`"))
    if returned is not None:
        written = Written(source, returned, function)
        text = source.text(returned)
        is_promised = text.startswith("Promise<") and any(word in text for word in what.split(" or "))
        if _includes(written, what) or is_promised:
            return Origin(f"{shown} returns {short(text)}", tuple(places))
        return None
    return (
        Origin(f"{shown} may return {what} (line {source.line(gives)})", tuple(places))
        if gives is not None
        else None
    )


def _nothing_returned(source: Source, function: Node, what: str) -> Node | None:
    body = field(function, "body")
    if function.type not in FUNCTIONS or body is None or body.type != "statement_block":
        return None
    words = what.split(" or ")
    for each in inside(body):
        if each.type == "return_statement":
            value = each.named_children[0] if each.named_children else None
            if (value is None and "undefined" in words) or (
                value is not None and source.text(value) in words
            ):
                return each
    return None


def _of_index(case: Case, source: Source, node: Node, what: str) -> Origin | None:
    owner = field(node, "object")
    if what != "undefined" or owner is None:
        return None
    option = compiler_options(case, source.path).rest.get("noUncheckedIndexedAccess")
    if option is True:
        return Origin("with `noUncheckedIndexedAccess` every index may lead nowhere")
    written = written_type(case, source, owner)
    element = element_of(written) if written is not None else None
    if element is not None and _includes(element, what):
        return Origin(f"its elements are {short(element.text)}")
    if element is not None:
        return Origin("an index may lead past the end of the array")
    return None
