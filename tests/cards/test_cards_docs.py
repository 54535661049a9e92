"""Rule texts: asked for once, kept private, and never waited for."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from lsp_debugger import tools
from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.cards.ruff.texts import condensed
from lsp_debugger.core.ask import Problem
from lsp_debugger.state import State

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for ruff is a shell script")


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / "state")


async def told(docs: RuleTexts, source: str, code: str) -> str:
    return (await docs.rule(Problem("", source=source, code=code))).text


def kept(state: State) -> list[Path]:
    return sorted(state.rules.iterdir())


async def test_every_rule_of_the_real_ruff(state: State):
    docs = RuleTexts(state)
    assert (await told(docs, "Ruff", "F821")).startswith("undefined-name: Checks for")
    (file,) = kept(state)
    table = json.loads(file.read_bytes())
    codes = [code for code in table if code[0].isupper()]
    explained = [code for code in codes if condensed(table[code]).partition(": ")[2]]
    assert len(explained) >= 0.99 * len(codes) > 900


async def test_by_code_and_by_name(state: State):
    docs = RuleTexts(state)
    assert await told(docs, "ruff", "undefined-name") == await told(docs, "Ruff", "F821") != ""


@POSIX
async def test_kept_file_is_private_and_read_next_time(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    fake = fake_ruff(tmp_path, monkeypatch)
    assert await told(RuleTexts(state), "ruff", "X1") == "made-up: Nothing."
    (file,) = kept(state)
    assert file.name == "ruff-9.9.9.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert await told(RuleTexts(state), "ruff", "X1") == "made-up: Nothing."
    assert fake.read_text().splitlines() == ["--version", "rule --all --output-format json"]


@POSIX
@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"X1": 3}', b"\xff\xfe"])
async def test_damaged_file_is_made_anew(
    damage: bytes, state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    fake_ruff(tmp_path, monkeypatch)
    (state.rules / "ruff-9.9.9.json").write_bytes(damage)
    assert (await told(RuleTexts(state), "ruff", "X1")).startswith("made-up")
    assert json.loads((state.rules / "ruff-9.9.9.json").read_bytes())["X1"].startswith("made-up")


@POSIX
@pytest.mark.parametrize("says", ["", "[", "{}", '[{"name": 1}]', "not json"])
async def test_nonsense_is_no_text(says: str, state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    fake_ruff(tmp_path, monkeypatch, says)
    assert await told(RuleTexts(state), "ruff", "X1") == ""
    assert kept(state) == []


async def test_no_tool(state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(tools.sys, "executable", str(tmp_path / "python"))
    assert await told(RuleTexts(state), "ruff", "F821") == ""


@pytest.mark.parametrize(
    ("source", "code"),
    [("some-linter", "index"), ("", "F821"), ("ruff", ""), ("ruff", "NOPE999"), ("../ruff", "F821")],
)
async def test_unknown_is_empty(source: str, code: str, state: State):
    assert await told(RuleTexts(state), source, code) == ""


async def test_state_that_cannot_be_used(tmp_path: Path):
    (tmp_path / "state").write_text("a file, no directory")
    assert await told(RuleTexts(State(tmp_path / "state")), "ruff", "F821") != ""


async def test_without_a_state_directory():
    assert await told(RuleTexts(None), "ruff", "F821") != ""


@POSIX
async def test_slow_tool_keeps_nobody_waiting_and_is_there_later(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    fake_ruff(tmp_path, monkeypatch, before=f'read line < "{gate}"')
    docs = RuleTexts(state)
    assert await told(docs, "ruff", "X1") == ""
    opened = await asyncio.to_thread(gate.open, "w")
    with opened:
        opened.write("go\n")
    async with asyncio.timeout(30):
        while not await told(docs, "ruff", "X1"):
            pass


@POSIX
async def test_tool_is_asked_where_no_configuration_is(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    fake_ruff(tmp_path, monkeypatch, before=f'pwd > "{tmp_path}/where"; ls -A > "{tmp_path}/seen"')
    monkeypatch.chdir(tmp_path)
    await told(RuleTexts(state), "ruff", "X1")
    assert (tmp_path / "seen").read_text() == ""
    assert (tmp_path / "where").read_text().strip() != str(tmp_path)


def fake_ruff(
    folder: Path, monkeypatch: pytest.MonkeyPatch, says: str | None = None, before: str = ":"
) -> Path:
    """A program called ruff beside our interpreter; the file that it writes its arguments to."""
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    rule = {"name": "made-up", "code": "X1", "explanation": "## What it does\nNothing."}
    (bin_folder / "says").write_text(json.dumps([rule]) if says is None else says)
    program = bin_folder / "ruff"
    program.write_text(
        "#!/bin/sh\n"
        f'echo "$*" >> "{folder}/asked"\n'
        'if [ "$1" = --version ]; then echo "ruff 9.9.9"; exit 0; fi\n'
        f'{before}\ncat "{bin_folder}/says"\n'
    )
    program.chmod(0o755)
    monkeypatch.setattr(tools.sys, "executable", str(bin_folder / "python"))
    return folder / "asked"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name\n## What it does\nA.\n\n## Why is this bad?\nB.\n\n## Example\nC.\n", "name: A.\n\nB."),
        (
            "name\n## What it does\nSee [`x`](https://a.b) and [y].\n```python\n## What it does\n```\n",
            "name: See `x` and y.",
        ),
        ("name\nNo headings here.", "name: No headings here."),
        ("name", "name"),
        ("", ""),
    ],
)
def test_condensed(text: str, expected: str):
    assert condensed(text) == expected
