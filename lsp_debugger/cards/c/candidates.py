"""Calls and operators that nothing fits: what there is, and why each of it does not."""

from __future__ import annotations

import re

from lsp_debugger.cards.c.lookup import arguments, call_around, definitions, type_named
from lsp_debugger.cards.c.wording import Rule, a_kind, bare_type, code, counted, kind, plain_note, rule
from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card, Place

_UNTEMPLATED = re.compile(r"<[^()\n]{0,300}>")

_CANDIDATE = re.compile(r"candidate(?: \d+)?(?: is)?: '(?P<what>[^'\n]{1,300})'")

_REASON = re.compile(
    r"candidate expects (?P<wanted>\d+) arguments?, (?P<given>\d+) provided"
    r"|no known conversion for argument (?P<at>\d+) from '(?P<from>[^'\n]{1,200})' to '(?P<to>[^'\n]{1,200})'"
    r"|deduced conflicting types for parameter '(?P<parameter>[^'\n]{1,80})' "
    r"\('(?P<one>[^'\n]{1,200})' and '(?P<other>[^'\n]{1,200})'\)"
    r"|couldn't deduce template parameter '(?P<undeduced>[^'\n]{1,80})'"
)

_CLANG_REASON = re.compile(
    r"candidate (?:function|constructor|template).{0,120}?not viable: (?P<why>[^\n]{1,200})"
    r"|candidate template ignored: (?P<ignored>[^\n]{1,200})"
)

_ALSO = re.compile(r" (?:\{aka '[^'\n]{1,400}'\}|\(aka '[^'\n]{1,400}'\))")

_MAX_CANDIDATES = 3


def no_matching(case: Case, match: re.Match[str]) -> Card | None:
    parts = _UNTEMPLATED.sub("", match["name"]).split("::")
    name, owner = parts[-1].strip(), parts[-2].strip() if len(parts) > 1 else ""
    candidates = _candidates(case)
    undeduced = next((place for place in candidates if "nothing says what" in place.note), None)
    if undeduced is not None and match.groupdict().get("types") == "":
        what = undeduced.note.rpartition(": ")[2]
        return Card(f"`{name}` is a template, and {what} here.", _template_place(case, name))
    is_constructor = owner == name or "constructor" in match.groupdict()
    whose = f"constructor of `{name}`" if is_constructor else f"`{name}`"
    if not is_constructor and match["name"].startswith("std::") and owner not in {"", "std"}:
        whose += f" of {kind(match['name'].rpartition('::')[0])}"
    return Card(f"No {whose} takes {_given(case, match)}.", candidates, _conflict(case))


def _template_place(case: Case, name: str) -> tuple[Place, ...]:
    found = definitions(case, name, "class")
    return (case.place(found[0]),) if len(found) == 1 else ()


def template_arguments(case: Case, match: re.Match[str]) -> Card | None:
    nodes = case.nodes
    used = nodes.around(case.span, "template_type", "template_function") if nodes is not None else None
    name = used.child_by_field_name("name") if used is not None else None
    if nodes is None or used is None or name is None:
        return None
    given, wanted = match["given"], match["wanted"]
    return Card(
        f"`{nodes.text(used)}` names {counted(int(given), 'template argument')}, and `{nodes.text(name)}` "
        f"takes {wanted}.",
        _template_place(case, nodes.text(name)),
    )


def _given(case: Case, match: re.Match[str]) -> str:
    types = match.groupdict().get("types")
    if types is not None:
        return f"{kind('(' + types + ')')}" if types else "no arguments"
    call = call_around(case)
    shown = ", ".join(call.text(each) for each in arguments(call)) if call is not None else ""
    return code(shown) if shown else "these arguments"


def _conflict(case: Case) -> tuple[str, ...]:
    """Where a library's function has one type for two parameters."""
    told = (_REASON.search(plain_note(place)) for place in case.problem.related)
    found = next((each for each in told if each is not None and each["one"]), None)
    if found is None:
        return ()
    return (f"Its parameters have one type: {kind(found['one'])} and {kind(found['other'])} are two.",)


def _candidates(case: Case) -> tuple[Place, ...]:
    """Each with the reason why it does not fit; those that the compiler makes by itself last."""
    found = list[tuple[Place, str]]()
    for place in case.problem.related:
        text = _ALSO.sub("", plain_note(place))
        if clang := _CLANG_REASON.search(text):
            found.append((place, (clang["why"] or clang["ignored"]).replace("'", "`")))
        elif (what := _CANDIDATE.search(text)) is not None:
            reason = _reason(text[what.end() :])
            found.append((place, f"{code(what['what'], 90)}{reason and ': ' + reason}"))
    own = [pair for pair in found if not re.search(r"\((?:const \w+&|\w+&&)\)", pair[1])]
    chosen = (own or found)[:_MAX_CANDIDATES]
    return tuple(Place(case.shown(place.path), place.line, why) for place, why in chosen)


def _reason(text: str) -> str:
    match = _REASON.search(text)
    if match is None:
        return ""
    if match["wanted"]:
        return f"takes {counted(int(match['wanted']), 'argument')}, not {match['given']}"
    if match["at"]:
        return f"argument {match['at']} is {a_kind(match['from'])}, not {a_kind(match['to'])}"
    if match["undeduced"]:
        return f"nothing says what `{match['undeduced']}` is"
    return f"both {kind(match['one'])} and {kind(match['other'])} would have to be {kind(match['parameter'])}"


def no_operator(case: Case, match: re.Match[str]) -> Card | None:
    operator = match.groupdict().get("operator") or ""
    left, right = match["left"], match["right"]
    asked = tuple(
        Place(case.shown(place.path), place.line, "is what asks for it")
        for place in case.problem.related
        if place.note == "is what asks for it"
    )[:2]
    call = call_around(case)
    called = f" that {code(call.text())} needs" if call is not None and operator not in case.code else ""
    if operator == "-" and left == right and "_List_iterator" in left:
        return Card(
            f"{code(call.text()) if call else '`std::sort`'} needs iterators that can jump, and a "
            "list's cannot.",
            asked,
            ("A `std::list` sorts itself: `.sort()`.",),
        )
    if operator == "<" and left == right:
        plain = left.removeprefix("const ")
        where = code(call.text()) if call is not None else code(case.line_text.strip())
        return Card(
            f"{kind(plain)} has no `<`, which {where} needs to put them in order.",
            (*_type_place(case, plain), *asked),
        )
    if operator:
        return Card(
            f"There is no `{operator}` between {kind(left)} and {kind(right)}{called}.",
            (*_type_place(case, right), *_type_place(case, left), *asked)[:2],
        )
    return Card(
        f"{code(case.line_text.strip())} has an operator that {kind(left)} and {kind(right)} do not have.",
        asked,
    )


def clang_operands(case: Case, match: re.Match[str]) -> Card | None:
    left, right = match["left"], match["right"]
    nodes = case.nodes
    node = nodes.around(case.span, "binary_expression") if nodes is not None else None
    operator = node.child_by_field_name("operator") if node is not None else None
    if nodes is not None and operator is not None:
        places = (*_type_place(case, right), *_type_place(case, left))[:2]
        shown = nodes.text(operator)
        return Card(f"There is no `{shown}` between {kind(left)} and {kind(right)}.", places)
    call = call_around(case)
    if "_List_iterator" in left and call is not None and call.text().startswith("std::sort"):
        return Card(
            f"{code(call.text())} needs iterators that can jump, and a list's cannot.",
            notes=("A `std::list` sorts itself: `.sort()`.",),
        )
    return None


def _type_place(case: Case, printed: str) -> tuple[Place, ...]:
    found = type_named(case, bare_type(printed))
    return (
        (Place(case.shown(found.path), found.line, f"defines {kind(bare_type(printed))}"),) if found else ()
    )


RULES: tuple[Rule, ...] = (
    rule(
        r"no matching function for call to '(?P<name>[^'(\n]{1,300})\((?P<types>[^'\n]{0,300})\)'",
        no_matching,
    ),
    rule(r"no matching (?:member )?function for call to '(?P<name>{q})'", no_matching),
    rule(r"no matching (?P<constructor>constructor) for initialization of '(?P<name>{q})'", no_matching),
    rule(
        r"no match for 'operator(?P<operator>[^'\n]{1,5})' \(operand types are '(?P<left>{q})' and "
        r"'(?P<right>{q})'\)",
        no_operator,
    ),
    rule(
        r"no match for 'operator(?P<operator>[^'\n]{1,5})' in .{1,300}\(operand types are "
        r"'(?P<left>{q})' and "
        r"'(?P<right>{q})'\)",
        no_operator,
    ),
    rule(
        r"invalid operands to binary (?P<operator>[^\w\s(]{1,3}) \(have '(?P<left>{q})' and "
        r"'(?P<right>{q})'\)",
        no_operator,
    ),
    rule(r"invalid operands to binary expression \('(?P<left>{q})' and '(?P<right>{q})'\)", clang_operands),
    rule(
        r"wrong number of template arguments \((?P<given>\d+), should be (?:at (?:least|most) "
        r")?(?P<wanted>\d+)\)",
        template_arguments,
    ),
)
