"""Fix the problem under the cursor: a model proposes, tools check, and only what was checked is shown."""

from __future__ import annotations

from lsp_debugger.core.ask import Ask, Problem

TASK = (
    "Fix the cause of this problem with the smallest change that keeps everything else as it is. Do not "
    "silence it: no comment or attribute that makes a tool ignore it, no removed check, test or assertion, "
    "no emptied handler. Answer with SEARCH/REPLACE blocks and nothing else. A block is the file's path on a "
    "line of its own, then these lines: `<<<<<<< SEARCH`, the lines of the file that change, exactly as they "
    "stand above, `=======`, the lines that replace them, `>>>>>>> REPLACE`. Take as few lines as make the "
    "place unmistakable."
)


def ask(problem: Problem) -> Ask | None:
    """None where there is no text to change."""
    if not problem.message.strip() or problem.path is None or problem.stale:
        return None
    return Ask(problem, task=TASK, task_name="fix", wants_patch=True)
