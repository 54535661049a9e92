"""Clippy's lints that people meet most, in the words of the code that they are about."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.rustc import clippy_code, clippy_design
from lsp_debugger.cards.rustc.clippy_code import instead
from lsp_debugger.core.ask import Card

LINTS: Mapping[str, Callable[[Case], Card | None]] = {
    "approx_constant": clippy_code.constant,
    "assign_op_pattern": instead("{code} can be written {better}."),
    "await_holding_lock": clippy_code.lock_across_await,
    "bool_comparison": instead("{code} compares with a constant: {better} is the same."),
    "boxed_local": clippy_design.boxed,
    "clone_on_copy": clippy_code.clone_on_copy,
    "collapsible_if": clippy_code.collapsible,
    "eq_op": clippy_code.same_sides,
    "erasing_op": clippy_code.always_zero,
    "explicit_counter_loop": clippy_code.counter,
    "get_first": instead("{code} is the first item: {better} says so."),
    "identity_op": instead("{code} is the same as {better}."),
    "large_enum_variant": clippy_design.large_variant,
    "len_without_is_empty": clippy_design.no_is_empty,
    "len_zero": clippy_code.len_zero,
    "let_and_return": clippy_code.let_and_return,
    "let_unit_value": clippy_code.unit_value,
    "manual_strip": clippy_code.manual_strip,
    "map_clone": instead("{code} clones each item: {better} does that."),
    "needless_borrow": clippy_code.needless_borrow,
    "needless_borrows_for_generic_args": clippy_code.needless_borrow,
    "needless_range_loop": clippy_code.range_loop,
    "needless_return": clippy_code.needless_return,
    "new_without_default": clippy_design.without_default,
    "map_entry": clippy_code.map_entry,
    "needless_bool": clippy_code.needless_bool,
    "println_empty_string": clippy_code.empty_println,
    "ptr_arg": clippy_design.pointer,
    "question_mark": clippy_code.question_mark,
    "to_string_in_format_args": clippy_code.to_string_in_format,
    "redundant_closure": clippy_code.redundant_closure,
    "redundant_field_names": instead(
        "{code} names the field and the variable, which are called the same: {better} will do."
    ),
    "should_implement_trait": clippy_design.like_trait,
    "single_match": clippy_code.single_match,
    "too_many_arguments": clippy_design.many_arguments,
    "type_complexity": clippy_design.complex_type,
    "unnecessary_unwrap": clippy_code.unwrap_checked,
    "useless_conversion": clippy_code.conversion,
    "useless_format": instead("{code} formats nothing: {better} is the same."),
    "useless_vec": instead("{code} allocates a vector that never grows: {better} is an array."),
    "while_let_on_iterator": instead("{code} goes through an iterator: {better} says so."),
}
