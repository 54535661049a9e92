"""Findings of pyright, basedpyright and Pylance. Rules without a function here show their message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.family import Family, from_sources
from lsp_debugger.cards.generic import generic
from lsp_debugger.cards.pyright import attributes, calls, optional, types, unbound
from lsp_debugger.cards.pyright.words import WORDS
from lsp_debugger.core.ask import Card

RULES: Mapping[str, Callable[[Case], Card | None]] = {
    "reportArgumentType": calls.argument,
    "reportAssignmentType": types.assignment,
    "reportAttributeAccessIssue": attributes.attribute,
    "reportCallIssue": calls.call,
    "reportFunctionMemberAccess": attributes.attribute,
    "reportGeneralTypeIssues": types.general,
    "reportIndexIssue": types.index,
    "reportMissingImports": attributes.missing_import,
    "reportMissingModuleSource": attributes.missing_source,
    "reportOperatorIssue": types.operator,
    "reportOptionalCall": optional.call,
    "reportOptionalContextManager": optional.context_manager,
    "reportOptionalIterable": optional.iterable,
    "reportOptionalMemberAccess": optional.member_access,
    "reportOptionalOperand": optional.operand,
    "reportOptionalSubscript": optional.subscript,
    "reportPossiblyUnbound": unbound.possibly,
    "reportPossiblyUnboundVariable": unbound.possibly,  # basedpyright's name for it
    "reportReturnType": types.returned,
    "reportUnboundVariable": unbound.surely,
    "reportUndefinedVariable": attributes.undefined,
}
_DOCUMENTATION = {
    "basedpyright": "https://docs.basedpyright.com/latest/configuration/config-files/#",
    "pyright": "https://github.com/microsoft/pyright/blob/main/docs/configuration.md#",
    "pylance": "https://github.com/microsoft/pyright/blob/main/docs/configuration.md#",
}


def card(case: Case) -> Card:
    """The rule's card, with our own words about the rule: pyright has none that it could print."""
    code = case.problem.code
    make = RULES.get(code)
    made = (make(case) if make is not None else None) or generic(case)
    words = WORDS.get(code, "")
    address = _DOCUMENTATION[case.problem.source.lower()] + code if code.startswith("report") else None
    return replace(made, rule_text=f"{code}: {words}" if words else "", href=made.href or address)


FAMILY = Family(from_sources(*_DOCUMENTATION), card)
