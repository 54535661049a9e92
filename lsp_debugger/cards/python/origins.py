"""Where a None comes from: the declaration, the `return None`, or the look-up that found nothing."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.python.bindings import Binding
from lsp_debugger.cards.python.flow import (
    falls_through,
    is_generator,
    is_none,
    returns_a_value,
    returns_of_none,
)
from lsp_debugger.cards.python.members import self_assignments
from lsp_debugger.cards.python.parsed import FunctionNode, ParsedPython
from lsp_debugger.cards.python.resolve import (
    class_of,
    definition_of,
    member,
    node_of,
    only_binding,
    reaching,
    signature,
)
from lsp_debugger.core.ask import Place
from lsp_debugger.core.ports import Definition

_MAX_DEPTH = 4
_MAX_RETURNS = 2
_NO_MATCH = "gives None when nothing matches"
# Of the standard library: what gives None, and when.
_STDLIB = {
    "re.match": "gives None when the text does not begin with a match",
    "re.fullmatch": "gives None when the whole text is no match",
    "re.search": _NO_MATCH,
    "os.environ.get": "gives None when the variable is not set",
    "os.getenv": "gives None when the variable is not set",
    "shutil.which": "gives None when the program is not on PATH",
    "inspect.getmodule": "gives None when no module is found",
    "inspect.getdoc": "gives None when there is no docstring",
    "inspect.currentframe": "gives None where the interpreter has no frames",
    "importlib.util.find_spec": "gives None when the module is not found",
    "ast.get_docstring": "gives None when there is no docstring",
}
_PATTERN_METHODS = {"match": "re.match", "search": "re.search", "fullmatch": "re.fullmatch"}


@dataclass(frozen=True, slots=True)
class Origin:
    """reason: a clause that follows a colon. places: nearest cause first."""

    reason: str
    places: tuple[Place, ...] = ()


def none_origin(  # noqa: PLR0911 - one case for each kind of expression
    case: Case, expression: ast.expr, depth: int = 0
) -> Origin | None:
    """Why `expression` can be None; None when the code does not show it."""
    parsed = case.python
    if parsed is None or depth > _MAX_DEPTH:
        return None
    match expression:
        case ast.Await(value=value) | ast.NamedExpr(value=value):
            return none_origin(case, value, depth + 1)
        case ast.Call():
            return _of_call(case, parsed, expression)
        case ast.Name():
            return _of_name(case, parsed, expression, depth)
        case ast.Attribute():
            return _of_attribute(case, expression)
        case ast.IfExp():
            return _of_either(parsed, expression)
        case _:
            return None


def allows_none(annotation: ast.expr | None) -> bool:
    """True for `X | None`, `Optional[X]`, `None` and the same in quotes."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            annotation = ast.parse(annotation.value, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    match annotation:
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return allows_none(left) or allows_none(right)
        case ast.Subscript(value=ast.Name(id="Optional") | ast.Attribute(attr="Optional")):
            return True
        case ast.Subscript(
            value=ast.Name(id="Union") | ast.Attribute(attr="Union"), slice=ast.Tuple(elts=parts)
        ):
            return any(allows_none(part) for part in parts)
        case ast.Constant():
            return is_none(annotation)
        case _:
            return False


def none_results(case: Case, parsed: ParsedPython, node: FunctionNode, path: str) -> Origin | None:
    """Why a call of `node`, a function in the file `path`, can give None."""
    if is_generator(node):
        return None
    ends = [
        Place(case.shown(path), each.lineno, f"`{parsed.code(each)}`")
        for each in returns_of_none(node)[:_MAX_RETURNS]
    ]
    here = Place(case.shown(path), node.lineno, f"`{signature(node)}`")
    if node.returns is not None:
        if not allows_none(node.returns) or is_none(node.returns):
            return _nothing(node, here) if is_none(node.returns) else None
        return Origin(f"`{node.name}` is declared to return `{ast.unparse(node.returns)}`", (*ends, here))
    if ends and returns_a_value(node):
        return Origin(f"`{node.name}` returns None at {ends[0]}", (*ends, here))
    if returns_a_value(node) and falls_through(node.body):
        return Origin(f"`{node.name}` can end without a `return`", (here,))
    return None if returns_a_value(node) or _is_stub(node) else _nothing(node, here)


def _nothing(node: FunctionNode, here: Place) -> Origin:
    return Origin(f"`{node.name}` never returns a value", (here,))


def _is_stub(node: FunctionNode) -> bool:
    """A body of `...`, `raise` or a docstring alone promises nothing about what overrides it."""
    return not falls_through(node.body) or all(
        isinstance(each, ast.Pass) or (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
        for each in node.body
    )


def _of_call(case: Case, parsed: ParsedPython, call: ast.Call) -> Origin | None:
    definition = definition_of(case, call.func)
    if definition is not None:
        found = node_of(case, definition)
        if found is None or isinstance(found[1], ast.ClassDef):
            return None
        return none_results(case, found[0], found[1], definition.path)
    called = _imported_name(parsed, call.func)
    if called in _STDLIB and not _has_default(called, call):
        return Origin(f"`{called}` {_STDLIB[called]}")
    if isinstance(call.func, ast.Attribute):
        return _of_method(case, parsed, call, call.func)
    return None


def _of_method(case: Case, parsed: ParsedPython, call: ast.Call, func: ast.Attribute) -> Origin | None:
    if func.attr in _PATTERN_METHODS and isinstance(func.value, ast.Name):
        binding = only_binding(parsed, func.value.id, parsed.span(func.value))
        node = binding.node if binding is not None else None
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if isinstance(value, ast.Call) and _imported_name(parsed, value.func) == "re.compile":
            words = _STDLIB[_PATTERN_METHODS[func.attr]]
            return Origin(
                f"`{parsed.code(func)}` {words}", (case.here(value.lineno, f"`{parsed.code(value)}`"),)
            )
    if (
        func.attr == "get"
        and len(call.args) == 1
        and not call.keywords
        and class_of(case, func.value) is None
    ):
        return Origin(f"`{parsed.code(call)}` has no default and gives None for a missing key")
    return None


def _has_default(called: str, call: ast.Call) -> bool:
    return called in ("os.environ.get", "os.getenv") and len(call.args) + len(call.keywords) > 1


def _imported_name(parsed: ParsedPython, expression: ast.expr) -> str:
    """The dotted name by its import: `re.match` for `from re import match as m` and `m`; else empty."""
    names = list[str]()
    while isinstance(expression, ast.Attribute):
        names.insert(0, expression.attr)
        expression = expression.value
    if not isinstance(expression, ast.Name):
        return ""
    binding = only_binding(parsed, expression.id, parsed.span(expression))
    node = binding.node if binding is not None else None
    if not isinstance(node, ast.Import | ast.ImportFrom):
        return ""
    for alias in node.names:
        if (alias.asname or alias.name.partition(".")[0]) == expression.id:
            whole = [node.module or "", alias.name] if isinstance(node, ast.ImportFrom) else [alias.name]
            if isinstance(node, ast.Import) and not alias.asname:
                whole = [expression.id]
            return ".".join([*whole, *names])
    return ""


def _of_name(case: Case, parsed: ParsedPython, name: ast.Name, depth: int) -> Origin | None:
    found = reaching(parsed, name.id, parsed.span(name))
    for binding in found:
        origin = _of_binding(case, parsed, name, binding, depth)
        if origin is None:
            continue
        if len(found) == 1 or not origin.places or binding.kind == "parameter":
            return origin
        # Several ways lead here: what one of them does is sure, that it was this one is not.
        return Origin(f"line {origin.places[0].line} can set it to None", origin.places)
    return None


def _of_binding(
    case: Case, parsed: ParsedPython, name: ast.Name, binding: Binding, depth: int
) -> Origin | None:
    node = binding.node
    if isinstance(node, ast.arg):
        return _of_parameter(case, parsed, name, node)
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr):
        return _of_assignment(case, parsed, binding, depth)
    return None


def _of_assignment(case: Case, parsed: ParsedPython, binding: Binding, depth: int) -> Origin | None:
    node = binding.node
    assert isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr)
    if isinstance(node, ast.Assign) and not all(isinstance(target, ast.Name) for target in node.targets):
        return None
    whole = parsed.code(node)
    here = case.here(node.lineno, f"`{whole}`")
    if is_none(node.value):
        return Origin(f"`{binding.name}` is set to None in line {node.lineno}", (here,))
    origin = none_origin(case, node.value, depth + 1) if node.value is not None else None
    if origin is not None:
        return Origin(origin.reason, (here, *origin.places))
    if isinstance(node, ast.AnnAssign) and allows_none(node.annotation):
        return Origin(f"`{binding.name}` is declared as `{parsed.code(node.annotation)}`", (here,))
    return None


def _of_parameter(case: Case, parsed: ParsedPython, name: ast.Name, node: ast.arg) -> Origin | None:
    if allows_none(node.annotation):
        assert node.annotation is not None
        reason = f"the parameter `{name.id}` is declared as `{parsed.code(node.annotation)}`"
        return Origin(reason, (case.here(node.lineno, f"`{parsed.code(node)}`"),))
    function = parsed.function_around(parsed.span(name))
    if function is None or node.annotation is not None:
        return None
    arguments = function.args
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults = dict(zip(reversed(plain), reversed(arguments.defaults), strict=False))
    defaults |= {
        key: value for key, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value
    }
    if is_none(defaults.get(node)):
        reason = f"the parameter `{name.id}` is None when the caller leaves it out"
        return Origin(reason, (case.here(node.lineno, f"`{signature(function)}`"),))
    return None


def _of_attribute(case: Case, expression: ast.Attribute) -> Origin | None:
    owner = class_of(case, expression.value)
    if owner is None:
        return None
    definition = member(case, owner, expression.attr)
    if definition is None:
        return _of_self_attribute(case, owner, expression.attr)
    try:
        statement = ast.parse(definition.text.strip()).body[0]
    except (SyntaxError, ValueError, IndexError, RecursionError, MemoryError):
        return None
    if isinstance(statement, ast.AnnAssign) and allows_none(statement.annotation):
        reason = f"`{owner.name}.{expression.attr}` is declared as `{ast.unparse(statement.annotation)}`"
        return Origin(reason, (case.place(definition, f"`{' '.join(definition.text.split())}`"),))
    return None


def _of_self_attribute(case: Case, owner: Definition, name: str) -> Origin | None:
    """`self.name: X | None` or `self.name = None` in one of the class's methods."""
    found = node_of(case, owner)
    if found is None:
        return None
    parsed, node = found
    for statement in self_assignments(node, name) if isinstance(node, ast.ClassDef) else ():
        here = Place(case.shown(owner.path), statement.lineno, f"`{parsed.code(statement)}`")
        if isinstance(statement, ast.AnnAssign) and allows_none(statement.annotation):
            declared = parsed.code(statement.annotation)
            return Origin(f"`{owner.name}.{name}` is declared as `{declared}`", (here,))
        if is_none(statement.value):
            return Origin(f"line {statement.lineno} can set it to None", (here,))
    return None


def _of_either(parsed: ParsedPython, expression: ast.IfExp) -> Origin | None:
    if is_none(expression.orelse):
        return Origin(f"it is None when `{parsed.code(expression.test)}` is false")
    if is_none(expression.body):
        return Origin(f"it is None when `{parsed.code(expression.test)}` is true")
    return None
