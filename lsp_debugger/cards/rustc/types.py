"""Types that do not fit: what is given, what is wanted, and who wants it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.rustc import told
from lsp_debugger.cards.rustc.conversions import NUMBER, ways
from lsp_debugger.cards.rustc.items import Item, function_around, item_at, parameters, returned
from lsp_debugger.core.ask import Card, Place

if TYPE_CHECKING:
    from tree_sitter import Node

_PAIR = re.compile(
    r"^expected (?P<a>(?:[a-z ]{1,40})?`[^`]{1,300}`|integer|floating-point number)(?: because of "
    r"return type)?, "
    r"found (?P<b>(?:[a-z ]{1,40})?`[^`]{1,300}`|integer|floating-point number)"
)
_WANTED = re.compile(r"^expected mutable reference `(?P<type>&mut [^`]{1,200})`")
_FOUND = re.compile(r"^\s*found reference `(?P<type>&[^`]{1,200})`")
_TICKED = re.compile(r"`([^`]+)`")
_BRANCHES = re.compile(r"^`(?P<what>if` and `else|match)` (?:arms )?have incompatible types")
_NO_ELSE = "`if` may be missing an `else` clause"
_COPIED = re.compile(
    r"^`(?P<type>[^`]{1,200})` does not implement `Clone`, so `&[^`]{1,200}` was cloned instead"
)
_MAX_CODE = 60


def mismatch(case: Case) -> Card | None:
    """E0308."""
    pair = told.below(case, _PAIR)
    if pair is None:
        return _mutability(case)
    wanted, given = _kind(pair["a"]), _kind(pair["b"])
    if told.match(case, _BRANCHES):
        return _branches(case, wanted, given)
    if told.first(case) not in ("mismatched types", "arguments to this function are incorrect"):
        return None
    makers = (_unfinished, _without_else, _argument, _field, _returned, _pattern, _plain)
    return next((card for make in makers if (card := make(case, wanted, given)) is not None), None)


def _mutability(case: Case) -> Card | None:
    given, wanted, code = told.below(case, _FOUND), told.below(case, _WANTED), told.code(case, _MAX_CODE)
    if given is None or wanted is None or not code or "types differ in mutability" not in told.lines(case):
        return None
    return Card(
        f"`{code}` is a `{told.plain(given['type'])}`, which only reads, but a `&mut` is wanted here.",
        (),
        (f"`&mut {code[1:]}` lends it to be changed.",) if re.match(r"&\w", code) else (),
    )


def _kind(printed: str) -> str:
    """`integer` for literals that have no type yet."""
    ticked = _TICKED.search(printed)
    return told.plain(ticked[1]) if ticked is not None else printed


def _an(kind: str) -> str:
    return told.a(kind) if kind != "()" else "nothing (`()`)"


def _unfinished(case: Case, wanted: str, given: str) -> Card | None:
    """The body ends without a value."""
    if given != "()":
        return None
    function = _function(case)
    if function is None or not returned(function):
        return None
    body = function.node.child_by_field_name("body")
    last = _last(body)
    if body is None or last is None:
        return None
    text = function.nodes.text(last).strip()
    implicit = told.beside(case, "implicitly returns `()`") is not None
    line, shown = function.nodes.line(last), " ".join(text.split())
    if (
        implicit
        and text.endswith(";")
        and len(shown) <= _MAX_CODE
        and "`" not in shown
        and last.type == "expression_statement"
    ):
        return Card(
            f"`{function.name}` has to return {_an(wanted)}, but `{shown}` ends with `;`, so nothing is "
            f"returned.",
            (case.here(line, "without the `;` this is the result"),)
            if any("remove this semicolon" in each for each in told.lines(case))
            else (case.here(line, "the last line of the body"),),
        )
    loop = next((each for each in ("for", "while") if shown.startswith(f"{each} ")), "")
    if loop and case.span.start <= function.nodes.span(last).start:
        return Card(
            f"`{function.name}` has to return {_an(wanted)}, but after the `{loop}` loop of line {line} "
            f"it returns nothing.",
            (case.here(function.line, f"`{function.header[:120]}`"),),
            (f"The value for that case goes after the loop, as `{_empty(wanted)}`.",)
            if _empty(wanted)
            else (),
        )
    return (
        Card(f"`{function.name}` has to return {_an(wanted)}, but its body ends without a value.")
        if implicit
        else None
    )


def _empty(kind: str) -> str:
    return {"Option": "None", "Result": "Ok(…)", "Vec": "Vec::new()"}.get(kind.partition("<")[0], "")


def _function(case: Case) -> Item | None:
    """The function that has to return it; not where a closure stands between."""
    inner = (
        case.nodes.around(case.span, "closure_expression", "async_block", "function_item")
        if case.nodes
        else None
    )
    return function_around(case) if inner is not None and inner.type == "function_item" else None


def _last(body: Node | None) -> Node | None:
    named = (
        [each for each in body.named_children if not each.type.endswith("comment")]
        if body is not None
        else []
    )
    return named[-1] if named else None


def _without_else(case: Case, wanted: str, _given: str) -> Card | None:
    if wanted != "()" or case.nodes is None:
        return None
    branch = case.nodes.around(case.span, "if_expression")
    code = told.code(case, _MAX_CODE)
    if branch is None or branch.child_by_field_name("alternative") is not None or not code:
        return None
    if not told.beside(case, "without `else`") or case.span == case.nodes.span(branch):
        return None
    function = _function(case)
    notes = (
        (f"`return {code};` leaves `{function.name}` with it.",)
        if function is not None and returned(function)
        else ()
    )
    return Card(
        f"This `if` has no `else`, so it has no value, and `{code}` at its end has nowhere to go.", (), notes
    )


def no_else(case: Case) -> Card | None:
    """E0317."""
    pair, nodes = told.below(case, _PAIR), case.nodes
    branch = nodes.around(case.span, "if_expression") if nodes is not None else None
    condition = branch.child_by_field_name("condition") if branch is not None else None
    if pair is None or nodes is None or condition is None or told.first(case) != _NO_ELSE:
        return None
    text = " ".join(nodes.text(condition).split())
    shown = f"when `{text}` is false" if len(text) <= _MAX_CODE and "`" not in text else "otherwise"
    wanted = _kind(pair["a"])
    return Card(
        f"The value of this `if` is used, and {shown} it has none: an `else` with {_an(wanted)} is missing."
    )


def _branches(case: Case, wanted: str, given: str) -> Card | None:
    code = told.code(case, _MAX_CODE)
    before = told.beside(
        case, "expected because of this", "this is found to be of type", "these are all found to be of type"
    )
    if not code or before is None:
        return None
    what = "match` arm" if told.first(case).startswith("`match`") else "if` branch"
    seen = f" {told.on_line(case, before)}" if before.line != case.line else ""
    return Card(
        f"`{code}` is {_an(given)}, but the earlier `{what}{seen} gives {_an(wanted)}: all of them need "
        f"one type.",
        (),
        ("`.to_string()` on the other one makes both a `String`.",)
        if (wanted, given) == ("&str", "String")
        else (),
    )


def _argument(case: Case, wanted: str, given: str) -> Card | None:
    """Passed to a function whose definition is at hand."""
    code, nodes = told.code(case, _MAX_CODE), case.nodes
    if (
        not code
        or nodes is None
        or not told.beside(case, "to this function", "to this method", "to this enum", "to this struct")
    ):
        return None
    arguments = nodes.around(case.span, "arguments")
    call = arguments.parent if arguments is not None else None
    callee = call.child_by_field_name("function") if call is not None else None
    if arguments is None or callee is None:
        return None
    name = " ".join(nodes.text(callee).split())
    at = next((at for at, each in enumerate(arguments.named_children) if nodes.span(each) == case.span), None)
    if len(name) > _MAX_CODE or "`" in name:
        return None
    where = told.beside(
        case, "function defined here", "method defined here", "associated function defined here"
    )
    function = (
        item_at(case, where.path, where.line, "function_item", "function_signature_item") if where else None
    )
    names = list(parameters(function).items()) if function is not None else []
    places, what = list[Place](), f"`{name}` takes"
    if function is not None and at is not None and at < len(names):
        places.append(
            Place(
                case.shown(function.path),
                function.line,
                f"`{names[at][0]}: {names[at][1]}` of `{function.name}`",
            )
        )
        what = f"`{names[at][0]}` of `{function.name}` is"
    return Card(
        f"`{code}` is {_an(given)}, but {what} {_an(wanted)}.", tuple(places), ways(code, wanted, given)
    )


def _field(case: Case, wanted: str, given: str) -> Card | None:
    nodes, code = case.nodes, told.code(case, _MAX_CODE)
    inner = (
        nodes.around(case.span, "field_initializer", "shorthand_field_initializer")
        if nodes is not None
        else None
    )
    if nodes is None or inner is None or not code:
        return None
    value = inner.child_by_field_name("value")
    if value is not None and nodes.span(value) != case.span:
        return None
    literal = nodes.around(case.span, "struct_expression")
    owner = literal.child_by_field_name("name") if literal is not None else None
    label = inner.child_by_field_name("field") if value is not None else None
    name = nodes.text(label) if label is not None else code
    if owner is None:
        return None
    return Card(
        f"`{code}` is {_an(given)}, but the field `{name}` of `{nodes.text(owner)}` is {_an(wanted)}.",
        (),
        ways(code, wanted, given),
    )


def _returned(case: Case, wanted: str, given: str) -> Card | None:
    function, code = _function(case), told.code(case, _MAX_CODE)
    if function is None or not code or not told.beside(case, "because of return type"):
        return None
    place = case.here(function.line, f"`{function.header[:120]}`")
    copied = told.below(case, _COPIED)
    if copied is not None:
        return Card(
            f"`{code}` copies the reference alone, since `{told.plain(copied['type'])}` does not "
            f"implement `Clone`.",
            (place,),
        )
    return Card(
        f"`{function.name}` returns {_an(wanted)}, but `{code}` is {_an(given)}.",
        (place,),
        ways(code, wanted, given),
    )


def _pattern(case: Case, wanted: str, given: str) -> Card | None:
    code, where = told.code(case, _MAX_CODE), told.beside(case, "this expression has type")
    if not code or where is None:
        return None
    return Card(f"The pattern `{code}` is one for {_an(given)}, but what is matched is {_an(wanted)}.")


def _plain(case: Case, wanted: str, given: str) -> Card | None:
    code = told.code(case, _MAX_CODE)
    if not code:
        return None
    because = told.beside(case, "expected due to this")
    by = " by its declaration" if because is not None and because.line == case.line else ""
    if wanted == "bool" and _is_condition(case):
        return Card(
            f"`{code}` is {_an(given)}; a condition has to be a `bool`.",
            (),
            (f"`{code} != 0` asks whether it is not zero.",)
            if NUMBER.fullmatch(given) or given == "integer"
            else (),
        )
    return Card(
        f"`{code}` is {_an(given)}, but {_an(wanted)} is wanted here{by}.", (), ways(code, wanted, given)
    )


def _is_condition(case: Case) -> bool:
    around = (
        case.nodes.around(case.span, "if_expression", "while_expression") if case.nodes is not None else None
    )
    condition = around.child_by_field_name("condition") if around is not None else None
    return condition is not None and case.nodes is not None and case.nodes.span(condition) == case.span
