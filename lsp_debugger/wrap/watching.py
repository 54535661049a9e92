"""Which changed files a server asked to hear of: a client tells all who are one server to it together.

Ours watches everything; who stands behind it hears what it would hear alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import unquote, urlsplit

from lsp_debugger.wrap.peer import Peer
from lsp_debugger.wrap.shapes import Json, obj, objects

METHOD = "workspace/didChangeWatchedFiles"
_EVERY_KIND = 7
_KINDS = {1: 1, 2: 2, 3: 4}  # created, changed, deleted: as events number them, and as bits
_PIECE = re.compile(r"\*\*/|\*\*|\*|\?|\[!?[^\]]*\]|[{},]|.", re.DOTALL)
_SAME = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
_EVERYTHING = re.compile("", re.DOTALL)


def wanted(peer: Peer, everybody: Sequence[Peer], changes: list[Json]) -> list[Json]:
    """Those of the changes that this server would be told if it stood alone.

    When nobody has registered, the client watches of its own accord, and everybody hears of it.
    """
    if not any(each.options(METHOD) for each in everybody):
        return changes
    watchers = [each for options in peer.options(METHOD) for each in objects(options.get("watchers"))]
    return [each for each in changes if any(_fits(watcher, each) for watcher in watchers)]


def _fits(watcher: Json, change: Json) -> bool:
    kinds, kind = watcher.get("kind", _EVERY_KIND), change.get("type")
    if isinstance(kinds, int) and kind in _KINDS and not kinds & _KINDS[kind]:
        return False
    return _pattern(watcher.get("globPattern")).search(_path(str(change.get("uri")))) is not None


def _path(uri: str) -> str:
    return unquote(urlsplit(uri).path)


def _pattern(given: object) -> re.Pattern[str]:
    """Of a plain glob, or of one that is relative to a folder."""
    if isinstance(given, str):
        return _compiled("", given)
    relative = obj(given)
    base = relative.get("baseUri")
    folder = base if isinstance(base, str) else obj(base).get("uri")
    pattern = relative.get("pattern")
    if not (isinstance(folder, str) and isinstance(pattern, str)):
        return _EVERYTHING
    return _compiled(_path(folder).rstrip("/") + "/", pattern)


@lru_cache(maxsize=512)
def _compiled(folder: str, glob: str) -> re.Pattern[str]:
    """What cannot be read fits everything: a server hears rather too much than too little."""
    start = re.escape(folder) if folder else "" if glob.startswith("/") else "(?:.*/)?"
    depth, parts = 0, list[str]()
    for piece in _PIECE.findall(glob):
        if piece == "{":
            depth += 1
            parts.append("(?:")
        elif piece == "}" and depth:
            depth -= 1
            parts.append(")")
        elif piece == "," and depth:
            parts.append("|")
        elif piece[0] == "[" and len(piece) > 1:
            parts.append(piece.replace("[!", "[^", 1))
        else:
            parts.append(_SAME.get(piece) or re.escape(piece))
    try:
        return re.compile(rf"\A{start}{''.join(parts)}\Z", re.DOTALL)
    except re.error:
        return _EVERYTHING
