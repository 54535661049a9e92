"""Variables that are set in a shell of its own, and so are not set."""

from __future__ import annotations

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.shellcheck.script import (
    line_place,
    settings,
    shebang,
)
from lsp_debugger.cards.shellcheck.variables import subject
from lsp_debugger.core.ask import Card
from lsp_debugger.core.text import Span


def lost_setting(case: Case) -> Card | None:
    """SC2030: in the subshell."""
    name, shell = subject(case), _subshell(case)
    if not name or shell is None:
        return None
    line, said = shell
    return Card(
        f"This change of `{name}` is gone at the end of {said}, which is a shell of its own.",
        (line_place(case, line),),
        _last_pipe(case, said),
    )


def read_after(case: Case) -> Card | None:
    """SC2031: behind the subshell."""
    name = subject(case)
    nodes = case.nodes
    if nodes is None or f"{name} was modified" not in case.problem.message:
        return None
    for each in reversed([each for each in settings(case, name) if each.start < case.span.start]):
        shell = _subshell_of(case, Span(each.start, each.start + len(name)))
        if shell is not None:
            line, said = shell
            return Card(
                f"`{name}` does not have the value of line {each.line} here: that was set in {said}, "
                "which is a shell of its own.",
                (line_place(case, each.line), line_place(case, line))
                if line != each.line
                else (line_place(case, line),),
                _last_pipe(case, said),
            )
    return None


def _last_pipe(case: Case, said: str) -> tuple[str, ...]:
    if "pipe" not in said or "bash" not in shebang(case):
        return ()
    return ("`done < <(command)` in place of `command | while …` keeps the loop in this shell.",)


def _subshell(case: Case) -> tuple[int, str] | None:
    return _subshell_of(case, case.span)


def _subshell_of(case: Case, span: Span) -> tuple[int, str] | None:
    """The innermost pipe or parentheses around `span`: the line where it begins, and how to call it."""
    nodes = case.nodes
    around = nodes.around(span, "pipeline", "subshell", "command_substitution") if nodes is not None else None
    if nodes is None or around is None:
        return None
    line = nodes.line(around)
    if around.type == "pipeline":
        return line, f"the pipe of line {line}"
    kind = "the parentheses" if around.type == "subshell" else "the command substitution"
    return line, f"{kind} of line {line}"
