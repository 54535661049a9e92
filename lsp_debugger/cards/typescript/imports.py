"""Imports: files and packages that are not found, names that a file does not export."""

from __future__ import annotations

import os.path
import re
import sys
from collections.abc import Iterator
from pathlib import PurePath
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.typescript.modules import (
    ENDINGS,
    compiler_options,
    exported,
    exports,
    files_of,
    mapped,
    resolved,
    starred,
)
from lsp_debugger.cards.typescript.packages import is_installed, listed_at, manifest, package_of
from lsp_debugger.cards.typescript.scopes import declarations
from lsp_debugger.cards.typescript.source import Source, place, source_of
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.syntax.likeness import likeliest, sketches

if TYPE_CHECKING:
    from tree_sitter import Node

_NOT_FOUND = re.compile(r"Cannot find module '(?P<module>[^'\n]{1,300})'")
_UNTYPED = re.compile(
    r"Could not find a declaration file for module '(?P<module>[^'\n]{1,300})'\. '(?P<file>[^'\n]{1,1000})' implicitly"
)
_NO_EXPORT = re.compile(
    r"""(?:Module )?'"(?P<module>[^"\n]{1,1000})"' has no exported member (?:named )?'(?P<name>[^'\n]{1,200})'"""
)
_LOCAL = re.compile(r"""Module '"(?P<module>[^"\n]{1,1000})"' declares '(?P<name>[^'\n]{1,200})' locally""")
_NO_DEFAULT = re.compile(r"""Module '"(?P<module>[^"\n]{1,1000})"' has no default export""")
_NO_MODULE = re.compile(r"File '(?P<file>[^'\n]{1,1000})' is not a module")
_UNBUILT = re.compile(
    r"Output file '(?P<output>[^'\n]{1,1000})' has not been built from source file '(?P<file>[^'\n]{1,1000})'"
)
_NODE = frozenset(
    [
        "assert",
        "async_hooks",
        "buffer",
        "child_process",
        "cluster",
        "console",
        "crypto",
        "dgram",
        "diagnostics_channel",
        "dns",
        "events",
        "fs",
        "http",
        "http2",
        "https",
        "inspector",
        "module",
        "net",
        "os",
        "path",
        "perf_hooks",
        "process",
        "punycode",
        "querystring",
        "readline",
        "repl",
        "stream",
        "string_decoder",
        "test",
        "timers",
        "tls",
        "tty",
        "url",
        "util",
        "v8",
        "vm",
        "wasi",
        "worker_threads",
        "zlib",
    ]
)
_STYLES = (
    ".css",
    ".scss",
    ".sass",
    ".less",
    ".svg",
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".webp",
    ".vue",
    ".svelte",
    ".graphql",
)


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
            f"`{module}` means `{case.shown(where)}` by the `paths` of {case.shown(config)}, and no file is there.",
            (_in_config(case, config, f'"{pattern}"', f"maps `{pattern}`"),),
        )
    if module.startswith(("@/", "~/", "#", "~")) or module == "@":
        return _alias(case, source, module)
    return _package(case, module)


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
        f"`{module}` is found neither as a package nor by `paths`: {case.shown(config)} maps nothing that starts with `{short}`.",
        (Place(case.shown(config), 1, "has the compiler's options"),),
    )


def _relative(case: Case, source: Source, module: str) -> Card:
    base = os.path.normpath(os.path.join(os.path.dirname(source.path), module))
    if module.endswith(_STYLES):
        is_there = case.around.read(base) is not None
        if is_there:
            ending = PurePath(module).suffix
            return Card(
                f"`{module}` is there, but nothing tells the compiler what importing a `{ending}` file gives.",
                notes=(
                    f'A line `declare module "*{ending}";` in a .d.ts file does; many build tools bring one.',
                ),
            )
        return Card(f"`{module}` is not there: no file {case.shown(base)}.")
    for found, how in _near_files(case, base):
        written = os.path.relpath(_without_ending(found), os.path.dirname(source.path)).replace(os.sep, "/")
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
    folder, name = os.path.split(_without_ending(base))
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
        if spelling != name and (found := _first(case, os.path.join(folder, spelling))):
            yield found, "differs in how it is spelt"
    other = name.removesuffix("s") if name.endswith("s") else f"{name}s"
    if found := _first(case, os.path.join(folder, other)):
        yield found, "has a similar name"
    up = os.path.join(os.path.dirname(folder), name)
    if found := _first(case, up):
        yield found, "is one folder higher"
    tail = os.path.join(os.path.basename(folder), name)
    above = os.path.dirname(os.path.dirname(folder))
    if os.path.dirname(folder) != above and (found := _first(case, os.path.join(above, tail))):
        yield found, "is one folder higher"
    here = os.path.join(os.path.dirname(case.path), name)
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
            notes=(
                "`@types/node` has them; `types` in tsconfig.json has to name `node` where it names anything.",
            ),
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


def untyped(case: Case) -> Card | None:
    """7016: the code is there, its types are not."""
    match = _UNTYPED.match(case.problem.message)
    if match is None:
        return None
    module, file = match["module"], match["file"].replace("\\", "/")
    if module.startswith("."):
        return Card(f"`{module}` is JavaScript, so everything imported from it is `any`: {case.shown(file)}.")
    package = package_of(module)
    types = "@types/" + package.removeprefix("@").replace("/", "__")
    if is_installed(case, types):
        return Card(
            f"`{module}` brings no types that the compiler finds, though `{types}` is in node_modules."
        )
    listed = listed_at(case, package)
    return Card(
        f"`{package}` is installed and brings no types, so everything from it is `any`; `{types}` is not installed.",
        (listed,) if listed is not None else (),
    )


def not_exported(case: Case) -> Card | None:
    """2305, 2724, 2614 and 2459."""
    message = case.problem.message
    match = _NO_EXPORT.match(message) or _LOCAL.match(message)
    source = source_of(case)
    if match is None or source is None:
        return None
    module, name = match["module"], match["name"]
    there = _file(case, source, module)
    if there is None:
        return None
    own = exports(there)
    hidden = [each for each in declarations(there).get(name, ()) if each.scope.id == there.nodes.root.id]
    shown = case.shown(there.path)
    if name in own or (starred(there) and exported(case, there, name) is not None):
        return None
    is_default = "default" in own and _is_default(there, own["default"].node, name)
    if hidden and hidden[0].kind != "import" and not is_default:
        line = there.line(hidden[0].node)
        return Card(
            f"{shown} declares `{name}` in line {line} and does not export it.",
            (place(case, there, hidden[0].node, f"`{there.first_line(hidden[0].whole)}`"),),
        )
    if is_default:
        return Card(
            f"{shown} exports `{name}` as its default: braces are for exports that have a name.",
            (place(case, there, own["default"].node, f"`{there.first_line(own['default'].node)}`"),),
            (f'`import {name} from "{module}"`',),
        )
    near = likeliest(name, [sketches(each for each in own if each != "default")], 1)
    tail = f"; the nearest is `{near[0]}`" if near else ""
    places = (
        (place(case, there, own[near[0]].node, f"`{there.first_line(own[near[0]].node)}`"),) if near else ()
    )
    if not near and own and len(own) <= 6 and not starred(there):
        named = ", ".join(f"`{each}`" for each in own)
        return Card(f"{shown} exports no `{name}`; it has {named}.")
    return Card(f"{shown} exports no `{name}`{tail}.", places)


def _file(case: Case, source: Source, module: str) -> Source | None:
    """A specifier, or the absolute path without an ending that newer messages print."""
    if module.startswith("/") or (sys.platform == "win32" and ":" in module[:3]):
        relative = os.path.relpath(module, os.path.dirname(source.path))
        module = relative if relative.startswith(".") else f"./{relative}"
    return resolved(case, source, module)


def _is_default(there: Source, node: Node, name: str) -> bool:
    named = node.child_by_field_name("name")
    return there.text(named if named is not None else node) == name


def no_default(case: Case) -> Card | None:
    """1192 and 2613: braces are missing, or there is nothing to import like that."""
    match = _NO_DEFAULT.match(case.problem.message)
    source = source_of(case)
    if match is None or source is None:
        return None
    name = case.code
    there = _file(case, source, match["module"])
    if there is None:
        return None
    own, shown = exports(there), case.shown(there.path)
    if name in own:
        return Card(
            f"{shown} has no default export; it exports `{name}` by name, which takes braces: `{{ {name} }}`.",
            (place(case, there, own[name].node, f"`{there.first_line(own[name].node)}`"),),
        )
    named = ", ".join(f"`{each}`" for each in list(own)[:6])
    has = f"; by name it exports {named}" if named else ""
    return Card(f"{shown} has no default export that `{name}` could be{has}.")


def no_module(case: Case) -> Card | None:
    """2306: neither imports nor exports make it a module."""
    match = _NO_MODULE.match(case.problem.message)
    if match is None:
        return None
    shown = case.shown(match["file"])
    return Card(
        f"`{case.code.strip(chr(34))}` exports nothing: {shown} has no import or export at its top level.",
        (Place(shown, 1, "is a script, not a module"),),
    )


def unbuilt(case: Case) -> Card | None:
    """6305: a project refers to another one whose output is not there."""
    match = _UNBUILT.match(case.problem.message)
    if match is None:
        return None
    source_file, output = case.shown(match["file"]), case.shown(match["output"])
    return Card(
        f"`{source_file}` belongs to another project, and what is built of it, {output}, is not there yet.",
        (Place(source_file, 1, "is what is built"),),
        ("`tsc -b` builds referenced projects first.",),
    )
