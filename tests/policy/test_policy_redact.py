"""Redaction: whole values, same lines, nothing else touched, and a second time changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_samples import AWS_KEY, GITHUB_TOKEN, PASSWORD

from lsp_debugger.core.text import LineIndex, Span
from lsp_debugger.policy.detect import KnownScanner, builtin
from lsp_debugger.policy.patterns import compile_pattern
from lsp_debugger.policy.redact import Redactor, prepare, redact_text
from lsp_debugger.policy.rules import ALL

_B = "-" * 5


def check(text: str, expected: str, redactor: Redactor | None = None) -> None:
    redacted = (redactor or Redactor()).redact(text)
    assert redacted.text == expected
    assert redacted.clean


def test_the_value_goes_and_the_rest_stays() -> None:
    check(f'password = "{PASSWORD}"  # why', 'password = "<SECRET_1:assigned>"  # why')
    check(f"connect({AWS_KEY!r}, retries=3)", "connect('<SECRET_1:aws_key>', retries=3)")


def test_equal_values_share_a_placeholder_across_texts() -> None:
    redactor = Redactor()
    check(
        f'a = "{AWS_KEY}"; t = "{GITHUB_TOKEN}"',
        'a = "<SECRET_1:aws_key>"; t = "<SECRET_2:github_token>"',
        redactor,
    )
    check(f"saw {GITHUB_TOKEN} again", "saw <SECRET_2:github_token> again", redactor)
    assert redactor.issued == ("<SECRET_1:aws_key>", "<SECRET_2:github_token>")
    assert redactor.counts == {"aws_key": 1, "github_token": 2}


def test_a_key_block_keeps_its_lines() -> None:
    body = "\r\n".join(["MIIEpAIBAAKCAQEA" + "x9Kd/3Lq+" * 5] * 3)
    block = f"{_B}BEGIN RSA PRIVATE KEY{_B}\r\n{body}\r\n{_B}END RSA PRIVATE KEY{_B}"
    check(f"key:\r\n{block}\r\nafter", "key:\r\n<SECRET_1:private_key>\r\n\r\n\r\n\r\n\r\nafter")


def test_look_alikes_in_the_text_are_not_ours() -> None:
    redactor = Redactor()
    check(f"<SECRET_1:aws_key> and {AWS_KEY}", "<SECRET_1:aws_key> and <SECRET_2:aws_key>", redactor)
    assert redactor.issued == ("<SECRET_2:aws_key>",)


def test_a_number_used_in_a_later_text_is_left_out_when_reserved() -> None:
    redactor = Redactor()
    redactor.reserve(["<SECRET_1:x>", "<SECRET_2:y>"])
    check(AWS_KEY, "<SECRET_3:aws_key>", redactor)


def test_a_secret_in_the_brackets_of_a_placeholder_is_no_placeholder() -> None:
    assert "hunter2" not in Redactor().redact('password = "<SECRET_1:hunter2!>x9"').text
    assert AWS_KEY not in Redactor().redact(f"<SECRET_1:{AWS_KEY}>").text


def test_a_label_is_not_the_name_of_the_next_value() -> None:
    text = f"https://user:{PASSWORD}@host:8080/path?query#fragment9"
    check(text, "https://user:<SECRET_1:uri_password>@host:8080/path?query#fragment9")


@pytest.mark.parametrize(
    "text",
    [
        f'k = "{AWS_KEY[:7]}" + "{AWS_KEY[7:]}"',
        f'k = ("{AWS_KEY[:4]}"\n     "{AWS_KEY[4:9]}"\n     "{AWS_KEY[9:]}")',
        f'k = "{AWS_KEY[:7]}" \\\n    "{AWS_KEY[7:]}"',
        f'k = "{AWS_KEY[:7]}\\\n{AWS_KEY[7:]}"',
        f"k = '{AWS_KEY[:7]}' .\n  '{AWS_KEY[7:]}';",
        f"{AWS_KEY[:4]}\u200b{AWS_KEY[4:]}",
        f"{AWS_KEY[:4]}\u2060\u202e{AWS_KEY[4:]}",
        "".join(chr(ord(char) + 0xFEE0) for char in AWS_KEY),
        f"é😀 {AWS_KEY} 漢字",
        f"\ud800{AWS_KEY}\udc00",
        f"url=https%3A%2F%2Fx%3Ft%3D{GITHUB_TOKEN}",
        f'log = "first line\\n{GITHUB_TOKEN}\\nlast"',
    ],
)
def test_disguises_do_not_help(text: str) -> None:
    redacted = Redactor().redact(text)
    assert redacted.clean
    folded = re.sub(r"[^A-Za-z0-9_]", "", redacted.text)
    for secret in (AWS_KEY, GITHUB_TOKEN):
        assert secret[4:] not in folded
        assert not any(ord(char) > 0xFF00 for char in redacted.text if char != "😀")
    assert len(LineIndex(redacted.text)) == len(LineIndex(text))


def test_known_values_are_found_exactly() -> None:
    known = KnownScanner(["correct horse", "correct horse battery", "x" * 300 + "end"])
    redactor = Redactor(known)
    check("say correct horse battery staple", "say <SECRET_1:known> staple", redactor)
    check("x" * 300 + "end!", "<SECRET_2:known>!", redactor)


def test_no_known_values_is_no_problem() -> None:
    check("nothing here", "nothing here", Redactor(KnownScanner([])))


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"(?i)token\s*[:=]", 'token = "abc" + x', 'token = "<SECRET_1:policy>" + x'),
        (r"(?i)token\s*[:=]", "token: abc, next", "token: <SECRET_1:policy>, next"),
        (r"(?i)token\s*[:=]", "token=\n", "token=\n"),
        (r"(?i)token\s*[:=]", "token=<b>\n", "token=<SECRET_1:policy>\n"),
        (r"ACME-", "id ACME-12345 (x)", "id <SECRET_1:policy> (x)"),
        (r"ab*", "a abb c", "<SECRET_1:policy> <SECRET_2:policy> c"),
        (r"x*", "yy", "yy"),
    ],
)
def test_a_policys_pattern_takes_the_value_that_it_names(pattern: str, text: str, expected: str) -> None:
    check(text, expected, Redactor(patterns=[compile_pattern(pattern)]))


@pytest.mark.parametrize("pattern", ["(?i)secret", ".+", "<", r"\w+", "[^a]", "1"])
def test_a_pattern_that_matches_placeholders_ends(pattern: str) -> None:
    redacted = Redactor(patterns=[compile_pattern(pattern)]).redact("a secret is <here> 1\nb")
    assert not redacted.clean or Redactor(patterns=[compile_pattern(pattern)]).is_clean(redacted.text)


def test_what_was_prepared_is_shared() -> None:
    prepare()
    shared = builtin()
    Redactor().redact("x")
    assert builtin() is shared


def test_spans_move_with_the_text() -> None:
    text = f'a = "{AWS_KEY}"; b = "plain"'
    redacted = Redactor().redact(text)
    for word in ("plain", "b", "a"):
        at = text.rindex(word) if word != "a" else 0
        assert redacted.moved(Span(at, at + len(word))).of(redacted.text) == word
    inside = Span(text.index(AWS_KEY) + 3, text.index(AWS_KEY) + 6)
    assert redacted.moved(inside).of(redacted.text) == "<SECRET_1:aws_key>"


class OneAtATime:
    """Finds one `a` more with every look: more than a redactor has patience for."""

    def scan(self, data: bytes) -> Iterator[tuple[int, int, str, str]]:
        for match in re.finditer(rb"<[^>]*>|(a)", data):
            if match[1]:
                yield *match.span(), "one", "known"
                return


def test_text_on_its_own_fails_closed() -> None:
    assert redact_text(f"x {AWS_KEY}") == "x <SECRET_1:aws_key>"
    never_done: Any = OneAtATime()
    assert redact_text("b\na a", never_done) == "b\n<SECRET_1:known> <SECRET_1:known>"
    assert redact_text("b\na a a a a a a", never_done) == "<SECRET_1:unclear>\n"


_HOSTILE = [
    *("key=" * 5000, "password='x " * 2000, "a://b:" * 3000, '"a" ' * 4000, "${" * 8000, "aB3+" * 8000),
    *("x" * 60_000, "\n" * 30_000, "=" * 30_000, "machine x login y " * 1500, "\u200b" * 5000),
    f"{_B}BEGIN PRIVATE KEY{_B}" * 500,
]


@pytest.mark.parametrize("text", _HOSTILE)
def test_hostile_text_comes_through(text: str) -> None:
    redacted = Redactor().redact(text)
    assert redacted.clean
    assert len(LineIndex(redacted.text)) == len(LineIndex(text))


# Texts made of what detectors look at, so that they meet in ways that nobody thought of.
_hits = [hit.replace("«", "").replace("»", "") for rule in ALL for hit in rule.hits]
_pieces = st.one_of(
    st.sampled_from(_hits),
    st.sampled_from(
        ["password = ", '"', "'", "\n", "\r\n", "\r", "\\", "<SECRET_1:", "<SECRET_2:jwt>", ":", ">", "@"]
    ),
    st.sampled_from(["\u200b", "é", "😀", "ﬁ", "token=", "://", "=", "\\n", "\ud800", " + ", "known-secret"]),
    st.text(max_size=6),
)
_texts = st.lists(_pieces, max_size=12).map("".join)


@given(_texts)
@settings(max_examples=150, deadline=None)
def test_redaction_is_a_fixpoint_that_keeps_lines_and_the_rest(text: str) -> None:
    known = KnownScanner(["known-secret"])
    redacted = Redactor(known).redact(text)
    assert "known-secret" not in redacted.text
    # 8: as many lines as before
    assert len(LineIndex(redacted.text)) == len(LineIndex(text))
    # 9: outside of the findings nothing changed
    outside = iter(re.split(r"<SECRET_\d+:[a-z_]+>[\r\n]*", redacted.text))
    done, kept = 0, list[str]()
    for finding in redacted.findings:
        kept.append(text[done : finding.start])
        done = finding.end
    kept.append(text[done:])
    if "<SECRET_" not in text:
        assert [part.strip("\r\n") for part in outside] == [part.strip("\r\n") for part in kept]
    # 7: a second time changes nothing
    if redacted.clean:
        again = Redactor(known).redact(redacted.text)
        assert again.text == redacted.text


@given(st.integers(1, len(AWS_KEY) - 1), st.sampled_from(['" + "', '" "', '"\n    "', '" \\\n "', "\\\n"]))
def test_a_secret_split_in_one_fragment_is_found(at: int, joint: str) -> None:
    """10, within a fragment."""
    redacted = Redactor().redact(f'key = "{AWS_KEY[:at]}{joint}{AWS_KEY[at:]}"')
    assert [finding.label for finding in redacted.findings] == ["aws_key"]
    assert len(redacted.text.split("\n")) == joint.count("\n") + 1


def test_a_value_that_was_found_once_is_known_from_then_on() -> None:
    redactor = Redactor()
    first = redactor.redact('login("q7-ver+n0#Zk")\npassword = "q7-ver+n0#Zk"\n')
    assert first.text == 'login("<SECRET_1:assigned>")\npassword = "<SECRET_1:assigned>"\n'
    later = redactor.redact("it said q7-ver+n0#Zk.")
    assert later.text == "it said <SECRET_1:assigned>."
    assert later.clean
    assert redactor.is_clean(later.text)
    assert not redactor.is_clean("q7-ver+n0#Zk")
    assert Redactor().redact("it said q7-ver+n0#Zk.").findings == (), "another request knows nothing of it"


@pytest.mark.parametrize("value", ["hunter2", "swordfish", "1234567890"])
def test_a_value_that_might_be_a_word_or_a_number_is_not_searched_everywhere(value: str) -> None:
    redactor = Redactor()
    assert redactor.redact(f'password = "{value}"').findings
    assert redactor.redact(f"see {value} there").findings == ()
