"""Ruff's findings about code that loses something: an exception, a task, a value, time."""

from __future__ import annotations

import ast
import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.python.bindings import bindings
from lsp_debugger.cards.python.flow import own_nodes
from lsp_debugger.cards.python.members import self_assignments, self_mutations
from lsp_debugger.cards.python.parsed import FUNCTIONS
from lsp_debugger.core.ask import Card

_NAMED = re.compile(r"`([^`]+)`")


def return_in_finally(case: Case) -> Card | None:
    parsed = case.python
    path = parsed.path_to(case.span) if parsed is not None else []
    attempts = [node for node in path if isinstance(node, ast.Try | ast.TryStar)]
    attempt = next(
        (node for node in reversed(attempts) if any(each in path for each in node.finalbody)), None
    )
    statement = (
        parsed.around(case.span, (ast.Return, ast.Break, ast.Continue)) if parsed is not None else None
    )
    if parsed is None or attempt is None or statement is None:
        return None
    first, last = attempt.body[0].lineno, attempt.body[-1].end_lineno or attempt.body[-1].lineno
    lines = f"line {first}" if first == last else f"lines {first} to {last}"
    word = type(statement).__name__.lower()
    return Card(
        f"This `{word}` in `finally` drops any exception that leaves {lines}.",
        (case.here(attempt.lineno, "`try:`"),),
    )


def cached_method(case: Case) -> Card | None:
    parsed = case.python
    function = parsed.around(case.span, FUNCTIONS) if parsed is not None else None
    owner = parsed.around(case.span, ast.ClassDef) if parsed is not None else None
    if parsed is None or function is None or owner is None or function not in owner.body:
        return None
    return Card(
        f"The cache of `{owner.name}.{function.name}` keeps each `{owner.name}` that it was called on alive, "
        "as long as the entry is in it."
    )


def task_not_kept(case: Case) -> Card | None:
    parsed, call = case.python, case.expression
    statement = parsed.around(case.span, ast.stmt) if parsed is not None else None
    if parsed is None or call is None or not isinstance(statement, ast.Expr) or statement.value is not call:
        return None
    return Card(
        f"Nothing keeps the task that `{parsed.code(call)}` makes: it can vanish before it is done.",
        notes=("The event loop holds its tasks only weakly; a variable or a `TaskGroup` keeps one alive.",),
    )


def shared_attribute(case: Case) -> Card | None:
    parsed = case.python
    owner = parsed.class_around(case.span) if parsed is not None else None
    statement = parsed.around(case.span, (ast.Assign, ast.AnnAssign)) if parsed is not None else None
    if parsed is None or owner is None or statement is None:
        return None
    target = statement.target if isinstance(statement, ast.AnnAssign) else statement.targets[0]
    if not isinstance(target, ast.Name) or statement.value is None:
        return None
    if self_assignments(owner, target.id):
        return None  # then objects have one of their own
    changes = self_mutations(owner, target.id)
    places = tuple(
        case.here(node.lineno, f"`{parsed.code(node)}` changes it for all") for node in changes[:1]
    )
    return Card(f"`{target.id}` is one object, which all objects of `{owner.name}` share.", places)


def file_not_closed(case: Case) -> Card | None:
    parsed = case.python
    statement = parsed.around(case.span, ast.Assign) if parsed is not None else None
    if parsed is None or statement is None or not isinstance(statement.targets[0], ast.Name):
        return None
    name = statement.targets[0].id
    nodes = list(own_nodes(parsed.scopes(case.span)[0]))
    closing = [
        node for node in nodes if isinstance(node, ast.Call) and parsed.code(node.func) == f"{name}.close"
    ]
    # The name may be that of several files, one after the other: each has its own lines.
    opened = statement.lineno
    others = [
        each.lineno for each in nodes if isinstance(each, ast.Assign) and name in _names(each.targets[0])
    ]
    end = min((line for line in others if line > opened), default=1 << 30)
    if closing and not any(opened < node.lineno < end for node in closing):
        return None  # closed somewhere, perhaps in a loop: nothing that could be said for sure
    closing = [node for node in closing if opened < node.lineno < end]
    if not closing:
        return Card(f"Nothing in this scope closes `{name}`, which `{parsed.code(statement.value)}` opens.")
    line = closing[0].lineno
    return Card(
        f"`{name}` stays open when an exception comes between here and its `close()` in line {line}.",
        (case.here(line, f"`{parsed.code(closing[0])}`"),),
    )


def loop_variable_overwritten(case: Case) -> Card | None:
    parsed, match = case.python, _NAMED.findall(case.problem.message)
    loops = [
        node
        for node in (parsed.path_to(case.span) if parsed is not None else [])
        if isinstance(node, ast.For | ast.AsyncFor)
    ]
    loop = next((node for node in reversed(loops) if match and match[-1] in _names(node.target)), None)
    if parsed is None or loop is None:
        return None
    header = f"`for {parsed.code(loop.target)} in {parsed.code(loop.iter)}`"
    return Card(
        f"`{match[-1]}` gets a new value here; the one of the loop in line {loop.lineno} is lost.",
        (case.here(loop.lineno, header),),
    )


def _names(target: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}


def iterated_overwritten(case: Case) -> Card | None:
    parsed = case.python
    loop = parsed.around(case.span, (ast.For, ast.AsyncFor)) if parsed is not None else None
    if parsed is None or loop is None or case.code not in _names(loop.target):
        return None
    return Card(
        f"`{case.code}` is what the loop goes through and what each round sets: it is lost after the first."
    )


def global_changed(case: Case) -> Card | None:
    parsed, match = case.python, _NAMED.findall(case.problem.message)
    function = parsed.function_around(case.span) if parsed is not None else None
    names = [name for name in match if parsed is not None and name in bindings(parsed.tree)]
    if parsed is None or function is None or len(names) != 1:
        return None
    line = bindings(parsed.tree)[names[0]][0].line
    return Card(
        f"`{function.name}` gives the `{names[0]}` of the whole module (line {line}) a new value.",
        (case.here(line, f"`{case.snapshot.line_text(line - 1).strip()}`"),),
    )


def unchecked_program(case: Case) -> Card | None:
    parsed = case.python
    call = parsed.around(case.span, ast.Call) if parsed is not None else None
    if parsed is None or call is None:
        return None
    return Card(
        f"`{parsed.code(call)}` raises nothing when the program fails.",
        notes=("`check=True` raises CalledProcessError then; `check=False` says that it is meant so.",),
    )


def error_without_trace(case: Case) -> Card | None:
    parsed = case.python
    call = parsed.around(case.span, ast.Call) if parsed is not None else None
    handler = parsed.around(case.span, ast.ExceptHandler) if parsed is not None else None
    if parsed is None or call is None or handler is None or not isinstance(call.func, ast.Attribute):
        return None
    caught = f"the caught `{parsed.code(handler.type)}`" if handler.type is not None else "what was caught"
    return Card(
        f"`{parsed.code(call)}` logs without the trace of {caught}.",
        (case.here(handler.lineno, f"`{case.snapshot.line_text(handler.lineno - 1).strip()}`"),),
        (f"`{parsed.code(call.func.value)}.exception(…)` puts it into the log.",),
    )


def blind_except(case: Case) -> Card | None:
    parsed = case.python
    attempt = parsed.around(case.span, ast.Try) if parsed is not None else None
    handler = parsed.around(case.span, ast.ExceptHandler) if parsed is not None else None
    if parsed is None or attempt is None or handler is None or handler not in attempt.handlers:
        return None
    first, last = attempt.body[0].lineno, attempt.body[-1].end_lineno or attempt.body[-1].lineno
    lines = f"line {first}" if first == last else f"lines {first} to {last}"
    return Card(
        f"`except {case.code}` also takes mistakes in the code of {lines}, such as a misspelt name.",
        (case.here(first, f"`{parsed.code(attempt.body[0])}`"),),
    )


def blocking_call(case: Case) -> Card | None:
    parsed = case.python
    call = parsed.around(case.span, ast.Call) if parsed is not None else None
    function = parsed.function_around(case.span) if parsed is not None else None
    if parsed is None or call is None or not isinstance(function, ast.AsyncFunctionDef):
        return None
    code = parsed.code(call)
    seconds = parsed.code(call.args[0]) if case.problem.code == "ASYNC251" and len(call.args) == 1 else ""
    instead = (
        f"`await asyncio.sleep({seconds})` lets them."
        if seconds
        else "`await asyncio.to_thread(…)` lets them."
    )
    return Card(
        f"`{code}` blocks in `async def {function.name}`: no other task of the loop runs until it returns.",
        notes=(instead,),
    )
