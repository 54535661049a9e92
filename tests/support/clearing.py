"""Cleared messages for tests of what comes after the gate, made by the gate itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from lsp_debugger.core.model import Message, ModelInfo
from lsp_debugger.policy.audit import Audit
from lsp_debugger.policy.gate import Cleared, Gate
from lsp_debugger.policy.route import Route
from lsp_debugger.policy.store import PolicyStore

Clear = Callable[..., Awaitable[Cleared]]


@asynccontextmanager
async def real_gate(directory: Path) -> AsyncIterator[Clear]:
    """`await clear(info, "text", ...)`: each text becomes a user message for that model."""
    gate = Gate(PolicyStore(), lambda: Audit(directory / "audit"), lambda _: ())

    async def clear(info: ModelInfo, *texts: str) -> Cleared:
        messages = [Message("user", text) for text in texts or ("why does this fail?",)]
        return await gate.clear_constant(messages, Route(info.endpoint, info, info.locality, "a test"))

    yield clear
    await gate.aclose()
