"""Findings of TypeScript's compiler, from tsc or from an editor's language server."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.family import Family, from_sources
from lsp_debugger.cards.generic import generic
from lsp_debugger.cards.typescript import (
    calls,
    classes,
    declared,
    implicit,
    imports,
    members,
    mismatch,
    names,
    not_found,
    nullish,
    operators,
    overloads,
    properties,
    syntax,
    unused,
)
from lsp_debugger.cards.typescript.words import WORDS
from lsp_debugger.core.ask import Card

_Make = Callable[[Case], Card | None]


def _exported(case: Case) -> Card | None:
    """2305, 2694 and 2724 are about modules and namespaces."""
    return imports.not_exported(case) or names.not_in_namespace(case)


def _unknown(case: Case) -> Card | None:
    return not_found.as_name(case) or names.unknown(case)


RULES: Mapping[str, _Make] = {
    **dict.fromkeys(("1003", "1109", "1110"), syntax.no_expression),
    **dict.fromkeys(("1002", "1010", "1160"), syntax.open_string),
    **dict.fromkeys(("1103", "1308"), calls.await_outside),
    **dict.fromkeys(("1192", "2613"), imports.no_default),
    **dict.fromkeys(("2300", "2323", "2393", "2440", "2451", "2528"), declared.twice),
    **dict.fromkeys(("2304", "2503", "2552", "18004"), _unknown),
    **dict.fromkeys(
        ("2580", "2581", "2582", "2583", "2584", "2591", "2592", "2593", "2867", "2868"), _unknown
    ),
    **dict.fromkeys(("2305", "2459", "2460", "2614", "2694", "2724"), _exported),
    **dict.fromkeys(("2307", "2792"), not_found.not_found),
    **dict.fromkeys(("2314", "2315"), calls.type_arguments),
    **dict.fromkeys(("2322", "2345", "2375", "2379", "2820"), mismatch.mismatch),
    **dict.fromkeys(("2339", "2550", "2551", "2576"), members.missing),
    **dict.fromkeys(("2341", "2445"), members.hidden),
    **dict.fromkeys(("2349",), calls.not_callable),
    **dict.fromkeys(("2351", "7009"), calls.not_constructable),
    **dict.fromkeys(("2353", "2561"), properties.excess),
    **dict.fromkeys(("2355", "2366", "7030"), operators.no_return),
    **dict.fromkeys(("2362", "2363", "2365"), operators.arithmetic),
    **dict.fromkeys(("2415", "2420"), classes.not_implemented),
    **dict.fromkeys(("2448", "2449", "2450"), declared.too_early),
    **dict.fromkeys(("2461", "2488", "2495", "2802"), calls.not_iterable),
    **dict.fromkeys(("2515", "2650", "2653", "2654", "2655", "2656"), classes.abstract_members),
    **dict.fromkeys(
        ("2531", "2532", "2533", "2721", "2722", "2723", "18047", "18048", "18049"), nullish.possibly
    ),
    **dict.fromkeys(("2554", "2555"), calls.count),
    **dict.fromkeys(("2559", "2560"), properties.nothing_shared),
    **dict.fromkeys(("2571", "18046"), implicit.unknown),
    **dict.fromkeys(("2662", "2663"), names.member_without_this),
    **dict.fromkeys(("2739", "2740", "2741"), properties.missing),
    **dict.fromkeys(("2774", "2801"), calls.always_true),
    **dict.fromkeys(("2869", "2881"), operators.never_nullish),
    **dict.fromkeys(("1359", "1389"), syntax.reserved),
    **dict.fromkeys(("6133", "6138", "6196"), unused.unused),
    **dict.fromkeys(("7005", "7034"), implicit.variable),
    **dict.fromkeys(("7006", "7019", "7031", "7051"), implicit.parameter),
    "1005": syntax.expected,
    "1128": syntax.stray,
    "2306": imports.no_module,
    "2348": calls.class_without_new,
    "2367": operators.comparison,
    "2416": classes.override,
    "2454": declared.unassigned,
    "2511": classes.abstract_instance,
    "2540": declared.read_only,
    "2556": calls.spread,
    "2564": declared.uninitialised,
    "2588": declared.constant,
    "2632": declared.imported,
    "2683": implicit.this,
    "2693": names.type_as_value,
    "2749": names.value_as_type,
    "2769": overloads.no_overload,
    "2790": operators.delete,
    "4114": classes.needs_override,
    "6192": unused.import_unused,
    "6198": unused.destructured,
    "6305": imports.unbuilt,
    "7016": imports.untyped,
    "7027": unused.unreachable,
    "7053": implicit.index,
}


def code_of(case: Case) -> str:
    """Editors send the number, tsc puts `TS` before it."""
    return case.problem.code.strip().upper().removeprefix("TS")


def card(case: Case) -> Card:
    """The finding's card, with our own words about its code: the compiler has none beyond its messages."""
    code = code_of(case)
    make = RULES.get(code)
    made = (make(case) if make is not None else None) or generic(case)
    words = WORDS.get(code, "")
    return replace(made, rule_text=f"TS{code}: {words}" if words else "")


FAMILY = Family(from_sources("deno-ts", "ts", "ts-plugin", "tsc", "tsserver", "typescript", "vtsls"), card)
