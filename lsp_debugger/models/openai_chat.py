"""Chat completions over OpenAI's protocol: one streamed request, its events as chunks, its errors as ours."""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, cast

from lsp_debugger import egress
from lsp_debugger.core.errors import BackendUnavailable, ContextTooLong, LspDebuggerError, ModelMissing
from lsp_debugger.core.model import Chunk, Endpoint, Message, Sampling, Usage
from lsp_debugger.models.streaming import ChunkMaker, Dropped, Limits, Pace, translated
from lsp_debugger.policy.cleared import Cleared

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_FINISH = {"stop": "stop", "length": "length", "content_filter": "error"}
_TOO_LONG = ("exceed_context_size_error", "context_length_exceeded")
# llama.cpp notices a closed connection only when it writes. Without progress, it writes nothing before
# the first token, and a cancelled prompt is read to its end.
LLAMACPP_EXTRAS: Mapping[str, Any] = {"return_progress": True}
_TOO_LONG_HINT = "set context.budget_tokens lower, or use a model with a longer context"


class ChatClient:
    """One connection pool to one server. `label` names the server in errors."""

    def __init__(self, label: str, limits: Limits) -> None:
        self._label = label
        self._limits = limits
        self._server: tuple[Endpoint, str, str] | None = None
        self._client: AsyncOpenAI | None = None
        self._discarded: set[asyncio.Task[None]] = set()
        self._plain = False

    def use(self, endpoint: Endpoint, base_url: str, api_key: str) -> None:
        """Say which server to talk to; connections to another one are given up."""
        if self._server != (endpoint, base_url, api_key):
            self._server = (endpoint, base_url, api_key)
            self.renew()

    async def stream(
        self,
        cleared: Cleared,
        sampling: Sampling,
        extra_body: Mapping[str, Any] | None = None,
    ) -> AsyncGenerator[Chunk, None]:
        """Send once and stream. Closing the generator closes the connection at once.

        extra_body: fields of one server's own, which it is known to take.
        Raises Dropped, BackendUnavailable, ModelMissing, ContextTooLong.
        """
        client = await self._ready()
        pace = Pace(self._limits, self._label)
        with self._translated():
            async with pace.limit():
                response = await self._open(client, cleared, sampling, extra_body)
        maker = ChunkMaker()
        finish: str | None = None
        try:
            while True:
                with self._translated():
                    async with pace.limit():
                        event = await anext(response, None)
                    raw = cast("dict[str, Any]", event.to_dict(warnings=False)) if event else None
                if raw is None:
                    break
                if "prompt_progress" in raw:
                    continue  # still reading the prompt: the limit on the first token stays
                pace.moved()
                finish = finish_of(raw) or finish
                for chunk in (_said(raw, maker), _usage_chunk(raw)):
                    if chunk is not None:
                        yield chunk
        finally:
            await response.close()
        if rest := maker.rest():
            yield rest
        if finish is None:
            raise BackendUnavailable(
                f"{self._label} ended its answer early", "try again; see the server's own log if it repeats"
            )
        yield Chunk(finish_reason=finish)

    def renew(self) -> None:
        """Forget the pooled connections: the next request opens a fresh one."""
        client, self._client = self._client, None
        if client is not None:
            task = asyncio.ensure_future(client.close())
            self._discarded.add(task)
            task.add_done_callback(self._discarded.discard)

    async def aclose(self) -> None:
        self.renew()
        await asyncio.gather(*self._discarded)

    async def _ready(self) -> AsyncOpenAI:
        if self._client is None:
            assert self._server is not None, "use() comes first"
            self._client = await asyncio.to_thread(_make, *self._server, self._limits)
        return self._client

    async def _open(
        self,
        client: AsyncOpenAI,
        cleared: Cleared,
        sampling: Sampling,
        extra_body: Mapping[str, Any] | None,
    ) -> Any:
        """Send the request. A server that rejects optional fields gets it once more without them."""
        import openai

        create: Any = client.chat.completions.create  # its overloads cannot follow ** arguments
        if cleared.body is not None:
            with egress.permit(cleared, sampling):
                return await create(**json.loads(cleared.body))
        messages, required = _messages(cleared.messages), _required(cleared.route.info.model, sampling)
        if not self._plain:
            try:
                with egress.permit(cleared, sampling):
                    return await create(
                        messages=messages, **required, **_optional(sampling), extra_body=extra_body
                    )
            except (openai.BadRequestError, openai.UnprocessableEntityError) as exc:
                if _is_too_long(exc.body):
                    raise
                self._plain = True
        with egress.permit(cleared, sampling):
            return await create(messages=messages, **required)

    @property
    def _endpoint(self) -> Endpoint:
        assert self._server is not None, "use() comes first"
        return self._server[0]

    def _translated(self) -> AbstractContextManager[None]:
        return translated(self._endpoint, self._known)

    def _known(self, exc: Exception) -> LspDebuggerError | None:
        """What the door cannot know of this protocol's errors."""
        import openai

        if isinstance(exc, openai.APIError) and _is_too_long(exc.body):
            return _too_long(exc.body)
        if isinstance(exc, openai.NotFoundError):
            return ModelMissing(f"{self._label} does not have this model", "set model.name to one it lists")
        if isinstance(exc, openai.APIConnectionError) and not isinstance(exc, openai.APITimeoutError):
            wrapped = egress.translated(exc, self._endpoint)
            if type(wrapped) is BackendUnavailable:
                return Dropped(str(wrapped), wrapped.hint)
        if isinstance(exc, ValueError):
            return BackendUnavailable(
                f"{self._label} sent something that is no chat completion", "check openai.base_url"
            )
        return None


def _make(endpoint: Endpoint, base_url: str, api_key: str, limits: Limits) -> AsyncOpenAI:
    """Import and make the client; blocks for most of a second the first time."""
    module = importlib.import_module("lsp_debugger.models.openai_client")
    client: AsyncOpenAI = module.make_client(endpoint, base_url, api_key, limits)
    return client


def remote_body(messages: Sequence[Message], model: str, sampling: Sampling) -> bytes:
    """The request to a model of somebody else, byte for byte. `store` tells its operator to keep nothing.

    Only fields that every such server knows: a second attempt with others would be another request.
    """
    body = {
        "model": model,
        "messages": _messages(messages),
        "stream": True,
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
        "store": False,
    }
    return json.dumps(body, ensure_ascii=False, indent=1).encode("utf-8")


def _messages(messages: Sequence[Message]) -> Any:
    return [{"role": message.role, "content": message.text} for message in messages]


def _required(model: str, sampling: Sampling) -> dict[str, Any]:
    return {
        "model": model,
        "stream": True,
        "max_tokens": sampling.max_tokens,
        "temperature": sampling.temperature,
    }


def _optional(sampling: Sampling) -> dict[str, Any]:
    options: dict[str, Any] = {
        "seed": sampling.seed,
        "logprobs": True,
        "top_logprobs": 1,
        "stream_options": {"include_usage": True},
    }
    if sampling.json_schema is not None:
        schema = json.loads(sampling.json_schema)
        options["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": schema},
        }
    return options


def _said(raw: Mapping[str, Any], maker: ChunkMaker) -> Chunk | None:
    choice = _choice(raw)
    delta = _mapping(choice.get("delta"))
    text, thought = delta.get("content"), delta.get("reasoning_content") or delta.get("reasoning")
    return maker.said(
        text if isinstance(text, str) else "",
        thought if isinstance(thought, str) else "",
        mean_logprob(_mapping(choice.get("logprobs")).get("content")),
    )


def finish_of(raw: Mapping[str, Any]) -> str | None:
    reason = _choice(raw).get("finish_reason")
    return _FINISH.get(reason, "stop") if isinstance(reason, str) else None


def _usage_chunk(raw: Mapping[str, Any]) -> Chunk | None:
    """llama.cpp counts cached tokens in `timings` too, also where `usage` has no details."""
    usage, timings = _mapping(raw.get("usage")), _mapping(raw.get("timings"))
    if not usage:
        return None
    cached = _mapping(usage.get("prompt_tokens_details")).get("cached_tokens", timings.get("cache_n"))
    return Chunk(
        usage=Usage(
            prompt_tokens=_count(usage.get("prompt_tokens")),
            completion_tokens=_count(usage.get("completion_tokens")),
            cached_tokens=cached if isinstance(cached, int) else None,
        )
    )


def mean_logprob(tokens: object) -> float | None:
    """The mean over a list of {"logprob": number}; None when there is none."""
    entries = [_mapping(entry) for entry in cast("list[Any]", tokens)] if isinstance(tokens, list) else []
    values = [float(value) for entry in entries if isinstance(value := entry.get("logprob"), int | float)]
    return sum(values) / len(values) if values else None


def _choice(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    choices: object = raw.get("choices")
    return _mapping(cast("list[Any]", choices)[0]) if isinstance(choices, list) and choices else {}


def _mapping(value: object) -> Mapping[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0


def _is_too_long(body: object) -> bool:
    """llama.cpp and OpenAI name the error; vLLM and others only say it in words."""
    error = _mapping(body)
    if error.get("type") in _TOO_LONG or error.get("code") in _TOO_LONG:
        return True
    words = str(error.get("message", "")).lower()
    return "context" in words and any(each in words for each in ("maximum", "exceed", "too long"))


def _too_long(body: object) -> ContextTooLong:
    error = _mapping(body)
    prompt, context = error.get("n_prompt_tokens"), error.get("n_ctx")
    numbers = (
        f" ({prompt} tokens, {context} fit)" if isinstance(prompt, int) and isinstance(context, int) else ""
    )
    return ContextTooLong(f"the prompt does not fit the model{numbers}", _TOO_LONG_HINT)
