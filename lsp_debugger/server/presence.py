"""Which editor spoke to us last and what it can do, for `lsp-debugger doctor`. No text, no paths."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lsp_debugger.core.errors import StateUnavailable

if TYPE_CHECKING:
    from lsp_debugger.server.capabilities import ClientFacts
    from lsp_debugger.state import State

_log = logging.getLogger(__name__)
FILE = "client.json"


def remember(state: State, facts: ClientFacts) -> None:
    """Blocking. That it cannot be written is a log line: nothing depends on it."""
    known = {name: value for name, value in asdict(facts).items() if isinstance(value, bool | str)}
    try:
        state.write_atomic(state.directory / FILE, json.dumps(known).encode())
    except StateUnavailable as error:
        _log.warning("the client's abilities are not remembered: %s", error)


def last(state: State) -> dict[str, Any] | None:
    """The fields of ClientFacts that are texts and flags; None when no editor has connected.

    Raises StateUnavailable, and ValueError for a file that is not ours.
    """
    try:
        return dict(json.loads((state.directory / FILE).read_bytes()))
    except FileNotFoundError:
        return None
