"""Names that Go does not know here: undefined ones, and those of other packages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.go import stdlib
from lsp_debugger.cards.go.package import (
    fields,
    folder_of_import,
    imported,
    in_package,
    module_of,
    near_in_package,
    one,
    type_definition,
)
from lsp_debugger.cards.go.rule import rule
from lsp_debugger.cards.go.source import (
    FUNCTIONS,
    Binding,
    bindings_in,
    imports_of,
    line_text,
    nodes_of,
    parents,
    plain_type,
)
from lsp_debugger.core.ask import Card
from lsp_debugger.syntax.likeness import likeliest, sketches
from lsp_debugger.syntax.nodes import Nodes

if TYPE_CHECKING:
    from tree_sitter import Node

_NAME = r"[^\W\d]\w{0,200}"
_PATH = r"[^\s\"():;]{1,300}"


def undefined(case: Case, match: re.Match[str]) -> Card | None:
    name, nodes = match["name"], nodes_of(case)
    use = nodes.exactly(case.span) if nodes is not None else None
    if nodes is None or use is None or nodes.text(use) != name:
        return Card(f"`{name}` is not defined here.") if nodes is None else None
    selected = _selected(nodes, use)
    return (
        (_package(case, name, selected) if selected else None)
        or _member_of_receiver(case, nodes, use, name)
        or _of_inner_block(case, nodes, use, name)
        or _nearest(case, nodes, use, name)
        or Card(f"`{name}` is defined neither in this file nor in its package nor by Go itself.")
    )


def _selected(nodes: Nodes, use: Node) -> str:
    """B of `use.B`."""
    parent = use.parent
    field = None
    if parent is not None and parent.type == "selector_expression":
        operand = parent.child_by_field_name("operand")
        field = parent.child_by_field_name("field") if operand == use else None
    elif parent is not None and parent.type == "qualified_type":
        field = parent.child_by_field_name("name")
    return nodes.text(field) if field is not None and field != use else ""


def _package(case: Case, name: str, selected: str) -> Card | None:
    """`name.selected`, where a package of the project or of Go itself is called so."""
    known = [
        each
        for each in case.around.symbols.definitions(selected, case.path)
        if each.qualname == selected and each.kind != "import" and _folder_name(each.path) == name
    ]
    if (found := one(known)) is not None:
        return Card(
            f"The package `{name}` is not imported here; {case.shown(found.path)} defines its `{selected}`.",
            (case.place(found),),
            _import_line(case, found.path),
        )
    paths = stdlib.packages().get(name, ())
    if len(paths) == 1:
        where = f"`{paths[0]}`" if paths[0] != name else "a package"
        return Card(
            f"`{name}` is used as `{name}.{selected}` but not imported; it is {where} of the standard "
            f"library."
            if where == "a package"
            else f"`{name}` is used as `{name}.{selected}` but not imported; "
            f"the standard library has it as {where}."
        )
    if paths:
        listed = " and ".join(f"`{path}`" for path in paths)
        return Card(f"`{name}` is not imported here; the standard library has {listed}.")
    return None


def _folder_name(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[0].rpartition("/")[2]


def _import_line(case: Case, path: str) -> tuple[str, ...]:
    module = module_of(case)
    folder = path.replace("\\", "/").rpartition("/")[0]
    top = str(module.folder).replace("\\", "/") if module is not None else ""
    if module is None or not folder.startswith(f"{top}/"):
        return ()
    return (f'`import "{module.name}/{folder[len(top) + 1 :]}"`',)


def _member_of_receiver(case: Case, nodes: Nodes, use: Node, name: str) -> Card | None:
    method = next((each for each in parents(use) if each.type == "method_declaration"), None)
    if method is None:
        return None
    declared = next((each for each in bindings_in(nodes, method) if each.kind == "receiver"), None)
    owner = (
        plain_type(nodes.text(declared.type)) if declared is not None and declared.type is not None else ""
    )
    if declared is None or not owner:
        return None
    receiver = nodes.text(declared.name)
    member = one(in_package(case, f"{owner}.{name}"))
    place, kind = (case.place(member), "method") if member is not None else (None, "field")
    if member is None or member.kind == "variable":
        found = type_definition(case, owner)
        place = fields(case, found[0]).get(name) if found is not None else None
        kind = "field"
    if place is None:
        return None
    return Card(
        f"`{name}` is no variable here; `{owner}` has a {kind} of that name, reached as `{receiver}.{name}`.",
        (place,),
    )


def _of_inner_block(case: Case, nodes: Nodes, use: Node, name: str) -> Card | None:
    """Declared in the same function, in a block that is over or has not begun."""
    function = next((each for each in parents(use) if each.type in FUNCTIONS), None)
    outermost = next((each for each in reversed(list(parents(use))) if each.type in FUNCTIONS), function)
    if outermost is None:
        return None
    for each in bindings_in(nodes, outermost):
        if nodes.text(each.name) != name:
            continue
        line = nodes.line(each.name)
        if each.name.start_byte > use.end_byte:
            return Card(
                f"`{name}` is used before it is declared: that is line {line}.",
                (case.here(line, f"`{line_text(case, line)}`"),),
            )
        block = _block_of(each)
        last = case.snapshot.lines.line_of(nodes.span(block).end) + 1 if block is not None else 0
        if block is not None and block.end_byte <= use.start_byte:
            return Card(
                f"`{name}` exists only in the block of lines {nodes.line(block)} to {last}, "
                f"where line {line} declares it.",
                (case.here(line, f"`{line_text(case, line)}`"),),
            )
    return None


def _block_of(declared: Binding) -> Node | None:
    """The statement or block in which a declaration can be seen."""
    scopes = {"block", "if_statement", "for_statement", "expression_switch_statement"}
    cases = {"type_switch_statement", "expression_case", "default_case", "communication_case", "type_case"}
    return next((each for each in parents(declared.statement) if each.type in scopes | cases), None)


def _nearest(case: Case, nodes: Nodes, use: Node, name: str) -> Card | None:
    seen = _visible(nodes, use)
    package = {each.name: each for each in near_in_package(case, name)}
    imports = {each.name: each for each in imports_of(case)}
    names = [seen, package, imports, stdlib.BUILTINS]
    near = likeliest(name, [sketches(each) for each in names], 2)
    if not near:
        return None
    first = near[0]
    if first in seen:
        line = nodes.line(seen[first].name)
        where, places = f"line {line}", (case.here(line, f"{seen[first].kind} `{first}`"),)
    elif first in package:
        where, places = f"{case.shown(package[first].path)}", (case.place(package[first]),)
    elif first in imports:
        where, places = "an import", (case.here(imports[first].line, f'`"{imports[first].path}"`'),)
    else:
        where, places = "part of Go", ()
    notes = (f"Also near: `{near[1]}`",) if len(near) > 1 else ()
    return Card(f"`{name}` is not defined; the nearest name is `{first}` ({where}).", places, notes)


def _visible(nodes: Nodes, use: Node) -> dict[str, Binding]:
    """What is declared around a use, nearest first."""
    functions = [each for each in parents(use) if each.type in FUNCTIONS]
    found = dict[str, Binding]()
    for each in bindings_in(nodes, functions[-1]) if functions else ():
        block = _block_of(each)
        is_over = block is not None and block.end_byte <= use.start_byte
        if each.name.start_byte < use.start_byte and not is_over:
            found[nodes.text(each.name)] = each
    return {name: each for name, each in found.items() if name != "_"}


def undefined_in_package(case: Case, match: re.Match[str]) -> Card | None:
    package, name = match["package"], match["name"]
    found = imported(case, package)
    if found is None:
        return None
    folder = folder_of_import(case, found.path)
    if not name[:1].isupper() and folder is not None and one(in_package(case, name, folder)) is not None:
        # Of an import that was loaded from export data, gopls does not see what the package keeps for itself.
        return not_exported(case, match)
    place = case.here(found.line, f'`"{found.path}"`')
    near = near_in_package(case, name, folder) if folder is not None else []
    near = [each for each in near if each.name[:1].isupper()]
    shown = "no" if name[:1].isupper() else "nothing that others may use as"
    if near:
        said = f"The package `{package}` has {shown} `{name}`; the nearest is `{near[0].name}`."
        return Card(said, (case.place(near[0]), place))
    told = "" if found.path == package else f" (`{found.path}`)"
    return Card(f"The package `{package}`{told} has {shown} `{name}`.", (place,))


def not_exported(case: Case, match: re.Match[str]) -> Card | None:
    package, name = match["package"], match["name"]
    found = imported(case, package)
    folder = folder_of_import(case, found.path) if found is not None else None
    known = one(in_package(case, name, folder)) if folder is not None else None
    return Card(
        f"`{name}` begins with a small letter: only the package `{package}` itself may use it.",
        (case.place(known),) if known is not None else (),
    )


RULES = (
    rule(
        "UndeclaredImportedName",
        rf"undefined: (?P<package>{_NAME})\.(?P<name>{_NAME})$",
        undefined_in_package,
    ),
    rule("UndeclaredName", rf"undefined: (?P<name>{_NAME})$", undefined),
    rule("UndeclaredName", rf"undeclared name: (?P<name>{_NAME})$", undefined),
    rule(
        "UnexportedName",
        rf"name (?P<name>{_NAME}) not exported by package (?P<package>{_NAME})$",
        not_exported,
    ),
    rule(
        "UnexportedName",
        rf"(?P<name>{_NAME}) not exported by package (?P<package>{_NAME})$",
        not_exported,
    ),
)
