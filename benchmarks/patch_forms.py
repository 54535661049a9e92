"""A true fix in the forms that models give it, and where each one lands."""

from __future__ import annotations

import difflib
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from patch_changes import Change, dedented

from lsp_debugger.core.patch import PatchRefused
from lsp_debugger.verify.apply import apply_completion


def _blocks(old: Sequence[str], new: Sequence[str]) -> str:
    return "\n".join(["<<<<<<< SEARCH", *old, "=======", *new, ">>>>>>> REPLACE", ""])


def _block(change: Change, spelt: Callable[[str], str] = str) -> str:
    old, new = change.unmistakable()
    return _blocks([*map(spelt, old)], [*map(spelt, new)])


def _diff(change: Change, moved: int = 0) -> str:
    names = f"a/{change.name}", f"b/{change.name}"
    lines = list(
        difflib.unified_diff(change.old.splitlines(), change.new.splitlines(), *names, lineterm="", n=5)
    )
    if moved:
        lines = [f"@@ -{moved},3 +{moved + 2},9 @@" if line[:2] == "@@" else line for line in lines]
    return "```diff\n" + "\n".join(lines) + "\n```\n"


def _elided(change: Change) -> str | None:
    if (function := change.function()) is None or function[0] + 1 >= change.new_lines[0]:
        return None
    head = change.new.splitlines()[function[0]]
    indent = " " * (len(head) - len(head.lstrip()) + 4)
    old, new = change.window(0)
    between = [head, f"{indent}# ... existing code ..."]
    return _blocks([*between, *old], [*between, *new])


def _function(change: Change) -> str | None:
    if (function := change.function()) is None:
        return None
    return "```python\n" + "\n".join(dedented(change.new.splitlines()[slice(*function)])) + "\n```\n"


def _two_spaces(line: str) -> str:
    depth = (len(line) - len(line.lstrip())) // 4
    return "  " * depth + line.lstrip() + " "


FORMS: dict[str, Callable[[Change], str | None]] = {
    "block": _block,
    "diff": _diff,
    "whole function": _function,
    "wrong line numbers": lambda change: _diff(change, 40),
    "drifted whitespace": lambda change: _block(change, _two_spaces),
    "elided": _elided,
    "CRLF": lambda change: _block(change).replace("\n", "\r\n"),
    "prose around": lambda change: f"The bug is in `{change.name}`:\n\n{_block(change)}\nThat is all.\n",
    "two files": lambda change: f"{change.name}\n{_block(change)}\nother.py\n{_blocks(['x = 1'], ['x = 2'])}",
    "cut off": lambda change: _block(change)[: -len(">>>>>>> REPLACE\n") - 6],
}


def measure(title: str, changes: Sequence[Change]) -> tuple[int, int, int]:
    """Prints a table; complete forms, those of them placed right, and wrong ones of all."""
    print(f"\n{title}: {len(changes)}\n{'form':20}{'right':>8}{'refused':>9}{'wrong':>7}")
    complete = right = wrong = 0
    for form, render in FORMS.items():
        rendered = [(change, text) for change in changes if (text := render(change)) is not None]
        found = Counter(_outcome(change, text, two=form == "two files") for change, text in rendered)
        print(f"{form:20}{found['right']:8}{found['refused']:9}{found['wrong']:7}")
        wrong += found["wrong"]
        if form != "cut off":
            complete += len(rendered)
            right += found["right"]
    return complete, right, wrong


def _outcome(change: Change, completion: str, *, two: bool) -> str:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / change.name).write_bytes(change.old.encode())
        (Path(folder) / "other.py").write_text("x = 1\n")
        result = apply_completion(completion, Path(folder), change.name, change.line)
    if isinstance(result, PatchRefused):
        return "refused"
    wanted = {change.name: change.new} | ({"other.py": "x = 2\n"} if two else {})
    return "right" if dict(result.new_texts) == wanted else "wrong"
