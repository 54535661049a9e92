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


def blanked(text: str, own: Iterable[tuple[int, int]]) -> str:
    """`text` with a blank of its length for each of its placeholders; own: their `spans`."""
    parts, done = list[str](), 0
    for start, end in own:
        blank = f"<{'_' * (end - start - 2)}>" if text[start] == "<" else "_" * (end - start)
        parts += [text[done:start], blank]
        done = end
    return "".join([*parts, text[done:]])


def is_only_ours(text: str) -> bool:
    """Nothing but placeholders and what joins them, as in a text that was masked before."""
    own = spans(text)
    return bool(own) and not any(map(str.isalnum, blanked(text, own)))


class _Near:
    """Texts that differ by one letter share their first half or their last."""

    def __init__(self) -> None:
        self._halves: dict[tuple[int, bool, str], list[tuple[str, str]]] = defaultdict(list)

    def of(self, text: str, name: str) -> str:
        """The name of an earlier text that differs by one letter; empty when there is none."""
        if len(text) not in _NEAR_CHARS:
            return ""
        found = next((other for other, there in self._candidates(text) if _differ_by_one(text, there)), "")
        half = len(text) // 2
        self._halves[len(text), False, text[:half]].append((name, text))
        self._halves[len(text), True, text[half:]].append((name, text))
        return found

    def _candidates(self, text: str) -> Iterable[tuple[str, str]]:
        for length in (len(text), len(text) - 1, len(text) + 1):
            half = length // 2
            yield from self._halves.get((length, False, text[:half]), ())
            yield from self._halves.get((length, True, text[len(text) - (length - half) :]), ())


def _differ_by_one(one: str, other: str) -> bool:
    """One letter changed, added or left out."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    start = next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    if len(one) == len(other):
        return one[start + 1 :] == other[start + 1 :]
    longer, shorter = sorted((one, other), key=len, reverse=True)
    return longer[start + 1 :] == shorter[start:]


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
