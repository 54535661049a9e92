"""Parameters that no LSP type describes: read with care, refused in one clear line.

They come from editor packages and from users' own key bindings, as plain JSON or, on pygls'
untyped path, as named tuples made of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from cattrs import Converter
from cattrs.errors import BaseValidationError
from lsprotocol import converters, types
from pygls.exceptions import JsonRpcInvalidParams

_DEPTH = 32  # of nested objects; ours need five


def plain(value: object, depth: int = 0) -> Any:
    """JSON values again, whatever pygls made of them. Raises JsonRpcInvalidParams when too deep."""
    if depth > _DEPTH:
        raise JsonRpcInvalidParams("the parameters are nested too deeply")
    if isinstance(value, Mapping):
        items = cast("Mapping[str, object]", value).items()
        return {str(name): plain(each, depth + 1) for name, each in items}
    if hasattr(value, "_asdict"):
        return plain(cast("Any", value)._asdict(), depth)
    if isinstance(value, list | tuple):
        return [plain(each, depth + 1) for each in cast("Sequence[object]", value)]
    return value


def mapping_of(value: object) -> Mapping[str, Any]:
    """`value` as a mapping; empty when it is none."""
    read = plain(value)
    return cast("Mapping[str, Any]", read) if isinstance(read, dict) else {}


def diagnostic_of(value: object) -> types.Diagnostic | None:
    """A diagnostic as LSP writes it, or None when it is not one.

    Decoration that we do not know (a severity of 9, a new tag) costs the decoration, not the finding.
    """
    given = dict(mapping_of(value))
    if tags := [tag for tag in _list(given.pop("tags", None)) if tag in (1, 2)]:
        given["tags"] = tags
    if given.get("severity") not in (1, 2, 3, 4):
        given.pop("severity", None)
    message = given.get("message")
    if isinstance(message, Mapping):  # 3.18 allows markup here
        given["message"] = cast("Mapping[str, object]", message).get("value")
    if not isinstance(given.get("message"), str):
        return None
    try:
        found = _converter().structure(given, types.Diagnostic)
    except (BaseValidationError, TypeError, ValueError, KeyError, AttributeError):
        return None
    return found if _is_sound(found) else None


def diagnostic_json(diagnostic: types.Diagnostic) -> dict[str, Any]:
    """Back to JSON, without `data`: that belongs to its owner and may be large."""
    written = cast("dict[str, Any]", _converter().unstructure(diagnostic))
    written.pop("data", None)
    return written


@dataclass(frozen=True, slots=True)
class ForeignDiagnostics:
    """`lspDebugger/foreignDiagnostics`: what the editor knows from other servers about one document.

    complete: everything there is; otherwise only the sources named in it are replaced.
    """

    uri: str
    version: int | None
    diagnostics: tuple[types.Diagnostic, ...]
    complete: bool

    @classmethod
    def read(cls, params: object, limit: int) -> ForeignDiagnostics:
        """At most `limit` diagnostics; those that are none are left out. Raises JsonRpcInvalidParams."""
        given = mapping_of(params)
        if not isinstance(given.get("diagnostics"), list):
            raise JsonRpcInvalidParams("diagnostics: a list is needed")
        found = map(diagnostic_of, _list(given["diagnostics"])[:limit])
        return cls(
            uri=_uri(given),
            version=_whole_number(given, "version"),
            diagnostics=tuple(each for each in found if each is not None),
            complete=given.get("complete") is not False,
        )


@dataclass(frozen=True, slots=True)
class ExplainArguments:
    """What `lspDebugger.explain` was asked. `position` is in the client's units.

    stale: the diagnostic was touched by an edit after it was found; our own code actions say so.
    """

    uri: str
    position: types.Position | None
    version: int | None
    diagnostic: types.Diagnostic | None
    stale: bool = False

    @classmethod
    def read(cls, arguments: Sequence[object]) -> ExplainArguments:
        """One object, or `uri, line` as a key binding writes them. Raises JsonRpcInvalidParams."""
        given = _named(arguments)
        position, line = given.get("position"), _whole_number(given, "line")
        diagnostic = given.get("diagnostic")
        found = diagnostic_of(diagnostic) if diagnostic is not None else None
        if diagnostic is not None and found is None:
            raise JsonRpcInvalidParams("diagnostic: a Diagnostic as LSP writes it is needed")
        if position is not None:
            place = _position(position)
        else:
            place = types.Position(line, 0) if line is not None else None
        if place is None and found is None:
            raise JsonRpcInvalidParams("explain needs a diagnostic, a position or a line (0 is the first)")
        return cls(_uri(given), place, _whole_number(given, "version"), found, given.get("stale") is True)


def answer_id(arguments: Sequence[object]) -> str:
    """The `id` that a command names, as an object or alone. Raises JsonRpcInvalidParams."""
    first = plain(arguments[0]) if arguments else None
    given = mapping_of(first).get("id", first)
    if not isinstance(given, str) or not given:
        raise JsonRpcInvalidParams("id: the id that lspDebugger.explain returned is needed")
    return given


def _named(arguments: Sequence[object]) -> Mapping[str, Any]:
    first = plain(arguments[0]) if arguments else None
    if isinstance(first, dict):
        return cast("Mapping[str, Any]", first)
    if isinstance(first, str) and len(arguments) == 2:
        return {"uri": first, "line": arguments[1]}
    raise JsonRpcInvalidParams("explain needs {uri, position | line | diagnostic}, or a uri and a line")


def _uri(given: Mapping[str, Any]) -> str:
    uri = given.get("uri")
    if not isinstance(uri, str) or not uri:
        raise JsonRpcInvalidParams("uri: the document's address is needed")
    return uri


def _whole_number(given: Mapping[str, Any], name: str) -> int | None:
    value = given.get(name)
    if value is None:
        return None
    # JSON has one kind of number: some clients write 3.0.
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise JsonRpcInvalidParams(f"{name}: a whole number from 0 is needed")
    return value


def _position(value: object) -> types.Position:
    given = mapping_of(value)
    line, character = _whole_number(given, "line"), _whole_number(given, "character")
    if line is None:
        raise JsonRpcInvalidParams("position: line and character are needed")
    return types.Position(line, character or 0)


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


@cache
def _converter() -> Converter:
    return converters.get_converter()


def _is_sound(diagnostic: types.Diagnostic) -> bool:
    places = (diagnostic.range.start, diagnostic.range.end)
    numbers = [number for place in places for number in (place.line, place.character)]
    return all(_is_index(number) for number in numbers)


def _is_index(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 0
