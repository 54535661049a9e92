"""Which backend and model answer, why, and how to change it.

The setting `backend` decides; `auto` takes the first of: a running Ollama with a model proven local,
the configured GGUF file, the configured server if its owner declared it, none.
"""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from lsp_debugger import egress
from lsp_debugger.config import Settings
from lsp_debugger.core import installing
from lsp_debugger.core.errors import BackendUnavailable, ConfigInvalid, LspDebuggerError, ModelMissing
from lsp_debugger.core.model import Endpoint, Locality, ModelInfo
from lsp_debugger.core.ports import Backend
from lsp_debugger.models import locality
from lsp_debugger.models.llamacpp import LlamaCppBackend
from lsp_debugger.models.ollama import OllamaBackend
from lsp_debugger.models.openai_compat import OpenAiBackend
from lsp_debugger.models.preference import Candidate, family_of, ranked
from lsp_debugger.models.streaming import Limits
from lsp_debugger.policy.cleared import Cleared
from lsp_debugger.state import State

# A daemon on this machine that needs longer to list its models is not one to wait for.
_LIST_WITHIN_S = 2.0
# How many models to look at closely before giving up.
_LOOK_AT = 8
_HINT_NONE = "start Ollama with a model, or set llamacpp.model_path to a GGUF file; see `lsp-debugger doctor`"


@dataclass(frozen=True, slots=True)
class Choice:
    """A backend, or the reason why there is none. One choice serves until it fails; close its backend.

    others: further models that could be chosen. problems: one line for each thing that was tried.
    """

    backend: Backend[Cleared] | None
    info: ModelInfo | None
    why: str
    hint: str = ""
    others: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class _Search:
    """One run of `choose`: what it looks at and what it found on the way."""

    settings: Settings
    state: State
    others: list[str] = field(default_factory=list[str])

    @property
    def limits(self) -> Limits:
        return Limits(first_token_s=self.settings.first_token_timeout_s)

    @property
    def explicit(self) -> bool:
        return self.settings.backend != "auto"


_Found = tuple[Backend[Cleared], ModelInfo]


async def choose(settings: Settings, state: State) -> Choice:
    """Look at what is there. Loads nothing and sends no text. Never raises for a broken world."""
    if settings.backend == "none":
        return Choice(None, None, "models are turned off (backend is none)", "set backend to auto")
    search = _Search(settings, state)
    problems: list[str] = []
    hint = _HINT_NONE
    for name, find in _FINDERS.items():
        if settings.backend not in {"auto", name}:
            continue
        try:
            found = await find(search)
        except LspDebuggerError as error:
            problems.append(f"{name}: {error}")
            hint = error.hint or hint if search.explicit else hint
            continue
        if found is not None:
            backend, info = found
            return Choice(backend, info, info.chosen_because, "", tuple(search.others), tuple(problems))
    reason = problems[0] if search.explicit and problems else "no model was found on this machine"
    return Choice(None, None, reason, hint, tuple(search.others), tuple(problems))


async def _find_ollama(search: _Search) -> _Found | None:
    settings = search.settings
    endpoint = Endpoint("ollama", settings.ollama_url, settings.ca_file or None)
    declared = locality.is_declared(endpoint.url, settings.local_hosts)
    if not declared and not locality.is_literal_loopback(endpoint.url):
        raise BackendUnavailable(
            "its address is neither literal loopback nor declared",
            f"if that server is yours: lsp-debugger config local add {endpoint.url}",
        )
    tags = await egress.probe_json(endpoint, "GET", "/api/tags", timeout_s=_LIST_WITHIN_S)
    installed = [
        Candidate(locality.entry_name(entry), size if isinstance(size := entry.get("size"), int) else 0)
        for entry in locality.tag_entries(tags)
    ]
    if settings.model_name:
        return await _named_ollama(search, endpoint, installed)
    order = ranked(installed, await asyncio.to_thread(_memory_bytes))
    for candidate in order[:_LOOK_AT]:
        backend = _ollama(search, endpoint, candidate.name, _reason(candidate, len(order)))
        info = await backend.describe()
        if info.locality is not Locality.REMOTE:
            search.others += [f"ollama: {each.name}" for each in order if each != candidate]
            return backend, info
    raise ModelMissing(
        "it has no model whose weights are on this machine" if installed else "it has no model",
        "pull a model for code with Ollama, for example a qwen2.5-coder",
    )


async def _named_ollama(search: _Search, endpoint: Endpoint, installed: list[Candidate]) -> _Found:
    wanted = locality.full_name(search.settings.model_name)
    name = next((each.name for each in installed if locality.full_name(each.name) == wanted), None)
    if name is None:
        raise ModelMissing(
            f"it does not have {search.settings.model_name}", "set model.name to one it lists, or empty it"
        )
    backend = _ollama(search, endpoint, name, "model.name asks for it")
    info = await backend.describe()
    if info.locality is Locality.REMOTE and not search.explicit:
        raise BackendUnavailable(f"{name} is not on this machine: {info.why_locality}")
    return backend, info  # asked for by name: a remote one is denied later, with the reason


async def _find_llamacpp(search: _Search) -> _Found | None:
    settings = search.settings
    if not settings.llamacpp_model_path:
        if search.explicit:
            raise ConfigInvalid("no model file is set", "set llamacpp.model_path to a GGUF file")
        return None
    if importlib.util.find_spec("xllamacpp") is None:
        raise BackendUnavailable("the embedded engine is not installed", installing.how("llamacpp"))
    backend = LlamaCppBackend(
        search.state,
        Path(settings.llamacpp_model_path),
        context_tokens=settings.llamacpp_context_tokens,
        threads=settings.llamacpp_threads,
        limits=search.limits,
        chosen_because="llamacpp.model_path names it; change that, or set backend",
    )
    return backend, await backend.describe()


async def _find_openai(search: _Search) -> _Found | None:
    settings = search.settings
    if not settings.openai_base_url:
        if search.explicit:
            raise ConfigInvalid("no address is set", "set openai.base_url")
        return None
    endpoint = Endpoint("openai", settings.openai_base_url, settings.ca_file or None)
    if not search.explicit and not locality.is_declared(endpoint.url, settings.local_hosts):
        raise BackendUnavailable(
            f"{endpoint.url} is not declared as yours", f"lsp-debugger config local add {endpoint.url}"
        )
    backend = OpenAiBackend(
        endpoint,
        settings.model_name,
        local_hosts=settings.local_hosts,
        api_key_env=settings.openai_api_key_env,
        limits=search.limits,
        chosen_because="openai.base_url names its server; change that, model.name or backend",
    )
    return backend, await backend.describe()


_FINDERS: dict[str, Callable[[_Search], Awaitable[_Found | None]]] = {
    "ollama": _find_ollama,
    "llamacpp": _find_llamacpp,
    "openai": _find_openai,
}


def _ollama(search: _Search, endpoint: Endpoint, model: str, because: str) -> OllamaBackend:
    return OllamaBackend(
        endpoint,
        model,
        local_hosts=search.settings.local_hosts,
        limits=search.limits,
        chosen_because=f"{because}; set model.name to change it",
    )


def _reason(candidate: Candidate, count: int) -> str:
    if count == 1:
        return "the only model that Ollama has"
    family = family_of(candidate.name)
    quality = f"{family} ranks first for code" if family else "it is the first that fits"
    return f"of Ollama's {count} models, {quality} and fits this machine"


def _memory_bytes() -> int:
    import psutil

    return psutil.virtual_memory().total
