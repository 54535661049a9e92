"""What tools themselves say about their rules: asked for once a version, then read from our own file.

A tool is asked in an empty private directory, so that no configuration of a repository takes part.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from lsp_debugger import spawn
from lsp_debugger.core.errors import LspDebuggerError, StateUnavailable
from lsp_debugger.state import State
from lsp_debugger.tools import Tool, find_tool

_log = logging.getLogger(__name__)
_TIMEOUT_S = 10.0
_PATIENCE_S = 0.4  # of a card; the text is there for the next one
_RETRY_S = 60.0
_MAX_BYTES = 16 * 1024 * 1024
_SECTION = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```\n?", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[([^\]\n]+)\](?:\([^)\n]*\)|\[[^\]\n]*\])?")
_TOLD = ("what it does", "why is this bad?", "removed", "deprecated")
_TOOL_OF_SOURCE = {"ruff": "ruff"}


class RuleTexts:
    """Implements `core.ports.RuleDocs`. For one event loop.

    state: where texts are kept between sessions, or None to keep them in memory only.
    """

    def __init__(self, state: State | None, *, root: Path | None = None, trusted: bool = False) -> None:
        self._state = state
        self._root = root
        self._trusted = trusted
        self._tables: dict[str, Mapping[str, str]] = {}
        self._loading: dict[str, asyncio.Task[Mapping[str, str]]] = {}
        self._failed_at: dict[str, float] = {}

    async def text(self, source: str, code: str) -> str:
        """The rule's name and explanation, in the tool's own Markdown. Empty when it is not known.

        Waits a moment at most: what takes longer is there for the next call.
        """
        tool = _TOOL_OF_SOURCE.get(source.lower(), "")
        if not tool or not code:
            return ""
        if tool not in self._tables:
            await self._load(tool)
        return self._tables.get(tool, {}).get(code, "")

    async def _load(self, tool: str) -> None:
        if time.monotonic() - self._failed_at.get(tool, -_RETRY_S) < _RETRY_S:
            return
        task = self._loading.get(tool)
        if task is None:
            task = self._loading[tool] = asyncio.create_task(self._table(tool), name=f"rules of {tool}")
            task.add_done_callback(lambda done: self._keep(tool, done))
        await asyncio.wait({task}, timeout=_PATIENCE_S)

    def _keep(self, tool: str, done: asyncio.Task[Mapping[str, str]]) -> None:
        self._loading.pop(tool, None)
        if done.cancelled():
            return
        error = done.exception()
        if error is not None:
            self._failed_at[tool] = time.monotonic()
            _log.info("no rule texts of %s: %s", tool, type(error).__name__)
        elif done.result():
            self._tables[tool] = done.result()
        else:
            self._failed_at[tool] = time.monotonic()

    async def _table(self, name: str) -> Mapping[str, str]:
        tool = await asyncio.to_thread(find_tool, name, root=self._root, trusted=self._trusted)
        if tool is None:
            return {}
        file = await asyncio.to_thread(self._file, tool)
        kept = await asyncio.to_thread(_read, file) if file is not None else None
        if kept is not None:
            return kept
        table = await _ask_ruff(tool)
        if table and file is not None:
            await asyncio.to_thread(self._save, file, table)
        return table

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


def condensed(text: str) -> str:
    """The rule's name, what it looks for and why, without headings, links and examples."""
    title, _, body = _FENCED.sub("", text).partition("\n")
    parts = _SECTION.split(body)
    told = [
        _LINK.sub(r"\1", parts[at + 1]).strip()
        for at in range(1, len(parts) - 1, 2)
        if parts[at].strip().lower().rstrip("?") in {each.rstrip("?") for each in _TOLD}
    ]
    paragraphs = "\n\n".join(told) or _LINK.sub(r"\1", parts[0]).strip()
    return f"{title}: {paragraphs}" if paragraphs else title


def _read(file: Path) -> Mapping[str, str] | None:
    """A file of ours, or None when there is none that can be understood."""
    try:
        if file.stat().st_size > _MAX_BYTES:
            return None
        found: Any = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not found:
        return None
    table = cast("dict[object, object]", found)
    texts = {key: text for key, text in table.items() if isinstance(key, str) and isinstance(text, str)}
    return texts if len(texts) == len(table) else None


async def _ask_ruff(tool: Tool) -> Mapping[str, str]:
    """Every rule's text by its code and by its name."""
    with spawn.private_directory() as empty:
        done = await spawn.run(
            [str(tool.path), "rule", "--all", "--output-format", "json"],
            cwd=empty,
            timeout_s=_TIMEOUT_S,
            max_output_bytes=_MAX_BYTES,
            untrusted_roots=tool.untrusted_roots,
        )
    if done.returncode != 0 or done.truncated:
        return {}
    table: dict[str, str] = {}
    try:
        rules: Any = json.loads(done.stdout)
        for rule in rules:
            name, code, explanation = str(rule["name"]), str(rule["code"]), str(rule["explanation"])
            table[code] = table[name] = f"{name}\n{explanation}"
    except (ValueError, KeyError, TypeError, RecursionError) as exc:
        raise LspDebuggerError("ruff's list of rules cannot be understood") from exc
    return table
