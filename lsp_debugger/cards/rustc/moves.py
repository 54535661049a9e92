"""Values that were moved: where they went, and what would leave them in place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.rustc import told
from lsp_debugger.cards.rustc.items import Item, item_at, item_named, parameters
from lsp_debugger.core.ask import Card, Place

if TYPE_CHECKING:
    from tree_sitter import Node

_MOVED = re.compile(
    r"^(?:borrow|use|assign(?:ment)?) (?:of|to part of) (?P<partly>partially )?moved value: "
    r"`(?P<name>[^`]{1,120})`"
)
_TYPE = re.compile(r"move occurs because (?P<what>`[^`]{1,120}`|value) has type `(?P<type>[^`]{1,300})`")
_BEHIND = re.compile(
    r"^cannot move out of `(?P<name>[^`]{1,120})`,? (?:which is behind|as enum variant|a captured)"
)
_INDEX = re.compile(r"^cannot move out of index of `(?P<type>[^`]{1,200})`")
_SHARED = ("Rc", "Arc")
_COLLECTIONS = ("Vec<", "VecDeque<", "HashMap<", "HashSet<", "BTreeMap<", "BTreeSet<")


def used(case: Case) -> Card | None:
    """E0382."""
    found = told.match(case, _MOVED)
    if found is None:
        return None
    name, kind = found["name"], told.below(case, _TYPE)
    if found["partly"]:
        return _partly(case, name, kind)
    where = told.beside(case, "value moved", "moved due to this", "value used here after move")
    if where is None or not where.note.startswith(("value moved", f"`{name}` moved due")):
        earlier = any("in previous iteration of loop" in line for line in told.lines(case))
        return _in_loop(case, name, kind) if earlier else None
    if "in previous iteration" in where.note:
        return _in_loop(case, name, kind)
    headline, notes = _way(case, name, where)
    return Card(headline, (), (*notes, *_why(name, kind)))


def _way(case: Case, name: str, where: Place) -> tuple[str, list[str]]:
    line = told.on_line(case, where)
    if "into closure" in where.note:
        return f"The closure {line} took `{name}` over, so it cannot be used here any more.", [
            f"The closure owns what it took: give it a clone of `{name}`, or use `{name}` before it."
        ]
    if "implicit call to `.into_iter()`" in where.note:
        return f"The `for` loop {line} consumed `{name}`, so it cannot be used here any more.", [
            *([f"`for … in &{name}` goes through it and leaves it in place."] if _is_collection(case) else [])
        ]
    call = _call(case, name, where)
    if "moved due to this method call" in where.note:
        method = _method(case, name, where)
        shown = f"`{name}.{method}()` {line}" if method else f"The method call {line}"
        lends = method == "into_iter" and _is_collection(case)
        notes = [f"`{name}.iter()` goes through it and leaves it in place."] if lends else []
        return f"{shown} consumed `{name}`, so it cannot be used here any more.", notes
    if call is not None:
        return f"`{name}` was given to `{call}` {line}, so it cannot be used here any more.", _lend(
            case, call
        )
    text = case.snapshot.line_text(where.line - 1).strip() if told.is_here(case, where) else ""
    shown = f" (`{text}`)" if text and len(text) <= 80 and "`" not in text else ""
    return f"`{name}` was moved {line}{shown}, so it cannot be used here any more.", []


def _in_loop(case: Case, name: str, kind: re.Match[str] | None) -> Card:
    call = _call(case, name, case.here(case.line))
    loop = told.beside(case, "inside of this loop")
    into = f" into `{call}`" if call is not None else ""
    of = f" of line {loop.line}" if loop is not None and told.is_here(case, loop) else ""
    return Card(
        f"The first turn of the loop{of} moves `{name}`{into}; the next one would find it gone.",
        (),
        (*(_lend(case, call) if call is not None else ()), *_why(name, kind)),
    )


def _partly(case: Case, name: str, kind: re.Match[str] | None) -> Card | None:
    where = told.beside(case, "value partially moved")
    if where is None or kind is None:
        return None
    part = kind["what"]
    shown = f"{part} was moved out of" if part != "value" else "A part was moved out of"
    return Card(
        f"{shown} `{name}` {told.on_line(case, where)}, so `{name}` as a whole cannot be used here.",
        (),
        (f"Borrowing the part (`&`) or cloning it leaves `{name}` whole.",),
    )


def _why(name: str, kind: re.Match[str] | None) -> list[str]:
    """What rustc does not say: that its type is not `Copy` stands beside the variable."""
    shown = told.plain(kind["type"]) if kind is not None else ""
    counted = shown.split("<")[0]
    return [f"Its clones share one value: `{counted}::clone(&{name})`."] if counted in _SHARED else []


def _is_collection(case: Case) -> bool:
    kind = told.below(case, _TYPE)
    return kind is not None and told.plain(kind["type"]).startswith(_COLLECTIONS)


def _call(case: Case, name: str, where: Place) -> str | None:
    """The function that is called with the plain name as an argument on that line."""
    for node in _names(case, name, where):
        parent = node.parent
        if parent is not None and parent.type == "arguments" and parent.parent is not None:
            function = parent.parent.child_by_field_name("function")
            text = case.nodes.text(function) if case.nodes is not None and function is not None else ""
            if text and len(text) <= 60 and "`" not in text and "\n" not in text:
                return text
    return None


def _method(case: Case, name: str, where: Place) -> str:
    for node in _names(case, name, where):
        parent = node.parent
        if parent is not None and parent.type == "field_expression" and case.nodes is not None:
            field = parent.child_by_field_name("field")
            called = parent.parent is not None and parent.parent.type == "call_expression"
            if field is not None and called:
                return case.nodes.text(field)
    return ""


def _names(case: Case, name: str, where: Place) -> list[Node]:
    if case.nodes is None or not told.is_here(case, where):
        return []
    line = case.snapshot.lines.span_of(where.line - 1)
    return [
        node
        for node in case.nodes.within(line, "identifier", "field_expression")
        if case.nodes.text(node) == name
    ]


def _lend(case: Case, call: str) -> list[str]:
    """Who owns the called function can let it borrow."""
    function = _callee(case, call)
    where = told.beside(case, "this parameter takes ownership")
    if function is None or where is None:
        return []
    owned = [kind for kind in parameters(function).values() if not kind.startswith("&")]
    notes = list[str]()
    if len(owned) == 1:
        lent = {"String": "&str"}.get(owned[0], f"&{owned[0]}")
        notes.append(f"If `{function.name}` only reads it, let it take `{lent}` and pass a reference.")
        item = item_named(case, owned[0])
        if (
            item is not None
            and "Clone" not in item.derives
            and told.beside(case, "consider implementing `Clone`")
        ):
            notes.append(f"`{item.name}` cannot be cloned as it is: it does not implement `Clone`.")
    return notes


def _callee(case: Case, call: str) -> Item | None:
    where = told.beside(case, "in this function", "in this method")
    found = item_at(case, where.path, where.line, "function_item") if where is not None else None
    return found if found is not None and found.name == call.rpartition("::")[2].rpartition(".")[2] else None


def out_of(case: Case) -> Card | None:
    """E0507: out of something that is only borrowed."""
    kind = told.below(case, _TYPE)
    code = told.code(case)
    if kind is None or not code:
        return None
    shown = told.plain(kind["type"])
    if (index := told.match(case, _INDEX)) is not None:
        return Card(
            f"`{code}` would be moved out of the `{told.plain(index['type'])}`, which would leave a "
            f"hole in it.",
            (),
            (f"Borrow it (`&{code}`), or clone it: {told.a(shown)} is not `Copy`.",),
        )
    found = told.match(case, _BEHIND)
    if found is None:
        return None
    return Card(
        f"`{found['name']}` is only borrowed here, so its {f'`{shown}`'} cannot be moved out.",
        (),
        (f"Borrow it (`&{found['name']}`), or clone it: {told.a(shown)} is not `Copy`.",),
    )
