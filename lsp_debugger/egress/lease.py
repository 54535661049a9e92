"""The client's end of a lease: an open connection that keeps the embedded engine alive.

The kernel closes it when this process dies, however it dies. All that ever leaves on it is the key.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from typing import Any, cast

from lsp_debugger import guard
from lsp_debugger.core.errors import BackendUnavailable, EgressRefused

_KEY = re.compile(r"[0-9a-f]{64}")
_MAX_LINE_BYTES = 64 * 1024
_CONNECT_S = 5.0


class Lease:
    """Held until `close()`. The engine says how it is, one JSON object a line."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def status(self) -> dict[str, Any] | None:
        """The next status, or None when the engine has ended the lease: it is gone, or the key is wrong."""
        try:
            line = await self._reader.readline()
            value = json.loads(line) if line.endswith(b"\n") else None
        except (OSError, ValueError):  # ValueError: no JSON, or a line without end
            return None
        return cast("dict[str, Any]", value) if isinstance(value, dict) else None

    async def ended(self) -> None:
        """Wait until the engine is gone."""
        with contextlib.suppress(OSError):
            while await self._reader.read(4096):
                pass

    def close(self) -> None:
        self._writer.close()

    async def aclose(self) -> None:
        self.close()
        with contextlib.suppress(OSError):  # the engine went first
            await self._writer.wait_closed()


async def connect_lease(where: str | int, key: str) -> Lease:
    """Take a lease: `where` is the path of the engine's Unix socket, or its port on this machine.

    key: 64 hexadecimal digits. Raises BackendUnavailable.
    """
    if not _KEY.fullmatch(key):
        raise EgressRefused("a lease carries a key and nothing else", hint="report this: it is a bug of ours")
    try:
        async with asyncio.timeout(_CONNECT_S):
            if isinstance(where, str):
                with guard.permit_unix(where):
                    reader, writer = await asyncio.open_unix_connection(where, limit=_MAX_LINE_BYTES)
            else:
                with guard.permit_connect("127.0.0.1", where):
                    reader, writer = await asyncio.open_connection("127.0.0.1", where, limit=_MAX_LINE_BYTES)
    except OSError as exc:  # TimeoutError is one
        raise BackendUnavailable("the engine is not there", hint="it is started again when needed") from exc
    writer.write(key.encode() + b"\n")
    return Lease(reader, writer)
