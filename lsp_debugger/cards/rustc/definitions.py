"""Definitions and calls that do not agree: arguments, traits and their impls, names given twice."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.rustc import derive, told
from lsp_debugger.cards.rustc.items import Item, item_at, item_named, parameters
from lsp_debugger.core.ask import Card, Place

_ARGUMENTS = re.compile(
    r"^(?P<what>this [a-z ]{1,40}) takes (?P<wanted>\d{1,3})(?: generic)? arguments? but "
    r"(?P<given>\d{1,3}) (?:generic )?arguments? (?:was|were) supplied"
)
_GENERIC = re.compile(
    r"^(?P<what>[a-z ]{1,40}) takes (?:at (?:least|most) )?(?P<wanted>\d{1,3}) (?P<kind>generic|"
    r"lifetime) arguments? but (?P<given>\d{1,3}) (?:generic|lifetime) arguments? (?:was|were) supplied"
)
_MISSING_ITEMS = re.compile(r"^not all trait items implemented, missing: (?P<names>`.{1,400}`)")
_NOT_MEMBER = re.compile(
    r"^(?P<kind>method|type|const) `(?P<name>[^`]{1,120})` is not a member of trait `(?P<trait>[^`]{1,120})`"
)
_UNLIKE = re.compile(r"^method `(?P<name>[^`]{1,120})` has an incompatible type for trait")
_COUNT = re.compile(
    r"^method `(?P<name>[^`]{1,120})` has (?P<own>\d{1,3}) parameters? but the declaration in trait "
    r"`(?P<trait>[^`]{1,160})` has (?P<its>\d{1,3})"
)
_PAIR = re.compile(r"^expected (?P<a>[^,]{0,40}`[^`]{1,200}`), found (?P<b>.{0,40}`[^`]{1,200}`)")
_TO_MATCH = re.compile(r"^change the .{1,40} to match the trait: `(?P<type>[^`]{1,120})`")
_TWICE = re.compile(
    r"^conflicting implementations of trait `(?P<trait>[^`]{1,160})` for type `(?P<type>[^`]{1,200})`"
)
_AGAIN = re.compile(r"^the name `(?P<name>[^`]{1,120})` is defined multiple times")


def arguments(case: Case) -> Card | None:
    """E0061."""
    found, nodes = told.match(case, _ARGUMENTS), case.nodes
    call = nodes.around(case.span, "call_expression") if nodes is not None else None
    callee = call.child_by_field_name("function") if call is not None else None
    if found is None or nodes is None or callee is None:
        return None
    name = " ".join(nodes.text(callee).split())
    if len(name) > 60 or "`" in name:
        return None
    function = _defined(case)
    names = list(parameters(function).items()) if function is not None else []
    wanted = int(found["wanted"])
    listed = ", ".join(f"{each}: {kind}" for each, kind in names)
    is_known = function is not None and len(names) == wanted
    shown = f" (`{listed}`)" if is_known and listed and len(listed) <= 100 else ""
    places = (function.place(case),) if function is not None else ()
    missing = told.below(
        case, re.compile(r"^argument #(?P<at>\d{1,2}) of type `(?P<type>[^`]{1,160})` is missing")
    )
    notes = list[str]()
    if missing is not None and is_known and int(missing["at"]) <= len(names):
        notes.append(f"`{names[int(missing['at']) - 1][0]}` is missing, {told.a(missing['type'])}.")
    return Card(
        f"`{name}` takes {_count(wanted, 'argument')}{shown}, but gets {found['given']} here.",
        places,
        tuple(notes),
    )


def _count(number: int, what: str) -> str:
    return f"no {what}s" if number == 0 else f"{number} {what}{'' if number == 1 else 's'}"


def _defined(case: Case) -> Item | None:
    where = told.beside(case, "function defined here", "method defined here")
    return (
        item_at(case, where.path, where.line, "function_item", "function_signature_item")
        if where is not None
        else None
    )


def generics(case: Case) -> Card | None:
    """E0107."""
    found, name = told.match(case, _GENERIC), told.code(case)
    if found is None or not name or not re.fullmatch(r"[\w:]+", name):
        return None
    where = told.beside(case, "defined here")
    named = re.findall(r"`(\w{1,40}|'\w{1,40})`", where.note) if where is not None else []
    shown = f" (`{', '.join(named)}`)" if len(named) == int(found["wanted"]) > 0 else ""
    what = "lifetime" if found["kind"] == "lifetime" else "type argument"
    return Card(
        f"`{name}` takes {_count(int(found['wanted']), what)}{shown}, but gets {found['given']} here."
    )


def missing_items(case: Case) -> Card | None:
    """E0046."""
    found, nodes = told.match(case, _MISSING_ITEMS), case.nodes
    block = nodes.around(case.span, "impl_item") if nodes is not None else None
    trait = block.child_by_field_name("trait") if block is not None else None
    kind = block.child_by_field_name("type") if block is not None else None
    if found is None or nodes is None or trait is None or kind is None:
        return None
    places = list[Place]()
    for name in re.findall(r"`(\w{1,80})`", found["names"])[:3]:
        place = next((each for each in case.problem.related if each.note == f"`{name}` from trait"), None)
        item = item_at(case, place.path, place.line, "function_signature_item") if place is not None else None
        if item is not None:
            places.append(item.place(case))
    return Card(
        f"`{nodes.text(kind)}` does not have all of `{nodes.text(trait)}`: {found['names']} is "
        f"missing.".replace(
            "` is missing", "` are missing" if found["names"].count("`") > 2 else "` is missing"
        ),
        tuple(places),
    )


def not_a_member(case: Case) -> Card | None:
    """E0407, E0437, E0438."""
    found = told.match(case, _NOT_MEMBER)
    if found is None:
        return None
    name, trait = found["name"], item_named(case, found["trait"], "trait_item")
    near = told.below(case, re.compile(r"similar name:? ?`?(?P<name>\w{1,80})?"))
    shown = f"; the nearest name is `{near['name']}`" if near is not None and near["name"] else ""
    notes = () if shown else ("What is not of the trait goes into an `impl` of the type alone.",)
    return Card(
        f"The trait `{found['trait']}` has no {found['kind']} `{name}`{shown}.",
        (trait.place(case),) if trait is not None else (),
        notes,
    )


def unlike_trait(case: Case) -> Card | None:
    """E0053 and E0050."""
    found, pair, count = told.match(case, _UNLIKE), told.below(case, _PAIR), told.match(case, _COUNT)
    place = told.beside(case, "type in trait", "trait requires")
    item = (
        item_at(case, place.path, place.line, "function_signature_item", "function_item")
        if place is not None
        else None
    )
    places = (item.place(case),) if item is not None else ()
    if count is not None:
        trait = count["trait"].rpartition("::")[0]
        return Card(
            f"`{count['name']}` has {_count(int(count['own']), 'parameter')} here, `self` included, but "
            f"{count['its']} in the trait `{trait}`.",
            places,
        )
    better = told.below(case, _TO_MATCH)
    if found is not None and pair is None and better is not None and told.code(case):
        return Card(
            f"The trait has `{better['type']}` where `{found['name']}` has `{told.code(case)}`.", places
        )
    if found is None or pair is None:
        return None
    wanted, given = (re.findall(r"`([^`]+)`", pair[side])[0] for side in ("a", "b"))
    return Card(
        f"The trait has `{told.plain(wanted)}` where `{found['name']}` has `{told.plain(given)}`.", places
    )


def foreign(case: Case) -> Card | None:
    """E0117."""
    nodes = case.nodes
    block = nodes.around(case.span, "impl_item") if nodes is not None else None
    trait = block.child_by_field_name("trait") if block is not None else None
    kind = block.child_by_field_name("type") if block is not None else None
    if nodes is None or trait is None or kind is None:
        return None
    name = nodes.text(kind)
    return Card(
        f"Neither the trait `{nodes.text(trait)}` nor the type `{name}` is of this crate, so this crate "
        f"may not join them.",
        (),
        (f"A type of your own around it may: `struct Name({name});`.",),
    )


def implemented_twice(case: Case) -> Card | None:
    """E0119."""
    found, before = told.match(case, _TWICE), told.beside(case, "first implementation here")
    if found is None or before is None:
        return None
    trait, kind = told.plain(found["trait"]), told.plain(found["type"])
    derived = (
        re.fullmatch(r"#?\[?derive.*|\w+", told.code(case)) is not None
        and trait in derive.DERIVABLE
        and "impl" not in case.line_text
    )
    by = f"Deriving `{trait}` for `{kind}`" if derived else f"This `{trait}` for `{kind}`"
    return Card(f"{by} is a second one: {told.on_line(case, before)} it is implemented already.")


def defined_twice(case: Case) -> Card | None:
    """E0252, E0255, E0428."""
    found, before = told.match(case, _AGAIN), told.beside(case, "previous definition", "previous import")
    if found is None or before is None:
        return None
    how = "imported" if "import" in before.note else "defined"
    is_import = case.problem.code in ("E0252", "E0254", "E0255", "E0260") or "import" in case.line_text
    notes = (
        ("`use … as …` gives an import another name.",)
        if is_import
        else ("Rust has no overloading: each needs a name of its own.",)
        if _is_function(case)
        else ()
    )
    return Card(f"`{found['name']}` is {how} {told.on_line(case, before)} already.", (), notes)


def _is_function(case: Case) -> bool:
    return (
        re.match(r"\s*(?:pub(?:\([^)]{0,40}\))? )?(?:async |const |unsafe )?fn ", case.line_text) is not None
    )
