"""What a package of the project defines: its folder's files, as far as somebody has looked at them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.go.source import Import, imports_of, plain_type, type_of
from lsp_debugger.core.ask import Place
from lsp_debugger.core.ports import Definition
from lsp_debugger.core.text import Snapshot
from lsp_debugger.syntax.likeness import likeliest, sketches
from lsp_debugger.syntax.nodes import Nodes

if TYPE_CHECKING:
    from tree_sitter import Node

_MODULE = re.compile(r"^module[ \t]+\"?([^\s\"]+)", re.MULTILINE)
_MAX_CHARS = 200_000  # a file that is read for one definition in it
_MAX_FOLDERS = 12
_SIMILAR = 20


@dataclass(frozen=True, slots=True)
class Module:
    """folder: of its go.mod. name: how import paths in it begin."""

    folder: PurePath
    name: str
    mod: Snapshot


def folder_of(case: Case) -> str:
    return str(PurePath(case.path).parent)


def in_package(case: Case, name: str, folder: str | None = None) -> list[Definition]:
    """What a package declares under `name`, or under `Type.member`."""
    wanted = folder or folder_of(case)
    found = case.around.symbols.definitions(name, case.path)
    return [
        each
        for each in found
        if each.kind != "import"
        and each.qualname == name
        and each.path.endswith(".go")
        and str(PurePath(each.path).parent) == wanted
    ]


def one(found: Sequence[Definition]) -> Definition | None:
    return found[0] if len(found) == 1 else None


def near_in_package(case: Case, name: str, folder: str | None = None, owner: str = "") -> list[Definition]:
    """What the package, or one of its types, declares under names that look like `name`."""
    prefix = f"{owner}." if owner else ""
    near = case.around.symbols.similar(name, None, _SIMILAR)
    known = {each: found for each in near if (found := in_package(case, prefix + each, folder))}
    names = likeliest(name, [sketches(known)], 3)
    return [known[each][0] for each in names]


def module_of(case: Case) -> Module | None:
    """The nearest go.mod above the file, as far as it may be read."""
    folder = PurePath(case.path).parent
    for place in [folder, *folder.parents][:_MAX_FOLDERS]:
        snapshot = case.around.read(str(place / "go.mod"))
        if snapshot is not None:
            match = _MODULE.search(snapshot.text[:_MAX_CHARS])
            return Module(place, match[1], snapshot) if match is not None else None
    return None


def folder_of_import(case: Case, path: str) -> str | None:
    """Where a package of the same module lies; None for those of others."""
    module = module_of(case)
    if module is None or not f"{path}/".startswith(f"{module.name}/"):
        return None
    return str(module.folder / path[len(module.name) :].strip("/"))


def imported(case: Case, name: str) -> Import | None:
    """The import that the file's `name.` belongs to."""
    found = [each for each in imports_of(case) if each.name == name]
    return found[0] if len(found) == 1 else None


def type_definition(case: Case, written: str) -> tuple[Definition, str] | None:
    """What defines a type of the project, and the folder of its package.

    written: as in the file (`*Cart`, `store.Cart`) or as vet prints it (`example.com/shop/store.Cart`).
    """
    package, _, name = written.strip().removeprefix("*").rpartition(".")
    plain, folder = plain_type(name), None
    if package:
        found = imported(case, package)
        path = found.path if found is not None and "/" not in package else package
        folder = folder_of_import(case, path)
        if folder is None:
            return None
    definition = one([each for each in in_package(case, plain, folder) if each.kind == "class"])
    return (definition, folder or folder_of(case)) if definition is not None else None


def callee(case: Case, nodes: Nodes, function: Node) -> Definition | None:
    """The project's function or method that a call names, where there can be only one."""
    name = nodes.text(function)
    if function.type == "identifier":
        return _function(in_package(case, name))
    operand, field = function.child_by_field_name("operand"), function.child_by_field_name("field")
    if function.type != "selector_expression" or operand is None or field is None:
        return None
    owner = type_of(nodes, operand)
    if owner:
        found = type_definition(case, owner)
        if found is not None:
            member = f"{plain_type(owner).rpartition('.')[2]}.{nodes.text(field)}"
            return _function(in_package(case, member, found[1]))
        return None
    package = imported(case, nodes.text(operand)) if operand.type == "identifier" else None
    folder = folder_of_import(case, package.path) if package is not None else None
    return _function(in_package(case, nodes.text(field), folder)) if folder is not None else None


def _function(found: Sequence[Definition]) -> Definition | None:
    return one([each for each in found if each.kind in {"function", "method"}])


def node_of(case: Case, definition: Definition, *types: str) -> tuple[Nodes, Node] | None:
    """A definition in the file that it stands in."""
    own = definition.path == case.path
    snapshot = case.snapshot if own else case.around.read(definition.path)
    if snapshot is None or len(snapshot.text) > _MAX_CHARS:
        return None
    view = case.around.syntax.view(snapshot)
    if view is None or definition.start_line > len(snapshot.lines):
        return None
    span = snapshot.lines.span_of(definition.start_line - 1)
    last = snapshot.lines.span_of(definition.end_line - 1)
    whole = type(span)(span.start, last.end)
    for node in view.nodes.within(whole, *types):
        name = node.child_by_field_name("name")
        if name is not None and view.nodes.text(name) == definition.name:
            return view.nodes, node
    return None


def parameters(case: Case, definition: Definition) -> list[str] | None:
    """Each parameter as `name type`, in order; None where they cannot be seen."""
    found = node_of(case, definition, "function_declaration", "method_declaration", "method_elem")
    if found is None:
        return None
    nodes, node = found
    listed = node.child_by_field_name("parameters")
    if listed is None:
        return None
    told = list[str]()
    for each in listed.named_children:
        written = each.child_by_field_name("type")
        dots = "..." if each.type == "variadic_parameter_declaration" else ""
        kind = dots + nodes.text(written) if written is not None else ""
        names = each.children_by_field_name("name")
        told += [f"{nodes.text(name)} {kind}" for name in names] or [kind]
    return told


def fields(case: Case, definition: Definition) -> dict[str, Place]:
    """A struct's own fields with their places; embedded ones by the name of their type."""
    found = node_of(case, definition, "type_spec")
    if found is None:
        return {}
    nodes, node = found
    return {
        name: Place(
            case.shown(definition.path), nodes.line(field), f"`{' '.join(nodes.text(field).split())}`"
        )
        for field, name in field_nodes(nodes, node)
    }


def field_nodes(nodes: Nodes, spec: Node) -> Iterator[tuple[Node, str]]:
    """Declarations of fields in a struct, once for each name."""
    struct = spec.child_by_field_name("type")
    if struct is None or struct.type != "struct_type":
        return
    for listed in struct.named_children:
        for field in listed.named_children:
            if field.type != "field_declaration":
                continue
            names = [nodes.text(name) for name in field.children_by_field_name("name")]
            written = field.child_by_field_name("type")
            if not names and written is not None:
                names = [plain_type(nodes.text(written)).rpartition(".")[2]]
            for name in names:
                yield field, name


def signature(definition: Definition) -> str:
    return f"`{definition.signature}`"
