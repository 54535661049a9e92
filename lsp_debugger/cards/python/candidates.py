"""What an unknown name could be imported as: the project's own habit first, then what defines it."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.python.imports import (
    import_edit,
    import_statement,
    may_import,
    module_name,
)
from lsp_debugger.cards.python.parsed import ParsedPython
from lsp_debugger.cards.python.resolve import files_of, in_module
from lsp_debugger.cards.python.stdlib import KNOWN_NAMES, is_module, longest_module, names_in
from lsp_debugger.core.ask import CertainEdit, Place
from lsp_debugger.core.ports import Definition
from lsp_debugger.core.text import Span

_MAX_DEFINITIONS = 8


@dataclass(frozen=True, slots=True)
class Candidate:
    """One import that would give the name a value.

    kind: used | defined | module | known, likeliest first. module is empty where the definition is
    known and the way to import it is not. definition: what it stands for, where that is in the project.
    """

    kind: str
    module: str
    name: str | None = None
    alias: str | None = None
    definition: Definition | None = None
    place: Place | None = None  # of the import elsewhere
    used_as: str = ""  # `name.attribute`, for a module

    @property
    def statement(self) -> str:
        return import_statement(self.module, self.name, self.alias) if self.module else ""

    @property
    def meaning(self) -> tuple[object, ...]:
        """Equal for two imports of the same thing."""
        if self.definition is not None:
            return self.definition.path, self.definition.start_line
        return self.module, self.name


def candidates(case: Case, parsed: ParsedPython, name: str, span: Span) -> list[Candidate]:
    """Likeliest first, each thing once. `span`: where the name is used."""
    found = [*_used(case, name), *_defined(case, name), *_standard(parsed, name, span)]
    different = dict[tuple[object, ...], Candidate]()
    for each in found:
        different.setdefault(each.meaning, each)
    return list(different.values())


def edit_of(case: Case, candidate: Candidate, span: Span) -> CertainEdit | None:
    """The import, where it is sure to work: not private, not in a circle, not from the tests."""
    definition = candidate.definition
    own = [definition.path] if definition is not None else []
    own += filter(None, [_project_file(case, candidate.module)])
    if candidate.kind in ("module", "known") and not _fits_all_uses(case, candidate):
        return None
    if not candidate.module or not all(may_import(case, path) for path in dict.fromkeys(own)):
        return None
    if definition is not None and candidate.place is None:
        is_thing = definition.kind in ("class", "function") and not definition.name.startswith("_")
        if not is_thing:  # nobody imports it so far: it need not be what is meant
            return None
    return import_edit(case, candidate.module, candidate.name, candidate.alias, span)


def _used(case: Case, name: str) -> Iterator[Candidate]:
    """How other files of the project import `name`; what most of them do comes first."""
    found = [
        candidate
        for each in case.around.symbols.definitions(name, case.path)
        if each.kind == "import"
        and each.path != case.path
        and (candidate := _of_statement(case, each, name)) is not None
    ]
    times = Counter(each.statement for each in found)
    yield from sorted(found, key=lambda each: -times[each.statement])


def _of_statement(case: Case, import_: Definition, name: str) -> Candidate | None:
    """None for an import within a function or a branch: it stands there for a reason."""
    snapshot = case.around.read(import_.path)
    if snapshot is None or snapshot.line_text(import_.start_line - 1)[:1].isspace():
        return None
    try:
        statement = ast.parse(import_.text.strip()).body[0]
    except (SyntaxError, ValueError, IndexError, RecursionError, MemoryError):
        return None
    names = statement.names if isinstance(statement, ast.Import | ast.ImportFrom) else []
    alias = next((each for each in names if (each.asname or each.name) == name), None)
    if alias is None:
        return None
    place = case.place(import_, f"`{' '.join(import_.text.split())}`")
    if not isinstance(statement, ast.ImportFrom):
        return Candidate("used", alias.name, None, alias.asname, None, place)
    module = _absolute(case, statement, import_.path)
    definition = in_module(case, "." * statement.level + (statement.module or ""), alias.name, import_.path)
    return Candidate("used", module, alias.name, alias.asname, definition, place) if module else None


def _absolute(case: Case, statement: ast.ImportFrom, importer: str) -> str:
    """The module as this file would name it; empty where that is not sure."""
    module = statement.module or ""
    if statement.level:
        file = _file_among(case, files_of(importer, "." * statement.level + module))
        return (module_name(case, file) or "") if file is not None else ""
    return "" if module == "__future__" else module


def _defined(case: Case, name: str) -> Iterator[Candidate]:
    found = [
        each
        for each in case.around.symbols.definitions(name, case.path)
        if each.qualname == name and each.kind in ("class", "function", "variable") and each.path != case.path
    ]
    for each in found[:_MAX_DEFINITIONS]:
        yield Candidate("defined", module_name(case, each.path) or "", name, None, each)


def _standard(parsed: ParsedPython, name: str, span: Span) -> Iterator[Candidate]:
    dotted = _dotted(parsed, name, span)
    attribute = dotted.split(".")[1] if "." in dotted else ""
    needed = _module_for(dotted) if is_module(name) and attribute else ""
    if needed:
        yield Candidate("module", needed, used_as=f"{name}.{attribute}")
    module = KNOWN_NAMES.get(name)
    if module is not None and _may_have(module, name, attribute):
        yield Candidate("known", module, name)


def _module_for(dotted: str) -> str:
    """The module whose import gives `a.b.c` its meaning; empty when `a` has no `b`."""
    top, _, rest = dotted.partition(".")
    module = longest_module(dotted)
    return module if module != top or rest.partition(".")[0] in names_in(top) else ""


def _dotted(parsed: ParsedPython, name: str, span: Span) -> str:
    """`a.b.c` where that is written at `span` and `a` is the name."""
    written = name
    for node in reversed(parsed.path_to(span)):
        if isinstance(node, ast.Attribute):
            written = f"{written}.{node.attr}"
        elif not isinstance(node, ast.Name):
            break
    return written


def _fits_all_uses(case: Case, candidate: Candidate) -> bool:
    """`datetime.now()` here and `datetime.timezone` there need two different imports."""
    parsed, name = case.python, candidate.name or candidate.module.partition(".")[0]
    uses = [
        node
        for node in (ast.walk(parsed.tree) if parsed is not None else ())
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name
    ]
    if parsed is None or PurePath(case.path).stem == candidate.module.partition(".")[0]:
        return False  # this very file has the module's name
    if candidate.name is not None:
        return all(_may_have(candidate.module, name, node.attr) for node in uses)
    return all(
        _module_for(_dotted(parsed, name, parsed.span(node.value))) in (candidate.module, name)
        for node in uses
    )


def _may_have(module: str, name: str, attribute: str) -> bool:
    """False when the standard library's object is loaded and has no such attribute."""
    there = getattr(sys.modules.get(module), name, None)
    return not attribute or there is None or hasattr(there, attribute)


def _project_file(case: Case, module: str) -> str | None:
    root = case.around.root
    if root is None or not module:
        return None
    for base in (root, root / "src"):
        file = _file_among(case, [tuple(base.joinpath(*ending).parts) for ending in files_of("", module)])
        if file is not None:
            return file
    return None


def _file_among(case: Case, files: Sequence[tuple[str, ...]]) -> str | None:
    paths = [str(Path(*parts)) for parts in files]
    return next((path for path in paths if case.around.read(path) is not None), None)
