"""Borrows that get into each other's way, and references to what is gone."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.rustc import told
from lsp_debugger.cards.rustc.items import function_around, parameters, returned, self_parameter
from lsp_debugger.core.ask import Card, Place

_TWICE = re.compile(r"^cannot borrow `(?P<name>[^`]{1,120})` as mutable more than once at a time")
_ALSO = re.compile(
    r"^cannot borrow `(?P<name>[^`]{1,120})` as (?P<how>mutable|immutable) "
    r"because it is also borrowed as (?P<other>mutable|immutable)"
)
_MOVE = re.compile(r"^cannot move out of `(?P<name>[^`]{1,120})` because it is borrowed")
_ASSIGN = re.compile(r"^cannot assign to `(?P<name>[^`]{1,120})` because it is borrowed")
_SHORT = re.compile(r"^`(?P<name>[^`]{1,120})` does not live long enough")
_RETURN = re.compile(
    r"^cannot return (?:reference to|value referencing) (?P<what>local variable|function parameter|"
    r"temporary value|local data)(?: `(?P<name>[^`]{1,120})`)?"
)
_CLOSURE = re.compile(
    r"^(?P<what>closure|async block) may outlive the current function, but it borrows `(?P<name>[^`]{1,120})`"
)
_ESCAPES = re.compile(
    r"^`(?P<name>[^`]{1,120})` escapes the (?P<what>function|method|associated function|closure)"
)
_EITHER = re.compile(r"borrowed from (?P<names>(?:one of )?`[^`]{1,60}`(?:.{1,30}`[^`]{1,60}`){0,6})")
_EXPLICIT = re.compile(r"^explicit lifetime required in the type of `(?P<name>[^`]{1,60})`")
_LIFETIME = re.compile(r"lifetime `(?P<name>'\w{1,40})` required")
_OWNED = {"&str": "String", "&[u8]": "Vec<u8>", "&Path": "PathBuf", "&OsStr": "OsString"}
_FIRST = (
    "mutable borrow occurs",
    "immutable borrow occurs",
    "borrow of `",
    "is borrowed here",
    "first borrow",
)
_LATER = ("later used", "used later", "later captured", "used in later iteration", "might be used here")


def twice(case: Case) -> Card | None:
    """E0499."""
    found = told.match(case, _TWICE)
    if found is None:
        return None
    name, before, later = (
        _name(found["name"]),
        told.beside(case, "first mutable borrow"),
        told.beside(case, *_LATER),
    )
    if before is None:
        return None
    return Card(
        f"`{name}` is already borrowed mutably {told.on_line(case, before)}{_still(case, before, later)}.",
        (),
        (*_order(case, before, later), *_halves(case)),
    )


def conflicting(case: Case) -> Card | None:
    """E0502."""
    found = told.match(case, _ALSO)
    before, later = _first_borrow(case), told.beside(case, *_LATER)
    if found is None or before is None or found["how"] == found["other"]:
        return None
    name, code = _name(found["name"]), told.code(case)
    needs = "may change it" if found["how"] == "mutable" else "reads it"
    how = "borrowed" if found["other"] == "immutable" else "borrowed mutably"
    by = f"`{code}` {needs}" if code and code not in (name, found["name"]) else f"this {needs}"
    return Card(
        f"`{name}` is {how} {told.on_line(case, before)}{_still(case, before, later)}; {by} meanwhile.",
        (),
        (*_order(case, before, later), *_loop(case, before, later)),
    )


def moved(case: Case) -> Card | None:
    """E0505."""
    return _taken(case, _MOVE, "moved away")


def assigned(case: Case) -> Card | None:
    """E0506."""
    return _taken(case, _ASSIGN, "assigned")


def _taken(case: Case, pattern: re.Pattern[str], how: str) -> Card | None:
    found = told.match(case, pattern)
    before, later = _first_borrow(case), told.beside(case, *_LATER)
    if found is None or before is None:
        return None
    name = _name(found["name"])
    return Card(
        f"`{name}` is {how} here while it is borrowed "
        f"{told.on_line(case, before)}{_still(case, before, later)}.",
        (),
        tuple(_order(case, before, later)),
    )


def _first_borrow(case: Case) -> Place | None:
    return next(
        (
            place
            for place in case.problem.related
            if any(words in place.note for words in _FIRST)
            and not any(words in place.note for words in _LATER)
        ),
        None,
    )


def _still(case: Case, before: Place, later: Place | None) -> str:
    if later is None or not told.is_here(case, later):
        return ""
    if (later.path, later.line) == (before.path, before.line):
        return ", and that borrow is still in use"
    return f", and that borrow is used again {told.on_line(case, later)}"


def _order(case: Case, before: Place, later: Place | None) -> list[str]:
    """Only where the last use stands below: in a loop an order of lines says nothing."""
    if later is None or not told.is_here(case, later) or not before.line <= case.line < later.line:
        return []
    return ["There is no conflict before that borrow begins, or after its last use."]


def _loop(case: Case, before: Place, later: Place | None) -> list[str]:
    if later is None or later.line != before.line or before.line >= case.line:
        return []
    return [
        f"The loop of line {before.line} holds the borrow until it ends: collect what is to change first."
    ]


def _halves(case: Case) -> list[str]:
    is_hinted = any("split_at_mut" in line for line in told.lines(case))
    return ["`split_at_mut` gives two parts that can be changed side by side."] if is_hinted else []


def _name(printed: str) -> str:
    """`*values` is what `values` refers to; the reader knows it by the name."""
    return printed.lstrip("*").strip("()") or printed


def too_short(case: Case) -> Card | None:
    """E0597."""
    found = told.match(case, _SHORT)
    end, later = told.beside(case, "dropped here"), told.beside(case, *_LATER)
    if found is None or end is None:
        return None
    used = (
        f", but the reference to it is used {told.on_line(case, later)}"
        if later
        else ", but a reference to it lives on"
    )
    return Card(
        f"`{_name(found['name'])}` is gone at the end of its block ({_line(case, end)}){used}.",
        (),
        (f"Declare `{found['name']}` outside of that block, or keep the value itself.",)
        if found["name"].isidentifier() and later is not None and later.line > end.line
        else (),
    )


def _line(case: Case, place: Place) -> str:
    return f"line {place.line}" if told.is_here(case, place) else f"{case.shown(place.path)}:{place.line}"


def temporary(case: Case) -> Card | None:
    """E0716."""
    code, later = told.code(case), told.beside(case, *_LATER)
    if not code or "temporary value dropped while borrowed" not in told.first(case):
        return None
    used = f", but a reference into it is used {told.on_line(case, later)}" if later is not None else ""
    return Card(
        f"`{code}` makes a value that is gone at the end of this statement{used}.",
        (),
        (f"A name keeps it: `let value = {code};` before this statement.",),
    )


def returned_reference(case: Case) -> Card | None:
    """E0515."""
    found, function, code = told.match(case, _RETURN), function_around(case), told.code(case)
    if found is None or function is None or case.nodes is None:
        return None
    # A closure's result is not its function's.
    inner = case.nodes.around(case.span, "closure_expression", "async_block", "function_item")
    if inner is None or inner.type != "function_item":
        return None
    kind = returned(function)
    owned = _OWNED.get(re.sub(r"^&'\w+ (?:mut )?", "&", kind))
    notes = [f"Return the value itself: `-> {owned}` instead of `-> {kind}`."] if owned else []
    if found["name"]:
        what = "parameter" if found["what"] == "function parameter" else "variable"
        said = f"`{found['name']}` is a {what} of `{function.name}` and is gone when it returns"
    elif code:
        said = f"`{code}` refers to a value that is made here and is gone when `{function.name}` returns"
    else:
        return None
    return Card(f"{said}: a reference to it cannot be returned.", (), tuple(notes))


def closure(case: Case) -> Card | None:
    """E0373."""
    found, function = told.match(case, _CLOSURE), function_around(case)
    if found is None or function is None:
        return None
    return Card(
        f"This {found['what']} borrows `{found['name']}`, but it may run after `{function.name}` has "
        f"returned.",
        (),
        (f"With `move` it takes `{found['name']}` along instead.",),
    )


def escapes(case: Case) -> Card | None:
    """E0521."""
    found, function = told.below(case, _ESCAPES), function_around(case)
    if found is None or function is None or found["what"] == "closure":
        return None
    static = told.below(case, re.compile(r"must outlive `'static`"))
    where = "by something that may live for ever (`'static`)" if static else "for longer than that"
    kind = parameters(function).get(found["name"], "")
    notes = (
        [f"An owned copy can be kept: `{found['name']}.to_owned()` before this."] if kind == "&str" else []
    )
    return Card(
        f"`{found['name']}` is borrowed for one call of `{function.name}`, but it is kept here {where}.",
        (),
        tuple(notes),
    )


def lifetime(case: Case) -> Card | None:
    """E0106."""
    nodes, function = case.nodes, function_around(case)
    if nodes is None or told.first(case) not in ("missing lifetime specifier", "missing lifetime specifiers"):
        return None
    either = told.below(case, _EITHER)
    if function is not None and either is not None:
        return Card(
            f"`{function.name}` returns a reference and has to say what it is borrowed from: "
            f"{either['names']}.",
            (),
            ("The same lifetime says it: `fn f<'a>(x: &'a str, y: &str) -> &'a str` borrows from `x`.",),
        )
    if function is not None and told.below(case, re.compile("no value for it to be borrowed from")):
        kind = returned(function)
        owned = _OWNED.get(kind)
        notes = [f"`-> {owned}` returns the value itself."] if owned else []
        if self_parameter(function) == "self":
            notes = ["`&self` instead of `self` lends the object that it is borrowed from."]
        return Card(
            f"`{function.name}` takes nothing that the reference it returns could be borrowed from.",
            (),
            tuple(notes),
        )
    field = nodes.around(case.span, "field_declaration")
    owner = nodes.around(case.span, "struct_item", "enum_item")
    name = owner.child_by_field_name("name") if owner is not None else None
    label = field.child_by_field_name("name") if field is not None else None
    if name is None or label is None or function is not None:
        return None
    return Card(
        f"`{nodes.text(label)}` holds a reference, so `{nodes.text(name)}` has to name a lifetime for it.",
        (),
        (f"`{nodes.text(name)}<'a>` with `&'a …` here, or an owned type instead of the reference.",),
    )


def explicit(case: Case) -> Card | None:
    """E0621."""
    found, needed, function = told.match(case, _EXPLICIT), told.below(case, _LIFETIME), function_around(case)
    if found is None or needed is None or function is None:
        return None
    return Card(
        f"This needs a reference that lives for `{needed['name']}`, and the type of `{found['name']}` "
        f"in `{function.name}` does not promise that.",
        (case.here(function.line, f"`{function.header[:120]}`"),),
    )
