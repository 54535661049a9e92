"""What gcc says of one mistake in several messages, as one; and without what only follows from an error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lsp_debugger.checkers.c_text import Said, Spot

# The second is left out where the first is told on the same line.
_SAME = {
    "-Wuse-after-free": "-Wanalyzer-use-after-free",
    "-Wuninitialized": "-Wanalyzer-use-of-uninitialized-value",
    "-Wmaybe-uninitialized": "-Wanalyzer-use-of-uninitialized-value",
    "-Wfree-nonheap-object": "-Wanalyzer-free-of-non-heap",
    "-Wnull-dereference": "-Wanalyzer-null-dereference",
    "-Wanalyzer-malloc-leak": "-Wanalyzer-file-leak",
    "-Wmisleading-indentation": "-Wempty-body",
    "-Wbuiltin-declaration-mismatch": "-Wimplicit-function-declaration",
}
_REORDERED = "will be initialized after"


def told_once(found: Sequence[Said]) -> list[Said]:
    """found: everything about one file, in the order of the runs."""
    has_error = any("error" in said.level for said in found)
    lines = {(said.spot.path, said.spot.line, said.code) for said in found}
    errors = {(said.spot.line, said.spot.text) for said in found if "error" in said.level}
    kept = list[Said]()
    paths = set[tuple[str, str, int]]()
    for said in _joined(found):
        first = _SAME.get(said.code)
        if first is not None and (said.spot.path, said.spot.line, first) in lines:
            continue
        if has_error and _follows(said):
            continue
        if said.level == "warning" and (said.spot.line, said.spot.text) in errors:
            continue
        # A variable that is read without a value in one line is so in the next ones too.
        if said.code == "-Wanalyzer-use-of-uninitialized-value" and said.notes:
            path = (said.spot.path, said.spot.text, said.notes[0].line)
            if path in paths:
                continue
            paths.add(path)
        kept.append(said)
    return kept


def _follows(said: Said) -> bool:
    """What did not compile returns nothing and uses nothing, as far as gcc can see."""
    return said.code.startswith("-Wunused") or said.spot.text.startswith("control reaches end")


def _joined(found: Sequence[Said]) -> Iterator[Said]:
    """-Wreorder is three warnings; a failed deduction is an error that only announces the next."""
    waiting = iter(found)
    for said in waiting:
        if said.code == "-Wreorder" and said.spot.text.endswith(_REORDERED):
            for part in (next(waiting, None), next(waiting, None)):
                if part is not None:
                    said.notes.append(Spot(part.spot.path, part.spot.line, 0, part.spot.text))
        if not said.spot.text.endswith("deduction failed:"):
            yield said
