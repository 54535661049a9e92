"""Clippy on functions and types: what they take, are called and how large they are."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.rustc import told
from lsp_debugger.cards.rustc.clippy_code import better_code
from lsp_debugger.cards.rustc.items import function_around, parameters, returned
from lsp_debugger.core.ask import Card

_METHOD = re.compile(
    r"^method `(?P<name>\w{1,80})` can be confused for the standard trait method `(?P<trait>[\w:]{1,160})`"
)
_LEN = re.compile(r"^(?P<kind>struct|enum|type|trait) `(?P<name>\w{1,80})` has a public `len` method, but no")
_TOO_MANY = re.compile(r"^this function has too many arguments \((?P<given>\d{1,3})/(?P<limit>\d{1,3})\)")
_DEFAULT = re.compile(r"^you should consider adding a `Default` implementation for `(?P<type>[^`]{1,160})`")
_POINTER = re.compile(
    r"^writing `(?P<given>&(?:mut )?\w{1,20})` instead of `(?P<better>&(?:mut )?[^`]{1,20})`"
)


def pointer(case: Case) -> Card | None:
    found, function, better = told.match(case, _POINTER), function_around(case), better_code(case)
    if found is None or function is None or not better or case.nodes is None:
        return None
    parameter = case.nodes.around(case.span, "parameter")
    pattern = parameter.child_by_field_name("pattern") if parameter is not None else None
    if pattern is None:
        return None
    return Card(
        f"`{case.nodes.text(pattern)}` of `{function.name}` wants a `{told.code(case)}`; `{better}` "
        f"takes that too, and slices and literals besides.",
    )


def without_default(case: Case) -> Card | None:
    found = told.match(case, _DEFAULT)
    return (
        Card(
            f"`{found['type']}` has a `new()` without arguments but no `Default`, which generic code "
            f"asks for."
        )
        if found is not None
        else None
    )


def many_arguments(case: Case) -> Card | None:
    found, function = told.match(case, _TOO_MANY), function_around(case)
    if found is None or function is None:
        return None
    return Card(
        f"`{function.name}` takes {found['given']} arguments, more than {found['limit']}.",
        (),
        ("A struct for those that belong together gives them names where it is called.",),
    )


def like_trait(case: Case) -> Card | None:
    found = told.match(case, _METHOD)
    if found is None:
        return None
    trait = found["trait"].rpartition("::")[0].removeprefix("std::")
    return Card(
        f"`{found['name']}` looks like the method of the trait `{trait}` but is another one: readers "
        f"may take it for that.",
        (),
        (f"`impl {trait}` for the type, or another name.",),
    )


def large_variant(case: Case) -> Card | None:
    where = told.beside(case, "the largest variant")
    item = re.search(r"enum\s+(?P<name>\w+)", case.code[:400])
    if where is None or item is None:
        return None
    size = re.search(r"at least (\d{1,9}) bytes", where.note)
    variant = (
        re.match(r"\s*(?P<name>\w+)", case.snapshot.line_text(where.line - 1))
        if told.is_here(case, where)
        else None
    )
    shown = f"`{variant['name']}`" if variant is not None else "its largest variant"
    return Card(
        f"Every `{item['name']}` is as large as {shown}{f' ({size[1]} bytes)' if size else ''}, also "
        f"those of the small variants.",
        (),
        ("`Box<…>` around the large field makes the others small.",),
    )


def complex_type(case: Case) -> Card | None:
    function = function_around(case)
    where = (
        f" of `{function.name}`"
        if function is not None and returned(function) and case.code == returned(function)
        else ""
    )
    return Card(f"The type{where} is hard to read: a `type` alias can name a part of it.") if where else None


def boxed(case: Case) -> Card | None:
    name, function = told.code(case), function_around(case)
    kind = parameters(function).get(name, "") if function is not None else ""
    inner = kind.removeprefix("Box<").removesuffix(">") if kind.startswith("Box<") else ""
    return (
        Card(
            f"`{name}` need not be in a `Box`: `{function.name}` only uses it here.",
            (),
            (f"`{inner}` or `&{inner}` will do.",),
        )
        if function is not None and inner
        else None
    )


def no_is_empty(case: Case) -> Card | None:
    found = told.match(case, _LEN)
    return (
        Card(
            f"`{found['name']}` has a `len` but no `is_empty`, which readers and other lints expect "
            f"beside it."
        )
        if found is not None
        else None
    )
