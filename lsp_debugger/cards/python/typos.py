"""A slip of the finger that leaves no doubt: one letter, in a name that is written wrongly once."""

from __future__ import annotations

import ast
from collections.abc import Collection

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.python import proof
from lsp_debugger.cards.python.bindings import BUILTINS, star_imports, visible
from lsp_debugger.cards.python.parsed import ParsedPython
from lsp_debugger.cards.python.resolve import class_of, node_of
from lsp_debugger.core.ask import CertainEdit, Replacement
from lsp_debugger.core.ports import Definition
from lsp_debugger.core.text import Span
from lsp_debugger.syntax.likeness import likeliest, sketches

_MIN_CHARS = 5  # in shorter names one letter is what tells two words apart


def renamed(case: Case, parsed: ParsedPython, name: str, span: Span) -> CertainEdit | None:
    """Put the one name of this file that is meant in the place of `name`, which nothing defines."""
    if span.of(parsed.text) != name or star_imports(parsed) or _times(parsed, name) != 1:
        return None
    known = {each for each, binding in visible(parsed, span).items() if binding.line != case.line}
    meant = only_meant(name, known, BUILTINS)
    return _edit(case, name, meant, span) if meant is not None else None


def renamed_attribute(case: Case, access: ast.Attribute, members: Collection[str]) -> CertainEdit | None:
    """The same for an attribute of an object that has `members` and no others."""
    parsed, name = case.python, access.attr
    meant = only_meant(name, members, ())
    if parsed is None or meant is None or meant.startswith("_") or not isinstance(access.ctx, ast.Load):
        return None
    written = [
        node for node in ast.walk(parsed.tree) if isinstance(node, ast.Attribute) and node.attr == name
    ]
    end = parsed.span(access).end
    return _edit(case, name, meant, Span(end - len(name), end)) if len(written) == 1 else None


def is_surely(case: Case, owner: Definition, expression: ast.expr) -> bool:
    """True when `expression` is an object of exactly this class, and all that the class has is known."""
    read = node_of(case, owner)
    found = class_of(case, expression)
    plain = isinstance(read[1], ast.ClassDef) and not read[1].bases if read is not None else False
    return plain and found is not None and (found.path, found.start_line) == (owner.path, owner.start_line)


def only_meant(name: str, known: Collection[str], others: Collection[str]) -> str | None:
    """The one of `known` that is a slip away, where nothing else, of `others` neither, comes near."""
    near = likeliest(name, [sketches({*known, *others})], 2)
    if len(near) != 1 or near[0] not in known or not is_slip(name, near[0]):
        return None
    return near[0]


def is_slip(written: str, meant: str) -> bool:
    """Two letters swapped, or one within a word too many, too few or wrong.

    At the ends of a word one letter makes another word: `item` and `items`, `xlabel` and `ylabel`.
    """
    if min(len(written), len(meant)) < _MIN_CHARS:
        return False
    pairs = zip(written, meant, strict=False)
    at = next((number for number, (one, other) in enumerate(pairs) if one != other), 0)
    one, other = written[at:], meant[at:]
    if one[:2].isalpha() and one[1::-1] + one[2:] == other:
        return True
    for too_many, too_few in ((1, 0), (0, 1), (1, 1)):
        if one[too_many:] == other[too_few:]:
            letters = written[at - 1 : at] + one[:too_many] + other[:too_few] + one[too_many : too_many + 1]
            return len(letters) == 2 + too_many + too_few and letters.isalpha() and letters[1:].islower()
    return False


def _times(parsed: ParsedPython, name: str) -> int:
    return sum(1 for node in ast.walk(parsed.tree) if isinstance(node, ast.Name) and node.id == name)


def _edit(case: Case, name: str, meant: str, span: Span) -> CertainEdit | None:
    return proof.proven(
        case,
        f"Change `{name}` to `{meant}`",
        (Replacement(span, meant),),
        proof.renames(span, name, meant),
    )
