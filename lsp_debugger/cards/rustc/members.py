"""Methods that a type does not have, or does not show."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.rustc import derive, told
from lsp_debugger.cards.rustc.items import Item, item_named
from lsp_debugger.core.ask import Card, Place

_METHOD = re.compile(
    r"^no (?P<what>method|function or associated item|variant or associated item|variant, associated "
    r"function, or constant|"
    r"associated function or constant|associated item|variant) named `(?P<name>[^`]{1,120})` found for "
    r"(?P<kind>[a-z ]{1,40}) `(?P<type>[^`]{1,300})`"
)
_BOUNDS = re.compile(
    r"^the (?P<what>method|function or associated item|associated function or constant|associated item) "
    r"`(?P<name>[^`]{1,120})` exists for (?P<kind>[a-z ]{1,40}) `(?P<type>[^`]{1,300})`, but its trait "
    r"bounds were not satisfied"
)
_NOT_ITERATOR = re.compile(r"^`(?P<type>[^`]{1,300})` is not an iterator")
_UNMET = re.compile(r"^`(?P<type>[^`:]{1,120}): (?P<trait>[^`]{1,120})`")
_LIKE = re.compile(
    r"^there is (?:a|an) (?P<kind>[a-z ]{1,40}) `?(?P<first>\w{1,80})?`? ?with a similar name:? "
    r"?`?(?P<name>\w{1,80})?`?"
)
_TRAIT = re.compile(
    r"trait `(?P<trait>[\w:]{1,120})` which provides `\w{1,80}` is implemented but not (?:in scope|reachable)"
)
_TAKE = re.compile(
    r"^attempted to take value of method `(?P<name>[^`]{1,120})` on type `(?P<type>[^`]{1,300})`"
)
_PRIVATE = re.compile(
    r"^(?P<kind>[a-z ]{1,40}) `(?P<name>[^`]{1,120})`(?: of (?:struct|union|enum) "
    r"`(?P<type>[^`]{1,300})`)? is private"
)
_FROM_DERIVE = {
    "clone": "Clone",
    "cmp": "Ord",
    "partial_cmp": "PartialOrd",
    "hash": "Hash",
    "eq": "PartialEq",
    "default": "Default",
}


def missing_method(case: Case) -> Card | None:
    """E0599."""
    unmet = told.match(case, _BOUNDS)
    if unmet is not None:
        return _unmet(case, unmet["name"], told.plain(unmet["type"]))
    found = told.match(case, _METHOD)
    if found is None:
        not_iterator = told.match(case, _NOT_ITERATOR)
        return (
            _field_called(case, told.plain(not_iterator["type"]), told.code(case))
            if not_iterator is not None
            else None
        )
    name, kind = found["name"], told.plain(found["type"])
    return (
        _field_called(case, kind, name)
        or _associated(case, kind, name)
        or _wrapped(case, kind, name)
        or _from_trait(case, name)
        or _derivable(case, kind, name)
        or _near(case, found["what"], kind, name)
    )


def _unmet(case: Case, name: str, kind: str) -> Card | None:
    said = [found for line in told.lines(case) if (found := _UNMET.match(line))]
    said += [
        found
        for place in case.problem.related
        for found in [
            re.search(
                r"doesn't satisfy (?:one or more of these bounds: )?`(?P<type>[^`:]{1,120}): "
                r"(?P<trait>[^`]{1,120})`",
                place.note,
            )
        ]
        if found
    ]
    pairs = dict.fromkeys((told.plain(each["type"]), told.plain(each["trait"])) for each in said)
    by_type: dict[str, list[str]] = {}
    for owner, trait in pairs:
        by_type.setdefault(owner, []).append(trait)
    if not by_type:
        return None
    owner, traits = next(iter(by_type.items()))
    named = " and ".join(f"`{trait}`" for trait in traits[:3])
    item = item_named(case, owner)
    can = item is not None and all(trait in derive.DERIVABLE for trait in traits)
    edit = derive.edit(case, item, traits) if item is not None and can else None
    notes = (derive.note(case, item, traits),) if item is not None and can else ()
    places = (item.place(case),) if item is not None else ()
    return Card(
        f"`{name}` of `{kind}` needs {named} of `{owner}`, which does not implement it.", places, notes, edit
    )


def _field_called(case: Case, kind: str, name: str) -> Card | None:
    if not told.beside(case, "field, not a method") and not any(
        "field, not a method" in line for line in told.lines(case)
    ):
        return None
    item = item_named(case, kind)
    of = item.fields.get(name, "") if item is not None else ""
    is_call = of.startswith(("fn(", "Box<dyn Fn", "impl Fn")) or (item is not None and of in _generics(item))
    if not name or is_call:
        note = (f"`(object.{name})(…)` calls what the field holds.",) if is_call else ()
        return Card(f"`{name}` is a field of `{told.owner(kind)}`, not a method.", (), note) if name else None
    shown = f" (`{of}`)" if of else ""
    return Card(f"`{name}` is a field of `{told.owner(kind)}`{shown}, not a method: it is read without `()`.")


def _generics(item: Item) -> list[str]:
    node = item.node.child_by_field_name("type_parameters")
    return re.findall(r"\w+", item.nodes.text(node)) if node is not None else []


def _associated(case: Case, kind: str, name: str) -> Card | None:
    if not any("this is an associated function, not a method" in line for line in told.lines(case)):
        return None
    owner = told.owner(kind).partition("<")[0]
    return Card(f"`{name}` takes no `self`, so it belongs to the type: `{owner}::{name}(…)`.")


def _wrapped(case: Case, kind: str, name: str) -> Card | None:
    """A method of what an Option or Result holds."""
    outer, _, inner = kind.partition("<")
    if outer not in ("Option", "Result") or not told.below(
        case, re.compile(r"to unwrap the|which has the method|method `\w{1,80}` exists on the type")
    ):
        return None
    held = inner[:-1] if outer == "Option" else inner.partition(",")[0]
    return Card(
        f"`{name}` is a method of the `{held}` inside; this is {told.a(kind)}, which may not hold one.",
        (),
        ("`match`, `?`, `.map(…)` or `.unwrap_or(…)` gets at it and says what else is to happen.",),
    )


def _from_trait(case: Case, name: str) -> Card | None:
    found = told.below(case, _TRAIT)
    use = told.below(case, re.compile(r"`?use (?P<path>[\w:]{1,200});`?"))
    if found is None or use is None:
        return None
    return Card(
        f"`{name}` comes from the trait `{found['trait'].rpartition('::')[2]}`, which is not imported here.",
        (),
        (f"`use {use['path']};`",),
    )


def _derivable(case: Case, kind: str, name: str) -> Card | None:
    item, trait = item_named(case, told.owner(kind)), _FROM_DERIVE.get(name)
    if item is None or trait is None or trait in item.derives:
        return None
    return Card(
        f"`{item.name}` has no `{name}`: it does not implement `{trait}`.",
        (item.place(case),),
        (derive.note(case, item, [trait]),),
        derive.edit(case, item, [trait]),
    )


def _near(case: Case, what: str, kind: str, name: str) -> Card | None:
    found = told.below(case, _LIKE)
    near = (found["name"] or found["first"]) if found is not None else None
    owner = told.owner(kind)
    item = item_named(case, owner)
    places = _member_place(case, item, near) if item is not None and near else ()
    word = (
        "variant"
        if item is not None and item.node.type == "enum_item" and name[:1].isupper()
        else "method"
        if what == "method"
        else "associated function"
    )
    if near:
        return Card(f"`{owner}` has no {word} `{name}`; the nearest name is `{near}`.", places)
    if item is not None and item.node.type == "enum_item" and word == "variant":
        shown = ", ".join(f"`{each}`" for each in item.variants[:8])
        return Card(
            f"`{owner}` has no variant `{name}`.",
            (item.place(case),),
            (f"It has {shown}.",) if shown and len(item.variants) <= 8 else (),
        )
    builders = told.beside(case, "if you're trying to build a new")
    notes = ()
    if builders is not None:
        ways = re.findall(r"`([\w:]+::\w+)`", builders.note)
        notes = (f"{', '.join(f'`{each}`' for each in ways[:3])} makes one.",) if ways else ()
    return Card(f"`{owner}` has no {word} `{name}`.", (item.place(case),) if item is not None else (), notes)


def _member_place(case: Case, item: Item, name: str) -> tuple[Place, ...]:
    known = case.around.symbols.definitions(f"{item.name}.{name}", case.path)
    found = [each for each in known if each.path == item.path]
    return (case.place(found[0]),) if len(found) == 1 else ()


def method_as_field(case: Case) -> Card | None:
    """E0615."""
    found = told.match(case, _TAKE)
    return (
        Card(f"`{found['name']}` is a method of `{told.owner(found['type'])}`: it is called with `()`.")
        if found is not None
        else None
    )


def private(case: Case) -> Card | None:
    """E0603, E0616 and E0624."""
    found = told.match(case, _PRIVATE)
    if found is None:
        return None
    name, kind = found["name"], found["kind"].strip()
    of = f" of `{told.plain(found['type'])}`" if found["type"] else ""
    where = told.beside(case, "is defined here", "defined here")
    wrapped = told.below(case, re.compile(r"unwrap the `(?P<held>[^`]{1,120})` value"))
    if kind == "method" and wrapped is not None:
        return Card(
            f"`{name}` is a method of the `{told.plain(wrapped['held'])}` inside; this is an `Option` "
            f"or `Result`, which may hold none.",
            (),
            ("`match`, `?`, `.map(…)` or `.unwrap_or(…)` gets at it and says what else is to happen.",),
        )
    getter = told.below(case, re.compile(r"a method `(?P<name>\w{1,80})` also exists"))
    notes = [f"Its method `{getter['name']}()` may be used."] if getter is not None else []
    if (
        where is not None
        and where.path.endswith(".rs")
        and kind in ("function", "struct", "method", "module", "enum", "constant", "trait", "type alias")
    ):
        notes.append(f"`pub` or `pub(crate)` there would show `{name}`.")
    return Card(
        f"The {kind} `{name}`{of} is private to the module that defines it, and this is outside of that.",
        (),
        tuple(notes),
    )
