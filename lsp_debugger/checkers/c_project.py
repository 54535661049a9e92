"""How a C or C++ file is to be read: its language, and the flags of its project that are only data."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from lsp_debugger.checkers.checker import Job

C_SUFFIXES = frozenset({".c"})
CPP_SUFFIXES = frozenset({".cc", ".cpp", ".cxx", ".c++"})
HEADER_SUFFIXES = frozenset({".h", ".hh", ".hpp", ".hxx"})
SUFFIXES = C_SUFFIXES | CPP_SUFFIXES | HEADER_SUFFIXES
MARKERS = ("compile_commands.json", "CMakeLists.txt", "configure.ac", "meson.build", "Makefile")

_DATABASES = ("", "build", "builddir", "out", "cmake-build-debug", "cmake-build-release")
_MAX_DATABASE_BYTES = 32 * 1024 * 1024
_MAX_HEADER_CHARS = 200_000
_MAX_FLAGS = 400
_CPP_ONLY = re.compile(
    r"^[ \t]*(?:class|namespace|template|using)\b|\bstd::|\bconstexpr\b|\bvirtual\b"
    r"|^[ \t]*#[ \t]*include[ \t]*<(?:string|vector|map|memory|iostream|array|optional|functional|utility)>",
    re.MULTILINE,
)
_STANDARD = re.compile(r"-std=[a-z]+\+*[0-9a-z]{2,4}$")


def sources(job: Job) -> list[Path]:
    """What is compiled. Headers come with what includes them: by themselves only when asked for alone."""
    own = [file for file in job.files if not is_header(file)]
    return own if own or job.whole else list(job.files)


def is_header(file: Path) -> bool:
    return file.suffix.lower() in HEADER_SUFFIXES


def is_cpp(job: Job, file: Path) -> bool:
    """`.h` may be either: what only C++ has decides."""
    # As compilers do: `.C` is C++.
    if file.suffix == ".C" or file.suffix.lower() in CPP_SUFFIXES | {".hh", ".hpp", ".hxx"}:
        return True
    if file.suffix.lower() != ".h":
        return False
    snapshot = job.read(str(file))
    return snapshot is not None and bool(_CPP_ONLY.search(snapshot.text[:_MAX_HEADER_CHARS]))


@dataclass(frozen=True)
class Flags:
    """Flags of the files of one job. Reads the project's compile_commands.json only with trust.

    Of an entry it takes where to look for headers, macros and the standard: nothing that names a program,
    a plugin, a file of arguments or something to write.
    """

    job: Job

    def of(self, file: Path) -> list[str]:
        entry = self._entries.get(file) or self._beside.get(file.parent)
        return entry if entry is not None else self._usual(file)

    def _usual(self, file: Path) -> list[str]:
        """The folders that projects keep headers in. A folder's own files never hide the system's."""
        flags = list[str]()
        for folder in self._folders_above(file):
            include = folder / "include"
            if include.is_dir():
                flags.append(f"-I{include}")
            for each in (folder, folder / "src"):
                if each == folder or each.is_dir():
                    flags += ["-iquote", str(each), "-idirafter", str(each)]
        return flags

    def _folders_above(self, file: Path) -> Iterator[Path]:
        """The file's own, and those around it up to the workspace."""
        for folder in file.parents:
            if folder != file.parent and not folder.is_relative_to(self.job.workspace):
                return
            yield folder

    @cached_property
    def _entries(self) -> dict[Path, list[str]]:
        if not self.job.trusted:
            return {}
        above = [each for each in self.job.root.parents if each.is_relative_to(self.job.workspace)]
        found = (_database(folder) for folder in (self.job.root, *above))
        empty = dict[Path, list[str]]()
        return next((entries for entries in found if entries), empty)

    @cached_property
    def _beside(self) -> dict[Path, list[str]]:
        """For files that the project does not compile by themselves: those of a neighbour."""
        return {file.parent: flags for file, flags in self._entries.items()}


def _database(root: Path) -> dict[Path, list[str]]:
    for name in _DATABASES:
        file = root / name / "compile_commands.json"
        try:
            if file.is_file() and file.stat().st_size <= _MAX_DATABASE_BYTES:
                return dict(_entries(json.loads(file.read_bytes())))
        except (OSError, ValueError, RecursionError):
            return {}
    return {}


def _entries(found: Any) -> Iterator[tuple[Path, list[str]]]:
    for entry in cast("list[object]", found) if isinstance(found, list) else []:
        if not isinstance(entry, dict):
            continue
        values = cast("dict[str, object]", entry)
        folder, file = values.get("directory"), values.get("file")
        if isinstance(folder, str) and isinstance(file, str) and Path(folder).is_absolute():
            yield Path(folder, file), data_flags(_arguments(values), Path(folder))


def _arguments(entry: dict[str, object]) -> list[str]:
    listed, line = entry.get("arguments"), entry.get("command")
    if isinstance(listed, list):
        return [each for each in cast("list[object]", listed) if isinstance(each, str)]
    try:
        return shlex.split(line) if isinstance(line, str) else []
    except ValueError:
        return []


def data_flags(arguments: Sequence[str], folder: Path) -> list[str]:
    """Only -I, -isystem, -D, -U, -std and -include, with folders made absolute."""
    kept = list[str]()
    waiting = iter(arguments[:20_000])
    for argument in waiting:
        for flag in ("-isystem", "-include", "-I", "-D", "-U"):
            if argument == flag:
                kept += _kept(flag, next(waiting, ""), folder)
                break
            if argument.startswith(flag) and flag != "-include":
                kept += _kept(flag, argument.removeprefix(flag), folder)
                break
        else:
            if _STANDARD.match(argument):
                kept.append(argument)
        if len(kept) >= _MAX_FLAGS:
            break
    return kept


def _kept(flag: str, value: str, folder: Path) -> list[str]:
    if not value or value.startswith(("@", "-")):
        return []
    if flag in {"-D", "-U"}:
        return [f"{flag}{value}"]
    if flag == "-I":
        return [f"-I{folder / value}"]
    if flag == "-include" and not (folder / value).is_file():
        return [flag, value]  # looked for as a header is
    return [flag, str(folder / value)]
