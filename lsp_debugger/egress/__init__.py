"""The door for connections: whatever leaves this process, leaves here.

One endpoint for each client, no redirects, no proxies or keys from the environment, certificates always
checked, and no text in a body that the gate has not cleared for that endpoint.
"""

from lsp_debugger.egress.clearance import permit
from lsp_debugger.egress.clients import ollama_options, openai_http_client, probe_json, translated
from lsp_debugger.egress.lease import Lease, connect_lease
from lsp_debugger.egress.target import base_url

__all__ = [
    "Lease",
    "base_url",
    "connect_lease",
    "ollama_options",
    "openai_http_client",
    "permit",
    "probe_json",
    "translated",
]
