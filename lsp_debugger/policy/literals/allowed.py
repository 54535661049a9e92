"""What a literal may look like and stay as it is for a model of somebody else.

Names of things in the program, where they are, and how they are written out: a fix needs them, and they
stand in the code anyway. All else of a literal becomes a placeholder.
"""

from __future__ import annotations

import re
from functools import lru_cache

from lsp_debugger.policy.rules import shapes

# Written out by the program later, or written out by the language: not text of anybody.
_ATOM = (
    r"%(?:\(\w+\))?[#0\- +]*(?:\d+|\*)?(?:\.\d+)?[hlLzjt]{0,2}[A-Za-z%]"
    r"|\$\{[^{}\n]*\}|#\{[^{}\n]*\}|\{\{|\}\}|\{[^{}\"'\n ]*(?:![rsa])?(?::[^{}\n]*)?\}"
    r"|\\(?:[abfnrtv0]|x1[bB]|033|e)(?:\[[\d;]*m)?|\r?\n|\\\n"
)
ATOM = re.compile(_ATOM)
ATOM_OF_F_STRING = re.compile(r"\{\{|\}\}|\{[^{}\n]*(?:\{[^{}\n]*\}[^{}\n]*)?\}|" + _ATOM)
_SHORT = re.compile(r"[\W_\d]{0,3}\Z|[\W_]*\Z|-?\d{1,3}(?:\.\d{1,3}){0,2}\Z|0[xX][0-9a-fA-F]{1,16}\Z")
_FLAG = re.compile(r"--?[A-Za-z][\w-]*=?\Z|[rwxab+t]{1,4}\Z|[A-Z][A-Za-z]+(?:-[A-Z][A-Za-z]+)+:?\Z")
_ENCODING = re.compile(
    r"(?i)(?:utf|iso|cp|latin|windows|koi8|euc|big5|shift|ascii|sha|md|blake|aes|rsa|ed|x|gb)[\w-]{0,14}\Z"
)
_PATH = re.compile(
    r"(?:[A-Za-z]:)?[\w.*@+<>-]*(?:[/\\]{1,2}[\w.*@+<>-]*)+\Z|[\w.*-]*\.[A-Za-z]{1,5}\Z|\.\w{1,8}\Z"
)
_ANGLED = re.compile(r"<[a-z][\w .:-]{0,40}>\Z|__\w+__\Z|<frozen [\w.]+>\Z")
_OPERATOR_NAME = re.compile(r"[A-Za-z_$][\w$]*(?:[.:/-][A-Za-z_$][\w$]*)*[.:=,()\[\]]{0,2}\Z")
_HASH = re.compile(r"(?:[0-9a-f]{7,128}|[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12})\Z")
# What interpreters and runtimes say about anybody's program.
_ERRORS = re.compile(
    r"(?i)(?:(?:list|string|tuple|array|bytearray|range|pop|deque)(?: assignment)? index out of range"
    r"|(?:integer |float |decimal )?(?:division|modulo)(?: or modulo)? by zero|no such file or directory"
    r"|permission denied|file exists|is a directory|not a directory|connection (?:refused|reset by peer)"
    r"|broken pipe|timed out|maximum recursion depth exceeded.*|unexpected (?:indent|eof while parsing)"
    r"|invalid syntax|not implemented|object is not (?:callable|iterable|subscriptable)|out of memory"
    r"|(?:too many|not enough) values to unpack.*|dictionary changed size during iteration"
    r"|null ?pointer.*|segmentation fault|index out of bounds.*|undefined is not a function"
    r"|cannot read propert(?:y|ies) of (?:undefined|null).*|unterminated string literal.*)\Z"
)
_PUBLIC_HOME = re.compile(r"(?:/home/|/Users/|\\Users\\|~)")


@lru_cache(maxsize=4096)
def is_allowed(run: str) -> bool:
    """`run`: text of a literal between two atoms, without space at its ends."""
    if len(run) > 200:
        return False
    if _SHORT.match(run) or _FLAG.match(run) or _ENCODING.match(run) or _ANGLED.match(run):
        return True
    if _OPERATOR_NAME.match(run):
        return not shapes.looks_random(run, named=True) and sum(map(str.isdigit, run)) <= 4
    if _HASH.match(run):
        return len(run) < 41 or len(run) in (56, 64, 96, 128)
    return is_path(run) or bool(_ERRORS.match(run))


def is_path(run: str) -> bool:
    """A path in the workspace or of an installed program; not a person's own, and not a host's."""
    if not _PATH.match(run) or "//" in run or run.startswith("\\\\") or _PUBLIC_HOME.match(run):
        return False
    parts = re.split(r"[/\\.@<>*+-]+", run)
    return all(len(part) <= 40 and not shapes.looks_random(part, named=True) for part in parts)
