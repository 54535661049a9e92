"""The ladder over a workspace folder: its checkers, asked about the tree as it is and with a patch in it."""

from __future__ import annotations

import asyncio
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Problem
from lsp_debugger.core.text import Snapshot
from lsp_debugger.state import State
from lsp_debugger.trust import Trust

if TYPE_CHECKING:
    from lsp_debugger.checkers import Checked
    from lsp_debugger.checkers.run import Launch
    from lsp_debugger.core.patch import Applied, Patch, PatchRefused
    from lsp_debugger.policy.masked_files import MaskedFiles
    from lsp_debugger.verify.ladder import Consent, Ladder
    from lsp_debugger.verify.rungs import Found
    from lsp_debugger.verify.trees import Texts, Tree
    from lsp_debugger.wiring.covering import CoveringTests


def ladder(
    root: Path,
    workspace: Workspace,
    state: State,
    trust: Trust,
    test: Sequence[str] | CoveringTests | None = None,
    *,
    check: Sequence[str] | None = None,
    unisolated: Consent | None = None,
) -> Ladder:
    """test, check: commands of the user's own that may run in the patched tree, their programs absolute.

    Instead of `test` something may find a command for each patch; it does so in a trusted workspace only.
    unisolated: see `Allowed`; only where the user's or the organisation's settings allow it.
    """
    from lsp_debugger.verify.imports import Environment
    from lsp_debugger.verify.ladder import Allowed, Ladder
    from lsp_debugger.wiring.covering import CoveringTests

    async def tests_of(after: Texts, before: Texts) -> tuple[Sequence[str] | None, str]:
        if not isinstance(test, CoveringTests) or not await asyncio.to_thread(trust.trusted, root):
            return None, ""
        return await test.command(after, before)

    checking = _Checking(root, workspace, state, trust)
    return Ladder(
        root,
        checking.check,
        Allowed(
            check=check,
            test=None if isinstance(test, CoveringTests) else test,
            tests_of=tests_of,
            caches={"GOCACHE": checking.go_cache},
            unisolated=unisolated,
        ),
        Environment(tuple(_packages(root))),
        lambda: _unsaved(root, workspace),
    )


def _unsaved(root: Path, workspace: Workspace) -> Texts:
    return {Path(path): text for path, text in workspace.unsaved().items() if Path(path).is_relative_to(root)}


def _packages(root: Path) -> list[Path]:
    """Where the project's own environment keeps what is installed in it."""
    environments = [root / name for name in (".venv", "venv") if (root / name / "pyvenv.cfg").is_file()]
    return [
        path
        for environment in environments[:1]
        for pattern in ("lib/python3*/site-packages", "Lib/site-packages")
        for path in environment.glob(pattern)
    ]


class _Checking:
    """Checkers with caches of their own: what they learn of a patch is not true of the tree."""

    def __init__(self, root: Path, workspace: Workspace, state: State, trust: Trust) -> None:
        self._root = root
        self._workspace = workspace
        self._folder = state.workspace(root) / "verify"
        self._trust = trust

    @property
    def go_cache(self) -> Path:
        """Where `go vet` keeps packages that it had compiled, Go's own ones among them."""
        return self._folder / "plain" / "go vet" / "build"

    async def check(self, files: Sequence[Path], tree: Tree) -> Found:
        from lsp_debugger.checkers.run import Runner
        from lsp_debugger.verify.rungs import Found
        from lsp_debugger.verify.trees import located

        caches = self._folder / ("patched" if tree.texts else "plain")

        def cache(name: str) -> Path:
            place = caches / name
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            return place

        trusted, launch = await asyncio.to_thread(self._launch, tree, caches)
        runner = Runner(tree.place, trusted, cache, lambda path: self._read(tree, path), launch=launch)
        checked = [each for path in files for each in await runner.check(located(tree, path))]
        said_by = {self._here(tree, problem): each.checker for each in checked for problem in each.problems}
        broken = frozenset(each.checker for each in checked if each.broken)
        return Found(
            problems=tuple(said_by),
            ran=frozenset(each.checker for each in checked if not each.reason) - broken,
            not_run={each.checker: _why(each) for each in checked if each.reason},
            broken=broken,
            said_by=said_by,
        )

    def _launch(self, tree: Tree, caches: Path) -> tuple[bool, Launch | None]:
        """Whether checkers may run what the tree configures, and how they are started.

        Trust in a workspace is no trust in a patch: configuration that is code runs isolated or not at all,
        with the patch and, to be compared, without.
        """
        from lsp_debugger.verify.enclosure import Enclosure
        from lsp_debugger.verify.overlay import Overlay, isolation

        if not isinstance(tree, Overlay):
            return False, None
        if self._trust.trusted(self._root) and not isolation(self._root):
            caches.mkdir(mode=0o700, parents=True, exist_ok=True)
            return True, tree.launch(Enclosure(writable=(caches,)))
        return False, tree.argv if tree.texts else None

    def _read(self, tree: Tree, path: str) -> Snapshot | None:
        text = tree.read(path)
        if text is not None:
            return Snapshot(Path(path).as_uri(), text, None, path)
        if tree.place == self._root or not Path(path).is_relative_to(tree.place):
            return self._workspace.on_disk(path)
        kept = self._workspace.on_disk(str(self._root / Path(path).relative_to(tree.place)))
        return replace(kept, uri=Path(path).as_uri(), path=path) if kept is not None else None

    def _here(self, tree: Tree, problem: Problem) -> Problem:
        """As if it had been found in the workspace."""
        if tree.place == self._root:
            return problem
        place, root = str(tree.place), str(self._root)
        path = (problem.path or "").replace(place, root, 1)
        return replace(problem, path=path, message=problem.message.replace(place, root))


def _why(checked: Checked) -> str:
    name, reason = checked.checker, " ".join(checked.reason.split())
    return reason if reason.startswith(name) else f"{name}: {reason}"


class Placing:
    """Reading and placing for one document of a folder; what the user has open counts as it is there."""

    def __init__(self, root: Path, workspace: Workspace, snapshot: Snapshot) -> None:
        self._root = root
        self._workspace = workspace
        self._snapshot = snapshot
        self._path = _below(root, snapshot.path or "")

    def read(self, completion: str, cut_off: bool) -> Patch | PatchRefused:
        from lsp_debugger.verify.completion import read

        return read(completion, self._path, cut_off=cut_off)

    def place(
        self, patch: Patch, problem: Problem, files: MaskedFiles
    ) -> tuple[Applied, Mapping[str, str]] | PatchRefused:
        """files: as the model saw them, which is where its words have their place."""
        from lsp_debugger.core.patch import PatchRefused
        from lsp_debugger.policy.restore import RestoreRefused
        from lsp_debugger.verify.apply import apply_patch

        named = {path for edit in patch.edits for path in (edit.path, edit.new_path) if path}
        buffers = {self._path: self._snapshot.text}
        for path in named - {self._path}:
            if (opened := self._workspace.read(str(self._root / path))) is not None:
                buffers[path] = opened.text
        try:
            seen = apply_patch(patch, self._root, self._path, problem.line, buffers, files.masked)
            if isinstance(seen, PatchRefused):
                return seen
            before = self._before(seen, buffers)
            return self._restored(seen, before, patch, files), before
        except RestoreRefused as refused:
            return PatchRefused(f"the answer cannot be put back: {refused}", "make this change by hand")

    def _before(self, applied: Applied, buffers: Mapping[str, str]) -> dict[str, str]:
        before = {path: buffers[path] for path in applied.new_texts if path in buffers}
        for path in applied.new_texts.keys() - before.keys():
            if (kept := self._workspace.on_disk(str(self._root / path))) is not None:
                before[path] = kept.text
        return before

    @staticmethod
    def _restored(seen: Applied, before: Mapping[str, str], patch: Patch, files: MaskedFiles) -> Applied:
        came_from = {posixpath.normpath(edit.new_path): edit.path for edit in patch.edits if edit.new_path}
        texts = dict[str, str | None]()
        for path, text in seen.new_texts.items():
            old = path if path in before else posixpath.normpath(came_from.get(path, path))
            texts[path] = None if text is None else files.restored(old, text, before.get(old))
        return replace(seen, new_texts=texts)


def _below(root: Path, path: str) -> str:
    return Path(path).relative_to(root).as_posix() if Path(path).is_relative_to(root) else path
