"""What the official clients are built from, and the small questions asked without them."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, cast

from lsp_debugger.core.errors import BackendUnavailable, EgressRefused, LspDebuggerError, ModelMissing
from lsp_debugger.core.model import Endpoint
from lsp_debugger.egress.door import Door
from lsp_debugger.egress.target import Target, base_url

if TYPE_CHECKING:
    import httpx2

# A prompt is read before the first byte of an answer comes, which takes minutes on a slow machine.
_CONNECT_S, _WRITE_S, _READ_S = 5.0, 30.0, 600.0
_MAX_ANSWER_BYTES = 16 * 1024 * 1024


def ollama_options(endpoint: Endpoint, api_key: str | None = None) -> dict[str, Any]:
    """Arguments for `ollama.AsyncClient`. It reads OLLAMA_HOST and OLLAMA_API_KEY where one lets it.

    The first call takes 0.1 s of imports, as that of `openai_http_client` does.
    """
    httpx: Any = _loaded("httpx")
    return {
        "host": base_url(endpoint),
        "transport": Door(httpx, Target.of(endpoint), api_key),
        "follow_redirects": False,
        "trust_env": False,
        "timeout": httpx.Timeout(_READ_S, connect=_CONNECT_S, write=_WRITE_S, pool=_CONNECT_S),
    }


def openai_http_client(endpoint: Endpoint, api_key: str | None = None) -> httpx2.AsyncClient:
    """For `openai.AsyncOpenAI(http_client=..., base_url=egress.base_url(endpoint), max_retries=0)`.

    The key given to AsyncOpenAI is replaced by `api_key`, or removed. Not to be used with another
    endpoint: it refuses.
    """
    module: Any = _loaded("httpx2")
    client: httpx2.AsyncClient = module.AsyncClient(
        transport=Door(module, Target.of(endpoint), api_key),
        base_url=base_url(endpoint),
        follow_redirects=False,
        trust_env=False,
        timeout=module.Timeout(_READ_S, connect=_CONNECT_S, write=_WRITE_S, pool=_CONNECT_S),
    )
    return client


async def probe_json(
    endpoint: Endpoint,
    method: str,
    path: str,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    timeout_s: float = 3.0,
) -> Any:
    """Ask a server about itself, its models or, with a permit, for vectors; returns the JSON as it came.

    path: below the server's root, such as /api/tags or /v1/models. headers: Authorization and no other.
    Raises BackendUnavailable (ModelMissing when /api/show says 404), and EgressRefused.
    """
    httpx: Any = await asyncio.to_thread(_loaded, "httpx")
    target = Target.of(endpoint)
    door = Door(httpx, target, _bearer(headers or {}))
    try:
        async with asyncio.timeout(timeout_s), httpx.AsyncClient(transport=door, trust_env=False) as client:
            request = client.build_request(method, target.origin + target.root + path, json=body)
            response = await client.send(request, stream=True)
            try:
                if response.status_code != 200:
                    raise _status(endpoint, response.status_code, path)
                return json.loads(await _read(response, endpoint))
            finally:
                await response.aclose()
    except ValueError:
        # Not chained: a JSON error keeps the whole document.
        raise BackendUnavailable(
            f"{endpoint.name} at {target.shown} answers something that is not JSON",
            hint="check that this is the address of a model's server",
        ) from None
    except (TimeoutError, httpx.HTTPError) as exc:
        raise translated(exc, endpoint) from exc


def _loaded(name: Literal["httpx", "httpx2"]) -> ModuleType:
    """The module, with what it would otherwise import during its first request, on the loop.

    Takes 0.1 s the first time: the loop calls it in a thread.
    """
    if name == "httpx":
        import httpx as module
    else:
        import httpx2 as module
    for late in (name.replace("httpx", "httpcore"), "anyio", "anyio._backends._asyncio"):
        with contextlib.suppress(ImportError):
            importlib.import_module(late)
    return module


def translated(exc: BaseException, endpoint: Endpoint) -> LspDebuggerError:
    """What a client's exception means, in our words; one of ours inside of it comes out as it is.

    For those of httpx, httpx2, ollama and openai. What the server said is left out: it may quote
    the prompt.
    """
    chain = list(_chain(exc))
    for each in chain:
        if isinstance(each, LspDebuggerError):
            return each
    where = f"{endpoint.name} at {Target.of(endpoint).shown}"
    names = {base.__name__ for each in chain for base in type(each).__mro__}
    for each in chain:
        status = getattr(each, "status_code", None)
        if isinstance(status, int) and status > 0:
            return _status(endpoint, status)
    return _broken(names, where, type(exc).__name__)


def _broken(names: set[str], where: str, name: str) -> BackendUnavailable:
    """What it means by the names of its classes: httpx and httpx2 share no class."""
    if "SSLCertVerificationError" in names:
        return BackendUnavailable(
            f"the certificate of {where} is not trusted",
            hint="set the endpoint's ca_file, or let the administrator add its authority to this system",
        )
    if "ProxyError" in names:
        return BackendUnavailable(
            f"the proxy refuses to lead to {where}", hint="ask whoever looks after the proxy for that host"
        )
    if names & {"ConnectError", "ConnectTimeout", "ConnectionError"}:
        return BackendUnavailable(f"nothing answers for {where}", hint="start it, then: lsp-debugger doctor")
    if names & {"TimeoutException", "TimeoutError", "APITimeoutError"}:
        return BackendUnavailable(f"{where} took too long", hint="try again, or choose a smaller model")
    return BackendUnavailable(f"the connection to {where} broke ({name})", hint="look at that server's log")


def _chain(exc: BaseException) -> Iterator[BaseException]:
    """The exception, those it came from, and those of a group, each once."""
    waiting, seen = [exc], set[int]()
    while waiting:
        each = waiting.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        if isinstance(each, BaseExceptionGroup):
            waiting.extend(cast("BaseExceptionGroup[BaseException]", each).exceptions)
        waiting.extend(cause for cause in (each.__cause__, each.__context__) if cause is not None)


def _status(endpoint: Endpoint, status: int, path: str = "") -> BackendUnavailable:
    where = f"{endpoint.name} at {Target.of(endpoint).shown}"
    if status == 404 and path == "/api/show":
        return ModelMissing(f"{where} does not have this model", hint="lsp-debugger doctor lists what it has")
    if status in {401, 403}:
        return BackendUnavailable(f"{where} refuses us ({status})", hint="check the key for this server")
    return BackendUnavailable(f"{where} answered {status}", hint="look at that server's log")


def _bearer(headers: Mapping[str, str]) -> str | None:
    key = None
    for name, value in headers.items():
        if name.lower() != "authorization" or not value.startswith("Bearer "):
            raise EgressRefused(
                "only a bearer key travels in a header", hint="report this: it is a bug of ours"
            )
        key = value.removeprefix("Bearer ")
    return key


async def _read(response: Any, endpoint: Endpoint) -> bytes:
    data = bytearray()
    async for piece in response.aiter_bytes():
        data += piece
        if len(data) > _MAX_ANSWER_BYTES:
            raise BackendUnavailable(
                f"{endpoint.name} answers with more than {_MAX_ANSWER_BYTES >> 20} MiB",
                hint="check that this is the address of a model's server",
            )
    return bytes(data)
