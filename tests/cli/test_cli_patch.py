"""`patch apply` as a caller sees it."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from lsp_debugger.cli.app import OK, USAGE, main

BLOCK = "<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n"


class _Stdin:
    def __init__(self, data: str) -> None:
        self.buffer = io.BytesIO(data.encode())

    def isatty(self) -> bool:
        return False


def answers(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    root: Path,
    *records: Any,
    code: int = OK,
) -> list[dict[str, Any]]:
    monkeypatch.setattr(sys, "stdin", _Stdin("".join(json.dumps(each) + "\n" for each in records)))
    assert main(["patch", "apply", "--root", str(root), "--jsonl"]) == code
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_one_answer_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.py").write_text("x = 1\ny = 1\nx = 1\n")
    (tmp_path / "b.py").write_text("x = 1\n")
    found = answers(
        monkeypatch,
        capsys,
        tmp_path,
        {"id": 1, "path": "a.py", "completion": BLOCK},
        {"id": 2, "path": "a.py", "problem_line": 3, "completion": BLOCK},
        {"id": 3, "path": "b.py", "completion": BLOCK},
        {"id": 4, "path": "../b.py", "completion": BLOCK},
        {"id": 5, "path": "b.py", "completion": ""},
    )
    assert [each["status"] for each in found] == ["refused", "applied", "applied", "refused", "refused"]
    assert "2 places" in found[0]["reason"]
    assert found[1]["new_text"] == "x = 1\ny = 1\nx = 2\n"
    assert found[2] == {
        "id": 3,
        "status": "applied",
        "new_text": "x = 2\n",
        "rung": "exact",
        "files": {"b.py": "x = 2\n"},
    }
    assert "outside" in found[3]["reason"]
    assert (tmp_path / "b.py").read_text() == "x = 1\n"


@pytest.mark.parametrize(
    "record",
    [
        [],
        {"id": 1},
        {"id": 1, "path": "a", "completion": "", "problem_line": 0},
        {"path": "a", "completion": ""},
    ],
)
def test_a_line_that_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], record: Any
) -> None:
    assert answers(monkeypatch, capsys, tmp_path, record, code=USAGE) == []


def test_usage(tmp_path: Path) -> None:
    assert main(["patch"]) == USAGE
    assert main(["patch", "apply", "--jsonl"]) == USAGE
    assert main(["patch", "apply", "--root", str(tmp_path / "none"), "--jsonl"]) == USAGE
