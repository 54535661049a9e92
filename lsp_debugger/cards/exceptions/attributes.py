"""AttributeError: what the object has instead, or where the None came from."""

from __future__ import annotations

import ast
import builtins
import re

from lsp_debugger.cards.exceptions.raised import Raised, a
from lsp_debugger.cards.python import awaits
from lsp_debugger.cards.python.members import members_of
from lsp_debugger.cards.python.resolve import class_of, member
from lsp_debugger.cards.python.stdlib import names_in
from lsp_debugger.cards.python.typos import is_surely, renamed_attribute
from lsp_debugger.core.ask import Card
from lsp_debugger.syntax.likeness import likeliest, sketches

_ON_OBJECT = re.compile(r"'(?P<type>[^']+)' object has no attribute '(?P<name>[^']+)'")
_ON_TYPE = re.compile(r"type object '(?P<type>[^']+)' has no attribute '(?P<name>[^']+)'")
_ON_MODULE = re.compile(
    r"(?P<partly>partially initialized )?module '(?P<module>[^']+)' has no attribute '(?P<name>[^']+)'"
)
_NO_SETTER = re.compile(r"property '(?P<name>\w+)' of '(?P<type>\w+)' object has no (?P<what>setter|deleter)")
_NOT_AWAITED = "a coroutine: it has to be awaited first"


def attribute_error(raised: Raised) -> Card | None:
    if match := _ON_MODULE.match(raised.message):
        return _on_module(raised, match["module"], match["name"], partly=bool(match["partly"]))
    if match := _ON_TYPE.match(raised.message):
        kind, name = match["type"], match["name"]
        shown = f"The class `{kind}`"
        return _on_class(raised, kind, name, shown) or _on_builtin(raised, kind, name, shown)
    if match := _NO_SETTER.match(raised.message):
        return _no_setter(raised, match["name"], match["type"], match["what"])
    match = _ON_OBJECT.match(raised.message)
    return _on_object(raised, match["type"], match["name"]) if match is not None else None


def _on_object(raised: Raised, kind: str, name: str) -> Card | None:
    access = raised.only(node for node in raised.on_line(ast.Attribute) if node.attr == name)
    if kind == "NoneType":
        return raised.none(access.value, f"and None has no `{name}`") if access is not None else None
    if kind == "coroutine" and access is not None:
        said = f"`{raised.code(access.value)}` is {_NOT_AWAITED}; it has no `{name}` itself."
        return Card(said, raised.here(), edit=awaits.edit(raised.case, access.value))
    shown = f"`{raised.code(access.value)}`, {a(kind)}," if access is not None else a(kind).capitalize()
    return _on_class(raised, kind, name, shown, access) or _on_builtin(raised, kind, name, shown)


def _no_setter(raised: Raised, name: str, kind: str, what: str) -> Card | None:
    access = raised.only(
        node
        for node in raised.on_line(ast.Attribute)
        if node.attr == name and not isinstance(node.ctx, ast.Load)
    )
    if access is None:
        return None
    owner = class_of(raised.case, access.value)
    place = member(raised.case, owner, name) if owner is not None and owner.name == kind else None
    verb = "set" if what == "setter" else "deleted"
    return Card(
        f"`{raised.code(access)}` cannot be {verb}: `{name}` is a property of `{kind}` without a {what}.",
        (*raised.here(), *((raised.case.place(place),) if place is not None else ())),
    )


def _on_class(
    raised: Raised, kind: str, name: str, shown: str, access: ast.Attribute | None = None
) -> Card | None:
    case = raised.case
    classes = [each for each in case.around.symbols.definitions(kind, case.path) if each.kind == "class"]
    if len(classes) != 1:
        return None
    owner = classes[0]
    members = members_of(case, owner)
    if members is None or name in members:
        return None
    near = likeliest(name, [sketches(members)], 2)
    places = [members[each] for each in near]
    tail = f"; the nearest is `{near[0]}`" if near else ""
    is_sure = access is not None and is_surely(case, owner, access.value)
    edit = renamed_attribute(case, access, members) if access is not None and is_sure else None
    said = f"{shown} has no attribute `{name}`{tail}."
    return Card(said, (*places, case.place(owner, f"defines `{kind}`")), edit=edit)


def _on_builtin(raised: Raised, kind: str, name: str, shown: str) -> Card | None:
    owner = getattr(builtins, kind, None)
    if not isinstance(owner, type):
        return None
    near = likeliest(name, [sketches(each for each in dir(owner) if not each.startswith("_"))], 1)
    tail = f"; the nearest is `{near[0]}`" if near else ""
    return Card(f"{shown} has no attribute `{name}`{tail}.", raised.here())


def _on_module(raised: Raised, module: str, name: str, *, partly: bool) -> Card | None:
    case = raised.case
    if partly:
        return Card(
            f"`{module}` is still being imported when `{module}.{name}` is read: the imports go in a circle, "
            "or a file of the project has the name of the module that is meant.",
            raised.here(),
        )
    root = case.around.root
    shadow = str(root / f"{module}.py") if root is not None and "." not in module else ""
    names = names_in(module)
    if names and shadow and case.around.read(shadow) is not None:
        return Card(
            f"`{module}.py` of the project stands in for the standard library's `{module}`.", raised.here()
        )
    near = likeliest(name, [sketches(names)], 1)
    if not near or name in names:
        return None
    return Card(f"The module `{module}` has no `{name}`; the nearest is `{near[0]}`.", raised.here())
