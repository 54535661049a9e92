"""Whether Python's own compiler takes a text: here for a short one, in a child of ours for a long one.

Compiling holds the interpreter's lock from beginning to end, a second for a file of a megabyte, and a text
made for it can take the whole process down. Nothing of the text is run.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

from lsp_debugger import spawn
from lsp_debugger.core.errors import LspDebuggerError

MAX_CHARS_HERE = 50_000
_TIMEOUT_S = 20.0
_MEMORY_BYTES = 2 * 1024**3
_BROKEN = 3
_CHILD = f"""
import sys, warnings
warnings.simplefilter("ignore")
text = sys.stdin.buffer.read().decode("utf-8", "surrogatepass")
try:
    compile(text, "patched", "exec", dont_inherit=True)
except (SyntaxError, ValueError, RecursionError, MemoryError):
    sys.exit({_BROKEN})
"""


def compiles(text: str) -> bool | None:
    """None when nobody can tell: the compiler took too long, too much memory, or ended by itself. Blocks."""
    if len(text) > MAX_CHARS_HERE:
        return _compiles_in_child(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "patched", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _compiles_in_child(text: str) -> bool | None:
    try:
        done = spawn.run_blocking(
            [sys.executable, "-I", "-S", "-c", _CHILD],
            cwd=Path(sys.executable).parent,
            timeout_s=_TIMEOUT_S,
            stdin=text.encode("utf-8", "surrogatepass"),
            memory_bytes=_MEMORY_BYTES,
        )
    except LspDebuggerError:
        return None
    return {0: True, _BROKEN: False}.get(done.returncode)
