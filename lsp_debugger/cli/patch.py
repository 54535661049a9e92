"""`lsp-debugger patch apply`: models' answers in, the texts that they come to out, one JSON object a line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from lsp_debugger.cli.app import OK
from lsp_debugger.cli.arguments import Arguments
from lsp_debugger.cli.jsonl import records
from lsp_debugger.core.errors import ConfigInvalid

HELP = """\
lsp-debugger patch apply --root DIR --jsonl

Reads one JSON object a line, {"id": …, "path": "…", "problem_line": 12, "completion": "…"}, and
writes one a line: {"id": …, "status": "applied", "new_text": "…", "rung": "exact", "files": {"…": "…"}},
or {"id": …, "status": "refused", "reason": "…", "rung": null}.
`path` is the file that holds the problem, below DIR. `problem_line` is optional, 1-based; it
decides between equal places. `new_text` is that file's, and `files` has the text of every file that
changes, null for one that is gone.

The answer may hold SEARCH/REPLACE blocks, a unified diff, a whole function or file, or JSON edits.
Nothing is written, run or sent, and every line is about the files as they are on the disk.
Exit codes: 0 done, 2 a line cannot be read or DIR is no folder."""


def run(args: Sequence[str]) -> int:
    if not args or args[0] != "apply":
        raise ConfigInvalid("say what to do: apply", "see `lsp-debugger patch --help`")
    parser = Arguments("lsp-debugger patch apply")
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--jsonl", action="store_true", required=True)
    parsed = parser.parse_args(list(args[1:]))
    if not parsed.root.is_dir():
        raise ConfigInvalid(f"{parsed.root} is no folder", "name the workspace's root")
    for record in _records(sys.stdin.buffer):
        print(json.dumps(_applied(parsed.root, record)), flush=True)
    return OK


def _applied(root: Path, record: dict[str, Any]) -> dict[str, Any]:
    from lsp_debugger.core.patch import PatchRefused
    from lsp_debugger.policy.paths import Workspace
    from lsp_debugger.verify.apply import apply_completion

    path: str = record["path"]
    if Workspace((str(root.resolve()),)).names_of(path).outside:
        return _refused(record, "the file is outside of --root")
    result = apply_completion(record["completion"], root, path, record.get("problem_line"))
    if isinstance(result, PatchRefused):
        return _refused(record, result.reason)
    files = dict(result.new_texts)
    own = str(Path(path)).replace("\\", "/") if not Path(path).is_absolute() else None
    new_text = files.get(own or "")
    if new_text is None and len(files) == 1:
        new_text = next(iter(files.values()))
    return {
        "id": record["id"],
        "status": "applied",
        "new_text": new_text,
        "rung": result.rung.value,
        "files": files,
    }


def _refused(record: dict[str, Any], reason: str) -> dict[str, Any]:
    return {"id": record["id"], "status": "refused", "reason": reason, "rung": None}


def _records(lines: IO[bytes]) -> Iterator[dict[str, Any]]:
    for number, fields in records(lines, ("path", "completion")):
        where = fields.get("problem_line")
        if where is not None and (type(where) is not int or where < 1):
            raise ConfigInvalid(f'"problem_line" of line {number} is no line number', "lines count from 1")
        yield fields
