"""JSON of others, read with care: what is not there, or of another shape, is empty."""

from __future__ import annotations

from typing import Any, cast

Json = dict[str, Any]
Span = tuple[int, int, int, int]


def obj(value: object, *path: str) -> Json:
    """The object at the end of `path`."""
    for name in path:
        value = cast("Json", value).get(name) if isinstance(value, dict) else None
    return cast("Json", value) if isinstance(value, dict) else {}


def objects(value: object) -> list[Json]:
    """The objects in a list."""
    if not isinstance(value, list):
        return []
    return [cast("Json", each) for each in cast("list[object]", value) if isinstance(each, dict)]


def span_of(given: object) -> Span | None:
    """Start line and character, end line and character; None for what is no range."""
    start, end = obj(given, "start"), obj(given, "end")
    numbers = (start.get("line"), start.get("character"), end.get("line"), end.get("character"))
    return cast("Span", numbers) if all(isinstance(each, int) for each in numbers) else None


def uri_of(params: Json) -> str:
    """Of the document that a message is about."""
    uri = obj(params, "textDocument").get("uri", params.get("uri"))
    return uri if isinstance(uri, str) else ""
