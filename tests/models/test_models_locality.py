"""Local is what is proven: every missing or strange word of a daemon makes a model remote."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from model_server import Model

from lsp_debugger.core.model import Locality
from lsp_debugger.models.locality import is_declared, is_literal_loopback, of_endpoint, of_ollama

HERE = "http://127.0.0.1:11434"


def check(
    *,
    name: str = "helper:latest",
    url: str = HERE,
    tags: Any = None,
    show: Any = None,
    local_hosts: tuple[str, ...] = (),
    **model: Any,
) -> Locality:
    described = Model("helper:latest", **model)
    return of_ollama(
        name,
        url,
        {"models": [described.tags()]} if tags is None else tags,
        described.show() if show is None else show,
        local_hosts,
    ).locality


def test_weights_that_are_here_are_local_under_either_name() -> None:
    assert check() is Locality.VERIFIED_LOCAL
    assert check(name="helper") is Locality.VERIFIED_LOCAL
    assert check(url="http://[::1]:11434") is Locality.VERIFIED_LOCAL


@pytest.mark.parametrize(
    "change",
    [
        {"url": "http://localhost:11434"},
        {"url": "http://192.168.1.5:11434"},
        {"url": "http://127.0.0.1.example.com:11434"},
        {"url": "http://0.0.0.0:11434"},
        {"digest": ""},
        {"digest": "xyz"},
        {"digest": "ab" * 31},
        {"size": 384},
        {"extra_tags": {"size": None}},
        {"extra_tags": {"digest": None}},
        {"extra_tags": {"remote_model": "gpt-oss:120b"}},
        {"extra_tags": {"details": {"inner": {"remote_host": "https://ollama.com:443"}}}},
        {"extra_show": {"remote_host": "https://ollama.com:443"}},
        {"extra_show": {"REMOTE_HOST": "https://ollama.com:443"}},
        {"extra_show": {"model_info": {"list": [[{"remote_host": "x"}]]}}},
        {"extra_show": {"model_info": {}}},
        {"extra_show": {"details": None}},
        {"name": "other:latest"},
        {"tags": {}},
        {"tags": {"models": {}}},
        {"tags": [1]},
        {"tags": {"models": [None, 1, {"name": 3}]}},
        {"show": []},
        {"show": {}},
    ],
)
def test_any_doubt_makes_it_remote(change: dict[str, Any]) -> None:
    assert check(**change) is Locality.REMOTE


@pytest.mark.parametrize("name", ["gpt-oss:120b-cloud", "glm-4.6:cloud", "x/y:Cloud"])
def test_cloud_names_are_remote_also_behind_a_declared_daemon(name: str) -> None:
    model = Model(name)
    found = of_ollama(name, HERE, {"models": [model.tags()]}, model.show(), (HERE,))
    assert found.locality is Locality.REMOTE
    assert "cloud" in found.why


def test_an_empty_remote_host_is_none() -> None:
    assert check(extra_show={"remote_host": ""}) is Locality.VERIFIED_LOCAL


def test_nesting_without_end_is_remote() -> None:
    show: Any = Model("helper:latest").show()
    nested: Any = {}
    for _ in range(100):
        nested = {"deeper": nested}
    assert check(show={**show, "nested": nested}) is Locality.REMOTE


def test_a_declared_daemon_is_private_unless_it_passes_prompts_on() -> None:
    url = "http://pool.example:11434"
    assert check(url=url, local_hosts=(url,)) is Locality.DECLARED_PRIVATE
    passes_on = {"remote_host": "https://ollama.com"}
    assert check(url=url, local_hosts=(url,), extra_show=passes_on) is Locality.REMOTE


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["models", "name", "digest", "size", "details", "model_info", "x"]), inner
        )
    ),
    max_leaves=12,
)


@given(tags=JSON, show=JSON)
def test_whatever_a_daemon_says_is_judged_and_never_raises(tags: Any, show: Any) -> None:
    assert of_ollama("helper", HERE, tags, show, ()).locality is Locality.REMOTE


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:1", True),
        ("http://127.8.9.1", True),
        ("http://[::1]:1", True),
        ("http://localhost:1", False),
        ("http://127.1:1", False),
        ("http://2130706433:1", False),
        ("http://[::ffff:192.0.2.1]:1", False),
        ("http://", False),
        ("http://[::1", False),
    ],
)
def test_only_digits_are_loopback(url: str, expected: bool) -> None:
    assert is_literal_loopback(url) is expected


def test_loopback_alone_proves_nothing_and_declaring_counts_by_origin() -> None:
    assert of_endpoint(HERE, ()).locality is Locality.REMOTE
    assert of_endpoint(f"{HERE}/v1", (HERE,)).locality is Locality.DECLARED_PRIVATE
    assert not is_declared("http://127.0.0.1:1", (HERE,))
    assert not is_declared("https://127.0.0.1:11434", (HERE,))
    assert not is_declared("nonsense", (HERE,))
