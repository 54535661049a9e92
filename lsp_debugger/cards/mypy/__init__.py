"""Findings of mypy, whoever ran it. Codes without a function here show their message and mypy's words."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.family import Family, from_sources
from lsp_debugger.cards.mypy import (
    attributes,
    awaiting,
    calls,
    classes,
    comments,
    containers,
    formats,
    imports,
    missing_types,
    operators,
    signatures,
    statements,
    texts,
    values,
)
from lsp_debugger.cards.ruff import syntax
from lsp_debugger.core.ask import Card, Problem

Make = Callable[[Case], Card | None]


def _first(*makes: Make) -> Make:
    """The first that knows the message: under one code mypy says different things."""
    return lambda case: next((card for card in (make(case) for make in makes) if card is not None), None)


RULES: Mapping[str, Make] = {
    "abstract": classes.abstract,
    "arg-type": calls.argument,
    "assignment": values.assigned,
    "attr-defined": attributes.missing,
    "await-not-async": awaiting.outside,
    "call-arg": calls.call,
    "call-overload": calls.overload,
    "comparison-overlap": operators.comparison,
    "deprecated": classes.deprecated,
    "dict-item": containers.in_container,
    "empty-body": values.no_return,
    "exhaustive-match": statements.unhandled,
    "exit-return": classes.exit_result,
    "explicit-override": classes.unmarked_override,
    "func-returns-value": calls.no_value,
    "has-type": values.unfinished_type,
    "import": imports.not_found,
    "import-not-found": imports.not_found,
    "import-untyped": imports.untyped,
    "index": operators.index,
    "list-item": containers.in_container,
    "method-assign": classes.method_assigned,
    "misc": _first(
        classes.final,
        classes.read_only,
        classes.no_self,
        classes.wrong_exception,
        calls.call,
        calls.not_callable,
        awaiting.no_awaitable,
        awaiting.gone_through,
        containers.in_container,
        operators.tuple_index,
        statements.unpacking,
        missing_types.untyped_decorator,
    ),
    "name-defined": attributes.undefined,
    "no-any-return": missing_types.returns_any,
    "no-redef": statements.defined_twice,
    "no-untyped-call": missing_types.untyped_call,
    "no-untyped-def": signatures.untyped_function,
    "operator": _first(calls.not_callable, operators.operation),
    "override": classes.override,
    "possibly-undefined": statements.maybe_unset,
    "redundant-cast": comments.redundant_cast,
    "return": values.no_return,
    "return-value": values.returned,
    "safe-super": classes.trivial_super,
    "str-bytes-safe": formats.bytes_shown,
    "str-format": formats.placeholders,
    "syntax": _first(awaiting.outside, missing_types.no_type, syntax.broken),
    "top-level-await": awaiting.outside,
    "truthy-bool": statements.always_true,
    "truthy-function": statements.always_true,
    "truthy-iterable": statements.always_true,
    "type-arg": missing_types.type_arguments,
    "type-var": missing_types.type_variable,
    "typeddict-item": containers.typed_dict,
    "typeddict-unknown-key": containers.typed_dict,
    "union-attr": attributes.of_union,
    "unreachable": statements.unreachable,
    "untyped-decorator": missing_types.untyped_decorator,
    "unused-awaitable": awaiting.unused,
    "unused-coroutine": awaiting.unused,
    "unused-ignore": comments.unused_ignore,
    "used-before-def": statements.too_early,
    "valid-type": missing_types.no_type,
    "var-annotated": missing_types.needs_annotation,
}
# Where a server passes the line on as mypy prints it.
_CODE_AT_END = re.compile(r"  \[(?P<code>[a-z][a-z0-9-]{1,60})\]$")


def card(case: Case) -> Card | None:
    told = _as_told(case.problem)
    code = told.code
    make = RULES.get(code)
    made = make(replace(case, problem=told)) if make is not None else None
    if made is None:
        return None
    return replace(made, href=made.href or (texts.DOCUMENTATION + code if texts.CODE.match(code) else None))


def _as_told(problem: Problem) -> Problem:
    """With the code that stands at the end of the message, where the problem has none."""
    line, newline, rest = problem.message[:4000].partition("\n")
    match = _CODE_AT_END.search(line)
    if match is None or problem.code not in ("", match["code"]):
        return problem
    return replace(problem, message=f"{line[: match.start()]}{newline}{rest}", code=match["code"])


FAMILY = Family(from_sources("mypy", "dmypy"), card, lambda _: texts.EXPLAINER)
