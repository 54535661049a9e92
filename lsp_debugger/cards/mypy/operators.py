"""Operators and indices that the types on their sides do not support."""

from __future__ import annotations

import ast
import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.mypy.reading import TYPE, as_pyright, told
from lsp_debugger.cards.pyright import statements, types, wording
from lsp_debugger.cards.pyright.optional import maybe_none
from lsp_debugger.cards.python.parsed import ParsedPython
from lsp_debugger.cards.python.resolve import only_binding
from lsp_debugger.core.ask import Card

_SIDES = re.compile(
    rf'Unsupported operand types for (?P<operator>[^\s"]{{1,6}}) \("(?P<left>{TYPE})" and "(?P<right>{TYPE})"\)'
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
    rf'Non-overlapping container check \(element type: "(?P<item>{TYPE})", container item type: "(?P<wanted>{TYPE})"\)'
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
    parsed = case.python
    if match := told(_RIGHT_OF_IN, case):
        node = case.expression
        if not isinstance(node, ast.Compare) or len(node.comparators) != 1:
            return None
        if "None" in match["type"].split(" | "):
            return maybe_none(case, node.comparators[0], "and None has nothing in it that `in` could find")
        assert parsed is not None, "the expression came from there"
        code = parsed.code(node.comparators[0])
        return Card(f"`{code}` is {wording.kind(match['type'])}: `in` cannot look into it.")
    if match := told(_LEFT, case):
        return _one_side(case, match["operator"], match["type"])
    if match := told(_UNARY, case):
        return _unary(case, match["operator"], match["type"])
    return None


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
    """Mypy turns `a < b` around where that leads to the finding, and names one side's whole type below."""
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


def _operation(case: Case, symbol: str) -> ast.BinOp | ast.Compare | ast.AugAssign | None:
    """Mypy points at one of the sides, or at the whole."""
    parsed = case.python
    for node in reversed(parsed.path_to(case.span)) if parsed is not None else ():
        if isinstance(node, ast.BinOp | ast.AugAssign) and _SYMBOLS.get(type(node.op)) == symbol.removesuffix(
            "="
        ):
            return node if _is_side(parsed, case, node) else None
        if (
            isinstance(node, ast.Compare)
            and len(node.ops) == 1
            and _SYMBOLS[type(node.ops[0])] in (symbol, _MIRRORED.get(symbol))
        ):
            return node if _is_side(parsed, case, node) else None
    return None


def _is_side(parsed: ParsedPython | None, case: Case, node: ast.BinOp | ast.Compare | ast.AugAssign) -> bool:
    if parsed is None:
        return False
    match node:
        case ast.BinOp(left=left, right=right):
            sides = [left, right]
        case ast.AugAssign(target=target, value=value):
            sides = [target, value]
        case _:
            sides = [node.left, *node.comparators]
    return case.span in (parsed.span(node), *map(parsed.span, sides))


def index(case: Case) -> Card | None:
    parsed, node = case.python, case.expression
    if parsed is None:
        return None
    if (match := told(_WRONG_INDEX, case)) and node is not None:
        access = parsed.path_to(case.span)
        holder = next((each for each in reversed(access) if isinstance(each, ast.Subscript)), None)
        if holder is None:
            return None
        return Card(
            f"`{parsed.code(holder.value)}` is {wording.short(match['type'])}: `{parsed.code(node)}` is "
            f"{wording.kind(match['given'])}, and no {wording.short(match['wanted'])}."
        )
    if not isinstance(node, ast.Subscript):
        return None
    value = node.value
    if match := told(_NOT_INDEXABLE, case):
        if "None" in match["type"].split(" | "):
            return maybe_none(case, value, f"and None has no `[{parsed.code(node.slice)}]`")
        said = f'"__getitem__" method not defined on type "{match["type"]}"'
        return as_pyright(case, said, types.index, parsed.span(value))
    if match := told(_TARGET, case):
        if "None" in match["type"].split(" | "):
            return maybe_none(case, value, "and None has no elements to set")
        return Card(f"`{parsed.code(value)}` is {wording.kind(match['type'])}: its elements cannot be set.")
    return None


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
