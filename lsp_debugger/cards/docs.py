"""What tools themselves say about their rules: asked for once a version, then read from our own file.

A tool is asked in an empty private directory, so that no configuration of a repository takes part.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from lsp_debugger.cards.families import family_of
from lsp_debugger.cards.family import Explainer
from lsp_debugger.core.ask import Problem
from lsp_debugger.core.errors import StateUnavailable
from lsp_debugger.core.ports import RuleText
from lsp_debugger.state import State
from lsp_debugger.tools import Tool, find_tool

_log = logging.getLogger(__name__)
_PATIENCE_S = 0.35  # of a card; the text is there for the next one
_RETRY_S = 60.0
_MAX_FILE_BYTES = 16 * 1024 * 1024

NO_TEXT = RuleText()


class RuleTexts:
    """Implements `core.ports.RuleDocs`. For one event loop.

    state: where texts are kept between sessions, or None to keep them in memory only.
    root, trusted, within: whose tools are asked, as in `tools.find_tool`.
    """

    def __init__(
        self,
        state: State | None,
        *,
        root: Path | None = None,
        trusted: bool = False,
        within: Path | None = None,
    ) -> None:
        self._state = state
        self._root = root
        self._within = within
        self._trusted = trusted
        self._tables: dict[str, Mapping[str, str]] = {}
        # By table and, where rules are asked for one by one, by key.
        self._loading: dict[tuple[str, str], asyncio.Task[Mapping[str, str]]] = {}
        self._failed_at: dict[tuple[str, str], float] = {}

    async def rule(self, problem: Problem) -> RuleText:
        """What the tool that found the problem says about its rule. Empty when that is not known.

        Waits a moment at most: what takes longer is there for the next call.
        """
        family = family_of(problem)
        explainer = family.explainer(problem) if family is not None else None
        key = explainer.key(problem) if explainer is not None else ""
        if explainer is None or not key:
            return NO_TEXT
        name = explainer.programs[0]
        if not self._has(explainer, key):
            await self._load(explainer, key)
        text = self._tables.get(name, {}).get(key, "")
        return explainer.told(key, text) if text else NO_TEXT

    def _has(self, explainer: Explainer, key: str) -> bool:
        """Whether there is nothing left to ask; a rule that the tool does not know is kept as empty."""
        table = self._tables.get(explainer.programs[0])
        return table is not None and (explainer.whole or key in table)

    async def _load(self, explainer: Explainer, key: str) -> None:
        job = (explainer.programs[0], "" if explainer.whole else key)
        if time.monotonic() - self._failed_at.get(job, -_RETRY_S) < _RETRY_S:
            return
        task = self._loading.get(job)
        if task is None:
            name = f"rules of {job[0]}"
            task = self._loading[job] = asyncio.create_task(self._table(explainer, key), name=name)
            task.add_done_callback(lambda done: self._keep(job, done))
        await asyncio.wait({task}, timeout=_PATIENCE_S)

    def _keep(self, job: tuple[str, str], done: asyncio.Task[Mapping[str, str]]) -> None:
        self._loading.pop(job, None)
        if done.cancelled():
            return
        error = done.exception()
        if error is not None:
            self._failed_at[job] = time.monotonic()
            _log.info("no rule texts of %s: %s", job[0], type(error).__name__)
        elif done.result():
            self._tables[job[0]] = {**self._tables.get(job[0], {}), **done.result()}
        else:
            self._failed_at[job] = time.monotonic()

    async def _table(self, explainer: Explainer, key: str) -> Mapping[str, str]:
        tool = await asyncio.to_thread(self._tool, explainer)
        if tool is None:
            return {}
        file = await asyncio.to_thread(self._file, tool)
        kept = await asyncio.to_thread(_read, file) if file is not None else None
        if kept is not None and (explainer.whole or key in kept):
            return kept
        found = await explainer.ask(tool, key)
        if not explainer.whole:
            found = {**(kept or {}), key: "", **found}
        if found and file is not None:
            await asyncio.to_thread(self._save, file, found)
        return found

    def _tool(self, explainer: Explainer) -> Tool | None:
        found = (
            find_tool(name, root=self._root, trusted=self._trusted, within=self._within)
            for name in explainer.programs
        )
        return next((tool for tool in found if tool is not None), None)

    def _file(self, tool: Tool) -> Path | None:
        version = tool.version
        if self._state is None or not version:
            return None
        try:
            return self._state.rules / f"{tool.name}-{version}.json"
        except StateUnavailable:
            return None

    def _save(self, file: Path, table: Mapping[str, str]) -> None:
        assert self._state is not None, "there is a file"
        data = json.dumps(table, ensure_ascii=False).encode("utf-8", "replace")
        try:
            self._state.write_atomic(file, data)
        except StateUnavailable as error:  # a full disk: then the tool is asked again next time
            _log.info("rule texts are not kept: %s", error)


def _read(file: Path) -> Mapping[str, str] | None:
    """A file of ours, or None when there is none that can be understood."""
    try:
        if file.stat().st_size > _MAX_FILE_BYTES:
            return None
        found: Any = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not found:
        return None
    table = cast("dict[object, object]", found)
    texts = {key: text for key, text in table.items() if isinstance(key, str) and isinstance(text, str)}
    return texts if len(texts) == len(table) else None
