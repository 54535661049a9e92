"""What a name in a Python text stands for, as far as the project's own files tell.

Everything here answers None rather than guess: a card that names the wrong function is worse than
one that names none.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Sequence
from pathlib import PurePath

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.python.bindings import Binding, bindings
from lsp_debugger.cards.python.flow import blocks
from lsp_debugger.cards.python.parsed import FunctionNode, ParsedPython, ScopeNode, parse
from lsp_debugger.core.ports import Definition
from lsp_debugger.core.text import Span

_MAX_HOPS = 4  # re-exports
_PARAMETERS_CHARS = 70


def lookup(parsed: ParsedPython, name: str, span: Span) -> tuple[ScopeNode, Sequence[Binding]] | None:
    """The scope that `name` at `span` is found in, and everything there that binds it."""
    for position, scope in enumerate(parsed.scopes(span)):
        if isinstance(scope, ast.ClassDef) and position:
            continue
        found = bindings(scope).get(name)
        if found and not all(binding.kind == "declared" for binding in found):
            return scope, found
    return None


def only_binding(parsed: ParsedPython, name: str, span: Span) -> Binding | None:
    """The binding of `name` where it is bound once and for all; None where several compete."""
    found = lookup(parsed, name, span)
    return found[1][0] if found is not None and len(found[1]) == 1 else None


def last_assignment(parsed: ParsedPython, name: str, span: Span) -> Binding | None:
    """What gave `name` its value at `span`; None where there is more than one way to get there."""
    found = reaching(parsed, name, span)
    return found[0] if len(found) == 1 else None


def reaching(parsed: ParsedPython, name: str, span: Span) -> list[Binding]:
    """The bindings whose value `name` can have at `span`, nearest above it first.

    From outside of the function that `span` is in, any binding of the outer scope can.
    """
    found = lookup(parsed, name, span)
    if found is None:
        return []
    scope, places = found
    if scope is not parsed.scopes(span)[0]:
        return list(places)
    before = [binding for binding in places if _starts(parsed, binding) < span.start]
    candidates = list[Binding]()
    for binding in reversed(before):
        candidates.append(binding)
        if _runs_before(parsed, binding, span):
            break
    loops = [node for node in parsed.path_to(span) if isinstance(node, ast.For | ast.AsyncFor | ast.While)]
    later = [binding for binding in places if binding not in before]
    return candidates + [
        binding for binding in later if any(_encloses(parsed, loop, binding.node) for loop in loops)
    ]


def definition_of(case: Case, expression: ast.expr) -> Definition | None:
    """The project's function or class that `expression` names: `f`, `module.f`, `self.m`, `C.m`, `x.m`."""
    parsed = case.python
    if parsed is None:
        return None
    if isinstance(expression, ast.Name):
        return _definition_of_name(case, parsed, expression)
    if isinstance(expression, ast.Attribute):
        owner = class_of(case, expression.value)
        if owner is not None:
            return member(case, owner, expression.attr)
        module = _module_of(parsed, expression.value)
        if module is not None:
            return in_module(case, module, expression.attr)
    return None


def class_of(case: Case, expression: ast.expr) -> Definition | None:
    """The project's class that `expression` is, or is an instance of."""
    parsed = case.python
    if parsed is None:
        return None
    if isinstance(expression, ast.Call):
        return _as_class(definition_of(case, expression.func))
    if not isinstance(expression, ast.Name):
        return None
    if (own := _class_of_self(case, parsed, expression)) is not None:
        return own
    found = _as_class(_definition_of_name(case, parsed, expression))
    if found is not None:
        return found
    binding = last_assignment(parsed, expression.id, parsed.span(expression))
    return _class_of_binding(case, binding) if binding is not None else None


def _class_of_self(case: Case, parsed: ParsedPython, expression: ast.Name) -> Definition | None:
    """The class around a method, for its first parameter when that has its usual name."""
    span = parsed.span(expression)
    owner, function = parsed.class_around(span), parsed.function_around(span)
    if owner is None or function not in owner.body or expression.id not in ("self", "cls"):
        return None
    first = [*function.args.posonlyargs, *function.args.args][:1]
    return _local(case, owner.name, owner.lineno) if first and first[0].arg == expression.id else None


def member(case: Case, owner: Definition, name: str) -> Definition | None:
    """`name` defined in the class itself; bases are not looked at."""
    matches = [
        each
        for each in case.around.symbols.definitions(f"{owner.qualname}.{name}", owner.path)
        if each.path == owner.path and each.qualname == f"{owner.qualname}.{name}"
    ]
    return matches[0] if len({each.start_line for each in matches}) == 1 else None


def node_of(case: Case, definition: Definition) -> tuple[ParsedPython, FunctionNode | ast.ClassDef] | None:
    """The function or class itself, in its file as it is now."""
    snapshot = case.snapshot if definition.path == case.path else case.around.read(definition.path)
    parsed = parse(snapshot.text) if snapshot is not None else None
    if parsed is None:
        return None
    for node in ast.walk(parsed.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and (
            node.name == definition.name and definition.start_line <= node.lineno <= definition.end_line
        ):
            return parsed, node
    return None


def signature(node: FunctionNode) -> str:
    """`name(parameters) -> result` on one line; long parameters are cut, the result is not."""
    result = f" -> {ast.unparse(node.returns)}" if node.returns is not None else ""
    parameters = ast.unparse(node.args)
    if len(parameters) > _PARAMETERS_CHARS:
        parameters = parameters[: _PARAMETERS_CHARS - 1] + "…"
    return f"{node.name}({parameters}){result[:_PARAMETERS_CHARS]}"


def _class_of_binding(case: Case, binding: Binding) -> Definition | None:
    node = binding.node
    if (
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and isinstance(node.targets[0], ast.Name)
    ):
        return _as_class(definition_of(case, node.value.func))
    annotation: ast.expr | None = None
    if isinstance(node, ast.AnnAssign | ast.arg):
        annotation = node.annotation
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        name = annotation.value
        return _as_class(definition_named(case, name)) if name.isidentifier() else None
    return _as_class(definition_of(case, annotation)) if annotation is not None else None


def definition_named(case: Case, name: str) -> Definition | None:
    """What `name` stands for at the top of this module."""
    parsed = case.python
    if parsed is None:
        return None
    found = bindings(parsed.tree).get(name, [])
    return _of_binding(case, found[0], name) if len(found) == 1 else None


def _definition_of_name(case: Case, parsed: ParsedPython, expression: ast.Name) -> Definition | None:
    binding = only_binding(parsed, expression.id, parsed.span(expression))
    return _of_binding(case, binding, expression.id) if binding is not None else None


def _of_binding(case: Case, binding: Binding, name: str) -> Definition | None:
    if isinstance(binding.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return _local(case, name, binding.line)
    if isinstance(binding.node, ast.ImportFrom):
        alias = next((each for each in binding.node.names if (each.asname or each.name) == name), None)
        if alias is not None:
            return in_module(case, _dotted(binding.node), alias.name)
    return None


def _local(case: Case, name: str, line: int) -> Definition | None:
    """The definition of this file that covers `line`."""
    matches = [
        each
        for each in case.around.symbols.definitions(name, case.path)
        if each.path == case.path and each.start_line <= line <= each.end_line and each.kind != "import"
    ]
    return min(matches, key=lambda each: line - each.start_line, default=None)


def _module_of(parsed: ParsedPython, expression: ast.expr) -> str | None:
    """The dotted module that a name stands for after `import a.b as name`, `import a`, `from a import b`."""
    names = list[str]()
    while isinstance(expression, ast.Attribute):
        names.insert(0, expression.attr)
        expression = expression.value
    if not isinstance(expression, ast.Name):
        return None
    binding = only_binding(parsed, expression.id, parsed.span(expression))
    if binding is None or not isinstance(binding.node, ast.Import | ast.ImportFrom):
        return None
    for alias in binding.node.names:
        if (alias.asname or alias.name.partition(".")[0]) == expression.id:
            if isinstance(binding.node, ast.ImportFrom):
                start = "." * binding.node.level + ".".join(filter(None, (binding.node.module, alias.name)))
            else:
                start = alias.name if alias.asname else expression.id
            return ".".join([start, *names])
    return None


def _dotted(node: ast.ImportFrom) -> str:
    return "." * node.level + (node.module or "")


def in_module(
    case: Case, module: str, name: str, path: str | None = None, hops: int = 0
) -> Definition | None:
    """The definition at the top of `module`, through re-exports of packages."""
    files = files_of(path or case.path, module)
    candidates = [
        each
        for each in case.around.symbols.definitions(name, path or case.path)
        if each.qualname == name and is_one_of(each.path, files)
    ]
    real = [each for each in candidates if each.kind != "import"]
    if real:
        return real[0] if len({(each.path, each.start_line) for each in real}) == 1 else None
    return _through(case, candidates[0], name, hops) if candidates and hops < _MAX_HOPS else None


def _through(case: Case, import_: Definition, name: str, hops: int) -> Definition | None:
    """Follow `from .impl import name` in a package's `__init__`."""
    try:
        statement = ast.parse(import_.text.strip()).body[0]
    except (SyntaxError, ValueError, IndexError, RecursionError, MemoryError):
        return None
    if not isinstance(statement, ast.ImportFrom):
        return None
    alias = next((each for each in statement.names if (each.asname or each.name) == name), None)
    return in_module(case, _dotted(statement), alias.name, import_.path, hops + 1) if alias else None


def files_of(importer: str, module: str) -> Sequence[tuple[str, ...]]:
    """Path endings that `module` may have; absolute parts for a relative import."""
    level = len(module) - len(module.lstrip("."))
    parts = tuple(filter(None, module.lstrip(".").split(".")))
    if level:
        folder = PurePath(importer).parts[:-level] if level < len(PurePath(importer).parts) else ()
        parts = (*folder, *parts)
    if not parts:
        return ()
    return [
        (*parts[:-1], f"{parts[-1]}.py"),
        (*parts[:-1], f"{parts[-1]}.pyi"),
        (*parts, "__init__.py"),
        (*parts, "__init__.pyi"),
    ]


def is_one_of(path: str, files: Sequence[tuple[str, ...]]) -> bool:
    parts = PurePath(path).parts
    return any(parts[-len(ending) :] == ending for ending in files)


def _as_class(definition: Definition | None) -> Definition | None:
    return definition if definition is not None and definition.kind == "class" else None


def _starts(parsed: ParsedPython, binding: Binding) -> int:
    node = binding.node
    if isinstance(node, ast.stmt | ast.expr | ast.arg | ast.excepthandler):
        return parsed.span(node).start
    return parsed.offset(binding.line, 0)


def _runs_before(parsed: ParsedPython, binding: Binding, span: Span) -> bool:
    """True when every way to `span` runs over the binding: its block is one that `span` is in."""
    path = parsed.path_to(span)
    if binding.node in path:
        return True
    return any(
        binding.node in block and child in block
        for node, child in itertools.pairwise(path)
        for block in blocks(node)
    )


def _encloses(parsed: ParsedPython, loop: ast.stmt, node: ast.AST) -> bool:
    if not isinstance(node, ast.stmt | ast.expr):
        return False
    outer, inner = parsed.span(loop), parsed.span(node)
    return outer.start <= inner.start and inner.end <= outer.end
