"""What the compiler's codes are about, in our own words: it has none beyond its messages."""

from __future__ import annotations

from collections.abc import Mapping

from lsp_debugger.cards.typescript.words import classes, grammar, names, rest, settings

WORDS: Mapping[str, str] = {
    **grammar.WORDS,
    **names.WORDS,
    **classes.WORDS,
    **rest.WORDS,
    **settings.WORDS,
}
