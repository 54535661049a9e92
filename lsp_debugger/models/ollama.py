"""Ollama, through its official client: one model of a daemon, proven local before every request."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractContextManager, aclosing
from typing import Any, cast

from lsp_debugger import egress
from lsp_debugger.core.errors import BackendUnavailable, ContextTooLong, LspDebuggerError, ModelMissing
from lsp_debugger.core.model import (
    Chunk,
    Endpoint,
    Locality,
    Message,
    ModelInfo,
    Sampling,
    Usage,
    estimate_tokens,
)
from lsp_debugger.models import locality
from lsp_debugger.models.openai_chat import mean_logprob
from lsp_debugger.models.streaming import (
    CONNECT_TIMEOUT_S,
    ChunkMaker,
    Limits,
    Pace,
    translated,
)
from lsp_debugger.policy.cleared import Cleared

# Ollama's own default cuts long prompts without a word, so the length is always given. The same one
# every time: another length makes the daemon load the model anew.
_MOST_CONTEXT_TOKENS = 8192
_UNKNOWN_CONTEXT_TOKENS = 4096
_KEEP_ALIVE = "15m"
# No tokenizer gets more out of code than this; a prompt above it surely does not fit.
_MOST_BYTES_PER_TOKEN = 6
_END_WITHIN_S = 1.0
_FINISH = {"stop": "stop", "length": "length"}


class OllamaBackend:
    """One model of the daemon at `endpoint`. local_hosts: the declared ones of the settings."""

    name = "ollama"

    def __init__(
        self,
        endpoint: Endpoint,
        model: str,
        *,
        local_hosts: Sequence[str] = (),
        limits: Limits | None = None,
        chosen_because: str = "",
    ) -> None:
        self._endpoint = endpoint
        self._model = model
        self._local_hosts = tuple(local_hosts)
        self._limits = limits or Limits()
        self._chosen_because = chosen_because
        self._client: Any = None

    async def describe(self) -> ModelInfo:
        tags, show = await asyncio.gather(
            egress.probe_json(self._endpoint, "GET", "/api/tags"),
            egress.probe_json(self._endpoint, "POST", "/api/show", body={"model": self._model}),
        )
        if not _completes_text(show):
            raise ModelMissing(f"{self._model} cannot complete text", "set model.name to another model")
        finding = locality.of_ollama(self._model, self._endpoint.url, tags, show, self._local_hosts)
        return ModelInfo(
            backend=self.name,
            model=self._model,
            digest=finding.digest or "not reported",
            locality=finding.locality,
            endpoint=self._endpoint,
            context_tokens=context_tokens(show),
            why_locality=finding.why,
            chosen_because=self._chosen_because,
            offers_logprobs=True,
            offers_json_schema=True,
        )

    async def complete(self, cleared: Cleared, sampling: Sampling) -> AsyncGenerator[Chunk, None]:
        client = await self._ready()
        info = await self._as_cleared(cleared)
        _must_fit(cleared.messages, info.context_tokens)
        pace = Pace(self._limits, "Ollama")
        parts: AsyncGenerator[Any, None] = await client.chat(**self._request(cleared, sampling, info))
        maker = ChunkMaker()
        async with aclosing(parts):
            while True:
                # The client sends with the first step, so the permit has to be around all of them.
                with self._translated(), egress.permit(cleared, sampling):
                    async with pace.limit():
                        part = await anext(parts, None)
                if part is None:
                    raise BackendUnavailable(
                        "Ollama ended its answer early", "try again; see Ollama's own log"
                    )
                pace.moved()
                if chunk := _said(part, maker):
                    yield chunk
                if part.done:
                    await self._read_end(parts)
                    break
        if rest := maker.rest():
            yield rest
        yield Chunk(finish_reason=_FINISH.get(part.done_reason or "stop", "error"), usage=_usage(part))

    async def warm(self) -> None:
        """Load the model with the context length that questions will use. Sends no text."""
        info = await self.describe()
        if info.locality is Locality.REMOTE:
            raise _not_local(info)
        client = await self._ready()
        pace = Pace(self._limits, "Ollama")
        with self._translated():
            async with pace.limit():
                await client.chat(
                    model=self._model,
                    messages=[],
                    keep_alive=_KEEP_ALIVE,
                    options={"num_ctx": info.context_tokens},
                )

    async def count_tokens(self, text: str) -> int:
        """An estimate: Ollama has no tokenizer to ask."""
        return estimate_tokens(text)

    async def aclose(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    async def _read_end(self, parts: AsyncGenerator[Any, None]) -> None:
        """An answer that was read to its end leaves its connection usable. The answer itself is complete."""
        with contextlib.suppress(TimeoutError, BackendUnavailable), self._translated():
            async with asyncio.timeout(_END_WITHIN_S):
                await anext(parts, None)

    async def _as_cleared(self, cleared: Cleared) -> ModelInfo:
        """Read the daemon's words again: it may have changed what the name stands for.

        Raises BackendUnavailable when the model is not what the request was cleared for.
        """
        info, wanted = await self.describe(), cleared.route.info
        if info.locality is Locality.REMOTE:
            raise _not_local(info)
        if (info.locality, info.digest) != (wanted.locality, wanted.digest):
            raise BackendUnavailable(
                f"{self._model} changed since the request was cleared; nothing was sent", "ask again"
            )
        return info

    def _request(self, cleared: Cleared, sampling: Sampling, info: ModelInfo) -> dict[str, Any]:
        return {
            "model": self._model,
            "messages": [{"role": each.role, "content": each.text} for each in cleared.messages],
            "stream": True,
            "think": False,
            "logprobs": True,
            "format": None if sampling.json_schema is None else json.loads(sampling.json_schema),
            "keep_alive": _KEEP_ALIVE,
            "options": {
                "num_ctx": info.context_tokens,
                "num_predict": sampling.max_tokens,
                "temperature": sampling.temperature,
                "seed": sampling.seed,
            },
        }

    async def _ready(self) -> Any:
        if self._client is None:
            self._client = await asyncio.to_thread(_make, self._endpoint, self._limits)
        return self._client

    def _translated(self) -> AbstractContextManager[None]:
        return translated(self._endpoint, self._known)

    def _known(self, exc: Exception) -> LspDebuggerError | None:
        """What the door cannot know of this protocol's errors."""
        import ollama

        if isinstance(exc, ollama.ResponseError):
            words = str(exc.error).lower()
            if "context" in words and ("exceed" in words or "too long" in words):
                return ContextTooLong("the prompt does not fit the model", "set context.budget_tokens lower")
            if exc.status_code == 404:
                return ModelMissing(f"Ollama does not have {self._model}", "set model.name to one it lists")
            if "memory" in words:
                return BackendUnavailable(
                    f"Ollama has too little memory for {self._model}", "set model.name to a smaller model"
                )
            if exc.status_code < 0:
                return BackendUnavailable("Ollama reported an error", "see Ollama's own log")
        if isinstance(
            exc, (ValueError, TypeError, AttributeError)
        ):  # its parser takes any JSON for an object
            return BackendUnavailable(
                "Ollama sent something that is no answer", "check ollama.url and Ollama's own log"
            )
        return None


def context_tokens(show: object) -> int:
    """The length to load the model with: the user's own (Modelfile), else the model's within reason."""
    described = cast("dict[str, Any]", show) if isinstance(show, dict) else {}
    parameters: object = described.get("parameters")
    for line in parameters.splitlines() if isinstance(parameters, str) else []:
        name, _, value = line.strip().partition(" ")
        if name == "num_ctx" and value.strip().isdigit() and int(value) > 0:
            return int(value)
    facts: object = described.get("model_info")
    for key, value in (cast("dict[str, Any]", facts) if isinstance(facts, dict) else {}).items():
        if key.endswith(".context_length") and isinstance(value, int) and value > 0:
            return min(value, _MOST_CONTEXT_TOKENS)
    return _UNKNOWN_CONTEXT_TOKENS


def _completes_text(show: object) -> bool:
    """False for embedding models. Daemons before 0.6.4 do not say what a model can do."""
    able: object = cast("dict[str, object]", show).get("capabilities") if isinstance(show, dict) else None
    return not isinstance(able, list) or "completion" in able


def _make(endpoint: Endpoint, limits: Limits) -> Any:
    longest_s = max(limits.first_token_s, limits.between_tokens_s) + 5  # streaming.Pace is the nearer limit
    module = importlib.import_module("ollama")
    timeout = (CONNECT_TIMEOUT_S, longest_s, longest_s, CONNECT_TIMEOUT_S)
    return module.AsyncClient(**{**egress.ollama_options(endpoint), "timeout": timeout})


def _must_fit(messages: Sequence[Message], room_tokens: int) -> None:
    """Ollama cuts a prompt that is too long and answers the rest. Raises ContextTooLong."""
    size_bytes = sum(len(message.text.encode("utf-8", "surrogatepass")) for message in messages)
    if size_bytes > room_tokens * _MOST_BYTES_PER_TOKEN:
        raise ContextTooLong(
            f"the prompt does not fit the model ({room_tokens} tokens fit)", "set context.budget_tokens lower"
        )


def _said(part: Any, maker: ChunkMaker) -> Chunk | None:
    logprobs: Sequence[Any] = part.logprobs or ()
    mean = mean_logprob([{"logprob": each.logprob} for each in logprobs])
    return maker.said(part.message.content or "", part.message.thinking or "", mean)


def _usage(part: Any) -> Usage:
    return Usage(prompt_tokens=part.prompt_eval_count or 0, completion_tokens=part.eval_count or 0)


def _not_local(info: ModelInfo) -> BackendUnavailable:
    return BackendUnavailable(
        f"{info.model} is not proven to run on this machine: {info.why_locality}; nothing was sent",
        "set model.name to a model that Ollama holds itself: lsp-debugger doctor lists them",
    )
