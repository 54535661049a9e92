"""Attributes and names that are not there: of an object, of one type of several, of a module."""

from __future__ import annotations

import ast
import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.mypy.reading import NAME, TYPE, as_pyright, find, told
from lsp_debugger.cards.pyright import attributes, wording
from lsp_debugger.cards.pyright.optional import maybe_none
from lsp_debugger.cards.python import awaits
from lsp_debugger.cards.python.flow import is_none
from lsp_debugger.cards.python.resolve import only_binding
from lsp_debugger.cards.python.undefined import undefined_name
from lsp_debugger.core.ask import Card, Place

_MISSING = re.compile(rf'"(?P<type>{TYPE})" has no attribute "(?P<name>{NAME})"')
_ITEM = re.compile(rf'Item "(?P<item>{TYPE})" of "(?P<type>{TYPE})" has no attribute "(?P<name>{NAME})"')
_MODULE = re.compile(rf'Module (?:"(?P<module>{NAME})" )?has no attribute "(?P<name>{NAME})"')
_NOT_EXPORTED = re.compile(
    rf'Module "(?P<module>{NAME})" does not explicitly export attribute "(?P<name>{NAME})"'
)
_UNDEFINED = re.compile(rf'Name "(?P<name>{NAME})" is not defined')
_NEAREST = re.compile(rf'; maybe "(?P<name>{NAME})"')
# What asks for a special method, in words.
_PROTOCOLS = {
    "__iter__": "cannot be gone through",
    "__aiter__": "cannot be gone through with `async for`",
    "__enter__": "works in no `with`",
    "__exit__": "works in no `with`",
    "__aenter__": "works in no `async with`",
    "__aexit__": "works in no `async with`",
    "__delitem__": "lets no element be deleted",
}


def missing(case: Case) -> Card | None:
    if match := told(_MISSING, case):
        return _on_object(case, match["type"], match["name"])
    if match := told(_MODULE, case):
        return _in_module(case, match["module"] or "", match["name"])
    if match := told(_NOT_EXPORTED, case):
        return _not_exported(case, match["module"], match["name"])
    return None


def _on_object(case: Case, kind: str, name: str) -> Card | None:
    if name in _PROTOCOLS:
        return _protocol(case, kind, name)
    access = find(case, ast.Attribute, lambda node: node.attr == name)
    parsed = case.python
    if access is None or parsed is None:
        return None
    said = f'Cannot access attribute "{name}" for class "{kind}"\n  Attribute "{name}" is unknown'
    made = as_pyright(case, said, attributes.attribute)
    near = _NEAREST.search(case.problem.message[:2000])
    if made is not None and (near is None or "the nearest is" in made.headline):
        return made
    tail = f"; the nearest is `{near['name']}`" if near is not None else ""
    headline = f"`{parsed.code(access.value)}` is {wording.kind(kind)} and has no attribute `{name}`{tail}."
    return Card(
        headline, made.places if made is not None else (), (), made.edit if made is not None else None
    )


def _protocol(case: Case, kind: str, name: str, union: str = "") -> Card | None:
    """What a loop, a `with` or a `del` asks for. union: the whole type that `kind` is one of."""
    parsed, words = case.python, _PROTOCOLS[name]
    value = case.expression
    statement = parsed.around(case.span, ast.Delete) if parsed is not None else None
    if name == "__delitem__" and statement is not None and len(statement.targets) == 1:
        target = statement.targets[0]
        value = target.value if isinstance(target, ast.Subscript) else None
    if parsed is None or value is None:
        return None
    code = parsed.code(value)
    if is_none(value):
        return Card(f"`None` {words}.")
    if kind == "None":
        return maybe_none(case, value, f"and None {words}", surely=not union)
    result = awaits.result_of(kind)
    if result is not None:
        fits = name == "__iter__" and awaits.can_be_gone_through(result)
        if name != "__iter__":
            return Card(f"`{code}` is a coroutine, which {words}.")
        said = f"`{code}` is a coroutine, not its result: it has to be awaited first."
        return Card(said, edit=awaits.edit(case, value, fits))
    what = f"can be {wording.kind(kind)} here" if union else f"is {wording.kind(kind)}"
    return Card(f"`{code}` {what}, which {words}.")


def of_union(case: Case) -> Card | None:
    """One of the types that a value can have does not have the attribute."""
    match = told(_ITEM, case)
    if match is None:
        return None
    kind, name = match["item"], match["name"]
    if name in _PROTOCOLS:
        return _protocol(case, kind, name, match["type"])
    access = find(case, ast.Attribute, lambda node: node.attr == name)
    parsed = case.python
    if access is None or parsed is None:
        return None
    if kind == "None":
        return maybe_none(case, access.value, f"and None has no `{name}`")
    code = parsed.code(access.value)
    plain = re.fullmatch(r"[A-Za-z_][\w.]{0,80}", kind)
    is_name = isinstance(access.value, ast.Name | ast.Attribute)
    notes = (f"`isinstance({code}, {kind})` before it tells that case apart.",) if plain and is_name else ()
    headline = f"`{code}` can be {wording.kind(kind)} here, and that has no attribute `{name}`."
    return Card(headline, _declared(case, access.value), notes)


def _declared(case: Case, value: ast.expr) -> tuple[Place, ...]:
    """Where a name gets its declared type."""
    parsed = case.python
    if parsed is None or not isinstance(value, ast.Name):
        return ()
    binding = only_binding(parsed, value.id, parsed.span(value))
    node = binding.node if binding is not None else None
    if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
        return (case.here(node.lineno, f"`{parsed.code(node)}`"),)
    return ()


def _in_module(case: Case, module: str, name: str) -> Card | None:
    parsed = case.python
    if parsed is None:
        return None
    made: Card | None
    if parsed.around(case.span, ast.ImportFrom) is not None:
        made = as_pyright(case, f'"{name}" is unknown import symbol', attributes.attribute)
    else:
        access = find(case, ast.Attribute, lambda node: node.attr == name)
        module = _module_of(case, access.value) if access is not None else ""
        said = f'"{name}" is not a known attribute of module "{module}"'
        made = as_pyright(case, said, attributes.attribute) if module else None
    if made is not None or not module:
        return made
    near = _NEAREST.search(case.problem.message[:2000])
    tail = f"; the nearest is `{near['name']}`" if near is not None else ""
    return Card(f"The module `{module}` has no `{name}`{tail}.")


def _module_of(case: Case, value: ast.expr) -> str:
    """The module that a name was imported as; empty where that is not plain."""
    parsed = case.python
    if parsed is None or not isinstance(value, ast.Name):
        return ""
    binding = only_binding(parsed, value.id, parsed.span(value))
    node = binding.node if binding is not None else None
    if not isinstance(node, ast.Import | ast.ImportFrom):
        return ""
    for alias in node.names:
        if isinstance(node, ast.Import) and (alias.asname or alias.name) == value.id:
            return alias.name
        if isinstance(node, ast.ImportFrom) and (alias.asname or alias.name) == value.id:
            package = "." * node.level + (node.module or "")
            return f"{package}{'' if package.endswith('.') else '.'}{alias.name}"
    return ""


def _not_exported(case: Case, module: str, name: str) -> Card:
    """The module has it from somewhere else, where it is better taken from."""
    parsed = case.python
    node = parsed.around(case.span, ast.ImportFrom) if parsed is not None else None
    shown = "." * node.level + (node.module or "") if node is not None else module
    found = [
        each
        for each in case.around.symbols.definitions(name, case.path)
        if each.kind == "import" and each.path != case.path and _is_file_of(each.path, module)
    ]
    places = tuple(case.place(each, f"`{' '.join(each.text.split())}`") for each in found[:1])
    return Card(
        f"`{shown}` only imports `{name}` for itself: it does not offer it.",
        places,
        (f"Take it from where it is defined, or let `{shown}` say `import {name} as {name}`.",),
    )


def _is_file_of(path: str, module: str) -> bool:
    last = module.rpartition(".")[2]
    return path.endswith((f"/{last}.py", f"/{last}.pyi", f"/{last}/__init__.py"))


def undefined(case: Case) -> Card | None:
    match = told(_UNDEFINED, case)
    return undefined_name(case, match["name"]) if match is not None and match["name"].isidentifier() else None
