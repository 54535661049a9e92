"""Python exceptions, from a trace or from their message alone."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import replace

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.exceptions import (
    amounts,
    arguments,
    attributes,
    calls,
    contents,
    databases,
    endings,
    formats,
    keys,
    lookups,
    loops,
    names,
    network,
    operations,
    patterns,
    system,
    values,
)
from lsp_debugger.cards.exceptions.raised import Raised, raised
from lsp_debugger.cards.exceptions.words import MEANINGS
from lsp_debugger.cards.family import Family
from lsp_debugger.cards.ruff import syntax
from lsp_debugger.core.ask import Card, Place, Problem, ProblemKind

EXCEPTIONS: Mapping[str, Callable[[Raised], Card | None]] = {
    "ArgumentError": endings.bad_argument,
    "AssertionError": values.assertion,
    "AttributeError": lambda raised: attributes.attribute_error(raised) or formats.pickling_error(raised),
    "BadGzipFile": formats.archive_error,
    "BadZipFile": formats.archive_error,
    "BaseExceptionGroup": endings.group,
    "BlockingIOError": network.would_wait,
    "BrokenPipeError": network.connection_ended,
    "BrokenProcessPool": endings.broken_pool,
    "BufferError": endings.buffer_in_use,
    "CalledProcessError": system.command_failed,
    "CancelledError": loops.cancelled,
    "ChildProcessError": network.no_process,
    "ConnectionAbortedError": network.connection_ended,
    "ConnectionRefusedError": system.connection_refused,
    "ConnectionResetError": network.connection_ended,
    "DivisionByZero": values.zero_division,
    "DuplicateOptionError": formats.config_error,
    "DuplicateSectionError": formats.config_error,
    "EOFError": endings.end_of_input,
    "Empty": loops.queue_limit,
    "ExceptionGroup": endings.group,
    "FileExistsError": system.os_error,
    "FileNotFoundError": system.os_error,
    "FrozenInstanceError": endings.frozen,
    "Full": loops.queue_limit,
    "GeneratorExit": endings.generator_closed,
    "HTTPError": network.http_error,
    "ImportError": names.import_error,
    "IncompleteReadError": endings.incomplete,
    "IndentationError": lambda raised: syntax.broken(raised.case),
    "IndexError": lookups.index_error,
    "IntegrityError": databases.integrity,
    "InterpolationMissingOptionError": formats.config_error,
    "InterpolationSyntaxError": formats.config_error,
    "InvalidOperation": amounts.invalid_decimal,
    "InvalidStateError": loops.invalid_state,
    "IsADirectoryError": system.os_error,
    "JSONDecodeError": values.json_error,
    "KeyError": keys.key_error,
    "KeyboardInterrupt": endings.interrupted,
    "LookupError": contents.lookup_error,
    "MemoryError": endings.out_of_memory,
    "MissingSectionHeaderError": formats.config_error,
    "ModuleNotFoundError": names.missing,
    "NameError": names.name_error,
    "NoOptionError": formats.config_error,
    "NoSectionError": formats.config_error,
    "NotADirectoryError": system.os_error,
    "NotImplementedError": system.not_implemented,
    "OSError": system.os_error,
    "OperationalError": databases.operational,
    "OverflowError": amounts.overflow,
    "ParseError": formats.xml_error,
    "PatternError": patterns.pattern_error,
    "PermissionError": system.os_error,
    "PicklingError": formats.pickling_error,
    "ProcessLookupError": network.no_process,
    "ProgrammingError": databases.programming,
    "QueueEmpty": loops.queue_limit,
    "QueueFull": loops.queue_limit,
    "RecursionError": values.recursion,
    "ReferenceError": endings.reference_gone,
    "RuntimeError": system.runtime_error,
    "RuntimeWarning": loops.never_awaited,
    "SSLCertVerificationError": network.certificate,
    "SSLError": network.certificate,
    "StopAsyncIteration": lookups.stop_iteration,
    "StopIteration": lookups.stop_iteration,
    "SyntaxError": lambda raised: syntax.broken(raised.case),
    "SystemExit": endings.exit_,
    "TOMLDecodeError": formats.toml_error,
    "TabError": lambda raised: syntax.broken(raised.case),
    "TimeoutError": loops.timed_out,
    "TimeoutExpired": system.command_failed,
    "TypeError": lambda raised: (
        calls.bad_call(raised)
        or operations.bad_operation(raised)
        or arguments.bad_argument(raised)
        or formats.pickling_error(raised)
    ),
    "URLError": network.url_error,
    "UnboundLocalError": names.unbound_local,
    "UnicodeDecodeError": values.unicode_error,
    "UnicodeEncodeError": values.unicode_error,
    "UnpicklingError": formats.unpickling_error,
    "UnsupportedOperation": contents.unsupported,
    "ValueError": values.value_error,
    "ZeroDivisionError": values.zero_division,
    "ZoneInfoNotFoundError": contents.no_zone,
    "_csv.Error": formats.csv_error,
    "binascii.Error": formats.binascii_error,
    "csv.Error": formats.csv_error,
    "gaierror": system.os_error,
    "re.error": patterns.pattern_error,
    "socket.timeout": loops.timed_out,
    "struct.error": formats.struct_error,
    "zlib.error": formats.zlib_error,
}
# What programs raise themselves, and their cards know it.
_RAISED_BY_HAND = frozenset(
    {"BaseExceptionGroup", "CalledProcessError", "ExceptionGroup", "NotImplementedError", "SystemExit"}
)
# What asyncio writes to its log, without an exception of that name.
_LOGGED: tuple[tuple[str, Callable[[Raised], Card | None]], ...] = (
    ("Task was destroyed but it is pending!", loops.destroyed),
    ("Task exception was never retrieved", loops.never_retrieved),
    ("Future exception was never retrieved", loops.never_retrieved),
    ("was never awaited", loops.never_awaited),
)


def knows(problem: Problem) -> bool:
    is_python = problem.kind is ProblemKind.TRACEBACK or problem.source.lower() == "python"
    return is_python or _logged(problem) is not None


def card(case: Case) -> Card | None:
    logged = _logged(case.problem)
    if logged is not None:
        return logged(Raised(case, "", case.problem.message))
    found = raised(case)
    if found is None:
        return None
    # `struct.error`: of some names only the module says what they mean.
    key = next((each for each in (case.problem.code, found.name) if each in EXCEPTIONS), "")
    made = EXCEPTIONS[key](found) if key and not _is_raised_by_hand(found) else None
    made = made or _where(found)
    meaning = MEANINGS.get(key or found.name, "")
    text = f"{found.name}: {meaning}" if meaning else ""
    return replace(made, places=(*made.places, *_outside(case)), rule_text=made.rule_text or text)


def _is_raised_by_hand(found: Raised) -> bool:
    """True for `raise TimeoutError(…)` in the code itself: what it means is what its author says."""
    statement = found.only(found.on_line(ast.Raise))
    what = statement.exc if statement is not None else None
    called = what.func if isinstance(what, ast.Call) else what
    is_it = called is not None and found.code(called).rpartition(".")[2] == found.name
    return is_it and found.name not in _RAISED_BY_HAND


def _logged(problem: Problem) -> Callable[[Raised], Card | None] | None:
    if problem.kind is not ProblemKind.MESSAGE or problem.source:
        return None
    return next((make for words, make in _LOGGED if words in problem.message), None)


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
