"""How many secrets are found whole, and how much that is harmless is left alone, on a drawn corpus."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from secret_corpus import Record, harmless, positives

from lsp_debugger.policy.detect import KnownScanner, builtin, scan
from lsp_debugger.policy.rules import ALL


def is_found_whole(record: Record) -> bool:
    start = record.text.index(record.secret)
    covered = {offset for found in scan(record.text, [builtin()]) for offset in range(found.start, found.end)}
    return covered.issuperset(range(start, start + len(record.secret)))


@pytest.mark.parametrize("seed", [11, 12])
def test_recall_of_whole_values(seed: int) -> None:
    records = [record for record in positives(seed) if record.tier != "weak"]
    missed = [record.text for record in records if not is_found_whole(record)]
    assert len(records) > 1_800
    assert len(missed) <= 0.02 * len(records), missed[:20]


@pytest.mark.parametrize("seed", [11, 12])
def test_what_is_harmless_is_left_alone(seed: int) -> None:
    records = harmless(seed)
    marked = [record.text for record in records if scan(record.text, [builtin()])]
    assert len(records) > 400
    assert len(marked) <= 0.02 * len(records), marked


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("k = '41 4b'", ""),
        ("hex 746f6b656e3d68756e7465723221206f7220736f", ""),
        ("hex 70617373776f72643d68756e7465723221", "70617373776f72643d68756e7465723221"),
        ("b64 cGFzc3dvcmQ9aHVudGVyMiExMjM= end", "cGFzc3dvcmQ9aHVudGVyMiExMjM="),
        ("https://h/?q=password%3Dhunter2!9&x=1", "hunter2!9"),
        ('{"password": "\\u0068unter2!9"}', "\\u0068unter2!9"),
    ],
)
def test_one_level_of_encoding_is_read(text: str, value: str) -> None:
    found = {text[finding.start : finding.end] for finding in scan(text, [builtin()])}
    assert (value in found) if value else not found


def test_a_known_value_is_found_behind_an_encoding() -> None:
    known = KnownScanner(["tulip-Marsh-0789"])
    text = "x = 'dHVsaXAtTWFyc2gtMDc4OQ=='"
    [finding] = scan(text, [known])
    assert text[finding.start : finding.end] == "dHVsaXAtTWFyc2gtMDc4OQ=="


def test_a_token_is_found_to_its_end() -> None:
    token = "ghp_" + "aB3dE5gH7jK9" * 3 + "-and_more4"
    [finding] = {
        (found.start, found.end) for found in scan(f"x {token}.", [builtin()]) if found.rule == "github-token"
    }
    assert finding == (2, 2 + len(token))


_HITS = [
    (rule.id, hit.split("«")[0], hit.split("«")[1].split("»")[0], hit) for rule in ALL for hit in rule.hits
]
_FILLER = "the quick brown fox sat down\n"  # 29 bytes: borders of blocks fall anywhere in what follows


@given(st.sampled_from(_HITS), st.integers(-900, 200), st.sampled_from([65_536, 131_072, 196_608]))
@settings(max_examples=120, deadline=None)
def test_a_long_text_hides_nothing_at_the_borders_of_its_blocks(
    example: tuple[str, str, str, str], off: int, border: int
) -> None:
    rule, before, value, hit = example
    lines = (border + off) // len(_FILLER)
    ahead = _FILLER * lines + "x" * ((border + off) % len(_FILLER) - 1) + "\n"
    text = ahead + hit.replace("«", "").replace("»", "") + "\n" + _FILLER * 9_000
    start = len(ahead) + len(before)
    found = [one for one in scan(text, [builtin()]) if one.rule == rule]
    assert any(one.start <= start and start + len(value) <= one.end for one in found)


def test_a_key_that_is_longer_than_a_block_is_found_to_its_end() -> None:
    body = "aB3+dE5/gH7jK9mN1pQ2rS4tU6vW8xY0\n" * 9_000
    block = (
        "-" * 5 + "BEGIN RSA PRIVATE KEY" + "-" * 5 + "\n" + body + "-" * 5 + "END RSA PRIVATE KEY" + "-" * 5
    )
    text = _FILLER * 3_000 + block + "\n" + _FILLER * 3_000
    start = 3_000 * len(_FILLER)
    assert (start, start + len(block)) in {(one.start, one.end) for one in scan(text, [builtin()])}
