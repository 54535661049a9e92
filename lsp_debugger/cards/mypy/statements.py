"""Statements that never run, that run for nothing, or whose test has always the same result."""

from __future__ import annotations

import ast
import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.mypy.reading import NAME, TYPE, as_pyright, told
from lsp_debugger.cards.pyright import statements, unbound, wording
from lsp_debugger.cards.python.bindings import bindings
from lsp_debugger.cards.python.flow import blocks, falls_through
from lsp_debugger.cards.python.parsed import FUNCTIONS, FunctionNode, ParsedPython
from lsp_debugger.cards.python.resolve import definition_of, lookup, only_binding
from lsp_debugger.core.ask import Card

_MAYBE_UNSET = re.compile(rf'Name "(?P<name>{NAME})" may be undefined')
_TOO_EARLY = re.compile(rf'Name "(?P<name>{NAME})" is used before definition')
_NEVER_EVALUATED = re.compile(r'Right operand of "(?P<operator>and|or)" is never evaluated')
_TWICE = re.compile(
    rf'(?:Name|Attribute) "(?P<name>{NAME})" already defined '
    r"(?:on line (?P<line>\d{1,7})|\(possibly by an import\))"
)
_FUNCTION_TRUE = re.compile(rf'Function "(?P<name>{NAME})" could always be true')
_TRUE = re.compile(
    rf'"?[^"\n]{{1,200}}"? (?:has type|returns) "(?P<type>{TYPE})" (?:of )?which (?:does not|can|no)'
)
_UNHANDLED = re.compile(rf'Match statement has unhandled case for values of type "(?P<type>{TYPE})"')
_TOO_FEW = re.compile(r"Need more than (?P<given>\d{1,4}) values? to unpack \((?P<wanted>\d{1,4}) expected\)")
_TOO_MANY = re.compile(
    r"Too many values to unpack \((?P<wanted>\d{1,4}) expected, (?P<given>\d{1,4}) provided\)"
)
_ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def maybe_unset(case: Case) -> Card | None:
    match = told(_MAYBE_UNSET, case)
    said = f'"{match["name"]}" is possibly unbound' if match is not None else ""
    return as_pyright(case, said, unbound.possibly) if said else None


def too_early(case: Case) -> Card | None:
    """It gets its value further down."""
    match, parsed = told(_TOO_EARLY, case), case.python
    if match is None or parsed is None or case.code != match["name"]:
        return None
    name = match["name"]
    found = lookup(parsed, name, case.span)
    first = next((each for each in found[1] if each.line > case.line), None) if found is not None else None
    if first is None or found is None or any(each.line < case.line for each in found[1]):
        return None
    text = case.snapshot.line_text(first.line - 1).strip()
    return Card(
        f"`{name}` has no value yet: it gets its first in line {first.line}.",
        (case.here(first.line, f"`{text}`"),),
    )


def unreachable(case: Case) -> Card | None:
    if match := told(_NEVER_EVALUATED, case):
        return _never_evaluated(case, match["operator"])
    parsed = case.python
    node = _statement(parsed, case) if parsed is not None else None
    if parsed is None or node is None or not case.problem.message.startswith("Statement is unreachable"):
        return None
    path = parsed.path_to(parsed.span(node))
    outside = path[path.index(node) - 1] if node in path else parsed.tree
    block = next((each for each in blocks(outside) if node in each), list[ast.stmt]())
    before = block[: block.index(node)] if node in block else []
    if before:
        return _after(case, parsed, node, before[-1])
    return _first_of_branch(case, parsed, node, outside)


def _statement(parsed: ParsedPython, case: Case) -> ast.stmt | None:
    """The statement that begins where the finding does."""
    return next(
        (
            node
            for node in reversed(parsed.path_to(case.span))
            if isinstance(node, ast.stmt) and parsed.span(node).start == case.span.start
        ),
        None,
    )


def _after(case: Case, parsed: ParsedPython, node: ast.stmt, before: ast.stmt) -> Card | None:
    """What stands before it never comes to its end."""
    if falls_through([before]):
        return None
    last = before.end_lineno or before.lineno
    where = f"line {before.lineno}" if before.lineno == last else f"lines {before.lineno} to {last}"
    what = "leaves" if isinstance(before, _ENDS) else "never comes to its end"
    text = case.snapshot.line_text(before.lineno - 1).strip()
    how = f"the `{text}` before it" if isinstance(before, _ENDS) else f"what stands in {where}"
    return Card(
        f"`{parsed.code(node)}` never runs: {how} {what}{' the block' if what == 'leaves' else ''}.",
        (case.here(before.lineno, f"`{text}`"),),
    )


def _first_of_branch(case: Case, parsed: ParsedPython, node: ast.stmt, outside: ast.AST) -> Card | None:
    """The branch of a condition whose result the types settle."""
    if not isinstance(outside, ast.If):
        return None
    is_else = node in outside.orelse
    test = parsed.code(outside.test)
    tested = _tested(outside.test)
    binding = only_binding(parsed, tested.id, parsed.span(tested)) if tested is not None else None
    declared = binding.node if binding is not None else None
    result = "always true" if is_else else "always false"
    said = f"`{parsed.code(node)}` never runs: by the types, `{test}` is {result} here"
    if not isinstance(declared, ast.arg | ast.AnnAssign) or declared.annotation is None:
        return Card(f"{said}.", (case.here(outside.lineno, f"`{test}`"),))
    place = case.here(declared.lineno, f"`{parsed.code(declared)}`")
    return Card(f"{said}.", (place, case.here(outside.lineno, f"`{test}`")))


def _tested(test: ast.expr) -> ast.Name | None:
    """`x` in `x is None`, `isinstance(x, T)`, `not x` and `x`."""
    match test:
        case ast.Name():
            return test
        case ast.UnaryOp(operand=ast.Name() as name):
            return name
        case ast.Compare(left=ast.Name() as name):
            return name
        case ast.Call(
            func=ast.Name(id="isinstance" | "issubclass" | "callable"), args=[ast.Name() as name, *_]
        ):
            return name
        case _:
            return None


def _never_evaluated(case: Case, operator: str) -> Card | None:
    """The left side of `and` or `or` settles it."""
    parsed = case.python
    node = parsed.around(case.span, ast.BoolOp) if parsed is not None else None
    value = case.expression
    if parsed is None or node is None or value not in node.values or node.values.index(value) == 0:
        return None
    left = node.values[node.values.index(value) - 1]
    result = "true" if operator == "or" else "false"
    return Card(
        f"`{parsed.code(value)}` is never looked at: by the types, `{parsed.code(left)}` is always {result}."
    )


def defined_twice(case: Case) -> Card | None:
    match, parsed = told(_TWICE, case), case.python
    if match is None or parsed is None:
        return None
    name = match["name"]
    owner = parsed.scopes(case.span)[0]
    first = int(match["line"]) if match["line"] else 0
    earlier = [each for each in bindings(owner).get(name, []) if each.line < case.line]
    if not first and earlier and earlier[0].kind == "import":
        first = earlier[0].line
    if not 1 <= first < case.line:
        return None
    text = case.snapshot.line_text(first - 1).strip()
    place = case.here(first, f"`{text}`")
    own = next((each.node for each in bindings(owner).get(name, []) if each.line == case.line), None)
    if not isinstance(own, (*FUNCTIONS, ast.ClassDef)):
        return Card(f"`{name}` is declared in line {first} and again here.", (place,))
    other = next((each.node for each in earlier if each.line == first), None)
    body = owner.body if isinstance(owner, ast.Module | ast.ClassDef | FunctionNode) else []
    if own in body and other in body:
        return Card(f"This `{name}` takes the place of the one from line {first}, which is lost.", (place,))
    return Card(f"`{name}` is defined in line {first} as well.", (place,))


def always_true(case: Case) -> Card | None:
    parsed, value = case.python, case.expression
    if parsed is None or value is None:
        return None
    code = parsed.code(value)
    if told(_FUNCTION_TRUE, case):
        definition = definition_of(case, value)
        places = (case.place(definition),) if definition is not None else ()
        return Card(
            f"`{code}` is the function itself, which is always true; `{code}()` would ask it.", places
        )
    match = told(_TRUE, case)
    if match is None:
        return None
    if "Consider using" in case.problem.message[:2000]:
        return Card(
            f"`{code}` is {wording.kind(match['type'])}, and one of these need not know whether it is empty: "
            "the test can always be true."
        )
    kind = wording.kind(match["type"])
    return Card(f"`{code}` is {kind}, which has neither `__bool__` nor `__len__`: it counts as true.")


def unhandled(case: Case) -> Card | None:
    match, parsed = told(_UNHANDLED, case), case.python
    node = parsed.around(case.span, ast.Match) if parsed is not None else None
    if match is None or node is None or parsed is None:
        return None
    said = f'Unhandled type: "{match["type"]}"\n'
    return as_pyright(case, said, statements.not_exhaustive, parsed.span(node.subject))


def unpacking(case: Case) -> Card | None:
    """As many names as values are needed."""
    match, parsed = told(_TOO_FEW, case) or told(_TOO_MANY, case), case.python
    node = parsed.around(case.span, (ast.Assign, ast.For, ast.AsyncFor)) if parsed is not None else None
    if match is None or parsed is None or node is None:
        return None
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    if not isinstance(target, ast.Tuple | ast.List):
        return None
    value = parsed.code(node.value if isinstance(node, ast.Assign) else node.iter)
    given, wanted = int(match["given"]), int(match["wanted"])
    what = (
        f"`{value}` has {given}" if isinstance(node, ast.Assign) else f"each element of `{value}` has {given}"
    )
    names = f"`{parsed.code(target)}` takes {wanted} values"
    return Card(f"{names}, but {what}.")
