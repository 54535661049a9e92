"""Names that are not where they are looked for: attributes, imports, variables."""

from __future__ import annotations

import ast
import builtins
import re
from pathlib import Path

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.pyright import wording
from lsp_debugger.cards.pyright.optional import maybe_none
from lsp_debugger.cards.python import awaits
from lsp_debugger.cards.python.members import members_of
from lsp_debugger.cards.python.packages import missing_module
from lsp_debugger.cards.python.resolve import files_of
from lsp_debugger.cards.python.stdlib import names_in
from lsp_debugger.cards.python.typos import is_surely, renamed_attribute
from lsp_debugger.cards.python.undefined import undefined_name
from lsp_debugger.core.ask import Card
from lsp_debugger.syntax.likeness import likeliest, sketches

_ON_CLASS = re.compile(
    r'Cannot (?P<what>access|assign to|delete) attribute "(?P<name>[^"]+)" for class "(?P<type>[^"]+)"'
)
_ON_MODULE = re.compile(r'"(?P<name>[^"]+)" is not a known attribute of module "(?P<module>[^"]+)"')
_IMPORT = re.compile(r'"(?P<name>[^"]+)" is unknown import symbol')
_UNRESOLVED = re.compile(r'Import "(?P<module>[^"]+)" could not be resolved')
_UNDEFINED = re.compile(r'"(?P<name>[^"]+)" is not defined')
_TYPE = re.compile(r"(?:type\[)?(?P<name>[^\W\d]\w*)(?:\[.*\])?\*?\]?$")
# basedpyright and Pylance offer imports themselves.
_OWN_IMPORTS = frozenset({"basedpyright", "pylance"})


def attribute(case: Case) -> Card | None:
    message = case.problem.message
    if match := _ON_CLASS.match(message):
        return _on_class(case, match)
    if match := _ON_MODULE.match(message):
        return _on_module(case, match["module"], match["name"])
    if match := _IMPORT.match(message):
        return _unknown_symbol(case, match["name"])
    return None


def _on_class(case: Case, match: re.Match[str]) -> Card | None:
    parsed = case.python
    access = parsed.around(case.span, ast.Attribute) if parsed is not None else None
    name, kind = match["name"], match["type"]
    if parsed is None or access is None or access.attr != name or "is unknown" not in case.problem.message:
        return None
    if kind == "None":
        return maybe_none(case, access.value, f"and None has no `{name}`", surely=True)
    if (result := awaits.result_of(kind)) is not None:
        code = parsed.code(access.value)
        said = f"`{code}` is a coroutine, not its result: it has to be awaited before `.{name}`."
        return Card(said, edit=awaits.edit(case, access.value, awaits.has_attribute(case, result, name)))
    typed = _TYPE.match(kind)
    plain = typed["name"] if typed is not None else ""
    literal = {"'": "str", '"': "str"}.get(kind.removeprefix("Literal[")[:1]) if plain == "Literal" else plain
    headline = f"`{parsed.code(access.value)}` is {wording.kind(kind)} and has no attribute `{name}`"
    return (
        _nearest_member(case, plain, access, headline)
        or _nearest_builtin(literal or plain, name, headline)
        or Card(f"{headline}.")
    )


def _nearest_member(case: Case, kind: str, access: ast.Attribute, headline: str) -> Card | None:
    name = access.attr
    classes = [each for each in case.around.symbols.definitions(kind, case.path) if each.kind == "class"]
    members = members_of(case, classes[0]) if len(classes) == 1 else None
    if members is None or name in members:
        return None
    near = likeliest(name, [sketches(members)], 2)
    tail = f"; the nearest is `{near[0]}`" if near else ""
    places = (*(members[each] for each in near), case.place(classes[0], f"defines `{kind}`"))
    edit = renamed_attribute(case, access, members) if is_surely(case, classes[0], access.value) else None
    return Card(f"{headline}{tail}.", places, edit=edit)


def _nearest_builtin(kind: str, name: str, headline: str) -> Card | None:
    owner = getattr(builtins, kind, None)
    if not isinstance(owner, type):
        return None
    near = likeliest(name, [sketches(each for each in dir(owner) if not each.startswith("_"))], 1)
    return Card(f"{headline}{f'; the nearest is `{near[0]}`' if near else ''}.")


def _on_module(case: Case, module: str, name: str) -> Card | None:
    names = names_in(module)
    if names and name not in names:
        near = likeliest(name, [sketches(names)], 1)
        tail = f"; the nearest is `{near[0]}`" if near else ""
        return Card(f"The module `{module}` has no `{name}`{tail}.")
    return _not_in_file(case, module, name, f"The module `{module}`")


def _unknown_symbol(case: Case, name: str) -> Card | None:
    parsed = case.python
    node = parsed.around(case.span, ast.ImportFrom) if parsed is not None else None
    if node is None:
        return None
    module = "." * node.level + (node.module or "")
    if names_in(module):
        return _on_module(case, module, name)
    return _not_in_file(case, module, name, f"`{module}`")


def _not_in_file(case: Case, module: str, name: str, shown: str) -> Card | None:
    """`name` is missing in a module of the project: what is near, in the file or beside it."""
    file = _file_of(case, module)
    if file is None:
        return None
    if file.endswith("__init__.py"):
        return missing_module(case, f"{module}.{name}") if not module.startswith(".") else None
    symbols = case.around.symbols
    if any(each.path == file and each.qualname == name for each in symbols.definitions(name, file)):
        return None
    similar = [each for word in symbols.similar(name, file) for each in symbols.definitions(word, file)]
    found = [each for each in similar if each.path == file and each.qualname == each.name][:1]
    tail = f"; the nearest is `{found[0].name}`" if found else ""
    return Card(f"{shown} defines no `{name}`{tail}.", tuple(case.place(each) for each in found))


def _file_of(case: Case, module: str) -> str | None:
    root = case.around.root
    if module.startswith("."):
        candidates = [str(Path(*ending)) for ending in files_of(case.path, module)]
    elif root is not None:
        bases = (root, root / "src")
        candidates = [str(base.joinpath(*ending)) for base in bases for ending in files_of("", module)]
    else:
        return None
    return next((path for path in candidates if case.around.read(path) is not None), None)


def missing_import(case: Case) -> Card | None:
    match = _UNRESOLVED.match(case.problem.message)
    if match is None:
        return None
    module = match["module"]
    return missing_module(case, module) or Card(
        f"`{module}` is not found by the interpreter that the type checker uses."
    )


def missing_source(case: Case) -> Card | None:
    match = _UNRESOLVED.match(case.problem.message)
    if match is None:
        return None
    module = match["module"]
    found = missing_module(case, module)
    return Card(
        f"Only the types of `{module}` are installed; the module itself is not found by the type checker.",
        found.places if found is not None else (),
        (found.headline,) if found is not None else (),
    )


def undefined(case: Case) -> Card | None:
    match = _UNDEFINED.match(case.problem.message)
    if match is None:
        return None
    return undefined_name(case, match["name"], with_imports=case.problem.source.lower() not in _OWN_IMPORTS)
