"""Real findings of the tools installed here, as an editor's other servers would bring them."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsp_debugger import spawn, tools

_TIMEOUT_S = 30.0
_TYPES_TIMEOUT_S = 120.0
_TSC_LINE = re.compile(
    r"^(?P<path>.+?)\((?P<line>\d+),(?P<column>\d+)\): (?:error|warning) (?P<code>TS\d+): (?P<message>.*)$"
)


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


def ruff_findings(target: Path) -> list[Finding] | None:
    """Findings in a file or below a folder; None when ruff is not here. Nothing is written."""
    tool = tools.find_tool("ruff")
    if tool is None:
        return None
    done = spawn.run_blocking(
        [str(tool.path), "check", "--no-cache", "--output-format", "json", str(target)],
        cwd=target if target.is_dir() else target.parent,
        timeout_s=_TIMEOUT_S,
    )
    return [
        Finding(
            path=Path(each["filename"]),
            source="Ruff",
            code=each["code"] or "invalid-syntax",
            message=each["message"],
            severity=1,
            line=each["location"]["row"] - 1,
            column=each["location"]["column"] - 1,
            end_line=each["end_location"]["row"] - 1,
            end_column=each["end_location"]["column"] - 1,
        )
        for each in json.loads(done.stdout or b"[]")
    ]


def pyright_findings(target: Path, root: Path) -> list[Finding] | None:
    """Findings of basedpyright in one file; None when it is not here.

    Not of the `pyright` that PyPI has: that one downloads the real program when it is first run.
    """
    tool = tools.find_tool("basedpyright")
    if tool is None:
        return None
    done = spawn.run_blocking(
        [str(tool.path), "--outputjson", str(target)], cwd=root, timeout_s=_TYPES_TIMEOUT_S
    )
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return []
    return [
        Finding(
            path=Path(each["file"]),
            source="basedpyright",
            code=each.get("rule", ""),
            message=each["message"],
            severity={"error": 1, "warning": 2}.get(each["severity"], 3),
            line=each["range"]["start"]["line"],
            column=each["range"]["start"]["character"],
            end_line=each["range"]["end"]["line"],
            end_column=each["range"]["end"]["character"],
        )
        for each in report.get("generalDiagnostics", [])
        if "range" in each  # what is about the run as a whole has none
    ]


def tsc_findings(root: Path) -> list[Finding] | None:
    """None when no `tsc` is on PATH. Only what it prints; it emits nothing."""
    tool = tools.find_tool("tsc")
    project = root / "web"
    if tool is None or not (project / "tsconfig.json").exists():
        return None
    done = spawn.run_blocking(
        [str(tool.path), "--pretty", "false", "-p", "."], cwd=project, timeout_s=_TIMEOUT_S
    )
    found: list[Finding] = []
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        match = _TSC_LINE.match(line)
        if match is None:
            continue
        path = (project / match["path"]).resolve()
        row, column = int(match["line"]) - 1, int(match["column"]) - 1
        name = re.match(r"[\w$]*", path.read_text("utf-8").splitlines()[row][column:])
        end = column + len(name[0] if name else "")
        found.append(
            Finding(path, "ts", match["code"].removeprefix("TS"), match["message"], 1, row, column, row, end)
        )
    return found


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
