"""A command in the patched tree that may run anybody's code: without the user's files, sockets and network.

Either the isolation is proven in the very run, or the command is not started.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger import spawn
from lsp_debugger.core.errors import LspDebuggerError
from lsp_debugger.spawn import Completed
from lsp_debugger.verify import proof
from lsp_debugger.verify.enclosure import LEFT, MAX_PROCESSES, Enclosure, homes
from lsp_debugger.verify.overlay import Overlay, isolation
from lsp_debugger.verify.trees import Tree, import_path

if TYPE_CHECKING:
    import psutil

# Together, of all that a command starts. Not address space, which node reserves by the gigabyte.
MEMORY_BYTES = 4 * 1024**3
_MAX_OUTPUT_BYTES = 16 * 1024 * 1024
_LOOK_S = 0.2


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
    copied: Sequence[Path] = (),
) -> Isolated:
    """Run `command`, an absolute program first, in the patched workspace. Never raises for what it does.

    modules: source by file name: Python's stand first on the path of every Python that it starts, Node
    loads each `.cjs` at its start. env: on top. copied: see `Enclosure`.
    """
    if reason := await asyncio.to_thread(isolation, overlay.root):
        return Isolated(why_not=f"no isolation ({reason})")
    try:
        plan = await asyncio.to_thread(overlay.plan)
        hook = write_hook(plan, modules)
        enclosure = Enclosure(keep=(hook,), copied=tuple(copied))
        argv = overlay.enclosed(command, overlay.root, enclosure, plan)
    except (OSError, ValueError) as error:
        return Isolated(why_not=f"no isolation ({error})")
    run = await _watched(argv, overlay.root, timeout_s, {**hooked(hook, LEFT), **env}, plan)
    if not _has_started(plan):
        why = run.failed or "it could not be set up and proven"
        return Isolated(why_not=f"no isolation ({why})")
    return run


async def run_unisolated(
    tree: Tree,
    command: Sequence[str],
    timeout_s: float,
    modules: Mapping[str, str],
    env: Mapping[str, str],
) -> Isolated:
    """As `run_isolated`, with all that the user can reach in its reach: only for a patch that the user has
    seen and agreed to run like this. The workspace itself is not written to.
    """
    plan = await asyncio.to_thread(tree.plan)
    hook = write_hook(plan, modules)
    (plan / "left").mkdir()
    argv = tree.argv(command, tree.place)
    variables = hooked(hook, plan / "left")
    variables["PYTHONPATH"] = os.pathsep.join(map(str, (hook, *import_path(tree))))
    return await _watched(argv, tree.place, timeout_s, {**variables, **env}, plan)


async def _watched(
    argv: Sequence[str], cwd: Path, timeout_s: float, env: Mapping[str, str], plan: Path
) -> Isolated:
    run = asyncio.create_task(_completed(argv, cwd, timeout_s, env))
    growth = asyncio.create_task(_outgrown(plan))
    try:
        await asyncio.wait({run, growth}, return_when=asyncio.FIRST_COMPLETED)
        if not run.done():
            return Isolated(failed=growth.result())
        return Isolated(run.result(), left=_read(plan / "left"))
    except LspDebuggerError as error:
        return Isolated(failed=str(error))
    finally:
        for task in (run, growth):
            task.cancel()
        await asyncio.gather(run, growth, return_exceptions=True)


async def _completed(argv: Sequence[str], cwd: Path, timeout_s: float, env: Mapping[str, str]) -> Completed:
    return await spawn.run(argv, cwd=cwd, timeout_s=timeout_s, env=env, max_output_bytes=_MAX_OUTPUT_BYTES)


def write_hook(folder: Path, modules: Mapping[str, str]) -> Path:
    """A new folder in `folder` with these files."""
    hook = folder / "hook"
    hook.mkdir()
    for name, source in modules.items():
        (hook / name).parent.mkdir(exist_ok=True)
        (hook / name).write_text(source, "utf-8")
        if source.startswith("#!"):
            (hook / name).chmod(0o700)
    return hook


def hooked(hook: Path, left: str | Path) -> dict[str, str]:
    """Variables of a command that says what it loads. left: where."""
    scripts = [f'--require "{path}"' for path in sorted(hook.glob("*.cjs"))]
    return {
        "LSPD_PROOF": str(left),
        "PYTHONPATH": str(hook),
        "PYTHONDONTWRITEBYTECODE": "1",
        **({"NODE_OPTIONS": " ".join(scripts)} if scripts else {}),
        "CI": "1",
        **homes(),
        **proof.variables(hook),
    }


async def _outgrown(plan: Path) -> str:
    """Waits for the command of this plan to take too much of the machine, and says of what."""
    import psutil

    ours, found = psutil.Process(), None
    while True:
        await asyncio.sleep(_LOOK_S)
        with contextlib.suppress(psutil.Error):
            found = found or await asyncio.to_thread(_child_with, ours.children, str(plan))
            if found is not None and (reason := await asyncio.to_thread(_too_much, found)):
                return reason


def _child_with(children: Callable[[], Iterable[psutil.Process]], word: str) -> psutil.Process | None:
    return next((child for child in children() if word in child.cmdline()), None)


def _too_much(process: psutil.Process) -> str:
    import psutil

    all_of_it, resident_bytes = process.children(recursive=True), 0
    if len(all_of_it) > MAX_PROCESSES:
        return f"it started more than {MAX_PROCESSES} processes"
    for each in all_of_it:
        with contextlib.suppress(psutil.Error):
            resident_bytes += each.memory_info().rss
    return f"it took more than {MEMORY_BYTES >> 30} GB of memory" if resident_bytes > MEMORY_BYTES else ""


def _has_started(plan: Path) -> bool:
    try:
        return bool((plan / "started").stat().st_size)
    except OSError:
        return False


def _read(folder: Path) -> dict[str, bytes]:
    left = dict[str, bytes]()
    for file in folder.glob("*"):
        try:
            left[file.name] = file.read_bytes()
        except OSError:
            continue
    return left
