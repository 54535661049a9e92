"""What rustc warns of: things that are not used, not reached, or written against the custom."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.rustc import told
from lsp_debugger.cards.rustc.items import function_around
from lsp_debugger.core.ask import Card

_VARIABLE = re.compile(r"^unused variable: `(?P<name>[^`]{1,120})`")
_ASSIGNED = re.compile(r"^variable `(?P<name>[^`]{1,120})` is assigned to, but never used")
_VALUE = re.compile(r"^value (?:assigned to|captured by) `(?P<name>[^`]{1,120})` is never read")
_IMPORTS = re.compile(r"^unused imports?: (?P<names>`.{1,600}`)")
_DEAD = re.compile(
    r"^(?P<kinds>[a-z, ]{1,60}?) (?P<names>`.{1,600}`) (?:is|are) never (?P<how>used|read|constructed)"
)
_RESULT = re.compile(r"^unused `(?P<type>[^`]{1,120})` (?P<in>in .{1,40} )?that must be used")
_RETURNED = re.compile(r"^unused return value of `(?P<name>[^`]{1,160})` that must be used")
_IMPLEMENTER = re.compile(r"^unused implementer of `(?P<type>[^`]{1,120})` that must be used")
_OPERATION = re.compile(r"^unused (?P<what>[a-z ]{1,40}) that must be used")
_DEPRECATED = re.compile(
    r"^use of deprecated (?P<kind>[a-z ]{1,40}) `(?P<name>[^`]{1,200})`(?:: (?P<note>.{1,300}))?"
)
_NAMED = re.compile(
    r"^(?P<kind>[a-z ]{1,40}) `(?P<name>[^`]{1,120})` should have (?:a|an) (?P<style>.{1,40}) name"
)
_CONVERT = re.compile(r"^(?:convert|rename) the identifier to (?P<style>.{1,40}): `(?P<name>\w{1,120})`")
_AROUND = re.compile(r"^unnecessary (?P<what>parentheses|braces) around (?P<where>.{1,60})")
_LITERAL = re.compile(r"^literal out of range for `(?P<type>[^`]{1,20})`")
_RANGE = re.compile(r"whose range is `(?P<range>[^`]{1,80})`")
_BINDERS = ("closure_parameters", "parameter", "let_declaration", "match_arm", "for_expression")
_LAZY = "iterators are lazy"


def unused_variable(case: Case) -> Card | None:
    assigned = told.match(case, _ASSIGNED)
    if assigned is not None:
        return Card(f"`{assigned['name']}` is assigned, but nothing ever reads it.")
    found, nodes = told.match(case, _VARIABLE), case.nodes
    if found is None or nodes is None:
        return None
    name = found["name"]
    pattern = nodes.around(case.span, "struct_pattern")
    if pattern is not None:
        owner = pattern.child_by_field_name("type")
        of = f" of `{nodes.text(owner)}`" if owner is not None else ""
        leave = (f"`{name}: _`, or `..` at the end, leaves it out.",)
        return Card(f"The pattern takes the field `{name}`{of}, and nothing uses it.", (), leave)
    keep = (f"`_{name}` says that this is meant.",) if name.isidentifier() else ()
    return Card(_unused(case, name), (), keep)


def _unused(case: Case, name: str) -> str:
    inner = case.nodes.around(case.span, *_BINDERS) if case.nodes is not None else None
    function, kind = function_around(case), inner.type if inner is not None else ""
    if kind == "parameter" and function is not None:
        return f"`{function.name}` does not use its parameter `{name}`."
    says = {
        "for_expression": f"The loop does not use its variable `{name}`.",
        "let_declaration": f"`{name}` gets a value here, but nothing reads it.",
        "closure_parameters": f"The closure does not use its parameter `{name}`.",
    }
    return says.get(kind, f"Nothing uses `{name}`, which is bound here.")


def unused_value(case: Case) -> Card | None:
    found = told.match(case, _VALUE)
    if found is None:
        return None
    return Card(f"The value that `{found['name']}` gets here is never read.")


def unused_import(case: Case) -> Card | None:
    found = told.match(case, _IMPORTS)
    if found is None:
        return None
    names = [each.rpartition("::")[2] or each for each in re.findall(r"`([^`]+)`", found["names"])]
    shown = ", ".join(f"`{each}`" for each in names[:6])
    if names == ["*"]:
        return Card(f"Nothing here uses what {found['names']} brings in.")
    traits = any(each[:1].isupper() for each in names)
    return (
        Card(
            f"{shown} {'is' if len(names) == 1 else 'are'} imported here, and nothing uses "
            f"{'it' if len(names) == 1 else 'them'}.",
            (),
            (),
        )
        if traits or names
        else None
    )


def unused_mut(case: Case) -> Card | None:
    text, nodes = told.code(case), case.nodes
    node = nodes.around(case.span, "let_declaration", "parameter") if nodes is not None else None
    name = re.sub(r"^mut\s+", "", text) if text.startswith("mut ") else ""
    if not name and node is not None and nodes is not None:
        pattern = node.child_by_field_name("pattern")
        name = nodes.text(pattern) if pattern is not None and pattern.type == "identifier" else ""
    return Card(f"`{name}` is never changed, so it needs no `mut`.") if name.isidentifier() else None


def dead(case: Case) -> Card | None:
    found = told.match(case, _DEAD)
    if found is None:
        return None
    names = re.findall(r"`([^`]{1,120})`", found["names"])
    shown = ", ".join(f"`{each}`" for each in names[:6])
    kind, how = found["kinds"], found["how"]
    container = told.beside(case, "in this struct", "in this enum", "in this implementation", "in this trait")
    of = (
        f" of {_owner(case, container.line)}"
        if container is not None and told.is_here(case, container) and _owner(case, container.line)
        else ""
    )
    said = {
        "used": f"Nothing uses the {kind} {shown}{of}.",
        "read": f"Nothing reads the {kind} {shown}{of}.",
        "constructed": f"Nothing makes a {shown}{of}.",
    }[how]
    notes = list[str]()
    if how == "constructed" and kind == "variant":
        said = f"Nothing makes the variant {shown}{of}."
    if how == "used" and len(names) == 1 and _is_mentioned(case, names[0]):
        notes.append("A use in code that is itself unused, or only in tests, does not count.")
    if kind == "field" and case.line_text and told.below(case, re.compile("derived impl")):
        notes.append("What `derive` writes, such as `Debug`, does not count as reading.")
    return Card(said, (), tuple(notes))


def _is_mentioned(case: Case, name: str) -> bool:
    return len(re.findall(rf"\b{re.escape(name)}\b", case.snapshot.text)) > 1


def _owner(case: Case, line: int) -> str:
    text = case.snapshot.line_text(line - 1)
    found = re.search(
        r"\b(?:struct|enum|trait)\s+(?P<a>\w+)|\bimpl(?:<[^{]{0,80}?>)?\s+(?:[^{]{0,80}? for )?(?P<b>\w+)",
        text,
    )
    return f"`{found['a'] or found['b']}`" if found is not None else ""


def unreachable(case: Case) -> Card | None:
    before = told.beside(case, "any code following")
    if before is None or not told.first(case).startswith("unreachable"):
        return None
    text = case.snapshot.line_text(before.line - 1).strip() if told.is_here(case, before) else ""
    shown = f" (`{text[:60]}`)" if text and "`" not in text else ""
    code = case.snapshot.line_text(case.line - 1).strip()
    own = f"`{code[:60]}` is" if code and "`" not in code else "This is"
    return Card(f"{own} never reached: {told.on_line(case, before)}{shown} the way ends.", ())


def must_use(case: Case) -> Card | None:
    code = told.code(case)
    shown = f"`{code}`" if code else "This"
    found, returned, implementer = (
        told.match(case, _RESULT),
        told.match(case, _RETURNED),
        told.match(case, _IMPLEMENTER),
    )
    if implementer is not None:
        lazy = implementer["type"].endswith("Future")
        return (
            Card(f"{shown} makes a future that nothing awaits, so it never runs.", (), ("`.await` runs it.",))
            if lazy
            else None
        )
    if found is not None:
        kind = told.plain(found["type"])
        if kind == "Result" and not found["in"]:
            return Card(
                f"{shown} may fail, and the error is dropped without a look.",
                (),
                ("`?` passes it on, `match` deals with it, `let _ =` drops it on purpose.",),
            )
        if any(_LAZY in line for line in told.lines(case)):
            return Card(
                f"{shown} only describes what to do: nothing goes through this `{kind}`, so nothing happens.",
                (),
                ("`for_each`, `collect` or a `for` loop goes through it.",),
            )
        return Card(f"{shown} gives a `{kind}` that is not used, and it should be.")
    if returned is not None:
        name = returned["name"].rpartition("::")[2]
        why = next((line for line in told.lines(case) if line.startswith("this returns")), "")
        return Card(
            f"{shown} does nothing but give a result, and that is not used."
            if why
            else f"The result of `{name}` is not used, and it is marked as one that has to be.",
            (),
            (f"{why[:1].upper()}{why[1:]}.",) if why and why[-1:].isalpha() else (),
        )
    operation = told.match(case, _OPERATION)
    return (
        Card(f"{shown} is worked out, and the result is not used.")
        if operation is not None and code
        else None
    )


def deprecated(case: Case) -> Card | None:
    found = told.match(case, _DEPRECATED)
    if found is None:
        return None
    note = (f"Its author says: {found['note']}",) if found["note"] else ()
    return Card(f"The {found['kind']} `{told.plain(found['name'])}` is deprecated.", (), note)


def naming(case: Case) -> Card | None:
    found, better = told.match(case, _NAMED), told.below(case, _CONVERT)
    if found is None:
        return None
    shown = (
        f": `{better['name']}`"
        if better is not None and better["name"] != found["name"]
        else f" ({found['style']})"
    )
    return Card(f"The {found['kind']} `{found['name']}` is not named as is usual in Rust{shown}.")


def needless_brackets(case: Case) -> Card | None:
    """The finding's place is one bracket, or both and what is between them."""
    found = told.match(case, _AROUND)
    if found is None:
        return None
    text = " ".join(case.line_text.split())
    shown = f" in `{text}`" if text and len(text) <= 60 and "`" not in text else ""
    return Card(f"The {found['what']} around the {found['where'].replace('`', '')} are not needed{shown}.")


def unreachable_pattern(case: Case) -> Card | None:
    before, code = (
        told.beside(
            case,
            "matches any value",
            "matches all the relevant values",
            "matches all the values already",
            "collectively",
        ),
        told.code(case),
    )
    if before is None or not code or told.first(case) != "unreachable pattern":
        return None
    return Card(
        f"The pattern `{code}` is never tried: {told.on_line(case, before)} everything is taken already."
    )


def literal(case: Case) -> Card | None:
    found, span, code = told.match(case, _LITERAL), told.below(case, _RANGE), told.code(case)
    if found is None or not code:
        return None
    shown = f" (`{span['range']}`)" if span is not None else ""
    return Card(f"`{code}` does not fit into {told.a(found['type'])}{shown}.")


def comparison(case: Case) -> Card | None:
    code = told.code(case)
    if not code or "comparison is useless" not in told.first(case):
        return None
    return Card(f"`{code}` has always the same result: the type has no other values.")


def recursion(case: Case) -> Card | None:
    function = function_around(case)
    if function is None or "without recursing" not in told.first(case):
        return None
    return Card(f"`{function.name}` calls itself on every way through it, so it never returns.")


def static_reference(case: Case) -> Card | None:
    code = told.code(case)
    if not code or "reference to mutable static" not in told.first(case):
        return None
    name = re.search(r"\w+$", code)
    if name is None:
        return None
    return Card(
        f"`{code}` is a reference to the `static mut` `{name[0]}`, which others may change meanwhile.",
        (),
        ("An atomic, a `Mutex` or a `OnceLock` in a plain `static` needs no `unsafe`.",),
    )


def needless_unsafe(case: Case) -> Card | None:
    return (
        Card("Nothing in this `unsafe` block needs it.")
        if told.first(case) == "unnecessary `unsafe` block"
        else None
    )
