"""Whether a true fix is placed where it belongs, in every form that a model may give it.

    python benchmarks/patch.py

benchmarks/data/programs holds one function a file: a line that ends in `# was: …` is right, what follows
`was:` is the bug, and the assertion below tells them apart (which is proven first).
"""

from __future__ import annotations

import difflib
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lsp_debugger.core.patch import PatchRefused
from lsp_debugger.verify.apply import apply_completion

_PROGRAMS = Path(__file__).parent / "data" / "programs"
_MARK = "  # was: "


@dataclass(frozen=True)
class Program:
    name: str
    old: str
    new: str
    at: int  # the line that differs
    end: int  # of the function

    def window(self, around: int) -> tuple[list[str], list[str]]:
        first, last = max(self.at - around, 0), min(self.at + around + 1, self.end)
        return self.old.splitlines()[first:last], self.new.splitlines()[first:last]


def _read(path: Path) -> Program:
    lines = path.read_text().splitlines()
    at = next(n for n, line in enumerate(lines) if _MARK in line)
    good, bad = lines[at].split(_MARK)
    indent = good[: len(good) - len(good.lstrip())]
    texts = ["\n".join([*lines[:at], line, *lines[at + 1 :]]) + "\n" for line in (indent + bad, good)]
    return Program(path.stem, texts[0], texts[1], at, lines.index(""))


def _holds(text: str) -> bool:
    try:
        exec(text, {})
    except Exception:  # noqa: BLE001 - any failure is one
        return False
    return True


def _block(program: Program, change: Callable[[str], str] = str) -> str:
    old, new = program.window(2)
    body = ["<<<<<<< SEARCH", *map(change, old), "=======", *map(change, new), ">>>>>>> REPLACE"]
    return "\n".join(body) + "\n"


def _diff(program: Program, moved: int = 0) -> str:
    name = f"{program.name}.py"
    lines = list(
        difflib.unified_diff(
            program.old.splitlines(), program.new.splitlines(), f"a/{name}", f"b/{name}", lineterm=""
        )
    )
    if moved:
        lines = [f"@@ -{moved},3 +{moved + 2},9 @@" if line[:2] == "@@" else line for line in lines]
    return "```diff\n" + "\n".join(lines) + "\n```\n"


def _elided(program: Program) -> str:
    head = program.old.splitlines()[0]
    sides = [text.splitlines()[program.at] for text in (program.old, program.new)]
    old, new = ([head, "    # ... existing code ...", side] for side in sides)
    return "\n".join(["<<<<<<< SEARCH", *old, "=======", *new, ">>>>>>> REPLACE", ""])


def _function(program: Program) -> str:
    return "```python\n" + "\n".join(program.new.splitlines()[: program.end]) + "\n```\n"


def _two_spaces(line: str) -> str:
    depth = (len(line) - len(line.lstrip())) // 4
    return "  " * depth + line.lstrip() + " "


_FORMS: dict[str, Callable[[Program], str]] = {
    "block": _block,
    "diff": _diff,
    "whole function": _function,
    "wrong line numbers": lambda program: _diff(program, 40),
    "drifted whitespace": lambda program: _block(program, _two_spaces),
    "elided": _elided,
    "CRLF": lambda program: _block(program).replace("\n", "\r\n"),
    "prose around": lambda program: f"The bug is in `{program.name}`:\n\n{_block(program)}\nThat is all.\n",
    "two files": lambda program: (
        f"{program.name}.py\n{_block(program)}\nother.py\n"
        "<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n"
    ),
    "cut off": lambda program: _block(program)[: -len(">>>>>>> REPLACE\n") - 6],
}


def main() -> int:
    programs = [_read(path) for path in sorted(_PROGRAMS.glob("*.py"))]
    unproven = [each.name for each in programs if _holds(each.old) or not _holds(each.new)]
    if unproven:
        sys.exit(f"the assertion does not tell the bug from its fix: {', '.join(unproven)}")
    print(f"{len(programs)} programs\n{'form':20}{'right':>8}{'refused':>9}{'wrong':>7}")
    total: Counter[str] = Counter()
    for form, render in _FORMS.items():
        found = Counter(_outcome(program, render(program), two=form == "two files") for program in programs)
        print(f"{form:20}{found['right']:8}{found['refused']:9}{found['wrong']:7}")
        total["wrong"] += found["wrong"]
        total["right"] += found["right"] if form != "cut off" else 0
    complete = len(programs) * (len(_FORMS) - 1)
    print(f"complete forms placed: {total['right'] / complete:.1%}; wrong of all: {total['wrong']}")
    return 0 if total["right"] >= 0.99 * complete and not total["wrong"] else 1


def _outcome(program: Program, completion: str, *, two: bool) -> str:
    with tempfile.TemporaryDirectory() as folder:
        name = f"{program.name}.py"
        (Path(folder) / name).write_text(program.old)
        (Path(folder) / "other.py").write_text("x = 1\n")
        result = apply_completion(completion, Path(folder), name, program.at + 1)
    if isinstance(result, PatchRefused):
        return "refused"
    wanted = {name: program.new} | ({"other.py": "x = 2\n"} if two else {})
    return "right" if dict(result.new_texts) == wanted else "wrong"


if __name__ == "__main__":
    sys.exit(main())
