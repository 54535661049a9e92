"""Names that are not found: misspelt, not imported, not declared, or of another kind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePath

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.rustc import told
from lsp_debugger.cards.rustc.items import binding_of, function_around, item_named, self_parameter
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.core.ports import Definition

_FIND = re.compile(
    r"^cannot find (?P<kind>value|function|type|trait|struct, variant or union type|tuple struct/variant|"
    r"unit struct, unit variant or constant|function, tuple struct or tuple variant|macro|derive macro|"
    r"attribute|associated type|module or crate|crate) `(?P<name>[^`]{1,120})` in (?P<where>.{1,120})$"
)
_OLD_FIND = re.compile(
    r"^failed to resolve: (?:use of (?:undeclared|unresolved) (?P<kind>[a-z ]{1,60}?)|could not find) "
    r"`(?P<name>[^`]{1,120})`"
)
_SIMILAR = re.compile(
    r"^(?:a|an) (?P<kind>[a-z ]{1,60}) with a similar name exists:? ?`?(?P<name>\w{1,120})?`?"
)
_TWO = 2
_USE = re.compile(r"`?use (?P<path>[\w:]{1,200});`?")
_IMPORT = re.compile(r"^unresolved imports? `(?P<path>[^`]{1,200})`")
_NO = re.compile(r"^no `(?P<name>[^`]{1,120})` in (?P<where>the root|`[^`]{1,200}`)")
_NOT_FOUND = re.compile(r"^could not find `(?P<name>[^`]{1,120})` in (?P<where>the crate root|`[^`]{1,200}`)")
_CLOSE = re.compile(r"^a similar (?:name|path) exists(?: in the module)?: `?(?P<name>[\w:]{1,120})`?")
_EXPECTED = re.compile(
    r"^expected (?P<wanted>[a-z, ]{1,80}), found (?P<kind>[a-z ]{1,40}) `(?P<name>[^`]{1,120})`"
)
_MODULE = re.compile(r"^file not found for module `(?P<name>[^`]{1,120})`")
_FILES = re.compile(r'create file "(?P<one>[^"]{1,400})"(?: or "(?P<other>[^"]{1,400})")?')
_SOURCE = re.compile(r"use `mod (?P<name>\w{1,80})` in this file to declare the module")
_LIFETIME = re.compile(r"^use of undeclared lifetime name `(?P<name>'\w{1,40})`")


def unknown(case: Case) -> Card | None:
    """E0405, E0412, E0422, E0425, E0433, E0531 and macros."""
    found = told.match(case, _FIND) or told.match(case, _OLD_FIND)
    if found is None:
        return None
    name = found["name"]
    kind = _word(found["kind"] or "module")
    makers = (_member, _parameter, _undeclared, _crate, _import, _similar)
    card = next((card for make in makers if (card := make(case, name)) is not None), None)
    if card is not None:
        return card
    where = found["where"] if "where" in found.groupdict() else ""
    inside = f" in {where}" if where and where != "this scope" else " here or imported"
    return Card(f"No {kind} `{name}` is defined{inside}.", tuple(_places(case, name)))


def _word(kind: str) -> str:
    if kind.startswith(("value", "unit struct")):
        return "variable or constant"
    if "variant" in kind:
        return "struct or variant"
    return "type" if kind == "type" else kind


def _member(case: Case, name: str) -> Card | None:
    """A field or method of the object that the method belongs to."""
    is_field = any("use the available field" in line for line in told.lines(case))
    is_method = any(
        "the method on `Self`" in line or "associated function on `Self`" in line for line in told.lines(case)
    )
    function = function_around(case)
    if function is None or not (is_field or is_method):
        return None
    what, call = ("field", "") if is_field else ("method", "(…)")
    if any("associated function on `Self`" in line for line in told.lines(case)):
        return Card(f"`{name}` is an associated function of this type and is reached as `Self::{name}(…)`.")
    if not self_parameter(function):
        return Card(f"`{name}` is a {what} of this type, but `{function.name}` has no `self` to reach it by.")
    return Card(f"`{name}` is a {what} of this type and is reached as `self.{name}{call}`.")


def _parameter(case: Case, name: str) -> Card | None:
    if not any("missing a type parameter" in line for line in told.lines(case)) or case.nodes is None:
        return None
    around = case.nodes.around(
        case.span, "struct_item", "enum_item", "impl_item", "function_item", "trait_item"
    )
    label = around.child_by_field_name("name") if around is not None else None
    # A longer name is a type that is not imported, more likely than a parameter.
    if label is None or len(name) > 2:
        return None
    owner = case.nodes.text(label)
    return Card(
        f"`{name}` is no type here: `{owner}` does not declare it as a parameter.",
        (),
        (f"`{owner}<{name}>` declares it.",),
    )


def _undeclared(case: Case, name: str) -> Card | None:
    if not any((found := _SOURCE.search(line)) and found["name"] == name for line in told.lines(case)):
        return None
    return Card(
        f"A file for the module `{name}` is there, but no `mod {name};` makes it a part of the crate.",
        (),
        (f"`mod {name};` in this file does.",),
    )


def _crate(case: Case, name: str) -> Card | None:
    said = [told.first(case), *told.lines(case)]
    if not any("unlinked crate" in line or "undeclared crate" in line for line in said):
        return None
    places = [
        place for place in _places(case, name) if place.note.startswith("`mod ") or " mod " in place.note
    ]
    if places:
        return Card(f"`{name}` is no module that can be seen from here, and no dependency.", tuple(places))
    is_hinted = any("cargo add" in line for line in said)
    notes = (f"If the crate is meant: `cargo add {name}`.",) if is_hinted else ()
    return Card(f"`{name}` is neither a module here nor a crate that this one is linked with.", (), notes)


def _import(case: Case, name: str) -> Card | None:
    """What the compiler would import, and where the project defines it."""
    paths = dict.fromkeys(found["path"] for line in told.lines(case) for found in _USE.finditer(line))
    paths |= dict.fromkeys(
        f["path"] for place in case.problem.related for f in [_USE.search(place.note)] if f
    )
    right = [path for path in paths if path.rpartition("::")[2] == name]
    right = [
        path for path in right if path.replace("core::", "std::", 1) not in right or path[:6] != "core::"
    ]
    if not right:
        return None
    if len(right) > 1:
        places = tuple(_places(case, name))
        how = "two modules have" if len(right) == _TWO else "several modules have"
        says = f"`{name}` is not imported here; {how} one of that name."
        return Card(says, places, tuple(f"`use {each};`" for each in right[:3]))
    path = right[0]
    own = path.startswith(("crate::", "self::", "super::"))
    last = path.split("::")[-2] if "::" in path else ""
    if last[:1].isupper():
        return Card(
            f"`{name}` is a variant of `{last}` and is written `{last}::{name}`.",
            tuple(_places(case, last))[:1],
            (f"Or `use {path};`.",),
        )
    places = tuple(_places(case, name)) if own else ()
    where = f"`{path.rpartition('::')[0]}` has it"
    where = (
        f"the standard library has it in `{path.rpartition('::')[0]}`"
        if path.startswith(("std::", "core::", "alloc::"))
        else where
    )
    return Card(
        f"`{name}` is not imported here; {where}.", places, tuple(f"`use {each};`" for each in right[:3])
    )


def _similar(case: Case, name: str) -> Card | None:
    found = told.below(case, _SIMILAR)
    near = found["name"] if found is not None else None
    if found is None or not near:
        return None
    what = found["kind"]
    place = told.beside(case, "similarly named")
    bound = _declared(case, near) if what == "local variable" else None
    if bound is not None:
        return Card(f"`{name}` is not defined; the nearest name is `{near}` (line {bound.line}).", (bound,))
    shown = f" {told.on_line(case, place)}" if place is not None else ""
    return Card(f"`{name}` is not defined; the nearest name is the {what} `{near}`{shown}.")


def _declared(case: Case, name: str) -> Place | None:
    bound = binding_of(case, name)
    if bound is None or case.nodes is None:
        return None
    text = " ".join(case.nodes.text(bound[0]).split())
    return case.here(bound[1], f"`{text[:80]}`")


def _places(case: Case, name: str) -> Iterator[Place]:
    """Where the project defines something of that name, outside of other types."""
    known = [each for each in case.around.symbols.definitions(name, case.path) if _is_free(each)]
    if len(known) <= 2:
        yield from (case.place(each) for each in known)


def _is_free(each: Definition) -> bool:
    return each.kind in ("class", "function", "variable") and each.path.endswith(".rs")


def imported(case: Case) -> Card | None:
    """E0432."""
    found = told.match(case, _IMPORT)
    if found is None:
        return None
    path = found["path"]
    no, missing, close = told.below(case, _NO), told.below(case, _NOT_FOUND), told.below(case, _CLOSE)
    near = f"; the nearest name there is `{close['name']}`" if close is not None else ""
    if no is not None:
        where = "the crate's root" if no["where"] == "the root" else no["where"]
        return Card(
            f"There is no `{no['name']}` in {where}{near}.",
            tuple(_places(case, close["name"] if close else no["name"])),
        )
    if missing is not None:
        where = "the crate's root" if missing["where"] == "the crate root" else missing["where"]
        others = [
            each for each in case.around.symbols.similar(missing["name"], case.path) if _is_module(case, each)
        ]
        near = f"; the nearest one is `{others[0]}`" if others and not near else near
        return Card(f"There is no module `{missing['name']}` in {where}{near}.")
    return _crate(case, path.split("::")[0]) or _undeclared(case, path.split("::")[0])


def _is_module(case: Case, name: str) -> bool:
    return any(
        each.signature.startswith(("mod ", "pub mod ", "pub(crate) mod "))
        for each in case.around.symbols.definitions(name, case.path)
    )


def of_another_kind(case: Case) -> Card | None:
    """E0423, E0424, E0532, E0573, E0574."""
    found = told.match(case, _EXPECTED)
    if found is None:
        return None
    name, kind, function = found["name"], found["kind"], function_around(case)
    if name == "self" and function is not None:
        return Card(
            f"`{function.name}` takes no `self`, so there is no object here to ask.",
            (case.here(function.line, f"`{function.header[:120]}`"),),
            (f"`fn {function.name}(&self, …)` makes it a method.",),
        )
    wanted = found["wanted"].split(",")[0]
    if kind == "struct" and wanted in ("value", "function"):
        item = item_named(case, name)
        fields = list(item.fields) if item is not None else []
        notes = (
            (f"`{name} {{ {', '.join(f'{each}: …' for each in fields[:6])} }}` makes one.",)
            if fields and not fields[0].isdecimal()
            else ()
        )
        return Card(
            f"`{name}` is a struct with named fields, and it is made with `{{ … }}` after its name.",
            (),
            notes,
        )
    if kind == "macro":
        return Card(f"`{name}` is a macro, and it is used with `!`: `{name}!(…)`.")
    return Card(f"`{name}` is a {kind}, where a {wanted} is wanted.")


def module_file(case: Case) -> Card | None:
    """E0583."""
    found, files = told.match(case, _MODULE), told.below(case, _FILES)
    if found is None:
        return None
    paths = [case.shown(path) for path in (files["one"], files["other"]) if path] if files is not None else []
    shown = " or ".join(
        f"`{PurePath(path).parts[-2] + '/' if PurePath(path).stem == 'mod' else ''}{PurePath(path).name}`"
        for path in paths
    )
    notes = (f"It would be {shown}, beside this module's own.",) if shown else ()
    return Card(
        f"`mod {found['name']};` says that there is a file for the module `{found['name']}`, and there "
        f"is none.",
        (),
        notes,
    )


def lifetime(case: Case) -> Card | None:
    """E0261."""
    found, nodes = told.match(case, _LIFETIME), case.nodes
    around = (
        nodes.around(case.span, "function_item", "struct_item", "enum_item", "impl_item", "trait_item")
        if nodes is not None
        else None
    )
    if found is None or around is None or nodes is None:
        return None
    label = around.child_by_field_name("name") or around.child_by_field_name("type")
    if label is None:
        return None
    name = nodes.text(label).partition("<")[0]
    owner = f"impl<{found['name']}>" if around.type == "impl_item" else f"{name}<{found['name']}>"
    return Card(
        f"`{found['name']}` is used by `{name}`, which does not declare it.", (), (f"`{owner}` declares it.",)
    )
