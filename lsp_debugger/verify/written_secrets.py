"""Secrets that a patch would write: looked for where it changes a text, by the rules that guard prompts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lsp_debugger.core.diff import differences
from lsp_debugger.policy.detect import builtin, scan

# What stands around a changed line belongs to it: a key's first line may be an old one.
_AROUND = 2


def written_secrets(before: Mapping[str, str], after: Mapping[str, str | None]) -> tuple[str, ...]:
    """Names of the rules that find a value in the new texts that no old one has; each once.

    Texts by path; None is a file that goes. Blocks; compiles the rules when it is first asked.
    """
    known, found = "\n".join(before.values()), dict[str, None]()
    for path, text in after.items():
        for piece in _changed(before.get(path, ""), text or ""):
            for each in scan(piece, [builtin()]):
                if piece[each.start : each.end] not in known:
                    found[each.rule] = None
    return tuple(found)


def _changed(old: str, new: str) -> Iterator[str]:
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for each in differences(before, after):
        if each.start < each.end:
            yield "".join(after[max(each.start - _AROUND, 0) : each.end + _AROUND])
