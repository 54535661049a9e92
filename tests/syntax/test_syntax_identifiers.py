"""Names come apart into words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.syntax.identifiers import search_tokens, split_identifier, words_in


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("getHTTPResponse2", "get http response 2"),
        ("snake_case_name", "snake case name"),
        ("__init__", "init"),
        ("HTTPServer", "http server"),
        ("parseURLs", "parse urls"),
        ("URLSession", "url session"),
        ("sha256sum", "sha 256 sum"),
        ("MAX_BODY_BYTES", "max body bytes"),
        ("x", "x"),
        ("_", ""),
        ("größeÄndern", "größe ändern"),
        ("имяПользователя_2", "имя пользователя 2"),
        ("ユーザー名", "ユーザー名"),
        ("naïveBayes", "naïve bayes"),
        ("v２", "v ２"),
    ],
)
def test_split(name: str, words: str):
    assert " ".join(split_identifier(name)) == words


def test_search_tokens_hold_the_words_and_the_whole():
    assert list(search_tokens(words_in("userName = user_name(x)"))) == [
        *("user", "name", "username"),
        *("user", "name", "username"),
        "x",
    ]


def test_words_keep_their_order():
    assert words_in("b = a + b.c2 - 4e5") == ["b", "a", "b", "c2", "4e5"]


@given(st.text())
def test_no_letter_is_lost_and_no_token_holds_blanks(text: str):
    for token in search_tokens(words_in(text)):
        assert token
        assert not any(letter.isspace() for letter in token)
    for word in words_in(text):
        assert "".join(split_identifier(word)) == word.replace("_", "").lower() or not word.isascii()
