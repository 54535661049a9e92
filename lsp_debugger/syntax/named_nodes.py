"""Where a node keeps the names that it defines, binds or imports: grammars differ in little but this."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

_MAX_DECLARATOR = 8  # pointers to arrays of functions …; deeper is no code that people write
_C_NAMES = frozenset(
    {
        "identifier",
        "field_identifier",
        "type_identifier",
        "qualified_identifier",
        "destructor_name",
        "operator_name",
    }
)
_IMPORT_LISTS = frozenset(
    {
        "import_clause",
        "named_imports",
        "namespace_import",
        "use_list",
        "import_spec_list",
        "namespace_use_clause",
        "namespace_use_group",
    }
)
_PLAIN_NAMES = frozenset(
    {
        "identifier",
        "property_identifier",
        "private_property_identifier",
        "field_identifier",
        "variable_name",
        "type",
        "constant",
        "name",
    }
)


def first_field(node: Node, *names: str) -> Node | None:
    return next((child for name in names if (child := node.child_by_field_name(name))), None)


def below(node: Node) -> Iterator[tuple[Node, int]]:
    """Descendants of a small node: a type, a declarator."""
    waiting = [(child, 1) for child in node.named_children]
    while waiting:
        child, depth = waiting.pop(0)
        yield child, depth
        if depth < _MAX_DECLARATOR:
            waiting += [(each, depth + 1) for each in child.named_children]


def name_of(node: Node) -> Node | None:
    name = node.child_by_field_name("name")
    return name if name is not None else declared(node)


def declared(node: Node) -> Node | None:
    """The name inside of `*name[3] = …` or `name(…)`, as C nests its declarators."""
    inner: Node | None = node
    for _ in range(_MAX_DECLARATOR):
        if inner is None or not inner.type.endswith(("declarator", "definition", "_declaration")):
            break
        inner = first_field(inner, "declarator") or next(
            (child for child in inner.named_children if child.type in _C_NAMES), None
        )
    return inner if inner is not None and inner.type in _C_NAMES else None


def declares_function(target: Node) -> bool:
    """A prototype: `int *name(void);`. A pointer to a function is a variable."""
    while target.type == "pointer_declarator" and (inner := target.child_by_field_name("declarator")):
        target = inner
    if target.type != "function_declarator":
        return False
    inner = target.child_by_field_name("declarator")
    return inner is not None and inner.type in _C_NAMES


def targets_of(node: Node) -> list[Node]:
    """What a binding names: several in `var a, b int` and `int a, *b;`."""
    for field in ("left", "name", "key", "property", "declarator"):
        if found := node.children_by_field_name(field):
            return list(found) if field in {"name", "declarator"} else [found[0]]
    return []


def last_name(target: Node) -> Node | None:
    """`exports.run` → run; a computed target has no name."""
    if target.type == "member_expression":
        return target.child_by_field_name("property")
    if target.type == "variable_name":
        return _bare(target)
    return None if target.type == "subscript_expression" else target


def target_names(target: Node) -> list[Node]:
    """The plain names that an assignment binds; attributes and subscripts bind none."""
    if target.type in _PLAIN_NAMES:
        return [_bare(target)]
    if target.type in {"pattern_list", "tuple_pattern", "list_pattern", "array_pattern"}:
        return [name for child in target.named_children for name in target_names(child)]
    return []


def imported_names(statement: Node) -> list[Node]:
    """The names that an import binds, aliases where there are any. `import a.b` binds `a`."""
    if statement.type == "using_directive" and (alias := statement.child_by_field_name("name")):
        return [alias]
    names: list[Node] = []
    module = statement.child_by_field_name("module_name")
    waiting = [child for child in statement.named_children if module is None or child.id != module.id]
    while waiting:
        node = waiting.pop(0)
        if alias := node.child_by_field_name("alias"):
            names.append(alias)
        elif node.type == "dotted_name":
            names.extend(node.named_children[:1] if module is None else node.named_children[-1:])
        elif node.type in {"identifier", "type_identifier", "name"}:
            names.append(node)
        elif node.type == "qualified_name":
            names.extend(node.named_children[-1:])
        elif node.type in {"import_specifier", "scoped_identifier", "import_spec"}:
            names.extend(filter(None, [node.child_by_field_name("name")]))
        elif node.type == "scoped_use_list":
            waiting = [*filter(None, [node.child_by_field_name("list")]), *waiting]
        elif node.type in _IMPORT_LISTS:
            waiting = node.named_children + waiting
    return names


def _bare(name: Node) -> Node:
    """PHP's `$total` without its sign, so that it meets `->total`."""
    return name.named_children[0] if name.type == "variable_name" and name.named_children else name
