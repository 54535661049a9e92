"""The index through its client: build, update, branch switch, saves, search, maintenance, kill -9.

    python benchmarks/index.py [build search update branch saves kill] [--files N …] [--kills N] [--saves N]

The corpus is the standard library and the packages of this environment, copied; more files than there are
come in again under other folders. The real worker process, a client as the server has it. Resident memory
is the worker's own, in MB (2^20 bytes), shared pages included; its helpers are not in it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import subprocess  # noqa: TID251 - git makes the branches
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from harness import Row, percentile, print_table
from index_folder import Client, question, write_corpus

_MB = 2**20
_CHUNKS_WANTED = 56_000


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parts = {"build": _build, "search": _search, "update": _update, "branch": _branch, "saves": _saves}
    parts["kill"] = _kill
    parser.add_argument("parts", nargs="*", choices=[*parts, []], default=[])
    parser.add_argument("--files", type=int, nargs="+", default=[1_000, 6_500])
    parser.add_argument("--saves", type=int, default=2_000)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    good = True
    for name in options.parts or parts:
        with tempfile.TemporaryDirectory(prefix="lsp-debugger-index-") as folder:
            rows = asyncio.run(parts[name](Path(folder).resolve(), options))
        good = print_table(f"Index: {name}", rows) and good
    return 0 if good else 1


def _times(values: list[float]) -> str:
    return f"{percentile(values, 50):.0f} / {percentile(values, 95):.0f} ms"


async def _build(base: Path, options: argparse.Namespace) -> list[Row]:
    rows: list[Row] = []
    for files in options.files:
        root = base / f"p{files}"
        size_mb = sum(path.stat().st_size for path in write_corpus(root, files)) / 1e6
        async with Client(root, base / f"s{files}") as client:
            seconds = await client.current()
            details = await client.details()
            before_mb = details["size_bytes"] / _MB
            began_s = time.perf_counter()
            await client.index.compact(600)
            compact_s = time.perf_counter() - began_s
            after_mb = (await client.details())["size_bytes"] / _MB
        async with Client(root, base / f"s{files}") as client:
            again_s = await client.current()
        per_s, peak_mb = files / seconds, client.watch.peak_bytes / _MB
        rows += [
            Row(f"{files:,} files, {size_mb:.0f} MB: build", f"{per_s:.0f} files/s", "≥ 250", per_s >= 250),
            Row("… chunks, seconds", f"{details['chunks']:,}, {seconds:.1f} s"),
            Row("… compaction", f"{compact_s:.1f} s, {before_mb:.0f} → {after_mb:.0f} MB"),
            Row("… opened again, nothing changed", f"{again_s:.1f} s, worker {peak_mb:.0f} MB"),
        ]
    return rows


async def _search(base: Path, _: argparse.Namespace) -> list[Row]:
    paths = write_corpus(base / "project", 7_000)
    async with Client(base / "project", base / "state") as client:
        await client.tidy()
        chunks = (await client.details())["chunks"]
        idle = await client.searches()
        stop = asyncio.Event()
        busy = asyncio.create_task(_keep_busy(client, paths, stop))
        while_busy = await client.searches(0.1)
        stop.set()
        await busy
    p50, p95 = percentile(while_busy, 50), percentile(while_busy, 95)
    return [
        Row("chunks", f"{chunks:,}", f"about {_CHUNKS_WANTED:,}"),
        Row("search, p50 / p95", _times(idle), "25 / 60 ms", percentile(idle, 95) < 60),
        Row("search, worker busy, p50 / p95", _times(while_busy), "25 / 60 ms", p50 < 25 and p95 < 60),
    ]


async def _keep_busy(client: Client, paths: list[Path], stop: asyncio.Event) -> None:
    """Twenty files change a second."""
    number = 0
    while not stop.is_set():
        for path in paths[number % 5_000 : number % 5_000 + 20]:
            with path.open("a", encoding="utf-8") as file:
                file.write(f"\n# busy {number}\n")
            client.index.saved(str(path))
        number += 20
        await asyncio.sleep(1)


async def _update(base: Path, _: argparse.Namespace) -> list[Row]:
    paths = write_corpus(base / "project", 3_000)
    rows: list[Row] = []
    for watches in (False, True):
        async with Client(base / "project", base / "state", watches=watches) as client:
            await client.tidy()
            seconds: list[float] = []
            for number, path in enumerate(paths[:40]):
                word = f"saved{number}zebra{watches:d}"
                path.write_text(f"def {word}(): pass\n", "utf-8")
                if not watches:
                    client.index.saved(str(path))
                seconds.append(await client.finds(word) * 1_000)
            p95 = percentile(seconds, 95)
            how = "seen by our own watcher" if watches else "told by the client"
            rows.append(Row(f"saved → found, {how}, p50 / p95", _times(seconds), "p95 < 700 ms", p95 < 700))
    return rows


async def _branch(base: Path, _: argparse.Namespace) -> list[Row]:
    root = base / "project"
    paths = write_corpus(root, 3_000)
    git = ["git", "-C", str(root), "-c", "user.name=a", "-c", "user.email=a@b.example"]

    def run(*arguments: str) -> None:
        subprocess.run([*git, *arguments], check=True, capture_output=True)

    run("init", "-q", "-b", "main")
    run("add", ".")
    run("commit", "-qm", "one")
    run("checkout", "-qb", "other")
    for number, path in enumerate(paths[:1_000]):
        with path.open("a", encoding="utf-8") as file:
            file.write(f"\n\ndef other_branch_{number}(): return 'branchword{number}'\n")
    run("commit", "-qam", "two")
    run("checkout", "-q", "main")
    rows: list[Row] = []
    async with Client(root, base / "state") as client:  # nobody tells: HEAD moves
        await client.tidy()
        for name, branch, word in (
            ("never seen", "other", "branchword999"),
            ("back", "main", ""),
            ("and again", "other", "branchword999"),
        ):
            began_s = time.perf_counter()
            await asyncio.to_thread(run, "checkout", "-q", branch)
            # Asked ten times a second: more would take a processor from the work that is measured.
            await (client.finds(word, 0.1) if word else client.forgets("branchword999", 0.1))
            await client.current()
            seconds = time.perf_counter() - began_s
            rows.append(
                Row(f"branch switch of 1,000 files, {name}", f"{seconds:.1f} s", "< 6 s", seconds < 6)
            )
            await client.tidy()
    return rows


async def _saves(base: Path, options: argparse.Namespace) -> list[Row]:
    paths = write_corpus(base / "project", 2_000)
    async with Client(base / "project", base / "state") as client:
        await client.tidy()
        fresh_bytes = (await client.details())["size_bytes"]
        fresh_ms = percentile(await client.searches(), 50)
        client.watch.peak_bytes = 0
        for number in range(options.saves):
            path = paths[number % 300]
            path.write_text(path.read_text("utf-8", "replace") + f"\n# saved {number}\n", "utf-8")
            client.index.saved(str(path))
            if number % 4 == 3:  # a hand saves less often; several commits a second are the worst there is
                client.look_at_memory()
                await asyncio.sleep(0.32)
        await client.until(client.is_current, 0.1)
        after = await client.details()
        after_ms = percentile(await client.searches(), 50)
    disk, memory_mb = after["size_bytes"] / fresh_bytes, client.watch.peak_bytes / _MB
    slower = after_ms / fresh_ms
    return [
        Row("saves, commits", f"{options.saves:,}, {int(str(after['version']).partition('-')[0]):,}"),
        Row("disk, against a fresh build", f"{disk:.2f} times", "< 2 times", disk < 2),
        Row("worker's memory, peak", f"{memory_mb:.0f} MB", "< 600 MB", memory_mb < 600),
        Row("search p50, against fresh", f"{fresh_ms:.0f} → {after_ms:.0f} ms", "< 1.5 times", slower < 1.5),
    ]


async def _kill(base: Path, options: argparse.Namespace) -> list[Row]:
    """Files change all the time and the worker dies at any moment; each next one has to find all well."""
    root, chance = base / "project", random.Random(options.seed)
    paths = [path for path in write_corpus(root, 300) if path.read_bytes().strip()]  # empty ones gain rows
    contents = {path: path.read_text("utf-8", "replace") for path in paths}
    opened = lost = damaged = stale = expected = 0
    for number in range(options.kills + 1):
        async with Client(root, base / "state") as client:
            await client.current()
            verified = (await client.index.verify(120)).details
            opened += 1
            expected = expected or verified["files"]  # some are generated, and stay out
            lost += expected - verified["files"]
            damaged += verified["verified"]["damaged"] + verified["verified"]["changed"]
            stale += await _stale_spans(client, root)
            if number == options.kills:
                break
            deadline_s = time.perf_counter() + chance.uniform(0.05, 1.5)
            for path in _endless(paths, chance):
                contents[path] += f"\n\ndef killed_{number}(): return {chance.random()}\n"
                path.write_text(contents[path], "utf-8")
                client.index.saved(str(path))
                await asyncio.sleep(0.002)
                if time.perf_counter() > deadline_s:
                    break
            if client.index.pid:
                os.kill(client.index.pid, signal.SIGKILL)
    return [
        Row("kill -9 at random", f"{options.kills} times"),
        Row("table opens", f"{opened} of {options.kills + 1}", "always", opened == options.kills + 1),
        Row("files without their rows", f"{lost}", "0", lost == 0),
        Row("files with wrong rows", f"{damaged}", "0", damaged == 0),
        Row("spans that were not what the file says", f"{stale}", "0", stale == 0),
    ]


async def _stale_spans(client: Client, root: Path) -> int:
    wrong = 0
    for number in range(5):
        for hit in await client.index.search(question(number), 10):
            part = hit.fragment
            lines = (root / str(part.path)).read_text("utf-8", "replace").split("\n")
            shown = "\n".join(lines[part.start_line - 1 : part.end_line]).rstrip()
            wrong += shown != part.text
    return wrong


def _endless(paths: list[Path], chance: random.Random) -> Iterator[Path]:
    while True:
        yield chance.choice(paths)


if __name__ == "__main__":
    raise SystemExit(main())
