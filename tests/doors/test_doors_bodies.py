"""What may stand in a request: nothing but listed names, flags, numbers and cleared texts."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.core.errors import EgressRefused
from lsp_debugger.core.model import Endpoint, Locality
from lsp_debugger.egress.bodies import check as check_request
from lsp_debugger.egress.clearance import Permit

HERE = Endpoint("here", "http://127.0.0.1:1")
SCHEMA = {"type": "object", "properties": {"cause": {"type": "string"}}}
CLEARED = "the cleared\ntext"


def permit(locality: Locality = Locality.OWN, endpoint: Endpoint = HERE) -> Permit:
    return Permit(endpoint, locality, "m:1b", frozenset({CLEARED, "system words"}), SCHEMA)


def check(method: str, path: str, body: Any, granted: Permit | None) -> bool:
    """True when the request may go."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        check_request(HERE, method, path, data, granted)
    except EgressRefused as exc:
        refused = exc
    else:
        return True
    assert refused.hint
    assert "secret" not in str(refused)
    assert refused.__cause__ is None
    return False


MESSAGES = [{"role": "system", "content": "system words"}, {"role": "user", "content": CLEARED}]
FORMAT = {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA}}
CHAT = {"model": "m:1b", "messages": MESSAGES, "stream": True}
OLLAMA = {
    **CHAT,
    "format": SCHEMA,
    "think": False,
    "options": {"seed": 7, "temperature": 0.0, "num_ctx": 8192, "num_predict": 512},
    "keep_alive": "10m",
    "tools": [],
    "logprobs": True,
}
OPENAI = {
    **CHAT,
    "temperature": 0,
    "seed": 7,
    "max_tokens": 1,
    "stream_options": {"include_usage": True},
    "response_format": FORMAT,
    "logprobs": True,
    "cache_prompt": True,
    "chat_template_kwargs": {"enable_thinking": False},
}
GOOD: list[tuple[str, Any]] = [
    ("/api/chat", OLLAMA),
    ("/api/chat", {**CHAT, "keep_alive": -1, "think": "low", "format": "json"}),
    ("/api/generate", {"model": "m:1b", "prompt": CLEARED, "system": "system words", "raw": False}),
    ("/v1/chat/completions", OPENAI),
    ("/chat/completions", {**CHAT, "response_format": {"type": "json_object"}}),
    ("/v1/completions", {"model": "m:1b", "prompt": CLEARED, "logprobs": 3}),
    (
        "/api/embed",
        {"model": "m:1b", "input": [CLEARED, "system words"], "truncate": True, "keep_alive": "5m"},
    ),
    ("/v1/embeddings", {"model": "m:1b", "input": [CLEARED], "encoding_format": "float"}),
    ("/tokenize", {"content": CLEARED, "add_special": True}),
    ("/apply-template", {"messages": MESSAGES}),
]


@pytest.mark.parametrize(("path", "body"), GOOD)
def test_a_cleared_request_goes_and_goes_nowhere_else(path: str, body: Any) -> None:
    assert check("POST", path, body, permit())
    assert not check("POST", path, body, None)
    assert not check("GET", path, body, permit())
    assert not check("POST", path, body, permit(endpoint=Endpoint("there", "http://127.0.0.1:2")))
    own_only = path in {"/tokenize", "/apply-template"}
    assert check("POST", path, body, permit(Locality.VERIFIED_LOCAL)) is not own_only


@pytest.mark.parametrize("path", ["/api/embed", "/v1/embeddings"])
@pytest.mark.parametrize(
    ("url", "locality", "goes"),
    [
        ("http://127.0.0.1:1", Locality.VERIFIED_LOCAL, True),
        ("http://[::1]:1", Locality.DECLARED_PRIVATE, True),
        ("http://127.0.0.1:1", Locality.REMOTE, False),
        ("http://localhost:1", Locality.DECLARED_PRIVATE, False),
        ("http://10.0.0.7:1", Locality.DECLARED_PRIVATE, False),
        ("https://models.example.com", Locality.REMOTE, False),
    ],
)
def test_texts_for_vectors_stay_on_this_machine(path: str, url: str, locality: Locality, goes: bool) -> None:
    endpoint = Endpoint("there", url)
    body = json.dumps({"model": "m:1b", "input": [CLEARED]}).encode()
    granted = permit(locality, endpoint)
    if goes:
        check_request(endpoint, "POST", path, body, granted)
        return
    with pytest.raises(EgressRefused, match="on this machine"):
        check_request(endpoint, "POST", path, body, granted)


FOREIGN = [
    "secret",
    CLEARED + " ",
    CLEARED[:-1],
    ["secret"],
    {"secret": 1},
    {"type": "secret"},
    [115, 101, 99],
    2**60,
    "\N{ZERO WIDTH SPACE}",
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to every value inside of a body."""
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    return [path, *(place for key, each in inner for place in places(each, (*path, key)))]


def planted(body: Any, place: tuple[Any, ...], foreign: Any) -> Any:
    """The body with something else at one place."""
    if not place:
        return foreign
    changed = copy.deepcopy(body)
    at = changed
    for key in place[:-1]:
        at = at[key]
    at[place[-1]] = foreign
    return changed


@pytest.mark.parametrize(("path", "body"), GOOD)
def test_nothing_foreign_fits_anywhere(path: str, body: Any) -> None:
    for place in places(body):
        for foreign in FOREIGN:
            assert not check("POST", path, planted(body, place, foreign), permit()), (place, foreign)
        holder = body
        for key in place:
            holder = holder[key]
        if isinstance(holder, dict):
            assert not check("POST", path, planted(body, place, {**holder, "secret": True}), permit()), place


@given(
    st.sampled_from(GOOD),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(min_size=1),
        lambda inner: st.lists(inner, min_size=1) | st.dictionaries(st.text(min_size=1), inner, min_size=1),
    ),
    st.data(),
)
def test_whatever_passes_holds_no_word_that_is_not_listed(
    good: tuple[str, Any], foreign: Any, data: st.DataObject
) -> None:
    path, body = good
    changed = planted(body, data.draw(st.sampled_from(places(body))), foreign)
    if check("POST", path, changed, permit()):
        known = words(body) | {"none", "minimal", "low", "medium", "high", "json", "text", "json_object"}
        known |= {CLEARED, "system words", "system", "user", "assistant", "auto"}
        left = {word for word in words(changed) - known if word.strip("-0123456789").strip("msh")}
        assert not left


def words(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {word for each in value.values() for word in words(each)}
    if isinstance(value, list):
        return {word for each in value for word in words(each)}
    return {value} if isinstance(value, str) else set()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"secret",
        b'{"model": "m:1b", "prompt": "secret", "prompt": ""}',
        b'{"model": "m:1b", "options": {"seed": NaN}}',
        b'{"model": "m:1b", "options": {"seed": 1e999}}',
        b'{"model": "m:1b"} secret',
        b"\xff\xfe",
        b"[" * 100_000,
        b"null",
        b"[]",
    ],
)
def test_a_body_is_one_plain_json_object(body: bytes) -> None:
    assert not check("POST", "/api/generate", body, permit())


@pytest.mark.parametrize(
    "path", ["/api/version", "/api/tags", "/api/ps", "/v1/models", "/health", "/metrics"]
)
def test_questions_about_the_server_carry_nothing(path: str) -> None:
    assert check("GET", path, b"", None)
    assert not check("GET", path, b"{}", None)
    assert not check("POST", path, b"", None)
    assert not check("GET", f"{path}?x=secret", b"", None)
    assert not check("GET", f"{path}/", b"", None)


def test_a_model_is_described_without_a_permit() -> None:
    assert check("POST", "/api/show", {"model": "hf.co/org/Model-GGUF:Q4_K_M"}, None)
    assert check("POST", "/api/show", {"model": "another", "verbose": True}, permit())
    assert not check("POST", "/api/show", {"model": "def secret(): ..."}, None)
    assert not check("POST", "/api/show", {"model": "x" * 201}, None)
    assert not check("POST", "/api/show", {"model": "m", "system": "secret"}, None)


def test_a_model_is_loaded_without_any_text() -> None:
    assert check("POST", "/api/generate", {"model": "m:1b", "keep_alive": "10m", "prompt": ""}, None)
    assert check("POST", "/api/chat", {"model": "m:1b", "messages": []}, None)
    assert not check("POST", "/api/generate", {"model": "m:1b", "prompt": "secret"}, None)


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/api/pull"), ("POST", "/api/create"), ("DELETE", "/api/delete"), ("POST", "/api/embeddings"),
     ("POST", "/api/push"), ("POST", "/completion"), ("POST", "/infill"), ("POST", "/slots/0"), ("GET", "/"),
     ("GET", ""), ("GET", "/v1/files"), ("POST", "/v1/responses"), ("POST", "/embeddings")],
)  # fmt: skip
def test_other_paths_do_not_exist(method: str, path: str) -> None:
    assert not check(method, path, {}, permit())
