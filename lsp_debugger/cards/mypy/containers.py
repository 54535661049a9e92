"""Elements, entries and keys that do not fit the list, set, dict or typed dict that they are put into."""

from __future__ import annotations

import ast
import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.mypy.declared import declaration, member_place
from lsp_debugger.cards.mypy.reading import NAME, TYPE, class_named, hints, listed, told
from lsp_debugger.cards.pyright import wording
from lsp_debugger.cards.python.flow import is_none
from lsp_debugger.cards.python.members import members_of
from lsp_debugger.cards.python.parsed import ParsedPython
from lsp_debugger.cards.python.resolve import class_of
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.syntax.likeness import likeliest, sketches

_LIST_ITEM = re.compile(
    rf"(?:\w+ item (?P<number>\d{{1,6}})|Argument (?P<argument>\d{{1,6}}) to <(?P<display>\w+)>) "
    rf'has incompatible type "(?P<given>{TYPE})"; expected "(?P<wanted>{TYPE})"'
)
_DICT_ENTRY = re.compile(
    rf'\w+ entry (?P<number>\d{{1,6}}) has incompatible type "(?P<key>{TYPE})": "(?P<value>{TYPE})"; '
    rf'expected "(?P<wanted_key>{TYPE})": "(?P<wanted_value>{TYPE})"'
)
_COMPREHENSION = re.compile(
    r"(?P<what>List|Set) comprehension has incompatible type \w+\[(?P<given>[^\n]{1,500})\]; "
    r"expected \w+\[(?P<wanted>[^\n]{1,500})\]$"
)
_KEY_MISSING = re.compile(rf'Missing keys? (?P<keys>\(?"[^\n]{{1,500}}"\)?) for TypedDict "(?P<type>{NAME})"')
_KEY_EXTRA = re.compile(rf'Extra keys? (?P<keys>\(?"[^\n]{{1,500}}"\)?) for TypedDict "(?P<type>{NAME})"')
_KEY_UNKNOWN = re.compile(rf'TypedDict "(?P<type>{NAME})" has no key "(?P<key>{TYPE})"')
_KEY_TYPE = re.compile(
    rf'(?:Incompatible types \(expression has type "(?P<given>{TYPE})", TypedDict item "(?P<key>{TYPE})" '
    rf'has type "(?P<wanted>{TYPE})"\)|'
    rf'Value of "(?P<key2>{TYPE})" has incompatible type "(?P<given2>{TYPE})"; '
    rf'expected "(?P<wanted2>{TYPE})")'
)
_QUOTED = re.compile(rf'"({TYPE})"')


def in_container(case: Case) -> Card | None:
    """An element of a list, set, dict or comprehension, which its declared type does not take."""
    if match := told(_DICT_ENTRY, case):
        return _entry(case, match)
    parsed, value = case.python, case.expression
    match = told(_LIST_ITEM, case) or told(_COMPREHENSION, case)
    if match is None or parsed is None or value is None:
        return None
    code, given, wanted = parsed.code(value), wording.kind(match["given"]), wording.short(match["wanted"])
    target, places = _holder(case, parsed)
    whose = f"`{target}` takes only {wanted}" if target else f"only {wanted} fits there"
    what = "None" if is_none(value) else f"`{code}`"
    article = "" if is_none(value) else f" is {given}, and"
    said = f"{what}{article} {whose}" if article else f"{what} is in it, but {whose}"
    return Card(f"{said}.", places, hints(case))


def _entry(case: Case, match: re.Match[str]) -> Card | None:
    parsed = case.python
    node = parsed.around(case.span, ast.Dict) if parsed is not None else None
    number = int(match["number"])
    if parsed is None or node is None or number >= len(node.keys):
        return None
    key, value = node.keys[number], node.values[number]
    if key is None:
        return None
    target, places = _holder(case, parsed)
    whose = f" of `{target}`" if target else ""
    wrong = list[str]()
    if match["key"] != match["wanted_key"]:
        wanted = wording.short(match["wanted_key"])
        wrong.append(
            f"the key `{parsed.code(key)}` is {wording.kind(match['key'])} where keys{whose} are {wanted}"
        )
    if match["value"] != match["wanted_value"]:
        wanted = wording.short(match["wanted_value"])
        shown = "None" if is_none(value) else f"`{parsed.code(value)}`"
        kind = "" if is_none(value) else f", {wording.kind(match['value'])},"
        wrong.append(f"{shown}{kind} is the value of `{parsed.code(key)}` where values{whose} are {wanted}")
    said = " and ".join(wrong)
    return Card(f"{said[:1].upper()}{said[1:]}.", places) if said else None


def _holder(case: Case, parsed: ParsedPython) -> tuple[str, tuple[Place, ...]]:
    """The variable whose declaration the display is written in, or assigned to."""
    node = parsed.around(case.span, (ast.Assign, ast.AnnAssign))
    if node is None:
        return "", ()
    target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
    if isinstance(target, ast.Tuple | ast.List):
        return "", ()
    return parsed.code(target), declaration(case, parsed, target)[1]


def typed_dict(case: Case) -> Card | None:
    if match := told(_KEY_MISSING, case):
        names = _QUOTED.findall(match["keys"])
        places = tuple(place for name in names for place in member_place(case, match["type"], name))
        return Card(
            f"This `{match['type']}` leaves out {_keys(names)}, which every `{match['type']}` has.", places
        )
    if match := told(_KEY_EXTRA, case):
        names = _QUOTED.findall(match["keys"])
        return _unknown_keys(case, match["type"], names)
    if match := told(_KEY_UNKNOWN, case):
        return _unknown_keys(case, match["type"], [match["key"]])
    match, parsed, value = told(_KEY_TYPE, case), case.python, case.expression
    if match is None or parsed is None or value is None:
        return None
    key, given = match["key"] or match["key2"], match["given"] or match["given2"]
    wanted = wording.short(match["wanted"] or match["wanted2"])
    shown = "None" if is_none(value) else f"`{parsed.code(value)}`, {wording.kind(given)},"
    owner = _owner(case, parsed)
    places = member_place(case, owner, key) if owner else ()
    return Card(f"{shown} is given for the key `{key}`, which holds {wanted}.", places)


def _owner(case: Case, parsed: ParsedPython) -> str:
    """The TypedDict that the dict display or the subscript around the finding belongs to."""
    node = parsed.around(case.span, (ast.Assign, ast.AnnAssign))
    if isinstance(node, ast.AnnAssign) and isinstance(node.annotation, ast.Name):
        return node.annotation.id
    target = node.targets[0] if isinstance(node, ast.Assign) else None
    owner = class_of(case, target.value) if isinstance(target, ast.Subscript) else None
    return owner.name if owner is not None else ""


def _unknown_keys(case: Case, owner: str, names: list[str]) -> Card:
    definition = class_named(case, owner)
    members = members_of(case, definition) if definition is not None else None
    near = likeliest(names[0], [sketches(members)], 1) if members and len(names) == 1 else []
    tail = f"; the nearest is `{near[0]}`" if near else ""
    places = (members[near[0]],) if members is not None and near else ()
    if definition is not None and not near:
        places = (case.place(definition, f"defines `{definition.name}`"),)
    return Card(f"A `{owner}` has no {_keys(names)}{tail}.", places)


def _keys(names: list[str]) -> str:
    return f"key{'s' if len(names) > 1 else ''} {listed(names)}"
