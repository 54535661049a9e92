"""Vectors from a model server on this machine: Ollama's `/api/embed`, OpenAI's `/v1/embeddings`.

Source text goes the way of a prompt: decided about, routed, redacted and recorded by the gate, one record a
request, and sent through egress. And it goes less far: the address has to be a literal loopback one, whatever
the policy allows for questions. What the server is, is asked just before, every time.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

from lsp_debugger import egress
from lsp_debugger.core.ask import Ask, Card, Problem
from lsp_debugger.core.errors import BackendUnavailable, EgressRefused, ModelMissing
from lsp_debugger.core.material import Context, Fragment, FragmentKind
from lsp_debugger.core.model import Endpoint, Locality, Message, ModelInfo
from lsp_debugger.core.ports import Vectors
from lsp_debugger.core.text import Snapshot
from lsp_debugger.models import locality
from lsp_debugger.models.openai_compat import listed_models
from lsp_debugger.policy.cleared import Cleared
from lsp_debugger.policy.decide import decide
from lsp_debugger.policy.gate import Gate, Outcome
from lsp_debugger.policy.route import Denied, route

TASK = "embed"
_MAX_CHARS = 4_000  # of one text: more than these models read
_MAX_DIMENSION = 8_192
_DESCRIBE_TIMEOUT_S = 3.0
_FIRST_TIMEOUT_S = 60.0  # the server may have to load the model
_KEEP_ALIVE = "15m"
_OURS = Fragment(FragmentKind.RELATED, "How many numbers is a vector of yours?")


def render(context: Context) -> tuple[Message, ...]:
    """What the gate clears: each fragment by itself."""
    return tuple(Message("user", fragment.headed[:_MAX_CHARS]) for fragment in context.fragments)


class Server(Protocol):
    """One model of one server, in the words of its protocol. vectors: as the answer has them, unchecked."""

    path: str
    headers: Mapping[str, str]

    async def describe(self) -> ModelInfo: ...
    def request(self, model: str, texts: Sequence[str]) -> dict[str, Any]: ...
    def vectors(self, answer: Mapping[str, Any]) -> object: ...


class OllamaServer:
    """local_hosts: the declared ones of the settings."""

    path = "/api/embed"
    headers: Mapping[str, str] = {}

    def __init__(self, endpoint: Endpoint, model: str, local_hosts: Sequence[str] = ()) -> None:
        self._endpoint = endpoint
        self._model = model
        self._local_hosts = tuple(local_hosts)

    async def describe(self) -> ModelInfo:
        tags, show = await asyncio.gather(
            egress.probe_json(self._endpoint, "GET", "/api/tags", timeout_s=_DESCRIBE_TIMEOUT_S),
            egress.probe_json(
                self._endpoint,
                "POST",
                "/api/show",
                body={"model": self._model},
                timeout_s=_DESCRIBE_TIMEOUT_S,
            ),
        )
        found = locality.of_ollama(self._model, self._endpoint.url, tags, show, self._local_hosts)
        return _info("ollama", self._endpoint, self._model, found)

    def request(self, model: str, texts: Sequence[str]) -> dict[str, Any]:
        return {"model": model, "input": list(texts), "truncate": True, "keep_alive": _KEEP_ALIVE}

    def vectors(self, answer: Mapping[str, Any]) -> object:
        return answer.get("embeddings")


class OpenAiServer:
    """Says nothing verifiable about its weights, so that only a declared one counts as local."""

    path = "/v1/embeddings"

    def __init__(
        self, endpoint: Endpoint, model: str, local_hosts: Sequence[str] = (), api_key: str = ""
    ) -> None:
        self._endpoint = endpoint
        self._model = model
        self._local_hosts = tuple(local_hosts)
        self.headers: Mapping[str, str] = {"Authorization": f"Bearer {api_key}"} if api_key else {}

    async def describe(self) -> ModelInfo:
        listed = listed_models(
            await egress.probe_json(
                self._endpoint, "GET", "/v1/models", headers=self.headers, timeout_s=_DESCRIBE_TIMEOUT_S
            )
        )
        model = self._model or next(iter(listed), "")
        if model not in listed:
            raise ModelMissing(
                f"the model server at {self._endpoint.url} does not list {model or 'any model'}",
                f"it has: {', '.join(list(listed)[:5]) or 'no model'}",
            )
        found = locality.of_endpoint(self._endpoint.url, self._local_hosts)
        return _info("openai", self._endpoint, model, found)

    def request(self, model: str, texts: Sequence[str]) -> dict[str, Any]:
        return {"model": model, "input": list(texts), "encoding_format": "float"}

    def vectors(self, answer: Mapping[str, Any]) -> object:
        """In the order of the texts: the protocol numbers its answers."""
        data: object = answer.get("data")
        if not isinstance(data, list) or not all(
            isinstance(each, dict) for each in cast("list[object]", data)
        ):
            return None
        entries = cast("list[dict[str, Any]]", data)
        numbers = [entry.get("index", place) for place, entry in enumerate(entries)]
        if sorted(numbers, key=str) != sorted(range(len(entries)), key=str):
            return None
        by_number = dict(zip(numbers, entries, strict=True))
        return [by_number[number].get("embedding") for number in range(len(entries))]


class ServedEmbedder:
    """Implements `core.ports.Embedder`. Made by `connect`."""

    def __init__(self, server: Server, gate: Gate, info: ModelInfo, dimension: int = 0) -> None:
        self._server = server
        self._gate = gate
        self._info = info
        self._numpy: Any = importlib.import_module("numpy")
        self.dimension = dimension
        self.model = f"{info.backend} {info.model} {info.digest}".rstrip()

    @classmethod
    def connect(cls, server: Server, gate: Gate) -> ServedEmbedder:
        """Ask what serves, and how long its vectors are. Raises as `embed` does."""
        info = asyncio.run(_described(server))
        embedder = cls(server, gate, info)
        embedder.dimension = int(embedder.embed([_OURS], _FIRST_TIMEOUT_S).shape[1])
        return embedder

    def embed(self, fragments: Sequence[Fragment], timeout_s: float) -> Vectors:
        if not fragments:
            return self._numpy.zeros((0, self.dimension), self._numpy.float32)
        return asyncio.run(self._embed(tuple(fragments), timeout_s))

    async def _embed(self, fragments: tuple[Fragment, ...], timeout_s: float) -> Vectors:
        cleared = await self._cleared(fragments)
        info = await _described(self._server)
        wanted = self._info
        if (info.locality, info.model, info.digest) != (wanted.locality, wanted.model, wanted.digest):
            raise BackendUnavailable(
                f"{wanted.model} changed since it was asked about; nothing was sent", "it is asked again soon"
            )
        texts = [message.text for message in cleared.messages]
        outcome: Outcome = "failed"
        try:
            with egress.permit(cleared):
                answer: object = await egress.probe_json(
                    info.endpoint,
                    "POST",
                    self._server.path,
                    body=self._server.request(info.model, texts),
                    headers=self._server.headers,
                    timeout_s=timeout_s,
                )
            vectors = self._read(answer, len(texts))
            outcome = "completed"
        finally:
            await self._gate.finished(cleared, outcome)
        return vectors

    async def _cleared(self, fragments: tuple[Fragment, ...]) -> Cleared:
        """Raises EgressRefused when the policy keeps one of them, or a secret would remain."""
        context = Context(
            Ask(Problem(""), task="", task_name=TASK), Card(""), Snapshot("", ""), fragments=fragments
        )
        decision = await asyncio.to_thread(lambda: decide(self._gate.policy(), context, TASK))
        chosen = route(decision, self._info)
        if isinstance(chosen, Denied):
            raise EgressRefused(chosen.reason, chosen.hint)
        return await self._gate.clear(context, decision, chosen)

    def _read(self, answer: object, count: int) -> Vectors:
        np = self._numpy
        given = self._server.vectors(cast("dict[str, Any]", answer)) if isinstance(answer, dict) else None
        try:
            rows = np.asarray(given, np.float32)
        except (ValueError, TypeError):
            rows = np.zeros(0)
        fits = rows.ndim == 2 and len(rows) == count and 0 < rows.shape[1] <= _MAX_DIMENSION
        if not fits or not np.isfinite(rows).all() or self.dimension not in {0, rows.shape[1]}:
            raise BackendUnavailable(
                f"{self._info.model} gave something that is no vector a text",
                "choose a model for embeddings: index.embeddings_model",
            )
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)


async def _described(server: Server) -> ModelInfo:
    """Raises BackendUnavailable for a model that is not proven to be on this machine."""
    info = await server.describe()
    if info.locality is Locality.REMOTE or not locality.is_literal_loopback(info.endpoint.url):
        why = (
            info.why_locality
            if info.locality is Locality.REMOTE
            else "its address is no literal loopback one"
        )
        raise BackendUnavailable(
            f"{info.model} makes no vectors, since it is not proven to run on this machine: {why}; "
            "nothing was sent",
            "set index.embeddings_model and index.embeddings_url to a model that this machine holds",
        )
    return info


def _info(backend: str, endpoint: Endpoint, model: str, found: locality.Finding) -> ModelInfo:
    return ModelInfo(
        backend=backend,
        model=model,
        digest=found.digest,
        locality=found.locality,
        endpoint=endpoint,
        context_tokens=0,
        why_locality=found.why,
    )
