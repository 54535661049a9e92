"""Real fixes to render and to check: small programs with a test each, and changes out of a history.

benchmarks/data/programs holds one function a file: a line that ends in `# was: …` is right, what follows
`was:` is the bug, and the assertion below tells them apart.
"""

from __future__ import annotations

import ast
import random
import subprocess  # noqa: TID251 - programs that may not end, and git
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path, PurePosixPath

_PROGRAMS = Path(__file__).parent / "data" / "programs"
_REPOSITORY = Path(__file__).parent.parent
_MARK = "  # was: "
_TEST_TIMEOUT_S = 2
_MAX_LINES = 12


@dataclass(frozen=True)
class Change:
    """One place of one file. old_lines, new_lines: [first, last) of what differs."""

    name: str
    old: str
    new: str
    old_lines: tuple[int, int]
    new_lines: tuple[int, int]

    @property
    def line(self) -> int:
        """1-based, of the problem."""
        return self.old_lines[0] + 1

    def window(self, around: int) -> tuple[list[str], list[str]]:
        """The lines of both sides with some around them."""
        (first, last), (start, end) = self.old_lines, self.new_lines
        old, new = self.old.splitlines(), self.new.splitlines()
        before, after = old[max(first - around, 0) : first], old[last : last + around]
        return [*before, *old[first:last], *after], [*before, *new[start:end], *after]

    def unmistakable(self) -> tuple[list[str], list[str]]:
        """As few lines as are found once in the file."""
        text = f"\n{self.old}"
        for around in range(1, 40):
            old, new = self.window(around)
            if text.count("\n" + "\n".join(old) + "\n") == 1:
                return old, new
        return self.window(40)

    def function(self) -> tuple[int, int] | None:
        """Lines [first, last) of the innermost function of the new text that holds the whole change, if the
        old text has it too."""
        found = [
            (node.lineno - 1, node.end_lineno or 0)
            for node in ast.walk(ast.parse(self.new))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.lineno <= self.new_lines[0]
            and self.new_lines[1] <= (node.end_lineno or 0)
        ]
        found = [each for each in found if self.new.splitlines()[each[0]] in self.old.splitlines()]
        return max(found, default=None)


def change_of(name: str, old: str, new: str) -> Change | None:
    """None when it is more than one place."""
    codes = SequenceMatcher(None, old.splitlines(), new.splitlines(), autojunk=False).get_opcodes()
    places = [each for each in codes if each[0] != "equal"]
    if len(places) != 1:
        return None
    _, first, last, start, end = places[0]
    return Change(name, old, new, (first, last), (start, end))


def programs() -> list[Change]:
    """Raises SystemExit for one whose assertion does not tell the bug from its fix."""
    found = list[Change]()
    for path in sorted(_PROGRAMS.glob("*.py")):
        lines = path.read_text().splitlines()
        at = next(n for n, line in enumerate(lines) if _MARK in line)
        good, bad = lines[at].split(_MARK)
        indent = good[: len(good) - len(good.lstrip())]
        old, new = ("\n".join([*lines[:at], line, *lines[at + 1 :]]) + "\n" for line in (indent + bad, good))
        change = change_of(path.name, old, new)
        if change is None or holds(old) or not holds(new):
            sys.exit(f"the assertion of {path.name} does not tell the bug from its fix")
        found.append(change)
    return found


def holds(text: str) -> bool | None:
    """None when it does not end."""
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-c", text], capture_output=True, timeout=_TEST_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return None
    return done.returncode == 0


def history(limit: int) -> list[Change]:
    """Changes of one place of the package, from commits that also change a test; newest first.

    Empty outside of a clone.
    """
    log = _git("log", "--no-merges", "-n", "600", "--format=%H", "--", "lsp_debugger")
    found = list[Change]()
    for commit in log.split():
        files = [
            line.split("\t")
            for line in _git("diff-tree", "-r", "--no-commit-id", "--name-status", commit).splitlines()
        ]
        if not any(name.startswith("tests/") for _, *names in files for name in names):
            continue
        for kind, *names in files:
            if kind == "M" and names[0].startswith("lsp_debugger/") and names[0].endswith(".py"):
                old, new = (_git("show", f"{rev}:{names[0]}") for rev in (f"{commit}^", commit))
                change = change_of(PurePosixPath(names[0]).name, old, new)
                if change is not None and _is_small(change):
                    found.append(change)
        if len(found) >= limit:
            break
    return found[:limit]


def _is_small(change: Change) -> bool:
    (first, last), (start, end) = change.old_lines, change.new_lines
    return 0 < last - first <= _MAX_LINES and 0 < end - start <= _MAX_LINES


def _git(*args: str) -> str:
    done = subprocess.run(["git", "-C", str(_REPOSITORY), *args], capture_output=True, check=False)
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def mutants(change: Change, count: int) -> list[str]:
    """Wrong versions of the fixed text that end and fail the test: `count` of them, the same each time."""
    found, all_of_them = list[str](), sorted(set(_mutated(change.new)) - {change.old, change.new})
    random.Random(change.name).shuffle(all_of_them)
    for text in all_of_them:
        if len(found) < count and holds(text) is False:
            found.append(text)
    return found


_SWAPS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "+": "-", "-": "+", "*": "+",
          "//": "*", "%": "+", "and": "or", "or": "and", "in": "not in", "not in": "in"}  # fmt: skip


def _mutated(text: str) -> Iterator[str]:
    tree = ast.parse(text)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    for node in (each for function in functions for each in ast.walk(function)):
        yield from _simplified(text, node)
        if isinstance(node, ast.Compare) and len(node.comparators) == 1:
            yield from _between(text, node.left, node.comparators[0])
        elif isinstance(node, ast.BinOp):
            yield from _between(text, node.left, node.right)
        elif isinstance(node, ast.BoolOp):
            yield from _between(text, node.values[0], node.values[1])
        elif isinstance(node, ast.Constant) and type(node.value) is int:
            yield from (_put(text, node, str(node.value + step)) for step in (1, -1))
        elif isinstance(node, ast.Return) and node.value is not None:
            yield _put(text, node.value, "None")
        elif isinstance(node, ast.If | ast.While):
            test = ast.get_source_segment(text, node.test)
            yield from (_put(text, node.test, new) for new in (f"not ({test})", "True", "False"))
        elif isinstance(node, ast.AugAssign):
            yield _put(text, node.value, f"-({ast.get_source_segment(text, node.value)})")


def _simplified(text: str, node: ast.AST) -> Iterator[str]:
    """Something that was forgotten, or is another thing than it should be."""
    if isinstance(node, ast.Call) and node.args:
        parts = [ast.get_source_segment(text, each) or "" for each in node.args]
        yield _put(text, node, parts[0])
        if len(parts) > 1:
            yield _put(text, node, f"{ast.unparse(node.func)}({', '.join([parts[1], parts[0], *parts[2:]])})")
    elif isinstance(node, ast.Subscript | ast.UnaryOp | ast.BinOp):
        inner = {ast.Subscript: "value", ast.UnaryOp: "operand", ast.BinOp: "left"}[type(node)]
        yield _put(text, node, ast.get_source_segment(text, getattr(node, inner)) or "")
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield from (_put(text, node, new) for new in ("0", "[]"))


def _between(text: str, left: ast.expr, right: ast.expr) -> Iterator[str]:
    start, end = _offset(text, left, end=True), _offset(text, right, end=False)
    word = text[start:end].strip(" ()")
    if word in _SWAPS:
        yield text[:start] + text[start:end].replace(word, _SWAPS[word], 1) + text[end:]


def _put(text: str, node: ast.expr, new: str) -> str:
    return text[: _offset(text, node, end=False)] + new + text[_offset(text, node, end=True) :]


def _offset(text: str, node: ast.expr, *, end: bool) -> int:
    line, column = (node.end_lineno, node.end_col_offset) if end else (node.lineno, node.col_offset)
    before = text.split("\n")[: (line or 1) - 1]
    return sum(len(each) + 1 for each in before) + (column or 0)


def dedented(lines: list[str]) -> list[str]:
    return textwrap.dedent("\n".join(lines)).split("\n")
