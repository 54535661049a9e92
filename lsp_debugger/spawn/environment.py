"""What a child may be and see: which programs, which variables, which directory."""

from __future__ import annotations

import contextlib
import os
import shutil
import site
import sys
import tempfile
from collections.abc import Generator, Iterable, Mapping, Sequence
from pathlib import Path

from lsp_debugger.core.errors import SpawnRefused, ToolFailed

# An allow-list: tokens, keys, proxies, LD_PRELOAD, PYTHON*, NODE_OPTIONS and GIT_* stay behind
# without being named, and so does whatever is invented next.
_KEPT = frozenset((
    "HOME", "USER", "LOGNAME", "TZ", "LANG", "LANGUAGE", "TMPDIR", "TEMP", "TMP",
    "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR",
    # Windows: without these even the C runtime does not start.
    "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERNAME", "USERPROFILE",
    "HOMEDRIVE", "HOMEPATH", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA", "PROGRAMFILES", "PROGRAMFILES(X86)",
    "COMMONPROGRAMFILES", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE", "OS",
))  # fmt: skip


def scrubbed_environment(
    extra: Mapping[str, str] | None = None, *, untrusted_roots: Iterable[str | Path] = ()
) -> dict[str, str]:
    """The variables a child gets: an allow-list of ours, a cleaned PATH, then `extra` as it is."""
    kept = {name: value for name, value in os.environ.items() if name in _KEPT or name.startswith("LC_")}
    return kept | {"PATH": search_path(untrusted_roots)} | dict(extra or {})


def search_path(untrusted_roots: Iterable[str | Path] = ()) -> str:
    """PATH with its absolute directories only, none of them inside an untrusted root."""
    roots = tuple(untrusted_roots)
    directories = os.environ.get("PATH", os.defpath).split(os.pathsep)
    kept = [each for each in directories if Path(each).is_absolute() and not _lies_in(each, roots)]
    return os.pathsep.join(kept)


def python_argv(module: str, *args: str) -> list[str]:
    """How to start one of our own modules: neither the current directory nor PYTHON* are looked at."""
    flags = ["-E", "-P", "-X", "utf8"]
    if not _is_user_install():
        flags.append("-s")
    return [sys.executable, *flags, "-m", module, *args]


def _is_user_install() -> bool:
    """`pip install --user` put us there: then the child needs that directory too."""
    user_site = site.getusersitepackages() if site.ENABLE_USER_SITE else None
    return user_site is not None and _lies_in(__file__, (user_site,))


@contextlib.contextmanager
def private_directory() -> Generator[Path]:
    """An empty directory, only the user's, gone afterwards: where a helper finds no configuration.

    Tools also look in the directories above, and anybody may leave a file in /tmp: the user's own
    run-time directory is taken where there is one.
    """
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    base = runtime if runtime and _is_private(Path(runtime)) else None
    path = tempfile.mkdtemp(prefix="lsp-debugger-", dir=base)
    try:
        yield Path(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _is_private(directory: Path) -> bool:
    if sys.platform == "win32" or not directory.is_absolute():
        return False
    try:
        status = directory.stat()
    except OSError:
        return False
    return status.st_uid == os.geteuid() and status.st_mode & 0o077 == 0 and os.access(directory, os.W_OK)


def check_program(argv: Sequence[str], untrusted_roots: Iterable[str | Path] = ()) -> None:
    """Raises SpawnRefused unless argv[0] is absolute, no batch file, and from outside the roots.

    Both the path as given and what it leads to count, and so does a script's interpreter: a link in
    a clone may point at a harmless program today. The environment that this very process runs in is
    taken wherever it lies: whoever starts us from there runs it already.
    ToolFailed when the program is not there.
    """
    program, roots = Path(argv[0]), tuple(untrusted_roots)
    if not program.is_absolute():
        raise SpawnRefused(f"{program.name} is not an absolute path", hint="give the tool's full path")
    _refuse_inside(program, program, roots)
    if not program.is_file() or not os.access(program, os.X_OK):
        raise ToolFailed(f"there is no program {program.name}", hint="install it, or check its path")
    if sys.platform == "win32" and program.suffix.lower() in {".bat", ".cmd"}:
        raise SpawnRefused(f"{program.name} is a batch file", hint="give the path of the program it starts")
    interpreter = _interpreter(program)
    if interpreter is not None:
        if not interpreter.is_absolute():
            raise SpawnRefused(f"{program.name} names a relative interpreter", hint="reinstall the tool")
        _refuse_inside(program, interpreter, roots)


def _refuse_inside(program: Path, path: Path, roots: tuple[str | Path, ...]) -> None:
    if path.parent == Path(sys.executable).parent:
        return
    for root in roots:
        if _lies_in(path, (root,)):
            raise SpawnRefused(
                f"{program.name} lies in a workspace that is not trusted",
                hint=f"if you trust what is in it: lsp-debugger trust {root}",
            )


def _interpreter(program: Path) -> Path | None:
    """What a script's first line names, or None when the file is no script."""
    try:
        with program.open("rb") as file:
            first = file.readline(512)
    except OSError:
        return None  # executable but not readable: no system can run that as a script
    if not first.startswith(b"#!"):
        return None
    words = first[2:].split()
    return Path(os.fsdecode(words[0])) if words else Path()


def _lies_in(path: str | Path, roots: Iterable[str | Path]) -> bool:
    """True when the path, as written or as resolved, is one of the roots or below it."""
    bases = [shape for root in roots for shape in _shapes(root)]
    return any(shape == base or shape.is_relative_to(base) for shape in _shapes(path) for base in bases)


def _shapes(path: str | Path) -> tuple[Path, Path]:
    written, resolved = os.path.abspath(path), os.path.realpath(path)  # noqa: PTH100  links count as written too
    if sys.platform == "darwin":  # its volumes usually ignore case; too many refusals are the safe side
        written, resolved = written.casefold(), resolved.casefold()
    return Path(written), Path(resolved)
