"""What analyzers say about memory: freed and used, freed twice, never freed, null, past the end."""

from __future__ import annotations

import re

from lsp_debugger.cards.c.lookup import arguments, call_around, declaration_of, declared, function_around
from lsp_debugger.cards.c.wording import Rule, code, related, rule
from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card, Place

_FREES = (
    "freed here",
    "is released",
    "call to 'free'",
    "call to \u2018free\u2019",
    "free here",
    "free\u2019 here",
    "'free' here",
)
_WHEN = re.compile(
    r"following .(?:true|false). branch \(when (?P<what>[^)\n]{1,160})\)|^Assuming (?P<clang>[^\n]{1,160})"
)


def used_after_free(case: Case, match: re.Match[str]) -> Card | None:
    name = match.groupdict().get("name") or _released_name(case)
    freed = related(case, *_FREES)
    if not name or freed is None:
        return None
    use = code(case.line_text.strip() if len(case.code) < 2 else case.code)
    if freed.line > case.line and freed.path == case.path:
        headline = (
            f"{use} uses `{name}` again after line {freed.line} has freed it, on the next turn of the loop."
        )
    elif freed.line == case.line:
        headline = f"{use} uses `{name}` after freeing it."
    else:
        verb = "deleted" if re.search(r"\bdelete\b", _line(case, freed)) else "freed"
        headline = f"{use} uses `{name}`, which line {freed.line} has {verb}."
    return Card(headline, (_freed_place(case, freed), *_branches(case)))


def _freed_place(case: Case, freed: Place) -> Place:
    return Place(
        case.shown(freed.path),
        freed.line,
        code(_line(case, freed)) if freed.path == case.path else "frees it",
    )


def _line(case: Case, place: Place) -> str:
    return case.snapshot.line_text(place.line - 1).strip()


def _released_name(case: Case) -> str:
    """The variable that the line of the release names."""
    freed = related(case, *_FREES)
    if freed is None or freed.path != case.path:
        return ""
    match = re.search(
        r"(?:\bfree\s*\(\s*|\bdelete(?:\s*\[\s*\])?\s+)(?P<name>[\w.>-]{1,80})", _line(case, freed)
    )
    name = match["name"] if match is not None else ""
    return name if name and re.search(rf"\b{re.escape(name)}\b", case.line_text) else ""


def _branches(case: Case) -> tuple[Place, ...]:
    """The decisions on the way, as the analyzer took them."""
    found = list[Place]()
    for place in case.problem.related:
        match = _WHEN.search(place.note)
        if match is not None:
            what = (match["what"] or match["clang"]).translate(str.maketrans("\u2018\u2019'", "```"))
            found.append(Place(case.shown(place.path), place.line, f"when {what}"))
    return tuple(found[-2:])


def freed_twice(case: Case, match: re.Match[str]) -> Card | None:
    name = match.groupdict().get("name") or _released_name(case)
    first = related(case, "first", *_FREES)
    if not name or first is None:
        return None
    verb = "deletes" if "delete" in case.line_text else "frees"
    return Card(
        f"Line {case.line} {verb} `{name}`, which line {first.line} has done already.",
        (_freed_place(case, first), *_branches(case)),
        (f"Setting `{name}` to null behind the first one makes the second harmless.",)
        if re.search(r"\bfree\s*\(|\bdelete\b", case.line_text)
        else (),
    )


def leaked(case: Case, match: re.Match[str]) -> Card | None:
    start = related(case, "allocated", "opened")
    name = match.groupdict().get("name") or (_assigned_name(case, start) if start is not None else "")
    if not re.fullmatch(r"[\w.>*-]{1,80}", name) or start is None:
        return None
    is_file = "opened" in start.note.lower()
    what = "closing" if is_file else "freeing"
    function = function_around(case)
    end = f"line {case.line}" if function is not None else "this line"
    return Card(
        f"The way out at {end} leaves without {what} `{name}`.",
        (
            Place(
                case.shown(start.path),
                start.line,
                code(_line(case, start)) if start.path == case.path else start.note,
            ),
            *_branches(case),
        ),
    )


def _assigned_name(case: Case, place: Place) -> str:
    nodes = case.nodes
    if nodes is None or place.path != case.path or place.line > len(case.snapshot.lines):
        return ""
    line = case.snapshot.lines.span_of(place.line - 1)
    for node in nodes.within(line, "init_declarator", "assignment_expression"):
        left = node.child_by_field_name("declarator") or node.child_by_field_name("left")
        name = declared(left) if left is not None else None
        if name is not None:
            return nodes.text(name)
    return ""


def maybe_null(case: Case, match: re.Match[str]) -> Card | None:
    name = match["name"]
    start = related(case, "could return NULL")
    if start is None:
        return None
    source = _call_at(case, start)
    use = code(case.code if len(case.code) > 2 else case.line_text.strip())
    return Card(
        f"`{name}` is null where {source} fails, and {use} does not ask.",
        (
            Place(
                case.shown(start.path),
                start.line,
                code(_line(case, start)) if start.path == case.path else "",
            ),
        ),
    )


def _call_at(case: Case, place: Place) -> str:
    match = re.search(r"\b(malloc|calloc|realloc|strdup|fopen|aligned_alloc)\s*\(", _line(case, place))
    return (
        f"`{match[1]}`" if match is not None and place.path == case.path else f"the call in line {place.line}"
    )


def null_used(case: Case, match: re.Match[str]) -> Card | None:
    name = match.groupdict().get("name") or ""
    start = related(case, "is NULL", "null pointer value", "to null")
    if not name.isidentifier():
        return None
    use = code(_access(case, name))
    if start is None:
        found = declaration_of(case, name)
        places = (case.here(found.line, code(found.text())),) if found is not None else ()
        return Card(f"`{name}` can be null where {use} follows it.", (*places, *_branches(case)))
    shown = Place(
        case.shown(start.path), start.line, code(_line(case, start)) if start.path == case.path else ""
    )
    return Card(
        f"`{name}` is still null from line {start.line} where {use} follows it.", (shown, *_branches(case))
    )


def _access(case: Case, name: str) -> str:
    """The expression that follows the pointer."""
    nodes = case.nodes
    types = ("field_expression", "subscript_expression", "pointer_expression")
    node = nodes.around(case.span, *types) if nodes is not None else None
    text = nodes.text(node) if nodes is not None and node is not None else ""
    return text if name in text else case.line_text.strip()


def past_end(case: Case, match: re.Match[str]) -> Card | None:
    index, size = match.groupdict().get("index"), match.groupdict().get("size")
    nodes = case.nodes
    node = nodes.around(case.span, "subscript_expression") if nodes is not None else None
    owner = node.child_by_field_name("argument") if node is not None else None
    if nodes is None or node is None or owner is None or index is None or size is None:
        return None
    name = nodes.text(owner)
    found = declaration_of(case, name)
    places = (case.here(found.line, code(found.text())),) if found is not None else ()
    last = int(size) - 1
    return (
        Card(f"`{name}` has {size} elements, 0 to {last}: {code(nodes.text(node))} is past its end.", places)
        if index.lstrip("-").isdecimal() and int(index) >= int(size)
        else None
    )


def too_long(case: Case, match: re.Match[str]) -> Card | None:
    name, size = match["name"], match["size"]
    call = call_around(case)
    found = declaration_of(case, name)
    if call is None or found is None:
        return None
    return Card(
        f"{code(call.text())} goes past the {size} bytes of `{name}`.",
        (case.here(found.line, code(found.text())),),
        ("A string also needs a byte for its end.",) if "str" in call.text()[:6] else (),
    )


def not_allocated(case: Case, match: re.Match[str]) -> Card | None:
    name = match["name"]
    call = call_around(case)
    given = arguments(call) if call is not None else []
    if call is None or not given:
        return None
    made = related(case, "region created on stack", "declared here")
    places = (
        (case.here(made.line, code(_line(case, made))),)
        if made is not None and made.path == case.path
        else ()
    )
    return Card(f"{code(call.text())} frees `{name}`, which no `malloc` has given.", places)


def garbage(case: Case, _match: re.Match[str]) -> Card | None:
    """Clang's analyzer about what is returned: the expression itself."""
    nodes = case.nodes
    node = nodes.around(case.span, "return_statement") if nodes is not None else None
    if nodes is None or node is None or not node.named_children:
        return None
    value = node.named_children[0]
    text = nodes.text(value)
    name = re.match(r"\w+", text)
    found = declaration_of(case, name[0]) if name is not None else None
    places = (case.here(found.line, code(found.text())),) if found is not None else ()
    return Card(f"`return {text}` gives back what has no value on this way.", (*places, *_branches(case)))


RULES: tuple[Rule, ...] = (
    rule(r"use after 'free' of '(?P<name>{q})'", used_after_free),
    rule(r"use after 'delete(?:\[\])?' of '(?P<name>{q})'", used_after_free),
    rule(r"pointer '(?P<name>{q})' (?:may be )?used after '{q}'", used_after_free),
    rule(r"use of memory after it is (?:freed|released)", used_after_free),
    rule(r"double-'(?:free|delete|fclose)' of (?:FILE )?'(?P<name>{q})'", freed_twice),
    rule(r"attempt to (?:free|release) (?:already )?released memory", freed_twice),
    rule(r"leak of (?:FILE )?'(?P<name>{q})'", leaked),
    rule(r"potential leak of memory pointed to by '(?P<name>{q})'", leaked),
    rule(r"opened stream never closed", leaked),
    rule(r"(?:use|dereference) of possibly-NULL '(?P<name>{q})'", maybe_null),
    rule(r"dereference of NULL '(?P<name>{q})'", null_used),
    rule(r"use of NULL '(?P<name>{q})' where non-null expected", null_used),
    rule(
        r".{0,120}dereference of a? ?(?:null|undefined) pointer.{0,40}\(loaded from variable "
        r"'(?P<name>{q})'\)",
        null_used,
    ),
    rule(
        r"array subscript (?P<index>-?\d+) is (?:above|outside) array bounds of "
        r"'[^'\n\[]{1,100}\[(?P<size>\d+)\]'",
        past_end,
    ),
    rule(
        r"array index (?P<index>\d+) is past the end of the array \((?:that has type "
        r"'[^'\n\[]{1,100}\[(?P<size>\d+)\]'|"
        r"which contains \d+ element)",
        past_end,
    ),
    rule(
        r"'{q}' forming offset .{1,60} is out of the bounds \[0, (?P<size>\d+)\] of object '(?P<name>{q})'",
        too_long,
    ),
    rule(r"'free' of '(?P<name>{q})' which points to memory on the stack", not_allocated),
    rule(r"'free' called on unallocated object '(?P<name>{q})'", not_allocated),
    rule(r"undefined or garbage value returned to caller", garbage),
)
