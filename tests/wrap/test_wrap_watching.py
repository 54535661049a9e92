"""Globs of watchers, as LSP defines them."""

from __future__ import annotations

from typing import Any

import pytest

from lsp_debugger.wrap import watching
from lsp_debugger.wrap.peer import Peer


def check(glob: Any, uri: str, *, kind: int | None = None, change: int = 2) -> bool:
    peer = Peer(0, lambda _: None)
    watcher = {"globPattern": glob} if kind is None else {"globPattern": glob, "kind": kind}
    peer.register("1", watching.METHOD, {"watchers": [watcher]})
    return watching.wanted(peer, [peer], [{"uri": uri, "type": change}]) != []


@pytest.mark.parametrize(
    ("glob", "hits", "misses"),
    [
        ("**/*.py", ["/r/a.py", "/r/deep/er/a.py"], ["/r/a.pyc", "/r/a.rs"]),
        ("**/*", ["/r/a", "/r/.git/x"], []),
        ("**/{tsconfig,jsconfig}.json", ["/r/tsconfig.json"], ["/r/package.json"]),
        ("**/*.{ts,tsx}", ["/r/a.tsx"], ["/r/a.t"]),
        ("/r/**/Cargo.toml", ["/r/Cargo.toml", "/r/x/y/Cargo.toml"], ["/s/Cargo.toml"]),
        ("/r/*.py", ["/r/a.py"], ["/r/x/a.py"]),
        ("pyproject.toml", ["/r/pyproject.toml"], ["/r/pyproject.toml.bak"]),
        ("**/example.[0-9]", ["/r/example.5"], ["/r/example.x"]),
        ("**/example.[!0-9]", ["/r/example.x"], ["/r/example.5"]),
        ("**/a?.py", ["/r/ab.py"], ["/r/a.py", "/r/a/.py"]),
        ("**/src/**", ["/r/src/x/y"], ["/r/lib/x"]),
        ("**/[", ["/r/["], ["/r/a"]),
        ("**/{a", ["/anything at all"], []),
        ({"baseUri": "file:///r%20x", "pattern": "*.py"}, ["/r x/a.py"], ["/r x/y/a.py", "/other/a.py"]),
        ({"baseUri": {"uri": "file:///r", "name": "r"}, "pattern": "**/*.py"}, ["/r/y/a.py"], ["/s/a.py"]),
        ({"nobody": "knows"}, ["/r/a.py"], []),
        (None, ["/r/a.py"], []),
    ],
)
def test_a_glob_fits_as_the_protocol_says(glob: Any, hits: list[str], misses: list[str]) -> None:
    assert [path for path in (*hits, *misses) if check(glob, f"file://{path}")] == hits


@pytest.mark.parametrize(("kind", "heard"), [(None, [1, 2, 3]), (1, [1]), (2, [2]), (4, [3]), (5, [1, 3])])
def test_kinds_of_changes_are_bits(kind: int | None, heard: list[int]) -> None:
    uri = "file:///r/a.py"
    assert [each for each in (1, 2, 3) if check("**/*", uri, kind=kind, change=each)] == heard


def test_an_escaped_address_is_the_same_file() -> None:
    assert check("/r/ä b.py", "file:///r/%C3%A4%20b.py")
