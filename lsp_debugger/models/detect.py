"""Which model servers listen on this machine: for `doctor`, which says how to declare them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from lsp_debugger import egress
from lsp_debugger.core.errors import LspDebuggerError
from lsp_debugger.core.model import Endpoint
from lsp_debugger.models import locality
from lsp_debugger.models.openai_compat import listed_models

# Their default ports. A server elsewhere is named in the settings.
_USUAL = (
    ("ollama", "http://127.0.0.1:11434", "/api/tags"),
    ("LM Studio", "http://127.0.0.1:1234", "/v1/models"),
    ("llama.cpp", "http://127.0.0.1:8080", "/v1/models"),
    ("vLLM", "http://127.0.0.1:8000", "/v1/models"),
)
# A port where nobody listens refuses at once; this is for one that accepts and says nothing.
_ANSWER_WITHIN_S = 0.5


@dataclass(frozen=True, slots=True)
class FoundServer:
    """A server that answered. command: what declares it as yours, empty where nothing has to be."""

    name: str
    url: str
    models: tuple[str, ...]
    declared: bool
    command: str


async def detect_servers(
    local_hosts: Sequence[str], usual: Sequence[tuple[str, str, str]] = _USUAL
) -> list[FoundServer]:
    """Ask the usual ports of this machine for their models. The questions carry no text."""
    found = await asyncio.gather(*(_look(name, url, path, local_hosts) for name, url, path in usual))
    return [server for server in found if server is not None]


async def _look(name: str, url: str, path: str, local_hosts: Sequence[str]) -> FoundServer | None:
    try:
        raw = await egress.probe_json(Endpoint(name, url), "GET", path, timeout_s=_ANSWER_WITHIN_S)
    except LspDebuggerError:
        return None
    if path == "/api/tags":
        models = [locality.entry_name(entry) for entry in locality.tag_entries(raw)]
    else:
        models = list(listed_models(raw))
    declared = locality.is_declared(url, local_hosts)
    # Ollama proves each of its models by itself; any other server is only known by its owner's word.
    needs_word = name != "ollama" and not declared
    command = f"lsp-debugger config local add {url}" if needs_word else ""
    return FoundServer(name, url, tuple(models), declared, command)
