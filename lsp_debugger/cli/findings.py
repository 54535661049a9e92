"""Real findings of the tools installed here, as an editor's other servers would bring them."""

from __future__ import annotations

import asyncio
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_debugger import spawn
from lsp_debugger.core.ask import Problem
from lsp_debugger.core.text import LineIndex

if TYPE_CHECKING:
    from lsp_debugger.checkers import Checked

_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding; lines and columns are 0-based code points, end exclusive."""

    path: Path
    source: str
    code: str
    message: str
    severity: int
    line: int
    column: int
    end_line: int
    end_column: int

    def position(self) -> dict[str, int]:
        return {"line": self.line, "character": self.column}

    def diagnostic(self) -> dict[str, Any]:
        return {
            "range": {
                "start": self.position(),
                "end": {"line": self.end_line, "character": self.end_column},
            },
            "severity": self.severity,
            "source": self.source,
            "code": self.code,
            "message": self.message,
        }


def findings_of(project: Path, only: set[str]) -> tuple[list[Finding], list[Checked]]:
    """What the checkers named in `only` find in a folder, and which of them could not be asked."""
    checked = asyncio.run(_checked(project, only))
    problems = [problem for each in checked for problem in each.problems]
    return [_finding(problem) for problem in problems if problem.span], [
        each for each in checked if each.reason
    ]


async def _checked(project: Path, only: set[str]) -> list[Checked]:
    from lsp_debugger.wiring import open_session

    async with open_session(roots=[project]) as session:
        return await session.shown(await session.check(project, only))


def _finding(problem: Problem) -> Finding:
    assert problem.path is not None, "it has a span"
    assert problem.span is not None, "asked only for such"
    path = Path(problem.path)
    lines = LineIndex(path.read_text("utf-8"))
    line, end_line = lines.line_of(problem.span.start), lines.line_of(problem.span.end)
    return Finding(
        path=path,
        source=problem.source,
        code=problem.code,
        message=problem.message,
        severity=int(problem.severity),
        line=line,
        column=problem.span.start - lines.span_of(line).start,
        end_line=end_line,
        end_column=problem.span.end - lines.span_of(end_line).start,
    )


def traceback_of(script: Path) -> list[Finding]:
    """Run a script of ours and take the place and the words of the exception it dies of."""
    done = spawn.run_blocking(
        [sys.executable, "-B", script.name], cwd=script.parent, timeout_s=_TIMEOUT_S, untrusted_roots=()
    )
    text = done.stderr.decode("utf-8", "replace").strip()
    frames = re.findall(r'File "([^"]+)", line (\d+)', text)
    if done.returncode == 0 or not frames:
        return []
    row = int(frames[-1][1]) - 1
    line = script.read_text("utf-8").splitlines()[row]
    return [
        Finding(
            path=script,
            source="Python",
            code=text.splitlines()[-1].split(":", 1)[0],
            message=text.splitlines()[-1],
            severity=1,
            line=row,
            column=len(line) - len(line.lstrip()),
            end_line=row,
            end_column=len(line),
        )
    ]
