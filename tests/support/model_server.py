"""A loopback server that speaks Ollama's and OpenAI's protocols, by a script, faults included.

It keeps every byte it received and says whether a client hung up in the middle of an answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import json
import threading
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

DIGEST = "ab" * 32


class Fault(enum.Enum):
    """What goes wrong with an answer, after `Reply.fault_after` pieces where that makes sense."""

    STALL = "says nothing more, connection open"
    CUT = "closes the connection"
    MALFORMED = "sends a line that is no JSON"
    NOT_AN_OBJECT = "sends a line that is JSON, but not an object"
    ERROR_EVENT = "reports an error in the stream"
    NO_FINISH = "ends the stream properly, without a finish reason"
    ENDLESS = "repeats its last piece until the client hangs up"
    WRONG_TYPE = "answers 200 with a web page"
    REDIRECT = "sends the client to `Reply.location`"
    HANG_UP = "closes the connection before any answer"


@dataclass(frozen=True)
class Reply:
    """One scripted answer. logprob: given to every token. thinking: sent apart, before the text.

    status: an HTTP error to answer with; error: its body.
    """

    pieces: Sequence[str] = ("It ", "fails ", "here.")
    finish: str = "stop"
    thinking: Sequence[str] = ()
    logprob: float | None = None
    prompt_tokens: int = 40
    cached_tokens: int | None = None
    first_after_s: float = 0.0
    status: int = 200
    error: Any = None
    fault: Fault | None = None
    fault_after: int = 1
    location: str = ""


@dataclass
class Model:
    """A model as the daemon describes it. extra_tags, extra_show: merged into the raw JSON."""

    name: str
    digest: str = DIGEST
    size: int = 4_000_000_000
    context_tokens: int = 8192
    capabilities: Sequence[str] = ("completion",)
    family: str = "qwen2"
    parameter_size: str = "7B"
    parameters: str = ""
    owned_by: str = "somebody"
    extra_tags: dict[str, Any] = field(default_factory=dict)
    extra_show: dict[str, Any] = field(default_factory=dict)

    def tags(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "model": self.name,
            "modified_at": "2025-01-01T00:00:00Z",
            "size": self.size,
            "digest": self.digest,
            "details": self._details(),
            **self.extra_tags,
        }

    def show(self) -> dict[str, Any]:
        return {
            "modelfile": "FROM /models/blobs/sha256-" + self.digest,
            "parameters": self.parameters,
            "template": "{{ .Prompt }}",
            "details": self._details(),
            "model_info": {
                "general.architecture": self.family,
                f"{self.family}.context_length": self.context_tokens,
            },
            "capabilities": list(self.capabilities),
            **self.extra_show,
        }

    def _details(self) -> dict[str, Any]:
        return {"format": "gguf", "family": self.family, "parameter_size": self.parameter_size}


@dataclass
class Request:
    """What arrived. hung_up: the client went before the answer was complete."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int
    hung_up: bool = False
    answered: bool = False

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class ModelServer:
    """Use as a context manager; attributes may be changed between requests.

    replies: used in order by the completion endpoints, the last one again and again.
    dimension: of vectors, which tell which words a text has. vectors: what to answer instead.
    before: called with each request before it is answered.
    """

    def __init__(self, *, models: Sequence[Model] = (), replies: Sequence[Reply] = (Reply(),)) -> None:
        self.models = list(models)
        self.replies = list(replies)
        self.dimension = 64
        self.vectors: Any = None
        self.before: Callable[[Request], None] = lambda request: None
        self.requests: list[Request] = []
        self.received = bytearray()
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="model server", daemon=True)
        self._started = threading.Event()
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def to(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)
        assert not self._thread.is_alive()
        self._loop.close()

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        self._stopping = asyncio.Event()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stopping.wait()
        server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await asyncio.sleep(0)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections[task] = writer
        number = len(self._connections)
        try:
            while await self._one_request(reader, writer, number):
                pass
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _one_request(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connection: int
    ) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        self.received += head
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        self.received += body
        request = Request(method, path, headers, body, connection)
        self.requests.append(request)
        self.before(request)
        answer = asyncio.ensure_future(self._answer(request, writer))
        while not answer.done():
            await asyncio.wait({answer}, timeout=0.01)
            if not answer.done() and (reader.at_eof() or reader.exception() is not None):
                request.hung_up = True
                answer.cancel()
                await asyncio.gather(answer, return_exceptions=True)
                return False
        if isinstance(answer.exception(), OSError):  # it went while we wrote
            request.hung_up = True
            return False
        request.answered = True
        return answer.result()

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """Answer; returns whether the connection stays open."""
        routes: dict[str, Callable[[Request, asyncio.StreamWriter], Awaitable[bool]]] = {
            "/api/tags": self._tags,
            "/api/show": self._show,
            "/api/version": self._version,
            "/api/chat": self._ollama_chat,
            "/v1/models": self._openai_models,
            "/v1/chat/completions": self._openai_chat,
            "/api/embed": self._ollama_embed,
            "/v1/embeddings": self._openai_embed,
        }
        handler = routes.get(request.path)
        if handler is None:
            return await _json(writer, 404, {"error": "not found"})
        return await handler(request, writer)

    async def _tags(self, _: Request, writer: asyncio.StreamWriter) -> bool:
        return await _json(writer, 200, {"models": [model.tags() for model in self.models]})

    async def _show(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        model = self._named(request.json.get("model", ""))
        if model is None:
            return await _json(writer, 404, {"error": "model not found"})
        return await _json(writer, 200, model.show())

    async def _version(self, _: Request, writer: asyncio.StreamWriter) -> bool:
        return await _json(writer, 200, {"version": "0.13.0"})

    async def _openai_models(self, _: Request, writer: asyncio.StreamWriter) -> bool:
        data = [
            {
                "id": model.name,
                "object": "model",
                "owned_by": model.owned_by,
                "meta": {"n_ctx": model.context_tokens},
            }
            for model in self.models
        ]
        return await _json(writer, 200, {"object": "list", "data": data})

    async def _ollama_chat(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        if self._named(request.json["model"]) is None:
            return await _json(writer, 404, {"error": "model 'x' not found"})
        if not request.json["messages"]:  # only load it
            loaded = {"role": "assistant", "content": ""}
            return await _json(writer, 200, {"message": loaded, "done": True, "done_reason": "load"})
        return await self._stream(writer, "application/x-ndjson", _OllamaWords(request.json["model"]))

    async def _openai_chat(self, _: Request, writer: asyncio.StreamWriter) -> bool:
        return await self._stream(writer, "text/event-stream", _OpenAiWords())

    async def _ollama_embed(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        if self._named(request.json["model"]) is None:
            return await _json(writer, 404, {"error": "model not found"})
        return await _json(writer, 200, {"embeddings": self._embedded(request)})

    async def _openai_embed(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        data = [{"index": place, "embedding": row} for place, row in enumerate(self._embedded(request))]
        return await _json(writer, 200, {"object": "list", "data": data[::-1]})

    def _embedded(self, request: Request) -> Any:
        if self.vectors is not None:
            return self.vectors
        return [vector_of(text, self.dimension) for text in request.json["input"]]

    async def _stream(self, writer: asyncio.StreamWriter, content_type: str, words: _Words) -> bool:
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if reply.fault is Fault.HANG_UP:
            return False
        if reply.fault is Fault.WRONG_TYPE:
            return await _plain(writer, 200, "text/html", b"<html>log in first</html>")
        if reply.fault is Fault.REDIRECT:
            return await _plain(writer, 307, "text/plain", b"", f"Location: {reply.location}\r\n")
        if reply.status != 200:
            return await _json(writer, reply.status, reply.error or {"error": "scripted"})
        await asyncio.sleep(reply.first_after_s)
        writer.write(
            f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
        )
        async for line in _lines(reply, words):
            if line is None:
                await writer.drain()
                return False
            writer.write(b"%x\r\n%s\r\n" % (len(line), line))
            await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    def _named(self, name: str) -> Model | None:
        wanted = {name, name.removesuffix(":latest"), f"{name}:latest"}
        return next((model for model in self.models if model.name in wanted), None)


def vector_of(text: str, dimension: int) -> list[float]:
    """A number for each word's own place; texts are near each other that share words."""
    row = [0.0] * dimension
    for word in text.lower().split():
        row[zlib.crc32(word.encode()) % dimension] += 1.0
    return row


class _Words:
    """How one protocol says things."""

    def first(self) -> Iterator[bytes]:
        return iter(())

    def piece(self, text: str, reply: Reply) -> bytes:
        raise NotImplementedError

    def thought(self, text: str) -> bytes:
        raise NotImplementedError

    def raw(self, text: str) -> bytes:
        raise NotImplementedError

    def end(self, reply: Reply) -> Iterator[bytes]:
        raise NotImplementedError


class _OllamaWords(_Words):
    def __init__(self, model: str) -> None:
        self._model = model

    def _line(self, message: dict[str, str], **more: Any) -> bytes:
        said = {"role": "assistant", "content": "", **message}
        return self.raw(json.dumps({"model": self._model, "message": said, "done": False, **more}))

    def piece(self, text: str, reply: Reply) -> bytes:
        more = (
            {}
            if reply.logprob is None
            else {"logprobs": [{"token": text, "logprob": reply.logprob, "bytes": list(text.encode())}]}
        )
        return self._line({"content": text}, **more)

    def thought(self, text: str) -> bytes:
        return self._line({"thinking": text})

    def raw(self, text: str) -> bytes:
        return text.encode() + b"\n"

    def end(self, reply: Reply) -> Iterator[bytes]:
        yield self._line(
            {},
            done=True,
            done_reason=reply.finish,
            prompt_eval_count=reply.prompt_tokens,
            eval_count=len(reply.pieces),
        )


class _OpenAiWords(_Words):
    def _event(self, choices: list[Any], **more: Any) -> bytes:
        return self.raw(
            json.dumps({"id": "1", "object": "chat.completion.chunk", "choices": choices, **more})
        )

    def _delta(self, delta: dict[str, Any], finish: str | None = None, **more: Any) -> bytes:
        return self._event([{"index": 0, "delta": delta, "finish_reason": finish, **more}])

    def first(self) -> Iterator[bytes]:
        yield self._delta({"role": "assistant", "content": None})

    def piece(self, text: str, reply: Reply) -> bytes:
        if reply.logprob is None:
            return self._delta({"content": text})
        return self._delta(
            {"content": text}, logprobs={"content": [{"token": text, "logprob": reply.logprob}]}
        )

    def thought(self, text: str) -> bytes:
        return self._delta({"reasoning_content": text})

    def raw(self, text: str) -> bytes:
        return f"data: {text}\n\n".encode()

    def end(self, reply: Reply) -> Iterator[bytes]:
        yield self._delta({}, finish=reply.finish)
        usage: dict[str, Any] = {
            "prompt_tokens": reply.prompt_tokens,
            "completion_tokens": len(reply.pieces),
            "total_tokens": reply.prompt_tokens + len(reply.pieces),
        }
        if reply.cached_tokens is not None:
            usage["prompt_tokens_details"] = {"cached_tokens": reply.cached_tokens}
        yield self._event([], usage=usage)
        yield self.raw("[DONE]")


async def _lines(reply: Reply, words: _Words) -> AsyncIterator[bytes | None]:
    """What to send, line by line; None means: close the connection now."""
    for line in words.first():
        yield line
    for thought in reply.thinking:
        yield words.thought(thought)
    for number, piece in enumerate(reply.pieces):
        if reply.fault is not None and number == reply.fault_after:
            break
        yield words.piece(piece, reply)
    if reply.fault is None:
        for line in words.end(reply):
            yield line
        return
    async for line in _fault(reply, words):
        yield line


async def _fault(reply: Reply, words: _Words) -> AsyncIterator[bytes | None]:
    if reply.fault is Fault.CUT:
        yield None
    elif reply.fault is Fault.STALL:
        await asyncio.sleep(3600)
    elif reply.fault is Fault.MALFORMED:
        yield words.raw('{"half": ')
    elif reply.fault is Fault.NOT_AN_OBJECT:
        yield words.raw("[1, 2]")
    elif reply.fault is Fault.ERROR_EVENT:
        yield words.raw(json.dumps({"error": {"message": "scripted SECRET", "code": 500}}))
    elif reply.fault is Fault.ENDLESS:
        while True:
            yield words.piece(reply.pieces[-1], reply)
            await asyncio.sleep(0.005)


async def _json(writer: asyncio.StreamWriter, status: int, value: Any) -> bool:
    return await _plain(writer, status, "application/json", json.dumps(value).encode())


async def _plain(
    writer: asyncio.StreamWriter, status: int, content_type: str, body: bytes, headers: str = ""
) -> bool:
    writer.write(
        f"HTTP/1.1 {status} Scripted\r\nContent-Type: {content_type}\r\n{headers}"
        f"Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
    await writer.drain()
    return True
