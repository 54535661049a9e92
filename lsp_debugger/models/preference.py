"""Which of several installed models to take: a documented order, the same every time.

1. the model that model.name names; 2. families known to be good at code, in the order below, then
general ones, then the rest; 3. in a family the largest that leaves room in memory and is not too slow
to wait for; 4. the name. Models that cannot complete text and models run elsewhere are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

# By reputation at reading code at sizes that run on one machine. Longer names stand before their
# prefixes only where both are listed; matching is by prefix, longest first.
FAMILIES = (
    "qwen3-coder",
    "qwen2.5-coder",
    "devstral",
    "codestral",
    "deepseek-coder-v2",
    "deepseek-coder",
    "granite-code",
    "codegemma",
    "starcoder2",
    "codellama",
    "qwen3",
    "gpt-oss",
    "gemma3",
    "llama3",
    "mistral",
    "phi4",
    "granite",
    "qwen2.5",
)
_SHARE_OF_MEMORY = 0.6
# Beyond this an answer takes minutes on a machine without a large graphics card.
_COMFORTABLE_BYTES = 10_000_000_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """An installed model, as far as it is known before looking closer."""

    name: str
    size_bytes: int


def ranked(candidates: Iterable[Candidate], memory_bytes: int) -> list[Candidate]:
    """Best first. memory_bytes: of the whole machine, so that the order does not change by the hour."""
    limit = min(memory_bytes * _SHARE_OF_MEMORY, _COMFORTABLE_BYTES)

    def key(candidate: Candidate) -> tuple[bool, int, int, str]:
        too_large = candidate.size_bytes > limit
        by_size = candidate.size_bytes if too_large else -candidate.size_bytes
        return too_large, _rank(candidate.name), by_size, candidate.name

    return sorted((each for each in candidates if "embed" not in each.name.lower()), key=key)


def family_of(name: str) -> str | None:
    """The listed family of a model's name; a publisher's prefix (`hf.co/x/`) does not matter."""
    last = name.rpartition("/")[2].lower()
    matching = [family for family in FAMILIES if last.startswith(family)]
    return max(matching, key=len) if matching else None


def _rank(name: str) -> int:
    family = family_of(name)
    return FAMILIES.index(family) if family else len(FAMILIES)
