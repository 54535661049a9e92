"""Values whose type does not fit: in assignments, arguments, operators, and where an interface is wanted."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.go.interfaces import lacks
from lsp_debugger.cards.go.package import callee, parameters, type_definition
from lsp_debugger.cards.go.rule import rule
from lsp_debugger.cards.go.source import called, function_at, nodes_of, parents, short
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.syntax.nodes import Nodes

_TYPE = r"[^\n]{1,300}?"
_NUMBER = re.compile(r"u?int(?:8|16|32|64)?$|float(?:32|64)$|uintptr$|byte$|rune$")
_UNTYPED = re.compile(
    r"untyped (?P<kind>\w+) constant(?: [^\n]{1,200})?$|constant [^\n]{1,200}? of type (?P<type>.+)$"
)
_IS_CONSTANT = re.compile(r"untyped |constant ")


def cannot_use(case: Case, match: re.Match[str]) -> Card | None:
    code, kind, wanted, place = match["code"], match["kind"], match["wanted"], match["place"]
    given = described(kind or "")
    is_constant = _IS_CONSTANT.match(kind or "") is not None
    rest = match["rest"]
    if "implement" in rest:
        return lacks(case, rest, code=code)
    if code == "nil":
        return _nil(case, wanted, place)
    if "overflows" in rest or "truncated" in rest:
        what = "is too large or too small for" if "overflows" in rest else "has a fraction, which is lost in"
        return Card(f"`{short(code)}` {what} the type `{short(wanted)}`.")
    what = f"`{short(code)}` is {given}" if given else f"`{short(code)}` does not fit"
    where, places = _target(case, place, wanted)
    notes = () if is_constant else _conversion(code, type_in(kind or ""), wanted)
    return Card(f"{what}, {where}.", places, notes)


def described(described: str) -> str:
    """`variable of int type ID` → of type `ID`, an `int`; empty when it is put otherwise."""
    described = described.removeprefix("type ")
    if match := _UNTYPED.match(described):
        return (
            f"a constant of type `{short(match['type'])}`"
            if match["type"]
            else f"an untyped {match['kind']} constant"
        )
    match = re.search(r"of (?:(?P<under>\w+) type|type) (?P<type>.+)$", described)
    if match is None:
        return ""
    under = match["under"] or ""
    tail = f" (a kind of `{under}`)" if _NUMBER.match(under) or under in {"string", "bool"} else ""
    return f"of type `{short(match['type'])}`{tail}"


def type_in(described: str) -> str:
    """The type alone, or the kind of an untyped constant."""
    if match := re.match(r"untyped (\w+) constant", described):
        return {"string": "string", "float": "float64", "rune": "rune", "int": "int"}.get(match[1], "")
    match = re.search(r"of (?:\w+ type|type) (?P<type>.+)$", described)
    return match["type"] if match is not None else ""


def _nil(case: Case, wanted: str, place: str) -> Card | None:
    where, places = _target(case, place, wanted)
    return Card(
        f"`nil` is no value of `{short(wanted)}`, {where}.",
        places,
        ("Only pointers, slices, maps, channels, functions and interfaces can be nil.",),
    )


def _target(case: Case, place: str, wanted: str) -> tuple[str, tuple[Place, ...]]:
    """What waits for the value, in a clause, and where that is said."""
    said = f"and `{short(wanted)}` is needed"
    nodes = nodes_of(case)
    if place.startswith("argument") and nodes is not None:
        return _parameter(case, nodes, wanted) or (said, ())
    if place.startswith("return"):
        function = function_at(case)
        if nodes is not None and function is not None:
            line = nodes.line(function)
            header = short(case.snapshot.line_text(line - 1).rstrip("{ "), 100)
            return f"and {called(nodes, function)} returns `{short(wanted)}` here", (
                case.here(line, f"`{header}`"),
            )
    if place.startswith("assignment"):
        target = _assigned(case)
        if target:
            return f"and `{short(target)}` takes `{short(wanted)}`", ()
    if place.startswith("map index"):
        return f"and the keys of this map are `{short(wanted)}`", ()
    return said, ()


def _parameter(case: Case, nodes: Nodes, wanted: str) -> tuple[str, tuple[Place, ...]] | None:
    path = nodes.path_to(case.span)
    listed = next((each for each in reversed(path) if each.type == "argument_list"), None)
    call = listed.parent if listed is not None else None
    function = call.child_by_field_name("function") if call is not None else None
    if listed is None or function is None:
        return None
    at = next((i for i, each in enumerate(listed.named_children) if nodes.span(each) == case.span), None)
    name = short(nodes.text(function))
    found = callee(case, nodes, function)
    named = parameters(case, found) if found is not None else None
    if found is not None and named and at is not None:
        own = named[min(at, len(named) - 1)]
        is_last = at < len(named) or named[-1].partition(" ")[2].startswith("...")
        if (
            is_last
            and " " in own
            and own.partition(" ")[2].removeprefix("...").rpartition(".")[2] == wanted.rpartition(".")[2]
        ):
            return f"and the parameter `{own.partition(' ')[0]}` of `{name}` is `{short(wanted)}`", (
                case.place(found),
            )
    number = f"argument {at + 1} of " if at is not None else ""
    return f"and {number}`{name}` has to be `{short(wanted)}`", (
        case.place(found),
    ) if found is not None else ()


def _assigned(case: Case) -> str:
    """The left side that the value belongs to."""
    nodes = nodes_of(case)
    value = nodes.exactly(case.span) if nodes is not None else None
    statement = (
        next((each for each in parents(value) if each.type == "assignment_statement"), None)
        if value
        else None
    )
    left = statement.child_by_field_name("left") if statement is not None else None
    right = statement.child_by_field_name("right") if statement is not None else None
    if (
        nodes is None
        or left is None
        or right is None
        or len(left.named_children) != len(right.named_children)
    ):
        return ""
    pairs = zip(left.named_children, right.named_children, strict=True)
    return next((nodes.text(one) for one, other in pairs if other == value), "")


def _conversion(code: str, given: str, wanted: str) -> tuple[str, ...]:
    """How one becomes the other, where there is one usual way."""
    shown = short(code)
    if given == "string" and wanted in {"int", "time.Duration"}:
        way = "strconv.Atoi" if wanted == "int" else "time.ParseDuration"
        return (f"`{way}({shown})` reads it out of the text, and returns an error with it.",)
    if wanted == "string" and _NUMBER.match(given) and given not in {"byte", "rune"}:
        way = "strconv.Itoa" if given == "int" else "fmt.Sprint"
        return (f"`{way}({shown})` writes it out; `string(…)` would make one character of the number.",)
    if _NUMBER.match(given) and _NUMBER.match(wanted):
        return (f"`{wanted}({shown})` converts it; what does not fit is cut off.",)
    pair = {given, wanted}
    if pair in ({"string", "[]byte"}, {"string", "[]rune"}):
        return (f"`{wanted}({shown})` converts it.",)
    if given.removeprefix("*") == wanted.removeprefix("*") and given != wanted:
        way = f"*{shown}" if given.startswith("*") else f"&{shown}"
        return (
            f"`{way}` is the {'value behind the pointer' if given.startswith('*') else 'pointer to it'}.",
        )
    return ()


def implements(case: Case, match: re.Match[str]) -> Card | None:
    """`impossible type assertion`, and what is not put into an interface but compared with one."""
    return lacks(case, match["rest"], code=match["code"])


def mismatched(case: Case, match: re.Match[str]) -> Card | None:
    code, left, right = match["code"], match["left"], match["right"]
    nodes = nodes_of(case)
    node = (
        next((each for each in reversed(nodes.path_to(case.span)) if each.type == "binary_expression"), None)
        if nodes
        else None
    )
    if nodes is None or node is None or nodes.text(node) != code:
        return Card(f"The two sides of `{short(code)}` have two types: `{short(left)}` and `{short(right)}`.")
    first, second = node.child_by_field_name("left"), node.child_by_field_name("right")
    if first is None or second is None:
        return None
    one, other = short(nodes.text(first)), short(nodes.text(second))
    if "untyped nil" in (left, right):
        kind, value = (left, one) if right == "untyped nil" else (right, other)
        return Card(
            f"`{value}` is of type `{short(kind)}`, which can never be `nil`.", _type_place(case, kind)
        )
    notes = ()
    if _NUMBER.match(left) and _NUMBER.match(right):
        notes = (_converted(one, left, other, right),)
    elif {left, right} == {"string", "int"}:
        number = other if right == "int" else one
        notes = (f"`strconv.Itoa({number})` writes the number out.",)
    return Card(
        f"`{one}` is `{short(left)}` and `{other}` is `{short(right)}`: both sides need one type.",
        notes=notes,
    )


def _converted(one: str, left: str, other: str, right: str) -> str:
    """How two numbers get one type, the way that loses nothing first."""
    ways = [(f"`{right}({one})`", right), (f"`{left}({other})`", left)]
    ways.sort(key=lambda way: not way[1].startswith("float"))
    cut = (
        " cuts its fraction off"
        if ways[0][1].startswith("float") != ways[1][1].startswith("float")
        else " the other"
    )
    return f"Go converts no numbers by itself: {ways[0][0]} converts one, {ways[1][0]}{cut}."


def _type_place(case: Case, kind: str) -> tuple[Place, ...]:
    found = type_definition(case, kind)
    return (case.place(found[0]),) if found is not None else ()


def not_bool(case: Case, match: re.Match[str]) -> Card | None:
    nodes = nodes_of(case)
    node = nodes.exactly(case.span) if nodes is not None else None
    if nodes is None or node is None:
        return None
    code = short(nodes.text(node))
    return Card(
        f"`{code}` is no bool, and the condition of `{match['what']}` has to be one.",
        notes=("Go takes no number, string or pointer for true: compare it with something.",),
    )


RULES = (
    rule(
        "ImpossibleAssert",
        r"impossible type (?:assertion|switch case): "
        r"(?P<code>[^\n]{1,300})\n\s*(?P<rest>[^\n]{1,500}(?:\n[^\n]{1,300}){0,3})",
        implements,
    ),
    rule(
        "IncompatibleAssign",
        rf"cannot use (?P<code>[^\n]{{1,400}}?)(?: "
        rf"\((?P<kind>(?:variable|value|constant|untyped|type)[^\n]{{0,300}}?)\))? as "
        rf"(?P<wanted>{_TYPE}) value in (?P<place>argument to|return statement|assignment|variable "
        rf"declaration|"
        r"struct literal|map index|array or slice literal|map literal|send|range "
        r"clause|range)(?P<rest>[\s\S]{0,1500})",
        cannot_use,
    ),
    rule(
        "MismatchedTypes",
        rf"invalid operation: (?P<code>[^\n]{{1,300}}) \(mismatched types (?P<left>{_TYPE}) and "
        rf"(?P<right>{_TYPE})\)$",
        mismatched,
    ),
    rule("InvalidCond", r"non-boolean condition in (?P<what>if|for) statement", not_bool),
)
