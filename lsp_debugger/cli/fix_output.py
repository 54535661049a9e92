"""What `lsp-debugger fix` prints, and the files that it writes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_debugger.cli.app import FAILED, OK
from lsp_debugger.core.ask import Place
from lsp_debugger.core.markdown import visible
from lsp_debugger.features.fix import change_words, titled
from lsp_debugger.features.preview import harmless, unified_diff

if TYPE_CHECKING:
    from lsp_debugger.fixing import Candidate, Fixes
    from lsp_debugger.verify.verdict import Verdict

_COLOURS = {"+++": "1", "---": "1", "@@": "36", "+": "32", "-": "31"}


def show(fixes: Fixes, name: str, callers: Sequence[Place], *, diff_only: bool) -> int:
    """The best of them, with everything that was not checked. name: Fix or Test."""
    for reason in fixes.reasons:
        print(f"refused: {visible(reason)}", file=sys.stderr)
    if not fixes.candidates:
        print(f"There is no {name.lower()} that holds. {visible(fixes.hint)}".rstrip(), file=sys.stderr)
        return FAILED
    best = fixes.candidates[0]
    out = sys.stderr if diff_only else sys.stdout
    change = change_words(best.before, best.applied.new_texts)
    print(visible(titled(change, best.words, name)), file=out)
    for rung in best.verdict.rungs:
        if rung.result.value == "not checked":
            print(f"not checked: {visible(rung.said)}", file=out)
    for caller in callers:
        print(f"may break: {visible(str(caller))} {visible(caller.note)}", file=out)
    print(_shown(diff_of(best)), end="")
    return OK


def print_json(fixes: Fixes, name: str, callers: Sequence[Place]) -> int:
    found = {
        "candidates": [as_json(each, name) for each in fixes.candidates],
        "reasons": fixes.reasons,
        "callers": [{"path": each.path, "line": each.line, "why": each.note} for each in callers],
    }
    print(json.dumps(found))
    return OK if fixes.candidates else FAILED


def apply(root: Path, best: Candidate) -> int:
    """Written only where files are still those that were checked, and nothing suspect."""
    if best.verdict.is_suspect:
        why = "silences the problem instead of fixing it" if best.verdict.flags else "writes a secret"
        print(f"not applied: it {why}", file=sys.stderr)
        return FAILED
    for path in best.applied.new_texts:
        place, text = root / path, best.before.get(path)
        now = place.read_bytes().decode("utf-8", "replace") if place.is_file() else None
        if now != text:
            print(f"not applied: {path} has changed meanwhile", file=sys.stderr)
            return FAILED
    for path, text in best.applied.new_texts.items():
        if text is None:
            (root / path).unlink()
        else:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(text.encode("utf-8"))
    print(f"applied to {', '.join(best.applied.new_texts)}")
    return OK


def diff_of(candidate: Candidate) -> str:
    """A unified diff, for people and for `git apply`."""
    return unified_diff(candidate.before, candidate.applied.new_texts)


def as_json(candidate: Candidate, name: str) -> dict[str, Any]:
    """As `fix --help` has it."""
    change = change_words(candidate.before, candidate.applied.new_texts)
    return {
        "title": titled(change, candidate.words, name),
        "verdict": verdict_json(candidate.verdict),
        "diff": diff_of(candidate),
        "placed": candidate.applied.rung.value,
        "repaired": candidate.repaired,
    }


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """One entry a rung, in the order in which they were climbed; for `patch verify` too."""
    return {
        "words": verdict.words,
        "flags": list(verdict.flags),
        "secrets": list(verdict.secrets),
        "rungs": [
            {
                "name": rung.name,
                "result": rung.result.value,
                "said": rung.said,
                "took_s": round(rung.took_s, 3),
            }
            for rung in verdict.rungs
        ],
    }


def _shown(diff: str) -> str:
    """As it is for a program; for a terminal with colours, and without what would move its cursor."""
    if not sys.stdout.isatty():
        return diff
    return "".join(f"{_coloured(line)}\n" for line in harmless(diff).splitlines())


def _coloured(line: str) -> str:
    colour = next((number for mark, number in _COLOURS.items() if line.startswith(mark)), "")
    colour = "" if os.environ.get("NO_COLOR") else colour
    return f"\x1b[{colour}m{line}\x1b[0m" if colour else line
