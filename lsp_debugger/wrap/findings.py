"""What each server has reported about each document, as JSON, in the client's units."""

from __future__ import annotations

from urllib.parse import unquote

from lsp_debugger.wrap.shapes import Json, objects, span_of

PUSH, PULL, TOLD = "push", "pull", "told"


class Findings:
    """By document, server and way. A server's new list replaces its old one."""

    def __init__(self) -> None:
        self._found: dict[str, dict[tuple[int, str], list[Json]]] = {}
        self._moved: set[str] = set()

    def keep(self, uri: str, place: int, way: str, listed: object) -> None:
        """place: of the server. way: PUSH, PULL or TOLD by the client."""
        key = _key(uri)
        here = self._found.setdefault(key, {})
        here[place, way] = objects(listed)
        self._moved.discard(key)
        if not any(here.values()):
            del self._found[key]

    def of(self, uri: str, *, place: int | None = None, way: str | None = None) -> list[Json]:
        """Of one server and one way, or of any, in the order of the servers."""
        here = self._found.get(_key(uri), {})
        return [
            each
            for (whose, how), listed in sorted(here.items(), key=lambda item: item[0][0])
            if place in (None, whose) and way in (None, how)
            for each in listed
        ]

    def edited(self, uri: str) -> None:
        """From here until it is reported anew, where something is in this document is not known."""
        if _key(uri) in self._found:
            self._moved.add(_key(uri))

    def may_touch(self, uri: str, line: int, character: int) -> bool:
        """Whether a finding is, or may by now be, at this position."""
        spans = [span_of(each.get("range")) for each in self.of(uri)]
        if _key(uri) in self._moved:
            return bool(spans)
        return any(span and span[:2] <= (line, character) <= span[2:] for span in spans)


def _key(uri: str) -> str:
    # Clients and servers escape differently: `file:///c%3A/a` and `file:///c:/a` are one document.
    return unquote(uri)
