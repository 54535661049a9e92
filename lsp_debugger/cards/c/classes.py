"""Classes: what is private, abstract, overridden, constant or deprecated, and how they are built."""

from __future__ import annotations

import re

from lsp_debugger.cards.c.lookup import (
    call_around,
    declaration_of,
    function_around,
    function_name,
    members,
    type_named,
)
from lsp_debugger.cards.c.wording import Rule, bare_type, code, kind, listed, related, rule
from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.syntax.likeness import likeliest, sketches

_METHOD = re.compile(r"(?P<name>~?\w+)\s*\(")


def private(case: Case, match: re.Match[str]) -> Card | None:
    """`what` is a name, or as gcc prints a member: `long int Account::balance_`."""
    printed, access = match["what"], match["access"]
    method = _METHOD.search(printed)
    whole = printed[: method.start("name")] + method["name"] if method is not None else printed
    name = whole.rpartition("::")[2].rpartition(" ")[2]
    owner = match.groupdict().get("owner") or whole.rpartition("::")[0].rpartition(" ")[2]
    place = related(
        case, "declared private here", "declared protected here", "declared here", "constrained by"
    )
    getter = related(case, "can be accessed via")
    via = (
        re.search(r"can be accessed via .([^\u2019'\n]{1,200})", getter.note) if getter is not None else None
    )
    called = _METHOD.search(via[1]) if via is not None else None
    who = "only its own functions may" if access == "private" else "only it and classes derived from it may"
    return Card(
        f"`{name}` is {access} in `{owner}`: {who} use it.",
        (Place(case.shown(place.path), place.line, code(_line(case, place))),) if place is not None else (),
        (f"`{called['name']}()` gives it to others.",) if called is not None else (),
    )


def _line(case: Case, place: Place) -> str:
    snapshot = case.snapshot if place.path == case.path else case.around.read(place.path)
    return snapshot.line_text(place.line - 1).strip() if snapshot is not None else "declared here"


def abstract(case: Case, match: re.Match[str]) -> Card | None:
    name = match["type"].rpartition("::")[2]
    pure = [
        place
        for place in case.problem.related
        if re.search(r"virtual .*\(|pure virtual (?:method|function) ", place.note.partition("because")[0])
    ]
    names = list(dict.fromkeys(filter(None, (_pure_name(place.note) for place in pure))))
    if not names:
        return None
    return Card(
        f"`{name}` cannot be made into an object: nothing implements {listed(names[:3])}.",
        tuple(
            Place(case.shown(place.path), place.line, f"declares {code(_line(case, place))}")
            for place in pure[:3]
        ),
    )


def _pure_name(note: str) -> str:
    clang = re.search(r"pure virtual (?:method|function) '(\w+)'", note)
    gcc = _METHOD.search(note)
    return clang[1] if clang is not None else gcc["name"] if gcc is not None else ""


def overrides_nothing(case: Case, match: re.Match[str]) -> Card | None:
    nodes = case.nodes
    node = nodes.around(case.span, "class_specifier", "struct_specifier") if nodes is not None else None
    method = _METHOD.search(match.groupdict().get("what") or "") or re.search(r"(?P<name>\w+)", case.code)
    if nodes is None or node is None or method is None:
        return None
    name = method["name"]
    bases = next((child for child in node.named_children if child.type == "base_class_clause"), None)
    base_names = (
        [nodes.text(child) for child in bases.named_children if child.type == "type_identifier"]
        if bases
        else []
    )
    own = nodes.around(case.span, "field_declaration", "function_definition", "declaration")
    for base in base_names:
        found = type_named(case, base)
        if found is None:
            continue
        virtuals = {
            each: decl for each, decl in members(found).items() if "virtual" in found.text(decl).split()
        }
        same = virtuals.get(name)
        if same is not None:
            place = Place(case.shown(found.path), found.nodes.line(same), code(found.text(same)))
            shown = code(nodes.text(own).strip().rstrip(";")) if own is not None else f"`{name}`"
            return Card(
                f"{shown} does not override `{base}::{name}`: its signature is another one.", (place,)
            )
        near = likeliest(name, [sketches(virtuals)], 1)
        if near:
            place = Place(
                case.shown(found.path),
                found.nodes.line(virtuals[near[0]]),
                code(found.text(virtuals[near[0]])),
            )
            return Card(f"`{base}` has no virtual `{name}`; the nearest is `{near[0]}`.", (place,))
    shown = f" of {listed(base_names)}" if base_names else ""
    return Card(f"`{name}` says `override`, and no virtual function{shown} fits it.") if base_names else None


def reordered(case: Case, match: re.Match[str]) -> Card | None:
    first = match["first"].rpartition("::")[2]
    second = match.groupdict().get("second") or ""
    if not second:
        other = next((place for place in case.problem.related if "::" in place.note), None)
        named = re.search(r"::(\w+)", other.note) if other is not None else None
        second = named[1] if named is not None else ""
    if not second:
        return None
    declared = [
        case.here(place.line, code(_line(case, place)))
        for place in case.problem.related
        if place.path == case.path and "initialized here" not in place.note
    ]
    where = related(case, "initialized here")
    places = (case.here(where.line, "the order that is written"),) if where is not None else ()
    return Card(
        f"`{second}` is initialised before `{first}` whatever the list says: members go in the order "
        "of the class.",
        (*declared[:1], *places),
        (f"What stands for `{first}` may use `{second}`; the other way round it has no value yet.",),
    )


def not_virtual(case: Case, match: re.Match[str]) -> Card | None:
    name = match["type"]
    found = type_named(case, bare_type(name))
    places = (
        (Place(case.shown(found.path), found.line, "its destructor is not virtual"),)
        if found is not None
        else ()
    )
    return Card(
        f"{code(case.code)} runs the destructor of {kind(name)} only, even where the object is of a "
        "derived class.",
        places,
        (f"`virtual ~{bare_type(name)}() = default;` lets the object's own destructor run.",)
        if found
        else (),
    )


def constant(case: Case, match: re.Match[str]) -> Card | None:
    what = (match.groupdict().get("what") or case.code).strip()
    name = what.rpartition("::")[2]
    nodes = case.nodes
    node = (
        nodes.around(case.span, "assignment_expression", "update_expression") if nodes is not None else None
    )
    function = function_around(case)
    in_const = function is not None and re.search(
        r"\)\s*const\b", function.text()[: function.text().find("{")] if "{" in function.text() else ""
    )
    shown = code(nodes.text(node)) if nodes is not None and node is not None else code(case.code)
    if in_const and function is not None and "member" in case.problem.message[:200]:
        called = function_name(function)
        return Card(
            f"{shown} changes the object, and `{called}` promises with its `const` not to.",
            (case.here(function.line, "is declared `const`"),),
        )
    found = declaration_of(case, name.lstrip("*"))
    places = (case.here(found.line, code(found.text())),) if found is not None else ()
    changed = f"what `{name[1:]}` points to" if name.startswith("*") else code(name)
    return Card(f"{shown} changes {changed}, which is `const`.", places)


def deprecated(case: Case, match: re.Match[str]) -> Card | None:
    printed = match["what"]
    method = _METHOD.search(printed)
    name = method["name"] if method is not None else printed.rpartition("::")[2]
    advice = match.groupdict().get("advice") or ""
    place = related(case, "declared here", "marked deprecated here")
    return Card(
        f"`{name}` is deprecated{f': {advice.strip()}' if advice.strip() else ''}.",
        (Place(case.shown(place.path), place.line, code(_line(case, place))),) if place is not None else (),
    )


def static_use(case: Case, match: re.Match[str]) -> Card | None:
    name = match["what"].rpartition("::")[2]
    function = function_around(case)
    place = related(case, "declared here")
    if function is None:
        return None
    return Card(
        f"`{function_name(function)}` is `static`, so there is no object whose `{name}` it could use.",
        (Place(case.shown(place.path), place.line, code(_line(case, place))),) if place is not None else (),
    )


def without_object(case: Case, match: re.Match[str]) -> Card | None:
    method = _METHOD.search(match["what"])
    name = method["name"] if method is not None else match["what"].rpartition("::")[2]
    call = call_around(case)
    shown = code(call.text()) if call is not None else f"`{name}`"
    return Card(f"{shown} names no object, and `{name}` is not `static`: it needs one.")


def not_declared(case: Case, match: re.Match[str]) -> Card | None:
    printed = match["what"]
    place = related(case, "candidate", "member declaration")
    method = _METHOD.search(printed)
    if method is None:
        return None
    owner = printed[: method.start("name")].removesuffix("::").rpartition(" ")[2]
    if place is None:
        return Card(f"`{owner}` declares no `{method['name']}` that this definition could be.")
    return Card(
        f"No `{method['name']}` of `{owner}` is declared as {code(printed)}.",
        (Place(case.shown(place.path), place.line, code(_line(case, place))),),
        ("Declaration and definition have to have the same parameters.",),
    )


def needs_value(case: Case, match: re.Match[str]) -> Card | None:
    name = match["what"].removeprefix("const ").strip()
    if "reference" in case.problem.message[:200]:
        return Card(f"The reference `{name}` has to be bound where it is declared: it cannot be set later.")
    return Card(f"`{name}` is `const` and gets no value where it is declared: it cannot get one later.")


RULES: tuple[Rule, ...] = (
    rule(r"'(?P<what>{q})' is (?P<access>private|protected) within this context", private),
    rule(r"'(?P<what>{q})' is a (?P<access>private|protected) member of '(?P<owner>{q})'", private),
    rule(r"cannot declare .{1,200} to be of abstract type '(?P<type>{q})'", abstract),
    rule(
        r"(?:invalid new-expression of|cannot allocate an object of|invalid cast to) abstract "
        r"(?:class )?type "
        r"'(?P<type>{q})'",
        abstract,
    ),
    rule(r"variable type '(?P<type>{q})' is an abstract class", abstract),
    rule(r"allocating an object of abstract class type '(?P<type>{q})'", abstract),
    rule(r"'(?P<what>{q})' marked 'override', but does not override", overrides_nothing),
    rule(r"'(?P<what>{q})' marked 'override' but does not override", overrides_nothing),
    rule(
        r"(?:non-virtual member function marked 'override'|only virtual member functions can be "
        r"marked 'override')",
        overrides_nothing,
    ),
    rule(r"'(?P<first>{q})' will be initialized after$", reordered),
    rule(r"field '(?P<first>{q})' will be initialized after (?:field|base) '(?P<second>{q})'", reordered),
    rule(
        r"(?:deleting object of (?:polymorphic|abstract) class type|delete called on (?:non-final )?)"
        r" ?'(?P<type>{q})' (?:which|that) has",
        not_virtual,
    ),
    rule(
        r"assignment of (?:read-only )?(?:member|variable|location|parameter|reference|data-member) "
        r"'(?P<what>{q})'",
        constant,
    ),
    rule(
        r"(?:increment|decrement) of (?:read-only )?(?:member|variable|location|parameter|reference) "
        r"'(?P<what>{q})'",
        constant,
    ),
    rule(
        r"cannot assign to (?:variable|non-static data member|return value)[^'\n]{0,40}'(?P<what>{q})'",
        constant,
    ),
    rule(r"'(?P<what>{q})' is deprecated(?:: (?P<advice>[^\n]{1,300}))?", deprecated),
    rule(
        r"invalid use of (?:non-static )?(?:data )?member '(?P<what>{q})' in static member function",
        static_use,
    ),
    rule(r"cannot call member function '(?P<what>{q})' without object", without_object),
    rule(r"no declaration matches '(?P<what>{q})'", not_declared),
    rule(r"uninitialized '(?P<what>const {q})'", needs_value),
    rule(r"'(?P<what>{q})' declared as reference but not initialized", needs_value),
    rule(r"declaration of reference variable '(?P<what>{q})' requires an initializer", needs_value),
)
