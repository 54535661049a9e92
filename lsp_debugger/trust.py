"""Which roots the user trusts: their programs may be started, their tools' configuration may run.

Kept in the state directory, never in a repository and never taken from a client: a client's word can
only lower trust.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lsp_debugger.core.errors import ConfigInvalid, StateUnavailable
from lsp_debugger.state import State

_FILE = "trust.json"


@dataclass(frozen=True, slots=True)
class Grant:
    """A trusted root, links resolved, and since when (UTC, ISO 8601)."""

    root: Path
    since: str


class Trust:
    """The grants as they are on the disk: what another process changes counts at once.

    lowered: set when the client says that its workspace is not trusted. Then nothing is.
    """

    def __init__(self, state: State) -> None:
        self.lowered = False
        self._state = state
        self._lock = threading.Lock()
        self._read_as: tuple[int, int, int] | None = None
        self._grants: tuple[Grant, ...] = ()

    def trusted(self, path: str | Path) -> bool:
        """True when the path, links resolved, is a trusted root or inside of one.

        A link that leads out of a trusted root is not trusted. What cannot be read means no.
        """
        if self.lowered:
            return False
        try:
            resolved, grants = _resolved(path), self.grants()
        except (StateUnavailable, OSError, ValueError):
            return False
        return any(resolved.is_relative_to(grant.root) for grant in grants)

    def grants(self) -> Sequence[Grant]:
        """Oldest first. Raises StateUnavailable."""
        file = self._state.directory / _FILE
        with self._lock:
            try:
                status = file.stat()
                now = (status.st_mtime_ns, status.st_size, status.st_ino)
                if now != self._read_as:
                    self._grants, self._read_as = _parsed(file.read_bytes()), now
            except FileNotFoundError:
                self._grants, self._read_as = (), None
            except (OSError, ValueError, TypeError, LookupError) as exc:
                raise StateUnavailable(
                    f"{file} cannot be read, so nothing is trusted",
                    hint="delete it, then trust your projects again: lsp-debugger trust DIRECTORY",
                ) from exc
            return self._grants

    def grant(self, root: str | Path) -> Path:
        """Trust a root; returns it with links resolved.

        Raises ConfigInvalid for a root that holds more than a project, and StateUnavailable.
        """
        resolved = _resolved(root)
        if not resolved.is_dir():
            raise ConfigInvalid(f"{resolved} is not a directory", hint="trust the root of a project")
        if _is_too_wide(resolved):
            raise ConfigInvalid(
                f"{resolved} holds more than one project and cannot be trusted as a whole",
                hint="trust the root of a project",
            )
        self._change(
            remove={resolved}, add=(Grant(resolved, datetime.now(UTC).isoformat(timespec="seconds")),)
        )
        return resolved

    def revoke(self, root: str | Path) -> bool:
        """Trust a root no more; it may be gone from the disk. False when it was not trusted itself."""
        return self._change(remove={_resolved(root), Path(root)}, add=())

    def _change(self, remove: set[Path], add: tuple[Grant, ...]) -> bool:
        """Returns whether something was removed."""
        directory = self._state.directory
        with self._state.lock(directory / "trust.lock"):
            before = self.grants()
            kept = [each for each in before if each.root not in remove]
            data = [{"root": str(each.root), "since": each.since} for each in (*kept, *add)]
            self._state.write_atomic(directory / _FILE, json.dumps({"roots": data}, indent=1).encode())
        return len(kept) < len(before)


def _parsed(data: bytes) -> tuple[Grant, ...]:
    """Raises ValueError, TypeError or LookupError for anything but what we write.

    A root that is too wide is passed over, however it came into the file.
    """
    roots: list[dict[str, Any]] = json.loads(data)["roots"]
    grants = tuple(Grant(Path(each["root"]), str(each["since"])) for each in roots)
    if not all(grant.root.is_absolute() for grant in grants):
        raise ValueError("a relative root")
    return tuple(grant for grant in grants if not _is_too_wide(grant.root))


def _resolved(path: str | Path) -> Path:
    return Path(os.path.normcase(Path(path).resolve()))


def _is_too_wide(root: Path) -> bool:
    """True for a place that others or other projects share, and for whatever contains one."""
    shared = [tempfile.gettempdir(), "/tmp", "/var/tmp", os.path.expanduser("~")]  # noqa: S108, PTH111  only compared
    return any(_resolved(place).is_relative_to(root) for place in shared)
