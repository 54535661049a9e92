"""Findings of ESLint. Rules without a function here show their message and ESLint's own explanation."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.eslint import (
    classes,
    doubles,
    flow,
    language,
    names,
    promises,
    regexes,
    texts,
    typed,
    values,
)
from lsp_debugger.cards.family import Family, from_sources
from lsp_debugger.core.ask import Card

RULES: Mapping[str, Callable[[Case], Card | None]] = {
    "await-thenable": promises.nothing_to_await,
    "ban-ts-comment": typed.comment,
    "constructor-super": classes.without_super,
    "eqeqeq": values.loose_equality,
    "exhaustive-deps": typed.dependencies,
    "for-direction": language.direction,
    "getter-return": flow.getter,
    "no-async-promise-executor": flow.async_executor,
    "no-base-to-string": promises.object_text,
    "no-case-declarations": flow.case_declaration,
    "no-class-assign": names.reassigned,
    "no-compare-neg-zero": values.negative_zero,
    "no-cond-assign": values.assignment_in_condition,
    "no-const-assign": names.reassigned,
    "no-constant-binary-expression": language.constant_side,
    "no-constant-condition": values.constant_condition,
    "no-control-regex": regexes.control,
    "no-debugger": values.debugger,
    "no-delete-var": language.delete_variable,
    "no-dupe-args": doubles.parameter,
    "no-dupe-class-members": doubles.member,
    "no-dupe-else-if": doubles.condition,
    "no-dupe-keys": doubles.key,
    "no-duplicate-case": doubles.case_label,
    "no-duplicate-enum-values": typed.enum_value,
    "no-empty": flow.empty_block,
    "no-empty-character-class": regexes.empty_class,
    "no-empty-object-type": typed.empty_type,
    "no-empty-pattern": values.empty_pattern,
    "no-empty-static-block": classes.static_block,
    "no-ex-assign": language.caught,
    "no-explicit-any": values.any_type,
    "no-extra-boolean-cast": language.boolean_cast,
    "no-fallthrough": flow.fallthrough,
    "no-floating-promises": flow.floating_promise,
    "no-for-in-array": typed.in_array,
    "no-func-assign": names.reassigned,
    "no-global-assign": language.global_set,
    "no-import-assign": names.reassigned,
    "no-invalid-regexp": regexes.invalid,
    "no-irregular-whitespace": language.whitespace,
    "no-loss-of-precision": language.precision,
    "no-misleading-character-class": regexes.misleading,
    "no-misused-promises": promises.misused,
    "no-new-native-nonconstructor": language.not_constructor,
    "no-obj-calls": language.not_function,
    "no-octal": language.octal,
    "no-prototype-builtins": values.prototype_builtin,
    "no-redeclare": names.redeclared,
    "no-regex-spaces": regexes.spaces,
    "no-self-assign": values.self_assignment,
    "no-self-compare": values.self_comparison,
    "no-setter-return": classes.setter,
    "no-shadow": names.shadowed,
    "no-shadow-restricted-names": language.restricted,
    "no-sparse-arrays": values.sparse_array,
    "no-this-before-super": classes.too_early,
    "no-undef": names.undefined,
    "no-unexpected-multiline": language.goes_on,
    "no-unnecessary-condition": typed.condition,
    "no-unnecessary-type-assertion": typed.assertion,
    "no-unreachable": flow.unreachable,
    "no-unsafe-argument": promises.unsafe_argument,
    "no-unsafe-assignment": promises.unsafe_assignment,
    "no-unsafe-call": promises.unsafe_call,
    "no-unsafe-finally": flow.finally_exit,
    "no-unsafe-function-type": typed.any_function,
    "no-unsafe-member-access": promises.unsafe_member,
    "no-unsafe-negation": values.negation,
    "no-unsafe-optional-chaining": values.optional_chain,
    "no-unsafe-return": promises.unsafe_return,
    "no-unused-expressions": typed.no_effect,
    "no-unused-labels": language.label,
    "no-unused-private-class-members": classes.private_member,
    "no-unused-vars": names.unused,
    "no-useless-backreference": regexes.back_reference,
    "no-useless-catch": flow.useless_catch,
    "no-useless-escape": values.escape,
    "no-var": names.var,
    "no-with": language.with_object,
    "no-wrapper-object-types": typed.wrapper,
    "only-throw-error": promises.thrown,
    "prefer-const": names.never_changed,
    "prefer-promise-reject-errors": promises.rejected,
    "require-await": promises.never_waits,
    "require-yield": flow.without_yield,
    "restrict-plus-operands": promises.plus,
    "restrict-template-expressions": promises.in_template,
    "rules-of-hooks": typed.hook,
    "unbound-method": promises.unbound,
    "use-isnan": values.not_a_number,
    "valid-typeof": values.typeof,
}


def card(case: Case) -> Card | None:
    """None for rules without a function, and where the function sees nothing that it is sure of.

    A plugin's rule counts as the core's of the same name: typescript-eslint extends many of them.
    """
    plugin, _, rule = case.problem.code.rpartition("/")
    if plugin not in {"", "@typescript-eslint", "ts", "react-hooks"}:
        return None
    make = RULES.get(rule)
    return make(case) if make is not None else None


FAMILY = Family(from_sources("eslint"), card, lambda _: texts.EXPLAINER)
