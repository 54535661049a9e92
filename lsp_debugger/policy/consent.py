"""What a user has agreed to: one request, or a task of one workspace until something of it changes."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

_MAX_STANDING = 200


@dataclass(frozen=True, slots=True)
class Scope:
    """What a standing consent is for. Anything else, another model included, asks again."""

    workspace: str
    task: str
    endpoint: str
    address: str
    model: str
    policy_sha256: str

    @property
    def id(self) -> str:
        text = json.dumps(asdict(self), sort_keys=True)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


class Consents:
    """Standing consents in one private file. What cannot be read is no consent."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)

    def standing(self, scope: Scope) -> str:
        """The id of a consent for exactly this, or empty."""
        return scope.id if self._read().get(scope.id) == asdict(scope) else ""

    def remember(self, scope: Scope) -> None:
        """Raises OSError."""
        kept = {**self._read(), scope.id: asdict(scope)}
        newest = dict(list(kept.items())[-_MAX_STANDING:])
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        try:
            with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                json.dump(newest, file)
            fresh.replace(self._path)
        finally:
            fresh.unlink(missing_ok=True)

    def forget_all(self) -> None:
        self._path.unlink(missing_ok=True)

    def _read(self) -> dict[str, Any]:
        try:
            kept: object = json.loads(self._path.read_bytes())
        except (OSError, ValueError):
            return {}
        return cast("dict[str, Any]", kept) if isinstance(kept, dict) else {}
