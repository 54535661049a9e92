"""What a message is can be told from its beginning, and is then the same as from all of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lsp_debugger import rpc
from lsp_debugger.wrap import envelope

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.sampled_from(["id", "method"]), inner)
    ),
    max_leaves=6,
)
MEMBERS = st.permutations(["jsonrpc", "id", "method", "params", "result"]).flatmap(
    lambda names: st.integers(0, 5).map(lambda count: names[:count])
)
METHODS = st.sampled_from(["textDocument/didOpen", "textDocument/hover", "a", 'q"uote', ""]) | st.text()
IDS = st.integers(-(2**63), 2**63) | st.text() | st.none() | st.booleans() | st.floats(allow_nan=False)


@st.composite
def frames(draw: st.DrawFn) -> rpc.Frame:
    kinds = {"jsonrpc": st.just("2.0"), "id": IDS, "method": METHODS, "params": VALUES, "result": VALUES}
    values: dict[str, Any] = {name: draw(kind) for name, kind in kinds.items()}
    message = {name: values[name] for name in draw(MEMBERS)}
    separators = draw(st.sampled_from([(",", ":"), (" , ", " :\n")]))
    body = json.dumps(message, separators=separators, ensure_ascii=draw(st.booleans())).encode(
        "utf-8", "replace"
    )
    return rpc.Frame(b"Content-Length: %d\r\n\r\n%b" % (len(body), body), body)


@settings(max_examples=500)
@given(frames())
def test_a_beginning_tells_the_same_as_the_whole(frame: rpc.Frame) -> None:
    whole, peeked = envelope._parse(frame), envelope._peek(frame)
    # A notification with an id is nobody's request: its far end is not looked at for one.
    assume(whole.id is None or whole.method.encode("utf-8", "replace") not in envelope._NOTIFICATIONS)
    # And nobody's reply has a method.
    assume(not whole.method or "result" not in whole.message)
    if peeked is not None:
        assert (peeked.method, peeked.id, peeked.is_broken) == (whole.method, whole.id, whole.is_broken)


@pytest.mark.parametrize(
    "head",
    [
        '{"jsonrpc":"2.0","id":7,"method":"textDocument/hover","params":',
        '{"jsonrpc":"2.0","method":"textDocument/didOpen","params":',
        '{"id":"x","jsonrpc":"2.0","result":',
        '{"jsonrpc": "2.0", "id": 1, "error": ',
    ],
)
def test_large_messages_of_real_peers_are_not_parsed(head: str) -> None:
    body = head.encode() + b'"' + b"x" * 100_000 + b'" and this is no JSON'
    assert not envelope.read(rpc.Frame(b"", body)).is_broken


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"id":1}', b'{"method":1}', b"{" * 70_000, b"\xff"])
def test_what_is_no_message_is_said_to_be_none(body: bytes) -> None:
    given = envelope.read(rpc.Frame(b"", body))
    assert (given.is_broken, given.is_reply, given.is_request, given.params) == (True, False, False, {})
