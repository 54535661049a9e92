"""What the embedded engine serves from its cache, and how soon it is idle after a cancel.

    python benchmarks/engine.py

The model has random weights and about 0.1 billion parameters, written for the run. Goals are stated as
shares and waits of the engine itself, so no model has to be downloaded to check them.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from harness import Row, median, print_table

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "support"))
from clearing import Clear, real_gate
from tiny_gguf import MEDIUM, write_tiny_gguf

from lsp_debugger.core.model import Sampling, Usage
from lsp_debugger.models.discovery import Places, read_note
from lsp_debugger.models.llamacpp import LlamaCppBackend
from lsp_debugger.state import State

_CONTEXT_TOKENS = 4096
_RUNS = 7
_ANSWER = Sampling(max_tokens=8)
_LONG_ANSWER = Sampling(max_tokens=400)


@dataclass(slots=True)
class Bench:
    """An engine with a model, the gate that clears for it, and the engine's own counters."""

    backend: LlamaCppBackend
    clear: Clear
    metrics: httpx.AsyncClient
    random: random.Random

    def text(self, tokens: int) -> str:
        """Text that no cache has seen; a byte is a token."""
        return "".join(self.random.choices("abcdefghij ", k=tokens))

    async def ask(self, text: str) -> tuple[Usage, float]:
        """Returns the usage and the seconds to the first token."""
        cleared = await self.clear(await self.backend.describe(), text)
        began, first_s, usage = time.perf_counter(), 0.0, Usage()
        async for chunk in self.backend.complete(cleared, _ANSWER):
            if chunk.text and not first_s:
                first_s = time.perf_counter() - began
            usage = chunk.usage or usage
        return usage, first_s

    async def idle_after_cancel_s(self, text: str, *, while_generating: bool) -> float:
        """Seconds from closing the stream until the engine processes nothing."""
        cleared = await self.clear(await self.backend.describe(), text)
        async with aclosing(self.backend.complete(cleared, _LONG_ANSWER)) as chunks:  # type: ignore[type-var]
            asking = asyncio.ensure_future(anext(chunks))
            if while_generating:
                await asking
            else:
                await asyncio.sleep(self.random.uniform(0.3, 0.8))
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
            began = time.perf_counter()
        while await self._is_busy():  # noqa: ASYNC110 - another process is what is waited for
            await asyncio.sleep(0.002)
        return time.perf_counter() - began

    async def _is_busy(self) -> bool:
        answer = await self.metrics.get("/metrics")
        return "\nllamacpp:requests_processing 0" not in answer.text


@asynccontextmanager
async def engine() -> AsyncIterator[Bench]:
    directory = Path(tempfile.mkdtemp(prefix="lspd-"))
    model = await asyncio.to_thread(write_tiny_gguf, directory / "random.gguf", MEDIUM)
    state = State(directory / "state")
    backend = LlamaCppBackend(state, model, context_tokens=_CONTEXT_TOKENS)
    try:
        await backend.warm()
        places = Places(state.engine)
        note = read_note(places)
        assert note is not None
        transport = httpx.AsyncHTTPTransport(uds=str(places.api_socket))
        headers = {"Authorization": f"Bearer {note.key}"}
        async with (
            real_gate(directory) as clear,
            httpx.AsyncClient(
                transport=transport, base_url="http://engine", headers=headers, timeout=60
            ) as metrics,
        ):
            yield Bench(backend, clear, metrics, random.Random(7))
    finally:
        await backend.aclose()
        await asyncio.to_thread(shutil.rmtree, directory)


async def cache_rows(bench: Bench) -> list[Row]:
    prompt = bench.text(1500)
    cold, cold_s = await bench.ask(prompt)
    same, same_s = await bench.ask(prompt)
    head = prompt[:1200]
    shares = [
        (usage.cached_tokens or 0) / (len(head) + cold.prompt_tokens - len(prompt))
        for usage in [(await bench.ask(head + bench.text(300)))[0] for _ in range(3)]
    ]
    repeated = (same.cached_tokens or 0) / same.prompt_tokens
    await bench.ask(prompt)
    await bench.ask(bench.text(1000))
    after_another = (await bench.ask(prompt))[0]
    survived = (after_another.cached_tokens or 0) / after_another.prompt_tokens
    return [
        Row(
            "identical leading tokens served from the cache",
            f"{min(shares):.1%}",
            ">= 95 %",
            min(shares) >= 0.95,
        ),
        Row("the same prompt again", f"{repeated:.1%}", ">= 95 %", repeated >= 0.95),
        Row("the same prompt after an unrelated one", f"{survived:.1%}", ">= 95 %", survived >= 0.95),
        Row("first token: 1,500 tokens cold", f"{cold_s * 1000:.0f} ms"),
        Row("first token: the same prompt again", f"{same_s * 1000:.0f} ms"),
    ]


async def cancel_rows(bench: Bench) -> list[Row]:
    prefill = [
        await bench.idle_after_cancel_s(bench.text(3500), while_generating=False) for _ in range(_RUNS)
    ]
    generation = [
        await bench.idle_after_cancel_s(bench.text(30), while_generating=True) for _ in range(_RUNS)
    ]
    return [
        Row(
            "cancel while reading the prompt -> idle, median (max)",
            f"{median(prefill) * 1000:.0f} ({max(prefill) * 1000:.0f}) ms",
            "< 1 s",
            median(prefill) < 1.0,
        ),
        Row(
            "cancel while generating -> idle, median (max)",
            f"{median(generation) * 1000:.0f} ({max(generation) * 1000:.0f}) ms",
            "< 0.2 s",
            median(generation) < 0.2,
        ),
    ]


async def measure() -> bool:
    async with engine() as bench:
        rows = [*await cache_rows(bench), *await cancel_rows(bench)]
    return print_table("The embedded engine, random weights of about 0.1 billion parameters", rows)


def main() -> int:
    return 0 if asyncio.run(measure()) else 1


if __name__ == "__main__":
    sys.exit(main())
