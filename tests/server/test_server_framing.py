"""The frame parser: what it understands, what it repairs, and that it always finds back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lsp_debugger.server.framing import (
    PARSE_ERROR,
    BadFrame,
    Frame,
    FrameParser,
    encode,
    peek_request_id,
)


def request(number: int, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": "x/y", "params": params}


def wire(message: Any, *, off_by: int = 0, header: str = "Content-Length: {}\r\n\r\n") -> bytes:
    body = json.dumps(message, ensure_ascii=False).encode()
    return header.format(len(body) + off_by).encode() + body


def parse(stream: bytes, step: int | None = None) -> list[Frame | BadFrame]:
    """Everything that comes out before the end of the stream, fed in pieces of `step` bytes."""
    parser, found = FrameParser(), list[Frame | BadFrame]()
    for start in range(0, len(stream), step or max(len(stream), 1)):
        found += parser.feed(stream[start : start + (step or len(stream))])
    return found


def values(found: list[Frame | BadFrame]) -> list[Any]:
    return [each.value for each in found if isinstance(each, Frame)]


def refusals(found: list[Frame | BadFrame]) -> list[BadFrame]:
    return [each for each in found if isinstance(each, BadFrame)]


FIRST, SECOND, THIRD = request(1, text="é😀"), request(2, nested={"jsonrpc": "2.0", "id": 9}), request(3)
STEPS = [None, 1, 7]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    "header",
    [
        "Content-Length: {}\r\n\r\n",
        "content-length: {}\r\n\r\n",
        "CONTENT-LENGTH:{}\r\n\r\n",
        "Content-Length :\t{} \r\n\r\n",
        "Content-Length: {}\n\n",
        "Content-Length: {}\r\n\n",
        "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: {}\r\n\r\n",
        "Content-Length: {}\r\nContent-Type: application/vscode-jsonrpc\r\n\r\n",
        "X-One: 1\nContent-Length: {}\nX-Two: 2\n\n",
        "\r\n\r\nContent-Length: {}\r\n\r\n",
    ],
)
def test_headers_as_clients_write_them(header: str, step: int | None) -> None:
    found = parse(wire(FIRST, header=header) + wire(SECOND, header=header), step)
    assert found == [
        Frame(message, len(json.dumps(message, ensure_ascii=False).encode())) for message in (FIRST, SECOND)
    ]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("off_by", [1, 3, 100, 5000, 10**7])
def test_a_length_that_is_too_long_costs_nothing(off_by: int, step: int | None) -> None:
    found = parse(wire(FIRST, off_by=off_by) + wire(SECOND) + wire(THIRD), step)
    assert values(found) == [FIRST, SECOND, THIRD]
    assert isinstance(found[0], Frame)
    assert found[0].repaired


@pytest.mark.parametrize("step", STEPS)
def test_a_too_long_length_at_the_end_of_the_stream_is_not_waited_for(step: int | None) -> None:
    assert values(parse(wire(FIRST) + wire(SECOND, off_by=3), step)) == [FIRST, SECOND]


@pytest.mark.parametrize("off_by", [-1, -3, -40, None])
def test_a_length_that_is_too_short_costs_nothing(off_by: int | None) -> None:
    header = "Content-Length: 0\r\n\r\n" if off_by is None else "Content-Length: {}\r\n\r\n"
    found = parse(wire(FIRST, off_by=off_by or 0, header=header) + wire(SECOND) + wire(THIRD))
    assert values(found) == [FIRST, SECOND, THIRD]


@pytest.mark.parametrize("step", [1, 7])
def test_a_too_short_length_in_small_pieces_is_refused_by_its_id(step: int) -> None:
    found = parse(wire(FIRST, off_by=-3) + wire(SECOND) + wire(THIRD), step)
    assert values(found)[-2:] == [SECOND, THIRD]
    assert values(found)[:-2] == [FIRST] or refusals(found) == [BadFrame("the body is not JSON", 1)]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    "length", ["-5", "+7", "abc", "", "1e5", "0x10", "100000000000", "1" + "0" * 20, "9" * 40, "5, 5"]
)
def test_a_length_that_is_none_is_replaced_by_the_json(length: str, step: int | None) -> None:
    found = parse(wire(FIRST, header=f"Content-Length: {length}\r\n\r\n") + wire(SECOND), step)
    assert values(found) == [FIRST, SECOND]


@pytest.mark.parametrize("step", [None, 1000])
@pytest.mark.parametrize("length", ["-5", "100000000000"])
def test_a_long_body_without_a_length_is_refused_by_its_id(length: str, step: int | None) -> None:
    big = request(7, text="x" * 20_000)
    stream = wire(big, header=f"Content-Length: {length}\r\n\r\n")
    found = parse(stream + wire(SECOND), step)
    assert values(found)[-1] == SECOND
    assert [each.request_id for each in refusals(found)] == ([7] if step else [])


def test_a_body_over_the_limit_is_refused_before_it_is_stored() -> None:
    parser = FrameParser(max_body_bytes=10_000)
    found = parser.feed(b"Content-Length: 10001\r\n\r\n")
    for piece in [b'{"jsonrpc":"2.0","id":"a","method":"m","params":["', *[b"x" * 3000] * 5, b'"]}']:
        found += parser.feed(piece)
        assert len(parser._buffer) < 5000
    assert found == [BadFrame("its length is no number up to 10000", "a")]
    assert parser.feed(wire(SECOND)) == [Frame(SECOND, len(json.dumps(SECOND)))]


BROKEN_BODIES = {
    b'{"jsonrpc":"2.0","id":4,"method":"m",}': BadFrame("the body is not JSON", 4),
    b'{"jsonrpc":"2.0","id":"s-1","method":"m","params":{"a":"\xff\xfe"}}': BadFrame(
        "the body is not UTF-8", "s-1"
    ),
    b'{"jsonrpc":"2.0","id":5,"method":"m","params":' + b"[" * 100_000 + b"]" * 100_000 + b"}": BadFrame(
        "the body is nested too deeply", 5
    ),
    b'{"jsonrpc":"2.0","method":"m","params":{"id":6},}': BadFrame("the body is not JSON"),
    b'{"jsonrpc":"2.0","id":7,"result":nothing}': BadFrame("the body is not JSON"),
    b'{"id":8,"error":{"code":1},"jsonrpc":"2.0"': BadFrame("the body is not JSON"),
    b'{"params":{"id":1},"method":"m","id":9,,}': BadFrame("the body is not JSON", 9),
    b'{"id": 1.5, "method": "m",}': BadFrame("the body is not JSON"),
    b"": BadFrame("the body is not JSON"),
    b"12": BadFrame("the body is not JSON"),
    b'"id"': BadFrame("the body is not JSON"),
    b"hello": BadFrame("the body is not JSON"),
    b"\x00\x01\x02": BadFrame("the body is not JSON"),
    '{"id":10,"method":"m"}'.encode("utf-16"): BadFrame("the body is not UTF-8"),
}


@pytest.mark.parametrize("body", BROKEN_BODIES)
def test_a_broken_body_is_refused_and_the_next_is_served(body: bytes) -> None:
    stream = b"Content-Length: %d\r\n\r\n" % len(body) + body
    assert parse(stream) == [BROKEN_BODIES[body]]
    assert parse(stream + wire(SECOND))[-1] == Frame(SECOND, len(json.dumps(SECOND)))
    assert BROKEN_BODIES[body].code == PARSE_ERROR


@pytest.mark.parametrize("step", [*range(1, 30), None])
@pytest.mark.parametrize("body", [b"", b"42", b'"text"', b"nonsense"])
def test_a_refusal_never_takes_the_id_of_the_message_behind_it(body: bytes, step: int | None) -> None:
    found = parse(b"Content-Length: %d\r\n\r\n%b" % (len(body), body) + wire(request(7)), step)
    assert values(found) == [request(7)]
    assert [each.request_id for each in refusals(found)] == [None]


def test_json_with_a_byte_order_mark_is_read() -> None:
    assert values(parse(b"Content-Length: 7\r\n\r\n\xef\xbb\xbf[1] " + wire(SECOND))) == [[1], SECOND]
    assert values(parse(b"Content-Length: 9\r\n\r\n\xef\xbb\xbf [1]" + wire(SECOND))) == [[1], SECOND]


@pytest.mark.parametrize("step", STEPS)
def test_a_missing_body_does_not_cost_the_next_message(step: int | None) -> None:
    for lost in (b"Content-Length: 52\r\n\r\n", b"Content-Length: 52\r\n", b'Content-Length: 9\r\n{"id":1}'):
        found = parse(lost + wire(SECOND), step)
        assert values(found) == [SECOND]
        assert len(refusals(found)) == 1


@pytest.mark.parametrize("step", STEPS)
def test_garbage_between_messages_is_reported_once(step: int | None) -> None:
    found = parse(wire(FIRST) + b"Traceback:\n" + b"noise " * 100 + wire(SECOND), step)
    assert values(found) == [FIRST, SECOND]
    assert refusals(found) == [BadFrame("skipped 611 bytes before a header")]


def test_garbage_that_was_a_request_names_its_id() -> None:
    found = parse(b'{"jsonrpc":"2.0","id":11,"method":"m"}' + wire(SECOND))
    assert refusals(found) == [BadFrame("skipped 38 bytes before a header", 11)]


def test_a_header_without_an_end_is_given_up() -> None:
    found = parse(b"Content-Length: 5\r\n" + b"X-Pad: x\r\n" * 2000 + wire(SECOND), 100)
    assert values(found) == [SECOND]
    assert "a header without an end" in {each.reason for each in refusals(found)}


@pytest.mark.parametrize(
    ("rest", "said"),
    [(b"", 0), (b"\r\n", 0), (b"Content-Length: 5\r\n\r\n{", 1), (b"Content-Length: 5\r\n", 1), (b"junk", 1)],
)
def test_the_end_of_input_reports_what_was_unfinished(rest: bytes, said: int) -> None:
    parser = FrameParser()
    assert values(parser.feed(wire(FIRST) + rest)) == [FIRST]
    assert [type(each) for each in parser.finish()] == [BadFrame] * said


def test_a_large_document_arrives_in_pieces() -> None:
    message = request(1, text="x = {'a': [1]}\n" * 200_000)
    assert values(parse(wire(message) + wire(SECOND), 65536)) == [message, SECOND]


@pytest.mark.parametrize(
    ("head", "request_id"),
    [
        (b'{"jsonrpc":"2.0","id":3,"method":"m","params":[[[[', 3),
        (b'{"id":"\\u0041","method":"m"', "A"),
        (b'{"id":-7', -7),
        (b'{"id":99999999999999999999}', None),
        (b'{"id":true}', None),
        (b'{"id":{"id":3}}', None),
        (b'{"params":{"id":3}}', None),
        (b'{"a":"\\"id\\":3"}', None),
        (b'{"id":3,"result":null}', None),
        (b'Content-Length: 5\r\n{"id":3', 3),
        (b'"id":3', None),
        (b"", None),
    ],
)
def test_peek_request_id(head: bytes, request_id: int | str | None) -> None:
    assert peek_request_id(head) == request_id


def test_encode_counts_bytes() -> None:
    assert encode('{"a":"é"}') == b'Content-Length: 10\r\n\r\n{"a":"\xc3\xa9"}'


texts = st.text(max_size=12) | st.just("Content-Length: 5\r\n\r\n{}")
json_values = (
    st.none()
    | st.integers()
    | texts
    | st.lists(texts, max_size=2)
    | st.dictionaries(texts, texts, max_size=2)
)
messages = st.lists(st.dictionaries(st.text(max_size=5), json_values, max_size=3), min_size=1, max_size=4)


@given(messages, st.integers(1, 40))
def test_any_stream_of_messages_in_any_pieces(sent: list[Any], step: int) -> None:
    found = parse(b"".join(map(wire, sent)), step)
    assert values(found) == sent
    assert not any(each.repaired for each in found if isinstance(each, Frame))


NOISE = [
    *(b"\r\n", b"\n\n", b'"', b"{", b"}", b"]", b"\\", b"{}", b"\xff", b"content-length:"),
    *(b"Content-Length: %d\r\n\r\n" % length for length in (-1, 0, 5, 40, 99_999)),
    b"Content-Length: 3\r\n",
]
noise = st.binary(max_size=12) | st.sampled_from(NOISE)


@st.composite
def damaged(draw: st.DrawFn, frame: bytes) -> bytes:
    """`frame` after one to three replacements, each of any bytes by any noise."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(frame)))
        end = draw(st.integers(start, len(frame)))
        frame = frame[:start] + draw(noise) + frame[end:]
    return frame


@given(messages, st.data(), messages, st.integers(1, 60))
def test_one_damaged_frame_never_costs_another(
    before: list[Any], data: st.DataObject, after: list[Any], step: int
) -> None:
    victim = data.draw(damaged(wire(request(77, text="héllo"))))
    stream = b"".join(map(wire, before)) + victim + b"".join(map(wire, after))
    got = values(parse(stream, step))
    assert got[: len(before)] == before
    assert got[len(got) - len(after) :] == after


@given(st.lists(noise, max_size=8), messages, st.integers(1, 60))
def test_pure_noise_never_costs_what_follows(junk: list[bytes], after: list[Any], step: int) -> None:
    got = values(parse(b"".join(junk) + b"".join(map(wire, after)), step))
    assert got[len(got) - len(after) :] == after


@given(st.binary(max_size=200), st.integers(1, 50))
@example(b"Content-Length: 1\r\n\r\n[" * 5, 3)
def test_any_bytes_are_survived(stream: bytes, step: int) -> None:
    parser = FrameParser()
    for start in range(0, len(stream), step):
        parser.feed(stream[start : start + step])
    assert values(parser.feed(wire(SECOND)))[-1:] == [SECOND]
    assert parser.finish() == []
