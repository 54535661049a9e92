"""Where there are no overlays: a tree of links, in which checkers see the patch and tests run if agreed."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.patch import Applied
from lsp_debugger.state import State
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.trust import Trust
from lsp_debugger.verify.ladder import Consent
from lsp_debugger.verify.tests_rung import TESTS
from lsp_debugger.verify.trees import LinkTree, located
from lsp_debugger.verify.verdict import Result, RungResult, Verdict
from lsp_debugger.wiring.verification import ladder

pytestmark = pytest.mark.thorough

SOURCE = "def total(prices):\n    return undefined_name + sum(prices)\n"
FIXED = "def total(prices):\n    return sum(prices)\n"
TEST = "from shop.app import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n"
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace on a system without overlays."""
    folder = tmp_path / "work"
    (folder / "shop").mkdir(parents=True)
    (folder / "shop" / "__init__.py").touch()
    (folder / "shop" / "app.py").write_text(SOURCE)
    (folder / "test_app.py").write_text(TEST)

    def none(_: Path) -> str:
        return "not on this system"

    monkeypatch.setattr("lsp_debugger.verify.ladder.available", none)
    return folder


async def verdict(
    root: Path, new: str, test: list[str] | None = None, unisolated: Consent | None = None
) -> Verdict:
    state = State(root.parent / "state")
    workspace = Workspace([root], SymbolMap())
    made = ladder(root, workspace, state, Trust(state), test, unisolated=unisolated)
    return await made.verdict(Applied({"shop/app.py": new}), {"shop/app.py": SOURCE}, None, 2)


def rung(verdict: Verdict, name: str) -> RungResult:
    return next(each for each in verdict.rungs if each.name == name)


def test_only_what_is_patched_is_no_link(tmp_path: Path) -> None:
    root = tmp_path / "work"
    for name in (
        "a/b/changed.py",
        "a/b/kept.py",
        "a/c/kept.py",
        "gone.py",
        ".env",
        "node_modules/x/index.js",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("old")
    texts = {root / "a/b/changed.py": "new", root / "gone.py": None, root / "new/made.py": "new"}
    with LinkTree(root, texts) as tree:
        place = tree.place
        assert located(tree, root / "a/b/changed.py").read_text() == "new"
        assert (place / "new" / "made.py").read_text() == "new"
        assert not (place / "gone.py").exists()
        links = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_symlink()}
        assert links == {"a/b/kept.py", "a/c", ".env", "node_modules"}
        assert tree.argv(["/bin/x", f"{root}/a", "-q"], place) == ["/bin/x", f"{place}/a", "-q"]
        assert tree.read(str(place / "a/b/changed.py")) == "new"
        assert tree.read(str(place / "a/b/kept.py")) is None
    assert not place.exists()
    assert (root / "a/b/changed.py").read_text() == "old"
    assert (root / "gone.py").read_text() == "old"


async def test_checkers_see_the_patch(root: Path) -> None:
    assert (await verdict(root, FIXED)).words == "parses · F821 gone"
    again = await verdict(root, FIXED.replace("sum(prices)", "sum(prices) + another"))
    assert again.words.startswith("brings F821 in app.py")


async def test_tests_are_not_run_without_isolation(root: Path) -> None:
    said = rung(await verdict(root, FIXED, PYTEST), TESTS)
    assert said.result is Result.NOT_CHECKED
    assert said.said == "tests not run: no isolation (not on this system)"


async def test_unless_the_user_agrees_for_this_patch(root: Path) -> None:
    asked = list[Applied]()

    async def yes(applied: Applied, _: Mapping[str, str]) -> bool:
        asked.append(applied)
        return True

    said = rung(await verdict(root, FIXED, PYTEST, yes), TESTS)
    assert said.result is Result.PASSED, said
    assert asked == [Applied({"shop/app.py": FIXED})]
    said = rung(await verdict(root, FIXED.replace("sum(prices)", "sum(prices) + 1"), PYTEST, yes), TESTS)
    assert said.result is Result.FAILED


async def test_who_says_no_has_nothing_run(root: Path) -> None:
    async def no(*_: object) -> bool:
        return False

    mark = root.parent / "mark"
    spelt = str(mark).encode().hex()
    text = f'from pathlib import Path\n\nPath(bytes.fromhex("{spelt}").decode()).touch()\n\n\n{FIXED}'
    said = rung(await verdict(root, text, PYTEST, no), TESTS)
    assert said.result is Result.NOT_CHECKED
    assert not mark.exists()


async def test_a_test_that_leads_back_to_the_unpatched_tree_proves_nothing(root: Path) -> None:
    """As an editable install does that comes first."""

    async def yes(*_: object) -> bool:
        return True

    (root / "test_app.py").write_text(f"import sys\nsys.path.insert(0, {str(root)!r})\n{TEST}")
    (root / "shop" / "app.py").write_text(FIXED)
    said = rung(await verdict(root, FIXED + "# the patch\n", PYTEST, yes), TESTS)
    assert said.result is Result.NOT_CHECKED
    assert "not seen to run the patched file" in said.said
