"""Findings of pyright, basedpyright and Pylance. Rules without a function here show their message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.family import Family, from_sources
from lsp_debugger.cards.generic import generic
from lsp_debugger.cards.pyright import attributes, calls, classes, optional, statements, types, unbound
from lsp_debugger.cards.pyright.words import WORDS
from lsp_debugger.cards.python import effects
from lsp_debugger.cards.ruff import bugs
from lsp_debugger.core.ask import Card

RULES: Mapping[str, Callable[[Case], Card | None]] = {
    "reportAbstractUsage": classes.abstract,
    "reportArgumentType": calls.argument,
    "reportAssertAlwaysTrue": effects.assert_tuple,
    "reportAssignmentType": types.assignment,
    "reportAttributeAccessIssue": attributes.attribute,
    "reportCallInDefaultInitializer": bugs.call_in_default,
    "reportCallIssue": calls.call,
    "reportConstantRedefinition": classes.constant,
    "reportFunctionMemberAccess": attributes.attribute,
    "reportGeneralTypeIssues": lambda case: types.general(case) or statements.type_form(case),
    "reportIncompatibleMethodOverride": classes.override,
    "reportIncompatibleVariableOverride": classes.override,
    "reportIndexIssue": types.index,
    "reportInvalidStringEscapeSequence": effects.escape,
    "reportInvalidTypeForm": statements.type_form,
    "reportMatchNotExhaustive": statements.not_exhaustive,
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
    "reportPrivateUsage": classes.private,
    "reportRedeclaration": classes.redeclared,
    "reportReturnType": types.returned,
    "reportSelfClsParameterName": classes.first_parameter,
    "reportTypedDictNotRequiredAccess": classes.not_required,
    "reportUnboundVariable": unbound.surely,
    "reportUndefinedVariable": attributes.undefined,
    "reportUnhashable": statements.unhashable,
    "reportUninitializedInstanceVariable": classes.uninitialised,
    "reportUnnecessaryComparison": statements.unnecessary_comparison,
    "reportUnsupportedDunderAll": statements.dunder_all,
    "reportUnusedCoroutine": statements.unused_coroutine,
    "reportUnusedExcept": statements.unreachable_except,
    "reportUnusedExpression": effects.unused_expression,
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
