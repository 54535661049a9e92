"""`patch apply` as a caller sees it."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from lsp_debugger.cli.app import OK, USAGE, main
from lsp_debugger.verify.ladder import RUNGS
from lsp_debugger.verify.overlay import isolation

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
    verb: tuple[str, ...] = ("apply",),
) -> list[dict[str, Any]]:
    monkeypatch.setattr(sys, "stdin", _Stdin("".join(json.dumps(each) + "\n" for each in records)))
    assert main(["patch", *verb, "--root", str(root), "--jsonl"]) == code
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
    assert main(["patch", "verify", "--root", str(tmp_path), "--test", "no-such-program", "--jsonl"]) == USAGE
    assert main(["patch", "apply", "--root", str(tmp_path), "--test", "true", "--jsonl"]) == USAGE


def rungs(said: dict[str, Any]) -> dict[str, str]:
    return {rung["name"]: rung["result"] for rung in said["verdict"]["rungs"]}


@pytest.mark.thorough
def test_a_verdict_with_an_entry_for_every_rung(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if reason := isolation(tmp_path):
        pytest.skip(f"no isolation: {reason}; it takes Linux with user namespaces")
    (tmp_path / "a.py").write_text("def one():\n    return two\n")
    test = f"{sys.executable} -c 'import a; assert a.one() == 1'"
    verb = ("verify", "--test", test, "--check", f"{sys.executable} -m py_compile a.py")
    found = answers(
        monkeypatch,
        capsys,
        tmp_path,
        {"id": "right", "path": "a.py", "problem_line": 2, "completion": block("return 1")},
        {"id": "wrong", "path": "a.py", "problem_line": 2, "completion": block("return 2")},
        {"id": "kept", "path": "a.py", "problem_line": 2, "completion": block("return (two)")},
        {"id": "broken", "path": "a.py", "completion": block("return (")},
        {"id": "gone", "path": "b.py", "completion": block("return 1")},
        verb=verb,
    )
    right, wrong, kept, broken, gone = found
    assert rungs(right) == dict.fromkeys(RUNGS, "passed")
    assert right["verdict"]["words"].endswith("F821 gone · the check passes · the tests pass")
    assert rungs(wrong) == dict.fromkeys(RUNGS, "passed") | {"tests pass": "failed"}
    assert rungs(kept) == {
        **rungs(right), "finding gone": "failed",
        **dict.fromkeys(["other checkers", "check passes", "tests pass"], "not checked"),
    }  # fmt: skip
    assert list(rungs(broken).values()) == ["passed", "passed", "failed", *["not checked"] * 5]
    assert gone["status"] == "refused"
    assert "verdict" not in gone
    assert (tmp_path / "a.py").read_text() == "def one():\n    return two\n"


def block(new: str) -> str:
    return f"<<<<<<< SEARCH\n    return two\n=======\n    {new}\n>>>>>>> REPLACE\n"
