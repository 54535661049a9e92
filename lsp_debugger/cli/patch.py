"""`lsp-debugger patch`: models' answers in; what they come to, and what checks say of it, out."""

from __future__ import annotations

import asyncio
import json
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from lsp_debugger.cli.app import OK
from lsp_debugger.cli.arguments import Arguments
from lsp_debugger.cli.jsonl import records
from lsp_debugger.core.errors import ConfigInvalid

if TYPE_CHECKING:
    from lsp_debugger.core.patch import Applied
    from lsp_debugger.verify.ladder import Ladder
    from lsp_debugger.verify.verdict import Verdict

_INDEX_WAIT_S = 20.0  # once; tests are looked for in a whole index or not at all

HELP = """\
lsp-debugger patch apply --root DIR --jsonl
lsp-debugger patch verify --root DIR [--test CMD] [--check CMD] --jsonl

Reads one JSON object a line, {"id": …, "path": "…", "problem_line": 12, "completion": "…"}, and
writes one a line: {"id": …, "status": "applied", "new_text": "…", "rung": "exact", "files": {"…": "…"}},
or {"id": …, "status": "refused", "reason": "…", "rung": null}.
`path` is the file that holds the problem, below DIR. `problem_line` is optional, 1-based; it
decides between equal places. `new_text` is that file's, and `files` has the text of every file that
changes, null for one that is gone. `rung` is how its place was found, surest first: exact, file, definition,
whitespace, indentation, elided, fuzzy.

The answer may hold SEARCH/REPLACE blocks, a unified diff, a whole function or file, or JSON edits.
Nothing is written or sent, and every line is about the files as they are on the disk.

`verify` adds "verdict":
  {"words": "…", "flags": […], "secrets": […], "rungs": [{"name", "result", "said", "took_s"}, …]}
with an entry for every rung, cheapest first: applies, secrets kept, no new syntax errors, imports resolve,
finding gone, other checkers, check passes, tests pass. "result" is passed, failed or not checked, "said"
tells what or why, "took_s" in how many seconds. "words" is what a fix's title says; "flags" how it
silences, empty for most, and "secrets" which rules take something it writes for one.
The checkers that fit look at DIR with and without the patch, the worst that they say about `problem_line`
has to be gone; "other checkers" is not checked where one of them failed. What runs code runs isolated,
without network, home folder and sockets, or not at all.
  --check CMD   a checker of your own: it has to end with 0
  --test CMD    tests: they have to end with 0 and to run the patched file; without it, in a folder that you
                trust, those of the code that changes, which the index finds

Exit codes: 0 done, 2 a line cannot be read, DIR is no folder or CMD no program."""


def run(args: Sequence[str]) -> int:
    if not args or args[0] not in {"apply", "verify"}:
        raise ConfigInvalid("say what to do: apply or verify", "see `lsp-debugger patch --help`")
    verb, *rest = args
    parser = Arguments(f"lsp-debugger patch {verb}")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--jsonl", action="store_true", required=True)
    if verb == "verify":
        parser.add_argument("--test", default="")
        parser.add_argument("--check", default="")
    parsed = parser.parse_args(rest)
    if not parsed.root.is_dir():
        raise ConfigInvalid(f"{parsed.root} is no folder", "name the workspace's root")
    if verb == "verify":
        return asyncio.run(_verify(parsed))
    for record in _records(sys.stdin.buffer):
        _print(_said(record, parsed.root, _applied(parsed.root, record)))
    return OK


async def _verify(parsed: Namespace) -> int:
    from lsp_debugger.cli.fix import command_of
    from lsp_debugger.cli.fix_output import verdict_json
    from lsp_debugger.wiring import open_session
    from lsp_debugger.wiring.verification import ladder

    root: Path = parsed.root.resolve()
    test, check = (command_of(each) if each else None for each in (parsed.test, parsed.check))
    async with open_session(roots=[root]) as session:
        covering = session.repairs.covering(root, _INDEX_WAIT_S)
        made = ladder(root, session.workspace, session.state, session.trust, test or covering, check=check)
        for record in _records(sys.stdin.buffer):
            applied = _applied(root, record)
            said = _said(record, root, applied)
            if not isinstance(applied, str):
                said["verdict"] = verdict_json(_with_every_rung(await _verdict(made, record, applied)))
            _print(said)
    return OK


async def _verdict(made: Ladder, record: dict[str, Any], applied: Applied) -> Verdict:
    before = {path: text for path in applied.new_texts if (text := _kept(made.root / path)) is not None}
    return await made.verdict(applied, before, None, record.get("problem_line"))


def _kept(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):  # it is new
        return None


def _with_every_rung(verdict: Verdict) -> Verdict:
    """An entry also for those that nobody has come to."""
    from lsp_debugger.verify.ladder import RUNGS
    from lsp_debugger.verify.verdict import Result, RungResult

    climbed = {rung.name: rung for rung in verdict.rungs}
    why = "not reached: a rung before it failed" if verdict.is_refuted else "not asked for"
    rungs = [climbed.get(name, RungResult(name, Result.NOT_CHECKED, why)) for name in RUNGS]
    return replace(verdict, rungs=tuple(rungs))


def _applied(root: Path, record: dict[str, Any]) -> Applied | str:
    """What the answer comes to, or why it was refused."""
    from lsp_debugger.core.patch import PatchRefused
    from lsp_debugger.policy.paths import Workspace
    from lsp_debugger.verify.apply import apply_completion

    path: str = record["path"]
    if Workspace((str(root.resolve()),)).names_of(path).outside:
        return "the file is outside of --root"
    result = apply_completion(record["completion"], root, path, record.get("problem_line"))
    return result.reason if isinstance(result, PatchRefused) else result


def _said(record: dict[str, Any], root: Path, applied: Applied | str) -> dict[str, Any]:
    if isinstance(applied, str):
        return {"id": record["id"], "status": "refused", "reason": applied, "rung": None}
    files, path = dict(applied.new_texts), Path(record["path"])
    own = path.relative_to(root) if path.is_relative_to(root) else path
    new_text = files.get(own.as_posix())
    if new_text is None and len(files) == 1:
        new_text = next(iter(files.values()))
    rung = applied.rung.value
    return {"id": record["id"], "status": "applied", "new_text": new_text, "rung": rung, "files": files}


def _print(said: dict[str, Any]) -> None:
    print(json.dumps(said), flush=True)


def _records(lines: IO[bytes]) -> Iterator[dict[str, Any]]:
    for number, fields in records(lines, ("path", "completion")):
        where = fields.get("problem_line")
        if where is not None and (type(where) is not int or where < 1):
            raise ConfigInvalid(f'"problem_line" of line {number} is no line number', "lines count from 1")
        yield fields
