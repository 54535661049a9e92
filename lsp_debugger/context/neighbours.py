"""Which files of the project a file refers to, by what is written in it. Nothing is parsed for it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from lsp_debugger.context.disk import read_file
from lsp_debugger.core.text import Snapshot

MAX_NEIGHBOURS = 24
_MAX_PLACES = 600  # looked at on the disk
_MAX_GO_MOD_BYTES = 64 * 1024
_PYTHON_IMPORT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<dots>\.*)(?P<module>[\w.]*)[ \t]+import[ \t]+(?P<names>[\w, \t(]*)"
    r"|import[ \t]+(?P<plain>[\w., \t]+))",
    re.MULTILINE,
)
_SCRIPT_IMPORT = re.compile(
    r"""(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)["'](?P<path>\.{1,2}/[^"'\n]{1,200})["']"""
)
_SCRIPT_ENDINGS = (".ts", ".tsx", ".js", ".jsx", ".mjs", "/index.ts", "/index.js")
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"(?P<path>[^"\n]{1,200})"', re.MULTILINE)
_SOURCED = re.compile(r"""^[ \t]*(?:\.|source)[ \t]+["']?(?P<path>[\w./-]{1,200})""", re.MULTILINE)
_GO_IMPORT = re.compile(r'^[ \t]*(?:import[ \t]+)?(?:[\w.]+[ \t]+)?"(?P<path>[\w./~-]{1,200})"', re.MULTILINE)
_GO_MODULE = re.compile(r"^module[ \t]+(\S+)", re.MULTILINE)
_RUST_MODULE = re.compile(r"^[ \t]*(?:pub(?:\([^)\n]*\))?[ \t]+)?mod[ \t]+(?P<name>\w+)[ \t]*;", re.MULTILINE)
_RUST_USE = re.compile(r"\b(?P<path>(?:crate|super|self)(?:::\w+){1,8})")


def neighbours(snapshot: Snapshot, root: Path | None) -> list[Path]:
    """Files that exist, in the order in which they are named; at most MAX_NEIGHBOURS."""
    assert snapshot.path is not None, "asked only for files"
    named = _NAMED.get(snapshot.language_id, _script_names)
    found: dict[Path, None] = {}
    places = named(snapshot.text, Path(snapshot.path), root)
    for place in itertools.islice(places, _MAX_PLACES):
        if place not in found and str(place) != snapshot.path and place.is_file():
            found[place] = None
            if len(found) == MAX_NEIGHBOURS:
                break
    return list(found)


def _python_names(text: str, file: Path, root: Path | None) -> Iterator[Path]:
    folder = file.parent
    tops = [folder] + ([root, root / "src"] if root is not None else [])
    for match in _PYTHON_IMPORT.finditer(text):
        if match["plain"]:
            modules = [name.split(" as ")[0].strip() for name in match["plain"].split(",")]
            starts = tops
        else:
            dots = match["dots"]
            starts = [folder.joinpath(*[".."] * (len(dots) - 1)).resolve()] if dots else tops
            names = [name.strip(" \t(") for name in match["names"].split(",")]
            module = match["module"]
            modules = [module, *(f"{module}.{name}" if module else name for name in names if name)]
        for module in filter(None, modules):
            parts = module.split(".")
            for start in starts:
                yield start.joinpath(*parts).with_suffix(".py")
                yield start.joinpath(*parts, "__init__.py")


def _script_names(text: str, file: Path, _root: Path | None) -> Iterator[Path]:
    for match in _SCRIPT_IMPORT.finditer(text):
        place = (file.parent / match["path"]).resolve()
        yield place
        for ending in _SCRIPT_ENDINGS:
            yield Path(f"{place}{ending}")


def _included(text: str, file: Path, root: Path | None) -> Iterator[Path]:
    """Headers beside the file, then in the usual folders; a header's own source file is looked at too."""
    bases = [file.parent] + ([root, root / "include", root / "src"] if root is not None else [])
    for match in _INCLUDE.finditer(text):
        yield from ((base / match["path"]).resolve() for base in bases)
    if file.suffix in {".c", ".cc", ".cpp", ".cxx"}:
        yield from (file.with_suffix(suffix) for suffix in (".h", ".hpp", ".hh"))


def _sourced(text: str, file: Path, root: Path | None) -> Iterator[Path]:
    for match in _SOURCED.finditer(text):
        for base in filter(None, (file.parent, root)):
            yield (base / match["path"]).resolve()


def _go_files(text: str, file: Path, root: Path | None) -> Iterator[Path]:
    """The package, which is the folder, and the module's own packages that are imported."""
    yield from _go_package(file.parent)
    module = _go_module(file.parent, root)
    if module is None:
        return
    top, name = module
    for match in _GO_IMPORT.finditer(text):
        path = match["path"]
        if path.startswith(f"{name}/"):
            yield from _go_package(top / path.removeprefix(f"{name}/"))


def _go_package(folder: Path) -> list[Path]:
    """Tests last: what they define is seldom what is missing."""
    try:
        files = sorted(each for each in folder.iterdir() if each.suffix == ".go")
    except OSError:
        return []
    return sorted(files, key=lambda each: each.name.endswith("_test.go"))


def _go_module(folder: Path, root: Path | None) -> tuple[Path, str] | None:
    """The folder of the nearest go.mod up to the root, and the module's path."""
    for each in (folder, *folder.parents):
        data = read_file(each / "go.mod", _MAX_GO_MOD_BYTES)
        if data is not None and (match := _GO_MODULE.search(data.decode("utf-8", "replace"))):
            return each, match[1]
        if each == root or root is None:
            break
    return None


def _rust_files(text: str, file: Path, root: Path | None) -> Iterator[Path]:
    """Modules that are declared here, and those that `use` and paths name."""
    inside = file.parent if file.stem in {"mod", "lib", "main"} else file.with_suffix("")
    for match in _RUST_MODULE.finditer(text):
        yield from _rust_module(inside, (match["name"],))
    crate = _crate(file, root)
    for match in _RUST_USE.finditer(text):
        start, *parts = match["path"].split("::")
        base = {"crate": crate, "self": inside, "super": inside.parent}[start]
        # The last parts may be items, and not modules.
        for length in range(len(parts), 0, -1):
            yield from _rust_module(base, parts[:length])
    yield from (crate / name for name in ("lib.rs", "main.rs"))


def _rust_module(base: Path, parts: list[str] | tuple[str, ...]) -> tuple[Path, Path]:
    return base.joinpath(*parts[:-1], f"{parts[-1]}.rs"), base.joinpath(*parts, "mod.rs")


def _crate(file: Path, root: Path | None) -> Path:
    """The folder of the crate's own first file."""
    for folder in file.parents:
        if folder.name == "src" or folder == root:
            return folder
    return file.parent


_NAMED: Mapping[str, Callable[[str, Path, Path | None], Iterator[Path]]] = {
    "python": _python_names,
    "go": _go_files,
    "rust": _rust_files,
    "c": _included,
    "cpp": _included,
    "shellscript": _sourced,
}
