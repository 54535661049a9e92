"""What tools and runtimes say about a program: which names they quote, and which lines of it they show."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lsp_debugger.policy.rules.names import Strength, strength

# The line below a frame of Python, and what pytest and compilers show.
_SHOWN_CODE = re.compile(r'^[ |+]*File "[^"\n]+", line \d+.*\n|^(?:>|E)  (?= )|^ *\d+ +\| ', re.MULTILINE)
_DIAGNOSTIC = re.compile(
    r"[^'\"`\n]{0,200}?(?:[\w.]*(?:Error|Exception|Warning|Exit)\b|\b(?:error|warning|note)\b)"
    r"[^'\"`\n]{0,40}?(?::|TS\d+)"
)
_NAME_BEFORE = re.compile(r"([\w.\-]+)[\"'`\])]*\s*(?:\b(?:is|was|to|of|with|value)\s+|[=:>,(\[{]\s*)*\Z")
# A name or what stands for a value in code.
EXPRESSION = re.compile(r"[A-Za-z_][\w.]*[()\[\],:]*\Z")
# Behind the name of a file.
SUFFIX = re.compile(r"\.[A-Za-z]{1,5}\b")


def shown_code(text: str) -> Iterator[int]:
    """Where lines of source begin that a trace or a tool shows: what is bare in them is code."""
    return (match.end() for match in _SHOWN_CODE.finditer(text))


def names_it(before: str) -> bool:
    """`KeyError: 'token'`, `has no attribute 'password'`: the quoted name is what the message is about.

    before: its line up to the quote. Behind a name of its own, as in `bad password '…'`, it is a value.
    """
    if not _DIAGNOSTIC.match(before):
        return False
    name = _NAME_BEFORE.search(before)
    return name is None or strength(name[1]) < Strength.FAIR
