"""A GGUF file as something to load: its facts, its digest, and how much context memory allows."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from lsp_debugger.core.errors import ConfigInvalid
from lsp_debugger.models.discovery import Weights
from lsp_debugger.models.gguf_file import GgufFacts, read_facts, sha256_of
from lsp_debugger.state import State

_DIGESTS = "digests.json"
_MOST_DIGESTS = 50
_MOST_CONTEXT_TOKENS = 8192  # unless a setting asks for more: longer costs memory and is rarely filled
_LEAST_CONTEXT_TOKENS = 2048
# Share of the free memory that the KV cache may take when nobody chose a context length.
_CACHE_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file in one state. context_tokens: what to load it with."""

    facts: GgufFacts
    weights: Weights
    context_tokens: int


async def look_at(
    path: Path, state: State, directory: Path, context_tokens: int, known: ModelFile | None = None
) -> ModelFile:
    """Read the header and the digest, off the loop. A file is hashed once; that can take seconds.

    directory: where digests are kept. context_tokens: 0 means what the model and memory allow.
    known: returned as it is while the file is the same. Raises ConfigInvalid.
    """
    stop = threading.Event()
    try:
        return await asyncio.to_thread(_look_at, path, state, directory, context_tokens, known, stop)
    finally:
        stop.set()  # a cancelled caller leaves the thread behind, and it should not read on for minutes


def _look_at(
    path: Path,
    state: State,
    directory: Path,
    context_tokens: int,
    known: ModelFile | None,
    stop: threading.Event,
) -> ModelFile:
    try:
        status = path.stat()
        now = Weights(str(path), status.st_size, status.st_mtime_ns, "")
        if known is not None and replace(known.weights, sha256="") == now:
            return known
        facts = read_facts(path)
        sha256 = _remembered(directory, now) or sha256_of(path, stop.is_set)
    except FileNotFoundError as exc:
        raise ConfigInvalid(f"{path.name}: there is no such model file", "check llamacpp.model_path") from exc
    except OSError as exc:
        raise ConfigInvalid(
            f"{path.name}: the model file cannot be read ({exc.strerror})", "check llamacpp.model_path"
        ) from exc
    weights = replace(now, sha256=sha256)
    if sha256:
        _remember(state, directory, weights)
    return ModelFile(facts, weights, context_tokens or _affordable_context(facts))


def _affordable_context(facts: GgufFacts) -> int:
    """What the model was trained for, within reason, halved until its cache leaves memory to others."""
    import psutil

    spare = max(0, psutil.virtual_memory().available - facts.size_bytes)
    tokens = min(facts.context_tokens, _MOST_CONTEXT_TOKENS)
    while tokens > _LEAST_CONTEXT_TOKENS and tokens * facts.kv_bytes_per_token > spare * _CACHE_SHARE:
        tokens //= 2
    return tokens


def _remembered(directory: Path, known: Weights) -> str:
    entry = _read_digests(directory).get(known.path)
    if entry is None or (entry.size_bytes, entry.mtime_ns) != (known.size_bytes, known.mtime_ns):
        return ""
    return entry.sha256


def _remember(state: State, directory: Path, weights: Weights) -> None:
    digests = _read_digests(directory)
    if digests.pop(weights.path, None) == weights:
        return
    kept = [*digests.values(), weights][-_MOST_DIGESTS:]
    with contextlib.suppress(OSError):  # then it is hashed again the next time
        state.write_atomic(directory / _DIGESTS, json.dumps([asdict(each) for each in kept]).encode())


def _read_digests(directory: Path) -> dict[str, Weights]:
    try:
        raw: list[dict[str, Any]] = json.loads((directory / _DIGESTS).read_bytes())
        entries = [Weights(**each) for each in raw]
    except (OSError, ValueError, TypeError):
        return {}
    return {entry.path: entry for entry in entries}
