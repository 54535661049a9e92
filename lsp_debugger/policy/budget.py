"""What was spent on models of others: booked before a request is sent, corrected when it has ended.

One file for all processes of a user. A request that was never heard of again stays booked at its most.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger.core.errors import AuditUnavailable, EgressRefused
from lsp_debugger.policy.document import Budgets, CloudEndpoint

if TYPE_CHECKING:
    import sqlite3

_MILLION = 1_000_000
_BUSY_TIMEOUT_S = 2.0
_SCHEMA = """CREATE TABLE IF NOT EXISTS spent (
  request_id TEXT PRIMARY KEY, day TEXT NOT NULL, endpoint TEXT NOT NULL, tokens INTEGER NOT NULL,
  micro_usd INTEGER NOT NULL)"""


@dataclass(frozen=True, slots=True)
class Left:
    """None where there is no limit. Money in millionths of a US dollar."""

    tokens: int | None
    micro_usd: int | None


def cost(endpoint: CloudEndpoint, prompt_tokens: int, completion_tokens: int) -> int:
    """In millionths of a US dollar, rounded up."""
    exact = prompt_tokens * endpoint.input_price + completion_tokens * endpoint.output_price
    return -(-exact // _MILLION)


class Ledger:
    """Blocking: use it from a thread. Every method raises AuditUnavailable when it cannot tell."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)

    def left(self, limits: Budgets, now: str) -> Left:
        """What this user may still spend. now: ISO 8601, in UTC."""
        with self._opened() as connection:
            return _left(connection, limits, now)

    def reserve(
        self, request_id: str, endpoint: str, tokens: int, micro_usd: int, limits: Budgets, now: str
    ) -> None:
        """Book the most that a request can cost. Raises EgressRefused when that is more than is left.

        Looked at and booked in one transaction: two requests at once do not spend the same money.
        """
        with self._opened() as connection:
            connection.execute("BEGIN IMMEDIATE")
            left = _left(connection, limits, now)
            if (left.tokens is not None and tokens > left.tokens) or (
                left.micro_usd is not None and micro_usd > left.micro_usd
            ):
                connection.execute("ROLLBACK")
                raise EgressRefused("the gate `budget` is closed", "ask a model on this machine")
            row = (request_id, now[:10], endpoint, tokens, micro_usd)
            connection.execute("INSERT INTO spent VALUES (?, ?, ?, ?, ?)", row)
            connection.execute("COMMIT")

    def settle(self, request_id: str, tokens: int, micro_usd: int) -> None:
        """What it really was; 0 for a request that was not sent."""
        with self._opened() as connection:
            connection.execute(
                "UPDATE spent SET tokens = ?, micro_usd = ? WHERE request_id = ?",
                (tokens, micro_usd, request_id),
            )

    @contextmanager
    def _opened(self) -> Generator[sqlite3.Connection]:
        import sqlite3

        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0), 0o600))
            connection = sqlite3.connect(self._path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
            with closing(connection):
                connection.execute(_SCHEMA)
                yield connection
        except (sqlite3.Error, OSError) as exc:
            raise AuditUnavailable(
                f"the budget cannot be looked at ({type(exc).__name__})",
                "make the state directory writable: `lsp-debugger doctor` names it",
            ) from exc


def _left(connection: sqlite3.Connection, limits: Budgets, now: str) -> Left:
    def spent(column: str, day: str) -> int:
        # A day in the future was booked before the clock went back: it counts as today's.
        query = f"SELECT coalesce(sum({column}), 0) FROM spent WHERE day >= ?"  # noqa: S608 - two constants
        return connection.execute(query, (day,)).fetchone()[0]

    tokens = None if limits.day_tokens is None else limits.day_tokens - spent("tokens", now[:10])
    money = [
        limit - spent("micro_usd", day)
        for limit, day in ((limits.day_micro_usd, now[:10]), (limits.month_micro_usd, f"{now[:7]}-01"))
        if limit is not None
    ]
    return Left(tokens, min(money, default=None))
