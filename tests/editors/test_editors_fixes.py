"""Fix in a real Neovim of what real tools found: its title has the verdict, its edit holds, undo restores."""

from __future__ import annotations

import json
import re
import shutil
import subprocess  # noqa: TID251  the tools, as plugins for linters and test runners start them
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from model_server import Model, ModelServer, Reply

from .conftest import REPO, Walk

pytestmark = pytest.mark.editors
SCRIPT = Path(__file__).with_name("neovim_fixes.lua")
_TOOLS = (Path(sys.executable).parent, REPO / ".tools" / "bin")


@dataclass(frozen=True)
class Case:
    """server: publishes the finding; without one `found` runs a tool and says (line, column, code, message)
    of it. title: what the verdict has to say.
    """

    files: dict[str, str]
    opened: str
    filetype: str
    source: str
    broken: str
    mended: str
    title: str
    edited: str = ""
    server: tuple[str, ...] = ()
    found: Callable[[Path], tuple[int, int, str, str]] | None = None
    code: str = ""


def tool(name: str) -> str:
    for folder in _TOOLS:
        if (folder / name).exists():
            return str(folder / name)
    pytest.skip(f"{name} is not installed: tools/install_checkers.sh brings it")


def of_tsc(root: Path) -> tuple[int, int, str, str]:
    done = subprocess.run(
        [tool("tsc"), "--noEmit", "--pretty", "false"], cwd=root, capture_output=True, text=True, check=False
    )
    found = re.search(r"^app\.ts\((\d+),(\d+)\): error TS(\d+): (.*)", done.stdout, re.MULTILINE)
    assert found, done.stdout
    return int(found[1]) - 1, int(found[2]) - 1, found[3], found[4]


def of_pytest(root: Path) -> tuple[int, int, str, str]:
    command = [sys.executable, "-m", "pytest", "--tb=short", "-p", "no:cacheprovider"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    line = re.search(r"^test_app\.py:(\d+): in test_total", done.stdout, re.MULTILINE)
    said = re.findall(r"^E +(.*)", done.stdout, re.MULTILINE)
    assert line, done.stdout
    return int(line[1]) - 1, 4, "", "\n".join(said)


SUM = "def total(prices):\n    return sum(prise)\n"
CASES = {
    "ruff": Case(
        {"app.py": SUM}, "app.py", "python", "Ruff", "sum(prise)", "sum(prices)", "parses · F821 gone",
        server=("ruff", "server"), code="F821",
    ),
    "pyright": Case(
        {"app.py": "def length(text: str) -> int:\n    return text.upper()\n"}, "app.py", "python",
        "basedpyright", "text.upper()", "len(text)", "parses · reportReturnType gone",
        server=("basedpyright-langserver", "--stdio"), code="reportReturnType",
    ),
    "tsc": Case(
        {"app.ts": 'export const total: number = "one";\n',
         "tsconfig.json": '{"compilerOptions": {"strict": true}, "files": ["app.ts"]}\n'},
        "app.ts", "typescript", "typescript", '"one"', "1", "parses · 2322 gone", found=of_tsc, code="2322",
    ),
    "pytest": Case(
        {"app.py": "def total(prices):\n    return sum(prices) + 1\n",
         "test_app.py": "from app import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n"},
        "test_app.py", "python", "pytest", "sum(prices) + 1", "sum(prices)", "1 test passes",
        edited="app.py", found=of_pytest,
    ),
}  # fmt: skip


def written(case: Case, root: Path) -> dict[str, Any]:
    """The project, and what the script in Neovim has to know."""
    for name, text in case.files.items():
        (root / name).write_text(text, "utf-8")
    told: dict[str, Any] = {
        "root": str(root),
        "file": str(root / case.opened),
        "edited": str(root / (case.edited or case.opened)),
        "filetype": case.filetype,
        "source": case.source,
    }
    if case.code:
        told["code"] = case.code
    if case.found is None:
        program, *rest = case.server
        return {**told, "server": [tool(program), *rest]}
    line, column, code, message = case.found(root)
    finding = {"lnum": line, "col": column, "severity": 1, "source": case.source, "message": message}
    return {**told, "findings": [{**finding, **({"code": code} if code else {})}]}


@pytest.mark.parametrize("program", ["nvim", "nvim-sid"])
@pytest.mark.parametrize("name", CASES)
def test_a_fix_says_what_was_checked_is_applied_and_undone(
    walk: Walk, editor: Callable[[str], str], name: str, program: str
) -> None:
    case, root = CASES[name], walk.root
    argv = [editor(program), "--clean", "--headless", "-c", f"luafile {SCRIPT}"]
    walk.file.unlink()
    shutil.copyfile(walk.other_settings, walk.settings)
    told = written(case, root)
    edited = case.edited or case.opened
    before = case.files[edited]
    after = before.replace(case.broken, case.mended)
    line = next(each for each in before.splitlines(keepends=True) if case.broken in each)
    block = (
        f"{edited}\n<<<<<<< SEARCH\n{line}=======\n{line.replace(case.broken, case.mended)}>>>>>>> REPLACE\n"
    )
    with ModelServer(models=[Model("scripted")], replies=[Reply(pieces=[block])]) as models:
        settings = walk.settings.read_text("utf-8")
        walk.settings.write_text(re.sub(r'url = ".*"', f'url = "{models.url}"', settings))
        path = ":".join([*map(str, _TOOLS), walk.environment["PATH"]])
        environment = {**walk.environment, "PATH": path, "WALK_CASE": json.dumps(told)}
        seen = replace(walk, environment=environment).run(argv, f"{program}-fix-{name}", 170)
    assert "error" not in seen, json.dumps(seen)
    assert (seen["fixed"], seen["undone"]) == (after, before), seen
    assert seen["ends"][-1].startswith("Fix: "), seen
    assert case.title in seen["ends"][-1]
