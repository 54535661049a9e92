"""What an isolated command can reach, and what it cannot: each attempt works outside and fails inside."""

from __future__ import annotations

import socket  # noqa: TID251 - the other end, which must not be reached
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lsp_debugger import spawn
from lsp_debugger.verify import isolated as module
from lsp_debugger.verify.enclosure import programs_of, sockets
from lsp_debugger.verify.isolated import Isolated, run_isolated
from lsp_debugger.verify.overlay import Overlay, isolation

pytestmark = pytest.mark.thorough


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder, home = tmp_path / "a work", tmp_path / "home"
    folder.mkdir()
    (folder / "app.py").write_text("x = 1\n")
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "id").write_text("the key\n")
    monkeypatch.setenv("HOME", str(home))
    if reason := isolation(folder):
        pytest.skip(f"no isolation: {reason}; it takes Linux with user namespaces")
    return folder


async def inside(root: Path, code: str, timeout_s: float = 30) -> Isolated:
    with Overlay(root, {root / "app.py": "x = 2\n"}) as overlay:
        return await run_isolated(overlay, [sys.executable, "-c", code], timeout_s, {}, {})


def outside(root: Path, code: str) -> spawn.Completed:
    return spawn.run_blocking([sys.executable, "-c", code], cwd=root, timeout_s=30)


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def said(run: Isolated) -> str:
    assert run.done is not None, run
    return run.done.stdout.decode()


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[Path]:
    """A socket as an agent of the user's has one."""
    with socket.socket(socket.AF_UNIX) as server:
        path = tmp_path / "agent"
        server.bind(str(path))
        server.listen()
        yield path


async def test_it_sees_the_patch_and_what_it_writes_is_gone(root: Path) -> None:
    code = "import os; print(open('app.py').read(), os.getcwd()); open('made', 'w').write('x')"
    assert said(await inside(root, code)).split("\n")[:2] == ["x = 2", f" {root}"]
    assert names_in(root) == ["app.py"]


@pytest.mark.parametrize(
    "code",
    [
        "import pathlib; print((pathlib.Path.home() / '.ssh/id').read_text())",
        "import os; print(open(os.environ['HOME'] + '/.ssh/id').read())",
    ],
)
async def test_the_home_is_not_there(root: Path, code: str) -> None:
    assert "the key" in outside(root, code).stdout.decode()
    assert "the key" not in said(await inside(root, code))


UNCOVER = """
import os, subprocess
key = os.environ["HOME"] + "/.ssh/id"
for line in (
    "umount -l $HOME", "umount -l /tmp", "umount -l /", "mount -o remount,rw /usr", "touch /usr/made",
    "touch /etc/made", f"unshare -Ur --mount sh -c 'umount -l /tmp; umount -l /; cat {key}'",
    f"nsenter -t 1 -m cat {key}", f"cat /proc/1/root{key}", f"chroot /proc/1/root cat {key}", f"cat {key}",
):
    done = subprocess.run(line, shell=True, capture_output=True, text=True)
    print(done.returncode, done.stdout)
"""


async def test_what_covers_the_users_files_cannot_be_taken_down(root: Path) -> None:
    printed = said(await inside(root, UNCOVER))
    assert "the key" not in printed
    assert not [line for line in printed.splitlines() if line.startswith("0 ")], printed


async def test_no_socket_of_the_users_can_be_reached(root: Path, agent: Path) -> None:
    code = f"import socket; socket.socket(socket.AF_UNIX).connect({str(agent)!r}); print('connected')"
    assert str(agent) in sockets()
    assert outside(root, code).stdout == b"connected\n"
    assert "connected" not in said(await inside(root, code))


async def test_nor_one_in_the_workspace_itself(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(root / "s"))
        server.listen()
        code = "import socket; socket.socket(socket.AF_UNIX).connect('s'); print('connected')"
        assert outside(root, code).stdout == b"connected\n"
        assert "connected" not in said(await inside(root, code))


async def test_nor_an_abstract_one_nor_this_machine(root: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server, socket.create_server(("127.0.0.1", 0)) as listener:
        server.bind("\0lspd-test")
        server.listen()
        port = listener.getsockname()[1]
        code = (
            "import socket\n"
            "for family, place in (('AF_UNIX', '\\0lspd-test'), ('AF_INET', ('127.0.0.1', PORT))):\n"
            "    try: socket.socket(getattr(socket, family)).connect(place); print('connected')\n"
            "    except OSError: print('no')\n"
        ).replace("PORT", str(port))
        assert outside(root, code).stdout == b"connected\nconnected\n"
        assert said(await inside(root, code)) == "no\nno\n"


async def test_no_process_of_the_users_is_in_sight(root: Path) -> None:
    code = "import os; print(sum(each.isdigit() for each in os.listdir('/proc')))"
    assert int(said(await inside(root, code))) < 6


async def test_nothing_comes_out_through_a_link(root: Path, tmp_path: Path) -> None:
    """What is copied out at the end is what the command wrote, and no file that it points to."""
    secret = tmp_path / "home" / ".ssh" / "id"
    code = (
        "import os, threading, time\n"
        "os.chdir(os.environ['LSPD_PROOF'])\n"
        "open('own', 'w').write('mine')\n"
        f"os.symlink({str(secret)!r}, 'link')\n"
        "os.mkdir('folder')\n"
        "os.rename(os.environ['LSPD_PROOF'], '/elsewhere')\n"
        f"os.symlink({str(secret.parent)!r}, os.environ['LSPD_PROOF'])\n"
    )
    assert dict((await inside(root, code)).left) == {"own": b"mine"}


async def test_a_process_that_it_leaves_behind_is_ended(root: Path) -> None:
    code = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    while True: time.sleep(0.05); open('/lsp-debugger-left/still', 'w').write('x')\n"
    )
    began = time.perf_counter()
    run = await inside(root, code)
    assert run.done is not None
    assert time.perf_counter() - began < 15


async def test_it_cannot_fill_the_disk(root: Path) -> None:
    code = (
        "import os\n"
        "for name in ('big', '/tmp/big', '/lsp-debugger-left/big'):\n"
        "    try:\n"
        "        with open(name, 'wb') as file:\n"
        "            while True: file.write(b'x' * 2**24)\n"
        "    except OSError as error: print(error.errno); os.unlink(name)\n"
    )
    assert said(await inside(root, code, 120)).split() == ["28", "28", "28"]


async def test_one_that_starts_copies_of_itself_is_ended(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PROCESSES", 50)
    code = "import os, time\nfor _ in range(300): os.fork() or time.sleep(300)\ntime.sleep(300)"
    began = time.perf_counter()
    assert "processes" in (await inside(root, code, 120)).failed
    assert time.perf_counter() - began < 60


async def test_one_that_takes_all_memory_is_ended(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MEMORY_BYTES", 2**28)
    code = "import time\nkept = [b'x' * 2**20 for _ in range(600)]\ntime.sleep(300)"
    assert "memory" in (await inside(root, code, 120)).failed


async def test_one_that_asks_gets_no_answer_and_does_not_wait(root: Path) -> None:
    run = await inside(root, "try: input('name? ')\nexcept EOFError: print('no answer')")
    assert said(run) == "name? no answer\n"


async def test_one_that_never_ends_is_ended(root: Path) -> None:
    began = time.perf_counter()
    run = await inside(root, "import os, signal, time\nos.setsid()\nwhile True: time.sleep(1)", 3)
    assert "longer than 3 s" in run.failed
    assert time.perf_counter() - began < 20


async def test_without_isolation_nothing_is_started(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_: Path) -> str:
        return "not on this system"

    monkeypatch.setattr(module, "isolation", none)
    run = await inside(root, "open('/tmp/started', 'w')")
    assert run == Isolated(why_not="no isolation (not on this system)")


async def test_nor_where_the_proof_fails(root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By a mistake the home is among what is kept: it is noticed inside, and nothing is started."""

    def programs(_: object) -> set[Path]:
        return {tmp_path / "home"}

    monkeypatch.setattr("lsp_debugger.verify.overlay.programs_of", programs)
    run = await inside(root, "open('made', 'w')")
    assert run.done is None
    assert "could not be set up and proven" in run.why_not


async def test_nor_where_the_home_lies_in_the_workspace(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(root / "home"))
    run = await inside(root, "print(1)")
    assert run == Isolated(why_not=f"no isolation ({root}/home lies in the workspace)")


def test_programs_bring_what_they_need_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in (".cargo/bin/cargo", ".local/bin/ruff", "venv/bin/python", "p/node_modules/.bin/jest"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    script = tmp_path / "venv" / "bin" / "pytest"
    script.write_text(f"#!{tmp_path}/venv/bin/python\n")

    def kept(name: str) -> set[str]:
        return {path.relative_to(tmp_path).as_posix() for path in programs_of([str(tmp_path / name), "-q"])}

    assert kept(".local/bin/ruff") == {".local/bin"}
    assert kept(".cargo/bin/cargo") == {".cargo/bin", ".rustup", ".cargo/registry", ".cargo/git"}
    assert kept("venv/bin/pytest") == {"venv"}
    assert kept("p/node_modules/.bin/jest") == {"p/node_modules"}
