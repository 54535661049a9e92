"""Routes: near models always, declared ones below the ceiling, remote ones never; reasons to act on."""

from __future__ import annotations

import pytest
from policy_samples import context, fragment, loaded, model

from lsp_debugger.core.model import Endpoint, Locality
from lsp_debugger.policy.decide import decide
from lsp_debugger.policy.route import Denied, Route, is_near, route, safe_url

OPEN = decide(loaded(), context(fragment("x")), "explain")
DENIED = decide(loaded("rules: [{if: true, action: deny}]\n"), context(fragment("x")), "explain")
BROKEN = decide(loaded(unreadable="p:1: unknown key 'x'"), context(), "explain")


@pytest.mark.parametrize("decision", [OPEN, DENIED, BROKEN])
@pytest.mark.parametrize("locality", [Locality.OWN, Locality.VERIFIED_LOCAL])
def test_this_machine_is_always_allowed(decision: object, locality: Locality) -> None:
    info = model(locality, why_locality="digest on disk")
    assert route(decision, info) == Route(info.endpoint, info, locality, f"{locality.value}: digest on disk")  # type: ignore[arg-type]


def test_declared_private_stops_at_a_denial() -> None:
    info = model(Locality.DECLARED_PRIVATE, "http://10.0.0.7:8000/v1")
    assert isinstance(route(OPEN, info), Route)
    denied = route(DENIED, info)
    assert isinstance(denied, Denied)
    where, because = denied.reason.split(", and ")
    assert where == "ollama at http://10.0.0.7:8000/v1 may be elsewhere"
    assert because == "the policy denies this request (user.rules[0])"
    broken = route(BROKEN, info)
    assert isinstance(broken, Denied)
    assert "p:1: unknown key 'x'" in broken.reason
    assert broken.hint


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        (
            "http://127.0.0.1:8080/v1",
            "if that server is yours: lsp-debugger config local add http://127.0.0.1:8080/v1",
        ),
        (
            "http://me:pw@192.168.1.4:8080/?k=1",
            "if that server is yours: lsp-debugger config local add http://192.168.1.4:8080",
        ),
        ("https://api.example.com", "use a model on this machine: `lsp-debugger doctor` lists them"),
    ],
)
def test_remote_is_denied_with_the_way_out(url: str, hint: str) -> None:
    denied = route(OPEN, model(Locality.REMOTE, url, why_locality="not declared"))
    assert isinstance(denied, Denied)
    assert "nothing is sent to remote models" in denied.reason
    assert "not declared" in denied.reason
    assert denied.hint == hint
    assert "pw" not in repr(denied)


@pytest.mark.parametrize(
    ("url", "near"),
    [
        ("http://localhost:1", True),
        ("http://[::1]:1", True),
        ("http://[fe80::1%25eth0]:1", True),
        ("http://10.1.2.3", True),
        ("http://gpu.lan:8000", True),
        ("http://host.docker.internal:11434", True),
        ("http://gpu01:8000", True),
        ("https://8.8.8.8", False),
        ("https://localhost.example.com", False),
        ("http://[bad", False),
        ("", False),
    ],
)
def test_near_is_read_from_the_letters(url: str, near: bool) -> None:
    assert is_near(url) is near


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://u:p@h:1/v1/?token=x#f", "http://h:1/v1"),
        ("http://[::1]:11434", "http://[::1]:11434"),
        ("http://h\n\x1b31m/x", "http://h31m/x"),
        ("http://h:port", "an unreadable address"),
        ("engine", "local"),
    ],
)
def test_addresses_are_shown_without_what_they_hide(url: str, shown: str) -> None:
    assert safe_url(Endpoint("local", url)) == shown
