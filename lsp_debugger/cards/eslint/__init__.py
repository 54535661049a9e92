"""Findings of ESLint. Rules without a function here show their message and ESLint's own explanation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.eslint import doubles, flow, names, texts, values
from lsp_debugger.cards.family import Family, from_sources
from lsp_debugger.core.ask import Card

RULES: Mapping[str, Callable[[Case], Card | None]] = {
    "eqeqeq": values.loose_equality,
    "getter-return": flow.getter,
    "no-async-promise-executor": flow.async_executor,
    "no-case-declarations": flow.case_declaration,
    "no-class-assign": names.reassigned,
    "no-compare-neg-zero": values.negative_zero,
    "no-cond-assign": values.assignment_in_condition,
    "no-const-assign": names.reassigned,
    "no-constant-condition": values.constant_condition,
    "no-debugger": values.debugger,
    "no-dupe-args": doubles.parameter,
    "no-dupe-class-members": doubles.member,
    "no-dupe-else-if": doubles.condition,
    "no-dupe-keys": doubles.key,
    "no-duplicate-case": doubles.case_label,
    "no-empty": flow.empty_block,
    "no-empty-pattern": values.empty_pattern,
    "no-explicit-any": values.any_type,
    "no-fallthrough": flow.fallthrough,
    "no-floating-promises": flow.floating_promise,
    "no-func-assign": names.reassigned,
    "no-import-assign": names.reassigned,
    "no-prototype-builtins": values.prototype_builtin,
    "no-redeclare": names.redeclared,
    "no-self-assign": values.self_assignment,
    "no-self-compare": values.self_comparison,
    "no-shadow": names.shadowed,
    "no-sparse-arrays": values.sparse_array,
    "no-undef": names.undefined,
    "no-unreachable": flow.unreachable,
    "no-unsafe-finally": flow.finally_exit,
    "no-unsafe-negation": values.negation,
    "no-unsafe-optional-chaining": values.optional_chain,
    "no-unused-vars": names.unused,
    "no-useless-catch": flow.useless_catch,
    "no-useless-escape": values.escape,
    "no-var": names.var,
    "prefer-const": names.never_changed,
    "require-yield": flow.without_yield,
    "use-isnan": values.not_a_number,
    "valid-typeof": values.typeof,
}


def card(case: Case) -> Card | None:
    """None for rules without a function, and where the function sees nothing that it is sure of.

    A plugin's rule counts as the core's of the same name: typescript-eslint extends many of them.
    """
    plugin, _, rule = case.problem.code.rpartition("/")
    if plugin not in {"", "@typescript-eslint", "ts"}:
        return None
    make = RULES.get(rule)
    return make(case) if make is not None else None


FAMILY = Family(from_sources("eslint"), card, lambda _: texts.EXPLAINER)
