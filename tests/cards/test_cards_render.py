"""What a card looks like, whatever is in it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.cards import markdown, plain
from lsp_debugger.core.ask import Card, CertainEdit, Place

CARD = Card(
    "`user` may be None here: `find` is declared to return `User | None`.",
    places=(Place("shop/db.py", 18, "`return None`"), Place("app.py", 3)),
    notes=("A note.",),
    edit=CertainEdit("Add `import os`", "file:///app.py", 1, ()),
    rule_text="undefined-name: Checks for names.\n\nIt is bad.\n\nA third paragraph.",
    href="https://docs.astral.sh/ruff/rules/undefined-name",
)


def test_markdown():
    assert markdown(CARD) == (
        "**`user` may be None here: `find` is declared to return `User | None`.**\n"
        "- shop/db.py:18 `return None`\n"
        "- app.py:3\n"
        "- Certain edit: Add `import os`\n"
        "- A note.\n"
        "\n"
        "undefined-name: Checks for names. "
        "([documentation](https://docs.astral.sh/ruff/rules/undefined-name))\n"
        "\n"
        "It is bad."
    )


def test_places_become_links_where_there_is_an_address():
    def uri_of(place: Place) -> str | None:
        return f"file:///srv/{place.path}#L{place.line}" if place.path == "app.py" else None

    lines = markdown(CARD, uri_of=uri_of).split("\n")
    assert lines[1] == "- shop/db.py:18 `return None`"
    assert lines[2] == "- [app.py:3](file:///srv/app.py#L3)"


@pytest.mark.parametrize("max_lines", range(1, 13))
def test_markdown_fits(max_lines: int):
    full = Card(
        "h" * 5000,
        tuple(Place("p", n, "n" * 500) for n in range(1, 40)),
        tuple("x" * 500 for _ in range(40)),
        rule_text="\n\n".join("r" * 4000 for _ in range(20)),
        href="https://example.com",
    )
    shown = markdown(full, max_lines)
    assert len(shown.split("\n")) <= max_lines
    assert len(shown) < 6000
    assert shown.startswith("**hhh")


def test_plain():
    assert plain(CARD).split("\n") == [
        "`user` may be None here: `find` is declared to return `User | None`.",
        "  shop/db.py:18 `return None`",
        "  app.py:3",
        "  A note.",
        "  Certain edit: Add `import os`",
        "",
        "undefined-name: Checks for names.",
        "",
        "It is bad.",
        "",
        "A third paragraph.",
        "https://docs.astral.sh/ruff/rules/undefined-name",
    ]


HOSTILE = (
    "![x](https://evil.example/a.png) <img src=x onerror=alert(1)> [click](command:evil) "
    "# heading\n\n---\n```sh\nrm -rf /\n``` \x1b[31mred\x1b]8;;https://evil\x07 \u202eabc\u200b **bold** |a|"
)


@pytest.mark.parametrize("field", ["headline", "note", "place", "path", "title", "rule"])
def test_foreign_words_do_nothing(field: str):
    edit = CertainEdit(HOSTILE, "file:///a", 1, ()) if field == "title" else None
    card = Card(
        HOSTILE if field == "headline" else "ours",
        (Place(HOSTILE if field == "path" else "a.py", 3, HOSTILE if field == "place" else ""),),
        (HOSTILE,) if field == "note" else (),
        edit,
        HOSTILE if field == "rule" else "",
        "javascript:alert(1)",
    )
    for shown in (markdown(card), plain(card)):
        assert not any(sign in shown for sign in ("\x1b", "\x07", "\u202e", "\u200b"))
    shown = markdown(card)
    assert "javascript:" not in shown
    assert not re.search(r"(?<!\\)(?:!\[|\[click|<img|\*\*bold)|\n(?:#|---|```)", shown)


@given(st.builds(Card, st.text(), rule_text=st.text(), notes=st.tuples(st.text(), st.text())))
def test_any_text_is_shown(card: Card):
    assert len(markdown(card).split("\n")) <= 12
    plain(card)
