"""What checks out is found whatever it looks like; what does not has to look like a secret."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.policy.detect import builtin, scan
from lsp_debugger.policy.rules import checksums

CARD = "4539148803436467"
ACCOUNT = "DE89370400440532013000"
# Published by GitHub as an example of how its checksum is made; it opens nothing.
TOKEN_BODY, TOKEN_SUM = "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ", "0mLq17"


def rules_in(text: str) -> set[str]:
    return {finding.rule for finding in scan(text, [builtin()])}


@given(st.integers(0, len(CARD) - 1), st.integers(1, 9))
def test_another_digit_is_another_card_and_none(at: int, more: int) -> None:
    other = CARD[:at] + str((int(CARD[at]) + more) % 10) + CARD[at + 1 :]
    assert checksums.luhn(CARD)
    assert not checksums.luhn(other)
    assert "card-number" not in rules_in(f"card {other}.")


@given(st.integers(2, len(ACCOUNT) - 1), st.integers(1, 9))
def test_another_digit_is_no_account(at: int, more: int) -> None:
    other = ACCOUNT[:at] + str((int(ACCOUNT[at]) + more) % 10) + ACCOUNT[at + 1 :]
    assert checksums.iban(ACCOUNT)
    assert not checksums.iban(other)
    assert "bank-account" in rules_in(f"to {ACCOUNT}.")
    assert "bank-account" not in rules_in(f"to {other}.")


@pytest.mark.parametrize("text", ["", "GB", "GB29 NWBK", "GB29-NWBK", "ＧＢ29"])
def test_what_is_no_account_number_at_all(text: str) -> None:
    assert not checksums.iban(text)


def test_a_token_with_its_checksum_is_one_whatever_it_looks_like() -> None:
    assert checksums.crc32_base62(TOKEN_BODY, TOKEN_SUM)
    words, right = "ThisIsTheTokenOfNobodyInTheDoc", "20idUc"
    assert checksums.crc32_base62(words, right)
    assert "github-token" in rules_in(f"ghp_{words}{right}")
    assert "github-token" not in rules_in(f"ghp_{words}IsAnExample")
    assert "github-token" in rules_in(f"ghp_{TOKEN_BODY}{TOKEN_SUM[::-1]}"), "made by a generator, it seems"


@given(st.text("abcXYZ019", min_size=30, max_size=30), st.integers(0, 29))
def test_one_letter_changes_the_checksum(text: str, at: int) -> None:
    other = text[:at] + "Q" + text[at + 1 :]
    sums = [s for s in (TOKEN_SUM, "000000") if checksums.crc32_base62(text, s)]
    assert not any(checksums.crc32_base62(other, s) for s in sums)


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5)))
def test_a_header_is_read_as_it_was_written(header: dict[str, int | str]) -> None:
    segment = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    assert checksums.json_object(segment) == header


@pytest.mark.parametrize("segment", ["", "eyJ", "W10", "!!", "eyJhIjox", "é"])
def test_what_is_no_header(segment: str) -> None:
    assert checksums.json_object(segment) is None
