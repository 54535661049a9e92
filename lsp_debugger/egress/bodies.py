"""What a request may say: a fixed set of paths, and for each the shape of its body.

Text has no way out but the texts of a permit, letter by letter. Everything else in a body is a name
from a list, a flag or a number, under a key that is listed here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, cast

from lsp_debugger.config.values import is_loopback
from lsp_debugger.core.errors import EgressRefused
from lsp_debugger.core.model import Endpoint, Locality
from lsp_debugger.egress.clearance import Permit

# A check sees a value and the permit, if there is one; a shape is a check for each key.
_Check = Callable[[Any, Permit | None], bool]

_MODEL_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}")
_DURATION = re.compile(r"-?\d{1,9}(ms|s|m|h)?")
# Beyond this a number could spell something.
_LARGEST = 2**53


@dataclass(frozen=True, slots=True)
class _Rule:
    method: Literal["GET", "POST"]
    body: _Check | None = None
    own_only: bool = False
    here_only: bool = False  # on this machine, whatever was cleared


def check(endpoint: Endpoint, method: str, path: str, body: bytes, permit: Permit | None) -> None:
    """Raises EgressRefused unless this request may go to this endpoint. `path` is below its root."""
    rule = _RULES.get(path)
    if rule is None or rule.method != method:
        _refuse(f"{method} to this path is not among the requests of this program")
    if rule.body is None:
        if body:
            _refuse(f"{method} {path} carries nothing")
        return
    if permit is not None and path not in _METADATA and permit.endpoint != endpoint:
        _refuse("this text was cleared for another endpoint")
    if rule.own_only and (permit is None or permit.locality is not Locality.OWN):
        _refuse(f"{path} is for engines of our own")
    if rule.here_only and not (_is_here(endpoint) and permit and permit.locality is not Locality.REMOTE):
        _refuse(f"{path} is for models on this machine")
    parsed = _parsed(body, path)
    if not rule.body(parsed, permit):
        _refuse(f"the body of {path} holds something that was not cleared")
    if permit is not None and permit.exact is not None and path not in _METADATA:
        _check_exact(parsed, permit, endpoint, path)


def _is_here(endpoint: Endpoint) -> bool:
    return endpoint.proxy is None and (endpoint.url.startswith("unix:") or is_loopback(endpoint.url))


def _check_exact(parsed: Any, permit: Permit, endpoint: Endpoint, path: str) -> None:
    """What goes to a remote model is what its user has seen, scanned once more as a whole."""
    exact = permit.exact or b""
    if parsed != _parsed(exact, path):
        _refuse("this is not the request that was previewed")
    if permit.is_clean is None or not permit.is_clean(f"{endpoint.url} {path}\n{exact.decode('utf-8')}"):
        _refuse("something secret was found in the request")


def _parsed(body: bytes, path: str) -> Any:
    try:
        return json.loads(body, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        # Not chained: a JSON error keeps the document, and a log would keep the error.
        raise EgressRefused(f"the body of {path} is not plain JSON", hint=_HINT) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two equal keys Python keeps the last, and the server perhaps the first."""
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a key comes twice")
    return dict(pairs)


def _no_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are not JSON")


def _refuse(message: str) -> NoReturn:
    raise EgressRefused(message, hint=_HINT)


_HINT = "report this: a part of lsp-debugger tried to send what it may not"


def _text(value: Any, permit: Permit | None) -> bool:
    return value == "" or (permit is not None and isinstance(value, str) and value in permit.texts)


def _model(value: Any, permit: Permit | None) -> bool:
    if permit is not None:
        return value == permit.model
    return isinstance(value, str) and _MODEL_NAME.fullmatch(value) is not None


def _model_name(value: Any, _: Permit | None) -> bool:
    return _model(value, None)


def _flag(value: Any, _: Permit | None) -> bool:
    return isinstance(value, bool) or value is None


def _number(value: Any, _: Permit | None) -> bool:
    return value is None or (isinstance(value, (int, float)) and abs(value) <= _LARGEST)


def _duration(value: Any, permit: Permit | None) -> bool:
    if isinstance(value, str):
        return _DURATION.fullmatch(value) is not None
    return _number(value, permit)


def _schema(value: Any, permit: Permit | None) -> bool:
    return value in (None, "json") or (
        permit is not None and permit.schema is not None and value == permit.schema
    )


def _nothing(value: Any, _: Permit | None) -> bool:
    return not value


def _one_of(*words: str | bool | None) -> _Check:
    return lambda value, _: not isinstance(value, (list, dict)) and value in words


def _list_of(check_item: _Check) -> _Check:
    def check_list(value: Any, permit: Permit | None) -> bool:
        return isinstance(value, list) and all(check_item(item, permit) for item in cast("list[Any]", value))

    return check_list


def _object(shape: Mapping[str, _Check]) -> _Check:
    def check_object(value: Any, permit: Permit | None) -> bool:
        if not isinstance(value, dict):
            return False
        items = cast("dict[str, Any]", value).items()
        return all(key in shape and shape[key](item, permit) for key, item in items)

    return check_object


def _numbers(*names: str) -> dict[str, _Check]:
    return dict.fromkeys(names, _number)


def _flags(*names: str) -> dict[str, _Check]:
    return dict.fromkeys(names, _flag)


_MESSAGES = _list_of(_object({"role": _one_of("system", "user", "assistant"), "content": _text}))
_THINKING = _one_of(True, False, None, "none", "minimal", "low", "medium", "high")
_TEMPLATE_OPTIONS = _object({**_flags("enable_thinking", "thinking"), "reasoning_effort": _THINKING})

_OLLAMA: dict[str, _Check] = {
    "model": _model,
    "keep_alive": _duration,
    "format": _schema,
    "think": _THINKING,
    "tools": _nothing,
    "top_logprobs": _number,
    "options": _object(
        _numbers(
            "num_ctx", "num_batch", "num_gpu", "num_thread", "num_keep", "num_predict", "seed", "temperature",
            "top_k", "top_p", "min_p", "typical_p", "repeat_last_n", "repeat_penalty", "presence_penalty",
            "frequency_penalty",
        )
    ),
    **_flags("stream", "logprobs", "truncate", "shift"),
}  # fmt: skip
_OPENAI: dict[str, _Check] = {
    "model": _model,
    "keep_alive": _duration,
    "reasoning_effort": _THINKING,
    "reasoning_format": _one_of("none", "auto", "deepseek", "deepseek-legacy", None),
    "chat_template_kwargs": _TEMPLATE_OPTIONS,
    "tools": _nothing,
    "stream_options": _object(_flags("include_usage", "include_obfuscation")),
    "response_format": _object(
        {
            "type": _one_of("text", "json_object", "json_schema"),
            "schema": _schema,
            "json_schema": _object({"name": _one_of("answer"), "strict": _flag, "schema": _schema}),
        }
    ),
    # The old completions take a count here, the chat a flag.
    "logprobs": _number,
    **_numbers(
        "max_tokens", "max_completion_tokens", "n_predict", "temperature", "top_p", "top_k", "min_p", "seed",
        "n", "n_probs", "top_logprobs", "presence_penalty", "frequency_penalty", "id_slot",
        "reasoning_budget", "t_max_predict_ms",
    ),
    **_flags("stream", "cache_prompt", "return_progress", "timings_per_token", "store"),
}  # fmt: skip

_CHAT = _Rule("POST", _object({**_OPENAI, "messages": _MESSAGES}))
_COMPLETION = _Rule("POST", _object({**_OPENAI, "prompt": _text}))
_RULES: dict[str, _Rule] = {
    **dict.fromkeys(
        (
            "/api/version", "/api/tags", "/api/ps",
            "/v1/models", "/models", "/health", "/props", "/slots", "/metrics", "/version",
        ),
        _Rule("GET"),
    ),
    "/api/show": _Rule("POST", _object({"model": _model_name, "verbose": _flag})),
    "/api/chat": _Rule("POST", _object({**_OLLAMA, "messages": _MESSAGES})),
    "/api/generate": _Rule("POST", _object({**_OLLAMA, "prompt": _text, "system": _text, "raw": _flag})),
    "/v1/chat/completions": _CHAT,
    "/chat/completions": _CHAT,
    "/v1/completions": _COMPLETION,
    "/completions": _COMPLETION,
    # Vectors are made of much more source text than a question shows, so they are made here.
    "/api/embed": _Rule(
        "POST",
        _object({"model": _model, "input": _list_of(_text), "keep_alive": _duration, "truncate": _flag}),
        here_only=True,
    ),
    "/v1/embeddings": _Rule(
        "POST",
        _object({"model": _model, "input": _list_of(_text), "encoding_format": _one_of("float")}),
        here_only=True,
    ),
    "/tokenize": _Rule(
        "POST",
        _object({"content": _text, **_flags("add_special", "parse_special", "with_pieces")}),
        own_only=True,
    ),
    "/apply-template": _Rule(
        "POST",
        _object({"messages": _MESSAGES, "chat_template_kwargs": _TEMPLATE_OPTIONS}),
        own_only=True,
    ),
}  # fmt: skip
_METADATA = frozenset({"/api/show"})
