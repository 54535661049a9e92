"""Findings of rustc and clippy, from Cargo or rust-analyzer. What has no function here shows its message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.family import Explainer, Family, from_sources
from lsp_debugger.cards.generic import generic
from lsp_debugger.cards.rustc import (
    bodies,
    borrows,
    clippy,
    declared,
    definitions,
    fields,
    inference,
    lints,
    members,
    moves,
    mutability,
    names,
    operators,
    patterns,
    texts,
    told,
    traits,
    types,
)
from lsp_debugger.core.ask import Card, Problem

RULES: Mapping[str, Callable[[Case], Card | None]] = {
    "E0004": patterns.left_out,
    "E0005": patterns.refutable,
    "E0015": bodies.not_const,
    "E0023": patterns.parts,
    "E0026": fields.unknown_field,
    "E0027": fields.pattern_fields,
    "E0038": declared.not_dyn,
    "E0046": definitions.missing_items,
    "E0050": definitions.unlike_trait,
    "E0053": definitions.unlike_trait,
    "E0061": definitions.arguments,
    "E0063": fields.missing_fields,
    "E0072": declared.recursive,
    "E0106": borrows.lifetime,
    "E0107": definitions.generics,
    "E0117": definitions.foreign,
    "E0119": definitions.implemented_twice,
    "E0133": bodies.unsafe,
    "E0204": declared.copy,
    "E0252": definitions.defined_twice,
    "E0255": definitions.defined_twice,
    "E0261": names.lifetime,
    "E0268": bodies.misplaced_break,
    "E0277": traits.bound,
    "E0282": inference.unknown,
    "E0283": inference.unknown,
    "E0308": types.mismatch,
    "E0317": types.no_else,
    "E0369": operators.binary,
    "E0373": borrows.closure,
    "E0381": bodies.unset,
    "E0382": moves.used,
    "E0384": mutability.assigned_twice,
    "E0392": declared.unused_parameter,
    "E0404": names.of_another_kind,
    "E0405": names.unknown,
    "E0407": definitions.not_a_member,
    "E0412": names.unknown,
    "E0422": names.unknown,
    "E0423": names.of_another_kind,
    "E0424": names.of_another_kind,
    "E0425": names.unknown,
    "E0428": definitions.defined_twice,
    "E0432": names.imported,
    "E0433": names.unknown,
    "E0499": borrows.twice,
    "E0502": borrows.conflicting,
    "E0505": borrows.moved,
    "E0506": borrows.assigned,
    "E0507": moves.out_of,
    "E0515": borrows.returned_reference,
    "E0521": borrows.escapes,
    "E0531": names.unknown,
    "E0532": names.of_another_kind,
    "E0560": fields.unknown_field,
    "E0573": names.of_another_kind,
    "E0583": names.module_file,
    "E0594": mutability.changed,
    "E0596": mutability.changed,
    "E0597": borrows.too_short,
    "E0599": members.missing_method,
    "E0600": operators.unary,
    "E0603": members.private,
    "E0604": operators.cast,
    "E0605": operators.cast,
    "E0606": operators.cast,
    "E0607": operators.cast,
    "E0608": operators.indexed,
    "E0609": fields.missing_field,
    "E0610": fields.of_primitive,
    "E0614": operators.dereferenced,
    "E0615": members.method_as_field,
    "E0616": members.private,
    "E0618": operators.called,
    "E0621": borrows.explicit,
    "E0624": members.private,
    "E0716": borrows.temporary,
    "E0728": bodies.awaited,
    "E0765": bodies.unfinished_string,
    "dead_code": lints.dead,
    "deprecated": lints.deprecated,
    "non_camel_case_types": lints.naming,
    "non_snake_case": lints.naming,
    "non_upper_case_globals": lints.naming,
    "overflowing_literals": lints.literal,
    "static_mut_refs": lints.static_reference,
    "unconditional_recursion": lints.recursion,
    "unreachable_code": lints.unreachable,
    "unreachable_patterns": lints.unreachable_pattern,
    "unused_assignments": lints.unused_value,
    "unused_braces": lints.needless_brackets,
    "unused_comparisons": lints.comparison,
    "unused_imports": lints.unused_import,
    "unused_must_use": lints.must_use,
    "unused_mut": lints.unused_mut,
    "unused_parens": lints.needless_brackets,
    "unused_unsafe": lints.needless_unsafe,
    "unused_variables": lints.unused_variable,
}


def is_clippy(problem: Problem) -> bool:
    """rust-analyzer makes clippy the source, cargo a part of the code."""
    return problem.source.lower() == "clippy" or problem.code.startswith("clippy::")


def card(case: Case) -> Card:
    """None of the functions is sure: the message, with the address of the rule's page."""
    code = case.problem.code.removeprefix("clippy::")
    make = clippy.LINTS.get(code) if is_clippy(case.problem) else RULES.get(code)
    if make is None and not code:
        make = without_code
    made = (make(case) if make is not None else None) or generic(case)
    return replace(made, href=made.href or texts.address(case.problem.code, clippy=is_clippy(case.problem)))


def without_code(case: Case) -> Card | None:
    """What the parser and the macro expander say."""
    if told.first(case).startswith("cannot find"):
        return names.unknown(case)
    return bodies.unclosed(case) or bodies.missing_token(case)


def explainer(problem: Problem) -> Explainer:
    return texts.CLIPPY_TEXTS if is_clippy(problem) else texts.RUSTC_TEXTS


FAMILY = Family(from_sources("rustc", "rust-analyzer", "clippy", "cargo"), card, explainer)
