"""What a changed function means for who calls it."""

from __future__ import annotations

import pytest

from lsp_debugger.core.text import Snapshot
from lsp_debugger.features.side_effects import callers_in, changed_definitions

OTHER = "calls `total`: what it does or returns may be another"
ORDER = "passes arguments of `total` by position, which has them in another order"
NEEDED = "does not pass `tax`, which is needed now"
ANOTHER_WAY = "hands `total` on, which is called in another way now"
OLD = "def total(prices, tax=0):\n    return sum(prices) + tax\n"


def notes(old: str, new: str, caller: str, *, path: str = "till.py", own: str = "app.py") -> list[str]:
    [changed] = changed_definitions({own: old}, {own: new})
    text = new if path == own else caller
    found = callers_in(Snapshot("", text, None, f"/w/{path}"), path, changed)
    return [f"{each.line}: {each.note}" for each in found]


@pytest.mark.parametrize(
    ("new", "call", "note"),
    [
        ("def total(prices): ...", "total(x, tax=1)", "passes `tax`, which is gone"),
        ("def total(prices): ...", "total(x, 1)", "passes 2 arguments by position, of 1"),
        ("def total(prices, tax): ...", "total(x)", NEEDED),
        ("def total(prices, *, tax): ...", "total(x)", NEEDED),
        ("def total(tax, prices): ...", "total(x, 1)", ORDER),
        ("async def total(prices, tax=0): ...", "total(x)", "calls `total`, which has to be awaited now"),
        ("def total(prices, tax=0) -> str: ...", "total(x)", "gets `str` from `total`, no longer anything"),
        ("def total(prices, tax=0): ...", "total(x)", OTHER),
        ("def total(*a, **k): ...", "total(x, 1)", OTHER),
        ("def total(prices): ...", "total(*x)", OTHER),
        ("def sum_up(prices): ...", "total(x)", "calls `total`, which is gone"),
        ("def sum_up(prices): ...", "map(total, x)", "uses `total`, which is gone"),
        ("def total(prices): ...", "map(total, x)", ANOTHER_WAY),
    ],
)
def test_what_may_break(new: str, call: str, note: str) -> None:
    assert notes(OLD, new, f"from app import total\n\nprint({call})\n") == [f"3: {note}"]


def test_a_method_has_its_object_already() -> None:
    old = "class Till:\n    def add(self, price):\n        self.price = price\n"
    new = "class Till:\n    def add(self, price, count):\n        self.price = price\n"
    assert notes(old, new, "till.add(1)\nTill().add(1, 2)\n") == [
        "1: does not pass `count`, which is needed now",
        "2: calls `add`: what it does or returns may be another",
    ]


def test_it_does_not_call_itself_and_words_are_no_calls() -> None:
    new = (
        "def total(prices):\n    # total(1)\n    return total(prices[1:])\n\n\nprint('total(x)', total([]))\n"
    )
    assert notes(OLD, new, "", path="app.py") == ["6: calls `total`: what it does or returns may be another"]


def test_other_languages_are_read_by_their_grammar() -> None:
    old = "export function total(prices) { return 1; }\n"
    new = "export function total(prices, tax) { return 1; }\n"
    caller = 'import {total} from "./app";\n// total(x)\nconst s = "total(x)";\ntotal(x);\n'
    assert notes(old, new, caller, path="till.js", own="app.js") == [
        "4: calls `total`, which is called in another way now"
    ]
    assert notes(old, new, "total(1);\nfunction total(x) {}\n", path="till.ts", own="app.js") == [
        "1: calls `total`, which is called in another way now"
    ]
    assert notes(old, new, "total(1)\n", path="till.py", own="app.js") == []


def test_only_what_changed_is_looked_at() -> None:
    text = "def a():\n    return 1\n\n\ndef b():\n    return 2\n"
    [changed] = changed_definitions(
        {"m.py": text, "n.py": text}, {"m.py": text.replace("2", "3"), "n.py": text}
    )
    assert (changed.qualname, changed.is_signature) == ("b", False)
    assert changed_definitions({"m.txt": "x"}, {"m.txt": "y"}) == []
    assert {each.qualname for each in changed_definitions({"m.py": text}, {"m.py": None})} == {"a", "b"}
    assert changed_definitions({}, {"new.py": text}) == []
