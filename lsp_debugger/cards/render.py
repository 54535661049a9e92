"""A card as a few lines of Markdown, or of plain text for terminals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lsp_debugger.core.ask import Card, Place
from lsp_debugger.core.markdown import escaped, link, shortened, visible

MAX_LINES = 12
_HEADLINE_CHARS = 300
_NOTE_CHARS = 160
_RULE_CHARS = 240
_RULE_PARAGRAPHS = 2
_BLOCK = re.compile(r"^(\d*)([-+=.)])")
_PLACES = 5


def markdown(
    card: Card, max_lines: int = MAX_LINES, uri_of: Callable[[Place], str | None] | None = None
) -> str:
    """At most `max_lines` lines: the headline, places, notes, the edit, and as much of the rule as fits.

    uri_of: the address of a place, for a link. Words that are not ours cannot open a link, load
    anything or hide characters.
    """
    lines = [f"**{escaped(shortened(card.headline, _HEADLINE_CHARS))}**"]
    items = [*(_place(place, uri_of) for place in card.places[:_PLACES]), *_items(card)]
    room = max(max_lines - 1, 0)
    lines += [f"- {item}" for item in items[:room]]
    for paragraph in _rule(card):
        if len(lines) + 2 > max_lines:
            break
        lines += ["", paragraph]
    return "\n".join(lines)


def plain(card: Card) -> str:
    """The whole card for a terminal, without characters that a terminal would obey."""
    lines = [visible(card.headline)]
    lines += [f"  {visible(f'{place}  {place.note}')}" for place in card.places]
    lines += [f"  {visible(note)}" for note in card.notes]
    if card.edit is not None:
        lines.append(f"  Certain edit: {visible(card.edit.title)}")
    rule = [visible(line) for line in card.rule_text.strip().split("\n")]
    lines += ["", *rule] if card.rule_text.strip() else []
    lines += [visible(card.href)] if card.href else []
    return "\n".join(lines)


def _place(place: Place, uri_of: Callable[[Place], str | None] | None) -> str:
    address = uri_of(place) if uri_of is not None else None
    shown = link(str(place), address) if address else escaped(str(place))
    return f"{shown} {escaped(shortened(place.note, _NOTE_CHARS))}".rstrip()


def _items(card: Card) -> Iterator[str]:
    if card.edit is not None:
        yield f"Certain edit: {escaped(shortened(card.edit.title, _NOTE_CHARS))}"
    for note in card.notes:
        yield escaped(shortened(note, _NOTE_CHARS))


def _rule(card: Card) -> Iterator[str]:
    paragraphs = [part for part in card.rule_text.strip().split("\n\n") if part.strip()]
    documentation = link("documentation", card.href) if card.href else ""
    if not paragraphs and documentation:
        yield documentation
    for number, paragraph in enumerate(paragraphs[:_RULE_PARAGRAPHS]):
        # At the start of a line a rule, a list or an underline could begin.
        shown = _BLOCK.sub(r"\1\\\2", escaped(shortened(paragraph, _RULE_CHARS)))
        yield f"{shown} ({documentation})" if documentation and not number else shown
