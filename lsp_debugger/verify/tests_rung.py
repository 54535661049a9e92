"""The rungs that run code in the patched tree: the user's check, and tests that have to meet the patch."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence

from lsp_debugger.spawn import Completed
from lsp_debugger.verify import proof
from lsp_debugger.verify.isolated import Isolated
from lsp_debugger.verify.test_output import failing, passed
from lsp_debugger.verify.trees import Texts, Tree, located
from lsp_debugger.verify.verdict import Result, RungResult

CHECK = "check passes"
TESTS = "tests pass"

# Runs a command in a tree, so that what it loads of the patched files is told.
Runs = Callable[[Tree, Sequence[str], float, Texts], Awaitable[Isolated]]

_NOT_STARTED = {126, 127}  # a shell's words for a program that cannot be started, and for none
_NO_TESTS = 5  # pytest's


async def tests_rung(
    tree: Tree,
    command: Sequence[str],
    timeout_s: float,
    patched: Texts,
    run: Runs,
    plain: Tree | None,
) -> RungResult:
    """Run `command`, an absolute program first, in the patched tree. Never raises for what it does.

    patched: what the patch itself changes, of all the texts of the tree. plain: without the patch, for tests
    that nobody named: where they fail there too, that says nothing of the patch.
    """
    began = time.perf_counter()
    done = await run(tree, command, timeout_s, patched)
    result, words = _tested(done, {located(tree, path): text for path, text in patched.items()})
    if result is Result.FAILED and plain is not None:
        result, words = _compared(done, await run(plain, command, timeout_s, {}), words)
    return RungResult(TESTS, result, words, time.perf_counter() - began)


def _tested(run: Isolated, patched: Texts) -> tuple[Result, str]:
    if run.failed:
        return Result.FAILED, f"the tests did not end: {run.failed}"
    if run.done is None:
        return Result.NOT_CHECKED, f"tests not run: {run.why_not}"
    if run.done.truncated:
        return Result.FAILED, "the tests did not end: they print without an end"
    result, words = _ended(run.done)
    if result is Result.PASSED and not proof.is_proven(patched, run.left.values()):
        return Result.NOT_CHECKED, "the tests pass, but were not seen to run the patched file"
    return result, words


def _ended(done: Completed) -> tuple[Result, str]:
    count = passed(_text(done))
    if done.returncode in _NOT_STARTED:
        return Result.NOT_CHECKED, f"tests not run ({_last_line(done)})"
    if count == 0 and done.returncode in {0, _NO_TESTS}:
        return Result.NOT_CHECKED, "tests not run: none was found"
    if done.returncode != 0:
        return Result.FAILED, f"the tests fail ({_last_line(done)})"
    return Result.PASSED, _counted(count)


def _compared(after: Isolated, before: Isolated, words: str) -> tuple[Result, str]:
    """What a failure is worth, by how the same tests end without the patch."""
    if before.done is not None and before.done.returncode == 0 and not before.done.truncated:
        return Result.FAILED, words
    if after.done is not None and before.done is not None:
        broken = sorted(failing(_text(after.done)) - failing(_text(before.done)))
        if broken and failing(_text(before.done)):
            return Result.FAILED, f"breaks {broken[0]}{f' and {len(broken) - 1} more' if broken[1:] else ''}"
    return Result.NOT_CHECKED, f"{words}; no better without the patch"


async def check_rung(
    patched_tree: Tree, plain: Tree, command: Sequence[str], timeout_s: float, run: Runs
) -> RungResult:
    """Run a checker of the user's own, which ends with 0 when it is content. plain: without the patch."""
    began = time.perf_counter()

    def said(result: Result, words: str) -> RungResult:
        return RungResult(CHECK, result, words, time.perf_counter() - began)

    after = await run(patched_tree, command, timeout_s, {})
    if after.done is None:
        why = after.why_not or f"it did not end: {after.failed}"
        return said(Result.NOT_CHECKED, f"the check was not run: {why}")
    if after.done.returncode == 0:
        return said(Result.PASSED, "the check passes")
    before = await run(plain, command, timeout_s, {})
    if before.done is not None and before.done.returncode != 0:
        words = f"the check fails without the patch too ({_last_line(after.done)})"
        return said(Result.NOT_CHECKED, words)
    return said(Result.FAILED, f"the check fails ({_last_line(after.done)})")


def _counted(count: int | None) -> str:
    """`3 tests pass`, where the runner counts them."""
    if count is None:
        return "the tests pass"
    return "1 test passes" if count == 1 else f"{count} tests pass"


def _text(done: Completed) -> str:
    return done.stdout.decode("utf-8", "replace")


def _last_line(done: Completed) -> str:
    said = done.stdout.strip() or done.stderr.strip()
    lines = said.decode("utf-8", "replace").splitlines()
    return " ".join(lines[-1].strip("= ").split())[:80] if lines else "no word why"
