from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.config.values import (
    absolute_path,
    declared_host,
    environment_name,
    http_url,
    loopback_url,
    origin_of,
)


def check(canonical: Callable[[str], str], text: str, expected: str | None) -> None:
    """expected: the canonical form, or None when it has to be refused without being repeated."""
    if expected is not None:
        assert canonical(text) == expected
        assert canonical(expected) == expected
        return
    with pytest.raises(ValueError) as refused:
        canonical(text)
    assert not any(word in str(refused.value) for word in ("secret", "sk-", "pw", "evil"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("http://127.0.0.1:8080/v1/", "http://127.0.0.1:8080/v1"),
        ("HTTPS://Models.Corp.example:443", "https://models.corp.example"),
        ("http://[::1]:80", "http://[::1]"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("ftp://host", None),
        ("host:8080", None),
        ("http://", None),
        ("http://user:secret@host", None),
        ("http://secret@host", None),
        ("http://host/?key=secret", None),
        ("http://host/#secret", None),
        ("http://host:99999", None),
        ("http://ho st", None),
        ("http://host\n", None),
        ("http://host\\@evil", None),
        ("http://hôst", None),
        ("http://[::1", None),
        ("sk-abcdef", None),
    ],
)
def test_urls(text: str, expected: str | None) -> None:
    check(http_url, text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://box:8000/v1", "http://box:8000"),
        ("http://Box", "http://box:80"),
        ("https://models.corp.example/", "https://models.corp.example:443"),
        ("http://[FE80::1]:8000", "http://[fe80::1]:8000"),
        ("http://*.corp.example", None),
        ("http://*", None),
        ("http://0.0.0.0:8000", None),
        ("http://[::]:8000", None),
        ("http://0:8000", None),
        ("http://0x0:8000", None),
        ("http://00.0:8000", None),
        ("http://[::ffff:0.0.0.0]:8000", None),
        ("http://box:0", None),
        ("http://me:pw@box", None),
        ("", None),
    ],
)
def test_a_declared_host_is_one_machine(text: str, expected: str | None) -> None:
    check(declared_host, text, expected)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ("127.0.0.1", "http://127.0.0.1:11434"),
        ("127.1.2.3:99", "http://127.1.2.3:99"),
        ("http://127.0.0.1:99/", "http://127.0.0.1:99"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("https://127.0.0.1:8443", "https://127.0.0.1:8443"),
        ("[::1]:99", "http://[::1]:99"),
        (" 127.0.0.1 ", "http://127.0.0.1:11434"),
        ("localhost", None),
        ("localhost:11434", None),
        ("0.0.0.0", None),
        ("127.0.0.1.evil.example", None),
        ("http://127.0.0.1@evil.example", None),
        ("http://127.0.0.1/../x", None),
        ("127.1", None),
        ("2130706433", None),
        ("models.corp.example", None),
    ],
)
def test_ollama_host_is_followed_only_to_literal_loopback(named: str, expected: str | None) -> None:
    assert loopback_url(named) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("OPENAI_API_KEY", "OPENAI_API_KEY"),
        ("sk-abc", None),
        ("A B", None),
        ("A\n", None),
        ("1A", None),
    ],
)
def test_environment_names(text: str, expected: str | None) -> None:
    check(environment_name, text, expected)


@pytest.mark.parametrize("text", ["model.gguf", "./x", "~nobody-of-that-name/x", "/tmp/\0x"])
def test_paths_must_mean_the_same_everywhere(text: str) -> None:
    check(absolute_path, text, None)


def test_a_path_may_start_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    check(absolute_path, "~/models/x.gguf", "/home/someone/models/x.gguf")


@given(st.text())
def test_no_text_breaks_a_check(text: str) -> None:
    """Any text is refused with ValueError or has one canonical form; nothing else comes out."""
    for canonical in (http_url, declared_host, environment_name, origin_of):
        with contextlib.suppress(ValueError):
            once = canonical(text)
            assert canonical(once) == once
    loopback_url(text)
