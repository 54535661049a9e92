"""Look for secrets in bytes, in whatever way they may be written there."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

# Part of a secret is a leak too: a title that was cut in the middle of one.
_WINDOW = 12
_COMPRESSED = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
_MAX_UNPACKED = 64 * 1024 * 1024


@dataclass(frozen=True, order=True)
class Leak:
    """`canary` and `form`: names, so that a failing test does not print the secret a second time."""

    channel: str
    canary: str
    form: str


@dataclass
class Search:
    """canaries: name → secret. `forms` of each are looked for in every channel."""

    canaries: Mapping[str, str]
    patterns: dict[bytes, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, secret in self.canaries.items():
            for form, written in forms(secret):
                self.patterns.setdefault(written, (name, form))
        self._any = re.compile(b"|".join(map(re.escape, sorted(self.patterns, key=len, reverse=True))))

    def leaks(self, channels: Mapping[str, bytes]) -> list[Leak]:
        found = set[Leak]()
        for channel, data in channels.items():
            for unpacked in (data, *_unpacked(data)):
                found |= {Leak(channel, *self.patterns[match[0]]) for match in self._any.finditer(unpacked)}
        return sorted(found)


def forms(secret: str) -> Iterator[tuple[str, bytes]]:
    """The ways to write a secret that are looked for, each with its name."""
    raw = secret.encode()
    yield from (("plain", raw[at : at + _WINDOW]) for at in range(max(len(raw) - _WINDOW, 0) + 1))
    yield "UTF-16", secret.encode("utf-16-le")
    for before in range(3):  # where it stands in what was encoded decides how it looks
        coded = base64.b64encode(b"\0" * before + raw)
        inner = coded[(0, 2, 3)[before] : len(coded) - (4 if (before + len(raw)) % 3 else 0)]
        yield "base64", inner
        yield "base64 for addresses", inner.translate(bytes.maketrans(b"+/", b"-_"))
    yield "hex", raw.hex().encode()
    yield "HEX", raw.hex().upper().encode()
    yield "URL", quote(secret, safe="").encode()
    yield "URL, every byte", b"".join(b"%%%02X" % byte for byte in raw)
    for in_ascii in (True, False):
        once = json.dumps(secret, ensure_ascii=in_ascii)[1:-1]
        yield "JSON", once.encode()
        yield "JSON in JSON", json.dumps(once, ensure_ascii=in_ascii)[1:-1].encode()
    yield "JSON, every character", b"".join(b"\\u%04x" % ord(char) for char in secret)


def files_below(directory: Path, prefix: str = "") -> dict[str, bytes]:
    """Every file with its name, byte for byte; of databases, every value in them too."""
    channels = dict[str, bytes]()
    for path in sorted(directory.rglob("*")):
        name = f"{prefix}{path.relative_to(directory).as_posix()}"
        channels[f"name of {name}"] = name.encode("utf-8", "surrogateescape")
        if path.is_file() and not path.is_symlink():
            data = path.read_bytes()
            channels[name] = data
            if data.startswith(b"SQLite format 3\0"):
                channels[f"rows of {name}"] = _rows(path)
    return channels


def lance_rows(directory: Path) -> bytes:
    """Every row of every LanceDB table below `directory`: at rest its columns may be compressed."""
    import lancedb

    said: list[Any] = []
    for place in directory.rglob("index"):
        database = lancedb.connect(place)
        said += [database.open_table(name).to_arrow().to_pylist() for name in database.list_tables().tables]
    return json.dumps(said, ensure_ascii=False).encode()


def _rows(path: Path) -> bytes:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        rows = [database.execute(f'select * from "{name}"').fetchall() for name in tables]
    return "\n".join(str(value) for table in rows for row in table for value in row).encode()


def _unpacked(data: bytes) -> Iterator[bytes]:
    for match in _COMPRESSED.finditer(data):
        stream = zlib.decompressobj(wbits=47)  # zlib or gzip, as its header says
        try:
            yield stream.decompress(data[match.start() :], _MAX_UNPACKED)
        except zlib.error:
            continue
