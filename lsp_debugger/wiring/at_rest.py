"""Whether an index holds text, and the user's key where it does not."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from pathlib import Path

from lsp_debugger.config.files import user_directory
from lsp_debugger.core.errors import StateUnavailable

KEY_BYTES = 32
_KEY_FILE = "index.key"
# Where others may read what we write, whatever its mode says. 9p and virtiofs are how a virtual machine
# sees its own host.
_SHARED = frozenset(
    {
        *("nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "webdav", "davfs"),
        *("fuse.sshfs", "fuse.davfs", "fuse.glusterfs", "fuse.ceph", "fuse.rclone", "fuse.s3fs"),
        *("afs", "ceph", "glusterfs", "lustre", "gpfs", "beegfs", "ocfs2", "gfs2", "pvfs2"),
    }
)


def key_for(at_rest: str, directory: Path) -> bytes:
    """The key of a blind index in `directory`; empty for one with text. Raises StateUnavailable.

    at_rest: plain | blind | auto, which is blind on storage that is shared over a network.
    """
    if at_rest == "plain" or (at_rest == "auto" and not is_shared(directory)):
        return b""
    return user_key(user_directory() / _KEY_FILE)


def is_shared(directory: Path) -> bool:
    """True where the directory lies on network storage, as far as the system tells."""
    import psutil

    place = os.path.realpath(directory)
    holding = [each for each in psutil.disk_partitions(all=True) if _is_below(place, each.mountpoint)]
    if not holding:
        return False
    nearest = max(holding, key=lambda each: len(each.mountpoint))  # the last mount on one place counts
    return nearest.fstype.lower() in _SHARED or "remote" in nearest.opts.split(",")


def user_key(place: Path) -> bytes:
    """Read the key, or make one; one process makes it and the others find it. Raises StateUnavailable."""
    try:
        if not place.exists():
            _make(place)
        mode = place.stat().st_mode
        key = place.read_bytes()
    except OSError as exc:
        raise StateUnavailable(
            f"the key of the index cannot be read ({exc.strerror or type(exc).__name__})",
            hint=f"check {place}, or set index.at_rest to plain",
        ) from exc
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise StateUnavailable(f"{place} can be read by others", hint=f"chmod 600 {place}")
    if len(key) != KEY_BYTES:
        raise StateUnavailable(f"{place} is no key of an index", hint="delete it; indexes are made anew then")
    return key


def _make(place: Path) -> None:
    """Whole or not at all: a link to a finished file takes its name only if nobody else has it."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = place.with_name(f"{place.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, place)
    finally:
        draft.unlink()


def _is_below(place: str, mountpoint: str) -> bool:
    return place == mountpoint or place.startswith(mountpoint.rstrip(os.sep) + os.sep)
