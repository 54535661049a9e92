"""Why a type is no implementation of an interface: the method that is missing, or that is another one."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.go.package import in_package, near_in_package, one, type_definition
from lsp_debugger.cards.go.source import plain_type, short
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.core.ports import Definition

_LACKS = re.compile(
    r"(?:[:;(]\s*)?(?P<type>[^\s(:]{1,200}) does not implement (?P<interface>[^\s(]{1,200}) "
    r"\((?P<why>missing method|wrong type for method|method|unexported method|type \S+ is pointer to "
    r"interface)"
    r"\s?(?P<method>\w{1,100})?(?P<pointer> has pointer receiver)?"
)
_HAVE_WANT = re.compile(r"\s+have (?P<have>[^\n]{1,200})\n\s*want (?P<want>[^\n]{1,200})")


def lacks(case: Case, message: str, *, code: str) -> Card | None:
    """code: what is to be used as the interface, as the message has it."""
    match = _LACKS.search(message)
    if match is None or match["method"] is None:
        return None
    kind, interface, method = match["type"], match["interface"], match["method"]
    own, wanted = _method(case, kind, method), _method(case, interface, method)
    types = f"`{short(interface)}`"
    if match["pointer"]:
        return Card(
            f"Only `*{short(kind)}` has the method `{method}` that {types} asks for; `{short(code)}` "
            f"is no pointer.",
            (*_places(case, own), *_places(case, wanted)),
            (f"`&{short(code)}` is one.",) if re.match(r"[\w.]+\{", code) else (),
        )
    pair = _HAVE_WANT.search(message)
    if pair is not None:
        have, want = pair["have"], pair["want"]
        is_case = have.partition("(")[0] != want.partition("(")[0]
        said = f"`{short(kind)}` has `{short(have)}` where {types} asks for `{short(want)}`"
        tail = ": capital letters count" if is_case else ""
        if is_case:
            own = _method(case, kind, have.partition("(")[0])
        return Card(f"{said}{tail}.", (*_places(case, own), *_places(case, wanted)))
    if match["why"] != "missing method":
        return None
    owner = type_definition(case, kind)
    plain = plain_type(kind.rpartition(".")[2] if "." in kind else kind)
    near = near_in_package(case, method, owner[1], plain) if owner is not None else []
    near = [each for each in near if each.kind == "method"][:1]
    tail = f"; the nearest is `{near[0].name}`" if near else ""
    defined = (case.place(owner[0]),) if owner is not None and not near else ()
    return Card(
        f"`{short(kind)}` has no method `{method}`, which {types} asks for{tail}.",
        (*(case.place(each) for each in near), *_places(case, wanted), *defined),
    )


def _method(case: Case, kind: str, method: str) -> Definition | None:
    found = type_definition(case, kind)
    if found is None:
        return None
    return one(in_package(case, f"{found[0].name}.{method}", found[1]))


def _places(case: Case, found: Definition | None) -> tuple[Place, ...]:
    return (case.place(found),) if found is not None else ()
