"""What a detector is: a pattern as data, with examples that hold it to its word."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

# Reads a named group of a match: None when it took no part. The empty name is the whole match, `value` the
# secret, whichever group it is.
Groups = Callable[[str], str | None]


def first_of(group: Groups, *names: str) -> str:
    """The text of the first group that took part."""
    return next((text for name in names if (text := group(name)) is not None), "")


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of secret.

    label: what a placeholder calls it, `[a-z_]+`.
    pattern: RE2. The secret is the first group named `value...` that matched, else the whole match.
    keywords: RE2, read without case, literal or nearly; one of them has to match before the pattern runs.
      All rules' keywords are looked for in one pass. None at all: the pattern always runs.
    hits: texts in which «» marks what has to be found, exactly. misses: texts without a finding.
    accepts: a second look at a match, for what a pattern cannot say.
    nested: a value that was not accepted may hold a name and a value itself.
    bounded: not in the middle of a longer word.
    """

    id: str
    label: str
    pattern: str
    keywords: tuple[str, ...]
    hits: tuple[str, ...]
    misses: tuple[str, ...]
    accepts: Callable[[Groups], bool] | None = None
    nested: bool = False
    bounded: bool = False


_BLOT = re.compile(r"(?i)x{6}|\*{3}|\.{3}|(?:0{10}|1{10})|1234567890ab?c?d?e?f?0?\Z")


def is_issued(group: Groups) -> bool:
    """Not a stand-in such as `AKIAXXXXXXXXXXXXXXXX`: providers draw from all of their alphabet."""
    value = group("") or ""
    return len(set(value[-16:])) > 2 and not _BLOT.search(value)


def token(
    rule_id: str,
    label: str,
    pattern: str,
    keywords: tuple[str, ...],
    example: str,
    accepts: Callable[[Groups], bool] = is_issued,
    misses: tuple[str, ...] = (),
) -> Rule:
    """A rule for a token with a prefix of its own; one miss is its first 12 characters."""
    return Rule(
        rule_id,
        label,
        pattern,
        keywords,
        hits=(f"«{example}»", f'call("«{example}»", 1)', f"https://host/?t=«{example}»&x=1"),
        misses=(
            example[:12],
            f"the prefix {example[:4]} alone",
            f"Kx{example}" if example[0].isalnum() else "",
            *misses,
        ),
        accepts=accepts,
        bounded=True,
    )
