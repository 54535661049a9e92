"""Placeholders: how they look, who issued them, and what they stand for.

    <SECRET_1:aws_key>   a secret; nothing ever turns it back into one in a model's text
    <STR_4>              a literal; `<STR_7:one letter from STR_4>` says what a model could not see
    STR_4, SECRET_1_aws_key   the same where `<` would not parse

Numbers count up within one request, in the order of the prompt. They are never hashes: short values are
guessed from one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import chain

from lsp_debugger.policy.patterns import Regex, compile_pattern

# What else than a secret is replaced for a model of somebody else.
KINDS = ("STR", "COMMENT", "USER", "HOST", "REMOTE", "EMAIL")
_NEAR_CHARS = range(4, 41)
_MAX_NEAR = 2_000  # texts of a request; a model that sees more looks at none of them so closely


@dataclass(frozen=True, slots=True)
class Issued:
    """kind: SECRET or one of KINDS. value: what it stands for, escapes undone.

    sources: how the value was written, by the kind of quote around it (`Piece.quote`).
    """

    placeholder: str
    bare: str
    kind: str
    value: str
    sources: dict[str, str]


class Placeholders:
    """One for each request: equal values share a placeholder across all its texts."""

    def __init__(self) -> None:
        self._by_value: dict[tuple[str, str], Issued] = {}
        self._by_name: dict[str, Issued] = {}
        self._taken: dict[str, set[int]] = defaultdict(set)
        self._next: dict[str, int] = defaultdict(lambda: 1)
        self._near = _Near()

    def reserve(self, texts: Iterable[str]) -> bool:
        """Leave out numbers that texts of the request already use, so that ours are ours alone.

        Returns whether there are any.
        """
        names = list(chain.from_iterable(map(names_in, texts)))
        for name in names:
            kind, _, number = name.rpartition("_")
            self._taken[kind].add(int(number))
        return bool(names)

    def secret(self, value: str, label: str) -> Issued:
        known = self._by_value.get(("SECRET", value))
        if known is None:
            number = self._number("SECRET")
            bracketed, bare = f"<SECRET_{number}:{label}>", f"SECRET_{number}_{label}"
            known = self._issue("SECRET", value, bracketed, bare, number)
        return known

    def plain(self, kind: str, value: str, source: str, quote: str) -> Issued:
        name, known = value, self._by_value.get((kind, value))
        if known is not None and known.sources.get(quote, source) != source:
            # The same text in another spelling between the same quotes: what comes back has to be this one.
            name = f"{value}\0{source}"
            known = self._by_value.get((kind, name))
        if known is None:
            number = self._number(kind)
            near = self._near.of(value, f"STR_{number}") if kind == "STR" else ""
            hint = f":one letter from {near}" if near else ""
            known = self._issue(kind, value, f"<{kind}_{number}{hint}>", f"{kind}_{number}", number)
            self._by_value[kind, name] = known
        known.sources.setdefault(quote, source)
        return known

    @property
    def issued(self) -> tuple[str, ...]:
        return tuple(one.placeholder for one in self._by_name.values())

    def named(self, name: str) -> Issued | None:
        """What `STR_4` or `SECRET_1` stands for, in any case; None when this request has not issued it."""
        return self._by_name.get(name.upper())

    def _issue(self, kind: str, value: str, placeholder: str, bare: str, number: int) -> Issued:
        one = Issued(placeholder, bare, kind, value, {})
        self._by_value.setdefault((kind, value), one)
        self._by_name[f"{kind}_{number}"] = one
        return one

    def _number(self, kind: str) -> int:
        while self._next[kind] in self._taken[kind]:
            self._next[kind] += 1
        self._taken[kind].add(self._next[kind])
        return self._next[kind]


def spans(text: str) -> list[tuple[int, int]]:
    """Where placeholders of a form that we give out stand, in code points, ascending."""
    # One byte a character, so that offsets are those of the text.
    data = text.encode("ascii", "replace")
    if _any_name().search(data) is None:
        return []
    return [match.span() for match in _shape().finditer(data)]


def blanked(text: str, own: Iterable[tuple[int, int]], *, as_words: bool = False) -> str:
    """`text` with a blank of its length for each of its placeholders; own: their `spans`.

    as_words: without brackets, since what a placeholder stands for mostly begins and ends with a letter.
    """
    parts, done = list[str](), 0
    for start, end in own:
        is_bracketed = text[start] == "<" and not as_words
        blank = f"<{'_' * (end - start - 2)}>" if is_bracketed else "_" * (end - start)
        parts += [text[done:start], blank]
        done = end
    return "".join([*parts, text[done:]])


def is_only_ours(text: str) -> bool:
    """Nothing but placeholders and what joins them, as in a text that was masked before."""
    own = spans(text)
    return bool(own) and not any(map(str.isalnum, blanked(text, own)))


class _Near:
    """Finds texts that differ by one letter: without one of each, or one of the longer, they are equal.

    So it takes a look-up a letter, however many texts there are.
    """

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._without: dict[str, str] = {}
        self._without_at: dict[tuple[int, str], str] = {}

    def of(self, text: str, name: str) -> str:
        """The name of an earlier text that differs by one letter; empty when there is none."""
        if len(text) not in _NEAR_CHARS or text in self._texts:
            return ""
        shorter = [(at, text[:at] + text[at + 1 :]) for at in range(len(text))]
        found = self._without.get(text, "")
        for at, rest in shorter:
            found = found or self._texts.get(rest, "") or self._without_at.get((at, rest), "")
        if len(self._texts) < _MAX_NEAR:
            self._texts[text] = name
            for at, rest in shorter:
                self._without.setdefault(rest, name)
                self._without_at.setdefault((at, rest), name)
        return found


def names_in(text: str) -> list[str]:
    """`STR_4`, `SECRET_1`, …: everything in `text` that is named like a placeholder."""
    data = text.encode("ascii", "replace")
    if _any_name().search(data) is None:
        return []
    return [(match.group(1) or b"").decode("ascii").upper() for match in _numbered().finditer(data)]


@cache
def loose() -> re.Pattern[str]:
    """A placeholder as a model may write it: in any case, as an entity, without brackets. Group: `name`."""
    kinds = "|".join(("SECRET", *KINDS))
    rest = r"(?::[a-z_]{2,24}|:one letter from STR_\d{1,9})?"
    return re.compile(
        rf"(?i:\\?<|&lt;|\b)(?P<name>(?i:{kinds})_\d{{1,9}})(?i:{rest}\\?>|{rest}&gt;|(?:_[a-z_]{{2,24}})?\b)"
    )


@cache
def _any_name() -> Regex:
    return compile_pattern(rf"(?i)(?:SECRET|{'|'.join(KINDS)})_\d")


@cache
def _numbered() -> Regex:
    return compile_pattern(rf"(?i)(?:^|[^a-z0-9])((?:SECRET|{'|'.join(KINDS)})_\d{{1,9}})")


@cache
def _shape() -> Regex:
    """Every form of a placeholder, with labels that we give out: what else is in brackets may be a secret."""
    from lsp_debugger.policy.rules import ALL

    labels = "|".join(sorted({rule.label for rule in ALL} | {"known", "policy", "unclear"}))
    kinds = "|".join(KINDS)
    return compile_pattern(
        rf"<SECRET_\d{{1,9}}:(?:{labels})>|<(?:{kinds})_\d{{1,9}}(?::one letter from STR_\d{{1,9}})?>"
        rf"|\bSECRET_\d{{1,9}}_(?:{labels})\b|\b(?:{kinds})_\d{{1,9}}\b"
    )


def prepare() -> None:
    """Compile what each look needs."""
    for compiled in (_any_name, _numbered, _shape):
        compiled()
