"""Calls: too few or too many arguments, what cannot be called, what was not called or not awaited."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.typescript.annotated import callee, member_at, written_type
from lsp_debugger.cards.typescript.mismatch import parameters
from lsp_debugger.cards.typescript.scopes import declared
from lsp_debugger.cards.typescript.source import (
    CLASSES,
    Source,
    expression_at,
    field,
    function_around,
    name_of_function,
    node_at,
    parent,
    place,
    source_of,
)
from lsp_debugger.cards.typescript.wording import kind, listed, short
from lsp_debugger.core.ask import Card, Place

if TYPE_CHECKING:
    from tree_sitter import Node

_COUNT = re.compile(
    r"Expected (?:at least )?(?P<wanted>\d+(?:-\d+)?(?: or more)?) (?P<type>type )?arguments?, but got "
    r"(?P<given>\d+)"
)
_NOT_CALLABLE = re.compile(r"Type '(?P<type>.{1,1500}?)' has no call signatures")
_GENERIC = re.compile(
    r"Generic (?:type|class|interface) '(?P<type>[^']{1,300})' requires (?P<count>[\w ]{1,40}) type argument"
)
_PROMISE = re.compile(r"since this '(?P<type>.{1,500}?)' is always defined")
_ITERATOR = re.compile(
    r"Type '(?P<type>.{1,1500}?)' (?:must have a '\[Symbol\.iterator\]|is not an array type)"
)


def count(case: Case) -> Card | None:
    """2554 and 2555."""
    match = _COUNT.match(case.problem.message)
    source = source_of(case)
    call = _call_at(case, source) if source is not None else None
    if match is None or source is None or call is None or match["type"]:
        return None
    called = field(call, "function") or field(call, "constructor")
    arguments = field(call, "arguments")
    if called is None:
        return None
    name, given = source.shown(called, 40), int(match["given"])
    found = callee(case, source, call)
    wanted = parameters(found[0], found[1]) if found is not None else []
    takes = _takes(match["wanted"], at_least="at least" in case.problem.message)
    places = (
        (place(case, found[0], found[1], f"`{found[0].first_line(found[1])}`"),) if found is not None else ()
    )
    least = int(re.split(r"\D", match["wanted"])[0])
    if given < least:
        names = (
            [found[0].shown(field(each, "pattern") or each, 40) for each in wanted[given:least]]
            if found is not None
            else []
        )
        lacks = f": {listed(names)} {'is' if len(names) == 1 else 'are'} missing" if names else ""
        return Card(f"`{name}` takes {takes} and gets {given or 'none'}{lacks}.", places)
    extra = [
        each for each in (arguments.named_children if arguments is not None else ()) if each.type != "comment"
    ]
    most = int(re.split(r"\D", match["wanted"])[-1]) if "more" not in match["wanted"] else given
    shown = [source.shown(each, 40) for each in extra[most:]]
    tail = f": {listed(shown)} {'is' if len(shown) == 1 else 'are'} too many" if shown else ""
    return Card(f"`{name}` takes {takes} and gets {given}{tail}.", places)


def _takes(wanted: str, *, at_least: bool) -> str:
    shown = (
        wanted.replace("-", " to ").replace("0", "no", 1) if wanted == "0" else wanted.replace("-", " to ")
    )
    words = "argument" if wanted == "1" else "arguments"
    return f"{'at least ' if at_least else ''}{shown} {words}"


def _call_at(case: Case, source: Source) -> Node | None:
    """The call that the finding is about; it points at the callee, the whole, or an argument too many."""
    at = expression_at(case, source)
    return (
        at
        if at.type in {"call_expression", "new_expression"}
        else parent(source, at, "call_expression", "new_expression")
    )


def spread(case: Case) -> Card | None:
    """2556."""
    source = source_of(case)
    call = _call_at(case, source) if source is not None else None
    called = field(call, "function") or field(call, "constructor")
    if source is None or call is None or called is None:
        return None
    at = expression_at(case, source)
    value = at.named_children[0] if at.type == "spread_element" and at.named_children else None
    found = callee(case, source, call)
    places = (
        [place(case, found[0], found[1], f"`{found[0].first_line(found[1])}`")] if found is not None else []
    )
    thing = (
        declared(source, source.text(value), value)
        if value is not None and value.type == "identifier"
        else None
    )
    if thing is not None:
        places.append(place(case, source, thing.whole, f"`{source.first_line(thing.whole)}`"))
    return Card(
        f"`{source.shown(at, 40)}` may have any number of elements, and `{source.shown(called, 40)}` takes "
        "a fixed number of arguments.",
        tuple(places),
        ("A tuple type, or `as const` on the array, fixes how many there are.",),
    )


def not_callable(case: Case) -> Card | None:
    """2349 and 2348, 2351 and 7009."""
    source = source_of(case)
    if source is None:
        return None
    at = expression_at(case, source)
    if "semicolon" in " ".join(each.note for each in case.problem.related):
        call = parent(source, at, "call_expression")
        arguments = field(call, "arguments")
        if arguments is not None:
            line = source.line(arguments)
            return Card(
                f"`{source.shown(at, 40)}` is called with what line {line} begins with: "
                f"no semicolon ends the line before it.",
                (Place(case.shown(case.path), line, f"`{case.snapshot.line_text(line - 1).strip()[:60]}`"),),
            )
    match = _NOT_CALLABLE.search(case.problem.message)
    if match is None:
        return None
    access = parent(source, at, "member_expression") if at.type == "property_identifier" else at
    member = (
        member_at(case, source, access) if access is not None and access.type == "member_expression" else None
    )
    name = source.shown(access or at, 40)
    printed = match["type"]
    plain = {"String": "string", "Number": "number", "Boolean": "boolean"}.get(printed, printed)
    return Card(
        f"`{name}` is {kind(plain)}, which cannot be called.",
        (member.place(case),) if member is not None else (),
    )


def class_without_new(case: Case) -> Card | None:
    source = source_of(case)
    call = _call_at(case, source) if source is not None else None
    called = field(call, "function")
    if source is None or called is None:
        return None
    thing = declared(source, source.text(called), called) if called.type == "identifier" else None
    is_class = thing is not None and thing.whole.type in CLASSES
    places = (
        (place(case, source, thing.node, f"`{source.first_line(thing.whole)}`"),)
        if thing is not None and is_class
        else ()
    )
    name = source.shown(called, 40)
    return Card(f"`{name}` is a class: it is not called but made with `new {name}(…)`.", places)


def not_constructable(case: Case) -> Card | None:
    """2351 and 7009."""
    source = source_of(case)
    call = _call_at(case, source) if source is not None else None
    made = field(call, "constructor")
    if source is None or made is None:
        return None
    thing = declared(source, source.text(made), made) if made.type == "identifier" else None
    value = field(thing.whole, "value") if thing is not None else None
    name = source.shown(made, 40)
    places = (
        (place(case, source, thing.node, f"`{source.first_line(thing.whole)}`"),) if thing is not None else ()
    )
    if value is not None and value.type == "arrow_function":
        return Card(f"`{name}` is an arrow function, and `new` works on classes only.", places)
    return Card(f"`{name}` is nothing that `new` can make an object of.", places)


def always_true(case: Case) -> Card | None:
    """2774 and 2801: the condition looks at the function or the promise itself."""
    source = source_of(case)
    if source is None:
        return None
    at = expression_at(case, source)
    name = source.shown(at, 40)
    if (match := _PROMISE.search(case.problem.message)) is not None:
        called = callee(case, source, at) if at.type == "call_expression" else None
        places = (
            (place(case, called[0], called[1], f"`{called[0].first_line(called[1])}`"),)
            if called is not None
            else ()
        )
        return Card(
            f"`{name}` is {short(match['type'])} here, and a promise is always true: it is not awaited.",
            places,
        )
    member = member_at(case, source, at) if at.type == "member_expression" else None
    thing = declared(source, source.text(at), at) if at.type == "identifier" else None
    places = (member.place(case),) if member is not None else ()
    if thing is not None:
        places = (place(case, source, thing.node, f"`{source.first_line(thing.whole)}`"),)
    return Card(f"`{name}` is the function itself, which is always true; `{name}()` would call it.", places)


def await_outside(case: Case) -> Card | None:
    """1308 and 1103: which function is not async."""
    source = source_of(case)
    if source is None:
        return None
    at = node_at(source, case.span)
    function = function_around(source, at)
    if function is None:
        return None
    name = name_of_function(source, function)
    subject = f"`{name}`" if name else "the function around it"
    return Card(
        f"`{case.line_text.strip()[:50]}` waits, and {subject} is not `async`.",
        (place(case, source, function, f"`{source.first_line(function)}`"),),
        ("An `async` function returns a promise: its callers have to await it in turn.",),
    )


def type_arguments(case: Case) -> Card | None:
    """2314, 2315 and 2558."""
    match = _GENERIC.match(case.problem.message)
    source = source_of(case)
    if match is None or source is None:
        return None
    name = match["type"].partition("<")[0]
    parameters_ = match["type"].partition("<")[2].rstrip(">")
    at = expression_at(case, source)
    given = field(at, "type_arguments")
    number = len(given.named_children) if given is not None else 0
    thing = declared(source, name, at)
    places = (
        (place(case, source, thing.node, f"`{source.first_line(thing.whole)}`"),)
        if thing is not None and thing.kind != "import"
        else ()
    )
    return Card(
        f"`{name}` takes {match['count']} type argument{'' if match['count'] == '1' else 's'} "
        f"(`{parameters_}`) and gets {number or 'none'}.",
        places,
    )


def not_iterable(case: Case) -> Card | None:
    """2488, 2461, 2495, 2802: what `for … of`, `...` and patterns go through."""
    match = _ITERATOR.match(case.problem.message)
    source = source_of(case)
    if match is None or source is None:
        return None
    at = expression_at(case, source)
    name, printed = source.shown(at, 40), match["type"]
    written = written_type(case, source, at)
    places = ()
    if written is not None and at.type == "identifier":
        places = (
            place(case, written.source, written.owner, f"`{written.source.first_line(written.owner)}`"),
        )
    if printed.startswith("{"):
        return Card(
            f"`{name}` is an object, {short(printed)}, and nothing that can be gone through.",
            places,
            (
                f"`Object.keys({name})` or `Object.entries({name})` can."
                if len(name) < 40
                else "`Object.entries(…)` can.",
            ),
        )
    return Card(f"`{name}` is {kind(printed)}, which cannot be gone through.", places)
