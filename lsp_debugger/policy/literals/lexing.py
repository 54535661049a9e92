"""Where literals and comments stand in a text, in any language and in none, for masking.

A parser would be exact where a file is whole; what is sent are fragments, traces and logs. So this knows
quotes and comment marks only, never fails, and looks at each character once.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

from lsp_debugger.policy.patterns import Regex, compile_pattern


class Family(enum.Enum):
    """Languages that quote and comment alike. CHARACTERS: those where '' holds one character.

    TEXT: logs, messages, prose, and whatever is not known.
    """

    PYTHON = "python"
    SLASHES = "slashes"
    CHARACTERS = "characters"
    HASHES = "hashes"
    SHELL = "shell"
    SETTINGS = "settings"
    SQL = "sql"
    MARKUP = "markup"
    TEXT = "text"


# In these a bare word is code and only what is quoted is data.
CODE = frozenset((Family.PYTHON, Family.SLASHES, Family.CHARACTERS, Family.HASHES, Family.SQL))

_NAMES = {
    Family.PYTHON: "py pyi pyw pyx python",
    Family.SLASHES: "js jsx mjs cjs ts tsx mts cts javascript javascriptreact typescript typescriptreact "
    "php dart groovy gradle json jsonc css scss less swift",
    Family.CHARACTERS: "java kt kts kotlin scala go rs rust c h cc cpp cxx hpp hh cs csharp m mm "
    "proto objective-c objective-cpp zig",
    Family.HASHES: "rb ruby pl pm perl r ex exs elixir jl julia tcl nim cr coffee",
    Family.SHELL: "sh bash zsh fish ps1 bat cmd dockerfile makefile mk shellscript powershell makefile",
    Family.SETTINGS: "yaml yml toml ini cfg conf env properties tf tfvars hcl netrc npmrc pypirc "
    "dotenv terraform dockercompose",
    Family.SQL: "sql lua hs haskell elm adb",
    Family.MARKUP: "xml html htm xhtml svg plist xsd xsl vue svelte csproj config resx",
}
_FAMILIES = {name: family for family, names in _NAMES.items() for name in names.split()}


def family_of(path: str | None, language_id: str = "") -> Family:
    if language_id.lower() in _FAMILIES:
        return _FAMILIES[language_id.lower()]
    name = PurePosixPath((path or "").replace("\\", "/")).name.lower()
    if name.startswith(".env"):
        return Family.SETTINGS
    return _FAMILIES.get(name.rpartition(".")[2], Family.TEXT)


@dataclass(frozen=True, slots=True)
class Piece:
    """[start, end) is the content of a literal or comment, marks excluded.

    quote: how it is written: prefix letters and quote of a literal (`rb"`, `\"\"\"`), `#` for a comment.
    """

    start: int
    end: int
    quote: str

    @property
    def is_comment(self) -> bool:
        return self.quote == "#"


# RE2: linear whatever the text, and what never closes ends with its line or its text.
_DOUBLE = r'"(?:[^"\\\n]|\\(?s:.))*"?'
_SINGLE = r"'(?:[^'\\\n]|\\(?s:.))*'?"
_BACK = r"`(?:[^`\\]|\\(?s:.))*`?"
_TRIPLE = (
    r'(?:"""(?:""?(?:[^"\\]|\\(?s:.))|[^"\\]|\\(?s:.))*(?:"""|"{0,2}\z)'
    r"|\'\'\'(?:\'\'?(?:[^\'\\]|\\(?s:.))|[^\'\\]|\\(?s:.))*(?:\'\'\'|\'{0,2}\z))"
)
_CHARACTER = r"'(?:[^'\\\n]|\\[^'\n]{1,10}|\\')'"
# An apostrophe is no quote, nor is what does not close on its line.
_SINGLE_IN_TEXT = r"\B'[^'\n]*'\B"
_DOUBLE_IN_TEXT = r'"(?:[^"\\\n]|\\.)*"'
_SLASH_COMMENT = r"//[^\n]*|/\*(?s:.*?)(?:\*/|\z)"
_HASH_COMMENT = r"(?m:^|[ \t;])#[^\n]*"

_COMMENTS = {
    Family.PYTHON: r"#[^\n]*",
    Family.SLASHES: _SLASH_COMMENT,
    Family.CHARACTERS: _SLASH_COMMENT,
    Family.HASHES: _HASH_COMMENT,
    Family.SHELL: rf"{_HASH_COMMENT}|(?m:^)[ \t]*(?:REM |::)[^\n]*",
    Family.SETTINGS: r"(?m:^|[ \t])[#;][^\n]*",
    Family.SQL: r"--[^\n]*|/\*(?s:.*?)(?:\*/|\z)",
    Family.MARKUP: r"<!--(?s:.*?)(?:-->|\z)",
    Family.TEXT: r"(?m:^)[ \t]*(?:#|//|--) [^\n]*",
}
_STRINGS = {
    Family.PYTHON: rf"(?P<prefix>\b[rRbBuUfFtT]{{1,2}})?(?:{_TRIPLE}|{_DOUBLE}|{_SINGLE})",
    Family.SLASHES: rf"{_DOUBLE}|{_SINGLE}|{_BACK}",
    Family.CHARACTERS: rf"(?P<prefix>\b[LbcrRu]{{1,2}})?(?:{_TRIPLE}|{_DOUBLE})|{_CHARACTER}|`[^`]*`?",
    Family.HASHES: rf"{_DOUBLE}|{_SINGLE}|{_BACK}",
    Family.SHELL: rf"{_DOUBLE}|{_SINGLE}",
    Family.SETTINGS: rf"{_TRIPLE}|{_DOUBLE_IN_TEXT}|{_SINGLE_IN_TEXT}",
    Family.SQL: rf"{_DOUBLE}|'(?:[^']|'')*'?",
    Family.MARKUP: rf"{_DOUBLE_IN_TEXT}|{_SINGLE_IN_TEXT}",
    Family.TEXT: rf"(?P<prefix>\b[rRbBuUfF]{{1,2}})?(?:{_TRIPLE}|{_DOUBLE_IN_TEXT}|'[^'\n]*'\B)"
    rf"|{_SINGLE_IN_TEXT}|`[^`\n]*`",
}
_COMMENT_MARK = re.compile(r"[ \t;]*(?:#+!?|//+!?|/\*+!?|--+|;+|<!--|REM |::)[ \t]*")


@cache
def _pattern(family: Family) -> tuple[Regex, int, int]:
    """With the numbers of its groups for comments and for prefixes."""
    strings = _STRINGS[family]
    if "prefix" not in strings:
        strings += r"|(?P<prefix>\z)"  # the group has to be there, and this never comes before a literal
    regex = compile_pattern(f"(?P<comment>{_COMMENTS[family]})|{strings}")
    return regex, regex.groupindex[b"comment"], regex.groupindex[b"prefix"]


def pieces(text: str, family: Family) -> Iterator[Piece]:
    """Literals and comments, ascending; a literal or comment of several lines is one piece."""
    regex, comment, prefix = _pattern(family)
    # One byte a character, so that offsets are those of the text.
    for match in regex.finditer(text.encode("ascii", "replace")):
        start, end = match.span()
        if start == end:
            continue
        if match.start(comment) >= 0:
            yield _comment(text, start, end)
        else:
            yield _literal(text, start, end, max(match.end(prefix), start), family)


def _comment(text: str, start: int, end: int) -> Piece:
    mark = _COMMENT_MARK.match(text, start, end)
    start = mark.end() if mark else start
    closed = 2 * text.endswith("*/", start, end) or 3 * text.endswith("-->", start, end)
    return Piece(start, max(start, end - closed), "#")


def _literal(text: str, start: int, end: int, opens: int, family: Family) -> Piece:
    prefix = text[start:opens].lower()
    quote = text[opens] * 3 if text.startswith(text[opens] * 3, opens) and end - opens >= 6 else text[opens]
    closed = end - opens >= 2 * len(quote) and text.endswith(quote, opens + len(quote), end)
    if family is Family.CHARACTERS and quote == "`":
        prefix = "r"
    return Piece(opens + len(quote), end - len(quote) * closed, prefix + quote)
