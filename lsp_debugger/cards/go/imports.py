"""Imports that nothing uses, and packages that are not there."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.go import stdlib
from lsp_debugger.cards.go.package import (
    module_of,
)
from lsp_debugger.cards.go.rule import rule
from lsp_debugger.cards.go.source import (
    FUNCTIONS,
    bindings_in,
    imports_of,
    nodes_of,
)
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.syntax.likeness import likeliest, sketches

_NAME = r"[^\W\d]\w{0,200}"
_PATH = r"[^\s\"():;]{1,300}"


def unused_import(case: Case, match: re.Match[str]) -> Card | None:
    path, alias = match["path"], match["alias"]
    if alias is None:
        found = next((each for each in imports_of(case) if each.path == path), None)
        alias = found.alias if found is not None and found.alias else None
    what = f"`{path}` is imported as `{alias}`" if alias else f"`{path}` is imported"
    # The standard library has few packages that are imported for what their import does.
    is_own = path in stdlib.PATHS
    notes = () if is_own else (f'If importing it has an effect that is wanted: `import _ "{path}"`.',)
    return Card(f"{what}, and nothing in this file uses it.", _hidden(case, path, alias), notes)


def _hidden(case: Case, path: str, alias: str | None) -> tuple[Place, ...]:
    """A variable of the same name: what looks like a use of the package may be one of it."""
    nodes = nodes_of(case)
    name = alias or path.rpartition("/")[2]
    if nodes is None:
        return ()
    for function in nodes.root.named_children:
        if function.type in FUNCTIONS:
            for each in bindings_in(nodes, function):
                if nodes.text(each.name) == name:
                    return (case.here(nodes.line(each.name), f"{each.kind} of the same name"),)
    return ()


def broken_import(case: Case, match: re.Match[str]) -> Card | None:
    path = next((each for each in match.groups() if each), "")
    module = module_of(case)
    if not path:
        return None
    if module is not None and f"{path}/".startswith(f"{module.name}/"):
        folder = path[len(module.name) :].strip("/") or "."
        near = _near_folders(case, path, str(module.folder).replace("\\", "/"), module.name)
        tail = f"; the nearest is `{near}`" if near else ""
        return Card(f"This module has no package in its folder `{folder}`{tail}.")
    if "." not in path.partition("/")[0]:
        near = likeliest(path, [sketches(stdlib.PATHS)], 1)
        tail = f"; the nearest is `{near[0]}`" if near else ""
        return Card(f"`{path}` is no package of the standard library{tail}.")
    return _of_another_module(case, path)


def _near_folders(case: Case, path: str, top: str, module: str) -> str:
    """An import elsewhere in the file's module that looks like this one: nobody lists folders here."""
    parent, _, last = path.rpartition("/")
    folder = top + parent[len(module) :]
    symbols = case.around.symbols
    names = [each for word in symbols.similar(last, None, 10) for each in symbols.definitions(word)]
    folders = {each.path.replace("\\", "/").rpartition("/")[0] for each in names}
    near = [each.rpartition("/")[2] for each in folders if each.rpartition("/")[0] == folder]
    found = likeliest(last, [sketches(near)], 1)
    return f"{parent}/{found[0]}" if found else ""


def _of_another_module(case: Case, path: str) -> Card | None:
    module = module_of(case)
    if module is None:
        return None
    mod = case.shown(str(module.folder / "go.mod"))
    for number, line in enumerate(module.mod.text.splitlines()[:2000], 1):
        words = line.split("//")[0].replace("require", "").split()
        if len(words) == 2 and words[1].startswith("v") and f"{path}/".startswith(f"{words[0]}/"):
            return Card(
                f"`{path}` belongs to `{words[0]} {words[1]}`, which was not downloaded or lacks this "
                f"package.",
                (Place(mod, number, f"`{words[0]} {words[1]}`"),),
                ("`go mod download` gets it; that is a download.",),
            )
    return Card(
        f"No module that go.mod names has the package `{path}`.",
        (Place(mod, 1, f"`module {module.name}`"),),
        (f"`go get {path}` adds it; that is a download.",),
    )


RULES = (
    rule(
        "UnusedImport",
        rf"\"(?P<path>{_PATH})\" imported (?:as (?P<alias>{_NAME}) )?(?:and|but) not used",
        unused_import,
    ),
    rule("BrokenImport", rf"could not import (?P<path>{_PATH})", broken_import),
    rule("BrokenImport", rf"no required module provides package (?P<path>{_PATH})", broken_import),
    rule("BrokenImport", rf"package (?P<path>{_PATH}) is not in std", broken_import),
    rule("BrokenImport", rf"cannot find module providing package (?P<path>{_PATH})", broken_import),
)
