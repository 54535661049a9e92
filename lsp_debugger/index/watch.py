"""Our own look at the disk, for clients that do not tell what changes there.

Only the folders that the index goes into are watched: those of dependencies and builds would cost the
system's watches and bring nothing. A folder that comes or goes makes the set anew, and then everything
is looked at once, since a change may have fallen between the two sets.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from pathlib import Path

_log = logging.getLogger(__name__)
GROUP_MS = 150  # changes within this time come together
_STEP_MS = 50
_LOOK_MS = 1_000  # how often the set of folders is looked at
_POLL_S = 15.0  # without a watcher, everything is looked at so often
MAX_FOLDERS = 30_000


class Watcher:
    """folders: what to watch now, relative to `root` with a final `/`; empty while not known yet.

    touched: told paths relative to the root. everything: called when changes may have been missed.
    problem: told (message, hint) when the system does not let us watch; then `everything` is called
    every few seconds.
    """

    def __init__(
        self,
        root: Path,
        folders: Callable[[], Collection[str]],
        touched: Callable[[Collection[str]], None],
        everything: Callable[[], None],
        problem: Callable[[str, str], None],
    ) -> None:
        self._root = root
        self._folders = folders
        self._touched = touched
        self._everything = everything
        self._problem = problem
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="index-watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def _run(self) -> None:
        folders: Collection[str] = ()
        while not self._stop.is_set():
            now = self._folders()
            if not now or now is folders:
                self._stop.wait(_LOOK_MS / 1000)
                continue
            folders = now
            if len(folders) > MAX_FOLDERS:
                self._poll(f"more than {MAX_FOLDERS:,} folders")
                return
            try:
                self._watch(folders)
            except Exception as exc:  # noqa: BLE001  the library's own error is no OSError
                if all((self._root / folder).is_dir() for folder in folders):
                    self._poll(type(exc).__name__)
                    return
                folders = ()  # one is gone: the next scan gives a set that is true
                self._everything()
                self._stop.wait(_LOOK_MS / 1000)

    def _watch(self, folders: Collection[str]) -> None:
        """Until the set of folders is another one."""
        from watchfiles import watch

        changes = watch(
            *(self._root / folder for folder in folders),
            watch_filter=None,
            debounce=GROUP_MS,
            step=_STEP_MS,
            rust_timeout=_LOOK_MS,
            yield_on_timeout=True,
            stop_event=self._stop,
            raise_interrupt=False,
            recursive=False,
            ignore_permission_denied=True,
        )
        first = True
        for found in changes:
            if found:
                self._touched({path for _, name in found if (path := self._relative(name))})
            if first:
                first = False
                self._everything()
            if self._folders() is not folders:
                return

    def _relative(self, name: str) -> str:
        prefix = f"{self._root}/"
        return name.replace("\\", "/").removeprefix(prefix) if name.startswith(prefix) else ""

    def _poll(self, why: str) -> None:
        self._problem(
            f"the system does not watch this folder ({why}): it is looked at every {_POLL_S:.0f} s",
            "raise fs.inotify.max_user_watches, or exclude folders in .gitignore",
        )
        while not self._stop.wait(_POLL_S):
            self._everything()
