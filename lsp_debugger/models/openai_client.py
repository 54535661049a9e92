"""The official `openai` client, made from our door. Heavy: imported late, in a thread."""

from __future__ import annotations

import logging

from openai import AsyncOpenAI, Timeout

from lsp_debugger import egress
from lsp_debugger.core.model import Endpoint
from lsp_debugger.models.streaming import CONNECT_TIMEOUT_S, Limits

# At debug level these write whole request bodies. OPENAI_LOG may have asked for that.
for _name in ("openai", "httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.WARNING)


def make_client(endpoint: Endpoint, base_url: str, api_key: str, limits: Limits) -> AsyncOpenAI:
    """A client for exactly this endpoint, without retries of its own.

    Every argument that would come from the environment is given. OPENAI_CUSTOM_HEADERS is read all
    the same; the door sends none of the client's headers.
    """
    longest_s = max(limits.first_token_s, limits.between_tokens_s)
    client = AsyncOpenAI(
        base_url=base_url,
        api_key=api_key or "none",  # the client insists on one
        admin_api_key="",
        organization="",
        project="",
        webhook_secret="",
        max_retries=0,
        http_client=egress.openai_http_client(endpoint, api_key or None),
        # Limits on waiting are ours (streaming.Pace); these are the last line, a little behind them.
        timeout=Timeout(longest_s + 5, connect=CONNECT_TIMEOUT_S),
    )
    # Else the first request runs programs to describe this machine in a header.
    client._platform = "Unknown"  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # there is no other way
    _ = client.chat.completions  # loads its resource modules here, where they stall no loop
    return client
