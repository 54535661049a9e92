"""Any server that speaks OpenAI's protocol: llama.cpp, vLLM, LM Studio, a private endpoint."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, cast

from lsp_debugger import egress
from lsp_debugger.core.errors import BackendUnavailable, ModelMissing
from lsp_debugger.core.model import Chunk, Endpoint, Locality, ModelInfo, Sampling, estimate_tokens
from lsp_debugger.models import locality
from lsp_debugger.models.openai_chat import LLAMACPP_EXTRAS, ChatClient
from lsp_debugger.models.streaming import Limits
from lsp_debugger.policy.cleared import Cleared

# What servers call the length they serve with, best first.
_CONTEXT_KEYS = ("n_ctx", "max_model_len", "loaded_context_length", "context_length", "max_context_length")
_UNKNOWN_CONTEXT_TOKENS = 4096
_NO_DIGEST = "not reported"


class OpenAiBackend:
    """One model on one server. model: empty means the first that the server lists.

    api_key_env: name of the environment variable that holds the key; empty for none.
    """

    name = "openai"

    def __init__(
        self,
        endpoint: Endpoint,
        model: str = "",
        *,
        local_hosts: Sequence[str] = (),
        api_key_env: str = "",
        limits: Limits | None = None,
        chosen_because: str = "",
    ) -> None:
        self._endpoint = endpoint
        self._model = model
        self._local_hosts = tuple(local_hosts)
        self._api_key = os.environ.get(api_key_env, "") if api_key_env else ""
        self._chosen_because = chosen_because
        self._is_llamacpp = False
        label = f"the model server at {endpoint.url}"
        self._label = label
        self._chat = ChatClient(label, limits or Limits())
        self._chat.use(endpoint, egress.base_url(endpoint), self._api_key)

    async def describe(self) -> ModelInfo:
        served = listed_models(await self._models())
        names = list(served)
        if self._model and self._model not in served:
            raise ModelMissing(
                f"{self._label} does not list {self._model}", f"it has: {', '.join(names[:5]) or 'no model'}"
            )
        if not names:
            raise ModelMissing(f"{self._label} lists no model", "load a model there first")
        model = self._model or names[0]
        self._is_llamacpp = served[model].get("owned_by") == "llamacpp"
        finding = locality.of_endpoint(self._endpoint.url, self._local_hosts)
        return ModelInfo(
            backend=self.name,
            model=model,
            digest=_NO_DIGEST,
            locality=finding.locality,
            endpoint=self._endpoint,
            context_tokens=_context_tokens(served[model]),
            why_locality=finding.why,
            chosen_because=self._chosen_because,
            offers_logprobs=True,
            offers_json_schema=True,
        )

    async def complete(self, cleared: Cleared, sampling: Sampling) -> AsyncGenerator[Chunk, None]:
        extras = LLAMACPP_EXTRAS if self._is_llamacpp else None
        async with aclosing(self._chat.stream(cleared, sampling, extras)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def warm(self) -> None:
        """See that the server is there. It loaded its model when it started; no text is sent."""
        info = await self.describe()
        if info.locality is Locality.REMOTE:
            raise BackendUnavailable(f"{self._label} is not known to be yours", info.why_locality)

    async def count_tokens(self, text: str) -> int:
        """An estimate: the text would have to travel to be counted."""
        return estimate_tokens(text)

    async def aclose(self) -> None:
        await self._chat.aclose()

    async def _models(self) -> Any:
        headers = {"Authorization": f"Bearer {self._api_key}"} if self._api_key else None
        return await egress.probe_json(self._endpoint, "GET", "/v1/models", headers=headers, timeout_s=5.0)


def listed_models(raw: object) -> dict[str, Mapping[str, Any]]:
    """The entries of a raw /v1/models answer by id, in the server's order."""
    data: object = cast("dict[str, object]", raw).get("data") if isinstance(raw, dict) else None
    entries = [
        cast("dict[str, Any]", entry)
        for entry in (cast("list[object]", data) if isinstance(data, list) else [])
        if isinstance(entry, dict)
    ]
    return {entry["id"]: entry for entry in entries if isinstance(entry.get("id"), str)}


def _context_tokens(entry: Mapping[str, Any]) -> int:
    meta: object = entry.get("meta")
    places = (entry, cast("dict[str, Any]", meta) if isinstance(meta, dict) else {})
    for key in _CONTEXT_KEYS:
        for place in places:
            value: object = place.get(key)
            if isinstance(value, int) and value > 0:
                return value
    return _UNKNOWN_CONTEXT_TOKENS
