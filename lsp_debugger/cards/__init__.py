"""The explanation without a model: what happened here, where it comes from, what surely mends it.

One folder or file a tool. A card function takes a `Case` and returns a `Card`, or None when it
knows nothing about this instance: then the tool's own message stands.
"""

from lsp_debugger.cards.maker import Cards
from lsp_debugger.cards.render import markdown, plain

__all__ = ["Cards", "markdown", "plain"]
