"""Write a test that fails because of this problem: now, and for the same reason, before it is shown."""

from __future__ import annotations

from lsp_debugger.core.ask import Ask, Problem

TASK = (
    "Write one pytest test that fails now because of this problem, and passes once it is fixed. It calls the "
    "code that is given above as its users do, with the smallest input that shows the problem, and asserts "
    "what the code should do; it expects no exception that comes from the problem, and mocks nothing of the "
    "code that has it. Answer with one Python code block and nothing else: its imports, then one function. "
    "The function is called `{name}` and takes no arguments. The test goes into `{path}`{exists}."
)
_EXISTS = ", which has other tests already: do not repeat those"


def ask(problem: Problem, path: str, *, exists: bool, name: str) -> Ask | None:
    """None where there is no code to test. path: where the test goes, below the root."""
    if not problem.message.strip() or problem.path is None or problem.stale:
        return None
    task = TASK.format(name=name, path=path, exists=_EXISTS if exists else "")
    return Ask(problem, task=task, task_name="fix", wants_patch=True)


def name_of_test(problem: Problem, scope: str, taken: frozenset[str]) -> str:
    """`test_total_f821`: after what is tested and what was found; none that is `taken`."""
    words = [*scope.split("."), problem.code or problem.source]
    plain = "_".join(
        "".join(letter if letter.isalnum() else "_" for letter in word) for word in words if word
    )
    base = f"test_{plain.strip('_').lower()}" if plain.isascii() and plain else "test_problem"
    return next(name for name in (base, *(f"{base}_{n}" for n in range(2, 1000))) if name not in taken)
