"""Ruff's findings about code that reads like something else: comparisons, names, keys, imports."""

from __future__ import annotations

import ast
import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.python.bindings import bindings, star_imports
from lsp_debugger.cards.python.flow import own_nodes
from lsp_debugger.cards.python.parsed import FUNCTIONS, ParsedPython
from lsp_debugger.cards.python.resolve import lookup
from lsp_debugger.core.ask import Card, Place

_NAMED = re.compile(r"`([^`]+)`")


def type_comparison(case: Case) -> Card | None:
    parsed, compare = case.python, case.expression
    if parsed is None or not isinstance(compare, ast.Compare) or len(compare.ops) != 1:
        return None
    asked, other = compare.left, compare.comparators[0]
    is_type = isinstance(asked, ast.Call) and parsed.code(asked.func) == "type" and len(asked.args) == 1
    if not is_type or not isinstance(asked, ast.Call) or isinstance(other, ast.Call):
        return None
    value, kind = parsed.code(asked.args[0]), parsed.code(other)
    return Card(
        f"`{parsed.code(compare)}` does not count objects of classes made from `{kind}`.",
        notes=(f"`isinstance({value}, {kind})` does; `is` says that only `{kind}` itself is meant.",),
    )


def is_literal(case: Case) -> Card | None:
    parsed = case.python
    compare = parsed.around(case.span, ast.Compare) if parsed is not None else None
    if parsed is None or compare is None or len(compare.ops) != 1:
        return None
    same = "is" if isinstance(compare.ops[0], ast.Is) else "is not"
    symbol = "==" if same == "is" else "!="
    left, right = parsed.code(compare.left), parsed.code(compare.comparators[0])
    return Card(
        f"`{left} {same} {right}` compares two objects, not their values: equal ones need not be the same.",
        notes=(f"`{left} {symbol} {right}` compares the values.",),
    )


def repeated_key(case: Case) -> Card | None:
    parsed = case.python
    display = parsed.around(case.span, ast.Dict) if parsed is not None else None
    if parsed is None or display is None:
        return None
    pairs = [(key, value) for key, value in zip(display.keys, display.values, strict=True) if key is not None]
    at = next((n for n, (key, _) in enumerate(pairs) if parsed.span(key) == case.span), None)
    if at is None:
        return None
    key, value = pairs[at]
    earlier = [pair for pair in pairs[:at] if ast.dump(pair[0]) == ast.dump(key)]
    if not earlier:
        return None
    line, lost = earlier[-1][0].lineno, parsed.code(earlier[-1][1])
    return Card(
        f"`{parsed.code(key)}` is there twice: `{lost}` of line {line} is lost for `{parsed.code(value)}`.",
        (case.here(line, f"`{parsed.code(key)}: {lost}`"),),
    )


def import_below_code(case: Case) -> Card | None:
    parsed = case.python
    if parsed is None:
        return None
    first = next((node for node in parsed.tree.body if not _may_precede(node)), None)
    if first is None or first.lineno >= case.line:
        return None
    return Card(
        f"The import comes after code that runs first, from line {first.lineno} on.",
        (case.here(first.lineno, f"`{parsed.code(first)}`"),),
    )


def _may_precede(node: ast.stmt) -> bool:
    """What may stand above imports: other imports, the docstring, `__all__` and conditions around imports."""
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    targets = node.targets if isinstance(node, ast.Assign) else []
    is_dunder = any(isinstance(each, ast.Name) and each.id.startswith("__") for each in targets)
    return is_text or is_dunder or isinstance(node, ast.Import | ast.ImportFrom | ast.If | ast.Try | ast.With)


def hidden_builtin(case: Case) -> Card | None:
    """Only where it does harm: the builtin is called while the name means something else."""
    parsed, match = case.python, _NAMED.findall(case.problem.message)
    name = match[-1] if match else ""
    if parsed is None or not name.isidentifier():
        return None
    scope = _scope_of(parsed, case, name)
    calls = [
        node
        for node in (own_nodes(scope) if scope is not None else ())
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
        if node.lineno > case.line
    ]
    found = lookup(parsed, name, parsed.span(calls[0].func)) if calls else None
    if (
        not calls
        or found is None
        or found[0] is not scope
        or len(found[1]) != 1
        or found[1][0].kind == "function"
    ):
        return None
    code, line = parsed.code(calls[0]), calls[0].lineno
    return Card(
        f"`{name}` hides the builtin: `{code}` in line {line} calls what it stands for here.",
        (case.here(line, f"`{code}`"),),
    )


def _scope_of(parsed: ParsedPython, case: Case, name: str) -> ast.AST | None:
    function = parsed.around(case.span, FUNCTIONS)
    if function is not None and name in bindings(function):
        return function
    return parsed.tree if name in bindings(parsed.tree) else None


def star_name(case: Case) -> Card | None:
    parsed, name = case.python, case.code
    stars = star_imports(parsed) if parsed is not None else []
    if not stars or not name.isidentifier():
        return None
    places = tuple(_star(case, node) for node in stars[:3])
    if len(stars) == 1:
        module = "." * stars[0].level + (stars[0].module or "")
        return Card(
            f"`{name}` comes from `from {module} import *` in line {stars[0].lineno}, or is not defined.",
            places,
        )
    return Card(f"`{name}` comes from one of {len(stars)} imports with `*`, or is not defined.", places)


def _star(case: Case, node: ast.ImportFrom) -> Place:
    return case.here(node.lineno, f"`from {'.' * node.level}{node.module or ''} import *`")
