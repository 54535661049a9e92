"""Values of the wrong type: returned, assigned, as a default."""

from __future__ import annotations

import ast
import re
from dataclasses import replace

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.mypy.declared import declaration, member_place
from lsp_debugger.cards.mypy.reading import NAME, TYPE, as_pyright, find, hints, told
from lsp_debugger.cards.pyright import types, wording
from lsp_debugger.cards.python.flow import falls_through, is_none
from lsp_debugger.cards.python.parsed import FUNCTIONS, ParsedPython
from lsp_debugger.cards.python.resolve import lookup
from lsp_debugger.cards.ruff.bugs import default_at
from lsp_debugger.core.ask import Card, Place

_RETURN = re.compile(
    rf'Incompatible return value type \(got "(?P<given>{TYPE})", expected "(?P<wanted>{TYPE})"\)'
)
_ASSIGNED = re.compile(
    rf'Incompatible types in assignment \(expression has type "(?P<given>{TYPE})", '
    rf'(?:(?P<what>variable|target) has type|base class "(?P<base>{NAME})" defined the type as) '
    rf'"(?P<wanted>{TYPE})"\)'
)
_DEFAULT = re.compile(
    rf'Incompatible default for (?:parameter|argument) "(?P<name>{NAME})" '
    rf'\(default has type "(?P<given>{TYPE})", (?:parameter|argument) has type "(?P<wanted>{TYPE})"\)'
)


def returned(case: Case) -> Card | None:
    if match := told(_RETURN, case):
        said = f'Type "{match["given"]}" is not assignable to return type "{match["wanted"]}"\n'
        made = as_pyright(case, said, types.returned)
        return replace(made, notes=(*made.notes, *hints(case))) if made is not None else None
    parsed = case.python
    function = parsed.function_around(case.span) if parsed is not None else None
    node = parsed.around(case.span, ast.Return) if parsed is not None else None
    if parsed is None or function is None or node is None or function.returns is None:
        return None
    here = case.here(
        function.returns.lineno, f"`{function.name}` is declared to return `{parsed.code(function.returns)}`"
    )
    if case.problem.message.startswith("No return value expected") and node.value is not None:
        return Card(f"`{parsed.code(node.value)}` is returned, but `{function.name}` promises None.", (here,))
    if case.problem.message.startswith("Return value expected") and node.value is None:
        return Card(
            f"A `return` alone gives None, but `{function.name}` promises `{parsed.code(function.returns)}`.",
            (here,),
        )
    return None


def no_return(case: Case) -> Card | None:
    """A function that can end without the value that it promises."""
    parsed = case.python
    function = parsed.around(case.span, FUNCTIONS) if parsed is not None else None
    if parsed is None or function is None or function.returns is None:
        return None
    if not case.problem.message.startswith("Missing return statement"):
        return None
    wanted = parsed.code(function.returns)
    if _does_nothing(function.body):
        owner = parsed.class_around(parsed.span(function.body[0]))
        is_method = owner is not None and function in owner.body
        notes = ("A method that subclasses are to write: `@abstractmethod` says so.",) if is_method else ()
        return Card(f"`{function.name}` promises `{wanted}`, and its body does nothing.", notes=notes)
    said = f'Function with declared return type "{wanted}" must return value on all code paths'
    return as_pyright(case, said, types.returned)


def _does_nothing(body: list[ast.stmt]) -> bool:
    return falls_through(body) and all(
        isinstance(each, ast.Pass) or (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
        for each in body
    )


def assigned(case: Case) -> Card | None:
    if match := told(_ASSIGNED, case):
        return _assigned(case, match)
    return _default(case)


def _assigned(case: Case, match: re.Match[str]) -> Card | None:
    parsed = case.python
    node = parsed.around(case.span, (ast.Assign, ast.AnnAssign)) if parsed is not None else None
    if parsed is None or node is None:
        return None
    target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
    said = f'Type "{match["given"]}" is not assignable to declared type "{match["wanted"]}"\n'
    made = as_pyright(case, said, types.assignment)
    if made is None:
        return None
    promise, places = _promise(case, parsed, target, match)
    declared = f"`{parsed.code(target)}` is declared as {wording.short(match['wanted'])}"
    headline = made.headline.replace(declared, promise or declared)
    return replace(made, headline=headline, places=(*made.places, *places), notes=(*made.notes, *hints(case)))


def _promise(
    case: Case, parsed: ParsedPython, target: ast.expr, match: re.Match[str]
) -> tuple[str, tuple[Place, ...]]:
    """Who says what type it is to have; empty for a declaration in this very statement."""
    code, wanted = parsed.code(target), wording.short(match["wanted"])
    if match["base"] is not None:
        base = match["base"].rpartition(".")[2]
        return f"the base class `{base}` has {wanted} for `{code}`", member_place(case, base, code)
    if match["what"] == "target":
        return f"`{code}` takes {wanted}", declaration(case, parsed, target)[1]
    declares, places = declaration(case, parsed, target)
    if not places:
        here = parsed.around(case.span, (ast.Assign, ast.AnnAssign))
        return ("" if isinstance(here, ast.AnnAssign) else f"`{code}` takes {wanted}"), ()
    if declares:
        return "", places
    return f"`{code}` has been {wording.kind(match['wanted'])} since line {places[0].line}", places


def _default(case: Case) -> Card | None:
    match, parsed = told(_DEFAULT, case), case.python
    found = default_at(parsed, case) if parsed is not None else None
    if match is None or parsed is None or found is None or found[1].arg != match["name"]:
        return None
    function, parameter, default = found
    name = "the lambda" if isinstance(function, ast.Lambda) else f"`{function.name}`"
    wanted = wording.short(match["wanted"])
    if is_none(default):
        return Card(
            f"`{parameter.arg}` of {name} is declared as {wanted}, and its default is None.",
            notes=(f"`{match['wanted'][:80]} | None` says that it can be left out.",),
        )
    given = f"`{parsed.code(default)}` is {wording.kind(match['given'])}"
    return Card(f"`{parameter.arg}` of {name} is declared as {wanted}, and its default {given}.")


def unfinished_type(case: Case) -> Card | None:
    """What the variable was assigned has an error of its own, or stands below."""
    match = re.match(rf'Cannot determine type of "(?P<name>{NAME})"', case.problem.message)
    parsed = case.python
    node = find(case, ast.Name, lambda each: match is not None and each.id == match["name"])
    if match is None or parsed is None or node is None:
        return None
    found = lookup(parsed, node.id, parsed.span(node))
    first = next((each for each in found[1] if each.kind != "declared"), None) if found is not None else None
    if first is None or first.line == case.line:
        return None
    text = case.snapshot.line_text(first.line - 1).strip()
    when = "below" if first.line > case.line else "with an error of its own"
    if first.line > case.line:
        return Card(
            f"`{node.id}` gets its type from line {first.line}, which comes {when}.",
            (case.here(first.line, f"`{text}`"),),
        )
    return Card(
        f"mypy knows no type of `{node.id}`: it could not tell one in line {first.line}.",
        (case.here(first.line, f"`{text}`"),),
    )
