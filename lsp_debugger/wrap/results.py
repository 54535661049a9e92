"""What several servers answer, made into one answer. Pure; JSON in, JSON out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, cast

from lsp_debugger.wrap.shapes import Json, Span, obj, objects, span_of

OURS = "lspDebugger"  # in `data` of actions that our server resolves
_OWNER = "lspDebuggerOwner"  # in `data` of actions of one of several servers
_BACKTICKS = re.compile(r"`{3,}")


def is_ours(action: Json) -> bool:
    """Whether our server made this code action."""
    return OURS in obj(action, "data")


def owned(actions: Iterable[Json], place: int) -> list[Json]:
    """Actions that say which server resolves them."""
    return [_owned(each, place) for each in actions]


def _owned(action: Json, place: int) -> Json:
    if isinstance(action.get("command"), str):  # a Command: there is nothing to resolve
        return action
    return {**action, "data": {_OWNER: place, **({"data": action["data"]} if "data" in action else {})}}


def owner_of(action: Json) -> tuple[int, Json] | None:
    """The place of its server, and the action as that server knows it; None when it says nothing."""
    given = obj(action, "data")
    if _OWNER not in given:
        return None
    own = {name: value for name, value in action.items() if name != "data"}
    return given[_OWNER], {**own, "data": given["data"]} if "data" in given else own


def is_made(workspace_edit: Any, actions: Sequence[Json]) -> bool:
    """Whether one of `actions` already makes this very edit."""
    written = edits(workspace_edit)
    return bool(written) and any(edits(each.get("edit")) == written for each in actions)


def edits(workspace_edit: Any) -> Json:
    """A workspace edit as what it writes where; empty for one that also creates, renames or deletes."""
    given = obj(workspace_edit)
    written: Json = {}
    for each in objects(given.get("documentChanges")):
        if "textDocument" not in each:
            return {}
        written.setdefault(str(obj(each, "textDocument").get("uri")), []).extend(_written(each.get("edits")))
    if not written:
        for uri, listed in obj(given, "changes").items():
            written[uri] = list(_written(listed))
    return {uri: sorted(each) for uri, each in written.items()}


def _written(listed: Any) -> Iterator[tuple[Span, str]]:
    for each in objects(listed):
        if span := span_of(each.get("range")):
            yield span, str(each.get("newText"))


def hovers(results: Sequence[Any]) -> Json | None:
    """All of them under each other, where the first one is."""
    said = [given for each in results if (given := obj(each)).get("contents")]
    if len(said) < 2:
        return said[0] if said else None
    text = "\n\n---\n\n".join(filter(None, (_markdown(each["contents"]) for each in said)))
    return {**said[0], "contents": {"kind": "markdown", "value": text}}


def _markdown(contents: Any) -> str:
    if isinstance(contents, list):
        return "\n\n".join(_markdown(each) for each in cast("list[Any]", contents))
    if isinstance(contents, str):
        return contents
    given = obj(contents)
    value = str(given.get("value", ""))
    if given.get("kind") == "markdown" or not value:
        return value
    fence = "`" * max((len(run) + 1 for run in _BACKTICKS.findall(value)), default=3)
    return f"{fence}{given.get('language', 'text')}\n{value}\n{fence}"


def locations(results: Sequence[Any]) -> list[Json] | None:
    """Each place once, in the order of the servers."""
    found: dict[Any, Json] = {}
    for each in results:
        for place in objects(each) or objects([each]):
            uri = place.get("uri", place.get("targetUri"))
            found.setdefault((uri, span_of(place.get("range", place.get("targetSelectionRange")))), place)
    return list(found.values()) or None
