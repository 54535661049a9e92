"""The note that a running engine leaves, so that every editor of this user finds the one engine."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from lsp_debugger.core.model import Endpoint

# sockaddr_un holds 104 bytes on macOS and 108 on Linux, the end marker included.
_MAX_SOCKET_PATH_BYTES = 100


@dataclass(frozen=True, slots=True)
class Places:
    """Where the engine of one user keeps its things. `directory` is private to the user."""

    directory: Path

    @property
    def note(self) -> Path:
        return self.directory / "engine.json"

    @property
    def lock(self) -> Path:
        return self.directory / "engine.lock"

    @property
    def api_socket(self) -> Path:
        # llama.cpp takes a host name that ends in .sock for the path of a socket.
        return self.directory / "api.sock"

    @property
    def lease_socket(self) -> Path:
        return self.directory / "lease.sock"

    @property
    def endpoint(self) -> Endpoint:
        """Where the API is, before and after a start, if `has_sockets`."""
        return Endpoint("llamacpp", f"unix://{self.api_socket}")

    @property
    def has_sockets(self) -> bool:
        """False where Unix sockets do not exist, or this path is too long for one: then it is loopback."""
        return os.name == "posix" and len(os.fsencode(self.lease_socket)) <= _MAX_SOCKET_PATH_BYTES


@dataclass(frozen=True, slots=True)
class Weights:
    """One state of one model file; a file that was replaced is another model."""

    path: str
    size_bytes: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Note:
    """lease: the path of a Unix socket, or a loopback port. key: 256 bits, for the lease and the API."""

    pid: int
    start_id: str
    lease: str | int
    key: str
    weights: Weights


def write_note(places: Places, note: Note) -> None:
    """Write it readable by this user alone, all at once. Raises OSError."""
    fresh = places.note.with_suffix(".new")
    with contextlib.suppress(FileNotFoundError):
        fresh.unlink()
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(note), file)
    fresh.replace(places.note)


def read_note(places: Places) -> Note | None:
    """None when there is none, or none that can be trusted: then there is no engine to find."""
    try:
        with places.note.open("rb") as file:
            if os.name == "posix" and os.fstat(file.fileno()).st_uid != os.geteuid():
                return None
            raw: dict[str, Any] = json.load(file)
        raw["weights"] = Weights(**raw["weights"])
        note = Note(**raw)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return note if _is_well_formed(note) else None


def remove_note(places: Places, start_id: str) -> None:
    """Remove what the engine `start_id` left, and nothing of a successor. Never raises."""
    note = read_note(places)
    if note is not None and note.start_id == start_id:
        for path in (places.note, places.lease_socket, places.api_socket):
            with contextlib.suppress(OSError):
                path.unlink()


def _is_well_formed(note: Note) -> bool:
    types = {"pid": int, "start_id": str, "lease": (str, int), "key": str, "weights": Weights}
    return all(isinstance(getattr(note, each.name), types[each.name]) for each in fields(note))
