"""Files behind import specifiers, and what they export."""

from __future__ import annotations

import os.path
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, cast

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.typescript.scopes import declarations, pattern_names
from lsp_debugger.cards.typescript.source import Source, field, source_at
from lsp_debugger.syntax.jsonc import parsed

if TYPE_CHECKING:
    from tree_sitter import Node

ENDINGS = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mts", ".cts", ".mjs", ".cjs", ".json")
_WRITTEN_FOR = {".js": (".ts", ".tsx", ".d.ts"), ".jsx": (".tsx",), ".mjs": (".mts",), ".cjs": (".cts",)}
_MAX_DEPTH = 4
_MAX_FOLDERS = 24
_MAX_EXTENDS = 4


@dataclass(frozen=True, slots=True)
class Exported:
    """name: as importers call it. node: the declaration, or the name in an export list."""

    name: str
    node: Node
    source: Source


@dataclass(frozen=True, slots=True)
class Import:
    """imported: the name over there; `default`, or `*` for the whole module."""

    specifier: str
    imported: str
    node: Node


def joined(folder: str, *parts: str) -> str:
    """A path without `..` and `.` in it."""
    return os.path.normpath(str(PurePath(folder, *parts)))


def folder_of(path: str) -> str:
    return str(PurePath(path).parent)


def files_of(base: str) -> Iterator[str]:
    """Where a relative import may lead, `base` being its absolute path, in the compiler's order."""
    ending = PurePath(base).suffix
    stem = base.removesuffix(ending)
    for written in _WRITTEN_FOR.get(ending, ()):
        yield stem + written
    if ending in ENDINGS:
        yield base
    for each in ENDINGS:
        yield base + each
    for each in ENDINGS[:5]:
        yield f"{base}/index{each}"


def resolved(case: Case, source: Source, specifier: str) -> Source | None:
    """The file of the workspace that a specifier names; None for packages and for what is not there."""
    for base in bases(case, source.path, specifier):
        for path in files_of(base):
            if path.endswith(".json"):
                continue
            if (found := source_at(case, path)) is not None:
                return found
    return None


def bases(case: Case, path: str, specifier: str) -> list[str]:
    """Absolute paths, without endings where the specifier has none."""
    if specifier.startswith("."):
        return [joined(folder_of(path), specifier)]
    return [each for _, each in mapped(case, path, specifier)]


def mapped(case: Case, path: str, specifier: str) -> list[tuple[str, str]]:
    """The `paths` of the nearest tsconfig that fit: pattern and absolute path."""
    options = compiler_options(case, path)
    found = list[tuple[str, str]]()
    for pattern, targets in options.paths.items():
        before, star, after = pattern.partition("*")
        fits = specifier.startswith(before) and specifier.endswith(after) if star else specifier == pattern
        if fits and isinstance(targets, list):
            middle = specifier[len(before) : len(specifier) - len(after)] if star else ""
            for target in cast("list[object]", targets)[:8]:
                where = joined(options.base, str(target).replace("*", middle))
                found.append((pattern, where))
    return found


@dataclass(frozen=True, slots=True)
class Options:
    """config: the file, empty without one. base: what `paths` are relative to. rest: all compiler options."""

    config: str
    base: str
    paths: Mapping[str, object]
    rest: Mapping[str, Any]


def compiler_options(case: Case, path: str) -> Options:
    for folder in list(PurePath(path).parents)[:_MAX_FOLDERS]:
        for name in ("tsconfig.json", "tsconfig.app.json", "jsconfig.json"):
            config = str(folder / name)
            snapshot = case.around.read(config)
            if snapshot is not None and "references" not in (found := parsed(snapshot.text)):
                return _options(case, config, found)
        if folder == case.around.root:
            break
    return Options("", "", {}, {})


def _options(case: Case, config: str, found: dict[str, Any]) -> Options:
    """What it extends comes first, as far as it lies in the workspace."""
    chain = [(config, found)]
    while len(chain) <= _MAX_EXTENDS:
        at, last = chain[-1]
        extends = last.get("extends")
        if not isinstance(extends, str) or not extends.startswith("."):
            break
        place = joined(folder_of(at), extends)
        place = place if place.endswith(".json") else f"{place}.json"
        snapshot = case.around.read(place)
        if snapshot is None:
            break
        chain.append((place, parsed(snapshot.text)))
    rest: dict[str, Any] = {}
    base, paths = "", dict[str, object]()
    for at, each in reversed(chain):
        options = each.get("compilerOptions")
        if not isinstance(options, dict):
            continue
        known = cast("dict[str, Any]", options)
        rest.update(known)
        folder = folder_of(at)
        if isinstance(known.get("baseUrl"), str):
            base = joined(folder, known["baseUrl"])
        if isinstance(known.get("paths"), dict):
            paths, base = known["paths"], base or folder
    return Options(config, base, paths, rest)


def imports(source: Source) -> dict[str, Import]:
    """What the file's import statements bind, by local name."""
    found: dict[str, Import] = {}
    for name, each in declarations(source).items():
        for one in each:
            specifier = field(one.whole, "source") if one.kind == "import" else None
            if specifier is not None:
                found[name] = Import(unquoted(source, specifier), _imported_name(source, one.node), one.whole)
    return found


def _imported_name(source: Source, name: Node) -> str:
    around = name.parent
    if around is not None and around.type == "import_specifier":
        there = field(around, "name")
        return source.text(there) if there is not None else ""
    return "*" if around is not None and around.type == "namespace_import" else "default"


def unquoted(source: Source, string: Node) -> str:
    return source.text(string)[1:-1]


def exports(source: Source) -> dict[str, Exported]:
    """What the file itself declares and exports, and the names in its export lists."""
    found: dict[str, Exported] = {}
    for statement in source.nodes.root.named_children:
        if statement.type != "export_statement":
            continue
        declaration = field(statement, "declaration")
        if any(child.type == "default" for child in statement.children):
            node = declaration or field(statement, "value") or statement
            found["default"] = Exported("default", node, source)
        elif declaration is not None:
            for name, node in _declared_names(source, declaration):
                found.setdefault(name, Exported(name, node, source))
        else:
            for each in _listed(statement):
                name = field(each, "alias") or field(each, "name")
                if name is not None:
                    found.setdefault(source.text(name), Exported(source.text(name), each, source))
    return found


def _listed(statement: Node) -> Iterator[Node]:
    for clause in statement.named_children:
        if clause.type == "export_clause":
            yield from (each for each in clause.named_children if each.type == "export_specifier")


def _declared_names(source: Source, declaration: Node) -> Iterator[tuple[str, Node]]:
    """Of `export const a = 1, b = 2`, `export function f`, `export declare class C`."""
    if declaration.type in {"ambient_declaration", "expression_statement"} and declaration.named_children:
        declaration = declaration.named_children[0]
    name = field(declaration, "name")
    if name is not None:
        yield source.text(name), declaration
    for each in declaration.named_children:
        if each.type == "variable_declarator":
            for bound in pattern_names(field(each, "name")):
                yield source.text(bound), each


def exported(case: Case, source: Source, name: str, depth: int = 0) -> Exported | None:
    """The declaration that importers of `name` get, through lists and re-exports."""
    own = exports(source).get(name)
    if depth >= _MAX_DEPTH:
        return own
    if own is not None:
        return _followed(case, own, depth)
    for specifier in starred(source):
        there = resolved(case, source, specifier)
        if there is not None and (found := exported(case, there, name, depth + 1)) is not None:
            return found
    return None


def starred(source: Source) -> list[str]:
    """The specifiers of `export * from`."""
    return [
        unquoted(source, specifier)
        for each in source.nodes.root.named_children
        if each.type == "export_statement"
        and (specifier := field(each, "source")) is not None
        and not any(child.type in {"export_clause", "namespace_export"} for child in each.named_children)
    ]


def _followed(case: Case, own: Exported, depth: int) -> Exported:
    """Behind `export { a as b }` and `export { a } from`, if that can be found."""
    if own.node.type != "export_specifier":
        return own
    source, name = own.source, field(own.node, "name")
    listed = own.node.parent.parent if own.node.parent is not None else None
    specifier = field(listed, "source")
    if name is None:
        return own
    if specifier is not None:
        there = resolved(case, source, unquoted(source, specifier))
        found = exported(case, there, source.text(name), depth + 1) if there is not None else None
        return found or own
    return declaration_of(case, source, source.text(name), depth + 1) or own


def declaration_of(case: Case, source: Source, name: str, depth: int = 0) -> Exported | None:
    """What a top-level name of a file is, through its imports."""
    if depth >= _MAX_DEPTH:
        return None
    brought = imports(source).get(name)
    if brought is not None:
        there = resolved(case, source, brought.specifier)
        if there is None or brought.imported == "*":
            return None
        return exported(case, there, brought.imported, depth + 1)
    own = [each for each in declarations(source).get(name, ()) if each.scope.id == source.nodes.root.id]
    return Exported(name, own[0].whole, source) if own else None
