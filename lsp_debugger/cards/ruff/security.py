"""Ruff's security rules: what the call does, and where its dangerous argument comes from."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.python.parsed import ParsedPython
from lsp_debugger.cards.python.resolve import lookup
from lsp_debugger.cards.ruff.bugs import default_at
from lsp_debugger.core.ask import Card, Place

# {call}: the call as it is written. {source}: the argument's origin, when it has one.
# First for an argument from somewhere, then for one that is written out here.
_RUNS_CODE = ("`{call}` runs whatever code it is given; {source}.", "`{call}` runs a text as code.")
_SHELL = (
    "A shell reads `{call}`; {source}, and whoever controls that can run any command.",
    "A shell runs `{call}`; its text is fixed here, so no shell is needed.",
)
_XML = (
    "`{call}` takes XML as it comes; `defusedxml` refuses what attacks a parser; {source}.",
    "`{call}` takes XML as it comes; `defusedxml` refuses what attacks a parser.",
)
_CALLS: dict[str, tuple[str | None, str]] = {
    "S102": _RUNS_CODE,
    "S103": (None, "`{call}` lets more users at the file than its owner."),
    "S104": (None, "{code}, as an address to listen on, means every network of the machine."),
    "S108": (None, "{code} can be guessed, and created first by anybody: all users share that directory."),
    "S113": (None, "`{call}` has no `timeout`: a server that never answers keeps it waiting for ever."),
    "S201": (None, "`{call}` lets whoever reaches it run Python on this machine, in the debugger."),
    "S202": (None, "`{call}` can write files wherever the names in the archive point."),
    "S301": (
        "Unpickling runs code from the data; {source}.",
        "`{call}`: unpickling runs code from the data.",
    ),
    "S306": (None, "Between `{call}` and the opening of that file, somebody else can create it."),
    "S307": _RUNS_CODE,
    "S310": (
        "`{call}` also opens `file:` and other schemes; {source}.",
        "`{call}` also opens `file:` and other schemes.",
    ),
    "S311": (None, "`{call}` can be predicted from earlier results; secrets need the module `secrets`."),
    **dict.fromkeys((f"S{number}" for number in range(313, 321)), _XML),
    "S324": (None, "`{call}`: two inputs with the same hash can be made at will."),
    "S501": (None, "`{call}` takes any certificate: whoever is in between can read and change everything."),
    "S506": (
        "`{call}` builds any Python object that the YAML names; {source}.",
        "`{call}` builds any Python object that the YAML names.",
    ),
    "S507": (None, "`{call}` takes any host key: whoever is in between can read and change everything."),
    "S601": (
        "`{call}` runs its text in a shell on the other machine; {source}.",
        "`{call}` runs its text in a shell on the other machine.",
    ),
    "S602": _SHELL,
    "S603": ("`{call}` starts a program; {source}.", "`{call}` starts a program."),
    "S604": _SHELL,
    "S605": _SHELL,
    "S701": (None, "`{call}` puts values into HTML as they are: `<script>` in one of them runs."),
    "S607": (None, "{code} has no full path: which program runs depends on PATH."),
}
_SECRETS = frozenset({"S105", "S106", "S107"})  # the value is never repeated


def card(case: Case) -> Card | None:
    parsed = case.python
    code = case.problem.code
    if parsed is None:
        return None
    if code in _SECRETS:
        return _secret(case, parsed)
    if code in ("S110", "S112"):
        return _swallowed(case, parsed)
    if code == "S608":
        return _query(case, parsed)
    if code == "S101":
        return _assertion(case, parsed)
    return _call(case, parsed) if code in _CALLS else None


def _call(case: Case, parsed: ParsedPython) -> Card | None:
    call = parsed.around(case.span, ast.Call)
    if call is None:
        return None
    with_source, without = _CALLS[case.problem.code]
    data = next((each.value for each in call.keywords if each.arg == "args"), None)
    source, places = _source(case, parsed, call.args[0] if call.args else data)
    template = with_source if with_source and source else without
    if with_source == _SHELL[0] and not source and not _is_fixed(call.args[0] if call.args else data):
        return None  # it comes from somewhere, and it is not to be seen from where
    literal = parsed.around(case.span, ast.List)
    shown = f"`{parsed.code(literal.elts[0]) if literal is not None and literal.elts else case.code}`"
    return Card(
        template.format(call=parsed.code(call), source=source, code=shown), places if with_source else ()
    )


def _is_fixed(node: ast.expr | None) -> bool:
    return node is not None and all(
        isinstance(part, ast.Constant | ast.List | ast.Tuple | ast.expr_context) for part in ast.walk(node)
    )


def _source(case: Case, parsed: ParsedPython, node: ast.expr | None) -> tuple[str, tuple[Place, ...]]:
    """Where the first variable in `node` comes from, as a clause; empty when there is none."""
    for name in _variables(node):
        found = lookup(parsed, name, case.span)
        if name in ("self", "cls") or found is None or found[1][0].kind in ("import", "function", "class"):
            continue
        scope, places = found
        if places[0].kind == "parameter" and isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
            return f"`{name}` is a parameter of `{scope.name}`", (case.here(scope.lineno, f"`{scope.name}`"),)
        before = [each for each in places if each.line <= case.line]
        if before:
            text = case.snapshot.line_text(before[-1].line - 1).strip()
            return f"`{name}` comes from line {before[-1].line}", (case.here(before[-1].line, f"`{text}`"),)
    return "", ()


def _variables(node: ast.AST | None) -> Iterator[str]:
    """Names that are read in `node`, in the order of the text; what is called is none."""
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Call):
        for part in (*node.args, *(keyword.value for keyword in node.keywords)):
            yield from _variables(part)
        if isinstance(node.func, ast.Attribute):
            yield from _variables(node.func.value)
    elif node is not None:
        for part in ast.iter_child_nodes(node):
            yield from _variables(part)


def _secret(case: Case, parsed: ParsedPython) -> Card | None:
    """Names the variable, never the value."""
    keyword = parsed.around(case.span, ast.keyword)
    assigned = parsed.around(case.span, (ast.Assign, ast.AnnAssign))
    default = default_at(parsed, case)
    if keyword is not None and keyword.arg:
        name = keyword.arg
    elif isinstance(assigned, ast.AnnAssign):
        name = parsed.code(assigned.target)
    elif assigned is not None:
        name = parsed.code(assigned.targets[0])
    elif default is not None:
        name = default[1].arg
    else:
        return None
    return Card(
        f"The value of `{name}` is written in the code: whoever has the repository or its history has it.",
        notes=("If it is a real secret, taking it out is not enough: it has to be replaced.",),
    )


def _swallowed(case: Case, parsed: ParsedPython) -> Card | None:
    handler = parsed.around(case.span, ast.ExceptHandler)
    attempt = parsed.around(case.span, ast.Try)
    if handler is None or attempt is None or handler not in attempt.handlers:
        return None
    caught = f"`{parsed.code(handler.type)}`" if handler.type is not None else "exception"
    first = attempt.body[0]
    return Card(
        f"Any {caught} from `{parsed.code(first)}` (line {first.lineno}) on is dropped without a trace.",
        (case.here(first.lineno, f"`{parsed.code(first)}`"),),
    )


def _query(case: Case, parsed: ParsedPython) -> Card | None:
    node = parsed.around(case.span, (ast.BinOp, ast.JoinedStr, ast.Call))
    if node is None:
        return None
    source, places = _source(case, parsed, node)
    if not source:
        return None
    return Card(
        f"Text is put into an SQL query as it is; {source}, and whoever controls that can change the query.",
        places,
        ("A parameter of the database driver keeps it a value.",),
    )


def _assertion(case: Case, parsed: ParsedPython) -> Card | None:
    node = parsed.around(case.span, ast.Assert)
    if node is None:
        return None
    return Card(f"`assert {parsed.code(node.test)}` is not checked when Python runs with `-O`.")
