"""Proposed fixes side by side: which are the same one, and which is shown first."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from lsp_debugger.core.diff import differences
from lsp_debugger.core.patch import Applied
from lsp_debugger.syntax.grammars import language_of
from lsp_debugger.syntax.tree import parse_view
from lsp_debugger.verify.verdict import Verdict

if TYPE_CHECKING:
    from tree_sitter import Node

# Python's parser holds the interpreter's lock: larger files are compared by their lines.
_MAX_PARSED_CHARS = 200_000


@dataclass(frozen=True)
class Candidate:
    """before: the texts of the files it changes, by path below the root. repaired: a second try.

    mean_logprob: of the model's words, where the engine says.
    """

    applied: Applied
    verdict: Verdict
    before: Mapping[str, str]
    repaired: bool = False
    mean_logprob: float | None = None

    @property
    def words(self) -> str:
        """What was checked, for a title; and that an answer before this one did not hold."""
        return f"{self.verdict.words} · repaired" if self.repaired else self.verdict.words

    @cached_property
    def changed_chars(self) -> int:
        """How much it changes; compares whole files when it is first asked."""
        pairs = ((self.before.get(path, ""), text or "") for path, text in self.applied.new_texts.items())
        return sum(changed(old, new) for old, new in pairs)


def rank(candidate: Candidate) -> tuple[bool, bool, int, int, float]:
    """Sorts best first: not refuted, not suspect, most rungs passed, the smallest change, the surest."""
    verdict, sure = candidate.verdict, candidate.mean_logprob
    doubt = -sure if sure is not None else float("inf")
    return verdict.is_refuted, verdict.is_suspect, -verdict.height, candidate.changed_chars, doubt


def changed(old: str, new: str) -> int:
    """How many characters of lines are not the same any more."""
    a, b = old.splitlines(), new.splitlines()
    return sum(
        sum(map(len, a[first:last])) + sum(map(len, b[start:end]))
        for first, last, start, end in differences(a, b)
    )


def normalised(texts: Mapping[str, str | None]) -> Hashable:
    """Equal for patches that come to the same code: what its readers see and its language does not is aside.

    texts: by path below the root; None is a file that is gone.
    """
    return tuple(sorted((path, _normalised(path, text)) for path, text in texts.items()))


def _normalised(path: str, text: str | None) -> str:
    if text is None:
        return ""
    language = language_of(path)
    if language == "python" and len(text) <= _MAX_PARSED_CHARS and (dumped := _python(text)):
        return dumped
    view = parse_view(text, language)
    if view is None or view.has_error or language == "python":
        return "\n".join(line.rstrip() for line in text.splitlines())
    return "\0".join(_words(view.nodes.root, text.encode("utf-8", "replace")))


def _python(text: str) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.dump(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""


def _words(root: Node, source: bytes) -> list[str]:
    """The leaves of a tree in their order; strings and the like whole."""
    found, left = list[str](), [root]
    while left:
        node = left.pop()
        if "comment" in node.type:
            continue
        if node.child_count and "string" not in node.type:
            left += reversed(node.children)
        else:
            found.append(source[node.start_byte : node.end_byte].decode("utf-8", "replace"))
    return found
