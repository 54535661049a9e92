"""Which cleared request is on its way out in this context."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lsp_debugger.core.errors import EgressRefused
from lsp_debugger.core.model import Endpoint, Locality, Sampling

if TYPE_CHECKING:
    from lsp_debugger.policy.cleared import Cleared


_HINT = "report this: it is a bug of ours"


@dataclass(slots=True)
class Permit:
    """What may travel: these texts, this schema, to this model. Void once the block was left.

    exact: for a remote model, the very bytes of the body, and nothing else. is_clean: the last look at them.
    """

    endpoint: Endpoint
    locality: Locality
    model: str
    texts: frozenset[str]
    schema: Any = None
    is_open: bool = True
    exact: bytes | None = None
    is_clean: Callable[[str], bool] | None = None


_permit: ContextVar[Permit | None] = ContextVar("_permit", default=None)


@contextmanager
def permit(cleared: Cleared, sampling: Sampling | None = None) -> Generator[None]:
    """Let a request carry the texts of `cleared` to its own endpoint while inside.

    Only the start of the request has to be inside, not the reading of the answer. Leave the block
    before a `yield`: a generator shares its context with whoever consumes it.
    """
    # Late: the gate and what it needs are not loaded before something is to be sent.
    from lsp_debugger.policy.cleared import is_cleared

    if not is_cleared(cleared) or cleared.route.endpoint != cleared.route.info.endpoint:
        raise EgressRefused("this was not cleared by the gate", hint="report this: it is a bug of ours")
    if cleared.route.info.locality is Locality.REMOTE and cleared.body is None:
        raise EgressRefused(
            "nothing was previewed for a remote model", hint="report this: it is a bug of ours"
        )
    schema = sampling.json_schema if sampling else None
    granted = Permit(
        endpoint=cleared.route.endpoint,
        locality=cleared.route.info.locality,
        model=cleared.route.info.model,
        texts=frozenset(message.text for message in cleared.messages),
        schema=json.loads(schema) if schema else None,
        exact=cleared.body,
        is_clean=cleared.is_clean if cleared.body is not None else None,
    )
    before = _permit.get()
    _permit.set(granted)
    try:
        yield
    finally:
        granted.is_open = False  # also for tasks that were started inside and live on
        _permit.set(before)


def current_permit() -> Permit | None:
    granted = _permit.get()
    return granted if granted is not None and granted.is_open else None
