"""The rung that looks up what a patch newly imports, in files alone: nothing is imported for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from lsp_debugger.core.diff import differences
from lsp_debugger.syntax.grammars import language_of
from lsp_debugger.syntax.tree import parse_view
from lsp_debugger.verify import python_imports
from lsp_debugger.verify.modules import Answer, Files
from lsp_debugger.verify.verdict import Result, RungResult

IMPORTS = "imports resolve"

_MAX_PARSED_CHARS = 200_000  # by Python's parser, which holds the interpreter's lock

_SCRIPTS = frozenset({"javascript", "javascriptreact", "typescript", "typescriptreact"})
_SPECIFIER = re.compile(
    r"""(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(["'])(?P<name>[^"'\n]{1,300})\1"""
)
_ENDINGS = (
    "",
    ".ts",
    ".tsx",
    ".d.ts",
    ".js",
    ".jsx",
    ".mjs",
    ".cjs",
    ".mts",
    ".cts",
    ".json",
    ".vue",
    ".svelte",
)
_OF_NODE = frozenset((
    "assert", "async_hooks", "buffer", "child_process", "cluster", "console", "constants", "crypto", "dgram",
    "diagnostics_channel", "dns", "domain", "events", "fs", "http", "http2", "https", "inspector", "module",
    "net", "os", "path", "perf_hooks", "process", "punycode", "querystring", "readline", "repl", "stream",
    "string_decoder", "sys", "timers", "tls", "trace_events", "tty", "url", "util", "v8", "vm", "wasi",
    "worker_threads", "zlib",
))  # fmt: skip
_GO_IMPORT = re.compile(r'^\s*(?:import\s+)?(?:[\w.]+\s+)?"([\w./~-]{1,200})"\s*$', re.MULTILINE)
_GO_MODULE = re.compile(r"^module\s+(\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Environment:
    """What is installed for a workspace. packages: folders of Python's; none: nobody knows them."""

    packages: tuple[Path, ...] = ()


def imports_rung(
    files: Files, before: Mapping[str, str], after: Mapping[str, str | None], environment: Environment
) -> RungResult:
    """before, after: texts by path below the root of `files`, which has those after."""
    looked_up, doubts = 0, list[str]()
    for path, text in after.items():
        if text is None or text == before.get(path):
            continue
        for answer in _answers(files, path, before.get(path, ""), text, environment):
            looked_up += 1
            if answer.is_wrong:
                return RungResult(IMPORTS, Result.FAILED, answer.why)
            if answer.why:
                doubts.append(answer.why)
    if doubts:
        return RungResult(IMPORTS, Result.NOT_CHECKED, doubts[0])
    return RungResult(IMPORTS, Result.PASSED, "its imports resolve" if looked_up else "")


def _answers(files: Files, path: str, old: str, new: str, environment: Environment) -> Iterator[Answer]:
    language, file = language_of(path), files.root / path
    if language == "python" and len(new) > _MAX_PARSED_CHARS:
        if _may_import(old, new):
            yield Answer(f"nobody looked up the new imports of {file.name}: it is large")
    elif language == "python":
        for wanted in python_imports.wanted(new) - python_imports.wanted(old):
            yield python_imports.look_up(files, file, wanted, environment.packages)
    elif language in _SCRIPTS:
        for name in _specifiers(new) - _specifiers(old):
            yield _script(files, file, name)
    elif language == "go":
        for name in set(_GO_IMPORT.findall(new)) - set(_GO_IMPORT.findall(old)):
            yield _go(files, file, name)
    elif _statements(new, language) - _statements(old, language):
        yield Answer(f"nobody looked up the new imports of {file.name}")


def _may_import(old: str, new: str) -> bool:
    """Whether a line that changes has to do with imports."""
    before, after = old.splitlines(), new.splitlines()
    changed = (line for each in differences(before, after) for line in after[each.start : each.end])
    return any("import" in line for line in changed)


def _statements(text: str, language: str) -> set[str]:
    view = parse_view(text, language)
    return set() if view is None else {" ".join(span.of(text).split()) for span in view.imports()}


def _specifiers(text: str) -> set[str]:
    return {match["name"] for match in _SPECIFIER.finditer(text)}


def _script(files: Files, file: Path, name: str) -> Answer:
    if name.startswith("."):
        there = _is_script(files, file.parent / name.partition("?")[0])
        return Answer() if there else Answer.wrong(f"there is no {name}")
    top = "/".join(name.split("/")[: 2 if name.startswith("@") else 1])
    if name.startswith(("node:", "#")) or name.partition("/")[0] in _OF_NODE:
        return Answer()
    installed = False
    for folder in files.up_from(file):
        if files.is_dir(folder / "node_modules"):
            installed = True
            types = top.removeprefix("@").replace("/", "__")
            if any(files.is_dir(folder / "node_modules" / each) for each in (top, f"@types/{types}")):
                return Answer()
        if any('"paths"' in files.text(folder / each) for each in ("tsconfig.json", "jsconfig.json")):
            return Answer(f"{top} was not looked up: the project has import paths of its own")
    return (
        Answer.wrong(f"{top} is not installed")
        if installed
        else Answer(f"nobody knows whether {top} is there")
    )


def _is_script(files: Files, place: Path) -> bool:
    stem = place.with_suffix("") if place.suffix in {".js", ".mjs", ".cjs", ".jsx"} else place
    return any(
        files.is_file(Path(f"{each}{ending}"))
        for each in (place, stem, place / "index", place / "package")
        for ending in _ENDINGS
    )


def _go(files: Files, file: Path, name: str) -> Answer:
    if "." not in name.partition("/")[0]:
        return Answer()  # the standard library's, which the compiler knows
    for folder in files.up_from(file):
        if not (text := files.text(folder / "go.mod")):
            continue
        module = _GO_MODULE.search(text)
        if module is not None and (name == module[1] or name.startswith(f"{module[1]}/")):
            there = files.is_dir(folder / name.removeprefix(module[1]).lstrip("/"))
            return Answer() if there else Answer.wrong(f"there is no package {name}")
        parts = name.split("/")
        if any("/".join(parts[:count]) in text for count in range(len(parts), 1, -1)):
            return Answer()
        return Answer.wrong(f"go.mod does not have {name}")
    return Answer(f"nobody knows whether {name} is there")
