"""Where Python would find what a text imports: the workspace, the standard library, what is installed."""

from __future__ import annotations

import ast
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lsp_debugger.verify.modules import Answer, Files

_STDLIB = Path(os.__file__).parent
_ENDINGS = (".py", ".pyi", "/__init__.py", "/__init__.pyi")


@dataclass(frozen=True, slots=True)
class Wanted:
    """level: dots in front. name: from the module, `*` for all of it; empty: the module itself."""

    level: int
    module: str
    name: str = ""

    def __str__(self) -> str:
        return f"{'.' * self.level}{self.module}{'.' if self.module and self.name else ''}{self.name}"


def wanted(text: str) -> set[Wanted]:
    """What a text imports, but for what it can do without: in a `try` that catches an ImportError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return set(_wanted(tree))


def _wanted(node: ast.AST) -> Iterator[Wanted]:
    if isinstance(node, ast.Import):
        yield from (Wanted(0, alias.name) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield from (Wanted(node.level, node.module or "", alias.name) for alias in node.names)
    elif isinstance(node, ast.Try) and any(_catches_import(handler) for handler in node.handlers):
        for each in (*node.orelse, *node.finalbody):
            yield from _wanted(each)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _wanted(child)


def _catches_import(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    names = {node.id for node in ast.walk(handler.type) if isinstance(node, ast.Name)}
    return bool(names & {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def look_up(files: Files, file: Path, one: Wanted, packages: Sequence[Path]) -> Answer:
    """packages: folders with what is installed; none: nobody knows."""
    if one.level:
        folders = list(file.parents)
        base = folders[min(one.level, len(folders)) - 1]
        return _in(files, [base], one)
    top = one.module.partition(".")[0]
    if top in sys.stdlib_module_names:
        return _of_library(one)
    own = [folder / below for folder in files.up_from(file) for below in ("", "src")]
    if any(_module(files, base, top) for base in own):
        return _in(files, own, one)
    return _installed(files, one, top, packages)


def _installed(files: Files, one: Wanted, top: str, packages: Sequence[Path]) -> Answer:
    installed = [*packages, *(path for folder in packages for path in _paths_in(folder))]
    if any(_module(files, base, top) for base in installed):
        return _in(files, installed, one)
    if not packages:
        return Answer(f"nobody knows whether {top} is installed")
    if any(_is_mapped(folder, top) for folder in packages):
        return Answer()
    return Answer.wrong(f"there is no module {top}")


def _of_library(one: Wanted) -> Answer:
    """Modules that are no Python text, and so cannot be looked into, are taken for complete."""
    library = Files(_STDLIB, {})
    if not _module(library, _STDLIB, one.module.split(".")[0]):
        return Answer()
    return _in(library, [_STDLIB], one)


def _in(files: Files, bases: Sequence[Path], one: Wanted) -> Answer:
    for base in bases:
        place = _module(files, base, one.module) if one.module else base
        if place is None:
            head, _, last = one.module.rpartition(".")
            # `os.path` is a name in a module that puts another module there.
            if head and (above := _module(files, base, head)) is not None and _has(files, above, last):
                return Answer()
            continue
        if not one.name or one.name == "*" or _has(files, place, one.name):
            return Answer()
    return Answer.wrong(f"there is no {one}")


def _module(files: Files, base: Path, module: str) -> Path | None:
    """The file of a module, or the folder of a package without one."""
    place = base.joinpath(*module.split("."))
    for ending in _ENDINGS:
        if files.is_file(path := Path(f"{place}{ending}")):
            return path
    if files.is_dir(place):
        return place
    return _compiled(place)


def _compiled(place: Path) -> Path | None:
    try:
        names = [path.name for path in place.parent.iterdir()]
    except OSError:
        return None
    stem = f"{place.name}."
    return next(
        (place.parent / name for name in names if name.startswith(stem) and name.endswith((".so", ".pyd"))),
        None,
    )


def _has(files: Files, place: Path, name: str) -> bool:
    """Whether a module has the name, or a module of that name in it. In doubt it has."""
    package = place.parent if place.stem == "__init__" else place
    if files.is_dir(package) and _module(files, package, name) is not None:
        return True
    if place.suffix not in {".py", ".pyi"}:
        place = place / "__init__.py"
        if not files.is_file(place):
            return not files.is_dir(package)
    text = files.text(place)
    names = _names(text)
    return names is None or name in names or not text


@lru_cache(64)
def _names(text: str) -> frozenset[str] | None:
    """What a module binds at its top level; None when only running it would tell."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    found = set[str]({"__name__", "__doc__", "__file__", "__path__", "__spec__", "__package__"})
    for node in _top_level(tree.body):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name.split(".")[0]) for alias in node.names}
        else:
            found |= {
                each.id
                for each in ast.walk(node)
                if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
            }
    unclear = (
        found & {"*", "__getattr__"} or "globals()" in text or "sys.modules[" in text or "__dict__" in text
    )
    return None if unclear else frozenset(found)


def _top_level(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try | ast.With | ast.For | ast.While):
            blocks = [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
            blocks += [handler.body for handler in getattr(node, "handlers", [])]
            for block in blocks:
                yield from _top_level(block)


def _paths_in(folder: Path) -> list[Path]:
    """What `.pth` files of an installation add: editable installs."""
    found = list[Path]()
    for file in sorted(folder.glob("*.pth"))[:100]:
        for line in Files(folder, {}).text(file).splitlines()[:100]:
            if line.strip() and not line.startswith(("#", "import")):
                found.append(folder / line.strip())
    return found


def _is_mapped(folder: Path, top: str) -> bool:
    """An editable install that leads its imports by a program."""
    finders = sorted(folder.glob("__editable__*.py"))[:100]
    return any(f"'{top}'" in Files(folder, {}).text(file) for file in finders)
