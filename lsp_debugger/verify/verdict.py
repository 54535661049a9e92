"""What was checked about a patch, rung by rung, and what was not."""

from __future__ import annotations

import enum
from dataclasses import dataclass

APPLIES = "applies"  # the first rung of every verdict: without it there is nothing to judge


class Result(enum.Enum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class RungResult:
    """said: one line for a title or a list: what passed, what failed, or why it was not checked."""

    name: str
    result: Result
    said: str
    took_s: float = 0.0

    @property
    def has_failed(self) -> bool:
        return self.result is Result.FAILED


@dataclass(frozen=True, slots=True)
class Verdict:
    """rungs: cheapest first; after one that failed the rest is missing. flags: how the patch silences.

    secrets: the rules that take something it writes for one.
    """

    rungs: tuple[RungResult, ...]
    flags: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()

    @property
    def is_suspect(self) -> bool:
        """It does what no fix should, whatever was checked."""
        return bool(self.flags or self.secrets)

    @property
    def height(self) -> int:
        """How many rungs passed before the first that failed; what was not checked counts for nothing."""
        passed = 0
        for rung in self.rungs:
            if rung.result is Result.FAILED:
                break
            passed += rung.result is Result.PASSED
        return passed

    @property
    def is_refuted(self) -> bool:
        return any(rung.result is Result.FAILED for rung in self.rungs)

    @property
    def is_complete(self) -> bool:
        """Every rung passed, nothing is silenced and no secret written."""
        return not self.is_suspect and all(rung.result is Result.PASSED for rung in self.rungs)

    @property
    def words(self) -> str:
        """`parses · F821 gone · 3 tests pass`, with what is wrong first; that it applies is no news."""
        failed = [rung.said for rung in self.rungs if rung.result is Result.FAILED]
        passed = [rung.said for rung in self.rungs if rung.result is Result.PASSED and rung.said]
        passed = [said for said in passed if said != APPLIES]
        flags = [f"silences: {flag}" for flag in self.flags]
        flags += [f"writes a secret ({rule})" for rule in self.secrets[:1]]
        return " · ".join([*failed, *flags, *passed]) or "only that it applies was checked"
