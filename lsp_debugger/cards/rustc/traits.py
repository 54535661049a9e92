"""Traits that a type does not have, where they are wanted, and what would give them to it."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.rustc import derive, told
from lsp_debugger.cards.rustc.items import Item, function_around, item_named, returned
from lsp_debugger.cards.rustc.operators import left_of
from lsp_debugger.core.ask import Card, Place

_FORMAT = re.compile(r"^`(?P<type>[^`]{1,300})` doesn't implement `(?P<trait>[^`]{1,80})`")
_NOT_IN = re.compile(
    r"^the `\?` operator can only be used in (?P<what>.{1,40}?) that returns `Result` or `Option`"
)
_ONLY_ON = re.compile(
    r"^the `\?` operator can only be used on `(?P<wanted>Result|Option)`s, not `(?P<given>Result|Option)`s"
)
_CONVERT = re.compile(r"^`\?` couldn't convert the error to `(?P<type>[^`]{1,300})`")
_FROM = re.compile(r"the trait `From<(?P<given>[^`]{1,200})>` is not implemented for `(?P<type>[^`]{1,200})`")
_SIZE = re.compile(r"^the size for values of type `(?P<type>[^`]{1,200})` cannot be known")
_INDEX = re.compile(r"^the type `(?P<type>[^`]{1,200})` cannot be indexed by `(?P<index>[^`]{1,100})`")
_OPERATION = re.compile(
    r"^cannot (?P<verb>add|subtract|multiply|divide|calculate|add-assign|subtract-assign|"
    r"multiply-assign|divide-assign)[^`]{0,40}`(?P<a>[^`]{1,200})`"
    r"(?: (?:to|from|by|and|divided by))? `(?P<b>[^`]{1,200})`"
)
_COMPARE = re.compile(r"^can't compare `(?P<a>[^`]{1,200})` with `(?P<b>[^`]{1,200})`")
_ITERATOR = re.compile(r"^`(?P<type>[^`]{1,300})` is not an iterator")
_THREADS = re.compile(r"^`(?P<type>[^`]{1,300})` cannot be (?P<how>sent|shared) between threads safely")
_COLLECT = re.compile(
    r"^a value of type `(?P<type>[^`]{1,200})` cannot be built (?:from|since) .{0,40}?(?:elements of "
    r"type )?`(?P<item>[^`]{1,200})`"
)
_BOUND = re.compile(r"^the trait bound `(?P<type>[^`]{1,300}): (?P<trait>[^`]{1,200})` is not satisfied")
_REQUIRED = re.compile(r"required by (?:a|this) bound in `(?P<by>[^`]{1,120})`")
_SIDES = ("left", "right")


def bound(case: Case) -> Card | None:
    """E0277."""
    makers = (formatted, question, converted, sized, indexed, operation, iterated, threads, collected, unmet)
    return next((card for make in makers if (card := make(case)) is not None), None)


def formatted(case: Case) -> Card | None:
    found = told.match(case, _FORMAT)
    trait = found["trait"].rpartition("::")[2] if found is not None else ""
    if found is None or trait not in ("Debug", "Display"):
        return None
    kind, item = told.plain(found["type"]), item_named(case, found["type"])
    shown = "{:?}" if trait == "Debug" else "{}"
    headline = f"`{kind}` is printed with `{shown}`, but it does not implement `{trait}`."
    if not told.beside(case, "formatting parameter") and "cannot be formatted" not in case.problem.message:
        headline = f"`{kind}` does not implement `{trait}`, which is needed of it here."
    if item is None:
        vector = (
            ["`{:?}` prints it."]
            if trait == "Display" and kind.startswith(("Vec<", "Option<", "[", "()"))
            else []
        )
        return Card(headline, (), tuple(vector))
    if trait == "Debug":
        return Card(
            headline,
            (_derived(case, item),),
            (derive.note(case, item, ["Debug"]),),
            derive.edit(case, item, ["Debug"]),
        )
    notes = [f"`impl std::fmt::Display for {kind}` says how it is to look; it cannot be derived."]
    if "Debug" in item.derives:
        notes.insert(0, "It derives `Debug`, so `{:?}` prints it.")
    return Card(headline, (_derived(case, item),), tuple(notes))


def _derived(case: Case, item: Item) -> Place:
    derives = ", ".join(f"`{each}`" for each in item.derives[:8])
    what = f"derives {derives}" if derives else "derives nothing"
    return item.place(case, f"`{item.name}` {what}")


def question(case: Case) -> Card | None:
    function = function_around(case)
    only, outside = told.match(case, _ONLY_ON), told.match(case, _NOT_IN)
    if only is not None and function is not None:
        operand = _operand(case)
        what = f"`{operand}` is" if operand else "This is"
        way = (
            "`.ok_or(…)?` says which error a `None` is."
            if only["given"] == "Option"
            else "`.ok()?` drops the error."
        )
        return Card(
            f"{what} {told.a(only['given'])}, but `?` in `{function.name}` can only pass on "
            f"{told.a(only['wanted'])}.",
            (),
            (way,),
        )
    if outside is None:
        return None
    if "closure" in outside["what"] or "async" in outside["what"]:
        return Card(
            f"`?` returns from this {outside['what'].split(' ', 1)[-1]}, whose result is no `Result` or "
            f"`Option`."
        )
    if function is None:
        return None
    kind = returned(function)
    gives = f"returns `{kind}`" if kind else "returns nothing"
    notes = (
        ["`fn main() -> Result<(), Box<dyn std::error::Error>>` with `Ok(())` at its end can."]
        if function.name == "main"
        else []
    )
    return Card(
        f"`{function.name}` {gives}, so `?` has nowhere to pass an error on to.",
        (case.here(function.line, f"`{function.header[:120]}`"),),
        tuple(notes),
    )


def _operand(case: Case) -> str:
    """What the `?` stands behind."""
    node = case.nodes.around(case.span, "try_expression") if case.nodes is not None else None
    text = case.nodes.text(node).removesuffix("?") if case.nodes is not None and node is not None else ""
    return text if 0 < len(text) <= 60 and "\n" not in text and "`" not in text else ""


def converted(case: Case) -> Card | None:
    found, missing = told.match(case, _CONVERT), told.below(case, _FROM)
    if found is None or missing is None:
        return None
    wanted, given = told.plain(found["type"]), told.plain(missing["given"])
    item = item_named(case, wanted)
    places = (item.place(case),) if item is not None else ()
    return Card(
        f"`?` would have to turn {told.a(given)} into {told.a(wanted)}, and there is no `From` for that.",
        places,
        (f"`impl From<{given}> for {wanted}` teaches it, or `.map_err(…)` before this `?`.",),
    )


def sized(case: Case) -> Card | None:
    found = told.match(case, _SIZE)
    if found is None:
        return None
    kind = told.plain(found["type"])
    owned = {"str": "`&str` or `String`"}.get(kind) or (
        f"`&{kind}` or `Box<{kind}>`" if kind.startswith(("[", "dyn ")) else ""
    )
    notes = [f"{owned} can be."] if owned else []
    return Card(
        f"How large a `{kind}` is cannot be known beforehand, so it cannot be held or passed by itself.",
        (),
        tuple(notes),
    )


def indexed(case: Case) -> Card | None:
    found, code = told.match(case, _INDEX), told.code(case)
    if found is None or not code:
        return None
    kind, index = told.plain(found["type"]), found["index"]
    if kind in ("str", "String"):
        return Card(
            f"`{kind}` has no `[{code}]`: its characters take different numbers of bytes.",
            (),
            (f"`.chars().nth({code})` gets a character, `.as_bytes()[…]` a byte.",),
        )
    notes = (
        [f"`{code} as usize` where it is never negative, or `usize::try_from({code})`."]
        if re.fullmatch(r"[iu]\d{1,3}|isize", index) and code.isidentifier()
        else []
    )
    if not kind.startswith(("[", "Vec<")):
        return Card(f"`{kind}` cannot be indexed by {told.a(index)}.", (), tuple(notes))
    return Card(
        f"`{code}` is {told.a(index)}; {'an array, slice or' if kind.startswith('[') else 'a'} `Vec` is "
        f"indexed by `usize`.",
        (),
        tuple(notes),
    )


def operation(case: Case) -> Card | None:
    found = told.match(case, _OPERATION) or told.match(case, _COMPARE)
    node = (
        case.nodes.around(case.span, "binary_expression", "compound_assignment_expr")
        if case.nodes is not None
        else None
    )
    if found is None or node is None or case.nodes is None:
        return None
    left, right = (
        " ".join(case.nodes.text(side).split()) if (side := node.child_by_field_name(name)) else ""
        for name in _SIDES
    )
    sign = node.child_by_field_name("operator")
    if not left or not right or sign is None or max(len(left), len(right)) > 60 or "`" in left + right:
        return None
    first, second = found["a"], found["b"]
    if left_of(found, told.first(case)) != first:
        first, second = second, first
    kinds = (told.plain(first), told.plain(second))
    numbers = all(re.fullmatch(r"[iuf]\d{1,3}|[iu]size|\{(?:integer|float)\}", kind) for kind in kinds)
    notes = (
        ["Numbers are never converted by themselves: `T::from(…)`, `as`, or one type for both."]
        if numbers
        else []
    )
    return Card(
        f"`{left}` is {told.a(kinds[0])} and `{right}` {told.a(kinds[1])}: there is no "
        f"`{case.nodes.text(sign)}` between these.",
        (),
        tuple(notes),
    )


def iterated(case: Case) -> Card | None:
    found, code = told.match(case, _ITERATOR), told.code(case)
    if found is None or not code:
        return None
    kind, item = told.plain(found["type"]), item_named(case, found["type"])
    fields = item.fields if item is not None else {}
    inner = next(
        (
            (name, of)
            for name, of in fields.items()
            if of.startswith(("Vec<", "HashMap<", "[", "BTreeMap<", "HashSet<"))
        ),
        None,
    )
    notes = (
        [f"Its `{inner[0]}` is a `{inner[1]}`: `{code}.{inner[0]}` can be."]
        if inner is not None and code.isidentifier()
        else []
    )
    if kind in ("{integer}", "usize", "u32", "i32", "u64", "i64"):
        notes = [f"`0..{code}` counts up to it."]
    return Card(
        f"`{code}` is {told.a(kind)}, which is no iterator and cannot be gone through.",
        (item.place(case),) if item is not None else (),
        tuple(notes),
    )


def threads(case: Case) -> Card | None:
    found = told.match(case, _THREADS)
    if found is None:
        return None
    kind = told.plain(found["type"])
    notes = {
        "Rc": ("`Arc` is the `Rc` that may go to other threads.",),
        "RefCell": ("`Mutex` or `RwLock` is the `RefCell` that threads may share.",),
        "Cell": ("An atomic type or a `Mutex` can be shared.",),
    }.get(kind.split("<")[0], ())
    trait = "Send" if found["how"] == "sent" else "Sync"
    return Card(
        f"`{kind}` must not be {found['how']} between threads (it is not `{trait}`), and this would do so.",
        (),
        notes,
    )


def collected(case: Case) -> Card | None:
    found = told.match(case, _COLLECT)
    if found is None or "iterator" not in told.first(case):
        return None
    kind, item = told.plain(found["type"]), told.plain(found["item"])
    return Card(
        f"The iterator gives `{item}`, and of that no `{kind}` can be collected.",
        (),
        ("`.map(…)` before it can turn each into what is wanted.",),
    )


def unmet(case: Case) -> Card | None:
    found = told.match(case, _BOUND)
    if found is None:
        return None
    kind, trait = told.plain(found["type"]), told.plain(found["trait"])
    required = told.below(case, _REQUIRED)
    by = f", which `{required['by']}` requires" if required is not None else ""
    item = item_named(case, found["type"].lstrip("&"))
    edit, notes = None, list[str]()
    if item is not None and trait in derive.DERIVABLE:
        edit, notes = derive.edit(case, item, [trait]), [derive.note(case, item, [trait])]
        if item.node.type == "enum_item" and trait == "Default":
            notes = [f"`#[derive(Default)]` on `{item.name}` needs `#[default]` on one of its variants."]
    place = _derived(case, item) if item is not None and trait in derive.DERIVABLE else None
    places = (place,) if place is not None else ((item.place(case),) if item is not None else ())
    return Card(f"`{kind}` does not implement `{trait}`{by}.", places, tuple(notes), edit)
