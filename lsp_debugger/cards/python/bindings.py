"""Where names get their values: one scope's bindings, and what can be seen from a place."""

from __future__ import annotations

import ast
import builtins
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lsp_debugger.cards.python.parsed import COMPREHENSIONS, FUNCTIONS, ParsedPython, ScopeNode
from lsp_debugger.core.text import Span

BUILTINS = frozenset(dir(builtins))
# Set by the interpreter in every module, and `__class__` within methods.
MODULE_NAMES = frozenset(
    {"__name__", "__file__", "__doc__", "__package__", "__spec__", "__path__", "__loader__", "__builtins__"}
    | {"__debug__", "__annotations__", "__class__", "WindowsError"}
)


@dataclass(frozen=True, slots=True)
class Binding:
    """kind: parameter | assignment | import | function | class | loop | with | except | delete | declared.

    line: 1-based. node: what binds it (the import statement, the assignment, …).
    """

    name: str
    kind: str
    line: int
    node: ast.AST


@functools.lru_cache(maxsize=256)
def bindings(scope: ScopeNode) -> Mapping[str, Sequence[Binding]]:
    """Every name that `scope` binds, in the order of the text; what inner scopes bind is not among them."""
    found: dict[str, list[Binding]] = {}
    for binding in _of_scope(scope):
        found.setdefault(binding.name, []).append(binding)
    for places in found.values():
        places.sort(key=lambda binding: binding.line)
    return found


def visible(parsed: ParsedPython, span: Span) -> dict[str, Binding]:
    """Names that can be used at `span` and their first binding, innermost scope first.

    A class's names are not seen from its methods. Builtins are not among them.
    """
    names: dict[str, Binding] = {}
    for position, scope in enumerate(parsed.scopes(span)):
        if isinstance(scope, ast.ClassDef) and position:
            continue
        for name, places in bindings(scope).items():
            kept = [binding for binding in places if binding.kind not in ("delete", "declared")]
            if kept:
                names.setdefault(name, kept[0])
    return names


def star_imports(parsed: ParsedPython) -> list[ast.ImportFrom]:
    """`from x import *`: with one of these nobody can say which names there are."""
    return [
        node
        for node in ast.walk(parsed.tree)
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
    ]


def _of_scope(scope: ScopeNode) -> Iterator[Binding]:
    if isinstance(scope, (*FUNCTIONS, ast.Lambda)):
        arguments = scope.args
        listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        for argument in [*listed, *filter(None, (arguments.vararg, arguments.kwarg))]:
            yield Binding(argument.arg, "parameter", argument.lineno, argument)
    if isinstance(scope, COMPREHENSIONS):
        for generator in scope.generators:
            yield from _targets(generator.target, "loop", scope)
    elif not isinstance(scope, ast.Lambda):
        for statement in scope.body:
            yield from bindings_in(statement)


def bindings_in(node: ast.AST) -> Iterator[Binding]:  # noqa: C901, PLR0912 - one case for each way to bind
    """What one node binds in the scope that it stands in."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            kind = "class" if isinstance(node, ast.ClassDef) else "function"
            yield Binding(node.name, kind, node.lineno, node)
            for outside in _evaluated_outside(node):
                yield from bindings_in(outside)
            return
        case ast.Lambda():
            return
        case ast.GeneratorExp() | ast.ListComp() | ast.SetComp() | ast.DictComp():
            yield from _walruses(node)
            return
        case ast.Import() | ast.ImportFrom():
            for alias in node.names:
                whole = alias.asname or alias.name
                name = whole if isinstance(node, ast.ImportFrom) else whole.partition(".")[0]
                yield Binding(name, "import", alias.lineno, node)
        case ast.For() | ast.AsyncFor():
            yield from _targets(node.target, "loop", node)
        case ast.With() | ast.AsyncWith():
            for item in node.items:
                if item.optional_vars is not None:
                    yield from _targets(item.optional_vars, "with", node)
        case ast.ExceptHandler(name=str(name)):
            yield Binding(name, "except", node.lineno, node)
        case ast.Global() | ast.Nonlocal():
            for name in node.names:
                yield Binding(name, "declared", node.lineno, node)
        case ast.Assign():
            for target in node.targets:
                yield from _targets(target, "assignment", node)
        case ast.AnnAssign() | ast.AugAssign() | ast.NamedExpr():
            yield from _targets(node.target, "assignment", node)
        case ast.Delete():
            for target in node.targets:
                yield from _targets(target, "delete", node)
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield Binding(name, "assignment", node.lineno, node)
        case ast.MatchMapping(rest=str(name)):
            yield Binding(name, "assignment", node.lineno, node)
        case _:
            pass
    for child in ast.iter_child_nodes(node):
        yield from bindings_in(child)


def _targets(target: ast.expr, kind: str, node: ast.AST) -> Iterator[Binding]:
    for part in ast.walk(target):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store | ast.Del):
            yield Binding(part.id, kind, part.lineno, node)


def _evaluated_outside(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> list[ast.AST]:
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *node.keywords]
    defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
    return [*node.decorator_list, *defaults]


def _walruses(comprehension: ast.AST) -> Iterator[Binding]:
    """`:=` within a comprehension binds outside of it."""
    for part in ast.walk(comprehension):
        if isinstance(part, ast.NamedExpr):
            yield from _targets(part.target, "assignment", part)
