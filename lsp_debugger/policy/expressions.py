"""The condition of a rule: a small closed language, read with `ast`, compiled when the policy is loaded.

    and  or  not  ==  !=  in  not in     'text'  12  true  [..]     input.matches(classes.never_send)
    task language repo tokens endpoint.name user.id user.roles confidence

Nothing else parses: no arithmetic, no other calls, no other names. Types are checked when it is compiled,
because a comparison that can never be true would silently open a deny rule.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MAX_EXPRESSION_CHARS = 1_000
MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Facts:
    """What a condition may ask about, captured once for a decision.

    matches: does anything in the request match the class of that name?
    Unknown values are empty: at decision time no endpoint is chosen and no answer has a confidence yet.
    """

    matches: Callable[[str], bool]
    task: str = ""
    language: str = ""
    repo: str = ""
    tokens: int = 0
    endpoint_name: str = ""
    user_id: str = ""
    user_roles: tuple[str, ...] = ()
    confidence: str = ""


Expression = Callable[[Facts], bool]


class ExpressionInvalid(ValueError):
    pass


_NAMES: dict[str, tuple[str, Callable[[Facts], Any]]] = {
    "task": ("text", lambda facts: facts.task),
    "language": ("text", lambda facts: facts.language),
    "repo": ("text", lambda facts: facts.repo),
    "tokens": ("number", lambda facts: facts.tokens),
    "endpoint.name": ("text", lambda facts: facts.endpoint_name),
    "user.id": ("text", lambda facts: facts.user_id),
    "user.roles": ("list of text", lambda facts: facts.user_roles),
    "confidence": ("text", lambda facts: facts.confidence),
    # As YAML writes them; Python's own spelling is a literal already.
    "true": ("truth value", lambda _: True),
    "false": ("truth value", lambda _: False),
}


@dataclass(frozen=True, slots=True)
class _Term:
    kind: str
    value: Callable[[Facts], Any]


def compile_expression(source: str, class_names: tuple[str, ...]) -> Expression:
    """Compile a condition. Raises ExpressionInvalid, naming what is not allowed."""
    if len(source) > MAX_EXPRESSION_CHARS:
        raise ExpressionInvalid(f"longer than {MAX_EXPRESSION_CHARS} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's opinions on escapes are not the admin's concern
            tree = ast.parse(source.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as exc:
        raise ExpressionInvalid("not an expression") from exc
    term = _Compiler(class_names).term(tree.body, 0)
    if term.kind != "truth value":
        raise ExpressionInvalid(f"gives {term.kind}, not true or false")
    return term.value


class _Compiler:
    def __init__(self, class_names: tuple[str, ...]) -> None:
        self._class_names = class_names

    def term(self, node: ast.expr, depth: int) -> _Term:  # noqa: PLR0911 - one return for each kind of node
        if depth > MAX_DEPTH:
            raise ExpressionInvalid("nested too deeply")
        match node:
            case ast.BoolOp(op=op, values=values):
                return self._junction(isinstance(op, ast.And), values, depth)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                inner = self._truth(operand, depth)
                return _Term("truth value", lambda facts: not inner(facts))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._comparison(op, self.term(left, depth + 1), self.term(right, depth + 1))
            case ast.Compare():
                raise ExpressionInvalid("comparisons do not chain: join them with `and`")
            case ast.Constant(value=value):
                return _literal(value)
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return self._list(elements, depth)
            case ast.Name() | ast.Attribute():
                return _name(_dotted(node))
            case ast.Call():
                return self._call(node)
            case _:
                raise ExpressionInvalid(f"{type(node).__name__} is not allowed here")

    def _truth(self, node: ast.expr, depth: int) -> Callable[[Facts], Any]:
        term = self.term(node, depth + 1)
        if term.kind != "truth value":
            raise ExpressionInvalid(f"and, or and not need true or false, not {term.kind}")
        return term.value

    def _junction(self, all_of: bool, values: list[ast.expr], depth: int) -> _Term:
        first, *rest = [self._truth(value, depth) for value in values]
        # Two at a time: a generator costs more than what it would go through.
        for part in rest:
            first = _both(first, part) if all_of else _either(first, part)
        return _Term("truth value", first)

    def _comparison(self, op: ast.cmpop, left: _Term, right: _Term) -> _Term:
        one, other = left.value, right.value
        if isinstance(op, ast.Eq | ast.NotEq):
            if left.kind != right.kind:
                raise ExpressionInvalid(f"{left.kind} never equals {right.kind}")
            if isinstance(op, ast.Eq):
                return _Term("truth value", lambda facts: one(facts) == other(facts))
            return _Term("truth value", lambda facts: one(facts) != other(facts))
        if isinstance(op, ast.In | ast.NotIn):
            if right.kind not in (f"list of {left.kind}", "empty list"):
                raise ExpressionInvalid(f"{left.kind} is never in {right.kind}")
            if isinstance(op, ast.In):
                return _Term("truth value", lambda facts: one(facts) in other(facts))
            return _Term("truth value", lambda facts: one(facts) not in other(facts))
        raise ExpressionInvalid(f"{type(op).__name__} is not allowed: use ==, !=, in, not in")

    def _list(self, elements: list[ast.expr], depth: int) -> _Term:
        terms = [self.term(element, depth + 1) for element in elements]
        kinds = {term.kind for term in terms}
        if len(kinds) > 1 or any(kind.endswith("list") or kind.startswith("list") for kind in kinds):
            raise ExpressionInvalid("a list holds literals of one type")
        kind = f"list of {kinds.pop()}" if kinds else "empty list"
        values = [term.value for term in terms]
        if all(isinstance(element, ast.Constant) for element in elements):
            constant = [element.value for element in elements if isinstance(element, ast.Constant)]
            return _Term(kind, lambda _: constant)
        return _Term(kind, lambda facts: [value(facts) for value in values])

    def _call(self, node: ast.Call) -> _Term:
        function = _dotted(node.func)
        if node.keywords or len(node.args) != 1:
            raise ExpressionInvalid(f"{function} takes one argument")
        [argument] = node.args
        if function == "input.matches":
            names = [self._class_name(argument)]
        elif function == "input.matches_any" and isinstance(argument, ast.List | ast.Tuple):
            names = [self._class_name(element) for element in argument.elts]
        else:
            raise ExpressionInvalid("the calls are input.matches(classes.X) and input.matches_any([...])")
        if len(names) == 1:
            [name] = names
            return _Term("truth value", lambda facts: facts.matches(name))
        return _Term("truth value", lambda facts: any(facts.matches(name) for name in names))

    def _class_name(self, node: ast.expr) -> str:
        dotted = _dotted(node)
        known = [f"classes.{name}" for name in self._class_names]
        if dotted not in known:
            raise ExpressionInvalid(f"unknown class {dotted}: one of {', '.join(known)}")
        return dotted.removeprefix("classes.")


def _both(one: Callable[[Facts], Any], other: Callable[[Facts], Any]) -> Callable[[Facts], Any]:
    return lambda facts: one(facts) and other(facts)


def _either(one: Callable[[Facts], Any], other: Callable[[Facts], Any]) -> Callable[[Facts], Any]:
    return lambda facts: one(facts) or other(facts)


def _literal(value: object) -> _Term:
    kinds: dict[type, str] = {bool: "truth value", str: "text", int: "number"}
    kind = kinds.get(type(value))
    if kind is None:
        raise ExpressionInvalid(
            f"a literal is text, a whole number, true or false, not {type(value).__name__}"
        )
    return _Term(kind, lambda _: value)


def _name(dotted: str) -> _Term:
    if dotted not in _NAMES:
        raise ExpressionInvalid(f"unknown name {dotted}: one of {', '.join(_NAMES)}")
    return _Term(*_NAMES[dotted])


def _dotted(node: ast.expr) -> str:
    parts = list[str]()
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        raise ExpressionInvalid(f"{type(node).__name__} is not allowed here")
    return ".".join([node.id, *reversed(parts)])
