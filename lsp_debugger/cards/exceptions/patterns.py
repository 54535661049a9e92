"""Regular expressions that do not compile, with the character that is to blame."""

from __future__ import annotations

import ast
import re

from lsp_debugger.cards.exceptions.raised import Raised
from lsp_debugger.core.ask import Card

_AT = re.compile(r"(?P<why>.+?)(?: at position (?P<at>\d+)(?: \(line .+\))?)?$")
_FUNCTIONS = ("compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
_WORDS = {
    "nothing to repeat": "has nothing before it that it could repeat",
    "multiple repeat": "repeats what is repeated already",
    "missing ), unterminated subpattern": "opens a group that nothing closes",
    "unterminated character set": "opens a set of characters that no `]` closes",
    "unbalanced parenthesis": "closes a group that nothing opens",
}


def pattern_error(raised: Raised) -> Card | None:
    match = _AT.match(raised.message)
    pattern = _pattern(raised)
    if match is None or pattern is None:
        return None
    why = match["why"]
    if why.startswith("look-behind requires"):
        said = "looks back over a text that has no fixed length, which `re` cannot do"
        return Card(f"The pattern `{pattern}` {said}.", raised.here())
    at = int(match["at"]) if match["at"] else len(pattern)
    if why in _WORDS and at < len(pattern):
        return Card(
            f"The `{pattern[at]}` at position {at} of the pattern `{pattern}` {_WORDS[why]}.", raised.here()
        )
    if why.startswith("bad escape"):
        return Card(
            f"The pattern `{pattern}` holds `{why.removeprefix('bad escape ')}`, which means nothing.",
            raised.here(),
        )
    return None


def _pattern(raised: Raised) -> str | None:
    """The pattern that the line's one call of `re` is given, where it is written out on one line."""
    call = raised.call_of(*_FUNCTIONS)
    if call is None or raised.owner(call) != "re" or not call.args:
        return None
    first = call.args[0]
    value = first.value if isinstance(first, ast.Constant) else None
    return value if isinstance(value, str) and 0 < len(value) <= 60 and value.isprintable() else None
