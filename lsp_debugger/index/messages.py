"""What server and worker say to each other: JSON-RPC-like messages in rpc.py's frames.

Requests: open, search, status, optimize, verify, close. Notifications to the worker: changed (a buffer's
text), touched (paths on disk), put_off, cancel. From the worker: progress, problem.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from lsp_debugger.core.errors import IndexUnavailable, LspDebuggerError
from lsp_debugger.core.material import Fragment, FragmentKind, Hit
from lsp_debugger.core.ports import Query
from lsp_debugger.core.text import Span
from lsp_debugger.rpc import Message

Params = dict[str, Any]


def request(number: int, method: str, params: Params) -> Message:
    return {"id": number, "method": method, "params": params}


def notification(method: str, params: Params) -> Message:
    return {"method": method, "params": params}


def result(number: int, value: Params) -> Message:
    return {"id": number, "result": value}


def failure(number: int, exc: BaseException) -> Message:
    """Only our own errors have text that may be shown; of others the type says enough."""
    message, hint = f"the index worker failed ({type(exc).__name__})", ""
    if isinstance(exc, LspDebuggerError):
        message, hint = str(exc), exc.hint
    return {"id": number, "error": {"message": message, "hint": hint}}


def error_of(message: Message) -> IndexUnavailable | None:
    error = message.get("error")
    return IndexUnavailable(error["message"], hint=error["hint"]) if error else None


def query_to_json(query: Query) -> Params:
    return asdict(query)


def query_from_json(params: Params) -> Query:
    return Query(
        text=params["text"],
        path=params["path"],
        identifiers=tuple(params["identifiers"]),
        frames=tuple((path, line) for path, line in params["frames"]),
        exclude_tests=params["exclude_tests"],
    )


def hit_to_json(hit: Hit) -> Params:
    fragment = hit.fragment
    return {
        "path": fragment.path,
        "start_line": fragment.start_line,
        "language_id": fragment.language_id,
        "symbol": fragment.symbol,
        "text": fragment.text,
        "literals": [[span.start, span.end] for span in fragment.literals],
        "score": hit.score,
        "why": list(hit.why),
        "kind": hit.kind,
    }


def hit_from_json(value: Params) -> Hit:
    fragment = Fragment(
        FragmentKind.RELATED,
        value["text"],
        path=value["path"],
        start_line=value["start_line"],
        language_id=value["language_id"],
        symbol=value["symbol"],
        literals=tuple(Span(start, end) for start, end in value["literals"]),
    )
    return Hit(fragment, value["score"], tuple(value["why"]), value["kind"])
