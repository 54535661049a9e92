"""Fix the problem under the cursor: a model proposes, tools check, and only what was checked is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from lsp_debugger.core.ask import Ask, Problem, Replacement
from lsp_debugger.core.diff import differences
from lsp_debugger.core.text import LineIndex
from lsp_debugger.syntax.grammars import language_of
from lsp_debugger.syntax.tree import TreeView, parse_view

TASK = (
    "Fix the cause of this problem with the smallest change that keeps everything else as it is. Do not "
    "silence it: no comment or attribute that makes a tool ignore it, no removed check, test or assertion, "
    "no emptied handler. Answer with SEARCH/REPLACE blocks and nothing else. A block is the file's path on a "
    "line of its own, then these lines: `<<<<<<< SEARCH`, the lines of the file that change, exactly as they "
    "stand above, `=======`, the lines that replace them, `>>>>>>> REPLACE`. Take as few lines as make the "
    "place unmistakable."
)
_EVERYWHERE = " The same is reported on the lines {lines} of this file: fix each of them, with a block each."
_MAX_LINES = 40  # that a task names
_MAX_LOOKED_AT = 500  # changed lines, for the definition that they are in


def ask(problem: Problem, also_on: Sequence[int] = ()) -> Ask | None:
    """None where there is no text to change. also_on: further lines of the file with the same finding."""
    if not problem.message.strip() or problem.path is None or problem.stale:
        return None
    lines = sorted({problem.line, *also_on})[:_MAX_LINES]
    task = TASK + _EVERYWHERE.format(lines=", ".join(map(str, lines))) if len(lines) > 1 else TASK
    return Ask(problem, task=task, task_name="fix", wants_patch=True)


def titled(change: str, verdict: str, name: str = "Fix") -> str:
    """`Fix: add missing import (parses · F821 gone · 3 tests pass)`."""
    return f"{name}: {change} ({verdict})"


def combined(text: str, edits: Iterable[Sequence[Replacement]]) -> str:
    """The text after these edits of it: each as a whole, or not at all where an earlier one writes too."""
    taken = list[Replacement]()
    for edit in edits:
        new = [each for each in edit if each not in taken]
        if not any(_collide(each, other) for each in new for other in taken):
            taken += new
    for each in sorted(taken, key=lambda each: each.span, reverse=True):
        text = text[: each.span.start] + each.new_text + text[each.span.end :]
    return text


def _collide(one: Replacement, other: Replacement) -> bool:
    """Two insertions at one place stand one after the other; a text that is replaced is replaced once."""
    if not len(one.span) and not len(other.span):
        return False
    return one.span.start < other.span.end and other.span.start < one.span.end


def change_words(before: Mapping[str, str], after: Mapping[str, str | None]) -> str:
    """What a patch does, in a few words that are all ours but for the names. Texts by path."""
    changed = {path: text for path, text in after.items() if before.get(path) != text}
    if len(changed) != 1:
        return f"change {len(changed)} files"
    [(path, text)] = changed.items()
    name = PurePosixPath(path).name
    if text is None:
        return f"remove {name}"
    if path not in before:
        return f"add {name}"
    return _changed_words(before[path], text, language_of(path))


def _changed_words(old: str, new: str, language: str) -> str:
    removed, added = changed_lines(old, new)
    was, now = parse_view(old, language), parse_view(new, language)
    new_code, old_code = _without_imports(added, now, new), _without_imports(removed, was, old)
    if not new_code and not old_code and (added or removed):
        alone = "add missing import" if added else "remove an import"
        return "change an import" if added and removed else alone
    lines, view, text = (new_code, now, new) if new_code else (old_code, was, old)
    index = LineIndex(text)
    names = {_scope_on(line, view, index) for line in lines} if len(lines) <= _MAX_LOOKED_AT else set[str]()
    if len(names) == 1 and (name := next(iter(names))):
        return (
            f"{'change' if name in _scopes(was) & _scopes(now) else 'add' if new_code else 'remove'} {name}"
        )
    count = max(len(added), len(removed))
    return f"change {count} lines" if count > 1 else "change a line"


def changed_lines(old: str, new: str) -> tuple[list[int], list[int]]:
    """Lines of the old text that are gone and of the new one that are new, 0-based; blank ones left out."""
    before, after = _lines(old), _lines(new)
    removed, added = list[int](), list[int]()
    for first, last, start, end in differences(before, after):
        removed += [line for line in range(first, last) if before[line].strip()]
        added += [line for line in range(start, end) if after[line].strip()]
    return removed, added


def _lines(text: str) -> list[str]:
    index = LineIndex(text)
    return [index.span_of(line).of(text) for line in range(len(index))]


def _without_imports(lines: Sequence[int], view: TreeView | None, text: str) -> list[int]:
    if view is None:
        return list(lines)
    index = LineIndex(text)
    spans = [(index.line_of(span.start), index.line_of(span.end)) for span in view.imports()]
    imports = {line for first, last in spans for line in range(first, last + 1)}
    return [line for line in lines if line not in imports]


def _scopes(view: TreeView | None) -> set[str]:
    return {each.qualname for each in view.outline.scopes()} if view is not None else set()


def _scope_on(line: int, view: TreeView | None, index: LineIndex) -> str:
    scope = view.scope_at(index.span_of(line).end) if view is not None else None
    return scope.qualname if scope is not None else ""
