"""Checks of clang-tidy for what is slow."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lsp_debugger.cards.c.lookup import (
    arguments,
    call_around,
    declaration_of,
    declared,
    function_around,
    function_name,
)
from lsp_debugger.cards.c.tidy_nodes import around, declared_place, field, quoted
from lsp_debugger.cards.c.wording import a_kind, code
from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card

_LOOPS = ("for_statement", "for_range_loop", "while_statement", "do_statement")


def value_parameter(case: Case) -> Card | None:
    names = quoted(case)
    function = function_around(case)
    if not names or not names[0].isidentifier():
        return None
    name = names[0]
    found = declaration_of(case, name)
    written = found.node.child_by_field_name("type") if found is not None else None
    printed = found.text(written) if found is not None and written is not None else ""
    where = f" of `{function_name(function)}`" if function is not None and function_name(function) else ""
    if "only copied once" in case.problem.message[:300]:
        return Card(
            f"`{name}`{where} is a copy already and is copied once more: moving it saves that.",
            notes=(f"`std::move({name})` where it is copied.",),
        )
    return Card(
        f"Each call{where} copies `{name}`, which is only read.",
        notes=(f"`const {printed.removeprefix('const ')} &{name}` copies nothing.",) if printed else (),
    )


def loop_copy(case: Case) -> Card | None:
    found = around(case, "for_range_loop")
    declarator, right = field(found, "declarator"), field(found, "right")
    written = field(found, "type")
    if found is None or declarator is None or right is None or written is None:
        return None
    name = declared(declarator)
    if name is None or declarator.type == "reference_declarator":
        return None
    shown = f"const {found.text(written).removeprefix('const ')} &{found.text(name)}"
    return Card(
        f"Each turn copies an element of {code(found.text(right))} into `{found.text(name)}`.",
        notes=(f"`{shown}` looks at it in its place.",),
    )


def needless_copy(case: Case) -> Card | None:
    names = quoted(case)
    name = names[0] if names else ""
    found = declaration_of(case, name) if name.isidentifier() else None
    written = found.node.child_by_field_name("type") if found is not None else None
    if not name.isidentifier() or "unused" in case.problem.message[:200]:
        return None
    printed = found.text(written) if found is not None and written is not None else "auto"
    value = _value(case, name)
    return Card(
        f"`{name}` is a copy{f' of {code(value)}' if value else ''} that is only read.",
        notes=(f"`const {printed} &{name}` needs none, as long as what it refers to lives on.",),
    )


def _value(case: Case, name: str) -> str:
    found = declaration_of(case, name)
    for declarator in found.node.children_by_field_name("declarator") if found is not None else ():
        inner, value = declared(declarator), declarator.child_by_field_name("value")
        if found is not None and inner is not None and value is not None and found.text(inner) == name:
            return found.text(value)
    return ""


def growing(case: Case) -> Card | None:
    call = call_around(case)
    function = field(call, "function")
    owner = function.child_by_field_name("argument") if function is not None else None
    found = around(case, *_LOOPS)
    if call is None or owner is None or found is None:
        return None
    name = call.text(owner)
    return Card(
        f"`{name}` grows with each turn of the loop in line {found.line}, and moves what it holds "
        "several times.",
        declared_place(case, name),
        (f"`{name}.reserve(…)` before the loop makes room once.",),
    )


def endl(case: Case) -> Card | None:
    found = around(case, "binary_expression")
    stream = re.match(r"[\w:]+", found.text()) if found is not None else None
    where = f" to `{stream[0]}`" if stream is not None else ""
    return Card(
        f"{code(case.code or 'std::endl')} flushes with each line that goes{where}, which is slow in a loop.",
        notes=(r"`'\n'` ends the line without flushing.",),
    )


def one_character(case: Case) -> Card | None:
    literal = case.code.strip()
    call = call_around(case)
    if call is None or not re.fullmatch(r'"(?:[^"\\]|\\.)"', literal):
        return None
    inner = literal[1:-1].replace("'", "\\'").replace('\\"', '"')
    return Card(
        f"{code(call.text())} looks for a string of one character.",
        notes=(f"`'{inner}'` looks for the character, which is faster.",),
    )


def needless_move(case: Case) -> Card | None:
    call = call_around(case)
    given = arguments(call) if call is not None else []
    message = case.problem.message[:400]
    if call is None or len(given) != 1:
        return None
    name = call.text(given[0])
    if "const variable" in message or "const expression" in message:
        return Card(
            f"{code(call.text())} moves nothing: `{name}` is `const`, so it is copied.",
            declared_place(case, name),
        )
    if "trivially-copyable" in message:
        kinds = quoted(case)
        return Card(
            f"{code(call.text())} moves nothing: copying {a_kind(kinds[-1])} is all that moving it could do."
            if kinds
            else f"{code(call.text())} moves nothing.",
            declared_place(case, name),
        )
    return None


def may_throw(case: Case) -> Card | None:
    found = around(case, "function_definition", "declaration", "field_declaration")
    owner = around(case, "class_specifier", "struct_specifier")
    name = field(owner, "name")
    if found is None or owner is None or name is None:
        return None
    note = ("`noexcept` behind its parameters says that it cannot fail.",)
    if "assignment" in case.problem.message[:100]:
        return Card(
            f"The move assignment of `{owner.text(name)}` is not `noexcept`, so nobody can rely on it.",
            notes=note,
        )
    return Card(
        f"The move constructor of `{owner.text(name)}` is not `noexcept`: a growing `std::vector` copies its "
        "elements where it can, instead of moving them.",
        notes=note,
    )


def concatenated(case: Case) -> Card | None:
    found = around(case, "assignment_expression")
    left = field(found, "left")
    if found is None or left is None:
        return None
    name = found.text(left)
    return Card(
        f"{code(found.text())} builds a whole new string each time.", notes=(f"`{name} += …` appends to it.",)
    )


CHECKS: Mapping[str, Callable[[Case], Card | None]] = {
    "performance-avoid-endl": endl,
    "performance-faster-string-find": one_character,
    "performance-for-range-copy": loop_copy,
    "performance-inefficient-string-concatenation": concatenated,
    "performance-inefficient-vector-operation": growing,
    "performance-move-const-arg": needless_move,
    "performance-noexcept-move-constructor": may_throw,
    "performance-unnecessary-copy-initialization": needless_copy,
    "performance-unnecessary-value-param": value_parameter,
    "range-loop-construct": loop_copy,
}
