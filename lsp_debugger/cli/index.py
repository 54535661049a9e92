"""`lsp-debugger index`: the code index of a folder, without an editor."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import time
from argparse import Namespace
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_debugger.cli.app import FAILED, OK
from lsp_debugger.cli.arguments import Arguments
from lsp_debugger.cli.index_query import answer_of, queries, query_of
from lsp_debugger.cli.project import load_settings, open_state, root_of
from lsp_debugger.cli.state import shown_size
from lsp_debugger.core.errors import ConfigInvalid, IndexUnavailable

if TYPE_CHECKING:
    from lsp_debugger.index.client import IndexClient

HELP = """\
lsp-debugger index build|status|verify|compact|drop [PATH] [--json]
lsp-debugger index search [--k N] [--budget-tokens N] [--exclude-tests] [--json|--jsonl] [PATH] < QUERY

PATH is a folder; without it, the project around this one.

  build    bring the index up to date; says files, chunks, what was skipped and why, seconds, bytes
  status   the same counts of an index that is there
  search   a problem, a traceback or a failing test on standard input; the places that matter, nearest
           first. --json: {"hits": [{"path", "start_line", "end_line", "symbol", "kind", "score", "why"}],
           "index_version"}, lines 1-based and inclusive. --jsonl: {"id", "query", "traceback"?} a line in,
           {"id", "hits", "index_version"} a line out. --budget-tokens: as many hits as fit, neighbours joined
  verify   hold every row against its file; compact: free what old versions take; drop: delete the index

Exit codes: 0 done, 1 something is damaged, 2 the command line is wrong, 3 the index cannot be used."""

_LONGEST_BUILD_S = 24 * 3600.0
_ANSWER_TIMEOUT_S = 120.0
_POLL_S = 0.05
_TOP_K = 10
_MOST_HITS = 100  # a budget says how many are wanted
_SHOW_AFTER_S = 2.0


def run(args: Sequence[str]) -> int:
    parsed = _parser().parse_args(list(args))
    action: Callable[[Namespace], int] = parsed.action
    return action(parsed)


def _parser() -> Arguments:
    parser = Arguments("lsp-debugger index")
    verbs = parser.add_subparsers(required=True, metavar="build|status|search|verify|compact|drop")
    actions = {
        "build": _build,
        "status": _status,
        "search": _search,
        "verify": _verify,
        "compact": _compact,
        "drop": _drop,
    }
    for name, action in actions.items():
        verb = verbs.add_parser(name)
        verb.add_argument("path", nargs="?", type=Path)
        verb.add_argument("--json", action="store_true")
        verb.set_defaults(action=action)
        if name == "search":
            verb.add_argument("--k", type=int)
            verb.add_argument("--budget-tokens", type=int)
            verb.add_argument("--exclude-tests", action="store_true")
            verb.add_argument("--jsonl", action="store_true")
    return parser


def _root(parsed: Namespace) -> Path:
    """A folder that is named is meant as it is; else the project around this one."""
    if parsed.path is None:
        return root_of(Path.cwd())
    if not parsed.path.is_dir():
        raise ConfigInvalid(f"{parsed.path} is no folder", "name the folder whose index is meant")
    return parsed.path.resolve()


def _build(parsed: Namespace) -> int:
    began_s = time.monotonic()
    details = _with_index(parsed, _tidied)
    return _told(parsed, {**details, "seconds": round(time.monotonic() - began_s, 1)})


def _status(parsed: Namespace) -> int:
    _check_there(parsed)
    return _told(parsed, _with_index(parsed, _details))


def _compact(parsed: Namespace) -> int:
    _check_there(parsed)

    return _told(parsed, _with_index(parsed, _compacted))


def _verify(parsed: Namespace) -> int:
    _check_there(parsed)

    async def verify(client: IndexClient) -> dict[str, Any]:
        return dict((await client.verify(_LONGEST_BUILD_S)).details)

    verified: dict[str, int] = _with_index(parsed, verify)["verified"]
    if parsed.json:
        print(json.dumps(verified))
    else:
        print(", ".join(f"{count:,} {word}" for word, count in verified.items()))
        if verified["damaged"]:
            print("Make it anew: lsp-debugger index drop, then index build", file=sys.stderr)
    return FAILED if verified["damaged"] else OK


def _drop(parsed: Namespace) -> int:
    from lsp_debugger.index.lock import WriterLock

    directory = _directory(parsed)
    if not directory.is_dir():
        print("There is no index.")
        return OK
    lock = WriterLock(directory)
    if not lock.acquire():
        raise IndexUnavailable("an editor keeps this index", hint="close it, then try again")
    try:
        shutil.rmtree(directory)
    finally:
        lock.release()
    print("Dropped.")
    return OK


def _search(parsed: Namespace) -> int:
    top_k = parsed.k if parsed.k is not None else _TOP_K if parsed.budget_tokens is None else _MOST_HITS
    if top_k < 1 or (parsed.budget_tokens is not None and parsed.budget_tokens < 1):
        raise ConfigInvalid("--k and --budget-tokens count from 1", "see `lsp-debugger index --help`")
    root = _root(parsed)

    async def answer(client: IndexClient, text: str, traceback: str) -> dict[str, Any]:
        query = query_of(text, traceback, root, exclude_tests=parsed.exclude_tests)
        merge = parsed.budget_tokens is not None
        hits = await client.find(query, top_k, _ANSWER_TIMEOUT_S, merge=merge)
        return answer_of(hits, client.version, parsed.budget_tokens)

    async def answer_all(client: IndexClient) -> dict[str, Any]:
        if not parsed.jsonl:
            found = await answer(client, sys.stdin.buffer.read().decode("utf-8", "replace"), "")
            print(json.dumps(found) if parsed.json else _as_text(found))
            return found
        for record in queries(sys.stdin.buffer):
            found = await answer(client, record["query"], record.get("traceback") or "")
            print(json.dumps({"id": record["id"], **found}), flush=True)
        return {}

    _with_index(parsed, answer_all)
    return OK


def _as_text(found: dict[str, Any]) -> str:
    return "\n".join(
        f"{hit['path']}:{hit['start_line']}-{hit['end_line']}  {hit['symbol'] or hit['kind']}"
        f"  {hit['score']:.2f}  {', '.join(hit['why'])}"
        for hit in found["hits"]
    )


def _with_index(parsed: Namespace, use: Callable[[IndexClient], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    return asyncio.run(_used(_root(parsed), use))


async def _used(root: Path, use: Callable[[IndexClient], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    """Start the worker, wait until the index is current, use it, end the worker."""
    from lsp_debugger.wiring import Session
    from lsp_debugger.wiring.indexes import index_client

    loaded = load_settings(root)
    state = open_state(loaded)
    policy = Session(loaded, state, [root]).policy
    progress = _Progress()
    client = index_client(root, state, loaded.settings, policy, progress)
    try:
        client.warm()
        await _until_current(client)
        progress.end()
        return await use(client)
    except TimeoutError as exc:
        raise IndexUnavailable("the index worker did not answer in time", hint="try again") from exc
    finally:
        progress.end()
        await client.aclose()


async def _until_current(client: IndexClient) -> None:
    deadline_s = time.monotonic() + _LONGEST_BUILD_S
    while time.monotonic() < deadline_s:
        status = await client.status()
        if status.state in {"failed", "closed"}:
            raise IndexUnavailable(status.reason or "the index cannot be used", hint="lsp-debugger doctor")
        if status.state == "ready" and str(status.details["phase"]).startswith(("current", "reading")):
            return
        await asyncio.sleep(_POLL_S)
    raise TimeoutError


async def _tidied(client: IndexClient) -> dict[str, Any]:
    """A new table has no readers that an old version would have to stay for; an editor's is left to it."""
    details = await _with_vectors(client)
    return await _compacted(client) if details["role"] == "writer" else details


async def _with_vectors(client: IndexClient) -> dict[str, Any]:
    """Once its vectors are made, too, or it is known why they are not."""
    details = await _details(client)
    while details["role"] == "writer" and (vectors := details["vectors"]) and not vectors["problem"]:
        if vectors["made"]:
            break
        await asyncio.sleep(_POLL_S)
        details = await _details(client) or details
    return details


async def _compacted(client: IndexClient) -> dict[str, Any]:
    return dict((await client.compact(_LONGEST_BUILD_S)).details)


async def _details(client: IndexClient) -> dict[str, Any]:
    return dict((await client.status()).details)


def _directory(parsed: Namespace) -> Path:
    root = _root(parsed)
    return open_state(load_settings(root)).workspace(root) / "index"


def _check_there(parsed: Namespace) -> None:
    if not (_directory(parsed) / "chunks.lance").is_dir():
        raise IndexUnavailable("there is no index yet", hint="make one: lsp-debugger index build")


def _told(parsed: Namespace, details: dict[str, Any]) -> int:
    from lsp_debugger.index.supervisor import vectors_shown

    if parsed.json:
        print(json.dumps(details))
        return OK
    size = shown_size(details["size_bytes"])
    seconds = f", {details['seconds']:.1f} s" if "seconds" in details else ""
    print(f"{details['files']:,} files, {details['chunks']:,} chunks, {size} on disk{seconds}")
    if details["skipped"]:
        counted = sorted(details["skipped"].items(), key=lambda each: -each[1])
        print("Skipped: " + ", ".join(f"{count:,} {reason}" for reason, count in counted))
    if shown := vectors_shown(details["vectors"]):
        print(f"{shown[0].upper()}{shown[1:]}")
    return OK


class _Progress:
    """A bar on a terminal's standard error for work that takes longer than two seconds."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()
        self._bar: Any = None
        self._task: Any = None

    def __call__(self, phase: str, done: int, total: int) -> None:
        if not sys.stderr.isatty() or time.monotonic() - self._began_s < _SHOW_AFTER_S:
            return
        if self._bar is None:
            from rich.console import Console
            from rich.progress import Progress

            self._bar = Progress(console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task(phase)
        self._bar.update(self._task, description=phase, completed=done, total=total or None)

    def end(self) -> None:
        bar, self._bar = self._bar, None
        if bar is not None:
            bar.stop()
