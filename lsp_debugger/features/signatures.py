"""Whether a Python call still fits a function after its signature has changed."""

from __future__ import annotations

import ast
import textwrap

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def why_call_breaks(old: str, new: str | None, call: ast.Call, *, is_method: bool) -> str:
    """What may break at this call; texts of the whole function. new: None when it is gone.

    is_method: it is called on an object, which is its first argument.
    """
    was, now = _function(old), _function(new or "")
    name = was.name if was else "it"
    if new is None:
        return f"calls `{name}`, which is gone"
    if was is None or now is None:
        return f"calls `{name}`, which has changed"
    if isinstance(now, ast.AsyncFunctionDef) and not isinstance(was, ast.AsyncFunctionDef):
        return f"calls `{name}`, which has to be awaited now"
    did_fit = not _misfit(was.args, call, is_method=is_method)
    if did_fit and (misfit := _misfit(now.args, call, is_method=is_method)):
        return misfit
    return _other_change(was, now, call)


def _other_change(was: _Function, now: _Function, call: ast.Call) -> str:
    before, after = _written(was.returns), _written(now.returns)
    if before != after:
        return f"gets {after or 'anything'} from `{was.name}`, no longer {before or 'anything'}"
    count = len(call.args) + 1
    old_order, new_order = _order(was.args)[:count], _order(now.args)[:count]
    if old_order != new_order and sorted(old_order) == sorted(new_order):
        return f"passes arguments of `{was.name}` by position, which has them in another order"
    return f"calls `{was.name}`: what it does or returns may be another"


def _misfit(expected: ast.arguments, call: ast.Call, *, is_method: bool) -> str:
    """Empty when the call fits, or when a `*` in it hides what it passes."""
    if any(isinstance(each, ast.Starred) for each in call.args) or any(
        each.arg is None for each in call.keywords
    ):
        return ""
    by_place = [*expected.posonlyargs, *expected.args]
    if is_method:
        by_place = by_place[1:]
    given, named = len(call.args), {each.arg for each in call.keywords if each.arg}
    if given > len(by_place) and expected.vararg is None:
        return f"passes {given} arguments by position, of {len(by_place)}"
    names = {each.arg for each in (*by_place, *expected.kwonlyargs)} - {
        each.arg for each in expected.posonlyargs
    }
    gone = sorted(named - names)
    if gone and expected.kwarg is None:
        return f"passes `{gone[0]}`, which is gone"
    required = by_place[: len(by_place) - len(expected.defaults)] if expected.defaults else by_place
    missing = [each.arg for each in required[given:] if each.arg not in named]
    optional = zip(expected.kwonlyargs, expected.kw_defaults, strict=True)
    missing += [each.arg for each, default in optional if default is None and each.arg not in named]
    return f"does not pass `{missing[0]}`, which is needed now" if missing else ""


def _order(given: ast.arguments) -> list[str]:
    return [each.arg for each in (*given.posonlyargs, *given.args)]


def _written(annotation: ast.expr | None) -> str:
    return f"`{ast.unparse(annotation)}`" if annotation is not None else ""


def _function(text: str) -> _Function | None:
    try:
        tree = ast.parse(textwrap.dedent(text))
    except (SyntaxError, ValueError, RecursionError):
        return None
    first = tree.body[0] if tree.body else None
    return first if isinstance(first, ast.FunctionDef | ast.AsyncFunctionDef) else None
