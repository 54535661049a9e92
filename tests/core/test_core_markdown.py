"""Words that are not ours, inside Markdown that is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_debugger.core.markdown import code, escaped, file_link, link, shortened, visible


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("`os` imported but unused", "`os` imported but unused"),
        ("a_b __init__ _c_", "a_b \\_\\_init\\_\\_ \\_c\\_"),
        ("list[int] & <T>", "list\\[int\\] \\& \\<T\\>"),
        ("![x](http://e)", "\\!\\[x\\](http://e)"),
        ("one ` tick", "one \\` tick"),
        ("a\n\n# b\u202e\u200b", "a \\# b"),
        ("``two`` ticks", "\\`\\`two\\`\\` ticks"),
    ],
)
def test_escaped(text: str, expected: str) -> None:
    assert escaped(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("x", "`x`"), ("a`b", "``a`b``"), ("`a`", "`` `a` ``"), ("", "` `")]
)
def test_code(text: str, expected: str) -> None:
    assert code(text) == expected


@settings(deadline=None)
@given(st.text())
def test_everything_stays_on_one_line_that_can_be_read(text: str) -> None:
    for shown in (visible(text), escaped(text), code(text), shortened(text, 20)):
        assert len(shown.splitlines()) <= 1
        assert "\u202e" not in shown


@settings(deadline=None)
@given(st.text(max_size=80), st.integers(10, 40))
def test_shortened_never_is_longer(text: str, limit: int) -> None:
    assert len(shortened(text, limit)) <= limit


def test_shortened_prefers_the_end_of_a_word() -> None:
    assert shortened("one two three four", 15) == "one two three…"
    assert shortened("x" * 30, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "command:x", "https://x y", "https://x)", "file:///a>b"]
)
def test_addresses_that_are_no_links(address: str) -> None:
    assert link("label", address) == "label"


def test_links() -> None:
    assert link("[a]", "https://x.org/") == "[\\[a\\]](https://x.org/)"
    assert file_link("a:1", "s p/a.py", 1, "/w") == "[a:1](file:///w/s%20p/a.py#L1)"
    assert file_link("a:1", "a.py", 1) == "a:1"
    assert file_link("a:1", "untitled:a.py", 1, "/w") == "a:1"
