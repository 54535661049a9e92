"""A folder of Python files with an index on it, as the server has one: what index.py measures."""

from __future__ import annotations

import asyncio
import random
import shutil
import sysconfig
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psutil

from lsp_debugger.core.ports import Query
from lsp_debugger.index.client import IndexClient

_LONGEST_WAIT_S = 1_200.0
_MAX_FILE_BYTES = 16_000  # so that the mean is that of a project (5 KB), not of generated tables
_SEARCHES = 150
_WORDS = (
    *("parse", "argument", "socket", "timeout", "encode", "header", "request", "token", "path", "cache"),
    *("thread", "lock", "buffer", "schema", "column", "index", "render", "template", "session", "version"),
)


@dataclass(slots=True)
class Watch:
    """The worker's memory while something runs."""

    peak_bytes: int = 0
    searches_ms: list[float] = field(default_factory=list[float])


def write_corpus(root: Path, files: int) -> list[Path]:
    """Python files of this environment below `root`; returns their paths."""
    paths = sysconfig.get_paths()
    found = [
        (source, name)
        for name in ("stdlib", "purelib")
        for source in sorted(Path(paths[name]).rglob("*.py"))
        if source.stat().st_size < _MAX_FILE_BYTES
        and (name == "purelib" or "site-packages" not in source.parts)
    ]
    random.Random(1).shuffle(found)
    written: list[Path] = []
    for number in range(files):
        source, name = found[number % len(found)]
        inner = source.relative_to(paths[name])
        place = root / f"copy{number // len(found)}" / name.replace("purelib", "packages") / inner
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)
        written.append(place)
    return written


class Client:
    """An index on a folder, used in an `async with`."""

    def __init__(self, root: Path, state: Path, *, watches: bool = False) -> None:
        self.index = IndexClient(root, state, watches=watches, memory_mb=4_000)
        self.watch = Watch()

    async def __aenter__(self) -> Self:
        self.index.warm()
        await self.until(self._is_ready)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.index.aclose()

    async def until(self, check: Callable[[], Awaitable[bool]], pause_s: float = 0.02) -> float:
        """Seconds until it held."""
        began_s = time.perf_counter()
        while not await check():
            if time.perf_counter() - began_s > _LONGEST_WAIT_S:
                raise TimeoutError("the index is not getting there")
            self.look_at_memory()
            await asyncio.sleep(pause_s)
        return time.perf_counter() - began_s

    def look_at_memory(self) -> None:
        if self.index.pid:
            resident = psutil.Process(self.index.pid).memory_info().rss
            self.watch.peak_bytes = max(self.watch.peak_bytes, resident)

    async def current(self) -> float:
        """Seconds. Asked four times a second: an answer takes milliseconds from the work that is measured."""
        return await self.until(self.is_current, 0.25)

    async def tidy(self) -> None:
        """Current, and nothing left to do that a search or a save would run beside."""
        await self.current()
        await self.index.compact(600)

    async def finds(self, word: str, pause_s: float = 0.005) -> float:
        async def is_found() -> bool:
            hits = await self.index.search(Query(word), 3)
            return any(word in hit.fragment.text for hit in hits)

        return await self.until(is_found, pause_s)

    async def forgets(self, word: str, pause_s: float = 0.005) -> float:
        async def is_gone() -> bool:
            hits = await self.index.search(Query(word), 3)
            return bool(hits) and not any(word in hit.fragment.text for hit in hits)

        return await self.until(is_gone, pause_s)

    async def search(self, number: int) -> None:
        began_s = time.perf_counter()
        await self.index.search(question(number), 10)
        self.watch.searches_ms.append((time.perf_counter() - began_s) * 1_000)

    async def searches(self, pause_s: float = 0.02) -> list[float]:
        self.watch.searches_ms = []
        for number in range(_SEARCHES):
            await self.search(number)
            await asyncio.sleep(pause_s)
        return self.watch.searches_ms

    async def details(self) -> dict[str, int]:
        return dict((await self.index.status()).details)

    async def _is_ready(self) -> bool:
        return (await self.index.status()).state == "ready"

    async def is_current(self) -> bool:
        status = await self.index.status()
        return status.state == "ready" and status.details["phase"] == "current"


def question(number: int) -> Query:
    """A problem's worth of words: a message, names, a line of code."""
    words = random.Random(number).sample(_WORDS, 5)
    text = f"TypeError: {words[0]}_{words[1]}() got an unexpected keyword argument '{words[2]}'\n"
    return Query(text + f"    result = self.{words[3]}({words[4]}, {words[2]}=None)", identifiers=(words[0],))
