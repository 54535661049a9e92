"""Money and tokens: booked before, corrected after, and never spent twice."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.core.errors import AuditUnavailable, EgressRefused
from lsp_debugger.policy.budget import Ledger, Left, cost
from lsp_debugger.policy.document import Budgets, CloudEndpoint

NOW = "2026-11-25T10:00:00.000+00:00"
LIMITS = Budgets(day_tokens=100, day_micro_usd=1_000, month_micro_usd=1_500)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "budget.db")


def book(ledger: Ledger, request_id: str, tokens: int, micro_usd: int, now: str = NOW) -> None:
    ledger.reserve(request_id, "corp", tokens, micro_usd, LIMITS, now)


def test_what_is_booked_is_gone_and_comes_back_when_it_was_less(ledger: Ledger) -> None:
    assert ledger.left(LIMITS, NOW) == Left(100, 1_000)
    book(ledger, "a", 60, 400)
    assert ledger.left(LIMITS, NOW) == Left(40, 600)
    ledger.settle("a", 10, 50)
    assert ledger.left(LIMITS, NOW) == Left(90, 950)
    assert ledger.left(Budgets(), NOW) == Left(None, None)


@pytest.mark.parametrize(("tokens", "micro_usd"), [(101, 0), (0, 1_001)])
def test_more_than_is_left_is_refused_and_books_nothing(ledger: Ledger, tokens: int, micro_usd: int) -> None:
    with pytest.raises(EgressRefused, match="`budget` is closed"):
        book(ledger, "a", tokens, micro_usd)
    assert ledger.left(LIMITS, NOW) == Left(100, 1_000)


def test_a_new_day_begins_anew_and_a_month_goes_on(ledger: Ledger) -> None:
    book(ledger, "a", 100, 1_000)
    tomorrow = NOW.replace("-25T", "-26T")
    assert ledger.left(LIMITS, tomorrow) == Left(100, 500)
    assert ledger.left(LIMITS, NOW.replace("2026-11-25", "2026-12-01")) == Left(100, 1_000)


def test_a_clock_that_goes_back_gives_nothing_back(ledger: Ledger) -> None:
    book(ledger, "a", 100, 1_000)
    assert ledger.left(LIMITS, NOW.replace("-25T", "-24T")) == Left(0, 0)


def test_two_at_once_do_not_spend_the_same(ledger: Ledger) -> None:
    refused = list[str]()

    def spend(name: str) -> None:
        try:
            book(ledger, name, 60, 1)
        except EgressRefused:
            refused.append(name)

    threads = [threading.Thread(target=spend, args=(str(n),)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 5
    assert ledger.left(LIMITS, NOW) == Left(40, 999)


def test_a_ledger_that_cannot_be_read_is_no_budget(tmp_path: Path) -> None:
    (tmp_path / "budget.db").mkdir()
    with pytest.raises(AuditUnavailable, match="budget cannot be looked at"):
        Ledger(tmp_path / "budget.db").left(LIMITS, NOW)
    (tmp_path / "broken.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(AuditUnavailable):
        Ledger(tmp_path / "broken.db").left(LIMITS, NOW)


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**9), st.integers(0, 10**9))
def test_cost_is_never_rounded_down(prompt: int, completion: int, price_in: int, price_out: int) -> None:
    endpoint = CloudEndpoint("corp", "https://x", ("m",), input_price=price_in, output_price=price_out)
    exact = prompt * price_in + completion * price_out
    assert exact <= cost(endpoint, prompt, completion) * 1_000_000 < exact + 1_000_000
