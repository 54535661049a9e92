"""A standing consent is for one workspace, task, endpoint, model and policy, and for nothing else."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from lsp_debugger.policy.consent import Consents, Scope

SCOPE = Scope("/work", "explain", "corp", "https://llm.example.com/v1", "big", "0" * 64)


def test_what_was_agreed_to_stands(tmp_path: Path) -> None:
    consents = Consents(tmp_path / "consents.json")
    assert consents.standing(SCOPE) == ""
    consents.remember(SCOPE)
    assert Consents(tmp_path / "consents.json").standing(SCOPE) == SCOPE.id
    assert (tmp_path / "consents.json").stat().st_mode & 0o077 == 0
    consents.forget_all()
    assert consents.standing(SCOPE) == ""


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Scope)])
def test_anything_else_asks_again(tmp_path: Path, field: str) -> None:
    consents = Consents(tmp_path / "consents.json")
    consents.remember(SCOPE)
    assert consents.standing(dataclasses.replace(SCOPE, **{field: "other"})) == ""


@pytest.mark.parametrize("text", ["", "{", "[]", '{"x": 1}'])
def test_what_cannot_be_read_is_no_consent(tmp_path: Path, text: str) -> None:
    file = tmp_path / "consents.json"
    file.write_text(text)
    assert Consents(file).standing(SCOPE) == ""
    file.write_text(f'{{"{SCOPE.id}": {{"workspace": "/elsewhere"}}}}')
    assert Consents(file).standing(SCOPE) == ""
    Consents(file).remember(SCOPE)
    assert Consents(file).standing(SCOPE) == SCOPE.id


def test_old_ones_go(tmp_path: Path) -> None:
    consents = Consents(tmp_path / "consents.json")
    consents.remember(SCOPE)
    for number in range(200):
        consents.remember(dataclasses.replace(SCOPE, task=f"task {number}"))
    assert consents.standing(SCOPE) == ""
