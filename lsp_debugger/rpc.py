"""Messages as LSP frames them: `Content-Length: N`, an empty line, N bytes of JSON.

Between server and worker, and later in `wrap`, which forwards bytes untouched: a frame keeps the
bytes that it came in. Nothing here opens a stream; callers bring their own.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from lsp_debugger.core.errors import FrameInvalid, MessageInvalid

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter

MAX_HEADER_BYTES = 8 * 1024
MAX_BODY_BYTES = 64 * 1024 * 1024
_READ_BYTES = 64 * 1024

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Frame:
    """One message as it came. raw: header and body; body: the JSON text."""

    raw: bytes
    body: bytes

    def message(self) -> Message:
        """Raises MessageInvalid when the body is not one JSON object. The stream is still good then."""
        try:
            value: object = json.loads(self.body)
        except (ValueError, RecursionError) as exc:
            raise MessageInvalid(f"a message of {len(self.body)} bytes is not JSON") from exc
        if not isinstance(value, dict):
            raise MessageInvalid("a message is not a JSON object")
        return cast("Message", value)


def encode(message: Message) -> bytes:
    """The frame of `message`. Lone surrogates travel as JSON escapes, so any `str` is all right."""
    try:
        body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    except UnicodeEncodeError:
        body = json.dumps(message, separators=(",", ":")).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class FrameParser:
    """Bytes in, frames out, however the bytes are cut. Holds at most one frame's worth of bytes.

    Header names are read in any case and lines may end in a bare LF, since some peers send both.
    After FrameInvalid the place in the stream is lost, and every later call raises again; `unread` holds
    the bytes from there on that had been fed.
    """

    def __init__(
        self, max_body_bytes: int = MAX_BODY_BYTES, max_header_bytes: int = MAX_HEADER_BYTES
    ) -> None:
        self._max_body_bytes = max_body_bytes
        self._max_header_bytes = max_header_bytes
        self._buffer = bytearray()
        self._header_bytes = 0  # of the frame that has begun; 0 while its header is incomplete
        self._frame_bytes = 0
        self._searched = 0
        self._failure: FrameInvalid | None = None
        self.unread = b""

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that `data` completes, in order. Frames before a broken header are lost with it."""
        return list(self.frames(data))

    def frames(self, data: bytes) -> Iterator[Frame]:
        """Like `feed`, one by one: what stands before a broken header comes out before the raise."""
        self._buffer += data
        while self._header_complete() and len(self._buffer) >= self._frame_bytes:
            raw = bytes(self._buffer[: self._frame_bytes])
            body = raw[self._header_bytes :]
            del self._buffer[: self._frame_bytes]
            self._header_bytes = self._frame_bytes = 0
            yield Frame(raw, body)

    def finish(self) -> None:
        """Call at the end of the stream. Raises FrameInvalid when it ends inside a frame."""
        if self._failure:
            raise self._failure
        if self._buffer:
            raise self._fail(f"the stream ended inside a message, after {len(self._buffer)} bytes of it")

    def _header_complete(self) -> bool:
        if self._failure:
            raise self._failure
        if self._header_bytes:
            return True
        end = self._find_header_end()
        if (end or len(self._buffer)) > self._max_header_bytes:
            raise self._fail(f"a message header is longer than {self._max_header_bytes} bytes")
        if not end:
            return False
        length = self._content_length(bytes(self._buffer[:end]))
        self._header_bytes, self._frame_bytes, self._searched = end, end + length, 0
        return True

    def _find_header_end(self) -> int:
        """Bytes of the header with its empty line; 0 when it is not there yet."""
        line = self._searched
        while (newline := self._buffer.find(b"\n", line)) >= 0:
            if not self._buffer[line:newline].rstrip(b"\r"):
                return newline + 1
            line = self._searched = newline + 1
        return 0

    def _content_length(self, header: bytes) -> int:
        lengths: set[int] = set()
        for ended in header.split(b"\n"):
            line = ended.removesuffix(b"\r")
            name, colon, value = line.partition(b":")
            if line and not colon:
                raise self._fail("a message header line has no colon")
            if name.strip().lower() == b"content-length":
                lengths.add(self._length(value.strip()))
        if len(lengths) != 1:
            raise self._fail("a message header does not name one Content-Length")
        return lengths.pop()

    def _length(self, digits: bytes) -> int:
        # bytes.isdigit() is ASCII only, unlike int(), which also takes signs, blanks and `1_0`.
        if not digits.isdigit() or len(digits) > len(str(self._max_body_bytes)):
            raise self._fail("a Content-Length is not a number in range")
        length = int(digits)
        if length > self._max_body_bytes:
            raise self._fail(f"a message of {length} bytes is larger than {self._max_body_bytes}")
        return length

    def _fail(self, message: str) -> FrameInvalid:
        self._failure = FrameInvalid(message)
        self.unread = bytes(self._buffer)
        self._buffer.clear()
        return self._failure


class ByteSource(Protocol):
    """A binary file whose `read1` returns what is there, b"" at the end: stdin.buffer, a child's stdout."""

    def read1(self, size: int, /) -> bytes: ...


def read_frames(source: ByteSource, parser: FrameParser | None = None) -> Iterator[Frame]:
    """Frames until the stream ends; blocks. Raises FrameInvalid."""
    return _frames(lambda: source.read1(_READ_BYTES), parser or FrameParser())


def _frames(read: Callable[[], bytes], parser: FrameParser) -> Iterator[Frame]:
    while data := read():
        yield from parser.frames(data)
    parser.finish()


async def read_frames_async(reader: StreamReader, parser: FrameParser | None = None) -> AsyncIterator[Frame]:
    """Frames until the stream ends. Raises FrameInvalid."""
    parser = parser or FrameParser()
    while data := await reader.read(_READ_BYTES):
        for frame in parser.frames(data):
            yield frame
    parser.finish()


async def write_frame(writer: StreamWriter, message: Message) -> None:
    """Returns when the peer has taken enough of what was written."""
    writer.write(encode(message))
    await writer.drain()
