"""The threads at the pipes: order, what may overtake, and what happens when the other end is gone."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lsp_debugger.server import streams
from lsp_debugger.server.framing import BadFrame, Frame
from lsp_debugger.server.streams import (
    Inbox,
    InputEnded,
    Item,
    StdinReader,
    StdoutWriter,
    Withdrawn,
    method_of,
)

WAIT_S = 20.0


def frame(method: str, request_id: int | str | None = None, **params: Any) -> Frame:
    message: dict[str, Any] = {"jsonrpc": "2.0", "method": method, "params": params}
    if request_id is not None:
        message["id"] = request_id
    return Frame(message, 100)


def cancel(request_id: Any) -> Frame:
    return frame("$/cancelRequest", id=request_id)


async def handled(*items: Item) -> list[str]:
    """What the loop gets when all of `items` were read before it came to look."""
    got, last = list[str](), asyncio.Event()

    def handle(item: Item) -> None:
        match item:
            case Withdrawn(request_id):
                got.append(f"withdrawn {request_id!r}")
            case Frame():
                request_id = item.value.get("id", "") if isinstance(item.value, dict) else "list"
                got.append(f"{method_of(item)} {request_id}".strip())
            case _:
                got.append(type(item).__name__)
        if isinstance(item, InputEnded):
            last.set()

    inbox = Inbox(asyncio.get_running_loop(), handle)
    for item in (*items, InputEnded()):
        inbox.put(item)
    await asyncio.wait_for(last.wait(), WAIT_S)
    return got[:-1]


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([frame("a", 1), BadFrame("x"), frame("b", 2)], ["a 1", "BadFrame", "b 2"]),
        ([frame("a", 1), frame("b", 2), cancel(2)], ["withdrawn 2", "a 1"]),
        ([frame("a", 1), frame("b", "1"), cancel("1")], ["withdrawn '1'", "a 1"]),
        ([frame("a", 1), cancel(7), frame("b", 2)], ["$/cancelRequest", "a 1", "b 2"]),
        ([frame("a"), Frame({"id": 7, "result": 1}, 9), cancel(7)], ["$/cancelRequest", "a", "7"]),
        ([frame("a", 1), cancel(None), cancel([1])], ["$/cancelRequest", "$/cancelRequest", "a 1"]),
        ([frame("a", 1), frame("$/cancelRequest"), Frame([1], 3)], ["$/cancelRequest", "a 1", "list"]),
        ([frame("a", 1), frame("b", 2), frame("exit")], ["exit"]),
        (
            [frame("initialize", 0), frame("a", 1), frame("shutdown", 2), frame("b"), frame("exit")],
            ["initialize 0", "shutdown 2", "exit"],
        ),
    ],
)
async def test_what_may_overtake(items: list[Item], expected: list[str]) -> None:
    assert await handled(*items) == expected


async def test_a_failing_handler_does_not_stop_the_rest() -> None:
    loop, got, lost = asyncio.get_running_loop(), list[Item](), list[Any]()
    done = asyncio.Event()
    loop.set_exception_handler(lambda _, context: lost.append(context["exception"]))

    def handle(item: Item) -> None:
        got.append(item)
        if len(got) == 1:
            raise LookupError
        done.set()

    inbox = Inbox(loop, handle)
    inbox.put(BadFrame("x"))
    inbox.put(InputEnded())
    await asyncio.wait_for(done.wait(), WAIT_S)
    assert got == [BadFrame("x"), InputEnded()]
    assert [type(each) for each in lost] == [LookupError]


async def test_too_much_input_waits_and_is_let_go_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_MAX_WAITING_BYTES", 250)
    got, third = list[Item](), asyncio.Event()
    loop = asyncio.get_running_loop()

    def handle(item: Item) -> None:
        got.append(item)
        if len(got) == 3:
            third.set()

    inbox = Inbox(loop, handle)
    numbers = list[int]()

    def put() -> None:
        for number in range(4):
            inbox.put(frame("m", number))
            numbers.append(number)

    thread = threading.Thread(target=put, daemon=True)
    thread.start()
    thread.join(0.05)
    assert numbers == [0, 1, 2]  # the fourth waits while nobody takes the first three
    await asyncio.wait_for(third.wait(), WAIT_S)
    inbox.close()
    await asyncio.to_thread(thread.join, WAIT_S)
    assert numbers == [0, 1, 2, 3]
    inbox.put(InputEnded())
    await asyncio.sleep(0)
    assert InputEnded() not in got


class Pipe:
    """Both ends; closing one twice would close what somebody else has opened since."""

    def __init__(self) -> None:
        self._open = dict(zip("rw", os.pipe(), strict=True))
        self.read_end, self.write_end = self._open["r"], self._open["w"]

    def close(self, ends: str = "rw") -> None:
        for end in ends:
            if end in self._open:
                os.close(self._open.pop(end))


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    pipe = Pipe()
    yield pipe
    pipe.close()


def wire(*messages: Any) -> bytes:
    bodies = [json.dumps(message).encode() for message in messages]
    return b"".join(b"Content-Length: %d\r\n\r\n" % len(body) + body for body in bodies)


def test_the_reader_tells_of_exit_before_anybody_handles_it(pipe: Pipe) -> None:
    events = list[Any]()
    reader = StdinReader(pipe.read_end, events.append, lambda: events.append("ending"))
    reader.start()
    os.write(pipe.write_end, wire({"method": "a"}, {"method": "exit"}) + b"Content-Len")
    pipe.close("w")
    reader.join(WAIT_S)
    assert [method_of(each) if isinstance(each, Frame) else each for each in events] == [
        "a",
        "ending",
        "exit",
        BadFrame("the input ended inside a message"),
        "ending",
        InputEnded(),
    ]


def test_a_pipe_that_fails_is_the_end_of_the_input() -> None:
    events = list[Any]()
    StdinReader(-1, events.append, lambda: events.append("ending")).run()
    assert events == ["ending", InputEnded()]


def read_all(descriptor: int) -> bytes:
    data = b""
    while more := os.read(descriptor, 65536):
        data += more
    return data


def test_everything_is_written_in_order(pipe: Pipe) -> None:
    writer = StdoutWriter(pipe.write_end, lambda: None)
    sent = [bytes([number]) * 5000 for number in range(100)]  # far more than a pipe holds
    got = list[bytes]()
    reader = threading.Thread(target=lambda: got.append(read_all(pipe.read_end)))
    for data in sent:
        writer.write(data)
    reader.start()
    writer.close()
    pipe.close("w")
    reader.join(WAIT_S)
    assert got == [b"".join(sent)]


def lost_writer(pipe: Pipe, **limits: int) -> tuple[StdoutWriter, Callable[[], bool], list[int]]:
    lost, calls = threading.Event(), list[int]()

    def tell() -> None:
        calls.append(1)
        lost.set()

    return StdoutWriter(pipe.write_end, tell, **limits), lambda: lost.wait(WAIT_S), calls


def test_a_client_that_is_gone_is_noticed_once(pipe: Pipe) -> None:
    writer, is_lost, calls = lost_writer(pipe)
    pipe.close("r")
    writer.write(b"x")
    assert is_lost()
    writer.write(b"y")
    writer.close()
    assert calls == [1]


def test_a_client_that_stops_reading_is_taken_for_dead(pipe: Pipe) -> None:
    writer, is_lost, calls = lost_writer(pipe, max_unsent_bytes=1_000_000)
    for _ in range(20):
        writer.write(b"x" * 100_000)  # returns at once, though the pipe took the first few only
    assert is_lost()
    assert calls == [1]
    assert writer._unsent_bytes <= 1_100_000
    pipe.close("r")


def test_closing_does_not_wait_for_a_client_that_does_not_read(pipe: Pipe) -> None:
    writer = StdoutWriter(pipe.write_end, lambda: None)
    writer.write(b"x" * 1_000_000)
    writer.close()
    assert writer._thread.is_alive()
    writer.write(b"too late")
    pipe.close("r")  # frees the thread
    writer._thread.join(WAIT_S)
    assert not writer._thread.is_alive()
