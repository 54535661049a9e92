"""How a step of reading or placing says no to the step that called it."""

from __future__ import annotations

from lsp_debugger.core.patch import PatchRefused

ASK_AGAIN = "ask again"
ASK_FOR_MORE = "ask for a block with more of the lines around the change"
ASK_FOR_BLOCKS = "ask for SEARCH/REPLACE blocks"


class Refusal(Exception):
    """Stays inside of this package: `read` and `apply` hand out `PatchRefused`, a value."""

    def __init__(self, reason: str, hint: str = ASK_AGAIN) -> None:
        super().__init__(reason)
        self.value = PatchRefused(reason, hint)
