"""Types that are missing, or that are none."""

from __future__ import annotations

import ast
import io
import re
import tokenize

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.mypy.reading import NAME, TYPE, as_pyright, find, told
from lsp_debugger.cards.pyright import statements, wording
from lsp_debugger.cards.python import proof
from lsp_debugger.cards.python.bindings import BUILTINS
from lsp_debugger.cards.python.flow import falls_through, is_generator, is_none, own_nodes
from lsp_debugger.cards.python.parsed import FUNCTIONS, FunctionNode, ParsedPython
from lsp_debugger.cards.python.resolve import definition_of, lookup
from lsp_debugger.cards.ruff import results
from lsp_debugger.core.ask import Card, CertainEdit, Place, Replacement
from lsp_debugger.core.text import Span

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


def untyped_function(case: Case) -> Card | None:
    parsed = case.python
    function = parsed.around(case.span, FUNCTIONS) if parsed is not None else None
    if parsed is None or function is None or not case.problem.message.startswith("Function is missing a "):
        return None
    arguments = function.args
    listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    listed += [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    owner = parsed.class_around(parsed.span(function.body[0]))
    in_class = owner is not None and function in owner.body
    bare = [each.arg for each in (listed[1:] if in_class else listed) if each.annotation is None]
    if function.returns is None and not bare:
        return _result(case, parsed, function)
    parts = ", ".join(f"`{name}`" for name in bare)
    missing = (
        [f"{parts} of `{function.name}` {'has no type' if len(bare) == 1 else 'have no types'}"]
        if bare
        else []
    )
    if function.returns is None:
        missing.append("its result has none either" if bare else "its result has no type")
    return Card(f"{' and '.join(missing)}.") if missing else None


def _result(case: Case, parsed: ParsedPython, function: FunctionNode) -> Card | None:
    returns = [node for node in own_nodes(function) if isinstance(node, ast.Return)]
    if is_generator(function):
        return Card(f"`{function.name}` gives its values one by one with `yield`; its result has no type.")
    if any(node.value is not None and not is_none(node.value) for node in returns):
        return _value(case, parsed, function, returns)
    edit = _edit(case, parsed, function, "None") if _surely_none(parsed, function) else None
    if not falls_through(function.body) and not returns:
        return Card(f"The result of `{function.name}` has no type; it never comes to its end.")
    return Card(f"`{function.name}` gives nothing back, and does not say so: `-> None`.", edit=edit)


def _value(case: Case, parsed: ParsedPython, function: FunctionNode, returns: list[ast.Return]) -> Card:
    made = results.missing_result(case)
    kinds = {_literal(node.value) for node in returns}
    kind = kinds.pop() if len(kinds) == 1 and not falls_through(function.body) else None
    if made is not None:
        edit = made.edit or (_edit(case, parsed, function, kind) if kind else None)
        return Card(made.headline, made.places, made.notes, edit)
    places = tuple(case.here(node.lineno, f"`{parsed.code(node)}`") for node in returns[:2])
    also = ", and it can end without one" if falls_through(function.body) else ""
    return Card(f"`{function.name}` returns a value{also}; the type of its result is not declared.", places)


def _literal(value: ast.expr | None) -> str | None:
    """The plain type of a text, a number or a truth value that is written out."""
    if isinstance(value, ast.JoinedStr):
        return "str"
    constant = value.value if isinstance(value, ast.Constant) else None
    return type(constant).__name__ if isinstance(constant, bool | int | float | str | bytes) else None


def _surely_none(parsed: ParsedPython, function: FunctionNode) -> bool:
    """No method that a subclass may fill or a base has another type for, and nothing that never ends."""
    owner = parsed.class_around(parsed.span(function.body[0]))
    is_method = owner is not None and function in owner.body
    plain = not function.decorator_list or not is_method
    alone = not is_method or function.name == "__init__" or (owner is not None and not owner.bases)
    stub = all(
        isinstance(each, ast.Pass) or (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
        for each in function.body
    )
    return plain and alone and falls_through(function.body) and not (is_method and stub)


def _edit(case: Case, parsed: ParsedPython, function: FunctionNode, kind: str) -> CertainEdit | None:
    """` -> kind` where the signature ends."""
    at = _after_parameters(parsed, function)
    if at is None or (kind in BUILTINS and lookup(parsed, kind, Span(at, at)) is not None):
        return None
    return proof.proven(
        case,
        f"Declare `{function.name}` to return `{kind}`",
        (Replacement(Span(at, at), f" -> {kind}"),),
        proof.annotates(function.lineno, function.name, kind),
    )


def _after_parameters(parsed: ParsedPython, function: FunctionNode) -> int | None:
    """Behind the bracket that closes the parameters."""
    start = parsed.span(function).start
    source = parsed.text[start : parsed.span(function.body[0]).start]
    lines = [0]
    for line in source.splitlines(keepends=True):
        lines.append(lines[-1] + len(line))
    depth = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.OP and token.string in "([{":
                depth += 1
            elif token.type == tokenize.OP and token.string in ")]}":
                depth -= 1
                if not depth and token.string == ")":
                    return start + lines[token.end[0] - 1] + token.end[1]
    except (tokenize.TokenError, SyntaxError, IndexError):
        return None
    return None


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
