"""Traces of programs that really fail, and what has to be left of each for a reader who debugs.

Python, pytest and, where it is there, Node run here; Go, Rust and Java traces have their runtimes' shape.
"""

from __future__ import annotations

import io
import keyword
import re
import shutil
import subprocess  # noqa: TID251 - small programs of our own that fail
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# One program each: they end with an exception. Names that say `secret` are among them on purpose.
_PROGRAMS = (Path(__file__).parent.parent / "data" / "failing_programs.txt").read_text("utf-8")


def _programs(kind: str) -> list[str]:
    """Parts of the file, each below a line `=== kind`."""
    parts = (part.partition("\n") for part in _PROGRAMS.split("=== ")[1:])
    return [text for name, _, text in parts if name == kind]


@dataclass(frozen=True, slots=True)
class Trace:
    """kept: pieces of the text that have to be there, as often, when it was masked; by kind."""

    about: str
    text: str
    kept: tuple[tuple[str, str], ...]


def lost(trace: Trace, masked: str) -> list[tuple[str, str]]:
    """What of `kept` is not there as often as it has to be."""
    return [
        (kind, piece)
        for (kind, piece), count in Counter(trace.kept).items()
        if len(re.findall(rf"(?<!\w){re.escape(piece)}(?!\w)", masked)) < count
    ]


def traces(folder: Path) -> Iterator[Trace]:
    """folder: an empty one to run the programs in."""
    for number, source in enumerate(_programs("python")):
        path = folder / f"module_{number}.py"
        path.write_text(source)
        yield _trace(f"python {number}", _stderr([sys.executable, path.name], folder))
    (folder / "test_area.py").write_text(_programs("pytest")[0])
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "--tb=long",
        "-l",
        "-q",
        "test_area.py",
    ]
    yield _trace("pytest", _stderr(command, folder))
    if node := shutil.which("node"):
        for number, source in enumerate(_programs("node")):
            (folder / f"script_{number}.js").write_text(source)
            yield _trace(f"node {number}", _stderr([node, f"script_{number}.js"], folder))
    for number, text in enumerate(_programs("shaped")):
        yield _trace(f"shaped {number}", text)


def _stderr(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode != 0 or "Thread" in done.stderr, command
    return done.stderr or done.stdout


_FRAMES = (
    r'File "[^"\n]+", line \d+(?:, in \S+)?',  # Python
    r"^\s+at .*:\d+(?::\d+)?\)?$",  # Node, Java, .NET, Rust
    r"^\t/\S+\.go:\d+.*$",
    r"^\S+\.(?:py|go|rb|ts|rs|java)[:(]\d+\S*",
    r"--> \S+:\d+:\d+",
)
_TYPES = r"\b(?:[A-Za-z_]+\.)*[A-Z][A-Za-z]*(?:Error|Exception|Warning|Group|Interrupt|Exit)\b"
_SPECS = r"%\(?[a-z_]*\)?[-+0-9.]*[sdrfx]\b"
_HASHES = (
    r"\b[0-9a-f]{40}\b|\b[0-9a-f]{64}\b|\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b|\b0x[0-9a-f]{2,16}\b"
)


def _trace(about: str, text: str) -> Trace:
    kept = [("frame", match[0]) for pattern in _FRAMES for match in re.finditer(pattern, text, re.MULTILINE)]
    kept += [("type", match[0]) for match in re.finditer(_TYPES, text)]
    kept += [("hash", match[0]) for match in re.finditer(_HASHES, text)]
    for line in _code_lines(text):
        kept += [("name", name) for name in _names(line)]
        kept += [("format", match[0]) for match in re.finditer(_SPECS, line)]
    return Trace(about, text, tuple(kept))


def _code_lines(text: str) -> Iterator[str]:
    """The source below a frame of Python or pytest."""
    for match in re.finditer(
        r'^  (?:  )?[|+ ]*File "[^"]+", line \d+.*\n((?:[ |]{2,}.*\n)?)', text, re.MULTILINE
    ):
        yield match[1].strip(" |\n")
    for match in re.finditer(r"^[>E ]   ( *\S.*)$", text, re.MULTILINE):
        if text.startswith(("F", ".")):
            yield match[1]


def _names(line: str) -> Iterator[str]:
    """Identifiers of a line of Python, outside of its strings."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(line.strip() + "\n").readline):
            if token.type == tokenize.NAME and not keyword.iskeyword(token.string):
                yield token.string
    except (tokenize.TokenError, SyntaxError):
        return
