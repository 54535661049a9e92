"""Frames on the editor's wire: bytes in, JSON values out, whatever the bytes are.

The reader believes JSON before it believes `Content-Length`. Valid JSON has no raw line end inside a
string, so a header line inside a body proves that the body ended before it; and a finished object is
finished, whatever the length said. That is how it finds back after a wrong length, and it never waits
for bytes that nobody will send.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, cast

PARSE_ERROR = -32700
INVALID_REQUEST = -32600

MAX_BODY_BYTES = 64 * 1024 * 1024
_MAX_HEADER_BYTES = 16 * 1024
# How much of a body without a usable length is kept to read its id from.
_HEAD_BYTES = 4096
# An unfinished body up to this size is tried at every arrival; a larger one only near its end.
_SMALL_BYTES = 64 * 1024
_NEAR_BYTES = 64
# No header line that we accept is longer, so this much may hold the beginning of one.
_TAIL_BYTES = 128

_LENGTH = re.compile(rb"content-length[ \t]{0,8}:[ \t]{0,8}([^\r\n]{0,64})\r?\n", re.IGNORECASE)
_NUMBER = re.compile(rb"[0-9]{1,32}[ \t]*")
_HEADER_LINES = re.compile(rb"(?:\s|[A-Za-z-]+[ \t]*:[^\r\n]*\r?\n)*")
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s"{}\[\]:,]+', re.DOTALL)
_INTEGER = re.compile(rb"-?[0-9]{1,18}")
_DECODER = json.JSONDecoder()

RequestId = int | str


@dataclass(frozen=True, slots=True)
class Frame:
    """One body that was JSON. repaired: its length was wrong and the JSON itself decided."""

    value: Any
    size_bytes: int
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class BadFrame:
    """Bytes that were no message. reason: our words, none of the peer's.

    request_id: of the request that they tried to be, if it could be read: it gets an error reply.
    """

    reason: str
    request_id: RequestId | None = None
    code: int = PARSE_ERROR


class FrameParser:
    """Feed it bytes as they come; it returns what they complete. No input or output of its own."""

    def __init__(self, max_body_bytes: int = MAX_BODY_BYTES) -> None:
        self._max_body_bytes = max_body_bytes
        self._buffer = bytearray()
        self._found: list[Frame | BadFrame] = []
        self._in_body = False
        self._length: int | None = None  # of the body; None when the header's is of no use
        self._searched = 0  # bytes of an unfinished body that hold no header
        self._skipped = 0  # bytes before a header that are gone already
        self._after_refusal = False  # what comes before the next header belongs to what was refused

    def feed(self, data: bytes) -> list[Frame | BadFrame]:
        self._buffer += data
        while self._read_body() if self._in_body else self._read_header():
            pass
        found, self._found = self._found, []
        return found

    def finish(self) -> list[Frame | BadFrame]:
        """The stream has ended: say what was left unfinished."""
        if self._in_body or (self._buffer.strip() and not self._after_refusal):
            self._refuse("the input ended inside a message", len(self._buffer))
        found, self._found = self._found, []
        return found

    def _read_header(self) -> bool:
        """Find the next header block. True when a body begins, or the block was given up."""
        buffer = self._buffer
        match = _find_length(buffer, 0)
        if match is None:
            self._skip(len(buffer) - _TAIL_BYTES)
            return False
        position, block, cut_off = match.end(), match.start(), False
        while True:
            line_end = buffer.find(b"\n", position)
            if line_end < 0:
                if len(buffer) - block <= _MAX_HEADER_BYTES:
                    return False
                self._refuse("a header without an end", len(buffer) - _TAIL_BYTES)
                return True
            # A second length begins another message: the first one's body never came.
            if again := _LENGTH.search(buffer, position, line_end + 1):
                match, cut_off = again, True
            blank = not buffer[position:line_end].strip()
            position = line_end + 1
            if blank:
                break
        self._report_skipped(bytes(buffer[: match.start()]), expected=not cut_off)
        self._begin_body(match[1], position)
        return True

    def _begin_body(self, declared: bytes, position: int) -> None:
        number = _NUMBER.fullmatch(declared)
        length = int(number[0]) if number else None
        self._length = length if length is not None and length <= self._max_body_bytes else None
        self._in_body, self._searched = True, 0
        del self._buffer[:position]

    def _read_body(self) -> bool:
        """Take one body. False when more bytes are needed."""
        buffer, length = self._buffer, self._length
        if length is not None and len(buffer) >= length:
            return self._take(length) or self._take_object() or self._give_up(_fault(buffer[:length]))
        if self._has_header():
            return self._take_object() or self._give_up(_fault(buffer))
        if self._may_be_finished() and self._take_object():
            return True
        if length is None and len(buffer) >= _HEAD_BYTES:
            return self._give_up(f"its length is no number up to {self._max_body_bytes}")
        return False

    def _take(self, end: int) -> bool:
        """Make a frame of the first `end` bytes if they are JSON."""
        try:
            value = _decode(self._buffer[:end])
        except (ValueError, RecursionError, MemoryError):
            return False
        self._found.append(Frame(value, end))
        self._end_body(end)
        return True

    def _take_object(self) -> bool:
        """The length was wrong: make a frame of the object that the buffer begins with, if it is whole."""
        try:
            value, end = _decode_object(self._buffer)
        except (ValueError, RecursionError, MemoryError):
            return False
        self._found.append(Frame(value, end, repaired=True))
        self._end_body(end)
        return True

    def _give_up(self, reason: str) -> bool:
        """Refuse what is there up to the next header, or to where one may have begun."""
        header = _find_length(self._buffer, 0)
        if header is None:
            self._refuse(reason, len(self._buffer) - _TAIL_BYTES)
        else:
            # The next message may be here already, and its id is not the refused one's.
            self._refuse(reason, header.start(), min(header.start(), _HEAD_BYTES))
        return True

    def _refuse(self, reason: str, end: int, head_bytes: int = _HEAD_BYTES) -> None:
        self._found.append(BadFrame(reason, peek_request_id(bytes(self._buffer[:head_bytes]))))
        self._end_body(max(end, 0))
        self._after_refusal = True

    def _end_body(self, end: int) -> None:
        del self._buffer[:end]
        self._in_body, self._length, self._searched = False, None, 0

    def _has_header(self) -> bool:
        """Whether the unfinished body holds a header line; each byte is looked at once."""
        found = _find_length(self._buffer, max(self._searched - _TAIL_BYTES, 0))
        self._searched = len(self._buffer)
        return found is not None

    def _may_be_finished(self) -> bool:
        """A cheap look before the dear one: could what is here be a whole object?"""
        missing = (self._length or 0) - len(self._buffer)
        if len(self._buffer) > _SMALL_BYTES and missing > _NEAR_BYTES:
            return False
        return bytes(self._buffer[-_NEAR_BYTES:]).rstrip()[-1:] in (b"}", b"]")

    def _skip(self, count: int) -> None:
        if count > 0:
            self._skipped += count
            del self._buffer[:count]

    def _report_skipped(self, junk: bytes, *, expected: bool) -> None:
        """Bytes before a header; other header lines and empty ones are what one expects there."""
        size_bytes = self._skipped + len(junk)
        expected = expected and not self._skipped and _HEADER_LINES.fullmatch(junk) is not None
        if not (expected or self._after_refusal):
            self._found.append(BadFrame(f"skipped {size_bytes} bytes before a header", peek_request_id(junk)))
        self._skipped, self._after_refusal = 0, False


def encode(body: str) -> bytes:
    """A frame around `body`, which is JSON."""
    data = body.encode("utf-8")
    return b"Content-Length: %d\r\n\r\n%b" % (len(data), data)


def peek_request_id(head: bytes) -> RequestId | None:
    """The id of the request whose text begins with `head`, as far as it can be read.

    None for a response too: an error reply to one would be taken for the reply to a request of the peer's.
    """
    found: RequestId | None = None
    depth, key, previous = 0, b"", b""
    for match in _TOKEN.finditer(head, max(head.find(b"{"), 0)):
        token = match[0]
        if token in (b"{", b"["):
            depth += 1
        elif token in (b"}", b"]"):
            depth -= 1
        elif token == b":" and depth == 1:
            key = previous
        elif key == b'"id"' and depth == 1:
            found = _scalar(token)
            key = b""
        if key in (b'"result"', b'"error"') and depth == 1:
            return None
        if depth <= 0:
            break
        previous = token
    return found


def _find_length(buffer: bytearray, start: int) -> re.Match[bytes] | None:
    # Most bodies have no line end at all, and finding that out is far quicker than the pattern.
    return _LENGTH.search(buffer, start) if buffer.find(b"\n", start) >= 0 else None


def _decode(body: bytearray) -> Any:
    # Never json.loads(bytes): it guesses UTF-16 and UTF-32, and LSP has UTF-8 only.
    value: object = json.loads(body.decode("utf-8-sig"))
    if not isinstance(value, dict | list):
        raise ValueError("neither an object nor an array")  # noqa: TRY004 - one kind of error for no message
    return cast("Any", value)


def _decode_object(buffer: bytearray) -> tuple[Any, int]:
    """The object or array that `buffer` begins with, and how many bytes it takes."""
    try:
        text = buffer.decode("utf-8-sig")
    except UnicodeDecodeError as error:  # perhaps only behind the object, or a character cut in half
        text = buffer[: error.start].decode("utf-8-sig")
    start = len(text) - len(text.lstrip())
    value, end = _DECODER.raw_decode(text, start)
    if not isinstance(value, dict | list):
        raise ValueError("neither an object nor an array")  # noqa: TRY004 - one kind of error for no message
    byte_order_mark = 3 if buffer.startswith(b"\xef\xbb\xbf") else 0
    return cast("Any", value), len(text[:end].encode("utf-8")) + byte_order_mark


def _fault(body: bytearray) -> str:
    """Why `_decode` refuses `body`, without a word of it."""
    try:
        _decode(body)
    except UnicodeDecodeError:
        return "the body is not UTF-8"
    except RecursionError:
        return "the body is nested too deeply"
    except MemoryError:
        return "the body is too large"
    except ValueError:
        pass
    return "the body is not JSON"


def _scalar(token: bytes) -> RequestId | None:
    if _INTEGER.fullmatch(token):
        return int(token)
    if token.startswith(b'"') and len(token) <= 256:
        try:
            return str(json.loads(token.decode("utf-8")))
        except ValueError:
            return None
    return None
