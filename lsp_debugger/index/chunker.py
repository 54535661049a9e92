"""A helper of the index worker for long builds: reads and cuts up files on another processor.

    python -m lsp_debugger.index.chunker     speaks rpc.py's frames over stdin and stdout, ends with stdin

First {"root", "known_values", "key"}, then {"files": [[path, [hash, …]], …]} for {"read": [outcome, …]}. It
opens no table and imports no LanceDB.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from lsp_debugger import guard
from lsp_debugger.core.errors import FrameInvalid
from lsp_debugger.core.text import Span
from lsp_debugger.index.chunk import Chunk
from lsp_debugger.index.files import Outcome, Reader
from lsp_debugger.index.redaction import Redaction
from lsp_debugger.index.rows import Mark
from lsp_debugger.rpc import Message, encode, read_frames


def outcome_to_json(outcome: Outcome) -> list[Any]:
    mark = outcome.mark
    return [
        outcome.path,
        [mark.file_hash, mark.size_bytes, mark.mtime_ns] if mark else None,
        [_chunk_to_json(chunk) for chunk in outcome.chunks],
        outcome.reason,
        outcome.chars,
    ]


def outcome_from_json(value: list[Any]) -> Outcome:
    path, mark, chunks, reason, chars = value
    made = Mark(*mark) if mark else None
    file_hash = made.file_hash if made else ""
    return Outcome(
        path, made, tuple(_chunk_from_json(path, file_hash, each) for each in chunks), reason, chars
    )


def _chunk_to_json(chunk: Chunk) -> list[Any]:
    """What differs between the chunks of one file."""
    return [
        chunk.language,
        chunk.kind,
        chunk.qualname,
        chunk.runs,
        chunk.text,
        [(span.start, span.end) for span in chunk.literals],
        chunk.is_test,
        chunk.defines,
        chunk.refers,
        chunk.imports,
        chunk.chunk_hash,
        chunk.tokens,
    ]


def _chunk_from_json(path: str, file_hash: str, value: list[Any]) -> Chunk:
    language, kind, qualname, runs, text, literals, is_test, defines, refers, imports, chunk_hash, tokens = (
        value
    )
    return Chunk(
        path=path,
        language=language,
        kind=kind,
        qualname=qualname,
        runs=tuple((first, last) for first, last in runs),
        text=text,
        literals=tuple(Span(start, end) for start, end in literals),
        is_test=is_test,
        defines=tuple(defines),
        refers=tuple(refers),
        imports=tuple(imports),
        file_hash=file_hash,
        chunk_hash=chunk_hash,
        tokens=tokens,
    )


def main() -> None:
    guard.install()
    os.umask(0o077)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the client's; in the end it closes our stdin
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints goes to stderr
    reader: Reader | None = None
    try:
        for frame in read_frames(sys.stdin.buffer):  # pyright: ignore[reportArgumentType]  it has read1
            message: Message = frame.message()
            if reader is None:
                root = Path(message["root"])
                reader = Reader(root, Redaction(root, message["known_values"]), bytes.fromhex(message["key"]))
                continue
            read = [outcome_to_json(reader.read(path, known)) for path, known in message["files"]]
            out.write(encode({"read": read}))
            out.flush()
    except (FrameInvalid, OSError):
        pass  # the worker is gone


if __name__ == "__main__":
    main()
