"""One of the servers, as the joiner sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lsp_debugger import rpc
from lsp_debugger.wrap.shapes import Json


@dataclass(eq=False, slots=True)
class Peer:
    """place: in the order of the command line, from 0. send: takes whole frames and never blocks.

    capabilities: as it announced them, empty before. registered: methods that it registered later.
    identifiers: of the diagnostics that it lets itself be asked for.
    """

    place: int
    send: Callable[[bytes], None]
    capabilities: dict[str, Any] = field(default_factory=dict[str, Any])
    registered: set[str] = field(default_factory=set[str])
    identifiers: set[str] = field(default_factory=set[str])

    def register(self, method: str, options: Json) -> None:
        self.registered.add(method)
        if isinstance(identifier := options.get("identifier"), str):
            self.identifiers.add(identifier)

    def tell(self, method: str, params: Any) -> None:
        self.send(rpc.encode({"jsonrpc": "2.0", "method": method, "params": params}))

    def ask(self, request_id: str, method: str, params: Any) -> None:
        message = {"jsonrpc": "2.0", "id": request_id, "method": method}
        self.send(rpc.encode(message if params is None else {**message, "params": params}))
