"""What has passed the gate. Only `gate.py` holds the seal that makes one."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import NoReturn, TypeGuard

from lsp_debugger.core.model import Message
from lsp_debugger.policy.masked_files import MaskedFiles
from lsp_debugger.policy.rendered import Rendered
from lsp_debugger.policy.route import Route, safe_url

SEAL = object()
_genuine: weakref.WeakSet[Cleared] = weakref.WeakSet()


class Cleared:
    """Messages that may go to `route` and nowhere else. Immutable, and only the gate can make one.

    redactions: how many values were replaced, by label. created: UTC, ISO 8601. body: for a remote model,
    the very bytes that may be sent, as the user has seen them; None for a model of ours. is_clean: the last
    look at what is sent, in `egress`. files: the way back for a patch of what the messages show.
    """

    __slots__ = (
        *("__weakref__", "body", "created", "files", "is_clean", "messages", "policy_sha256"),
        *("prompt_hmac", "redactions", "request_id", "route"),
    )

    request_id: str
    messages: tuple[Message, ...]
    route: Route
    policy_sha256: str
    prompt_hmac: str
    redactions: Mapping[str, int]
    created: str
    body: bytes | None
    is_clean: Callable[[str], bool]
    files: MaskedFiles

    def __init__(
        self,
        seal: object,
        prompt: Rendered,
        *,
        request_id: str,
        route: Route,
        policy_sha256: str,
        prompt_hmac: str,
        body: bytes | None = None,
    ) -> None:
        if seal is not SEAL:
            raise TypeError("only the gate makes Cleared")
        fields = {
            "request_id": request_id,
            "messages": prompt.messages,
            "route": route,
            "policy_sha256": policy_sha256,
            "prompt_hmac": prompt_hmac,
            "redactions": MappingProxyType(dict(prompt.redactions)),
            "created": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "body": body,
            "is_clean": prompt.is_clean,
            "files": prompt.files,
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)
        _genuine.add(self)

    def __init_subclass__(cls) -> None:
        raise TypeError("Cleared has no subclasses")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("Cleared does not change")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("Cleared does not change")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("Cleared is neither copied nor stored")

    def __repr__(self) -> str:
        return (
            f"<Cleared {self.request_id}: {len(self.messages)} messages for {safe_url(self.route.endpoint)}>"
        )


def is_cleared(value: object) -> TypeGuard[Cleared]:
    """True for what the gate itself has made, and for nothing that only looks like it."""
    return type(value) is Cleared and value in _genuine
