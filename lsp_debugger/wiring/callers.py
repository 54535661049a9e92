"""Who uses what a fix changes: the index names the files, the files' own text says where and how."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Place
from lsp_debugger.core.ports import Query, Retriever
from lsp_debugger.core.text import Snapshot
from lsp_debugger.features.side_effects import ChangedDefinition, callers_in, changed_definitions

_HITS = 60
_MAX_CALLERS = 30
_MAX_CHANGED = 50  # definitions, each with a search of its own


@dataclass(frozen=True, slots=True)
class Callers:
    """places: lines of the files as the fix leaves them. unknown: why there may be more; empty where not.

    is_breaking: what they use is called in another way now, or gone.
    """

    places: tuple[Place, ...] = ()
    unknown: str = ""
    is_breaking: bool = False


async def callers(
    before: Mapping[str, str],
    after: Mapping[str, str | None],
    root: Path,
    workspace: Workspace,
    retriever: Retriever | None,
    wait_s: float = 0.0,
) -> Callers:
    """Texts by path below the root. Never raises for an index that does not answer."""
    changed = await asyncio.to_thread(changed_definitions, before, after)
    if not changed:
        return Callers()
    if len(changed) > _MAX_CHANGED:
        return Callers((), "callers were not looked for: too many definitions change")
    unknown = "callers in other files were not looked for: the index is not ready"
    files = {path for path, text in after.items() if text is not None}
    if retriever is not None:
        unknown = "" if await retriever.current(wait_s) else unknown
        for each in changed:
            found = await retriever.search(Query(each.name, each.path, (each.name,)), _HITS)
            files |= {hit.fragment.path for hit in found if hit.fragment.path}
            unknown = "" if found else unknown
    places = await asyncio.to_thread(_places, changed, sorted(files), after, root, workspace)
    is_breaking = bool(places) and any(each.is_signature for each in changed)
    return Callers(tuple(places[:_MAX_CALLERS]), unknown, is_breaking)


def _places(
    changed: Sequence[ChangedDefinition],
    files: Sequence[str],
    after: Mapping[str, str | None],
    root: Path,
    workspace: Workspace,
) -> list[Place]:
    """What breaks for sure first: each kind of change says so in its own words."""
    found = dict[Place, None]()
    for path in files:
        text = after.get(path)
        now = workspace.read(str(root / path)) if text is None else Snapshot("", text, None, str(root / path))
        if now is None or (path in after and text is None):
            continue
        for each in changed:
            if each.name in now.text:
                found.update(dict.fromkeys(callers_in(now, path, each)))
    return sorted(found, key=lambda place: (place.note.startswith("calls"), place.path, place.line))
