"""New imports are looked up in files alone: what is there, what is not, and what nobody can know."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_debugger.verify.imports import Environment, imports_rung
from lsp_debugger.verify.modules import Files
from lsp_debugger.verify.verdict import Result

PASSED, FAILED, NOT_CHECKED = Result.PASSED, Result.FAILED, Result.NOT_CHECKED

TREE = {
    "shop/__init__.py": "from .app import total\n",
    "shop/app.py": "def total(): ...\n",
    "shop/lazy.py": "def __getattr__(name): ...\n",
    "src/other/__init__.py": "",
    "src/other/part.py": "LIMIT = 1\nif True:\n    class Deep: ...\n",
    "go.mod": "module example.org/m\n\nrequire example.com/dep v1.0.0\n",
    "inner/x.go": "package inner\n",
    "web/a.ts": "export const a = 1\n",
    "web/lib/index.ts": "",
    "node_modules/react/index.js": "",
    "node_modules/@types/estree/index.d.ts": "",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in TREE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def result(root: Path, path: str, new: str, old: str = "", packages: tuple[Path, ...] = ()) -> Result:
    files = Files(root, {root / path: new})
    return imports_rung(files, {path: old}, {path: new}, Environment(packages)).result


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import os.path, json\nfrom json import loads", PASSED),
        ("from json import loadz", FAILED),
        ("import json.nothing", FAILED),
        ("from shop.app import total", PASSED),
        ("from shop import app, total", PASSED),
        ("from shop import nothing", FAILED),
        ("from shop.lazy import anything", PASSED),
        ("import shop.nothing", FAILED),
        ("from other.part import LIMIT, Deep", PASSED),
        ("from other.part import limit", FAILED),
        ("from .app import total\nfrom . import lazy\nfrom .app import *", PASSED),
        ("from .nothing import total", FAILED),
        ("from ..nowhere import total", FAILED),
        ("import certainly_not_here", NOT_CHECKED),
        ("try:\n    import certainly_not_here\nexcept ImportError:\n    pass", PASSED),
        ("x = (", PASSED),  # the rung before says so
    ],
)
def test_python(root: Path, text: str, expected: Result) -> None:
    assert result(root, "shop/new.py", text) is expected


def test_an_environment_that_is_known_says_what_is_missing(root: Path) -> None:
    packages = root / ".venv" / "lib" / "python3.11" / "site-packages"
    (packages / "httpx").mkdir(parents=True)
    (packages / "httpx" / "__init__.py").write_text("get = 1\n")
    (packages / "there.pth").write_text(f"import never_run\n{root / 'src'}\n")
    (packages / "__editable___mapped_finder.py").write_text("MAPPING = {'mapped': '/somewhere'}\n")
    for text, expected in {
        "from httpx import get": PASSED,
        "from httpx import got": FAILED,
        "import certainly_not_here": FAILED,
        "import mapped": PASSED,
    }.items():
        assert result(root, "shop/new.py", text, packages=(packages,)) is expected, text


def test_what_stood_there_before_is_not_asked_about(root: Path) -> None:
    old = "import certainly_not_here\n"
    assert result(root, "shop/new.py", f"{old}x = 1\n", old) is PASSED


def test_a_file_that_the_patch_itself_makes_or_removes(root: Path) -> None:
    texts = {root / "shop/new.py": "from .made import x\n", root / "shop/made.py": "x = 1\n"}
    new = {"shop/new.py": "from .made import x\n", "shop/made.py": "x = 1\n"}
    assert imports_rung(Files(root, texts), {}, new, Environment()).result is PASSED
    gone = {root / "shop/new.py": "from .app import total\n", root / "shop/app.py": None}
    after = {"shop/new.py": "from .app import total\n", "shop/app.py": None}
    assert imports_rung(Files(root, gone), {}, after, Environment()).result is FAILED


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("web/new.ts", "import { a } from './a'\nimport './lib'\nimport x from './a.js'", PASSED),
        ("web/new.ts", "import { a } from './nothing'", FAILED),
        ("web/new.ts", "const fs = require('node:fs'), path = require('path')", PASSED),
        ("web/new.ts", "import React from 'react'\nimport type { Node } from 'estree'", PASSED),
        ("web/new.ts", "import x from 'nothing'", FAILED),
        ("main.go", 'import "fmt"\n\nimport "example.org/m/inner"\n', PASSED),
        ("main.go", 'import (\n\t"example.com/dep/sub"\n)\n', PASSED),
        ("main.go", 'import "example.org/m/nothing"\n', FAILED),
        ("main.go", 'import "example.net/other"\n', FAILED),
        ("main.rs", "use std::fs;\n", NOT_CHECKED),
    ],
)
def test_other_languages(root: Path, path: str, text: str, expected: Result) -> None:
    assert result(root, path, text) is expected


def test_import_paths_of_a_project_are_not_guessed(root: Path) -> None:
    (root / "tsconfig.json").write_text('{"compilerOptions": {"paths": {"@app/*": ["web/*"]}}}')
    assert result(root, "web/new.ts", "import { a } from '@app/a'") is NOT_CHECKED
