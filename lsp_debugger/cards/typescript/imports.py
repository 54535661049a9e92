"""Imports of names that a file does not export, and of packages without types."""

from __future__ import annotations

import os.path
import re
import sys
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.typescript.modules import (
    exported,
    exports,
    folder_of,
    resolved,
    starred,
)
from lsp_debugger.cards.typescript.packages import is_installed, listed_at, package_of
from lsp_debugger.cards.typescript.scopes import declarations
from lsp_debugger.cards.typescript.source import Source, place, source_of
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.syntax.likeness import likeliest, sketches

if TYPE_CHECKING:
    from tree_sitter import Node

_UNTYPED = re.compile(
    r"Could not find a declaration file for module '(?P<module>[^'\n]{1,300})'\. "
    r"'(?P<file>[^'\n]{1,1000})' implicitly"
)
_NO_EXPORT = re.compile(
    r"""(?:Module )?'"(?P<module>[^"\n]{1,1000})"' has no exported member """
    r"""(?:named )?'(?P<name>[^'\n]{1,200})'"""
)
_LOCAL = re.compile(r"""Module '"(?P<module>[^"\n]{1,1000})"' declares '(?P<name>[^'\n]{1,200})' locally""")
_NO_DEFAULT = re.compile(r"""Module '"(?P<module>[^"\n]{1,1000})"' has no default export""")
_NO_MODULE = re.compile(r"File '(?P<file>[^'\n]{1,1000})' is not a module")
_UNBUILT = re.compile(
    r"Output file '(?P<output>[^'\n]{1,1000})' has not been built from source file '(?P<file>[^'\n]{1,1000})'"
)


def untyped(case: Case) -> Card | None:
    """7016: the code is there, its types are not."""
    match = _UNTYPED.match(case.problem.message)
    if match is None:
        return None
    module, file = match["module"], match["file"].replace("\\", "/")
    if module.startswith("."):
        return Card(f"`{module}` is JavaScript, so everything imported from it is `any`: {case.shown(file)}.")
    package = package_of(module)
    types = "@types/" + package.removeprefix("@").replace("/", "__")
    if is_installed(case, types):
        return Card(
            f"`{module}` brings no types that the compiler finds, though `{types}` is in node_modules."
        )
    listed = listed_at(case, package)
    return Card(
        f"`{package}` is installed and brings no types, so everything from it is `any`; `{types}` is not "
        "installed.",
        (listed,) if listed is not None else (),
    )


def not_exported(case: Case) -> Card | None:  # noqa: PLR0911 - one for each reason
    """2305, 2724, 2614 and 2459."""
    message = case.problem.message
    match = _NO_EXPORT.match(message) or _LOCAL.match(message)
    source = source_of(case)
    if match is None or source is None:
        return None
    module, name = match["module"], match["name"]
    there = _file(case, source, module)
    if there is None:
        return None
    own = exports(there)
    hidden = [each for each in declarations(there).get(name, ()) if each.scope.id == there.nodes.root.id]
    shown = case.shown(there.path)
    if name in own or (starred(there) and exported(case, there, name) is not None):
        return None
    is_default = "default" in own and _is_default(there, own["default"].node, name)
    if hidden and hidden[0].kind != "import" and not is_default:
        line = there.line(hidden[0].node)
        return Card(
            f"{shown} declares `{name}` in line {line} and does not export it.",
            (place(case, there, hidden[0].node, f"`{there.first_line(hidden[0].whole)}`"),),
        )
    if is_default:
        return Card(
            f"{shown} exports `{name}` as its default: braces are for exports that have a name.",
            (place(case, there, own["default"].node, f"`{there.first_line(own['default'].node)}`"),),
            (f'`import {name} from "{module}"`',),
        )
    near = likeliest(name, [sketches(each for each in own if each != "default")], 1)
    tail = f"; the nearest is `{near[0]}`" if near else ""
    places = (
        (place(case, there, own[near[0]].node, f"`{there.first_line(own[near[0]].node)}`"),) if near else ()
    )
    if not near and own and len(own) <= 6 and not starred(there):
        named = ", ".join(f"`{each}`" for each in own)
        return Card(f"{shown} exports no `{name}`; it has {named}.")
    return Card(f"{shown} exports no `{name}`{tail}.", places)


def _file(case: Case, source: Source, module: str) -> Source | None:
    """A specifier, or the absolute path without an ending that newer messages print."""
    if module.startswith("/") or (sys.platform == "win32" and ":" in module[:3]):
        relative = os.path.relpath(module, folder_of(source.path))
        module = relative if relative.startswith(".") else f"./{relative}"
    return resolved(case, source, module)


def _is_default(there: Source, node: Node, name: str) -> bool:
    named = node.child_by_field_name("name")
    return there.text(named if named is not None else node) == name


def no_default(case: Case) -> Card | None:
    """1192 and 2613: braces are missing, or there is nothing to import like that."""
    match = _NO_DEFAULT.match(case.problem.message)
    source = source_of(case)
    if match is None or source is None:
        return None
    name = case.code
    there = _file(case, source, match["module"])
    if there is None:
        return None
    own, shown = exports(there), case.shown(there.path)
    if name in own:
        return Card(
            f"{shown} has no default export; it exports `{name}` by name, which takes braces: "
            f"`{{ {name} }}`.",
            (place(case, there, own[name].node, f"`{there.first_line(own[name].node)}`"),),
        )
    named = ", ".join(f"`{each}`" for each in list(own)[:6])
    has = f"; by name it exports {named}" if named else ""
    return Card(f"{shown} has no default export that `{name}` could be{has}.")


def no_module(case: Case) -> Card | None:
    """2306: neither imports nor exports make it a module."""
    match = _NO_MODULE.match(case.problem.message)
    if match is None:
        return None
    shown = case.shown(match["file"])
    return Card(
        f"`{case.code.strip(chr(34))}` exports nothing: {shown} has no import or export at its top level.",
        (Place(shown, 1, "is a script, not a module"),),
    )


def unbuilt(case: Case) -> Card | None:
    """6305: a project refers to another one whose output is not there."""
    match = _UNBUILT.match(case.problem.message)
    if match is None:
        return None
    source_file, output = case.shown(match["file"]), case.shown(match["output"])
    return Card(
        f"`{source_file}` belongs to another project, and what is built of it, {output}, is not there yet.",
        (Place(source_file, 1, "is what is built"),),
        ("`tsc -b` builds referenced projects first.",),
    )
