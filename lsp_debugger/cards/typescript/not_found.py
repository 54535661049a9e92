"""Modules that are not found: files of another name or folder, aliases, packages that are not installed."""

from __future__ import annotations

import os.path
import re
from collections.abc import Iterator
from pathlib import PurePath

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.typescript.modules import (
    ENDINGS,
    compiler_options,
    files_of,
    folder_of,
    joined,
    mapped,
)
from lsp_debugger.cards.typescript.packages import is_installed, listed_at, manifest, package_of
from lsp_debugger.cards.typescript.source import Source, source_of
from lsp_debugger.core.ask import Card, Place

_NOT_FOUND = re.compile(r"Cannot find module '(?P<module>[^'\n]{1,300})'")
_NODE = frozenset((
    "assert", "async_hooks", "buffer", "child_process", "cluster", "console", "crypto", "dgram", "dns",
    "diagnostics_channel", "events", "fs", "http", "http2", "https", "inspector", "module", "net", "os",
    "path", "perf_hooks", "process", "punycode", "querystring", "readline", "repl", "stream", "test", "url",
    "string_decoder", "timers", "tls", "tty", "util", "v8", "vm", "wasi", "worker_threads", "zlib",
))  # fmt: skip
_STYLES = (
    ".css", ".scss", ".sass", ".less", ".svg", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".vue", ".svelte",
    ".graphql",
)  # fmt: skip


def not_found(case: Case) -> Card | None:
    match = _NOT_FOUND.match(case.problem.message)
    source = source_of(case)
    if match is None or source is None:
        return None
    module = match["module"]
    if module.startswith("."):
        return _relative(case, source, module)
    if (patterns := mapped(case, source.path, module)) != []:
        pattern, where = patterns[0]
        config = compiler_options(case, source.path).config
        return Card(
            f"`{module}` means `{case.shown(where)}` by the `paths` of {case.shown(config)}, and no file "
            "is there.",
            (_in_config(case, config, f'"{pattern}"', f"maps `{pattern}`"),),
        )
    if module.startswith(("@/", "~/", "#", "~")) or module == "@":
        return _alias(case, source, module)
    return _package(case, module)


_AS_NAME = re.compile(
    r"Cannot find name '(?P<module>[^'\n]{1,300})'\. Do you need to install type definitions"
)


def as_name(case: Case) -> Card | None:
    """The native compiler's way to say that types of Node are missing: it points at the specifier."""
    match = _AS_NAME.match(case.problem.message)
    is_specifier = case.code[:1] in {'"', "'"} and len(case.code) > 2
    return _package(case, match["module"]) if match is not None and is_specifier else None


def _in_config(case: Case, config: str, wanted: str, note: str) -> Place:
    snapshot = case.around.read(config)
    at = snapshot.text.find(wanted) if snapshot is not None else -1
    line = snapshot.text.count("\n", 0, at) + 1 if snapshot is not None and at >= 0 else 1
    return Place(case.shown(config), line, note)


def _alias(case: Case, source: Source, module: str) -> Card:
    before = re.match(r"[@~#]\w*/?", module)
    short = before[0] if before is not None else module
    config = compiler_options(case, source.path).config
    if not config:
        return Card(f"`{module}` starts with `{short}`, which is no package and stands for no folder here.")
    return Card(
        f"`{module}` is found neither as a package nor by `paths`: {case.shown(config)} maps nothing that "
        f"starts with `{short}`.",
        (Place(case.shown(config), 1, "has the compiler's options"),),
    )


def _relative(case: Case, source: Source, module: str) -> Card:
    base = joined(folder_of(source.path), module)
    if module.endswith(_STYLES):
        is_there = case.around.read(base) is not None
        if is_there:
            ending = PurePath(module).suffix
            return Card(
                f"`{module}` is there, but nothing tells the compiler what importing a `{ending}` file "
                "gives.",
                notes=(
                    f'A line `declare module "*{ending}";` in a .d.ts file does; many build tools bring one.',
                ),
            )
        return Card(f"`{module}` is not there: no file {case.shown(base)}.")
    for found, how in _near_files(case, base):
        written = os.path.relpath(_without_ending(found), folder_of(source.path)).replace(os.sep, "/")
        written = written if written.startswith(".") else f"./{written}"
        shown = case.shown(found)
        return Card(
            f"There is no `{module}` from here; {shown} {how}: `{written}`.", (Place(shown, 1, "is there"),)
        )
    return Card(
        f"`{module}` is looked for as {case.shown(base)} with the usual endings, and no such file is there."
    )


def _without_ending(path: str) -> str:
    return re.sub(r"(?:/index)?(?:\.d)?\.[cm]?[jt]sx?$", "", path)


def _near_files(case: Case, base: str) -> Iterator[tuple[str, str]]:
    """Files of another letter case, or of the same path from another folder."""
    folder, name = folder_of(_without_ending(base)), PurePath(_without_ending(base)).name
    dashed = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
    camel = re.sub(r"-(\w)", lambda match: match[1].upper(), name)
    spellings = [
        name[:1].swapcase() + name[1:],
        name.lower(),
        dashed,
        camel,
        camel[:1].upper() + camel[1:],
        dashed.replace("-", "_"),
    ]
    for spelling in dict.fromkeys(spellings):
        if spelling != name and (found := _first(case, joined(folder, spelling))):
            yield found, "differs in how it is spelt"
    other = name.removesuffix("s") if name.endswith("s") else f"{name}s"
    if found := _first(case, joined(folder, other)):
        yield found, "has a similar name"
    up = joined(folder_of(folder), name)
    if found := _first(case, up):
        yield found, "is one folder higher"
    tail = joined(PurePath(folder).name, name)
    above = folder_of(folder_of(folder))
    if folder_of(folder) != above and (found := _first(case, joined(above, tail))):
        yield found, "is one folder higher"
    here = joined(folder_of(case.path), name)
    if here != base and (found := _first(case, here)) and found != case.path:
        yield found, "is beside this file"


def _first(case: Case, base: str) -> str:
    places = (path for path in files_of(base) if path.endswith(ENDINGS[:9]))
    return next((path for path in places if path != base and case.around.read(path) is not None), "")


def _package(case: Case, module: str) -> Card:
    package = package_of(module)
    if module.startswith("node:") or package in _NODE:
        return Card(
            f"`{module}` is a module of Node.js; the compiler finds no types for it.",
            notes=("`@types/node` has them; `types` in tsconfig.json has to name `node` if there are any.",),
        )
    listed = listed_at(case, package)
    installed = is_installed(case, package)
    places = (listed,) if listed is not None else ()
    if installed:
        what = (
            f"`{package}` is in node_modules, but `{module}` is nothing that it offers"
            if module != package
            else f"`{package}` is in node_modules, but offers no entry that the compiler finds"
        )
        return Card(
            f"{what}.",
            places,
            ("`moduleResolution` decides whether `exports` of its package.json are read.",),
        )
    if listed is not None:
        return Card(
            f"`{package}` is listed in package.json and not installed: it is not in node_modules.", places
        )
    if (found := manifest(case)) is not None:
        return Card(f"`{package}` is neither listed in {case.shown(found[0])} nor installed in node_modules.")
    return Card(f"The package `{package}` is not installed: no node_modules up from here has it.")
