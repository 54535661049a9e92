"""The client with its real worker process and a real table."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess  # noqa: TID251 - a fresh interpreter shows what an import brings along
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from lsp_debugger import spawn
from lsp_debugger.core.material import Hit
from lsp_debugger.core.ports import Query, Retriever
from lsp_debugger.index import client as client_module
from lsp_debugger.index.client import IndexClient
from lsp_debugger.index.link import Process

pytestmark = [pytest.mark.thorough, pytest.mark.asyncio(loop_scope="module")]

FILES = {
    "shop/money.py": "def convert(amount, rate):\n    return amount * rate\n",
    "shop/basket.py": "from shop.money import convert\n\ndef total(prices):\n    return convert(prices, 2)\n",
    'it\'s "odd"\n漢.py': "def oddity():\n    return 'peculiar'\n",
    "latin.py": b"def latin_text():\n    return 'caf\xe9'\n",
    "config.py": "TOKEN = 'ghp_" + "a1B2" * 9 + "'\ncredential_holder = 1\n",
    "id_rsa": "privateneedle\n",
    "private/plan.py": "def plannedneedle(): pass\n",
}


def write(root: Path, path: str, content: str | bytes) -> Path:
    place = root / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return place


async def eventually(check: Callable[[], Awaitable[bool]], timeout_s: float = 60.0) -> None:
    """Wait until `check` holds; the wait is long because machines are slow, not because we are."""
    deadline = time.monotonic() + timeout_s
    while not await check():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.05)


async def current(client: IndexClient) -> None:
    """Wait until the workspace is indexed."""

    async def is_current() -> bool:
        status = await client.status()
        assert status.state not in {"failed", "closed"}, str(status)
        return status.state == "ready" and str(status.details["phase"]).startswith(("current", "reading"))

    client.warm()
    await eventually(is_current)


async def hits(client: IndexClient, text: str, **rest: object) -> list[Hit]:
    return await client.search(Query(text, **rest), 10)  # type: ignore[arg-type]


async def paths(client: IndexClient, text: str) -> list[str | None]:
    return [hit.fragment.path for hit in await hits(client, text)]


async def shows(client: IndexClient, text: str, path: str) -> None:
    async def is_shown() -> bool:
        return path in await paths(client, text)

    await eventually(is_shown)


async def hides(client: IndexClient, text: str, path: str) -> None:
    async def is_hidden() -> bool:
        return path not in await paths(client, text)

    await eventually(is_hidden)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[IndexClient, Path]]:
    base = tmp_path_factory.mktemp("shop")
    root = base / "root"
    for path, content in FILES.items():
        write(root, path, content)
    client = IndexClient(root, base / "state", never_index=["private/**"])
    await current(client)
    yield client, root
    await client.aclose()


async def test_a_search_has_true_places(shop: tuple[IndexClient, Path]):
    client, _ = shop
    retriever: Retriever = client
    hit = (await retriever.search(Query("convert amount rate"), 5))[0]
    fragment = hit.fragment
    assert (fragment.path, fragment.start_line, fragment.end_line) == ("shop/money.py", 1, 2)
    assert (fragment.language_id, fragment.symbol) == ("python", "convert")
    assert fragment.text == str(FILES["shop/money.py"]).rstrip()
    assert retriever.version.partition("-")[0].isdigit()


async def test_who_needs_all_of_it_waits_for_that_and_no_longer(tmp_path: Path):
    root = tmp_path / "project"
    root.mkdir()
    (root / "b.py").write_text("def needle(): pass\n")
    client = IndexClient(root, tmp_path / "state")
    assert not await client.current(0)
    assert await client.current(60)
    assert await paths(client, "needle") == ["b.py"]
    assert await client.current(0)
    await client.aclose()
    assert not await client.current(60)


async def test_odd_files_are_found(shop: tuple[IndexClient, Path]):
    client, _ = shop
    (odd,) = await hits(client, "oddity peculiar")
    assert odd.fragment.path == 'it\'s "odd"\n漢.py'
    assert [literal.of(odd.fragment.text) for literal in odd.fragment.literals] == ["peculiar"]
    assert await paths(client, "latin_text") == ["latin.py"]


async def test_what_may_not_be_stored_is_not(shop: tuple[IndexClient, Path]):
    client, _ = shop
    (holder,) = await hits(client, "credential_holder")
    assert "ghp_" not in holder.fragment.text
    assert "<SECRET_" in holder.fragment.text
    assert await paths(client, "privateneedle") == []
    assert await paths(client, "plannedneedle") == []
    status = await client.status()
    assert status.details["skipped"] == {"never_index": 2}
    assert str(status).startswith("5 files, ")


async def test_a_stack_brings_in_what_stays_out_for_one_question(shop: tuple[IndexClient, Path]):
    client, root = shop
    place = write(root, "node_modules/lib/deep.js", "function vendoredNeedle() {\n  return 1\n}\n")
    secret = write(root, "private/hidden.py", "def privatestack(): pass\n")
    frames = ((str(place), 2), (str(secret), 1), (str(root / "nowhere.py"), 3))
    found = await hits(client, "it failed", frames=frames)
    assert [(hit.fragment.path, hit.fragment.symbol) for hit in found] == [
        ("node_modules/lib/deep.js", "vendoredNeedle")
    ]
    assert await paths(client, "vendoredNeedle privatestack") == []


async def test_unsaved_text_wins_over_the_disk(shop: tuple[IndexClient, Path]):
    client, root = shop
    place = root / "shop/basket.py"
    before = client.version
    client.changed(str(place), "# new\n# lines\ndef unsaved_thing(prices):\n    return prices\n")
    hit = (await hits(client, "unsaved_thing"))[0]
    assert (hit.fragment.path, hit.fragment.start_line) == ("shop/basket.py", 3)
    assert client.version != before
    client.changed(str(place), None)
    assert "shop/basket.py" not in await paths(client, "unsaved_thing")
    assert "shop/basket.py" in await paths(client, "total prices")


async def test_a_buffer_that_nobody_saved_anywhere_yet(shop: tuple[IndexClient, Path]):
    client, root = shop
    client.changed(str(root / "brand_new.py"), "def brand_new_function(): pass\n")
    assert await paths(client, "brand_new_function") == ["brand_new.py"]
    client.changed(str(root / "brand_new.py"), None)
    assert await paths(client, "brand_new_function") == []


async def test_a_root_may_be_reached_through_a_link(shop: tuple[IndexClient, Path]):
    client, root = shop
    link = root.parent / "link"
    link.symlink_to(root)
    client.changed(str(link / "linked.py"), "def seen_through_link(): pass\n")
    assert await paths(client, "seen_through_link") == ["linked.py"]
    client.changed(str(link / "linked.py"), None)


async def test_saving_creating_moving_deleting(shop: tuple[IndexClient, Path]):
    client, root = shop
    place = write(root, "life/cycle.py", "def alpha(): pass\n")
    client.watched([(str(place), "created")])
    await shows(client, "alpha", "life/cycle.py")
    client.changed(str(place), "def omega(): pass\n")
    place.write_text("def omega(): pass\n")
    client.saved(str(place))
    await shows(client, "omega", "life/cycle.py")
    assert await paths(client, "alpha") == []
    place.parent.rename(root / "moved")
    client.moved(str(place.parent), str(root / "moved"))
    client.changed(str(place), None)
    await shows(client, "omega", "moved/cycle.py")
    await hides(client, "omega", "life/cycle.py")
    (root / "moved/cycle.py").unlink()
    client.deleted(str(root / "moved/cycle.py"))
    await hides(client, "omega", "moved/cycle.py")


async def test_a_change_that_nobody_told_is_never_shown_wrongly(shop: tuple[IndexClient, Path]):
    client, root = shop
    place = write(root, "silent.py", "def silent_function(): pass\n")
    client.saved(str(place))
    await shows(client, "silent_function", "silent.py")
    place.write_text("\n\n\n\ndef silent_function(): pass\n")
    for hit in await hits(client, "silent_function"):
        assert hit.fragment.path != "silent.py" or hit.fragment.start_line == 5
    await shows(client, "silent_function", "silent.py")  # looking at it was enough to notice


async def test_queries_of_any_kind_are_answered(shop: tuple[IndexClient, Path]):
    client, root = shop
    assert await hits(client, "") == []
    assert await hits(client, "\ud800 \0 ' OR TRUE --") == []
    await hits(client, "x " * 200_000)
    frames = ((str(root / "shop/money.py"), 2), ("/elsewhere/x.py", 1), ("shop/basket.py", 5))
    assert "on the stack" in (await hits(client, "error", frames=frames))[0].why
    outside = Query("convert", path="/elsewhere/y.py")
    assert await client.search(outside, 3)


async def test_a_cancelled_search_leaves_the_worker_well(shop: tuple[IndexClient, Path]):
    client, _ = shop
    searches = [asyncio.create_task(hits(client, "convert amount")) for _ in range(20)]
    await asyncio.sleep(0)
    for search in searches[::2]:
        search.cancel()
    done = await asyncio.gather(*searches, return_exceptions=True)
    assert all(isinstance(each, asyncio.CancelledError) for each in done[::2])
    assert all(each for each in done[1::2])
    assert await paths(client, "convert") != []


async def test_two_editors_on_one_workspace(shop: tuple[IndexClient, Path]):
    """The second one reads what the first writes, sees its own saves at once, and takes over."""
    first, root = shop
    base = root.parent
    second_root = base / "second"
    for path, content in FILES.items():
        write(second_root, path, content)
    writer = IndexClient(second_root, base / "second-state")
    await current(writer)
    reader = IndexClient(second_root, base / "second-state")
    try:
        await current(reader)
        assert [(await client.status()).details["role"] for client in (writer, reader)] == [
            "writer",
            "reader",
        ]
        assert await paths(reader, "convert amount rate") == await paths(writer, "convert amount rate")

        saved = write(second_root, "by_reader.py", "def saved_by_reader(): pass\n")
        reader.saved(str(saved))
        await shows(reader, "saved_by_reader", "by_reader.py")
        writer.saved(str(saved))
        await shows(writer, "saved_by_reader", "by_reader.py")
        await shows(reader, "saved_by_reader", "by_reader.py")
        assert (await reader.status()).details["unsaved"] == 0  # the table has it by now

        saved.unlink()
        reader.deleted(str(saved))
        await hides(reader, "saved_by_reader", "by_reader.py")

        await writer.aclose()

        async def took_over() -> bool:
            return (await reader.status()).details.get("role") == "writer"

        await eventually(took_over)
        late = write(second_root, "late.py", "def written_late(): pass\n")
        reader.saved(str(late))
        await shows(reader, "written_late", "late.py")
    finally:
        await writer.aclose()
        await reader.aclose()
    assert await paths(first, "convert") != []


async def test_searches_beside_maintenance_have_answers(tmp_path: Path):
    root = tmp_path / "root"
    for number in range(300):
        write(root, f"m{number}.py", f"def needle_{number}(rate): return rate\n")
    client = IndexClient(root, tmp_path / "state")
    await current(client)
    ended = asyncio.Event()
    answered = 0

    async def search() -> None:
        nonlocal answered
        while not ended.is_set():
            found = await client.find(Query("needle rate"), 5, 30.0)
            assert len(found) == 5
            answered += 1

    searching = asyncio.create_task(search())
    for number in range(3):
        write(root, "m1.py", f"def needle_1(rate): return {number}\n")
        client.saved(str(root / "m1.py"))
        await asyncio.sleep(1.2)  # versions older than a second are dropped
        await client.compact(60)
    ended.set()
    await searching
    assert answered > 10
    await client.aclose()


async def test_killed_at_any_moment_nothing_is_lost(tmp_path: Path):
    root = tmp_path / "root"
    for number in range(300):
        write(root, f"m{number}.py", f"def needle_{number}():\n    return common_word\n")
    for pause_s in (0.0, 0.4, 0.9):
        await kill_one(root, tmp_path / "state", pause_s)
    client = IndexClient(root, tmp_path / "state")
    try:
        await current(client)
        status = await client.status()
        assert (status.details["files"], status.details["chunks"]) == (300, 300)
        assert await paths(client, "needle_271") != []
    finally:
        await client.aclose()


async def kill_one(root: Path, state: Path, pause_s: float) -> None:
    client = IndexClient(root, state)
    client.warm()
    await eventually(lambda: is_in_state(client, "ready"))
    await asyncio.sleep(pause_s)  # a different moment of the build each time
    assert client.pid is not None
    os.kill(client.pid, signal.SIGKILL)
    await eventually(lambda: is_in_state(client, "waiting"))
    assert await client.search(Query("needle"), 3) == []
    await client.aclose()


async def is_in_state(client: IndexClient, state: str) -> bool:
    return (await client.status()).state == state


async def test_a_killed_worker_is_replaced_and_told_of_the_buffers(tmp_path: Path):
    root = tmp_path / "root"
    write(root, "a.py", "def on_disk(): pass\n")
    client = IndexClient(root, tmp_path / "state")
    try:
        await current(client)
        client.changed(str(root / "a.py"), "def in_buffer(): pass\n")
        assert await paths(client, "in_buffer") == ["a.py"]
        first = client.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await shows(client, "in_buffer", "a.py")
        assert client.pid != first
        shutil.rmtree(tmp_path / "state" / "index" / "chunks.lance" / "data")  # and now the table breaks
        second = client.pid
        assert second is not None
        os.kill(second, signal.SIGKILL)
        write(root, "b.py", "def made_anew(): pass\n")
        await shows(client, "made_anew", "b.py")
        assert list((tmp_path / "state" / "index").glob("quarantined-*"))
    finally:
        await client.aclose()


async def test_closing_ends_the_process_and_nothing_starts_again(tmp_path: Path):
    root = tmp_path / "root"
    write(root, "a.py", "def needle(): pass\n")
    client = IndexClient(root, tmp_path / "state")
    assert await client.search(Query("needle"), 3) == []  # the first need starts it, and does not wait
    pid = client.pid
    assert pid is not None
    assert psutil.pid_exists(pid)
    await client.aclose()
    assert not psutil.pid_exists(pid)
    assert await client.search(Query("needle"), 3) == []
    client.changed(str(root / "a.py"), "x")
    client.saved(str(root / "a.py"))
    await client.aclose()
    assert (client.pid, client.version, str(await client.status())) == (None, "none", "closed")


async def test_a_worker_ends_with_its_input(tmp_path: Path):
    with spawn.start(
        spawn.python_argv("lsp_debugger.index.worker"),
        cwd=tmp_path,
        stdin="pipe",
        stdout="pipe",
        stderr="null",
    ) as child:
        assert child.stdin is not None
        child.stdin.write(b"Content-Length: 3\r\n\r\n{}!")  # no message: it goes on
        child.stdin.close()
        assert child.wait(30) == 0


async def test_an_idle_worker_leaves_and_comes_back(tmp_path: Path):
    root = tmp_path / "root"
    write(root, "a.py", "def needle(): pass\n")
    client = IndexClient(root, tmp_path / "state", idle_s=0.5)
    try:
        client.warm()
        await eventually(lambda: is_in_state(client, "not started"))
        assert (client.pid, client.version) == (None, "none")
        await shows(client, "needle", "a.py")
    finally:
        await client.aclose()


class Scripted:
    """Starts a small Python program instead of the worker, for faults that the real one does not have."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.starts = 0

    def __call__(self, directory: Path) -> Process:
        self.starts += 1
        directory.mkdir(parents=True, exist_ok=True)
        return spawn.start(
            [sys.executable, "-c", self.program], cwd=directory, stdin="pipe", stdout="pipe", stderr="null"
        )


async def test_a_worker_that_keeps_dying_is_given_up(tmp_path: Path):
    start = Scripted("")
    client = IndexClient(tmp_path, tmp_path / "state", start=start)
    client.warm()
    await eventually(lambda: is_in_state(client, "failed"))
    assert start.starts == 4
    assert "ended" in str(await client.status())
    client.warm()
    assert await client.search(Query("x"), 3) == []
    assert start.starts == 4
    await client.aclose()


async def test_a_worker_that_does_not_answer_holds_nobody_up(tmp_path: Path):
    client = IndexClient(tmp_path, tmp_path / "state", start=Scripted("import time; time.sleep(600)"))
    client.warm()
    client.changed(str(tmp_path / "a.py"), "x" * 900_000)  # more than a pipe holds
    assert await client.search(Query("x"), 3) == []
    assert str(await client.status()) == "starting"
    pid = client.pid
    await client.aclose()
    assert pid is not None
    assert not psutil.pid_exists(pid)


TALKS_NONSENSE = (
    "import sys; sys.stdout.write('Content-Length: x\\r\\n\\r\\n'); sys.stdout.flush(); sys.stdin.read()"
)
SILENT = """
import sys
sys.path.insert(0, {path!r})
from lsp_debugger import rpc
for frame in rpc.read_frames(sys.stdin.buffer):
    if frame.message()["method"] == "open":
        sys.stdout.buffer.write(rpc.encode({{"id": 1, "result": {{"version": "1-x", "phase": "current"}}}}))
        sys.stdout.flush()
"""
GROWS = """
import sys
sys.path.insert(0, {path!r})
from lsp_debugger import rpc
for frame in rpc.read_frames(sys.stdin.buffer):
    sys.stdout.buffer.write(rpc.encode({{"method": "progress", "params":
        {{"phase": "indexing", "done": 1, "total": 2, "resident_bytes": 900 * 2**20}}}}))
    sys.stdout.flush()
"""


PACKAGE_PARENT = str(Path(spawn.__file__).parents[2])


async def test_a_worker_that_hangs_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(client_module, "SEARCH_TIMEOUT_S", 0.05)
    monkeypatch.setattr(client_module, "STATUS_TIMEOUT_S", 0.05)
    client = IndexClient(tmp_path, tmp_path / "state", start=Scripted(SILENT.format(path=PACKAGE_PARENT)))
    client.warm()
    hung = client.pid

    async def is_open() -> bool:
        return client.version == "1-x"

    async def is_replaced() -> bool:
        return client.pid not in {hung, None}

    await eventually(is_open)
    assert str(await client.status()) == "waiting: the index worker is busy"
    for _ in range(3):
        assert await client.search(Query("x"), 3) == []
    await eventually(is_replaced)
    assert hung is not None
    assert not psutil.pid_exists(hung)
    await client.aclose()


@pytest.mark.parametrize("program", [TALKS_NONSENSE, GROWS.format(path=PACKAGE_PARENT)])
async def test_a_worker_that_is_of_no_use_is_ended(tmp_path: Path, program: str):
    start = Scripted(program)
    client = IndexClient(tmp_path, tmp_path / "state", start=start, memory_mb=800)
    client.warm()
    pid = client.pid
    await eventually(lambda: is_in_state(client, "waiting"))
    assert pid is not None

    async def is_gone() -> bool:
        return not psutil.pid_exists(pid)

    await eventually(is_gone)  # one that has only grown leaves in order
    await client.aclose()


async def test_a_directory_that_cannot_be_used_is_said(tmp_path: Path):
    (tmp_path / "state").write_text("a file where a directory should be")
    client = IndexClient(tmp_path, tmp_path / "state")
    client.warm()
    assert (await client.status()).state == "failed"
    await client.aclose()
    (tmp_path / "good" / "index").mkdir(parents=True)
    (tmp_path / "good" / "index" / "chunks.lance").write_text("no table")
    missing = IndexClient(tmp_path / "missing-root", tmp_path / "good")
    missing.warm()

    async def says_why() -> bool:
        return "workspace folder cannot be read" in str(await missing.status())

    await eventually(says_why)
    await missing.aclose()


async def test_progress_is_reported(tmp_path: Path):
    root = tmp_path / "root"
    write(root, "a.py", "def needle(): pass\n")
    seen: list[tuple[str, int, int]] = []
    client = IndexClient(root, tmp_path / "state", on_progress=lambda *each: seen.append(each))
    await current(client)
    assert ("current", 1, 1) in seen
    await client.aclose()


@pytest.mark.skipif(sys.platform != "linux", reason="priorities of threads are Linux's")
async def test_long_work_is_last_in_line_and_answers_are_not(tmp_path: Path):
    root = tmp_path / "root"
    write(root, "a.py", "def needle(): pass\n")
    client = IndexClient(root, tmp_path / "state")
    await current(client)
    try:
        assert psutil.Process(client.pid).nice() == 0
        threads = psutil.Process(client.pid).threads()
        assert {os.getpriority(os.PRIO_PROCESS, thread.id) for thread in threads} >= {0, 19}
        assert (tmp_path / "state" / "index").stat().st_mode & 0o777 == 0o700
    finally:
        await client.aclose()


GUARDED = """
import sys
from lsp_debugger import guard
from lsp_debugger.index import worker
worker.Worker.run = lambda self, stdin: print(guard.is_active(), file=sys.stderr)
worker.main()
"""


async def test_the_worker_guards_itself_before_anything_else():
    done = subprocess.run([sys.executable, "-c", GUARDED], capture_output=True, text=True, check=True)  # noqa: ASYNC221
    assert (done.stdout, done.stderr.strip()) == ("", "True")


LIGHT = """
import sys
import lsp_debugger.index.client
print([name for name in ("lancedb", "pyarrow", "numpy", "pydantic", "psutil", "tree_sitter", "re2")
       if name in sys.modules])
"""


async def test_the_client_imports_nothing_heavy():
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)  # noqa: ASYNC221
    assert done.stdout.strip() == "[]"
