"""Which tests come near a change: read from the test files that an index has named. Nothing is run here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from lsp_debugger.core.text import Span
from lsp_debugger.syntax.grammars import language_of
from lsp_debugger.syntax.outline import Named
from lsp_debugger.syntax.tree import TreeView, parse_view

MAX_TESTS = 20
_SCRIPTS = frozenset({"javascript", "javascriptreact", "typescript", "typescriptreact"})
_WORD = re.compile(r"\w+")
_GO_TEST = re.compile(r"Test(?![a-z])\w*")
_RUST_TEST = re.compile(
    r"#\[(?:\w+::)*test\b[^\]]*\]\s*(?:#\[[^\]]*\]\s*)*(?:pub\s+)?(?:async\s+)?fn\s+(\w+)"
)
# Folders that say nothing about what is in them.
_COMMON = frozenset({"src", "lib", "test", "tests", "__tests__", "pkg", "internal", "mod", "index", "main"})
_USES, _NAMED_AFTER, _NEAR = 4, 2, 1


@dataclass(frozen=True, slots=True)
class Change:
    """path: below the root, with `/`. names: of the functions and classes whose text is another now."""

    path: str
    names: frozenset[str]

    @property
    def family(self) -> str:
        return _family(self.path)

    @property
    def modules(self) -> frozenset[str]:
        """What an import of the file says; of a package its own name. Go imports folders."""
        path = PurePosixPath(self.path)
        stem = path.stem if path.stem not in {"__init__", "index", "mod", "lib", "main"} else path.parent.name
        names = {path.parent.name} if self.family == "go" else {stem, path.parent.name}
        return frozenset(names - _COMMON - {""})


@dataclass(frozen=True, slots=True)
class CoveringTest:
    """path: of its file, below the root. name: as its runner takes it (`TestThat::test_it`); empty where a
    runner is given whole files.
    """

    path: str
    name: str
    nearness: int


def is_test_file(path: str) -> bool:
    """Whether tests are looked for there. Rust has them anywhere."""
    name = PurePosixPath(path).name
    if (family := _family(path)) == "python":
        return re.fullmatch(r"test_.+\.py|.+_test\.py", name) is not None
    if family == "script":
        return ".test." in name or ".spec." in name or "__tests__" in path or _is_node_test(path)
    return name.endswith("_test.go") if family == "go" else family == "rust"


def covering_tests(changes: Sequence[Change], files: Mapping[str, str]) -> list[CoveringTest]:
    """The tests of the first change's language that come nearest to any of them, nearest first, at most
    `MAX_TESTS`. files: texts by path below the root, as the patch leaves them.
    """
    family = changes[0].family if changes else ""
    found = [
        test
        for path, text in files.items()
        if _family(path) == family and is_test_file(path)
        for test in _tests_in(path, text, [each for each in changes if each.family == family])
    ]
    found.sort(key=lambda test: (-test.nearness, test.path))
    return found[:MAX_TESTS]


def _tests_in(path: str, text: str, changes: Sequence[Change]) -> Iterator[CoveringTest]:
    view = parse_view(text, language_of(path))
    names = frozenset[str]().union(*(change.names for change in changes))
    if view is None or view.has_error or not _is_near(path, text, view, changes, names):
        return
    tests = list(_named_tests(path, text, view))
    if _family(path) == "script":
        used = names & set(_WORD.findall(text))
        yield CoveringTest(path, "", _USES if used else _NEAR)
        return
    for name, span in tests:
        used = names & set(view.identifiers(span))
        after = [each for each in names if each.lower().strip("_") in name.lower()]
        yield CoveringTest(path, name, _USES * bool(used) + _NAMED_AFTER * bool(after) + _NEAR)


def _is_near(path: str, text: str, view: TreeView, changes: Sequence[Change], names: Collection[str]) -> bool:
    """It imports the module or what has changed in it, or needs not to."""
    folder = PurePosixPath(path).parent
    if any(change.path == path for change in changes):
        return True
    if _family(path) == "go" and any(PurePosixPath(change.path).parent == folder for change in changes):
        return True
    imported = {word for span in view.imports() for word in _WORD.findall(span.of(text))}
    if _family(path) in {"script", "rust"}:  # `require` is no import, and a crate is used by its full name
        imported = set(_WORD.findall(text))
    modules = {module for change in changes for module in change.modules}
    return bool(imported & {*modules, *names})


def _named_tests(path: str, text: str, view: TreeView) -> Iterator[tuple[str, Span]]:
    """Tests by the names that their runners take."""
    functions = [each for each in view.outline.scopes() if each.kind in {"function", "method"}]
    family = _family(path)
    rust = set(_RUST_TEST.findall(text)) if family == "rust" else set[str]()
    for each in functions:
        if family == "python" and _is_python_test(each, view):
            yield each.qualname.replace(".", "::"), each.span
        elif (family == "go" and _GO_TEST.fullmatch(each.name)) or each.name in rust:
            yield each.name, each.span


def _is_python_test(test: Named, view: TreeView) -> bool:
    """As pytest collects: functions of the module, and methods of its classes."""
    *around, _ = test.qualname.split(".")
    scopes = {each.qualname: each.kind for each in view.outline.scopes()}
    inside = [scopes.get(".".join(around[: number + 1])) for number in range(len(around))]
    return test.name.startswith("test") and all(kind == "class" for kind in inside)


def _family(path: str) -> str:
    language = language_of(path)
    return "script" if language in _SCRIPTS else language


def _is_node_test(path: str) -> bool:
    """What `node --test` takes by itself."""
    stem = PurePosixPath(path).stem
    return stem == "test" or stem.startswith("test-") or stem.endswith(("-test", "_test"))
