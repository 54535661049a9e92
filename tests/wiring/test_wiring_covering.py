"""The command for the tests of a patch: from what an index answers to what is run, or why nothing is."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import patched_tests
import pytest

from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.material import Fragment, FragmentKind, Hit
from lsp_debugger.core.ports import Query, Retriever
from lsp_debugger.core.text import Snapshot
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.wiring.covering import CoveringTests

APP = "def total(prices):\n    return sum(prices)\n"
CHANGED = APP.replace("sum(prices)", "sum(prices) + 1")
TEST = "from shop.app import total\n\n\ndef test_total():\n    assert total([1]) == 1\n"
GO = "package cart\n\nfunc Total() int { return 1 }\n"
GO_TEST = 'package cart\n\nimport "testing"\n\nfunc TestTotal(t *testing.T) { Total() }\n'
RUST = "pub fn total() -> i32 { 1 }\n#[test]\nfn adds() { assert_eq!(total(), 1); }\n"
SCRIPT = "export function total() { return 1; }\n"
SCRIPT_TEST = 'import { total } from "./total";\ntest("total", () => total());\n'


class FilesWithWords:
    """A real, small retriever: the files in which a word of the question stands."""

    def __init__(self, texts: Mapping[str, str], version: str = "1") -> None:
        self._texts = texts
        self.version = version

    async def search(self, query: Query, top_k: int) -> list[Hit]:
        words = set(query.text.split())
        paths = [path for path, text in self._texts.items() if any(word in text for word in words)]
        return [Hit(Fragment(FragmentKind.RELATED, "", path), 1.0) for path in paths[:top_k]]

    async def current(self, wait_s: float) -> bool:
        assert wait_s == 0
        return True


async def check(
    root: Path,
    files: Mapping[str, str],
    patch: Mapping[str, str | None],
    retriever: Retriever | None = None,
    opened: Mapping[str, str] | None = None,
) -> tuple[Sequence[str] | None, str]:
    """Paths in the command are those below the root."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    workspace = Workspace([root], SymbolMap())
    for name, text in (opened or {}).items():
        workspace.opened(Snapshot((root / name).as_uri(), text, 1, str(root / name)))

    async def index(_: Path) -> Retriever | None:
        return retriever

    after = {root / name: text for name, text in patch.items()}
    before = {root / name: files.get(name) for name in patch}
    command, why = await CoveringTests(root, workspace, index).command(after, before)
    return [word.replace(f"{root}/", "") for word in command] if command else None, why


PYTHON = {"shop/app.py": APP, "tests/test_app.py": TEST, "tests/test_other.py": "def test_total(): ...\n"}


async def test_the_tests_that_use_what_changes(tmp_path: Path) -> None:
    command, why = await check(tmp_path, PYTHON, {"shop/app.py": CHANGED}, FilesWithWords(PYTHON))
    assert command is not None, why
    assert command[1:] == ["-m", "pytest", "-q", "--no-header", "tests/test_app.py::test_total"]


async def test_as_they_are_in_the_patched_tree(tmp_path: Path) -> None:
    """Unsaved texts and the patch's own: a test of another name is another test."""
    renamed = TEST.replace("test_total", "test_new")
    retriever, patch = FilesWithWords(PYTHON), {"shop/app.py": CHANGED}
    command, _ = await check(tmp_path, PYTHON, patch, retriever, {"tests/test_app.py": renamed})
    assert command is not None
    assert command[-1] == "tests/test_app.py::test_new"
    command, _ = await check(tmp_path, PYTHON, {**patch, "tests/test_app.py": renamed}, retriever)
    assert command is not None
    assert command[-1] == "tests/test_app.py::test_new"
    assert (await check(tmp_path, PYTHON, {**patch, "tests/test_app.py": None}, retriever))[0] is None


@pytest.mark.parametrize(
    ("retriever", "why"),
    [
        (None, "tests not looked for: the index is not ready"),
        (FilesWithWords({}, "none"), "tests not looked for: the index is not ready"),
        (FilesWithWords({}), "no test of it is in the index"),
        (FilesWithWords({"tests/test_other.py": "test"}), "no test of it is in the index"),
        (FilesWithWords({"tests/test_gone.py": "test"}), "no test of it is in the index"),
    ],
)
async def test_where_there_are_none_it_is_said_why(
    tmp_path: Path, retriever: Retriever | None, why: str
) -> None:
    assert await check(tmp_path, PYTHON, {"shop/app.py": CHANGED}, retriever) == (None, why)


GO_FILES = {"go.mod": "module a\n", "cart/cart.go": GO, "cart/cart_test.go": GO_TEST}
GO_WORDS = ["test", "-v", "-run", "^(TestTotal)$", "./cart"]
RUST_WORDS = ["test", "--offline", "--tests", "--", "adds"]


@pytest.mark.parametrize(
    ("program", "files", "path", "expected"),
    [
        pytest.param("go", GO_FILES, "cart/cart.go", GO_WORDS, id="Go"),
        pytest.param("cargo", {"Cargo.toml": "", "src/lib.rs": RUST}, "src/lib.rs", RUST_WORDS, id="Rust"),
    ],
)
@pytest.mark.parametrize("below", ["", "backend/"])
async def test_tools_are_started_in_their_own_project(
    tmp_path: Path, program: str, files: Mapping[str, str], path: str, expected: list[str], below: str
) -> None:
    tool = patched_tests.program(program)
    files = {f"{below}{name}": text for name, text in files.items()}
    patch = {f"{below}{path}": files[f"{below}{path}"].replace(" 1 }", " 2 }")}
    command, why = await check(tmp_path, files, patch, FilesWithWords(files))
    assert command is not None, why
    moved = ["/bin/sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", str(tmp_path / below)]
    assert command == [
        *([each.removeprefix(f"{tmp_path}/") for each in moved] if below else []),
        tool,
        *expected,
    ]


def package(test: str, *needs: str) -> str:
    return json.dumps({"scripts": {"test": test}, "devDependencies": dict.fromkeys(needs, "1")})


SCRIPTS = {"src/total.ts": SCRIPT, "src/total.test.ts": SCRIPT_TEST}


@pytest.mark.parametrize(
    ("manifest", "installed", "expected"),
    [
        (
            package("vitest"),
            ["vitest/vitest.mjs"],
            ["node_modules/vitest/vitest.mjs", "run", "src/total.test.ts"],
        ),
        (
            package("", "jest"),
            ["jest/bin/jest.js"],
            ["node_modules/jest/bin/jest.js", "--colors=false", "src/total.test.ts"],
        ),
        (package("node --test"), [], ["--test", "src/total.test.ts"]),
        (package("vitest", "vitest"), [], None),
        (package(""), ["vitest/vitest.mjs"], None),
        ("not JSON", [], None),
        ('{"scripts": 1, "dependencies": []}', [], None),
    ],
)
async def test_scripts_are_given_to_the_runner_that_the_project_has(
    tmp_path: Path, manifest: str, installed: Sequence[str], expected: list[str] | None
) -> None:
    node = patched_tests.program("node")
    files = {"package.json": manifest, **SCRIPTS, **{f"node_modules/{name}": "" for name in installed}}
    patch = {"src/total.ts": SCRIPT.replace("1", "2")}
    command, why = await check(tmp_path, files, patch, FilesWithWords(SCRIPTS))
    assert command == ([node, *expected] if expected else None)
    assert bool(why) is (expected is None)
