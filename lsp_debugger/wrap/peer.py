"""One of the servers, as the joiner sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lsp_debugger import rpc
from lsp_debugger.wrap.shapes import Json, obj


@dataclass(eq=False, slots=True)
class Peer:
    """place: in the order of the command line, from 0. send: takes whole frames and never blocks.

    capabilities: as it announced them, empty before. registrations: by their ids, method and options of
    what it registered later. is_left_out: whether it is no part of this session.
    """

    place: int
    send: Callable[[bytes], None]
    capabilities: dict[str, Any] = field(default_factory=dict[str, Any])
    registrations: dict[str, tuple[str, Json]] = field(default_factory=dict[str, tuple[str, Json]])
    is_left_out: bool = False

    @property
    def registered(self) -> set[str]:
        """The methods."""
        return {method for method, _ in self.registrations.values()}

    @property
    def identifiers(self) -> set[str]:
        """Of the diagnostics that it lets itself be asked for."""
        given = [obj(self.capabilities, "diagnosticProvider"), *self.options("textDocument/diagnostic")]
        return {name for each in given if isinstance(name := each.get("identifier"), str)}

    def options(self, method: str) -> list[Json]:
        """Of each registration of a method."""
        return [options for name, options in self.registrations.values() if name == method]

    def register(self, registration_id: str, method: str, options: Json) -> None:
        self.registrations[registration_id] = (method, options)

    def unregister(self, registration_id: str) -> None:
        self.registrations.pop(registration_id, None)

    def leave_out(self) -> None:
        """From here it is sent nothing, and nobody waits for it."""
        self.is_left_out = True
        self.capabilities = {}
        self.send = lambda _: None

    def tell(self, method: str, params: Any) -> None:
        self.send(rpc.encode({"jsonrpc": "2.0", "method": method, "params": params}))

    def ask(self, request_id: str, method: str, params: Any) -> None:
        message = {"jsonrpc": "2.0", "id": request_id, "method": method}
        self.send(rpc.encode(message if params is None else {**message, "params": params}))
