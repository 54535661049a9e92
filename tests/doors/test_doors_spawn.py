"""The door for programs, with real programs."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from lsp_debugger.core.errors import SpawnRefused, ToolFailed
from lsp_debugger.spawn import (
    Child,
    kill_all,
    private_directory,
    python_argv,
    run,
    run_blocking,
    scrubbed_environment,
    search_path,
    start,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the scripts here are for POSIX")


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.fixture
def script(tmp_path: Path) -> Callable[[Path, str], Path]:
    def write(path: Path, text: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
        return path

    return write


@pytest.fixture(autouse=True)
def no_child_left() -> Iterator[None]:
    before = {each.pid for each in psutil.Process().children(recursive=True)}
    yield
    wait_until(lambda: {each.pid for each in psutil.Process().children(recursive=True)} <= before)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_output_exit_code_and_input(tmp_path: Path) -> None:
    code = "import sys; sys.stderr.write('e'); print(sys.stdin.read().upper(), end=''); sys.exit(3)"

    done = await run(python(code), cwd=tmp_path, timeout_s=30, stdin=b"words")

    assert (done.returncode, done.stdout, done.stderr, done.truncated) == (3, b"WORDS", b"e", False)


def test_without_input_there_is_none_to_wait_for(tmp_path: Path) -> None:
    done = run_blocking(python("import sys; print(repr(sys.stdin.read()))"), cwd=tmp_path, timeout_s=30)

    assert done.stdout == b"''\n"


async def test_a_helper_that_ignores_its_input_does_not_hang(tmp_path: Path) -> None:
    done = await run(python("print('done')"), cwd=tmp_path, timeout_s=30, stdin=b"x" * 4_000_000)

    assert done.stdout == b"done\n"


async def test_a_flood_is_cut_at_the_cap(tmp_path: Path) -> None:
    done = await run(
        python("import sys\nwhile True: sys.stdout.write('x' * 9999)"),
        cwd=tmp_path,
        timeout_s=60,
        max_output_bytes=100_000,
    )

    assert (len(done.stdout), done.truncated, done.returncode) == (100_000, True, -9)


async def test_too_long_is_a_failure_and_the_group_is_gone(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    code = (
        "import os, subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}'); time.sleep(600)"
    )

    with pytest.raises(ToolFailed, match=r"took longer than 2 s"):
        await run(python(code), cwd=tmp_path, timeout_s=2)

    wait_until(lambda: not any(is_running(int(pid)) for pid in pids.read_text().split()))


async def test_cancelling_kills_the_group(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    code = (
        "import os, subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}} .'); time.sleep(600)"
    )
    task = asyncio.create_task(run(python(code), cwd=tmp_path, timeout_s=600))
    await asyncio.to_thread(wait_until, lambda: pids.exists() and pids.read_text().endswith("."))

    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    wait_until(lambda: not any(is_running(int(pid)) for pid in pids.read_text().split()[:2]))


async def test_cancelling_before_the_start_leaves_nothing(tmp_path: Path) -> None:
    task = asyncio.create_task(run(python("import time; time.sleep(600)"), cwd=tmp_path, timeout_s=600))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    wait_until(lambda: not any(thread.name == "spawn.run" for thread in threading.enumerate()))


async def test_a_straggler_that_holds_the_pipe_does_not_hold_us(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    code = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(pid_file)!r}, 'w').write(str(child.pid)); print('done')"
    )

    done = await run(python(code), cwd=tmp_path, timeout_s=60)

    assert done.stdout == b"done\n"
    wait_until(lambda: not is_running(int(pid_file.read_text())))


async def test_the_loop_goes_on_while_a_helper_runs(tmp_path: Path) -> None:
    go = tmp_path / "go"
    code = f"import os, time\nwhile not os.path.exists({str(go)!r}): time.sleep(0.01)"
    task = asyncio.create_task(run(python(code), cwd=tmp_path, timeout_s=60))

    await asyncio.sleep(0.05)
    go.touch()  # from the loop, while the helper waits for it

    assert (await task).returncode == 0


def test_the_environment_is_an_allow_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dropped = (
        "OPENAI_API_KEY", "GITHUB_TOKEN", "LD_PRELOAD", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONSTARTUP",
        "NODE_OPTIONS", "GIT_DIR", "GIT_EXTERNAL_DIFF", "https_proxy", "HTTPS_PROXY", "BASH_ENV", "ANYTHING",
    )  # fmt: skip
    for name in dropped:
        monkeypatch.setenv(name, "planted")
    monkeypatch.setenv("LC_TIME", "C")

    done = run_blocking(["/usr/bin/env"], cwd=tmp_path, timeout_s=30, env={"RUFF_NO_CACHE": "1"})

    seen = dict(line.split("=", 1) for line in done.stdout.decode().splitlines())
    assert "planted" not in seen.values()
    assert seen["RUFF_NO_CACHE"] == "1"
    assert seen["LC_TIME"] == "C"
    assert seen == scrubbed_environment({"RUFF_NO_CACHE": "1"})


def test_path_keeps_absolute_directories_from_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    (root / "bin").mkdir(parents=True)
    outside.mkdir()
    (outside / "link").symlink_to(root / "bin")
    entries = [".", "", "bin", str(root / "bin"), str(outside / "link"), str(outside), "/usr/bin"]
    monkeypatch.setenv("PATH", os.pathsep.join(entries))

    assert search_path([root]).split(os.pathsep) == [str(outside), "/usr/bin"]


def test_a_program_from_the_workspace_is_refused(tmp_path: Path, script: Callable[[Path, str], Path]) -> None:
    root, outside = tmp_path / "my_root", tmp_path / "outside"
    ran = tmp_path / "ran"
    evil = script(root / "bin" / "ruff", f"#!/bin/sh\ntouch '{ran}'\n")
    outside.mkdir()
    (outside / "link to it").symlink_to(evil)
    (root / "link out").symlink_to("/bin/true")
    (outside / "linked root").symlink_to(root)
    interpreted = script(outside / "tool", f"#!{evil}\n")

    for program in (
        evil,
        outside / "link to it",
        root / "link out",
        outside / "linked root" / "bin" / "ruff",
        root / "bin" / ".." / "bin" / "ruff",
        interpreted,
    ):
        with pytest.raises(SpawnRefused) as refused:
            run_blocking([str(program)], cwd=tmp_path, timeout_s=30, untrusted_roots=[root])
        assert refused.value.hint == f"if you trust what is in it: lsp-debugger trust {root}"
    assert not ran.exists()

    run_blocking([str(evil)], cwd=tmp_path, timeout_s=30, untrusted_roots=[tmp_path / "my_roo"])
    assert ran.exists()


@pytest.mark.parametrize("program", ["ruff", "./ruff", "bin/ruff"])
def test_a_program_has_an_absolute_path(tmp_path: Path, program: str) -> None:
    with pytest.raises(SpawnRefused, match="not an absolute path"):
        run_blocking([program], cwd=tmp_path, timeout_s=30)


def test_a_relative_interpreter_is_refused(tmp_path: Path, script: Callable[[Path, str], Path]) -> None:
    with pytest.raises(SpawnRefused, match="relative interpreter"):
        run_blocking([str(script(tmp_path / "tool", "#!python\n"))], cwd=tmp_path, timeout_s=30)


def test_a_program_that_cannot_be_started_is_a_failure(
    tmp_path: Path, script: Callable[[Path, str], Path]
) -> None:
    with pytest.raises(ToolFailed, match="there is no program ruff"):
        run_blocking([str(tmp_path / "ruff")], cwd=tmp_path, timeout_s=30)
    with pytest.raises(ToolFailed, match="could not be started"):
        run_blocking(["/bin/true"], cwd=tmp_path / "nowhere", timeout_s=30)
    with pytest.raises(ToolFailed, match="could not be started"):
        run_blocking([str(script(tmp_path / "garbage", "\0\1\2"))], cwd=tmp_path, timeout_s=30)


@pytest.mark.skipif(sys.platform != "linux", reason="limits are put on from outside on Linux only")
def test_limits_are_on_the_child(tmp_path: Path) -> None:
    import resource

    with start(
        python("import sys; sys.stdin.read()"),
        cwd=tmp_path,
        stdin="pipe",
        nice=7,
        memory_bytes=1 << 30,
        cpu_s=9,
    ) as child:
        assert resource.prlimit(child.pid, resource.RLIMIT_CORE) == (0, 0)
        assert resource.prlimit(child.pid, resource.RLIMIT_AS) == (1 << 30, 1 << 30)
        assert resource.prlimit(child.pid, resource.RLIMIT_CPU) == (9, 9)
        assert os.getpriority(os.PRIO_PROCESS, child.pid) == 7


@pytest.mark.skipif(sys.platform != "linux", reason="limits hold on Linux")
def test_limits_reach_what_was_started_in_the_instant_before_them(tmp_path: Path) -> None:
    """A compiler's driver has started the compiler by then, on a busy machine."""
    import resource

    from lsp_debugger.spawn import process

    code = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, flush=True); child.wait()"
    )
    with start(python(code), cwd=tmp_path, stdout="pipe") as child:
        assert child.stdout is not None
        started = int(child.stdout.readline())
        process._limit(child.pid, nice=0, memory_bytes=1 << 31, cpu_s=9)
        for pid in (child.pid, started):
            assert resource.prlimit(pid, resource.RLIMIT_AS) == (1 << 31, 1 << 31)
            assert resource.prlimit(pid, resource.RLIMIT_CPU) == (9, 9)


@pytest.mark.skipif(sys.platform != "linux", reason="limits are put on from outside on Linux only")
def test_a_helper_that_wants_too_much_memory_fails_alone(tmp_path: Path) -> None:
    code = "try:\n x = bytearray(2 << 30)\nexcept MemoryError:\n print('no memory')"

    done = run_blocking(python(code), cwd=tmp_path, timeout_s=60, memory_bytes=1 << 30)

    assert done.stdout == b"no memory\n"


def test_our_own_modules_start_without_looking_around(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "platform.py").write_text("print('hijacked')", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    done = run_blocking(python_argv("platform", "terse"), cwd=tmp_path, timeout_s=30, env={"PYTHONPATH": "."})

    assert done.returncode == 0
    assert b"hijacked" not in done.stdout
    assert b"inux" in done.stdout or b"Darwin" in done.stdout


def test_a_started_child_talks_and_ends_with_its_group(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, flush=True)\n"
        "print(sys.stdin.readline(), flush=True)"
    )
    with start(python(code), cwd=tmp_path, stdin="pipe", stdout="pipe") as child:
        assert child.stdin is not None
        assert child.stdout is not None
        grandchild = int(child.stdout.readline())
        assert child.poll() is None
        assert child.wait(0.01) is None
        child.stdin.write(b"bye\n")
        child.stdin.flush()
        assert child.stdout.readline() == b"bye\n"
        assert child.wait(30) == 0
        wait_until(lambda: not is_running(grandchild))
        child.kill_group()  # after its end: harms nobody
        assert child.poll() == 0


def test_output_can_go_to_a_file(tmp_path: Path) -> None:
    code = python("print('logged')")
    with (tmp_path / "log").open("wb") as log, start(code, cwd=tmp_path, stdout=log) as child:
        assert child.wait(30) == 0
    assert (tmp_path / "log").read_bytes() == b"logged\n"


def test_children_end_with_us_and_detached_ones_do_not(guarded: Callable[[str], str], tmp_path: Path) -> None:
    """With the guard on, so that this also shows that the door is open for its own."""
    out = guarded(f"""
        import asyncio, sys
        from lsp_debugger.spawn import run, start
        sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
        print(start(sleeper, cwd={str(tmp_path)!r}).pid)
        print(start(sleeper, cwd={str(tmp_path)!r}, detached=True).pid)
        done = asyncio.run(run([sys.executable, "-c", "print(1 + 1)"], cwd={str(tmp_path)!r}, timeout_s=30))
        print(done.stdout.decode().strip())
    """)

    ours, detached, two = map(int, out.split())
    assert two == 2
    try:
        assert is_running(detached)
        assert not is_running(ours)
    finally:
        psutil.Process(detached).kill()


def test_kill_all_ends_what_is_running(tmp_path: Path) -> None:
    children: list[Child] = [
        start(python("import time; time.sleep(600)"), cwd=tmp_path, stdout="pipe") for _ in range(3)
    ]
    kill_all()

    assert [child.poll() for child in children] == [-9, -9, -9]
    for child in children:
        child.close()


def test_a_private_directory_is_empty_private_and_passing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    tmp_path.chmod(0o755)  # others may write configuration there: not taken
    with private_directory() as path:
        assert not path.is_relative_to(tmp_path)
    tmp_path.chmod(0o700)
    with private_directory() as path:
        assert path.is_relative_to(tmp_path)
        assert list(path.iterdir()) == []
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
        (path / "left").write_text("behind", encoding="utf-8")
    assert not path.exists()
