"""A context as the messages that would be sent: redacted piece by piece, rendered, and redacted again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from lsp_debugger.core.material import Context
from lsp_debugger.core.model import Message
from lsp_debugger.policy.masked_files import MaskedFiles
from lsp_debugger.policy.placeholders import Placeholders
from lsp_debugger.policy.redact import Redactor
from lsp_debugger.policy.redact_context import redacted_context


class Render(Protocol):
    """Pure: the same context gives the same messages."""

    def __call__(self, context: Context, /) -> tuple[Message, ...]: ...


@dataclass(frozen=True, slots=True)
class Rendered:
    """redactions: how many values were replaced, by label. clean: when False, it must not be used.

    is_clean: looks at another text as this one was looked at. placeholders: those of this request.
    files: the way back for a patch of what the messages show.
    """

    messages: tuple[Message, ...]
    clean: bool
    redactions: Mapping[str, int]
    is_clean: Callable[[str], bool]
    placeholders: Placeholders
    files: MaskedFiles


def rendered(context: Context, redactor: Redactor, render: Render) -> Rendered:
    """Each piece first, for exact spans; then the prompt as a whole, where pieces have met."""
    redacted, clean, files = redacted_context(context, redactor)
    messages = list[Message]()
    for message in render(redacted):
        whole = redactor.redact(message.text)
        # Without a finding, the scan was of this very text.
        clean = clean and whole.clean and (not whole.findings or redactor.is_clean(whole.text))
        messages.append(Message(message.role, whole.text))
    return Rendered(
        tuple(messages), clean, dict(redactor.counts), redactor.is_clean, redactor.placeholders, files
    )
