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

# What else than a secret is replaced for a model of somebody else.
KINDS = ("STR", "COMMENT", "USER", "HOST", "REMOTE", "EMAIL")
_NAMES = tuple(
    name
    for kind in ("SECRET", *KINDS)
    for name in (f"{kind}_", f"<{kind.lower()}_", f"<{kind.capitalize()}_")
)
_NUMBERED = re.compile(rf"(?<![A-Za-z0-9])(SECRET|{'|'.join(KINDS)})_(\d{{1,9}})", re.IGNORECASE)
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

    def reserve(self, texts: Iterable[str]) -> None:
        """Leave out numbers that texts of the request already use, so that ours are ours alone."""
        for text in filter(may_hold, texts):
            for kind, number in _NUMBERED.findall(text):
                self._taken[kind.upper()].add(int(number))

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


def may_hold(text: str) -> bool:
    """False when no placeholder stands in `text`: a look that is cheaper than the pattern."""
    return any(name in text for name in _NAMES)


def blanked(text: str) -> str:
    """`text` with every placeholder as a blank of its length."""
    return shape().sub(_blank, text) if may_hold(text) else text


def _blank(placeholder: re.Match[str]) -> str:
    length = len(placeholder[0])
    return f"<{'_' * (length - 2)}>" if placeholder[0].startswith("<") else "_" * length


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
    return [f"{kind}_{number}".upper() for kind, number in _NUMBERED.findall(text)]


@cache
def loose() -> re.Pattern[str]:
    """A placeholder as a model may write it: in any case, as an entity, without brackets. Group: `name`."""
    kinds = "|".join(("SECRET", *KINDS))
    rest = r"(?::[a-z_]{2,24}|:one letter from STR_\d{1,9})?"
    return re.compile(
        rf"(?i:\\?<|&lt;|\b)(?P<name>(?i:{kinds})_\d{{1,9}})(?i:{rest}\\?>|{rest}&gt;|(?:_[a-z_]{{2,24}})?\b)"
    )


@cache
def shape() -> re.Pattern[str]:
    """Every form of a placeholder. Only labels that we give out: anything else in brackets may be a secret.

    Groups: `name` in brackets, `bare` without.
    """
    from lsp_debugger.policy.rules import ALL

    labels = "|".join(sorted({rule.label for rule in ALL} | {"known", "policy", "unclear"}))
    kinds = "|".join(KINDS)
    return re.compile(
        rf"<(?P<name>SECRET_\d{{1,9}}):(?:{labels})>"
        rf"|<(?P<plain>(?:{kinds})_\d{{1,9}})(?::one letter from STR_\d{{1,9}})?>"
        rf"|\b(?P<bare>SECRET_\d{{1,9}})_(?:{labels})\b|\b(?P<bare_plain>(?:{kinds})_\d{{1,9}})\b"
    )
