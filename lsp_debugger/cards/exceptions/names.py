"""Names and imports that fail at run time."""

from __future__ import annotations

import ast
import re

from lsp_debugger.cards.exceptions.raised import Raised
from lsp_debugger.cards.python.bindings import Binding, bindings
from lsp_debugger.cards.python.flow import gap_before
from lsp_debugger.cards.python.packages import missing_module
from lsp_debugger.cards.python.parsed import FunctionNode
from lsp_debugger.cards.python.resolve import files_of
from lsp_debugger.cards.python.stdlib import names_in
from lsp_debugger.cards.python.undefined import undefined_name
from lsp_debugger.core.ask import Card
from lsp_debugger.syntax.likeness import likeliest, sketches

_UNDEFINED = re.compile(r"(?:global )?name '(?P<name>[^']+)' is not defined")
_UNBOUND = re.compile(r"(?:cannot access )?local variable '(?P<name>[^']+)' ")
_FREE = re.compile(r"(?:cannot access )?free variable '(?P<name>[^']+)' ")
_NO_MODULE = re.compile(
    r"No module named '(?P<module>[^']+)'(?P<not_package>; '(?P<parent>[^']+)' is not a package)?"
)
_NO_NAME = re.compile(
    r"cannot import name '(?P<name>[^']+)' from (?P<partly>partially initialized module )?'(?P<module>[^']+)'"
)


def name_error(raised: Raised) -> Card | None:
    if match := _UNDEFINED.match(raised.message):
        return undefined_name(raised.case, match["name"])
    if match := _FREE.match(raised.message):
        return Card(
            f"`{match['name']}` of the function outside has no value yet when it is read here.", raised.here()
        )
    return None


def unbound_local(raised: Raised) -> Card | None:
    match, parsed = _UNBOUND.match(raised.message), raised.case.python
    if match is None or parsed is None:
        return None
    name = match["name"]
    use = next((node for node in raised.on_line(ast.Name) if node.id == name), None)
    if use is None:
        return None
    function = parsed.function_around(parsed.span(use))
    places = bindings(function).get(name, ()) if function is not None else ()
    if function is None or not places:
        return None
    return _shadowed(raised, function, use, places[0]) or _skipped(raised, use, places[0])


def _shadowed(raised: Raised, function: FunctionNode, use: ast.Name, first: Binding) -> Card | None:
    """A binding further down makes the name local, and one outside was meant."""
    case, parsed, name = raised.case, raised.case.python, use.id
    outside = bindings(parsed.tree).get(name, ()) if parsed is not None else ()
    if first.line < use.lineno or not outside:
        return None
    return Card(
        f"`{name}` is a local name of `{function.name}`, because line {first.line} binds it; "
        f"the `{name}` of line {outside[0].line} is not read.",
        (case.here(first.line, f"makes `{name}` local"), case.here(outside[0].line, "outside")),
        (f"`global {name}` at the top of `{function.name}` would mean the one outside.",),
    )


def _skipped(raised: Raised, use: ast.Name, first: Binding) -> Card | None:
    parsed = raised.case.python
    gap = gap_before(parsed, use.id, parsed.span(use)) if parsed is not None else None
    if gap is not None:
        return Card(
            f"`{use.id}` is not set {gap.when}.", (raised.case.here(gap.line, f"leaves out `{use.id}`"),)
        )
    if first.line > use.lineno:
        return Card(f"`{use.id}` is read in line {use.lineno} and set only later, in line {first.line}.")
    return None


def missing(raised: Raised) -> Card | None:
    match = _NO_MODULE.match(raised.message)
    if match is None:
        return None
    if match["parent"]:
        parent = match["parent"]
        return Card(
            f"`{match['module']}` cannot be imported: `{parent}` is a single file, not a package.",
            raised.here(),
        )
    card = missing_module(raised.case, match["module"])
    return Card(card.headline, (*raised.here(), *card.places), card.notes) if card is not None else None


def import_error(raised: Raised) -> Card | None:
    if raised.message.startswith("attempted relative import"):
        return Card(
            "A relative import works only in a module of a package: this file was run as a script.",
            raised.here(),
            ("`python -m package.module`, from the folder above the package, runs it as a part of it.",),
        )
    match = _NO_NAME.match(raised.message)
    if match is None:
        return missing(raised)
    name, module = match["name"], match["module"]
    if match["partly"]:
        return Card(
            f"`{module}` is still being imported when this line wants `{name}` from it: "
            "the imports go in a circle.",
            raised.here(),
        )
    return _no_such_name(raised, name, module)


def _no_such_name(raised: Raised, name: str, module: str) -> Card | None:
    case = raised.case
    if names := names_in(module):
        near = likeliest(name, [sketches(names)], 1)
        tail = f"; the nearest is `{near[0]}`" if near else ""
        return (
            Card(f"The module `{module}` has no `{name}`{tail}.", raised.here())
            if name not in names
            else None
        )
    file = next((path for path in _candidates(raised, module) if case.around.read(path) is not None), None)
    if file is None:
        return None
    if file.endswith("__init__.py"):
        return missing_module(case, f"{module}.{name}")
    symbols = case.around.symbols
    if any(each.path == file for each in symbols.definitions(name, file)):
        return None
    similar = [each for word in symbols.similar(name, file) for each in symbols.definitions(word, file)]
    found = [each for each in similar if each.path == file and each.qualname == each.name][:1]
    tail = f"; the nearest is `{found[0].name}`" if found else ""
    places = (*raised.here(), *(case.place(each) for each in found))
    return Card(f"`{case.shown(file)}` defines no `{name}`{tail}.", places)


def _candidates(raised: Raised, module: str) -> list[str]:
    root = raised.case.around.root
    bases = (root, root / "src") if root is not None else ()
    return [str(base.joinpath(*ending)) for base in bases for ending in files_of("", module)]
