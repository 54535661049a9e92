"""The runner among tools that misbehave: fake programs, for such faults as real ones cannot be asked for."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from tripwires import Tree, runner_of

from lsp_debugger.checkers import Checked, Checker, Job
from lsp_debugger.checkers.answers import json_of, unreadable
from lsp_debugger.checkers.run import MAX_PROBLEMS
from lsp_debugger.core.ask import Problem, ProblemKind
from lsp_debugger.core.text import Span
from lsp_debugger.spawn import Completed

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs made here are shell scripts")


def read(job: Job, outputs: Sequence[Completed]) -> Iterator[Problem]:
    """A list of [path, line, code]."""
    for done in outputs:
        try:
            for path, line, code in json_of(job.tool.name, done):
                yield problem(job.absolute(path), line, code, job.tool.name)
        except (TypeError, ValueError):
            raise unreadable(job.tool.name, done) from None


def problem(path: str, line: int, code: str, source: str) -> Problem:
    return Problem(
        f"{code} here",
        kind=ProblemKind.DIAGNOSTIC,
        source=source,
        code=code,
        path=path,
        line=line,
        span=Span(0, 1),
    )


def commands(job: Job) -> Iterable[Sequence[str]]:
    yield [str(job.tool.path), *map(str, job.files)]


def checker(name: str, **rest: object) -> Checker:
    made = Checker(name, (name,), frozenset({".py"}), commands, read, install=f"install {name}", timeout_s=20)
    return replace(made, **rest)  # pyright: ignore[reportArgumentType]


@pytest.fixture
def programs(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in PATH, outside of the tree, in which a file has something wrong."""
    tree.write("app.py", "import os\n")
    folder = tree.ours / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def program(folder: Path, name: str, body: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def says(folder: Path, name: str, *found: tuple[str, int, str]) -> None:
    program(folder, name, f"cat <<'END'\n{json.dumps(found)}\nEND")


async def run(tree: Tree, *checkers: Checker, trusted: bool = False, **rest: object) -> list[Checked]:
    return await runner_of(tree, trusted=trusted, checkers=checkers).check(tree.root, **rest)  # pyright: ignore[reportArgumentType]


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


async def gone(*files: Path) -> bool:
    """Whether the processes whose numbers are in those files end, soon."""
    for _ in range(100):
        if not any(is_alive(int(file.read_text())) for file in files):
            return True
        await asyncio.sleep(0.05)
    return False


async def there(file: Path) -> None:
    def is_written() -> bool:
        return file.exists() and bool(file.read_text().strip())

    async with asyncio.timeout(20):
        while not is_written():  # noqa: ASYNC110 - a file sets no event
            await asyncio.sleep(0.01)


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
async def test_what_hangs_is_ended_with_all_that_it_started(programs: Path, tree: Tree) -> None:
    parent, child = tree.ours / "parent", tree.ours / "child"
    program(programs, "slow", f"echo $$ > '{parent}'; sleep 600 & echo $! > '{child}'; wait")
    [done] = await run(tree, checker("slow", timeout_s=0.5))
    assert done.broken
    assert "took longer than 0.5 s" in done.reason
    assert done.took_s < 10
    assert await gone(parent, child)


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
async def test_cancelling_ends_what_runs_and_what_waits(programs: Path, tree: Tree) -> None:
    running_now = tree.ours / "running"
    running_now.mkdir()
    first = running_now / "first"
    program(programs, "slow", f"echo $$ > '{running_now}'/$$; sleep 600 & echo $! > '{first}'; wait")
    many = (os.cpu_count() or 1) + 1
    task = asyncio.ensure_future(run(tree, *(checker("slow") for _ in range(many))))  # noqa: RUF006 - awaited below
    await there(first)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await gone(*running_now.iterdir())
    started = len(list(running_now.iterdir()))
    await asyncio.sleep(0.3)
    assert len(list(running_now.iterdir())) == started, "what waited for its turn does not come up"


async def test_a_flood_is_cut_off(programs: Path, tree: Tree) -> None:
    program(programs, "flood", "exec yes '[1, 2, 3]'")
    [done] = await run(tree, checker("flood", max_output_bytes=2 << 20))
    assert (done.broken, done.reason) == (True, "flood printed more than 2 MB")


async def test_a_flood_on_stderr_is_one_too(programs: Path, tree: Tree) -> None:
    program(programs, "flood", "echo '[]'; exec yes >&2")
    [done] = await run(tree, checker("flood", max_output_bytes=1 << 20))
    assert done.reason == "flood printed more than 1 MB"


@pytest.mark.thorough
async def test_one_that_leaves_a_daemon_behind_does_not_hold_us(programs: Path, tree: Tree) -> None:
    """It left the group, and keeps the pipe open."""
    daemon = tree.ours / "daemon"
    program(programs, "daemon", f"setsid sh -c 'echo $$ > {daemon}; exec sleep 60' & echo '[]'; sleep 0.1")
    [done] = await run(tree, checker("daemon"))
    assert (done.reason, done.problems) == ("", ())
    os.kill(int(daemon.read_text()), signal.SIGKILL)
    assert await gone(daemon)
    await asyncio.sleep(0.1)  # for the thread that reads the pipe


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("kill -SEGV $$", "odd ended with -11: it said nothing"),
        ("kill -TERM $$", "odd ended with -15: it said nothing"),
        ("echo 'out of memory' >&2; exit 137", "odd ended with 137: out of memory"),
        ("echo '[[\"app.py\", 1'", 'odd ended with 0: [["app.py", 1'),
        ("echo", "odd ended with 0: it said nothing"),
        ("printf '\\377\\376\\000'", "odd ended with 0: "),
        ("echo '{\"a\": 1}'", 'odd ended with 0: {"a": 1}'),
        ("echo '[[1]]'", "odd ended with 0: [[1]]"),
        ("head -c 100000 /dev/zero | tr '\\0' '['", "odd ended with 0: " + "[" * 200),
        ("echo 'a'; exit 3", "odd ended with 3: a"),
    ],
)
async def test_what_ends_badly_is_told_in_a_line(body: str, told: str, programs: Path, tree: Tree) -> None:
    program(programs, "odd", body)
    says(programs, "good", ("app.py", 1, "A1"))
    odd, good = await run(tree, checker("odd"), checker("good"))
    assert odd.broken
    assert odd.reason.startswith(told)
    assert "\n" not in odd.reason
    assert odd.hint
    assert [each.code for each in good.problems] == ["A1"], "the others go on"


async def test_what_is_not_there(programs: Path, tree: Tree) -> None:
    (programs / "folder").mkdir()
    (programs / "data").write_text("x")
    program(programs, "interpreted", "echo '[]'")
    (programs / "interpreted").write_text("#!/nowhere/at/all\n")
    absent, folder, data, interpreted = await run(
        tree, *map(checker, ("absent", "folder", "data", "interpreted"))
    )
    for done in (absent, folder, data):
        assert (done.broken, done.reason, done.hint) == (
            False,
            f"no {done.checker} here",
            f"install {done.checker}",
        )
    assert (interpreted.broken, interpreted.reason) == (
        True,
        "interpreted could not be started (FileNotFoundError)",
    )


async def test_the_second_name_counts_where_the_first_is_not_there(programs: Path, tree: Tree) -> None:
    says(programs, "second", ("app.py", 1, "A1"))
    [done] = await run(tree, checker("first", programs=("first", "second")))
    assert len(done.problems) == 1
    [done] = await run(tree, checker("first", programs=("first", "third")))
    assert done.reason == "no first or third here"


async def test_a_cache_that_cannot_be_made_is_one_checkers_trouble(programs: Path, tree: Tree) -> None:
    from lsp_debugger.core.errors import StateUnavailable

    says(programs, "good", ("app.py", 1, "A1"))

    def cache(name: str) -> Path:
        if name == "bad":
            raise StateUnavailable("the disk is full", hint="make room")
        return tree.ours

    runner = runner_of(tree, trusted=False, checkers=(checker("bad", programs=("good",)), checker("good")))
    bad, good = await replace(runner, cache=cache).check(tree.root)
    assert (bad.broken, bad.reason, bad.hint) == (True, "the disk is full", "make room")
    assert len(good.problems) == 1


async def test_one_run_of_a_tool_in_a_project_at_a_time(programs: Path, tree: Tree) -> None:
    """Also of another process, which a second runner stands for: the lock is a file."""
    alone = f"mkdir '{tree.ours}/busy' || exit 9; sleep 0.1; rmdir '{tree.ours}/busy'"
    program(programs, "one", f'[ "$1" = --version ] || {{ {alone}; }}; echo "[]"')
    done = await asyncio.gather(*(run(tree, checker("one")) for _ in range(4)))
    assert [each.reason for checked in done for each in checked] == [""] * 4


async def test_who_waits_for_another_run_does_not_wait_for_ever(programs: Path, tree: Tree) -> None:
    started = tree.ours / "started"
    program(programs, "slow", f"echo $$ > '{started}'; sleep 600")
    first = asyncio.ensure_future(run(tree, checker("slow")))
    await there(started)
    [second] = await run(tree, checker("slow", timeout_s=0.2))
    assert second.broken
    assert "another process has held" in second.reason
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    program(programs, "slow", "echo '[]'")
    [third] = await run(tree, checker("slow"))
    assert third.reason == "", "the lock went with the run"


async def test_two_runs_at_once_on_one_cache(tree: Tree) -> None:
    """Of the real tools, which keep things there."""
    tree.write("app.py", "import os\n\ncount: int = 'three'\n")
    tree.write("mypy.ini", "[mypy]\n")
    names = {"ruff", "mypy", "shellcheck"}
    first, second, third = await asyncio.gather(*(tree.checked(trusted=False, only=names) for _ in range(3)))
    assert [each.reason for each in first if each.broken] == []
    assert {problem.code for each in first for problem in each.problems} >= {"F401"}
    assert (
        [each.problems for each in first]
        == [each.problems for each in second]
        == [each.problems for each in third]
    )


async def test_order_and_doubles(programs: Path, tree: Tree) -> None:
    """Checkers in the order of the listing, problems in that of the files; each told once."""
    tree.write("b.py", "")
    found = [
        ("b.py", 1, "A1"),
        ("app.py", 9, "A1"),
        ("app.py", 2, "B1"),
        ("app.py", 2, "A1"),
        ("app.py", 2, "A1"),
    ]
    says(programs, "one", *found)
    program(programs, "two", f"sleep 0.2; cat <<'END'\n{json.dumps([('app.py', 1, 'F401')])}\nEND")
    says(programs, "three", ("app.py", 1, "reportUnusedImport"))
    one, two, three = await run(tree, checker("one"), checker("two"), checker("three"))
    assert [each.checker for each in (one, two, three)] == ["one", "two", "three"]
    assert [(Path(each.path or "").name, each.line, each.code) for each in one.problems] == [
        ("app.py", 2, "A1"),
        ("app.py", 2, "B1"),
        ("app.py", 9, "A1"),
        ("b.py", 1, "A1"),
    ]
    assert [len(each.problems) for each in (two, three)] == [1, 0], (
        "the first in the listing, not the faster one"
    )


async def test_what_is_not_asked_for_is_left_out(programs: Path, tree: Tree) -> None:
    """Other files than the target, other places than the workspace, and more than anybody would read."""
    outside = str(tree.ours / "other.py")
    found = [("app.py", 1, "A1"), ("inner/b.py", 1, "A1"), (outside, 1, "A1"), ("../ours/x.py", 1, "A1")]
    says(programs, "one", *found, ("inner/../app.py", 2, "A1"), ("inner/gone.py", 3, "A1"))
    tree.write("inner/b.py", "")

    async def told(target: str) -> set[tuple[str, int]]:
        [done] = await runner_of(tree, trusted=False, checkers=(checker("one"),)).check(tree.root / target)
        return {(str(each.path).removeprefix(f"{tree.root}/"), each.line) for each in done.problems}

    assert await told("") == {("app.py", 1), ("app.py", 2), ("inner/b.py", 1), ("inner/gone.py", 3)}
    assert await told("inner") == {("inner/b.py", 1), ("inner/gone.py", 3)}
    assert await told("inner/b.py") == {("inner/b.py", 1)}
    says(programs, "many", *(("app.py", line, "A1") for line in range(MAX_PROBLEMS + 5)))
    [many] = await run(tree, checker("many"))
    assert len(many.problems) == MAX_PROBLEMS


async def test_only(programs: Path, tree: Tree) -> None:
    for name in ("one", "two", "three"):
        says(programs, name, ("app.py", 1, "A1"))
    unwanted = checker("three", is_wanted=lambda _: False)
    made = (checker("one"), checker("two"), unwanted)
    assert [each.checker for each in await run(tree, *made)] == ["one", "two"]
    assert [each.checker for each in await run(tree, *made, only={"three", "two"})] == ["two", "three"]
    assert await run(tree, *made, only=set()) == []
    assert await run(tree, checker("one", suffixes=frozenset({".rs"}))) == []
    assert await run(tree, checker("one", markers=("Cargo.toml",), needs_marker=True)) == []


async def test_without_trust_the_reason_is_told_and_nothing_is_looked_for(programs: Path, tree: Tree) -> None:
    program(programs, "builder", tree.shell("builder") + "echo '[]'")
    builder = checker("builder", needs_trust="building runs its scripts")
    [done] = await run(tree, builder)
    assert (done.reason, done.broken, done.problems, done.version) == (
        "not run: building runs its scripts",
        False,
        (),
        "",
    )
    assert done.hint == f"if you trust what is in it: lsp-debugger trust {tree.root}"
    assert tree.fired() == set()
    [done] = await run(tree, builder, trusted=True)
    assert done.reason == ""
    assert tree.fired() == {"builder"}


async def test_what_a_tool_sees(programs: Path, tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folder, no input, no secrets, and what its checker adds."""
    seen = tree.ours / "seen"
    program(programs, "nosy", f"[ \"$1\" = --version ] || {{ pwd; wc -c; env; }} > '{seen}'; echo '[]'")
    for name in ("API_TOKEN", "NODE_OPTIONS", "PYTHONPATH", "LD_PRELOAD_X", "GIT_DIR", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "secret-value")
    nosy = checker("nosy", environment=lambda job: {"CACHE": str(job.cache)})
    await run(tree, nosy)
    text = seen.read_text()
    assert text.splitlines()[:2] == [str(tree.root), "0"]
    assert "secret-value" not in text
    assert f"CACHE={tree.kept}" in text
    assert "NO_COLOR=1" in text


async def test_several_commands_are_told_together(programs: Path, tree: Tree) -> None:
    program(programs, "twice", 'echo "[[\\"app.py\\", $1, \\"A1\\"]]"')
    two = checker("twice", commands=lambda job: [[str(job.tool.path), "2"], [str(job.tool.path), "1"]])
    [done] = await run(tree, two)
    assert [each.line for each in done.problems] == [1, 2]


async def test_a_fault_of_ours_in_reading_is_not_anybody_elses_trouble(programs: Path, tree: Tree) -> None:
    """`read` promises ToolFailed; whatever else it raises is a bug, and still one checker's."""
    says(programs, "good", ("app.py", 1, "A1"))

    def faulty(_job: Job, _outputs: Sequence[Completed]) -> Iterable[Problem]:
        raise LookupError("a bug")

    bad, good = await run(tree, checker("bad", programs=("good",), read=faulty), checker("good"))
    assert bad.broken
    assert "LookupError" in bad.reason
    assert len(good.problems) == 1
