"""`policy redact`: one record in, one out, with offsets that point at the value."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from lsp_debugger.cli import app

GITHUB_TOKEN = "ghp_" + "aB3dE5gH7jK9" * 3


def redact(monkeypatch: pytest.MonkeyPatch, typed: str, *options: str) -> int:
    stream = io.TextIOWrapper(io.BytesIO(typed.encode("utf-8")), encoding="ascii")
    monkeypatch.setattr(sys, "stdin", stream)
    return app.main(["policy", "redact", "--jsonl", *options])


def records(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_findings_are_counted_in_code_points(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"é😀 {GITHUB_TOKEN} \ud800"
    typed = (
        json.dumps({"id": 7, "text": text}) + "\n\n" + json.dumps({"id": "b", "text": "x", "path": "a.py"})
    )
    assert redact(monkeypatch, typed) == 0
    first, second = records(capsys.readouterr().out)
    [found] = first["findings"]
    assert text[found["start"] : found["end"]] == GITHUB_TOKEN
    assert (found["rule"], found["label"]) == ("github-token", "github_token")
    assert first["text"] == "é😀 <SECRET_1:github_token> \ud800"
    assert second == {"id": "b", "text": "x", "findings": []}


def test_each_record_is_a_request_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = "".join(json.dumps({"id": n, "text": f"saw {GITHUB_TOKEN}{n}"}) + "\n" for n in range(2))
    assert redact(monkeypatch, typed) == 0
    assert [record["text"] for record in records(capsys.readouterr().out)] == [
        "saw <SECRET_1:github_token>"
    ] * 2


def test_a_policys_patterns_and_the_folders_own_values_count(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "policy.yaml").write_text("classes:\n  redact_and_allow:\n    - pattern: ACME-\n")
    (tmp_path / ".env").write_text("DB_PASSWORD=tulip-Marsh-07\n")
    monkeypatch.chdir(tmp_path)
    typed = json.dumps({"id": 1, "text": "ACME-12345 said tulip-Marsh-07"})
    assert redact(monkeypatch, typed, "--policy", str(tmp_path / "policy.yaml")) == 0
    [record] = records(capsys.readouterr().out)
    assert record["text"] == "<SECRET_1:policy> said <SECRET_2:known>"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("[]", "line 1 is no JSON object"),
        ('{"id":1,"text":"a"}\n{"id":', "line 2 is no JSON object"),
        ('{"text":"a"}', 'line 1 needs "id" and "text"'),
        ('{"id":1,"text":3}', 'line 1 needs "id" and "text"'),
    ],
)
def test_a_line_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], typed: str, said: str
) -> None:
    assert redact(monkeypatch, typed) == app.USAGE
    assert said in capsys.readouterr().err


def test_a_policy_that_is_not_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert redact(monkeypatch, "", "--policy", str(tmp_path / "none.yaml")) == app.USAGE
    assert "none.yaml cannot be read" in capsys.readouterr().err


def test_actions_have_help(capsys: pytest.CaptureFixture[str]) -> None:
    from lsp_debugger.cli.policy import ACTIONS

    for name in ACTIONS:
        assert app.main(["policy", name, "--help"]) == 0
        assert f"lsp-debugger policy {name}" in capsys.readouterr().out
    assert app.main(["policy", "nonsense"]) == app.USAGE
    assert "no action 'nonsense'" in capsys.readouterr().err
