"""Import statements that can be added without judgement, and where in a file they belong."""

from __future__ import annotations

import ast
import sys
from dataclasses import dataclass
from pathlib import Path, PurePath

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.python import proof
from lsp_debugger.cards.python.parsed import ParsedPython, parse
from lsp_debugger.cards.python.resolve import files_of, is_one_of
from lsp_debugger.core.ask import CertainEdit, Replacement
from lsp_debugger.core.text import Span

ImportNode = ast.Import | ast.ImportFrom
_FUTURE, _STANDARD, _OTHER, _OWN, _RELATIVE = range(5)
_Key = tuple[int, bool, str]


def module_name(case: Case, path: str) -> str | None:
    """How this file would import the file `path`; None where that is not sure.

    Sure is: from the workspace root, from its `src`, or from the folder that this file's own
    package is imported from.
    """
    folder = _import_root(case, path)
    root = case.around.root
    sure = {PurePath(root), PurePath(root, "src")} if root is not None else set[PurePath]()
    if case.snapshot.path is not None:
        sure.add(_import_root(case, case.snapshot.path))
    place = PurePath(path)
    if folder not in sure or place.suffix != ".py":
        return None
    parts = place.relative_to(folder).with_suffix("").parts
    names = parts[:-1] if parts[-1] == "__init__" else parts
    return ".".join(names) if names and all(name.isidentifier() for name in names) else None


def may_import(case: Case, path: str) -> bool:
    """False when the project's file `path` imports this one, or is a test and this one is none."""
    if _is_test(path) and not _is_test(case.path):
        return False
    snapshot = case.around.read(path)
    theirs = parse(snapshot.text) if snapshot is not None else None
    return theirs is not None and not _imports_file(theirs, path, case.path)


def import_edit(
    case: Case, module: str, name: str | None = None, alias: str | None = None, used: Span | None = None
) -> CertainEdit | None:
    """`import module` or `from module import name`, either with `as alias`, among the other imports.

    used: where the name is needed. None when it cannot be proven that the name has its value there.
    """
    parsed = case.python
    if parsed is None:
        return None
    replacement = _addition(parsed, module, name, alias, _Order(case.around.root))
    span = replacement.span
    shift = len(replacement.new_text) - len(span) if used is not None and span.start <= used.start else 0
    bound = alias or name or module.partition(".")[0]
    title = f"Add `{import_statement(module, name, alias)}`"
    return proof.proven(case, title, (replacement,), proof.adds_import(bound, used, shift))


def import_statement(module: str, name: str | None, alias: str | None) -> str:
    renamed = f" as {alias}" if alias and alias != name else ""
    return f"from {module} import {name}{renamed}" if name else f"import {module}{renamed}"


def _addition(
    parsed: ParsedPython, module: str, name: str | None, alias: str | None, order: _Order
) -> Replacement:
    block = _leading_imports(parsed.tree)
    for node in block:
        if (
            name
            and alias in (None, name)
            and isinstance(node, ast.ImportFrom)
            and node.module == module
            and not node.level
        ):
            joined = _joined(parsed, node, name)
            if joined is not None:
                return joined
    newline = "\r\n" if "\r\n" in parsed.text else "\n"
    statement = import_statement(module, name, alias) + newline
    key = order.key(module, is_from=name is not None)
    following = next((node for node in block if order.key_of(node) > key), None)
    if following is not None:
        gap = newline if order.key_of(following)[0] != key[0] else ""
        return _insertion(parsed, following.lineno, statement + gap)
    if block:
        last = block[-1]
        gap = newline if order.key_of(last)[0] != key[0] else ""
        return _insertion(parsed, (last.end_lineno or last.lineno) + 1, gap + statement, newline)
    return _first_import(parsed, statement, newline)


def _joined(parsed: ParsedPython, node: ast.ImportFrom, name: str) -> Replacement | None:
    """`name` added to a statement that stands on one line and has no comment."""
    if node.lineno != node.end_lineno or any(alias.asname or alias.name == "*" for alias in node.names):
        return None
    span = parsed.span(node)
    if "(" in span.of(parsed.text):
        return None
    names = sorted([*(alias.name for alias in node.names), name], key=_name_key)
    return Replacement(span, f"from {node.module} import {', '.join(names)}")


def _name_key(name: str) -> tuple[int, str]:
    """The order of isort: CONSTANTS, Classes, then the rest."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2), name


def _leading_imports(tree: ast.Module) -> list[ImportNode]:
    found = list[ImportNode]()
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.append(node)
        elif not _is_docstring(node):
            break
    return found


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _first_import(parsed: ParsedPython, statement: str, newline: str) -> Replacement:
    body = parsed.tree.body
    first = next((node for node in body if not _is_docstring(node)), None)
    if first is None:
        end = body[-1].end_lineno if body else 0
        return _insertion(parsed, (end or 0) + 1, newline + statement if body else statement, newline)
    is_definition = isinstance(first, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    decorators = first.decorator_list if is_definition else []
    line = min([first.lineno, *(node.lineno for node in decorators)])
    return _insertion(parsed, line, statement + newline * (2 if is_definition else 1))


def _insertion(parsed: ParsedPython, line: int, text: str, newline: str = "") -> Replacement:
    """Before line `line` (1-based); past the end of a text without a last line end, that comes first."""
    at = parsed.line_start(line)
    if newline and at == len(parsed.text) and parsed.text and not parsed.text.endswith(("\n", "\r")):
        text = newline + text
    return Replacement(Span(at, at), text)


@dataclass(frozen=True, slots=True)
class _Order:
    """The order of isort: section, plain before `from`, name. root: where the project's own modules are."""

    root: Path | None

    def key(self, module: str, *, is_from: bool, level: int = 0) -> _Key:
        top = module.partition(".")[0]
        if level:
            section = _RELATIVE
        elif top == "__future__":
            section = _FUTURE
        elif top in sys.stdlib_module_names:
            section = _STANDARD
        else:
            section = _OWN if self._is_own(top) else _OTHER
        return section, is_from, module.lower()

    def key_of(self, node: ImportNode) -> _Key:
        if isinstance(node, ast.Import):
            return self.key(node.names[0].name, is_from=False)
        return self.key(node.module or "", is_from=True, level=node.level)

    def _is_own(self, top: str) -> bool:
        bases = (self.root, self.root / "src") if self.root is not None else ()
        return any((base / top).is_dir() or (base / f"{top}.py").is_file() for base in bases)


def _import_root(case: Case, path: str) -> PurePath:
    """The nearest folder above that is no package."""
    folder = PurePath(path).parent
    while folder != folder.parent and case.around.read(str(folder / "__init__.py")) is not None:
        folder = folder.parent
    return folder


def _imports_file(parsed: ParsedPython, importer: str, target: str) -> bool:
    for node in ast.walk(parsed.tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            joint = "" if base.endswith(".") else "."
            modules = [base, *(f"{base}{joint}{alias.name}" for alias in node.names)]
        else:
            continue
        if any(is_one_of(target, files_of(importer, module)) for module in modules):
            return True
    return False


def _is_test(path: str) -> bool:
    parts = PurePath(path).parts
    return any(part in ("test", "tests", "testing") for part in parts) or parts[-1].startswith(
        ("test_", "conftest")
    )
