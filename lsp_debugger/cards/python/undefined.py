"""A name that nothing defines: what it may have been meant to be."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.python.bindings import (
    BUILTINS,
    MODULE_NAMES,
    Binding,
    bindings,
    star_imports,
    visible,
)
from lsp_debugger.cards.python.candidates import Candidate, candidates, edit_of
from lsp_debugger.cards.python.members import lines_of_members
from lsp_debugger.cards.python.parsed import FUNCTIONS, ParsedPython
from lsp_debugger.cards.python.typos import renamed
from lsp_debugger.core.ask import Card, CertainEdit, Place
from lsp_debugger.core.text import Span
from lsp_debugger.syntax.likeness import likeliest, sketches

_MAX_PLACES = 4
_MAX_WAYS = 4
_PYTHON_2 = {
    "basestring": "str",
    "cmp": "(a > b) - (a < b)",
    "execfile": "exec(open(path).read())",
    "file": "open",
    "long": "int",
    "raw_input": "input",
    "reload": "importlib.reload",
    "unichr": "chr",
    "unicode": "str",
    "xrange": "range",
}


def undefined_name(case: Case, name: str, *, with_imports: bool = True) -> Card:
    """The card for `name`, which is used at the case's span.

    with_imports: False where the finding's owner offers imports itself.
    """
    parsed = case.python
    if parsed is None:
        return _without_code(case, name)
    span = _use_of(parsed, case, name)
    found = candidates(case, parsed, name, span)
    on_self = _on_self(case, parsed, name, span)
    if on_self is not None and all(each.kind == "known" for each in found):
        return on_self
    edit = edit_of(case, found[0], span) if len(found) == 1 and with_imports and on_self is None else None
    return (
        _importable(case, name, found, edit)
        or _gone(name)
        or _misspelt(case, parsed, name, span)
        or _local_elsewhere(case, parsed, name)
        or _unknown(case, parsed, name, span)
    )


def _without_code(case: Case, name: str) -> Card:
    similar = [each for each in case.around.symbols.similar(name, case.path) if each != name]
    notes = (f"Names like it: {', '.join(f'`{each}`' for each in similar)}",) if similar else ()
    return Card(f"`{name}` is not defined where it is used.", notes=notes)


def _use_of(parsed: ParsedPython, case: Case, name: str) -> Span:
    """The name itself: a trace knows only the line."""
    if case.code == name:
        return case.span
    for node in ast.walk(parsed.tree):
        if isinstance(node, ast.Name) and node.id == name and node.lineno == case.line:
            return parsed.span(node)
    return case.span


def _importable(case: Case, name: str, found: Sequence[Candidate], edit: CertainEdit | None) -> Card | None:
    if not found:
        return None
    if len(found) > 1:
        defined = [each.definition for each in found if each.definition is not None]
        places = tuple(case.place(each) for each in defined[:_MAX_PLACES])
        return Card(_several(name, found), places, tuple(_way(each) for each in found[:_MAX_WAYS]))
    first = found[0]
    if first.kind == "module":
        said = f"`{name}` is used as `{first.used_as}` but never imported; "
        return Card(f"{said}it is a module of the standard library.", edit=edit)
    statement = (f"`{first.statement}`",) if first.statement else ()
    if first.definition is not None:
        where = case.place(first.definition)
        again = (first.place,) if first.place is not None else ()
        said = f"`{name}` is not imported here; {where} defines it."
        return Card(said, (where, *again), statement, edit)
    if first.place is not None:
        said = f"`{name}` is not imported here; {first.place} has `{first.statement}` for it."
        return Card(said, (first.place,), (), edit)
    said = f"`{name}` is not imported here; the standard library has it in `{first.module}`."
    return Card(said, notes=statement, edit=edit)


def _several(name: str, found: Sequence[Candidate]) -> str:
    if all(each.definition is not None for each in found):
        return f"`{name}` is not imported here; {len(found)} files of the project define it."
    return f"`{name}` is not imported here; it can mean {len(found)} things."


def _way(candidate: Candidate) -> str:
    """How to get at it, and why that is thought of."""
    if candidate.place is not None:
        return f"`{candidate.statement}`, as {candidate.place} has it"
    if candidate.definition is not None:
        return f"`{candidate.statement}`" if candidate.statement else f"`{candidate.definition.path}`"
    return f"`{candidate.statement}`, of the standard library"


def _on_self(case: Case, parsed: ParsedPython, name: str, span: Span) -> Card | None:
    owner, function = parsed.class_around(span), parsed.function_around(span)
    if owner is None or function is None or function not in owner.body:
        return None
    first = [*function.args.posonlyargs, *function.args.args][:1]
    line = lines_of_members(owner).get(name)
    if not first or line is None:
        return None
    receiver = first[0].arg
    return Card(
        f"`{name}` is no variable here; `{owner.name}` has an attribute of that name, "
        f"reached as `{receiver}.{name}`.",
        (case.here(line, f"`{owner.name}.{name}`"),),
    )


def _gone(name: str) -> Card | None:
    if name not in _PYTHON_2:
        return None
    return Card(f"`{name}` was a builtin of Python 2; Python 3 has `{_PYTHON_2[name]}` for it.")


def _misspelt(case: Case, parsed: ParsedPython, name: str, span: Span) -> Card | None:
    # Not what the very statement sets: `model = modle()`.
    names = {name: each for name, each in visible(parsed, span).items() if each.line != case.line}
    near = likeliest(name, [sketches(names), sketches(BUILTINS)], 3)
    if not near:
        return None
    places = tuple(_bound_at(case, names[each]) for each in near if each in names)
    best = near[0]
    where = f"line {names[best].line}" if best in names else "a builtin"
    others = [f"`{each}`" for each in near[1:]]
    notes = (f"Also near: {', '.join(others)}",) if others else ()
    return Card(
        f"`{name}` is not defined; the nearest name is `{best}` ({where}).",
        places,
        notes,
        renamed(case, parsed, name, span),
    )


def _bound_at(case: Case, binding: Binding) -> Place:
    return case.here(binding.line, f"{binding.kind} `{binding.name}`")


def _local_elsewhere(case: Case, parsed: ParsedPython, name: str) -> Card | None:
    """A local variable of other functions: it ended with them."""
    functions = [node for node in ast.walk(parsed.tree) if isinstance(node, FUNCTIONS)]
    owners = [(node, bindings(node)[name][0]) for node in functions if name in bindings(node)]
    if not owners or any(binding.kind == "declared" for _, binding in owners):
        return None
    function, binding = owners[0]
    return Card(
        f"`{name}` is not defined here; it is a local name of `{function.name}` (line {binding.line}).",
        (case.here(binding.line, f"in `{function.name}`"),),
    )


def _unknown(case: Case, parsed: ParsedPython, name: str, span: Span) -> Card:
    function = parsed.function_around(span)
    where = f"in `{function.name}`, in this module" if function is not None else "in this module"
    stars = star_imports(parsed)
    known = name in MODULE_NAMES
    notes = _star_notes(stars)
    places = tuple(case.here(node.lineno, f"`from {node.module or '.'} import *`") for node in stars[:2])
    if known:
        return Card(f"`{name}` is set by the interpreter only in some places, and not here.", places, notes)
    return Card(f"`{name}` is not defined {where} or as a builtin.", places, notes)


def _star_notes(stars: Sequence[ast.ImportFrom]) -> tuple[str, ...]:
    return ("`import *` hides which names there are.",) if stars else ()
