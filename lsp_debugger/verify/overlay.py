"""The workspace with a patch in it, at its own path, seen by one process and nobody else.

An overlay is mounted over the workspace in a mount namespace of the process that needs it: tools find the
same paths, the same environment and the same untracked files, and the user's tree is not touched. Where the
system has no such thing there is no overlay, and what would need one is said to be not checked.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

from lsp_debugger import spawn
from lsp_debugger.core.errors import LspDebuggerError

# What a command ends with that was not started: the tree could not be set up, or it could still see something
# that it must not.
NOT_ISOLATED = 113
_UNSHARE = ("/usr/bin/unshare", "/bin/unshare")
_SHELL = "/bin/sh"
_PROBE_TIMEOUT_S = 10.0
# Characters that end a path in the mount options of an overlay.
_SPECIAL = set(":,\\\n'\"")
_DISK = "size=1g"

# $1 workspace, $2 patched files, $3 a folder of ours, $4 where to start, $5 files to remove (a line each).
_ENTER = """
set -e
trap 'exit %(refuse)d' EXIT
root=$1 patched=$2 ours=$3 start=$4 gone=$5
shift 5
mount -t tmpfs -o %(disk)s tmpfs "$ours"
mkdir "$ours/upper" "$ours/work"
cp -a "$patched/." "$ours/upper/"
mount -t overlay -o "lowerdir=$root,upperdir=$ours/upper,workdir=$ours/work" overlay "$root"
printf '%%s' "$gone" | while IFS= read -r name; do [ -z "$name" ] || rm -f -- "$root/$name"; done
%(isolate)s
cd "$start"
exec "$@"
""".strip()

# Nothing of the user but the workspace and the interpreter: no home, no sockets, no network. And the proof,
# in this very run: were one of them still there, the command would not be started.
_ISOLATE = """
n=0
for kept in "$root" $LSPD_KEEP; do
  n=$((n + 1)); mkdir -p "$ours/kept/$n"; mount --rbind "$kept" "$ours/kept/$n"
done
stage=/mnt; case "$root" in /mnt/*) stage=/srv;; esac
mount -t tmpfs tmpfs "$stage"
n=0
for kept in "$root" $LSPD_KEEP; do
  n=$((n + 1)); mkdir -p "$stage/k$n"; mount --rbind "$ours/kept/$n" "$stage/k$n"
done
for hidden in $LSPD_HIDE; do [ ! -d "$hidden" ] || mount -t tmpfs -o %(disk)s tmpfs "$hidden"; done
n=0
for kept in "$root" $LSPD_KEEP; do
  n=$((n + 1)); mkdir -p "$kept"; mount --rbind "$stage/k$n" "$kept"
done
umount -l "$stage"
[ ! -e "$LSPD_MARK" ] || exit %(refuse)d
[ "$(wc -l < /proc/net/route)" -le 1 ] || exit %(refuse)d
[ -z "$(find /run /tmp -type s 2>/dev/null | head -n 1)" ] || exit %(refuse)d
""".strip()


class OverlayFailed(LspDebuggerError):
    """The patched tree could not be set up; nothing was checked in it."""


class Overlay:
    """Patched texts over a workspace. Use it in a `with`; `argv` makes a command run in it.

    texts: by absolute path in `root`; None removes the file.
    """

    def __init__(self, root: Path, texts: Mapping[Path, str | None]) -> None:
        self.root = root
        self.texts = dict(texts)
        self._folder: Path | None = None

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="lsp-debugger-"))
        for name in ("patched", "ours"):
            (self._folder / name).mkdir()
        for path, text in self.texts.items():
            if text is not None:
                place = self._folder / "patched" / path.relative_to(self.root)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(text.encode("utf-8"))
                if path.exists():
                    shutil.copymode(path, place)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._folder is not None, "entered before"
        shutil.rmtree(self._folder, ignore_errors=True)

    def argv(self, command: Sequence[str], cwd: Path, *, isolated: bool = False) -> list[str]:
        """The command that runs `command` in the patched tree. isolated: with nothing else of the user's."""
        assert self._folder is not None, "entered before"
        unshare = _unshare()
        assert unshare is not None, "available() says so"
        spaces = ["--user", "--map-root-user", "--mount", "--ipc", "--net"]
        if isolated:
            spaces += ["--pid", "--fork", "--kill-child", "--mount-proc"]
        script = _ENTER % {"disk": _DISK, "refuse": NOT_ISOLATED, "isolate": _isolation() if isolated else ""}
        gone = "\n".join(
            str(path.relative_to(self.root)) for path, text in self.texts.items() if text is None
        )
        folder = self._folder
        places = [str(self.root), str(folder / "patched"), str(folder / "ours"), str(cwd), f"{gone}\n"]
        return [unshare, *spaces, "--", _SHELL, "-c", script, "sh", *places, *command]

    def read(self, path: str) -> str | None:
        """The text of a patched file, or None for a file that the patch leaves alone."""
        return self.texts.get(Path(path))


def isolation_environment(root: Path, mark: Path) -> dict[str, str]:
    """What `isolated` needs in the command's environment. mark: a file in the user's home, for the proof."""
    home = Path.home()
    kept = {Path(sys.prefix), Path(sys.base_prefix)} - {Path("/usr"), Path("/usr/local")}
    hidden = [home, Path("/run"), Path("/var/run"), Path("/tmp"), Path("/root"), Path("/home")]  # noqa: S108
    return {
        "LSPD_KEEP": " ".join(str(each) for each in sorted(kept) if not each.is_relative_to(root)),
        "LSPD_HIDE": " ".join(dict.fromkeys(str(each.resolve()) for each in hidden if each.exists())),
        "LSPD_MARK": str(mark),
        "HOME": str(home),
    }


@cache
def available(root: Path) -> str:
    """Why there is no overlay over this folder, or empty when there is: it is tried once. Blocks."""
    if not sys.platform.startswith("linux"):
        return "overlays need Linux"
    if _unshare() is None:
        return "there is no unshare here (util-linux)"
    if _SPECIAL & set(str(root)):
        return "the workspace's path has characters that an overlay cannot take"
    with Overlay(root, {root / ".lsp-debugger-probe": "ok"}) as overlay:
        argv = overlay.argv(["/bin/cat", str(root / ".lsp-debugger-probe")], root)
        try:
            done = spawn.run_blocking(argv, cwd=root, timeout_s=_PROBE_TIMEOUT_S)
        except LspDebuggerError as error:
            return f"no overlay here: {error}"
    if done.stdout != b"ok":
        return "this system does not let users mount overlays"
    return ""


def _isolation() -> str:
    return _ISOLATE % {"disk": _DISK, "refuse": NOT_ISOLATED}


@cache
def _unshare() -> str | None:
    return next((path for path in _UNSHARE if Path(path).is_file()), None)
