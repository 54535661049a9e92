"""Operators and indices that the types on their sides do not support."""

from __future__ import annotations

import ast
import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.mypy.reading import TYPE, as_pyright, told
from lsp_debugger.cards.pyright import statements, types, wording
from lsp_debugger.cards.pyright.optional import maybe_none
from lsp_debugger.cards.python.resolve import only_binding
from lsp_debugger.core.ask import Card

_SIDES = re.compile(
    rf'Unsupported operand types for (?P<operator>[^\s"]{{1,6}}) '
    rf'\("(?P<left>{TYPE})" and "(?P<right>{TYPE})"\)'
)
_RIGHT_OF_IN = re.compile(rf'Unsupported right operand type for in \("(?P<type>{TYPE})"\)')
_LEFT = re.compile(rf'Unsupported left operand type for (?P<operator>[^\s"]{{1,6}}) \("(?P<type>{TYPE})"\)')
_UNARY = re.compile(rf'Unsupported operand type for (?:unary )?(?P<operator>[-+~]) \("(?P<type>{TYPE})"\)')
_WHOLE = re.compile(rf'(?P<side>Left|Right) operand is of type "(?P<type>{TYPE})"')
_NOT_INDEXABLE = re.compile(rf'Value of type "(?P<type>{TYPE})" is not indexable')
_WRONG_INDEX = re.compile(
    rf'Invalid index type "(?P<given>{TYPE})" for "(?P<type>{TYPE})"; expected type "(?P<wanted>{TYPE})"'
)
_TARGET = re.compile(rf'Unsupported target for indexed assignment \("(?P<type>{TYPE})"\)')
_EQUALITY = re.compile(
    rf'Non-overlapping (?P<kind>equality|identity) check \(left operand type: "(?P<left>{TYPE})", '
    rf'right operand type: "(?P<right>{TYPE})"\)'
)
_CONTAINS = re.compile(
    rf'Non-overlapping container check \(element type: "(?P<item>{TYPE})", '
    rf'container item type: "(?P<wanted>{TYPE})"\)'
)
_SYMBOLS: dict[type[ast.operator | ast.cmpop], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>",
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.In: "in", ast.NotIn: "not in",
    ast.Eq: "==", ast.NotEq: "!=", ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip
_MIRRORED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def operation(case: Case) -> Card | None:
    if match := told(_SIDES, case):
        return _two_sides(case, match)
    if match := told(_RIGHT_OF_IN, case):
        return _looked_into(case, match["type"])
    if match := told(_LEFT, case):
        return _one_side(case, match["operator"], match["type"])
    match = told(_UNARY, case)
    return _unary(case, match["operator"], match["type"]) if match is not None else None


def _looked_into(case: Case, kind: str) -> Card | None:
    """What stands on the right of `in`."""
    parsed, node = case.python, case.expression
    if parsed is None or not isinstance(node, ast.Compare) or len(node.comparators) != 1:
        return None
    container = node.comparators[0]
    if "None" in kind.split(" | "):
        return maybe_none(case, container, "and None has nothing in it that `in` could find")
    return Card(f"`{parsed.code(container)}` is {wording.kind(kind)}: `in` cannot look into it.")


def _unary(case: Case, symbol: str, kind: str) -> Card | None:
    parsed, node = case.python, case.expression
    if parsed is None or not isinstance(node, ast.UnaryOp):
        return None
    if "None" in kind.split(" | "):
        return maybe_none(case, node.operand, f"and `{symbol}` does not work with None")
    return Card(f"`{symbol}` does not work for `{parsed.code(node.operand)}`, which is {wording.kind(kind)}.")


def _one_side(case: Case, symbol: str, kind: str) -> Card | None:
    node = _operation(case, symbol)
    parsed = case.python
    if node is None or parsed is None:
        return None
    left = node.left if isinstance(node, ast.BinOp | ast.Compare) else node.target
    if "None" in kind.split(" | "):
        return maybe_none(case, left, f"and `{symbol}` does not work with None")
    return Card(f"`{symbol}` does not work for `{parsed.code(left)}`, which is {wording.kind(kind)}.")


def _two_sides(case: Case, match: re.Match[str]) -> Card | None:
    """Of `a < b` mypy may speak as of `b > a`; below it names the whole type of one side."""
    node, parsed = _operation(case, match["operator"]), case.python
    if node is None or parsed is None:
        return None
    left, right, symbol = match["left"], match["right"], match["operator"]
    if isinstance(node, ast.Compare) and _SYMBOLS[type(node.ops[0])] == _MIRRORED.get(symbol):
        left, right, symbol = right, left, _MIRRORED[symbol]
    for whole in _WHOLE.finditer(case.problem.message[:4000]):
        left = whole["type"] if whole["side"] == "Left" else left
        right = whole["type"] if whole["side"] == "Right" else right
    said = f'Operator "{symbol}" not supported for types "{left}" and "{right}"'
    return as_pyright(case, said, types.operator, parsed.span(node))


_Operation = ast.BinOp | ast.Compare | ast.AugAssign


def _operation(case: Case, symbol: str) -> _Operation | None:
    """What the finding points at the right side of, or at the beginning of.

    At one place several of a kind may begin, as in `a + b + c`: then it is not sure which is meant.
    """
    parsed = case.python
    if parsed is None:
        return None
    path = [node for node in parsed.path_to(case.span) if isinstance(node, _Operation)]
    alike = [node for node in path if _symbol(node) in (symbol, _MIRRORED.get(symbol), f"{symbol}=")]
    exact = [node for node in alike if parsed.span(_right(node)) == case.span]
    begun = [node for node in alike if parsed.span(node).start == case.span.start]
    found = exact or begun
    return found[0] if len(found) == 1 else None


def _symbol(node: _Operation) -> str:
    """`<`, `+`, `+=`; empty for a chain of comparisons."""
    if isinstance(node, ast.Compare):
        return _SYMBOLS[type(node.ops[0])] if len(node.ops) == 1 else ""
    return _SYMBOLS[type(node.op)] + ("=" if isinstance(node, ast.AugAssign) else "")


def _right(node: _Operation) -> ast.expr:
    match node:
        case ast.BinOp(right=right):
            return right
        case ast.AugAssign(value=value):
            return value
        case _:
            return node.comparators[-1]


def index(case: Case) -> Card | None:
    if match := told(_WRONG_INDEX, case):
        return _wrong_index(case, match)
    parsed, node = case.python, case.expression
    if parsed is None or not isinstance(node, ast.Subscript):
        return None
    match = told(_NOT_INDEXABLE, case) or told(_TARGET, case)
    if match is None:
        return None
    is_read = match.re is _NOT_INDEXABLE
    if "None" in match["type"].split(" | "):
        what = f"`[{parsed.code(node.slice)}]`" if is_read else "elements to set"
        return maybe_none(case, node.value, f"and None has no {what}")
    if not is_read:
        return Card(
            f"`{parsed.code(node.value)}` is {wording.kind(match['type'])}: its elements cannot be set."
        )
    said = f'"__getitem__" method not defined on type "{match["type"]}"'
    return as_pyright(case, said, types.index, parsed.span(node.value))


def _wrong_index(case: Case, match: re.Match[str]) -> Card | None:
    parsed, key = case.python, case.expression
    holder = parsed.around(case.span, ast.Subscript) if parsed is not None else None
    if parsed is None or key is None or holder is None or holder.slice is not key:
        return None
    return Card(
        f"`{parsed.code(holder.value)}` is {wording.short(match['type'])}: `{parsed.code(key)}` is "
        f"{wording.kind(match['given'])}, and no {wording.short(match['wanted'])}."
    )


def tuple_index(case: Case) -> Card | None:
    """An index behind the end of a tuple that is written out."""
    parsed, node = case.python, case.expression
    if parsed is None or not isinstance(node, ast.Subscript) or not isinstance(node.value, ast.Name):
        return None
    binding = only_binding(parsed, node.value.id, parsed.span(node.value))
    made = binding.node if binding is not None else None
    if not isinstance(made, ast.Assign) or not isinstance(made.value, ast.Tuple):
        return None
    if any(isinstance(each, ast.Starred) for each in made.value.elts) or not isinstance(
        made.targets[0], ast.Name
    ):
        return None
    count = len(made.value.elts)
    code = parsed.code(node.value)
    plural = "" if count == 1 else "s"
    return Card(
        f"`{code}` has {count} element{plural}, counted from 0: there is no `[{parsed.code(node.slice)}]`.",
        (case.here(made.lineno, f"`{parsed.code(made)}`"),),
    )


def comparison(case: Case) -> Card | None:
    """Two sides that are never equal, going by their types."""
    parsed, node = case.python, case.expression
    if parsed is None or not isinstance(node, ast.Compare) or len(node.ops) != 1:
        return None
    negated = isinstance(node.ops[0], ast.NotEq | ast.IsNot | ast.NotIn)
    if match := told(_EQUALITY, case):
        said = (
            f'Condition will always evaluate to {negated} since the types "{match["left"]}" '
            f'and "{match["right"]}" have no overlap'
        )
        return as_pyright(case, said, statements.unnecessary_comparison)
    if match := told(_CONTAINS, case):
        item, container = parsed.code(node.left), parsed.code(node.comparators[0])
        return Card(
            f"`{parsed.code(node)}` is always {negated}: `{item}` is {wording.kind(match['item'])}, "
            f"and `{container}` holds {wording.short(match['wanted'])}."
        )
    return None
