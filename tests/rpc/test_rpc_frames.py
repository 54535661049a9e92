"""Frames: the same messages however the bytes are cut, and one clear error when they cannot be followed."""

from __future__ import annotations

import asyncio
import io
import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger import rpc
from lsp_debugger.core.errors import FrameInvalid, MessageInvalid

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
MESSAGES = st.lists(st.dictionaries(st.text(max_size=8), JSON, max_size=4), max_size=5)


@st.composite
def cut_streams(draw: st.DrawFn) -> tuple[list[rpc.Message], list[bytes]]:
    messages = draw(MESSAGES)
    stream = b"".join(map(rpc.encode, messages))
    cuts = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    edges = [0, *cuts, len(stream)]
    return messages, [stream[a:b] for a, b in itertools.pairwise(edges)]


@given(cut_streams())
def test_any_cutting_of_the_stream_yields_the_same_messages(case: tuple[list[rpc.Message], list[bytes]]):
    messages, pieces = case
    parser = rpc.FrameParser()
    frames = [frame for piece in pieces for frame in parser.feed(piece)]
    parser.finish()
    assert [frame.message() for frame in frames] == messages
    assert b"".join(frame.raw for frame in frames) == b"".join(pieces)


@given(st.text(alphabet=st.characters()))  # lone surrogates included
def test_any_text_travels(text: str):
    (frame,) = rpc.FrameParser().feed(rpc.encode({"text": text}))
    assert frame.message() == {"text": text}


def test_the_raw_bytes_of_a_foreign_frame_are_kept():
    raw = b"content-length: 2\nX-Other: 1\n\n{}"
    (frame,) = rpc.FrameParser().feed(raw)
    assert (frame.raw, frame.message()) == (raw, {})


@pytest.mark.parametrize(
    "header",
    [
        b"\r\n",
        b"Content-Type: x\r\n\r\n",
        b"Content-Length: -1\r\n\r\n",
        b"Content-Length: +1\r\n\r\n",
        b"Content-Length: 1_0\r\n\r\n",
        b"Content-Length: \xd9\xa1\r\n\r\n",
        b"Content-Length: 4\r5\r\n\r\n",
        b"Content-Length:\r\n\r\n",
        b"Content-Length: 1000001\r\n\r\n",
        b"Content-Length: 9" + b"9" * 5000 + b"\r\n\r\n",
        b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"Content-Length 1\r\n\r\n",
        b"X: " + b"a" * 9000,
    ],
)
@pytest.mark.parametrize("step", [1, 7, 100_000])
def test_a_broken_header_ends_the_stream_for_good(header: bytes, step: int):
    parser = rpc.FrameParser(max_body_bytes=1_000_000)
    stream = rpc.encode({"a": 1}) + header
    pieces = (stream[start : start + step] for start in range(0, len(stream), step))
    frames: list[rpc.Frame] = []
    with pytest.raises(FrameInvalid):
        frames.extend(frame for piece in pieces for frame in parser.frames(piece))
    assert [frame.message() for frame in frames] == [{"a": 1}]
    with pytest.raises(FrameInvalid):
        parser.feed(rpc.encode({"a": 1}))


@pytest.mark.parametrize("body", [b"", b"[]", b"1", b"{", b"\xff", b"[" * 100_000, b'{"a":' * 100_000])
def test_a_broken_message_leaves_the_stream_good(body: bytes):
    parser = rpc.FrameParser()
    stream = b"Content-Length: %d\r\n\r\n%b" % (len(body), body) + rpc.encode({"next": True})
    broken, good = parser.feed(stream)
    with pytest.raises(MessageInvalid):
        broken.message()
    assert good.message() == {"next": True}


@pytest.mark.parametrize("cut", [1, 10, 21, 25])
def test_a_stream_that_ends_inside_a_message_says_so(cut: int):
    source = io.BytesIO(rpc.encode({"a": 1}) + rpc.encode({"b": 2})[:cut])
    seen: list[rpc.Message] = []
    with pytest.raises(FrameInvalid):
        seen.extend(frame.message() for frame in rpc.read_frames(source))
    assert seen == [{"a": 1}]
    assert list(rpc.read_frames(io.BytesIO(b""))) == []


async def test_asyncio_streams_carry_messages_both_ways():
    received: list[rpc.Message] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async for frame in rpc.read_frames_async(reader):
            await rpc.write_frame(writer, {"echo": frame.message()})
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        await rpc.write_frame(writer, {"n": 1})
        await rpc.write_frame(writer, {"n": 2, "text": "漢字"})
        writer.write_eof()
        received.extend([frame.message() async for frame in rpc.read_frames_async(reader)])
        writer.close()
        await writer.wait_closed()
    assert received == [{"echo": {"n": 1}}, {"echo": {"n": 2, "text": "漢字"}}]


def test_the_body_is_utf8_json():
    raw = rpc.encode({"ü": "漢"})
    assert json.loads(raw.partition(b"\r\n\r\n")[2]) == {"ü": "漢"}
    assert "漢".encode() in raw
