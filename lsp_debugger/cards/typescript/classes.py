"""Classes and what they promise: interfaces, abstract members, overrides."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.typescript.source import field, node_at, parent, source_of
from lsp_debugger.cards.typescript.types import TypeThing, members_of, type_named
from lsp_debugger.cards.typescript.wording import chain, kind, listed
from lsp_debugger.core.ask import Card, Place

_IMPLEMENTS = re.compile(
    r"Class '(?P<class>[^'\n]{1,200})' incorrectly (?P<how>implements (?:interface|class)|extends base "
    r"class|implements class) '(?P<base>[^'\n]{1,200})'"
)
_LACKS_ONE = re.compile(r"Property '(?P<names>[^'\n]{1,200})' is missing in type")
_LACKS = re.compile(
    r"Type '[^'\n]{1,300}' is missing the following properties from type '[^'\n]{1,300}': (?P<names>.{1,600})"
)
_ABSTRACT = re.compile(
    r"Non-abstract class (?:'(?P<class>[^'\n]{1,200})'|expression) does not implement inherited abstract "
    r"member "
    r"'?(?P<member>[\w$#]{1,200})'? from class '(?P<base>[^'\n]{1,200})'"
)
_SEVERAL = re.compile(
    r"Non-abstract class (?:'(?P<class>[^'\n]{1,200})'|expression) is missing implementations for the "
    r"following members of '(?P<base>[^'\n]{1,200})': "
    r"(?P<members>.{1,600})"
)
_OVERRIDE = re.compile(
    r"Property '(?P<name>[^'\n]{1,200})' in type '(?P<class>[^'\n]{1,200})' is not assignable to the same "
    r"property in base type '(?P<base>[^'\n]{1,200})'"
)
_PARAMETERS = re.compile(
    r"Types of parameters '(?P<own>[^'\n]{1,200})' and '(?P<theirs>[^'\n]{1,200})' are incompatible"
)
_TYPES = re.compile(r"Type '(?P<given>.{1,1500}?)' is not assignable to type '(?P<wanted>.{1,1500}?)'\.?$")
_CLASSES = ("class_declaration", "class", "abstract_class_declaration")


def _plain(name: str) -> str:
    return name.partition("<")[0]


def not_implemented(case: Case) -> Card | None:
    """2420 and 2415: what the class lacks, or what does not fit."""
    told = chain(case.problem.message)
    match = _IMPLEMENTS.match(told[0]) if told else None
    source = source_of(case)
    if match is None or source is None or len(told) < 2:
        return None
    base = type_named(case, source, _plain(match["base"]))
    lacks = _LACKS.match(told[1]) or _LACKS_ONE.match(told[1])
    if lacks is not None:
        names = [name.strip() for name in re.sub(r",? and \d+ more\.?$", "", lacks["names"]).split(",")]
        return Card(
            f"`{match['class']}` lacks {listed(names)}, which `{match['base']}` requires.",
            _places(case, base, names),
        )
    found = re.match(r"Types of property '(?P<name>[^'\n]{1,200})' are incompatible", told[1])
    types = next((each for line in told[2:] if (each := _TYPES.match(line))), None)
    if found is None or types is None:
        return None
    return Card(
        f"`{found['name']}` of `{match['class']}` is {kind(types['given'])}, and `{match['base']}` has "
        f"{kind(types['wanted'])}.",
        _places(case, base, [found["name"]]),
    )


def _places(case: Case, base: TypeThing | None, names: list[str]) -> tuple[Place, ...]:
    if base is None:
        return ()
    members = members_of(case, base).found
    found = tuple(members[name].place(case) for name in names[:3] if name in members)
    return found or (base.place(case),)


def abstract_members(case: Case) -> Card | None:
    """2515, 2653, 2654: what the class has to write itself."""
    match = _ABSTRACT.match(case.problem.message)
    several = _SEVERAL.match(case.problem.message)
    source = source_of(case)
    if source is None or (match is None and several is None):
        return None
    if match is not None:
        owner, base, names = match["class"] or "", match["base"], [match["member"]]
    else:
        assert several is not None, "one of the two"
        owner, base = several["class"] or "", several["base"]
        names = re.findall(r"'([^'\n]{1,200})'", several["members"])
    subject = f"`{owner}`" if owner else "This class"
    thing = type_named(case, source, _plain(base))
    return Card(
        f"{subject} does not write {listed(names)}, which `{base}` leaves to classes that extend it.",
        _places(case, thing, names),
    )


def abstract_instance(case: Case) -> Card | None:
    """2511."""
    source = source_of(case)
    made = field(
        source.nodes.around(case.span, "new_expression") if source is not None else None, "constructor"
    )
    if source is None or made is None:
        return None
    name = source.shown(made, 40)
    thing = type_named(case, source, name) if made.type == "identifier" else None
    members = members_of(case, thing).found.values() if thing is not None else ()
    open_ones = [each for each in members if each.node.type == "abstract_method_signature"]
    tail = (
        f": {listed([each.name for each in open_ones])} {'is' if len(open_ones) == 1 else 'are'} left open"
        if open_ones
        else ""
    )
    return Card(
        f"`{name}` is abstract, only classes that extend it can be made{tail}.",
        (thing.place(case),) if thing is not None else (),
    )


def override(case: Case) -> Card | None:
    """2416: which part of the member differs."""
    told = chain(case.problem.message)
    match = _OVERRIDE.match(told[0]) if told else None
    source = source_of(case)
    if match is None or source is None:
        return None
    name = match["name"]
    base = type_named(case, source, _plain(match["base"]))
    member = members_of(case, base).found.get(name) if base is not None else None
    places = (member.place(case),) if member is not None else ()
    return Card(
        f"`{name}` of `{match['class']}` does not fit `{name}` of `{match['base']}`{_part(told)}.", places
    )


def _part(told: list[str]) -> str:
    for number, line in enumerate(told):
        if (match := _PARAMETERS.match(line)) is not None and number + 1 < len(told):
            types = _TYPES.match(told[number + 1])
            if types is not None:
                own, other = kind(types["wanted"]), kind(types["given"])
                return f": its parameter `{match['own']}` is {own} where the other takes {other}"
    types = _TYPES.match(told[-1])
    if types is not None and "=>" not in told[-1]:
        return f": {kind(types['given'])} is not {kind(types['wanted'])}"
    return ""


def needs_override(case: Case) -> Card | None:
    """4114 and 4113."""
    source = source_of(case)
    if source is None:
        return None
    at = node_at(source, case.span)
    owner = parent(source, at, *_CLASSES)
    name = field(owner, "name")
    match = re.search(r"(?:base class|containing class) '(?P<base>[^'\n]{1,200})'", case.problem.message)
    thing = type_named(case, source, _plain(match["base"])) if match is not None else None
    member = members_of(case, thing).found.get(case.code) if thing is not None else None
    if (
        match is None
        or name is None
        or not case.code.isidentifier()
        or "because it overrides" not in case.problem.message
    ):
        return None
    return Card(
        f"`{case.code}` of `{source.text(name)}` replaces the one of `{match['base']}` and does not say so "
        "with `override`.",
        (member.place(case),) if member is not None else (),
    )
