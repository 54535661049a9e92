"""Names that are not declared, members that a type does not have, headers that are not found."""

from __future__ import annotations

import re
from pathlib import Path, PurePath

from lsp_debugger.cards.c import headers
from lsp_debugger.cards.c.lookup import declaration_of, definitions, includes, is_cpp, is_seen
from lsp_debugger.cards.c.wording import Rule, code, rule
from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.core.ports import Definition
from lsp_debugger.syntax.likeness import likeliest, sketches

_IDENTIFIER = re.compile(r"[^\W\d]\w*$")

_FOLDERS = ("", "include", "src", "inc", "lib", "headers", "config", "common")

_MAX_LEVELS = 6


def undeclared(case: Case, match: re.Match[str]) -> Card | None:
    name = match["name"].strip()
    suggested = match.groupdict().get("other") or ""
    if name.startswith("std::"):
        return in_std(case, name.removeprefix("std::"))
    if not _IDENTIFIER.match(name):
        return None
    return (
        _later(case, name)
        or _broken(case, name)
        or _standard(case, name)
        or _forgotten_std(case, name, suggested)
        or _elsewhere(case, name)
        or _misspelt(case, name, suggested)
        or Card(f"{_what(case, name)} `{name}` is declared neither in this file nor in what it includes.")
    )


def _what(case: Case, name: str) -> str:
    if "type" in case.problem.message[:200] and "undeclared" not in case.problem.message[:200]:
        return "The type"
    text = case.snapshot.text[case.span.start : case.span.start + len(name) + 2]
    return "The function" if text.replace(" ", "").startswith(f"{name}(") else "The name"


def _later(case: Case, name: str) -> Card | None:
    own = [
        each
        for each in definitions(case, name, "variable", "function", "class")
        if each.path == case.path and each.qualname == name
    ]
    if not own or any(each.start_line <= case.line for each in own):
        return None
    first = own[0]
    return Card(
        f"`{name}` is used in line {case.line}, before line {first.start_line} declares it.",
        (case.place(first),),
        ("A declaration has to stand above the first use.",),
    )


def _broken(case: Case, name: str) -> Card | None:
    """Declared all the same, in a line that the compiler could not take for a declaration."""
    where = declaration_of(case, name)
    if where is None or where.line >= case.line or where.node.type != "declaration":
        return None
    return Card(
        f"`{name}` is declared in line {where.line}, which did not compile: mend that first.",
        (case.here(where.line, code(where.text())),),
    )


def _standard(case: Case, name: str) -> Card | None:
    header = headers.c_header(case, name)
    if header is None or headers.is_included(case, header):
        return None
    more = " among others" if name in headers.SHARED else ""
    return Card(
        f"`{name}` comes from `<{header}>`{more}, which this file does not include.",
        edit=headers.added_include(case, name, header),
    )


def _forgotten_std(case: Case, name: str, suggested: str) -> Card | None:
    """`string` for `std::string`: never for a name that the project has itself."""
    header = headers.STD_NAMES.get(name)
    if header is None or not is_cpp(case) or (suggested and suggested != f"std::{name}"):
        return None
    if suggested or headers.is_included(case, header):
        return Card(f"`{name}` is in the namespace `std`: here it is `std::{name}`.")
    return Card(f"There is no `{name}` here; the standard's is `std::{name}`, from `<{header}>`.")


def in_std(case: Case, name: str) -> Card | None:
    name = name.partition("<")[0]
    header = headers.STD_NAMES.get(name)
    if header is None:
        near = likeliest(name, [sketches(headers.STD_NAMES)], 1)
        return (
            Card(f"The namespace `std` has no `{name}`; the nearest is `std::{near[0]}`.") if near else None
        )
    if headers.is_included(case, header):
        return Card(
            f"`std::{name}` is not in the `<{header}>` that this compiler uses.",
            notes=("Its language standard may be older than the name: `-std=c++20`, for example.",),
        )
    return Card(
        f"`std::{name}` comes from `<{header}>`, which this file does not include.",
        edit=headers.added_include(case, name, header),
    )


def std_member(case: Case, match: re.Match[str]) -> Card | None:
    return in_std(case, match["name"])


def _elsewhere(case: Case, name: str) -> Card | None:
    """In a file of the project that this one does not include, as far as files are known."""
    known = case.around.symbols.definitions(name, case.path)
    found = [
        each for each in known if each.kind in {"function", "class", "variable"} and each.qualname == name
    ]
    headers_with = [each for each in found if each.path.endswith((".h", ".hpp", ".hh", ".hxx"))]
    places = {each.path for each in headers_with}
    if len(places) != 1 or is_seen(case, headers_with[0].path):
        return None
    there = headers_with[0]
    return Card(
        f"`{name}` is declared in `{case.shown(there.path)}`, which this file does not include.",
        (case.place(there),),
    )


def _misspelt(case: Case, name: str, suggested: str) -> Card | None:
    near = suggested if _is_known(case, suggested) else next(iter(_similar(case, name)), "")
    if not near:
        return None
    where = declaration_of(case, near)
    if where is not None:
        line = where.line
        return Card(
            f"`{name}` is not declared; the nearest name is `{near}`, declared in line {line}.",
            (case.here(line, code(where.text())),),
        )
    found = definitions(case, near, "function", "class", "variable", "method")
    return Card(
        f"`{name}` is not declared; the nearest name is `{near}`.",
        (case.place(found[0]),) if len(found) == 1 else (),
    )


def _is_known(case: Case, name: str) -> bool:
    """The compiler also suggests what some header of the system has: nothing that anybody meant."""
    return bool(name) and (declaration_of(case, name) is not None or bool(_own(case, name)))


def _own(case: Case, name: str) -> list[Definition]:
    return definitions(case, name, "function", "class", "variable")


def _similar(case: Case, name: str) -> list[str]:
    return [each for each in case.around.symbols.similar(name, case.path, 5) if _is_known(case, each)]


def missing_header(case: Case, match: re.Match[str]) -> Card | None:
    name = match["name"]
    here = includes(case.line_text)
    if here and PurePath(here[0]) != PurePath(name):
        return Card(f"`{here[0]}` needs `{name}`, which was not found.")
    if case.line_text and not here:
        return None
    found = _on_disk(case, name)
    angled = f"<{name}>" in case.line_text
    if found is not None:
        shown = case.shown(found)
        return Card(
            f"`{name}` is not where this compiler looks for headers, but there is `{shown}`.",
            (Place(shown, 1, "has that name"),),
            (f"`-I{PurePath(shown).parent.as_posix()}` makes it look there.",)
            if shown.endswith(name)
            else (),
        )
    where = (
        "in none of the system's folders" if angled else "neither beside this file nor in the include folders"
    )
    note = f"Headers of libraries come with their development packages: `{name.partition('/')[0]}` names it."
    return Card(f"`{name}` was not found: it is {where}.", notes=(note,) if angled and "/" in name else ())


def _on_disk(case: Case, name: str) -> str | None:
    """A file of that name in the folders that projects keep headers in."""
    root = case.around.root
    if root is None or ".." in name or name.startswith("/"):
        return None
    levels = [each for each in Path(case.path).parents if each.is_relative_to(root)][:_MAX_LEVELS]
    for level in levels:
        for folder in _FOLDERS:
            place = level / folder / name
            if str(place) != case.path and case.around.read(str(place)) is not None:
                return str(place)
    return None


def unknown_function_at_link(case: Case, match: re.Match[str]) -> Card | None:
    """The linker's words: it knows the name and has no code for it."""
    name = match["name"].partition("(")[0]
    found = definitions(case, name.rpartition("::")[2], "function", "method")
    bodies = [each for each in found if "{" in each.text]
    if bodies:
        return Card(
            f"`{name}` has its body in `{case.shown(bodies[0].path)}`, which is not part of what is linked.",
            (case.place(bodies[0]),),
        )
    places = (case.place(found[0], "only declares it"),) if found else ()
    notes = () if found else ("A library that is not named when linking, or a file that is not compiled.",)
    return Card(f"`{name}` is used and nothing that is linked has a body for it.", places, notes)


RULES: tuple[Rule, ...] = (
    rule(
        r"'(?P<name>{q})' undeclared(?: \(first use.*?\))?(?:; did you mean '(?P<other>{q})'\?)?", undeclared
    ),
    rule(r"'(?P<name>{q})' was not declared in this scope(?:; did you mean '(?P<other>{q})'\?)?", undeclared),
    rule(r"use of undeclared identifier '(?P<name>{q})'(?:; did you mean '(?P<other>{q})'\?)?", undeclared),
    rule(r"unknown type name '(?P<name>{q})'(?:; did you mean '(?P<other>{q})'\?)?", undeclared),
    rule(
        r"implicit declaration of function '(?P<name>{q})'(?:; did you mean '(?P<other>{q})'\?)?", undeclared
    ),
    rule(r"call to undeclared (?:library )?function '(?P<name>{q})'", undeclared),
    rule(r"implicitly declaring library function '(?P<name>{q})'", undeclared),
    rule(r"'(?P<name>\w+)' (?:in namespace 'std' does not name|is not a member of 'std')", std_member),
    rule(r"no (?:member|type|template) named '(?P<name>\w+)' in namespace 'std'", std_member),
    rule(
        r"'(?P<name>{q})' does not name a(?: template)? type(?:; did you mean '(?P<other>{q})'\?)?",
        undeclared,
    ),
    rule(r"(?P<name>[^:'\n]{1,200}): No such file or directory$", missing_header),
    rule(r"'(?P<name>{q})' file not found", missing_header),
    rule(r"(?:.{0,400}: )?undefined reference to [`'](?P<name>[^'`\n]{1,300})'", unknown_function_at_link),
    rule(r"undefined symbol: (?P<name>[^\n]{1,300})", unknown_function_at_link),
)
