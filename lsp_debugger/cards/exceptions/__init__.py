"""Python exceptions, from a trace or from their message alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.exceptions import attributes, calls, lookups, names, operations, system, values
from lsp_debugger.cards.exceptions.raised import Raised, raised
from lsp_debugger.cards.exceptions.words import MEANINGS
from lsp_debugger.cards.family import Family
from lsp_debugger.cards.ruff import syntax
from lsp_debugger.core.ask import Card, Place, Problem, ProblemKind

EXCEPTIONS: Mapping[str, Callable[[Raised], Card | None]] = {
    "AssertionError": values.assertion,
    "AttributeError": attributes.attribute_error,
    "BrokenPipeError": system.os_error,
    "CalledProcessError": system.command_failed,
    "ConnectionRefusedError": system.connection_refused,
    "FileExistsError": system.os_error,
    "FileNotFoundError": system.os_error,
    "ImportError": names.import_error,
    "IndentationError": lambda raised: syntax.broken(raised.case),
    "IndexError": lookups.index_error,
    "IsADirectoryError": system.os_error,
    "JSONDecodeError": values.json_error,
    "KeyError": lookups.key_error,
    "ModuleNotFoundError": names.missing,
    "NameError": names.name_error,
    "NotADirectoryError": system.os_error,
    "NotImplementedError": system.not_implemented,
    "OSError": system.os_error,
    "PermissionError": system.os_error,
    "RecursionError": values.recursion,
    "RuntimeError": system.runtime_error,
    "RuntimeWarning": system.never_awaited,
    "StopAsyncIteration": lookups.stop_iteration,
    "StopIteration": lookups.stop_iteration,
    "SyntaxError": lambda raised: syntax.broken(raised.case),
    "TabError": lambda raised: syntax.broken(raised.case),
    "TimeoutExpired": system.command_failed,
    "TypeError": lambda raised: calls.bad_call(raised) or operations.bad_operation(raised),
    "UnboundLocalError": names.unbound_local,
    "UnicodeDecodeError": values.unicode_error,
    "UnicodeEncodeError": values.unicode_error,
    "ValueError": values.value_error,
    "ZeroDivisionError": values.zero_division,
    "gaierror": system.os_error,
}


def knows(problem: Problem) -> bool:
    return problem.kind is ProblemKind.TRACEBACK or problem.source.lower() == "python"


def card(case: Case) -> Card | None:
    found = raised(case)
    if found is None:
        return None
    make = EXCEPTIONS.get(found.name)
    made = make(found) if make is not None else None
    made = made or _where(found)
    meaning = MEANINGS.get(found.name, "")
    text = f"{found.name}: {meaning}" if meaning else ""
    return replace(made, places=(*made.places, *_outside(case)), rule_text=made.rule_text or text)


def _where(raised: Raised) -> Card:
    """What is sure of any exception: which line raised it, and what it said."""
    case = raised.case
    said = f": {raised.message.rstrip('.')}" if raised.message else ""
    frames = [frame for frame in case.problem.frames if frame.line == case.problem.line and frame.note]
    parsed = case.python
    function = parsed.function_around(case.span) if parsed is not None else None
    name = function.name if function is not None else frames[-1].note if frames else ""
    where = f" in `{name}`" if name and not name.startswith("<") else ""
    line = case.line_text.strip()
    if not line:
        return Card(f"`{raised.name}` was raised{where}{said}.")
    return Card(f"`{line[:80]}` raised `{raised.name}`{where}{said}.", raised.here())


def _outside(case: Case) -> tuple[Place, ...]:
    """The innermost frame, when it is not the one of the user's code."""
    frames = case.problem.frames
    if not frames or frames[-1].line == case.problem.line or frames[-1].path == case.problem.path:
        return ()
    last = frames[-1]
    if last.path.startswith("<"):
        return ()
    return (
        Place(
            case.shown(last.path),
            last.line,
            f"raised there, in `{last.note}`" if last.note else "raised there",
        ),
    )


FAMILY = Family(knows, card)
