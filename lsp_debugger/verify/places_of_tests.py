"""Where a project keeps the tests of a module: found from the tests that it has."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_MAX_FILES = 20_000
_IGNORED = frozenset({
    "node_modules", "site-packages", "venv", "env", "build", "dist", "target", "__pycache__", "vendor",
})  # fmt: skip
_TEST = re.compile(r"test_(?P<prefixed>.+)|(?P<suffixed>.+)_test")
_SOURCES = ("src", "lib")  # folders that are no part of a module's name


@dataclass(frozen=True, slots=True)
class TestPlace:
    """path: below the root. exists: the test is added to that file. example: a neighbour to imitate."""

    path: str
    exists: bool
    example: str = ""

    __test__ = False  # for pytest, which collects by name


def find_test_place(root: Path, source: str) -> TestPlace:
    """Where a test of the Python file `source` (below the root) belongs. Walks the workspace: blocks."""
    files = list(python_files(root))
    return place_of(source, files)


def python_files(root: Path) -> Iterator[str]:
    """Python files below the root, bounded; hidden, vendored and built folders left out."""
    count = 0
    for folder, names, files in os.walk(root):
        names[:] = sorted(each for each in names if each not in _IGNORED and not each.startswith("."))
        for file in sorted(files):
            if file.endswith(".py"):
                yield Path(folder, file).relative_to(root).as_posix()
                if (count := count + 1) >= _MAX_FILES:
                    return


def place_of(source: str, files: Sequence[str]) -> TestPlace:
    """The same, from the names of the project's files alone."""
    own = PurePosixPath(source)
    tests = [path for path in map(PurePosixPath, files) if tested_stem(path)]
    if tested_stem(own):
        return TestPlace(source, exists=True, example=source)
    by_module = [path for path in tests if tested_stem(path) in _names_of(own)]
    example = _nearest(own, tests)
    if by_module:
        best = _nearest(own, by_module)
        return TestPlace(best, exists=True, example=best)
    return TestPlace(_new_place(own, tests, files), exists=False, example=example)


def tested_stem(path: PurePosixPath) -> str:
    """`total` of test_total.py and total_test.py; empty when it is no test."""
    found = _TEST.fullmatch(path.stem)
    return (found["prefixed"] or found["suffixed"]) if found else ""


def _names_of(source: PurePosixPath) -> set[str]:
    """What a test of this module may be called after: `total`, `shop_total`."""
    parts = [part for part in source.with_suffix("").parts if part not in _SOURCES]
    return {"_".join(parts[start:]) for start in range(len(parts))}


def _nearest(source: PurePosixPath, tests: Iterable[PurePosixPath]) -> str:
    """The test whose folders are most like the module's own; the first by name among equals."""
    own = [part for part in source.parent.parts if part not in _SOURCES]

    def strangeness(path: PurePosixPath) -> tuple[int, str]:
        return len(set(own) ^ (set(path.parent.parts) - {"tests", "test"})), str(path)

    return str(min(tests, key=strangeness, default=""))


def _new_place(source: PurePosixPath, tests: Sequence[PurePosixPath], files: Sequence[str]) -> str:
    named = f"{source.stem}_test.py" if _are_suffixed(tests) else f"test_{source.stem}.py"
    if not tests:
        return f"tests/{named}"
    if sum(not _top(path) for path in tests) * 2 > len(tests):
        return str(source.parent / named)  # beside the modules
    top = Counter(_top(path) for path in tests if _top(path)).most_common(1)
    folder = PurePosixPath(top[0][0] if top else "tests")
    inner = [part for part in source.parent.parts if part not in _SOURCES]
    mirrored = _mirror(tests, {PurePosixPath(each).stem: PurePosixPath(each) for each in files})
    return str(folder.joinpath(*(inner[mirrored:] if mirrored is not None else ()), named))


def _are_suffixed(tests: Sequence[PurePosixPath]) -> bool:
    return sum(not path.stem.startswith("test_") for path in tests) * 2 > len(tests)


def _top(path: PurePosixPath) -> str:
    """The folder of tests that this one is in: `tests`, `pkg/tests`."""
    for place, part in enumerate(path.parts[:-1]):
        if part in {"tests", "test"}:
            return str(PurePosixPath(*path.parts[: place + 1]))
    return ""


def _mirror(tests: Sequence[PurePosixPath], modules: dict[str, PurePosixPath]) -> int | None:
    """How many leading folders of a module its test leaves out, mirroring the rest; None: they are flat."""
    votes = Counter[int | None]()
    for path in tests:
        module = modules.get(tested_stem(path))
        if module is None or not _top(path):
            continue
        inside = path.parent.relative_to(_top(path)).parts
        folders = tuple(part for part in module.parent.parts if part not in _SOURCES)
        if not inside:
            votes[None] += 1 if folders else 0
        else:
            left_out = next((n for n in range(len(folders) + 1) if folders[n:] == inside), None)
            votes[left_out] += 1
    return votes.most_common(1)[0][0] if votes else None
