"""Types that are missing, or that are none."""

from __future__ import annotations

import ast
import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.mypy.reading import NAME, TYPE, as_pyright, find, told
from lsp_debugger.cards.pyright import statements, wording
from lsp_debugger.cards.python.parsed import FUNCTIONS, ParsedPython
from lsp_debugger.cards.python.resolve import definition_of
from lsp_debugger.core.ask import Card, Place

_NEEDS = re.compile(rf'Need type annotation for "(?P<name>{NAME})"')
_NO_ARGUMENTS = re.compile(rf'Missing type (?:arguments|parameters) for generic type "(?P<name>{TYPE})"')
_ARGUMENT_COUNT = re.compile(
    rf'"(?P<name>{NAME})" expects (?P<wanted>[\w ]{{1,40}}?) type arguments?, but (?P<given>\w{{1,10}}) given'
)
_NO_TYPE = re.compile(rf'(?P<what>Function|Variable|Module) "(?P<name>{NAME})" is not valid as a type')
_ANY = re.compile(rf'Returning Any from function declared to return "(?P<type>{TYPE})"')
_UNTYPED_CALL = re.compile(rf'Call to untyped function "(?P<name>{NAME})"(?: of "{NAME}")? in typed context')
_VARIABLE = re.compile(
    rf'Value of type variable "(?P<name>{NAME})" of (?:function )?"(?P<function>{NAME})" '
    rf'cannot be "(?P<type>{TYPE})"'
)
_UNTYPED_DECORATOR = re.compile(rf'Untyped decorator makes function "(?P<name>{NAME})" untyped')
# What mypy says of a shape that Python can run and that means no type, and the shapes of which it says so.
_SHAPES: dict[str, tuple[type[ast.expr], ...]] = {
    "Invalid type comment or annotation": (ast.BoolOp, ast.Call),
    "Bracketed expression": (ast.List,),
    "Syntax error in type annotation": (ast.Tuple,),
}
_FILLS = frozenset({"add", "append", "extend", "insert", "update", "setdefault"})
_HOLDS = {
    "dict": "keys and values",
    "list": "elements",
    "set": "elements",
    "frozenset": "elements",
    "tuple": "elements",
}


def needs_annotation(case: Case) -> Card | None:
    """An empty container: what goes into it is not to be seen where it is made."""
    match, parsed = told(_NEEDS, case), case.python
    node = parsed.around(case.span, (ast.Assign, ast.AnnAssign)) if parsed is not None else None
    if match is None or parsed is None or node is None or node.value is None:
        return None
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    code, value = parsed.code(target), parsed.code(node.value)
    fill = _first_fill(parsed, target, node.lineno)
    places = (case.here(fill.lineno, f"`{parsed.code(fill)}`"),) if fill is not None else ()
    is_empty = isinstance(node.value, ast.List | ast.Dict) or value in ("set()", "list()", "dict()")
    said = "starts empty" if is_empty else f"is made by `{value}`"
    return Card(f"`{code}` {said}: what it is to hold is not said.", places)


def _first_fill(parsed: ParsedPython, target: ast.expr, line: int) -> ast.expr | ast.stmt | None:
    """The first place below that puts something into it."""
    shape = ast.unparse(target)
    found = list[ast.expr | ast.stmt]()
    for node in ast.walk(parsed.tree):
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr=method)):
                fits = method in _FILLS and ast.unparse(owner) == shape
            case ast.Assign(targets=[ast.Subscript(value=owner)]):
                fits = ast.unparse(owner) == shape
            case _:
                continue
        if fits and node.lineno > line:
            found.append(node)
    return min(found, key=lambda each: each.lineno, default=None)


def type_arguments(case: Case) -> Card | None:
    if match := told(_ARGUMENT_COUNT, case):
        parsed, node = case.python, case.expression
        if parsed is None or node is None:
            return None
        wanted = f"{match['wanted']} type argument{'' if match['wanted'] == '1' else 's'}"
        return Card(f"`{match['name']}` takes {wanted}, but `{parsed.code(node)}` gives {match['given']}.")
    match = told(_NO_ARGUMENTS, case)
    if match is None or isinstance(case.expression, ast.Subscript):
        return None
    name = match["name"]
    if name in ("Callable", "collections.abc.Callable"):
        return Card("`Callable` alone says neither what it is called with nor what it gives back.")
    what = _HOLDS.get(name)
    tail = f"what its {what} are" if what else "what it holds"
    return Card(f"`{name}` alone does not say {tail}: mypy takes them for `Any`.")


def no_type(case: Case) -> Card | None:
    """Something that is no type stands where one is wanted."""
    match, parsed = told(_NO_TYPE, case), case.python
    if match is None or parsed is None:
        return _no_form(case)
    last = match["name"].rpartition(".")[2]
    node = find(case, ast.Name, lambda each: each.id == last)
    if node is None:
        return None
    said = {
        "Function": "Expected class but received",
        "Variable": "Variable not allowed in type expression",
        "Module": "Module cannot be used in type expression",
    }[match["what"]]
    return as_pyright(case, said, statements.type_form, parsed.span(node))


def _no_form(case: Case) -> Card | None:
    """A shape that Python can run and that means no type: a pair in brackets, a list, an `or`."""
    parsed = case.python
    message = case.problem.message
    if parsed is None or not message.startswith(tuple(_SHAPES)):
        return None
    kind = _SHAPES[next(words for words in _SHAPES if message.startswith(words))]
    found = [
        node for node in _annotations(parsed, case.line) if isinstance(node, kind) and _instead(parsed, node)
    ]
    if len(found) != 1:
        return None
    return Card(f"`{parsed.code(found[0])}` is no type; {_instead(parsed, found[0])}.")


def _annotations(parsed: ParsedPython, line: int) -> list[ast.expr]:
    found = list[ast.expr]()
    for node in ast.walk(parsed.tree):
        if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            found.append(node.annotation)
        elif isinstance(node, FUNCTIONS) and node.returns is not None:
            found.append(node.returns)
    return [node for node in found if node.lineno == line]


def _instead(parsed: ParsedPython, node: ast.expr) -> str:
    match node:
        case ast.Tuple(elts=[_, *_] as parts):
            return f"a tuple of these is `tuple[{', '.join(parsed.code(each) for each in parts)}]`"
        case ast.List(elts=[only]):
            return f"a list of these is `list[{parsed.code(only)}]`"
        case ast.BoolOp(op=ast.Or(), values=parts):
            return f"one or the other is `{' | '.join(parsed.code(each) for each in parts)}`"
        case ast.Call(func=ast.Name(id="list" | "dict" | "set" | "tuple" as name)):
            return f"it makes an object, and `{name}[…]` names the type"
        case _:
            return ""


def returns_any(case: Case) -> Card | None:
    """What the value comes from has no type: nothing checks that it is what is promised."""
    match, parsed = told(_ANY, case), case.python
    node = parsed.around(case.span, ast.Return) if parsed is not None else None
    function = parsed.function_around(case.span) if parsed is not None else None
    if match is None or parsed is None or node is None or node.value is None or function is None:
        return None
    value = node.value.value if isinstance(node.value, ast.Await) else node.value
    places: tuple[Place, ...] = ()
    if isinstance(value, ast.Call):
        definition = definition_of(case, value.func)
        places = (case.place(definition),) if definition is not None else ()
    return Card(
        f"`{parsed.code(node.value)}` has no known type: nothing checks that it is the "
        f"{wording.short(match['type'])} that `{function.name}` promises.",
        places,
    )


def untyped_call(case: Case) -> Card | None:
    match, parsed, node = told(_UNTYPED_CALL, case), case.python, find(case, ast.Call)
    if match is None or parsed is None or node is None:
        return None
    definition = definition_of(case, node.func)
    places = (case.place(definition),) if definition is not None else ()
    code = parsed.code(node)
    return Card(
        f"`{match['name']}` has no types: what `{code}` is given and gives back is not checked.", places
    )


def type_variable(case: Case) -> Card | None:
    match, parsed, node = told(_VARIABLE, case), case.python, case.expression
    if match is None or parsed is None or not isinstance(node, ast.Call):
        return None
    variable, kind = f"`{match['name']}` of `{match['function']}`", wording.short(match["type"])
    return Card(f"`{parsed.code(node)}` does not work with {kind}, which {variable} does not take.")


def untyped_decorator(case: Case) -> Card | None:
    match, parsed = told(_UNTYPED_DECORATOR, case), case.python
    node = case.expression
    if match is None or parsed is None or node is None:
        return None
    called = node.func if isinstance(node, ast.Call) else node
    definition = definition_of(case, called)
    places = (case.place(definition),) if definition is not None else ()
    return Card(
        f"`@{parsed.code(node)}` has no types, so `{match['name']}` loses its own: no call of it is checked.",
        places,
    )
