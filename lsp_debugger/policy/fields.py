"""Reading the parts of a policy's tree: each reader returns a value, or says file, line and key."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import TypeVar

from lsp_debugger.policy.yamltree import Node

MAX_TEXT_CHARS = 2_000
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")

_T = TypeVar("_T")


def mapping(node: Node, allowed: Collection[str] | None) -> dict[str, Node]:
    """Keys and values. allowed: the only keys that may stand here, or None for any."""
    if not isinstance(node.value, dict):
        node.fail(f"expected keys and values, not {_kind(node)}")
    for name, child in node.value.items():
        if allowed is not None and name not in allowed:
            child.fail(f"unknown key {name[:60]!r}", f"one of: {', '.join(allowed)}")
    return dict(node.value)


def sequence(node: Node, limit: int) -> tuple[Node, ...]:
    if node.value is None:
        return ()  # `never_send:` with every line below it commented out
    if not isinstance(node.value, tuple):
        node.fail(f"expected a list, not {_kind(node)}")
    if len(node.value) > limit:
        node.fail(f"more than {limit} entries")
    return node.value


def text(node: Node) -> str:
    if not isinstance(node.value, str):
        node.fail(f"expected text, not {_kind(node)}: put it in quotes")
    return node.value


def short_text(node: Node) -> str:
    """Text of one line that a report can show."""
    value = text(node)
    if len(value) > MAX_TEXT_CHARS or not value.isprintable():
        node.fail(f"expected one line of at most {MAX_TEXT_CHARS} characters")
    return value


def texts(node: Node, limit: int) -> tuple[str, ...]:
    return tuple(short_text(child) for child in sequence(node, limit))


def flag(node: Node) -> bool:
    if not isinstance(node.value, bool):
        node.fail(f"expected true or false, not {_kind(node)}")
    return node.value


def count(node: Node, *, least: int = 0, most: int = 10**12) -> int:
    value = node.value
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        node.fail(f"expected a whole number from {least} to {most}")
    return value


def micro_usd(node: Node) -> int:
    """An amount in US dollars, as whole millionths: sums of them are exact."""
    value = node.value
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 10**9:
        node.fail("expected an amount in US dollars, such as 2.50")
    return round(value * 1_000_000)


def day(node: Node) -> str:
    """`2026-11-25`; as text, days compare as they follow each other."""
    value = text(node)
    if not _DAY.match(value) or not "01" <= value[5:7] <= "12" or not "01" <= value[8:] <= "31":
        node.fail("expected a day such as 2026-11-25")
    return value


def one_of(node: Node, choices: Mapping[str, _T]) -> _T:
    if not isinstance(node.value, str) or node.value not in choices:
        node.fail(f"expected one of: {', '.join(choices)}")
    return choices[node.value]


def _kind(node: Node) -> str:
    match node.value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case str():
            return "text"
        case dict():
            return "keys and values"
        case tuple():
            return "a list"
        case _:
            return "a number"
