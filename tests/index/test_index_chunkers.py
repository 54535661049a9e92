"""Helper processes do the same work, all of it, whatever becomes of them."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from lsp_debugger.core.errors import SpawnRefused
from lsp_debugger.index import chunkers as chunkers_module
from lsp_debugger.index.chunkers import Chunkers, start_helper
from lsp_debugger.index.files import KNOWN, Outcome, Reader
from lsp_debugger.index.link import Process
from lsp_debugger.index.redaction import Redaction

SECRET = "ghp_" + "a1B2" * 9


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    monkeypatch.setattr(chunkers_module, "MIN_FILES", 10)
    for number in range(120):
        text = f"import os\n\ndef name_{number}(a):\n    return 'é😀{number}'\n\nTOKEN = '{SECRET}'\n"
        (tmp_path / f"m{number}.py").write_text(text)
    (tmp_path / "it's \n odd.py").write_text("class A:\n    x = 1\n")
    (tmp_path / "empty.py").write_text("\n")
    (tmp_path / "data.py").write_bytes(b"\0\1\2")
    for path in tmp_path.iterdir():
        os.utime(path, (1, 1))  # else a time stamp that is too fresh counts as none
    return Reader(tmp_path, Redaction(tmp_path))


def wanted(reader: Reader) -> list[tuple[str, list[str]]]:
    files = sorted(path.name for path in reader.root.iterdir())
    seen = reader.read("m7.py").mark
    assert seen is not None
    return [(name, [seen.file_hash] if name == "m7.py" else []) for name in [*files, "gone.py"]]


def by_path(outcomes: list[Outcome]) -> dict[str, Outcome]:
    found = {each.path: each for each in outcomes}
    assert len(found) == len(outcomes)
    return found


def opening(reader: Reader) -> dict[str, object]:
    return {"root": str(reader.root), "known_values": [], "key": ""}


def test_helpers_give_what_the_worker_itself_would(reader: Reader):
    here = 0

    def read(file: tuple[str, Sequence[str]]) -> Outcome:
        nonlocal here
        here += 1
        if here == 1:
            time.sleep(5)  # long enough for a helper to start
        return reader.read(*file)

    files = wanted(reader)
    shared = by_path(list(Chunkers(opening(reader), count=1).outcomes(files, read)))
    assert here < len(files)
    assert shared == by_path([reader.read(*file) for file in files])
    odd = {path: shared[path].reason for path in ("m7.py", "gone.py", "data.py", "empty.py")}
    assert odd == {"m7.py": KNOWN, "gone.py": "unreadable", "data.py": "binary", "empty.py": "empty"}
    assert SECRET not in repr(shared)


def test_helpers_that_die_or_cannot_start_leave_nothing_undone(reader: Reader):
    files = wanted(reader)
    alone = by_path([reader.read(*file) for file in files])

    def dying() -> Process:
        process = start_helper()
        process.kill_group()
        return process

    def refused() -> Process:
        raise SpawnRefused("not today")

    for start in (dying, refused):
        helpers = Chunkers(opening(reader), count=2, start=start)
        assert by_path(list(helpers.outcomes(files, lambda file: reader.read(*file)))) == alone


def test_stopping_early_ends_the_helpers(reader: Reader):
    started: list[Process] = []

    def start() -> Process:
        started.append(start_helper())
        return started[-1]

    outcomes = Chunkers(opening(reader), count=1, start=start).outcomes(
        wanted(reader), lambda file: reader.read(*file)
    )
    next(iter(outcomes))
    outcomes.close()  # type: ignore[attr-defined]
    assert len(started) == 1
    assert (
        not Path(f"/proc/{started[0].pid}/cmdline").exists()
        or not Path(f"/proc/{started[0].pid}/cmdline").read_bytes()
    )


def test_few_files_or_a_busy_machine_start_nothing(reader: Reader):
    def start() -> Process:
        raise AssertionError

    files = wanted(reader)
    for helpers, some in (
        (Chunkers(opening(reader), start=start, count=1), files[:5]),
        (Chunkers(opening(reader), start=start, count=1, busy=lambda: True), files),
        (Chunkers(opening(reader), start=start, count=0), files),
    ):
        assert len(list(helpers.outcomes(some, lambda file: reader.read(*file)))) == len(some)
