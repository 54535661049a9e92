"""Names come apart into words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.syntax.identifiers import names_in, search_tokens, split_identifier


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
    assert list(search_tokens("userName = user_name(x)")) == [
        *("user", "name", "username"),
        *("user", "name", "username"),
        "x",
    ]


def test_names_are_listed_once_in_order():
    assert names_in("b = a + b.c2 - 3 + 4e5") == ["b", "a", "c2"]


@given(st.text())
def test_no_letter_is_lost_and_no_token_holds_blanks(text: str):
    for token in search_tokens(text):
        assert token
        assert not any(letter.isspace() for letter in token)
    for name in names_in(text):
        assert "".join(split_identifier(name)) == name.replace("_", "").lower() or not name.isascii()
