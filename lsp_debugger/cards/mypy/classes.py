"""Classes that do not keep what their bases, or the words around them, promise."""

from __future__ import annotations

import ast
import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.mypy.declared import member_place
from lsp_debugger.cards.mypy.reading import NAME, TYPE, as_pyright, class_named, find, hints, told
from lsp_debugger.cards.pyright import classes, wording
from lsp_debugger.cards.python.members import members_of
from lsp_debugger.cards.python.parsed import FUNCTIONS
from lsp_debugger.cards.python.resolve import class_of, definition_named, definition_of
from lsp_debugger.core.ask import Card

_SIGNATURE = re.compile(rf'Signature of "(?P<name>{NAME})" incompatible with supertype "(?P<base>{NAME})"')
_ARGUMENT = re.compile(
    rf'Argument (?P<number>\d{{1,4}}) of "(?P<name>{NAME})" is incompatible with supertype '
    rf'"(?P<base>{NAME})"; supertype defines the argument type as "(?P<wanted>{TYPE})"'
)
_RESULT = re.compile(
    rf'Return type "(?P<given>{TYPE})" of "(?P<name>{NAME})" incompatible with return type '
    rf'"(?P<wanted>{TYPE})" in supertype "(?P<base>{NAME})"'
)
_ABSTRACT = re.compile(
    rf'Cannot instantiate abstract class "(?P<class>{NAME})" with abstract attributes? '
    r'(?P<names>"[^\n]{1,500})'
)
_FINAL = re.compile(rf'Cannot assign to final (?:name|attribute) "(?P<name>{NAME})"')
_FINAL_CLASS = re.compile(rf'Cannot inherit from final class "(?P<name>{NAME})"')
_READ_ONLY = re.compile(rf'Property "(?P<name>{NAME})" defined in "(?P<class>{NAME})" is read-only')
_NO_OVERRIDE_MARK = re.compile(
    rf'Method "(?P<name>{NAME})" is not using @override but is overriding a method in class '
    rf'"(?P<base>{NAME})"'
)
_SUPER = re.compile(
    rf'Call to abstract method "(?P<name>{NAME})" of "(?P<class>{NAME})" '
    r"with trivial body via super\(\) is unsafe"
)
_DEPRECATED = re.compile(
    r"(?:function|class|overload [^\n]{1,200}? of function) (?P<name>[\w.]{1,300}) is deprecated: "
    r"(?P<why>[^\n]{1,300})"
)
_QUOTED = re.compile(rf'"({NAME})"')


def override(case: Case) -> Card | None:
    """Both sides, and what differs."""
    if match := told(_ARGUMENT, case):
        member = f"{match['base'].rpartition('.')[2]}.{match['name']}"
        reason = f"`{member}` takes {wording.short(match['wanted'])} there"
        return _override(case, match, (reason,))
    if match := told(_RESULT, case):
        given, wanted = wording.short(match["given"]), wording.short(match["wanted"])
        return _override(case, match, (f"It gives {given}, where {wanted} is promised",))
    if match := told(_SIGNATURE, case):
        return _override(case, match, ())
    return None


def _override(case: Case, match: re.Match[str], reasons: tuple[str, ...]) -> Card | None:
    base = match["base"].rpartition(".")[2]
    if base == "object" and match["name"] == "__eq__":
        return _equality(case)
    lines = "".join(f"\n  {reason}" for reason in reasons)
    return as_pyright(
        case,
        f'Method "{match["name"]}" overrides class "{base}" in an incompatible manner{lines}',
        classes.override,
    )


def _equality(case: Case) -> Card | None:
    """`==` takes anything on its other side."""
    parsed = case.python
    owner = parsed.class_around(case.span) if parsed is not None else None
    parameter = parsed.around(case.span, ast.arg) if parsed is not None else None
    if owner is None or parameter is None or parsed is None:
        return None
    return Card(
        f"`==` may have anything on its other side: `{parameter.arg}` of `{owner.name}.__eq__` "
        "has to be an `object`.",
        notes=(
            f"`if not isinstance({parameter.arg}, {owner.name}): return NotImplemented` comes first in it.",
        ),
    )


def abstract(case: Case) -> Card | None:
    match = told(_ABSTRACT, case)
    definition = class_named(case, match["class"]) if match is not None else None
    members = members_of(case, definition) if definition is not None else None
    if match is None:
        return None
    names = _QUOTED.findall(match["names"])
    full = [
        members[name].note.strip("`") if members and name in members else f"{match['class']}.{name}"
        for name in names
    ]
    lines = "".join(f'\n  "{name}" is not implemented' for name in full)
    return as_pyright(case, f'Cannot instantiate abstract class "{match["class"]}"{lines}', classes.abstract)


def final(case: Case) -> Card | None:
    parsed = case.python
    if parsed is None:
        return None
    if match := told(_FINAL_CLASS, case):
        owner = parsed.around(case.span, ast.ClassDef)
        definition = class_named(case, match["name"])
        places = (case.place(definition),) if definition is not None else ()
        name = f"`{owner.name}`" if owner is not None else "It"
        return Card(f"{name} cannot derive from `{match['name']}`, which is marked `@final`.", places)
    match = told(_FINAL, case)
    if match is None:
        return None
    name = match["name"]
    declared = [
        node
        for node in ast.walk(parsed.tree)
        if isinstance(node, ast.AnnAssign)
        and name in (ast.unparse(node.target), ast.unparse(node.target).rpartition(".")[2])
        and "Final" in ast.unparse(node.annotation)
    ]
    if len(declared) != 1:
        return Card(f"`{name}` is declared as `Final`: it keeps its first value.")
    line = declared[0].lineno
    return Card(
        f"`{name}` is declared as `Final` in line {line}: it keeps its first value.",
        (case.here(line, f"`{parsed.code(declared[0])}`"),),
    )


def read_only(case: Case) -> Card | None:
    match, parsed = told(_READ_ONLY, case), case.python
    access = find(case, ast.Attribute)
    if match is None or parsed is None or access is None or access.attr != match["name"]:
        return None
    return Card(
        f"`{parsed.code(access)}` cannot be set: `{match['name']}` of `{match['class']}` "
        "is a property without a setter.",
        member_place(case, match["class"], match["name"]),
    )


def method_assigned(case: Case) -> Card | None:
    parsed, access = case.python, case.expression
    if parsed is None or not isinstance(access, ast.Attribute):
        return None
    if not case.problem.message.startswith("Cannot assign to a method"):
        return None
    owner, named = class_of(case, access.value), definition_of(case, access.value)
    code = parsed.code(access)
    if owner is None:
        return Card(f"`{code}` is a method, and mypy lets nothing else be put in its place.")
    is_class = named is not None and named.kind == "class"
    tail = "setting it changes all objects" if is_class else "setting it on one object hides it there alone"
    return Card(f"`{code}` is a method; {tail}.", member_place(case, owner.name, access.attr))


def no_self(case: Case) -> Card | None:
    parsed = case.python
    if parsed is None or not case.problem.message.startswith("Method must have at least one argument"):
        return None
    function = parsed.around(case.span, FUNCTIONS)
    return (
        as_pyright(case, 'Instance methods should take a "self" parameter', classes.first_parameter)
        if function is not None
        else None
    )


def unmarked_override(case: Case) -> Card | None:
    match, parsed = told(_NO_OVERRIDE_MARK, case), case.python
    owner = parsed.class_around(case.span) if parsed is not None else None
    if match is None or owner is None:
        return None
    base = match["base"].rpartition(".")[2]
    return Card(
        f"`{owner.name}.{match['name']}` overrides `{base}.{match['name']}` and does not say `@override`.",
        member_place(case, base, match["name"]),
    )


def trivial_super(case: Case) -> Card | None:
    match = told(_SUPER, case)
    if match is None:
        return None
    owner = match["class"].rpartition(".")[2]
    return Card(
        f"`super().{match['name']}` calls `{owner}.{match['name']}`, which is abstract and empty.",
        member_place(case, owner, match["name"]),
    )


def exit_result(case: Case) -> Card | None:
    parsed = case.python
    function = parsed.around(case.span, FUNCTIONS) if parsed is not None else None
    owner = parsed.class_around(case.span) if parsed is not None else None
    if (
        function is None
        or function.name != "__exit__"
        or "always returns False" not in case.problem.message[:300]
    ):
        return None
    whose = f"`{owner.name}.__exit__`" if owner is not None else "`__exit__`"
    return Card(
        f"{whose} promises a `bool`, as if it could swallow exceptions; it always returns False.",
        notes=("`-> None` without a `return`, or `-> Literal[False]`, says that it swallows none.",),
    )


def deprecated(case: Case) -> Card | None:
    match = told(_DEPRECATED, case)
    if match is None:
        return None
    name = match["name"].rpartition(".")[2]
    definition = definition_named(case, name)
    places = (case.place(definition),) if definition is not None else ()
    return Card(f"`{name}` is marked as deprecated: {match['why'].rstrip('.')}.", places, hints(case))


def wrong_exception(case: Case) -> Card | None:
    """Something that is no exception is raised or caught."""
    parsed = case.python
    message = case.problem.message
    if parsed is None or not message.startswith(
        ("Exception must be derived", "Exception type must be derived")
    ):
        return None
    raised = parsed.around(case.span, ast.Raise)
    if raised is not None and raised.exc is not None:
        return Card(f"`{parsed.code(raised.exc)}` is no exception: only those can be raised.")
    caught = case.expression
    return (
        Card(f"`{parsed.code(caught)}` is no exception class: only those can be caught.") if caught else None
    )
