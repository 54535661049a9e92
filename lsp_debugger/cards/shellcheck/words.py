"""What each of shellcheck's codes is about and what to write instead: it has no words that it could print."""

from __future__ import annotations

from collections.abc import Mapping

from lsp_debugger.cards.shellcheck.words_1xxx import WORDS_1XXX
from lsp_debugger.cards.shellcheck.words_3xxx import WORDS_3XXX
from lsp_debugger.cards.shellcheck.words_20xx import WORDS_20XX
from lsp_debugger.cards.shellcheck.words_21xx import WORDS_21XX
from lsp_debugger.cards.shellcheck.words_22xx import WORDS_22XX
from lsp_debugger.cards.shellcheck.words_23xx import WORDS_23XX

# By the four digits of the code.
WORDS: Mapping[str, str] = {
    **WORDS_1XXX,
    **WORDS_20XX,
    **WORDS_21XX,
    **WORDS_22XX,
    **WORDS_23XX,
    **WORDS_3XXX,
}
