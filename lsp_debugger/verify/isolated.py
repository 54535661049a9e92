"""A command in the patched tree that may run anybody's code: without the user's files, sockets and network.

Either the isolation is proven in the very run, or the command is not started.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lsp_debugger import spawn
from lsp_debugger.core.errors import LspDebuggerError
from lsp_debugger.spawn import Completed
from lsp_debugger.verify.overlay import NOT_ISOLATED, Overlay, available, isolation_environment

_MEMORY_BYTES = 4 * 1024**3


@dataclass(frozen=True, slots=True)
class Isolated:
    """done: how the command ended; None when it was not started, and then `why_not` says why.

    failed: it was started and did not end by itself. left: what it wrote into the folder that
    `LSPD_PROOF` names, by file name.
    """

    done: Completed | None = None
    why_not: str = ""
    failed: str = ""
    left: Mapping[str, bytes] = field(default_factory=dict[str, bytes])


async def run_isolated(
    overlay: Overlay,
    command: Sequence[str],
    timeout_s: float,
    modules: Mapping[str, str],
    env: Mapping[str, str],
) -> Isolated:
    """Run `command`, an absolute program first, in the patched workspace. Never raises for what it does.

    modules: Python source by file name, first on the path of every Python that it starts. env: on top.
    """
    reason = available(overlay.root) or _unusable(overlay.root)
    if reason:
        return Isolated(why_not=f"no isolation ({reason})")
    with tempfile.TemporaryDirectory(prefix="lsp-debugger-proof-", dir=overlay.root.parent) as folder:
        place = Path(folder)
        for name in ("hook", "proof"):
            (place / name).mkdir()
        for name, source in modules.items():
            (place / "hook" / name).write_text(source, "utf-8")
        mark = Path.home() / f".lsp-debugger-{place.name}"
        try:
            mark.touch()
            done = await spawn.run(
                overlay.argv(command, overlay.root, isolated=True),
                cwd=overlay.root,
                timeout_s=timeout_s,
                env={**_environment(overlay, place, mark), **env},
                memory_bytes=_MEMORY_BYTES,
            )
        except (LspDebuggerError, OSError) as error:
            return Isolated(failed=str(error))
        finally:
            mark.unlink(missing_ok=True)
        if done.returncode == NOT_ISOLATED:
            return Isolated(why_not="their isolation could not be set up and proven")
        return Isolated(done, left=_read(place / "proof"))


def _unusable(root: Path) -> str:
    """Why the paths that have to stay visible cannot be handed to a shell as a list."""
    kept = isolation_environment(root, root)["LSPD_KEEP"], str(root.parent)
    spaced = any(len(each.split()) > len(each.split(" /")) for each in kept)
    return "a path with blanks in its name has to stay visible" if spaced else ""


def _environment(overlay: Overlay, place: Path, mark: Path) -> dict[str, str]:
    environment = isolation_environment(overlay.root, mark)
    return {
        **environment,
        "LSPD_KEEP": f"{environment['LSPD_KEEP']} {place}".strip(),
        "LSPD_PROOF": str(place / "proof"),
        "PYTHONPATH": str(place / "hook"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "CI": "1",
    }


def _read(folder: Path) -> dict[str, bytes]:
    left = dict[str, bytes]()
    for file in folder.iterdir():
        try:
            left[file.name] = file.read_bytes()
        except OSError:
            continue
    return left
