"""Ways through a function: where it can end without a value, and what leaves a name unset."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lsp_debugger.cards.python.bindings import bindings, bindings_in
from lsp_debugger.cards.python.parsed import COMPREHENSIONS, FUNCTIONS, FunctionNode, ParsedPython
from lsp_debugger.core.text import Span

_NEVER_RETURN = frozenset({"exit", "quit", "sys.exit", "os._exit", "os.abort", "pytest.fail", "pytest.skip"})


@dataclass(frozen=True, slots=True)
class Gap:
    """A way on which a name stays unset. line: 1-based; when: ends the sentence `it is not set …`."""

    line: int
    when: str


def blocks(node: ast.AST) -> list[list[ast.stmt]]:
    """The statement lists directly in `node`."""
    found = (getattr(node, field, None) for field in ("body", "orelse", "finalbody"))
    return [block for block in found if isinstance(block, list)]


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Everything below `node` that belongs to the same function."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            yield from own_nodes(child)


def returns_of_none(function: FunctionNode) -> list[ast.Return]:
    """Each `return None` and bare `return`."""
    returns = [node for node in own_nodes(function) if isinstance(node, ast.Return)]
    return [node for node in returns if node.value is None or is_none(node.value)]


def returns_a_value(function: FunctionNode) -> bool:
    return any(
        isinstance(node, ast.Return) and node.value is not None and not is_none(node.value)
        for node in own_nodes(function)
    )


def is_generator(function: FunctionNode) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in own_nodes(function))


def is_none(expression: ast.expr | None) -> bool:
    return isinstance(expression, ast.Constant) and expression.value is None


def falls_through(block: Sequence[ast.stmt]) -> bool:
    """False when control surely never reaches the end of `block`."""
    return not any(_ends(statement) for statement in block)


def _ends(statement: ast.stmt) -> bool:  # noqa: PLR0911 - one case for each statement
    match statement:
        case ast.Return() | ast.Raise() | ast.Continue() | ast.Break():
            return True
        case ast.Expr(value=ast.Call(func=called)):
            return ast.unparse(called) in _NEVER_RETURN
        case ast.If():
            return (
                bool(statement.orelse)
                and not falls_through(statement.body)
                and not falls_through(statement.orelse)
            )
        case ast.While():
            return is_true(statement.test) and not _breaks(statement)
        case ast.With() | ast.AsyncWith():
            return not falls_through(statement.body)
        case ast.Try() | ast.TryStar():
            main = statement.body + statement.orelse
            handled = all(not falls_through(handler.body) for handler in statement.handlers)
            return not falls_through(statement.finalbody) or (not falls_through(main) and handled)
        case ast.Match():
            return _is_exhaustive(statement) and not any(falls_through(case.body) for case in statement.cases)
        case _:
            return False


def is_true(test: ast.expr) -> bool:
    return isinstance(test, ast.Constant) and bool(test.value)


def _breaks(loop: ast.While) -> bool:
    def within(node: ast.AST) -> bool:
        if isinstance(node, ast.Break):
            return True
        if isinstance(node, (*FUNCTIONS, ast.Lambda, ast.ClassDef, ast.For, ast.AsyncFor, ast.While)):
            return any(within(each) for each in getattr(node, "orelse", []))
        return any(within(child) for child in ast.iter_child_nodes(node))

    return any(within(statement) for statement in loop.body)


def _is_exhaustive(statement: ast.Match) -> bool:
    return any(
        isinstance(each.pattern, ast.MatchAs) and each.pattern.pattern is None and each.guard is None
        for each in statement.cases
    )


def gap_before(parsed: ParsedPython, name: str, span: Span) -> Gap | None:
    """Why `name` may have no value at `span`; None when that is not to be seen.

    Looks at the statements that run before it in the function (or module) that `span` is in; for a
    name from outside of that, at all of the scope that sets it.
    """
    scopes = [scope for scope in parsed.scopes(span) if not isinstance(scope, (ast.Lambda, *COMPREHENSIONS))]
    scope = scopes[0]
    if name not in bindings(scope):
        owner = next((each for each in scopes[1:] if name in bindings(each)), None)
        is_body = owner is not None and not isinstance(owner, ast.ClassDef)
        return _Gaps(parsed, name).of_block(owner.body) if owner is not None and is_body else None
    path = parsed.path_to(span)
    before = list[ast.stmt]()
    for node, child in itertools.pairwise(path):
        if node is scope:
            before.clear()
        if isinstance(node, ast.Try) and (gap := _gap_by_exception(node, child, name)):
            return gap
        for block in blocks(node):
            before += _up_to(block, child) if child in block else list[ast.stmt]()
    if not any(_binds(statement, name) for statement in before):
        return None
    return _Gaps(parsed, name).of_block(before)


def _up_to(block: list[ast.stmt], node: ast.AST) -> list[ast.stmt]:
    return list(itertools.takewhile(lambda statement: statement is not node, block))


def _gap_by_exception(statement: ast.Try, child: ast.AST, name: str) -> Gap | None:
    """In a handler or `finally`: the `try` block may not have come as far as the name."""
    if child not in statement.handlers and child not in statement.finalbody:
        return None
    setting = next((each for each in statement.body if _binds(each, name)), None)
    if setting is None:
        return None
    return Gap(setting.lineno, f"when an exception comes before line {setting.lineno} has run")


class _Gaps:
    def __init__(self, parsed: ParsedPython, name: str) -> None:
        self._parsed = parsed
        self._name = name

    def of_block(self, block: Sequence[ast.stmt]) -> Gap | None:
        """None when the block surely sets the name or surely never ends."""
        gap: Gap | None = Gap(block[0].lineno, f"in the branch of line {block[0].lineno}") if block else None
        for statement in block:
            if _ends(statement):
                return None
            if not _binds(statement, self._name):
                continue
            if isinstance(statement, ast.Delete):
                gap = Gap(statement.lineno, f"after the `del` in line {statement.lineno}")
            else:
                gap = self._of_statement(statement) if gap is not None else None
        return gap

    def _of_statement(self, statement: ast.stmt) -> Gap | None:  # noqa: PLR0911 - one case for each statement
        match statement:
            case ast.If():
                return self._of_if(statement)
            case ast.For() | ast.AsyncFor():
                if statement.orelse and self.of_block(statement.orelse) is None:
                    return None
                code = self._parsed.code(statement.iter)
                return Gap(statement.lineno, f"when `{code}` is empty: then the loop never runs")
            case ast.While():
                if is_true(statement.test):
                    return None
                code = self._parsed.code(statement.test)
                return Gap(
                    statement.lineno, f"when `{code}` is false from the start: then the loop never runs"
                )
            case ast.Try() | ast.TryStar():
                return self._of_try(statement)
            case ast.With() | ast.AsyncWith():
                return self.of_block(statement.body)
            case ast.Match():
                return self._of_match(statement)
            case _:
                return None

    def _of_if(self, statement: ast.If) -> Gap | None:
        tests = list[str]()
        branch: list[ast.stmt] = [statement]
        while len(branch) == 1 and isinstance(inner := branch[0], ast.If):
            if gap := self._of_branch(inner, first=not tests):
                return gap
            tests.append(self._parsed.code(inner.test))
            branch = inner.orelse
        if branch:
            if not falls_through(branch) or self.of_block(branch) is None:
                return None
            return Gap(branch[0].lineno, f"in the `else` branch of line {branch[0].lineno}")
        if len(tests) == 1:
            return Gap(statement.lineno, f"when `{tests[0]}` is false")
        return Gap(
            statement.lineno,
            f"when none of the {len(tests)} conditions from line {statement.lineno} on holds",
        )

    def _of_branch(self, statement: ast.If, *, first: bool) -> Gap | None:
        if not falls_through(statement.body):
            return None
        if _binds_any(statement.body, self._name):
            return self.of_block(statement.body)
        if first:
            return Gap(statement.lineno, f"when `{self._parsed.code(statement.test)}` is true")
        return Gap(statement.lineno, f"in the `elif` branch of line {statement.lineno}")

    def _of_try(self, statement: ast.Try | ast.TryStar) -> Gap | None:
        if _binds_any(statement.finalbody, self._name):
            return self.of_block(statement.finalbody)
        for handler in statement.handlers:
            if falls_through(handler.body) and (
                not _binds_any(handler.body, self._name) or self.of_block(handler.body) is not None
            ):
                caught = self._parsed.code(handler.type) if handler.type is not None else "an exception"
                shown = f"`{caught}`" if handler.type is not None else caught
                return Gap(handler.lineno, f"when {shown} is caught in line {handler.lineno}")
        main = statement.body + statement.orelse
        return self.of_block(main) if _binds_any(main, self._name) else None

    def _of_match(self, statement: ast.Match) -> Gap | None:
        for each in statement.cases:
            if (
                falls_through(each.body)
                and not _binds_any(each.body, self._name)
                and not _captures(each, self._name)
            ):
                return Gap(each.body[0].lineno, f"in the case of line {each.pattern.lineno}")
        if _is_exhaustive(statement):
            return None
        subject = self._parsed.code(statement.subject)
        return Gap(statement.lineno, f"when no case matches `{subject}`")


def _captures(case: ast.match_case, name: str) -> bool:
    return any(
        isinstance(node, ast.MatchAs | ast.MatchStar) and node.name == name for node in ast.walk(case.pattern)
    )


def _binds_any(block: Sequence[ast.stmt], name: str) -> bool:
    return any(_binds(statement, name) for statement in block)


def _binds(statement: ast.stmt, name: str) -> bool:
    return any(binding.name == name for binding in bindings_in(statement))
