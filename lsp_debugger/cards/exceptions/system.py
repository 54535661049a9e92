"""What files, networks, processes and event loops refuse."""

from __future__ import annotations

import ast
import re
from pathlib import PurePath

from lsp_debugger.cards.exceptions.loops import loop_error
from lsp_debugger.cards.exceptions.raised import Raised
from lsp_debugger.core.ask import Card

_ERRNO = re.compile(
    r"\[(?:Errno|WinError) (?P<number>-?\d+)\] [^:]+(?:: (?P<path>'(?:[^'\\]|\\.)*'|\"[^\"]*\"))?"
)
_COMMAND = re.compile(
    r"Command .+ (?:returned non-zero exit status (?P<status>\d+)|died with (?P<signal>.+)\.$)", re.DOTALL
)
_TIMED_OUT = re.compile(r"Command .+ timed out after (?P<seconds>[\d.]+) seconds")
_CHANGES = frozenset({"add", "clear", "discard", "pop", "popitem", "remove", "setdefault", "update"})
BY_NUMBER = {
    24: "Too many files are open: something opens files and never closes them.",
    28: "There is no space left on the disk.",
    30: "The file system is mounted read-only.",
    36: "The file name is too long.",
    98: "Another program listens on that address already.",
    99: "This machine has no such address.",
    101: "There is no way to that network from here.",
    113: "There is no way to that host from here.",
    -2: "The host name is not known.",
    -3: "The name server does not answer.",
}
_RUNTIME = {
    "Event loop is closed": "Something is still in use after its event loop was closed.",
    "cannot reuse already awaited coroutine": "A coroutine object runs once: call the function again.",
    "generator raised StopIteration": "A `next()` without a default ran dry in a generator: use `return`.",
    "cannot schedule new futures after shutdown": "The executor was shut down before this was submitted.",
    "can't start new thread": "The system allows this process no further threads.",
    "super(): no arguments": "`super()` without arguments works only in a method with a first parameter.",
    "threads can only be started once": "The thread ran already: each run needs a `Thread` of its own.",
    "cannot join thread before it is started": "The thread is waited for before `start()` was called.",
    "cannot join current thread": "A thread waits for its own end, which would never come.",
    "release unlocked lock": "A lock is released that nobody holds.",
    "generator didn't yield": "The context manager's generator ended without a `yield`: nothing to enter.",
    "generator didn't stop": "The context manager's generator may `yield` once and does so again.",
    "generator ignored GeneratorExit": "A generator was closed and yielded again all the same.",
    "An attempt has been made to start a new process before": (
        "A child process imports this module and would start children itself: "
        'what starts them belongs under `if __name__ == "__main__":`.'
    ),
}


def os_error(raised: Raised) -> Card | None:
    match = _ERRNO.search(raised.message)
    if match is None:
        return None
    path = match["path"]
    if raised.name == "FileNotFoundError" and path:
        return _not_found(raised, path[1:-1])
    if raised.name == "PermissionError" and path:
        return Card(f"The user that runs the program may not use `{path[1:-1]}` like that.", raised.here())
    if raised.name in ("IsADirectoryError", "NotADirectoryError", "FileExistsError") and path:
        words = {
            "IsADirectoryError": "is a directory, not a file",
            "NotADirectoryError": "goes through something that is no directory",
            "FileExistsError": "exists already",
        }
        return Card(f"`{path[1:-1]}` {words[raised.name]}.", raised.here())
    words = BY_NUMBER.get(int(match["number"]))
    return Card(words, raised.here(), (raised.message,)) if words else None


def _not_found(raised: Raised, path: str) -> Card:
    case = raised.case
    place = PurePath(path)
    if not path:
        return Card("The path is empty.", raised.here())
    if place.is_absolute() or re.match(r"[A-Za-z]:[\\/]", path):
        return Card(f"There is no `{path}`.", raised.here())
    notes = ("A relative path counts from where the program was started, not from its source file.",)
    beside = (
        PurePath(case.path).parent / place
        if case.snapshot.path is not None and ".." not in place.parts
        else None
    )
    if beside is not None and case.around.read(str(beside)) is not None:
        shown = case.shown(str(beside))
        return Card(
            f"There is no `{path}` where the program was started; there is `{shown}`.", raised.here(), notes
        )
    return Card(f"There is no `{path}` where the program was started.", raised.here(), notes)


def connection_refused(raised: Raised) -> Card:
    return Card("Nothing listens at the address that this connects to.", raised.here())


def command_failed(raised: Raised) -> Card | None:
    if match := _TIMED_OUT.search(raised.message):
        return Card(
            f"The command ran longer than the {match['seconds']} seconds it was given.", raised.here()
        )
    match = _COMMAND.search(raised.message)
    if match is None:
        return None
    ended = f"ended with status {match['status']}" if match["status"] else f"was ended by {match['signal']}"
    return Card(f"The command {ended}; what it said on stderr tells why.", raised.here())


def runtime_error(raised: Raised) -> Card | None:
    if found := loop_error(raised):
        return found
    for words, meaning in _RUNTIME.items():
        if raised.message.startswith(words):
            return Card(meaning, raised.here())
    if "changed size during iteration" in raised.message or "mutated during iteration" in raised.message:
        return _changed(raised)
    return None


def _changed(raised: Raised) -> Card | None:
    """The loop of the line, and what in its body changes what it goes through."""
    loop = raised.only(node for node in raised.on_line(ast.For) if node.lineno == raised.case.line)
    if loop is None:
        return None
    iterated = loop.iter
    if isinstance(iterated, ast.Call) and isinstance(iterated.func, ast.Attribute) and not iterated.args:
        iterated = iterated.func.value  # `for k, v in d.items()`
    code = raised.code(iterated)
    for node in ast.walk(loop):
        target: ast.expr | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGES:
            target = node.func.value
        elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            target = node.value
        if target is not None and isinstance(node, ast.expr) and raised.code(target) == code:
            return Card(
                f"The loop goes through `{code}` while line {node.lineno} changes it.",
                (*raised.here(), raised.case.here(node.lineno, f"`{raised.code(node)}`")),
                (f"Going through `list({raised.code(loop.iter)})` leaves `{code}` free to change.",),
            )
    return Card(f"`{code}` is changed while the loop goes through it.", raised.here())


def not_implemented(raised: Raised) -> Card | None:
    parsed = raised.case.python
    function = parsed.function_around(raised.case.span) if parsed is not None else None
    if function is None:
        return None
    owner = parsed.class_around(raised.case.span) if parsed is not None else None
    name = f"{owner.name}.{function.name}" if owner is not None and function in owner.body else function.name
    return Card(
        f"`{name}` is there to be overridden; the class of this object does not do it.", raised.here()
    )
