"""Classes that do not keep what their bases, or the words around them, promise."""

from __future__ import annotations

import ast
import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.python.bindings import bindings
from lsp_debugger.cards.python.members import members_of
from lsp_debugger.cards.python.parsed import FUNCTIONS, FunctionNode, ParsedPython
from lsp_debugger.cards.python.resolve import definition_named, definition_of, node_of, signature
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.core.ports import Definition

_OVERRIDES = re.compile(
    r'(?:Method )?"(?P<name>\w+)" overrides (?:class|symbol of same name in class) "(?P<base>\w+)"'
)
_NOT_IMPLEMENTED = re.compile(r'"(?P<member>[\w.]+)" is not implemented')
_ABSTRACT = re.compile(r'Cannot instantiate abstract class "(?P<name>\w+)"')
_NOT_REQUIRED = re.compile(r'"(?P<key>[^"]+)" is not a required key in "(?P<type>\w+)"')
_OBSCURED = re.compile(r"\w+ declaration \"(?P<name>\w+)\" is obscured by a declaration of the same name")
_UNINITIALISED = re.compile(r'Instance variable "(?P<name>\w+)" is not initialized')
_MAX_REASONS = 2


def override(case: Case) -> Card | None:
    """Both sides, with what pyright says of the difference."""
    parsed = case.python
    match = _OVERRIDES.match(case.problem.message)
    owner = parsed.class_around(case.span) if parsed is not None else None
    if parsed is None or match is None or owner is None:
        return None
    name, base = match["name"], match["base"]
    lines = [line.strip() for line in case.problem.message.splitlines()[1:] if line.strip()]
    method = parsed.around(case.span, FUNCTIONS)
    own = signature(method) if method is not None and method in owner.body else name
    what = f"{owner.name}.{own}"
    place = _member_place(case, base, name)
    return Card(
        f"`{what}` cannot stand in for `{base}.{name}`.",
        (place,) if place is not None else (),
        tuple(f"{line.rstrip('.')}." for line in lines[:_MAX_REASONS]),
    )


def _class(case: Case, name: str) -> Definition | None:
    found = [each for each in case.around.symbols.definitions(name, case.path) if each.kind == "class"]
    return found[0] if len(found) == 1 else None


def _member_place(case: Case, owner: str, name: str) -> Place | None:
    definition = _class(case, owner)
    read = node_of(case, definition) if definition is not None else None
    members = members_of(case, definition) if definition is not None else None
    if definition is None or read is None or members is None or name not in members:
        return None
    there = members[name]
    for node in read[1].body:
        if isinstance(node, FUNCTIONS) and node.name == name and node.lineno == there.line:
            return Place(there.path, there.line, f"`{owner}.{signature(node)}`")
    return there


def abstract(case: Case) -> Card | None:
    match = _ABSTRACT.match(case.problem.message)
    members = _NOT_IMPLEMENTED.findall(case.problem.message)
    if match is None or not members:
        return None
    listed = " and ".join(f"`{member}`" for member in members)
    places = [_member_place(case, *member.rpartition(".")[::2]) for member in members]
    verb = "is" if len(members) == 1 else "are"
    return Card(
        f"`{match['name']}` cannot be made into an object: {listed} {verb} abstract and not written out.",
        tuple(place for place in places if place is not None),
    )


def first_parameter(case: Case) -> Card | None:
    """A method whose first parameter is missing, or called something else than it is."""
    parsed = case.python
    function, owner = _method(case)
    if parsed is None or function is None or owner is None:
        return None
    name = f"`{owner.name}.{function.name}`"
    wanted = "cls" if "Class methods" in case.problem.message else "self"
    parameters = [*function.args.posonlyargs, *function.args.args]
    if case.problem.message.startswith("Static methods"):
        return Card(
            f"{name} is a static method: `{case.code}` is an argument like any other, not the object."
        )
    if not case.problem.message.startswith(("Instance methods", "Class methods")):
        return None
    if not parameters:
        return Card(f"{name} takes no argument, so a call of it on an object fails: `{wanted}` is missing.")
    what = "class" if wanted == "cls" else "object"
    return Card(f"`{parameters[0].arg}` of {name} is the {what} itself, which everybody calls `{wanted}`.")


def _method(case: Case) -> tuple[FunctionNode | None, ast.ClassDef | None]:
    parsed = case.python
    path = parsed.path_to(case.span) if parsed is not None else []
    function = next((node for node in reversed(path) if isinstance(node, FUNCTIONS)), None)
    owner = next((node for node in reversed(path) if isinstance(node, ast.ClassDef)), None)
    return (function, owner) if owner is not None and function in owner.body else (None, None)


def not_required(case: Case) -> Card | None:
    parsed, access = case.python, case.expression
    match = _NOT_REQUIRED.search(case.problem.message)
    if parsed is None or match is None or not isinstance(access, ast.Subscript):
        return None
    code, key, kind = parsed.code(access.value), match["key"], match["type"]
    place = _member_place(case, kind, key)
    return Card(
        f"`{code}` need not have the key `{key!r}`: `{kind}` does not demand it.",
        (place,) if place is not None else (),
        (f"`{code}.get({key!r})` gives None when it is not there.",),
    )


def redeclared(case: Case) -> Card | None:
    parsed = case.python
    match = _OBSCURED.match(case.problem.message)
    if parsed is None or match is None or case.code != match["name"]:
        return None
    name = match["name"]
    owner = parsed.scopes(case.span)[0]
    later = [each for each in bindings(owner).get(name, []) if each.line > case.line]
    if not later:
        return None
    last = later[-1]
    return Card(
        f"The `{name}` of line {case.line} is lost: line {last.line} defines `{name}` again.",
        (case.here(last.line, f"`{case.snapshot.line_text(last.line - 1).strip()}`"),),
    )


def uninitialised(case: Case) -> Card | None:
    """Declared in the class, and set nowhere that is sure to run."""
    parsed = case.python
    match = _UNINITIALISED.match(case.problem.message)
    owner = parsed.class_around(case.span) if parsed is not None else None
    if match is None or owner is None:
        return None
    name = match["name"]
    has_init = any(isinstance(each, FUNCTIONS) and each.name == "__init__" for each in owner.body)
    where = f"`{owner.name}.__init__` does not set it" if has_init else f"`{owner.name}` has no `__init__`"
    return Card(f"`{owner.name}.{name}` is declared and has no value: {where}.")


def constant(case: Case) -> Card | None:
    parsed, name = case.python, case.code
    if parsed is None or not name.isidentifier() or "cannot be redefined" not in case.problem.message:
        return None
    first = _first_line(parsed, case, name)
    if first is None:
        return None
    text = case.snapshot.line_text(first - 1).strip()
    return Card(
        f"`{name}`, a constant by its capitals, is set in line {first} and again here.",
        (case.here(first, f"`{text}`"),),
    )


def _first_line(parsed: ParsedPython, case: Case, name: str) -> int | None:
    found = [
        each.line for each in bindings(parsed.scopes(case.span)[0]).get(name, []) if each.line < case.line
    ]
    return found[0] if found else None


def private(case: Case) -> Card | None:
    """Where the name is defined, when that is in the project."""
    parsed, name = case.python, case.code
    if parsed is None or "is private and used outside" not in case.problem.message:
        return None
    access = parsed.around(case.span, ast.Attribute)
    is_member = access is not None and access.attr == name
    definition = (
        definition_of(case, access) if access is not None and is_member else definition_named(case, name)
    )
    if definition is None:
        return None
    where = "class" if "." in definition.qualname else "module"
    place = case.place(definition)
    return Card(f"`{name}` belongs to its {where}, as the `_` says; {place} defines it.", (place,))
