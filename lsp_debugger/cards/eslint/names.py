"""Names: never read, not there, declared or given a value where that does not go."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.eslint.code import FUNCTIONS, around, declarations, place, shown
from lsp_debugger.core.ask import Card

_UNUSED = re.compile(
    r"'(?P<name>[\w$]{1,80})' is (?P<how>assigned a value but never used|defined but never used)"
)
_UNDEFINED = re.compile(r"'(?P<name>[\w$]{1,80})' is not defined")
_CONSTANT = re.compile(r"'(?P<name>[\w$]{1,80})' is (?P<what>constant|a function|a class|read-only)")
_REDECLARED = re.compile(r"'(?P<name>[\w$]{1,80})' is already defined")
_SHADOWED = re.compile(
    r"'(?P<name>[\w$]{1,80})' is already declared in the upper scope on line (?P<line>\d{1,9})"
)
_NEVER_CHANGED = re.compile(r"'(?P<name>[\w$]{1,80})' is never reassigned")
_NODE = frozenset(
    {"Buffer", "__dirname", "__filename", "exports", "global", "module", "process", "require", "setImmediate"}
)
_BROWSER = frozenset(
    {
        "alert",
        "document",
        "localStorage",
        "location",
        "navigator",
        "sessionStorage",
        "window",
        "HTMLElement",
        "XMLHttpRequest",
        "requestAnimationFrame",
    }
)
_BOTH = frozenset(
    {
        "AbortController",
        "Blob",
        "URL",
        "URLSearchParams",
        "clearInterval",
        "clearTimeout",
        "console",
        "fetch",
        "performance",
        "queueMicrotask",
        "setInterval",
        "setTimeout",
        "structuredClone",
        "TextDecoder",
        "TextEncoder",
        "crypto",
        "Headers",
        "Request",
        "Response",
    }
)
_TESTS = frozenset(
    {"describe", "it", "test", "expect", "beforeEach", "afterEach", "beforeAll", "afterAll", "jest"}
)
_GLOBALS = (
    (_NODE, "a global of Node"),
    (_BROWSER, "a global of browsers"),
    (_BOTH, "a global of browsers and of Node"),
    (_TESTS, "a global of test runners"),
)
_KINDS = {
    "required_parameter": "a parameter",
    "optional_parameter": "a parameter",
    "formal_parameters": "a parameter",
    "import_specifier": "imported",
    "import_clause": "imported",
    "namespace_import": "imported",
    "function_declaration": "a function",
    "class_declaration": "a class",
    "catch_clause": "the error of this `catch`",
    "type_alias_declaration": "a type",
    "interface_declaration": "an interface",
    "enum_declaration": "an enum",
}


def unused(case: Case) -> Card | None:
    match = _UNUSED.match(case.problem.message)
    if match is None or case.code.partition(":")[0].strip() != match["name"]:
        return None
    name = match["name"]
    if match["how"].startswith("assigned"):
        return Card(f"`{name}` gets a value in line {case.line}, and nothing reads it.")
    found = around(case, *_KINDS, "lexical_declaration", "variable_declaration")
    kind = _KINDS.get(found[1].type, "") if found is not None else ""
    if kind == "imported":
        return Card(f"`{name}` is imported, and nothing in this file uses it.")
    return Card(f"`{name}` is {kind} that nothing uses." if kind and kind != _KINDS["catch_clause"] else
                f"`{name}` is declared here, and nothing uses it.")  # fmt: skip


def undefined(case: Case) -> Card | None:
    match = _UNDEFINED.match(case.problem.message)
    if match is None or case.code != match["name"]:
        return None
    name = match["name"]
    for names, kind in _GLOBALS:
        if name in names:
            return Card(
                f"`{name}` is {kind}, which ESLint's configuration does not say of this file.",
                notes=("`languageOptions.globals` is where it says so.",),
            )
    symbols = case.around.symbols
    known = [
        each
        for each in symbols.definitions(name, case.path)
        if each.kind != "import" and each.path != case.path
    ]
    if len(known) == 1 and known[0].qualname == name:
        return Card(f"`{name}` is not imported here.", (case.place(known[0]),))
    near = symbols.similar(name, case.path, 1)
    if near and near[0] != name:
        return Card(f"Nothing declares `{name}`; the nearest name is `{near[0]}`.")
    return Card(f"Nothing in this file declares `{name}`, nor is it imported.")


def reassigned(case: Case) -> Card | None:
    """Where the name comes from, and the line that gives it another value."""
    match, nodes = _CONSTANT.match(case.problem.message), case.nodes
    if match is None or nodes is None:
        return None
    name = match["name"]
    found = [node for node in declarations(nodes, name) if nodes.span(node).end <= case.span.start]
    if len(found) != 1:
        return None
    words = {
        "constant": "a `const`",
        "a function": "a function",
        "a class": "a class",
        "read-only": "imported",
    }
    said = (
        f"`{name}` is {words[match['what']]}, from line {nodes.line(found[0])}, and gets another value here."
    )
    return Card(said, (place(case, nodes, found[0]),))


def redeclared(case: Case) -> Card | None:
    match, nodes = _REDECLARED.match(case.problem.message), case.nodes
    if match is None or nodes is None:
        return None
    name = match["name"]
    found = [node for node in declarations(nodes, name) if nodes.span(node).end <= case.span.start]
    if not found:
        return None
    return Card(f"`{name}` is declared again here; line {nodes.line(found[0])} has it already.",
                (place(case, nodes, found[0]),))  # fmt: skip


def shadowed(case: Case) -> Card | None:
    match = _SHADOWED.match(case.problem.message)
    line = int(match["line"]) if match is not None else 0
    if match is None or not 1 <= line <= len(case.snapshot.lines):
        return None
    text = case.snapshot.line_text(line - 1).strip()
    return Card(f"From here on `{match['name']}` is another variable than the one of line {line}.",
                (case.here(line, f"`{text}`"),))  # fmt: skip


def never_changed(case: Case) -> Card | None:
    match = _NEVER_CHANGED.match(case.problem.message)
    if match is None:
        return None
    return Card(f"`{match['name']}` keeps its first value: `const` says so.")


def var(case: Case) -> Card | None:
    found = around(case, "variable_declaration")
    if found is None:
        return None
    nodes, node = found
    names = [
        each.child_by_field_name("name") for each in node.named_children if each.type == "variable_declarator"
    ]
    if len(names) != 1 or names[0] is None:
        return None
    function = nodes.around(case.span, *FUNCTIONS)
    where = "function" if function is not None else "file"
    return Card(f"`var` makes {shown(nodes, names[0])} visible in the whole {where}, before this line too.")
