"""Who uses what a fix changes, and what may break there: read from the code, nothing supposed by a model."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lsp_debugger.core.ask import Place
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.features.signatures import why_call_breaks
from lsp_debugger.syntax.grammars import language_of
from lsp_debugger.syntax.tree import parse_view

_CALLABLE = frozenset({"function", "method"})
_MAX_CALLERS = 50
_FAMILIES = ("javascript javascriptreact typescript typescriptreact", "c cpp")


@dataclass(frozen=True, slots=True)
class ChangedDefinition:
    """A function or method that a fix changes. path: below the root.

    old, new: its whole text; new is None when it is gone. is_signature: how it is called has changed.
    """

    path: str
    name: str
    qualname: str
    old: str
    new: str | None
    is_signature: bool


def changed_definitions(
    before: Mapping[str, str], after: Mapping[str, str | None]
) -> list[ChangedDefinition]:
    """In the order of their files and lines. Texts by path; files without a grammar have none."""
    found = list[ChangedDefinition]()
    for path, old in before.items():
        new = after.get(path, old)
        if new == old:
            continue
        was, now = _definitions(path, old), _definitions(path, new or "")
        for qualname, (name, text, header) in was.items():
            _, new_text, new_header = now.get(qualname, ("", None, ""))
            if text != new_text:
                changed = new_text is None or _plain(header) != _plain(new_header)
                found.append(ChangedDefinition(path, name, qualname, text, new_text, changed))
    return found


def callers_in(snapshot: Snapshot, path: str, changed: ChangedDefinition) -> list[Place]:
    """The lines of one file that use it, each with what may break. path: the file's, below the root."""
    if _family(path) != _family(changed.path):
        return []
    if language_of(path) == "python":
        places = _python_callers(snapshot, changed)
    else:
        places = _other_callers(snapshot, changed)
    inside = _span_in(snapshot.text, path, changed) if path == changed.path else None
    kept = [
        Place(snapshot.path or path, line, why)
        for line, why in places
        if inside is None or not inside[0] <= line <= inside[1]
    ]
    return kept[:_MAX_CALLERS]


def _family(path: str) -> str:
    """Languages whose files can call each other's functions by name."""
    language = language_of(path)
    return next((names for names in _FAMILIES if language in names.split()), language)


def _definitions(path: str, text: str) -> dict[str, tuple[str, str, str]]:
    """Name, text and header by qualified name; of several with one name the last, which is in force."""
    view = parse_view(text, language_of(path))
    if view is None:
        return {}
    return {
        each.qualname: (each.name, each.span.of(text), each.header.of(text))
        for each in view.outline.scopes()
        if each.kind in _CALLABLE
    }


def _span_in(text: str, path: str, changed: ChangedDefinition) -> tuple[int, int] | None:
    """The lines of the definition itself, 1-based: its recursion is its own business."""
    view = parse_view(text, language_of(path))
    index = Snapshot("", text).lines
    spans = [each.span for each in view.outline.scopes() if each.qualname == changed.qualname] if view else []
    return (index.line_of(spans[-1].start) + 1, index.line_of(spans[-1].end) + 1) if spans else None


def _python_callers(snapshot: Snapshot, changed: ChangedDefinition) -> Iterator[tuple[int, str]]:
    try:
        tree = ast.parse(snapshot.text)
    except (SyntaxError, ValueError, RecursionError):
        yield from _other_callers(snapshot, changed)
        return
    called = set[ast.expr]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name_of(node.func) == changed.name:
            called.add(node.func)
            is_method = "." in changed.qualname and isinstance(node.func, ast.Attribute)
            yield node.lineno, why_call_breaks(changed.old, changed.new, node, is_method=is_method)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Name | ast.Attribute) or node in called:
            continue
        if isinstance(node.ctx, ast.Load) and _name_of(node) == changed.name:
            yield node.lineno, _used(changed)


def _name_of(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _other_callers(snapshot: Snapshot, changed: ChangedDefinition) -> Iterator[tuple[int, str]]:
    view = parse_view(snapshot.text, snapshot.language_id or language_of(snapshot.path or ""))
    headers = [each.header for each in view.outline.scopes()] if view is not None else []
    for found in re.finditer(rf"\b{re.escape(changed.name)}[ \t]*\(", snapshot.text):
        name = Span(found.start(), found.start() + len(changed.name))
        if view is not None and changed.name not in view.identifiers(name):
            continue  # in a comment or a string
        if any(header.start <= name.start < header.end for header in headers):
            continue  # another one of that name is defined there
        yield snapshot.lines.line_of(found.start()) + 1, _called(changed)


def _called(changed: ChangedDefinition) -> str:
    if changed.new is None:
        return f"calls `{changed.name}`, which is gone"
    if changed.is_signature:
        return f"calls `{changed.name}`, which is called in another way now"
    return f"calls `{changed.name}`: what it does or returns may be another"


def _used(changed: ChangedDefinition) -> str:
    if changed.new is None:
        return f"uses `{changed.name}`, which is gone"
    how = "called in another way now" if changed.is_signature else "changed"
    return f"hands `{changed.name}` on, which is {how}"


def _plain(header: str) -> str:
    return "".join(header.split())
