"""The index worker where a server makes its vectors: with the gate, audit and door that questions have.

    python -m lsp_debugger.wiring.index_worker     as lsp_debugger.index.worker

A process of its own has to find the same policy as the server that started it: that one says where it is.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_debugger.config import Settings
from lsp_debugger.config.files import user_directory
from lsp_debugger.core.errors import ConfigInvalid
from lsp_debugger.core.model import Endpoint
from lsp_debugger.core.ports import Embedder
from lsp_debugger.state import State
from lsp_debugger.wiring.policies import POLICY_FILE, policy_store

if TYPE_CHECKING:
    from lsp_debugger.policy.gate import Gate

MODULE = "lsp_debugger.wiring.index_worker"
EMBEDDED = "embedded"
SERVED = ("ollama", "openai")


def model_of(settings: Settings) -> str:
    """How the index calls the model for vectors: `off`, `embedded`, or a backend and its model."""
    backend = settings.index_embeddings
    return f"{backend} {settings.index_embeddings_model}".rstrip() if backend in SERVED else backend


def opening_of(settings: Settings, state: State) -> dict[str, Any]:
    """What the worker is told about servers and policy. Travels over its pipe: a key may be in it."""
    chosen = settings.index_embeddings_url
    backend = settings.index_embeddings
    key_name = settings.openai_api_key_env
    return {
        "urls": {
            "ollama": (chosen if backend == "ollama" else "") or settings.ollama_url,
            "openai": (chosen if backend == "openai" else "") or settings.openai_base_url,
        },
        "api_key": os.environ.get(key_name, "") if key_name else "",
        "local_hosts": list(settings.local_hosts),
        "policy_path": settings.policy_path or str(user_directory() / POLICY_FILE),
        "require_org": settings.policy_require_org,
        "state": str(state.directory),
    }


def make_embedder(params: dict[str, Any], name: str) -> Embedder:
    """Blocks: it asks the server. Raises LspDebuggerError."""
    backend, _, model = name.partition(" ")
    if backend not in SERVED:
        from lsp_debugger.index.worker import embedded

        return embedded(params, name)
    from lsp_debugger.models.embeddings import OllamaServer, OpenAiServer, ServedEmbedder

    told = params["serving"]
    url: str = told["urls"][backend]
    if not url or (backend == "ollama" and not model):
        missing = "a server" if model or not url else "a model"
        raise ConfigInvalid(
            f"index.embeddings is {backend}, and {missing} is not named",
            hint="set index.embeddings_model and index.embeddings_url",
        )
    endpoint = Endpoint(backend, url)
    hosts: list[str] = told["local_hosts"]
    server = (
        OllamaServer(endpoint, model, hosts)
        if backend == "ollama"
        else OpenAiServer(endpoint, model, hosts, told["api_key"])
    )
    known_values: list[str] = params["known_values"]
    gate = _gate(params["root"], told["state"], told["policy_path"], told["require_org"], tuple(known_values))
    return ServedEmbedder.connect(server, gate)


@cache
def _gate(root: str, state_path: str, policy_path: str, require_org: bool, known: tuple[str, ...]) -> Gate:
    """One for the process. known: secret values of the environment that this process was not given."""
    from lsp_debugger.models.embeddings import render
    from lsp_debugger.policy.audit import Audit
    from lsp_debugger.policy.gate import Gate
    from lsp_debugger.policy.known_values import KnownValues

    state = State(state_path)
    settings = replace(Settings(), policy_path=policy_path, policy_require_org=require_org)
    store = policy_store(settings, state, [Path(root)])
    return Gate(store, lambda: Audit(state.audit), render, KnownValues((root,), others=known))


if __name__ == "__main__":
    from lsp_debugger.index import worker

    worker.main(make_embedder)
