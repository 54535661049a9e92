"""Ruff's findings about names: unused, undefined, defined twice. Ruff itself removes what is unused."""

from __future__ import annotations

import ast
import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.python.bindings import BUILTINS, Binding, bindings, visible
from lsp_debugger.cards.python.effects import not_in_module
from lsp_debugger.cards.python.parsed import FunctionNode, ParsedPython
from lsp_debugger.cards.python.undefined import undefined_name
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.core.text import Span
from lsp_debugger.syntax.likeness import likeliest, sketches

_NAMED = re.compile(r"`([^`]+)`")
_FROM_LINE = re.compile(r"from line (\d+)")
_IDENTIFIER = re.compile(r"[^\W\d]\w*$")


def named(message: str) -> str:
    """The first name in backticks, or empty."""
    match = _NAMED.search(message)
    return match[1] if match else ""


def undefined(case: Case) -> Card | None:
    name = named(case.problem.message)
    return undefined_name(case, name) if _IDENTIFIER.match(name) else None


def missing_export(case: Case) -> Card | None:
    name = named(case.problem.message)
    return not_in_module(case, name) if _IDENTIFIER.match(name) else None


def read_too_early(case: Case) -> Card | None:
    """A name that a later line makes local, while one outside was meant."""
    parsed, name = case.python, case.code
    function = parsed.function_around(case.span) if parsed is not None else None
    if parsed is None or function is None or not _IDENTIFIER.match(name):
        return None
    later = [each for each in bindings(function).get(name, []) if each.line >= case.line]
    outside = bindings(parsed.tree).get(name, ())
    if not later or len(later) != len(bindings(function)[name]) or not outside:
        return None
    return Card(
        f"`{name}` is a local name of `{function.name}`, because line {later[0].line} binds it; "
        f"the `{name}` of line {outside[0].line} is not read.",
        (case.here(later[0].line, f"makes `{name}` local"), case.here(outside[0].line, "outside")),
        (f"`global {name}` at the top of `{function.name}` would mean the one outside.",),
    )


def unused_import(case: Case) -> Card | None:
    parsed = case.python
    alias = parsed.around(case.span, ast.alias) if parsed is not None else None
    node = parsed.around(case.span, (ast.Import, ast.ImportFrom)) if parsed is not None else None
    if parsed is None or alias is None or node is None:
        return None
    name = alias.asname or alias.name
    source = "." * node.level + (node.module or "") if isinstance(node, ast.ImportFrom) else ""
    what = f"`{name}`, imported from `{source}`," if source else f"the module `{name}`"
    if alias.asname and not source:
        what = f"`{name}`, the module `{alias.name}`,"
    if case.path.endswith("__init__.py"):
        return _re_export(case, parsed, alias, what)
    if _is_probe(parsed, case):
        return Card(
            f"{_capital(what)} is imported only to see whether it is there; nothing in this file uses it.",
            notes=("`importlib.util.find_spec` asks the same without importing.",),
        )
    places = _mentions(case, parsed, name.partition(".")[0], node)
    has_effect = isinstance(node, ast.Import)
    notes = ("If importing it has an effect, say so: `# noqa: F401`.",) if has_effect else ()
    return Card(f"{_capital(what)} is not used in this file.", places, notes)


def _re_export(case: Case, parsed: ParsedPython, alias: ast.alias, what: str) -> Card:
    name = alias.asname or alias.name
    listed = bindings(parsed.tree).get("__all__")
    places = (case.here(listed[0].line, "`__all__` does not name it"),) if listed else ()
    how = f"add it to `__all__` (line {listed[0].line})" if listed else f"write `{alias.name} as {name}`"
    return Card(
        f"{_capital(what)} is not used in this `__init__.py`; if the package is to offer it, {how}.", places
    )


def _is_probe(parsed: ParsedPython, case: Case) -> bool:
    """`try: import x` with a handler for ImportError."""
    attempt = parsed.around(case.span, ast.Try)
    if attempt is None:
        return False
    caught = " ".join(parsed.code(each.type) for each in attempt.handlers if each.type is not None)
    return "ImportError" in caught or "ModuleNotFoundError" in caught


def _mentions(case: Case, parsed: ParsedPython, name: str, node: ast.stmt) -> tuple[Place, ...]:
    """Lines that hold the name all the same: in strings, comments, or as a name of something else."""
    end = parsed.span(node).end
    match = re.compile(rf"\b{re.escape(name)}\b").search(case.snapshot.text, end)
    if match is None:
        return ()
    line = case.snapshot.lines.line_of(match.start()) + 1
    if any(each.line == line for each in bindings(parsed.tree).get(name, [])):
        return (case.here(line, f"binds `{name}` again"),)
    span = Span(match.start(), match.end())
    is_code = parsed.around(span, ast.Name) is not None or parsed.around(span, ast.Attribute) is not None
    return () if is_code else (case.here(line, f"has `{name}` only as text"),)


def unused_variable(case: Case) -> Card | None:
    parsed = case.python
    name = named(case.problem.message)
    function = parsed.function_around(case.span) if parsed is not None else None
    if parsed is None or function is None:
        return None
    binding = next((each for each in bindings(function).get(name, []) if each.line == case.line), None)
    if binding is None:
        return None
    places = _meant(case, parsed, function, name)
    if isinstance(binding.node, ast.ExceptHandler):
        caught = parsed.code(binding.node.type) if binding.node.type is not None else "exception"
        return Card(f"`{name}` names the caught `{caught}` and is never read in `{function.name}`.", places)
    headline = f"`{name}` is set in line {binding.line} and never read in `{function.name}`."
    return Card(headline, places, _effect(parsed, binding))


def _meant(case: Case, parsed: ParsedPython, function: FunctionNode, name: str) -> tuple[Place, ...]:
    """A name that is read in the function, that nothing defines, and that looks like this one."""
    known = visible(parsed, parsed.span(function.body[-1]))
    reads = {
        node.id: node
        for node in ast.walk(function)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in known
    }
    for near in likeliest(name, [sketches(reads)], 1):
        node = reads[near]
        if near not in BUILTINS and near not in visible(parsed, parsed.span(node)):
            return (case.here(node.lineno, f"reads `{near}`, which nothing defines"),)
    return ()


def _effect(parsed: ParsedPython, binding: Binding) -> tuple[str, ...]:
    node = binding.node
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    calls = [each for each in ast.walk(value) if isinstance(each, ast.Call)] if value is not None else []
    call = next((each for each in calls if parsed.code(each.func) not in BUILTINS), None)
    return (
        (f"The call `{parsed.code(call)}` may still be needed for its effect.",) if call is not None else ()
    )


def redefinition(case: Case) -> Card | None:
    name, first = named(case.problem.message), _FROM_LINE.search(case.problem.message)
    if not name or first is None:
        return None
    line = int(first[1])
    there = case.snapshot.line_text(line - 1) if 1 <= line <= len(case.snapshot.lines) else ""
    if name.partition(".")[0] not in there:
        return None
    return Card(
        f"`{name}` is bound again in line {case.line}: "
        f"what line {line} bound to it is never used and is lost.",
        (case.here(line, f"`{there.strip()}`"),),
    )


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
