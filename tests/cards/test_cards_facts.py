"""What a project adds to a card: real git, a real index, and both missing."""

from __future__ import annotations

import os
import subprocess  # noqa: TID251 - a real repository is made for the test
from collections.abc import Sequence
from pathlib import Path

import pytest

from lsp_debugger.cards.facts import ProjectFacts, last_change
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Card, Place, Problem, ProblemKind
from lsp_debugger.core.text import Snapshot
from lsp_debugger.state import State
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.wiring import open_session

TEXT = "import shop\n\n\ndef total(name):\n    return shop.find_customer(name).discount\n"
SHOP = """\
def find_customer(name):
    return {}.get(name)


def greet(name):
    customer = find_customer(name)
    if customer is None:
        return "who?"
    return customer.name
"""


def git(root: Path, *args: str) -> None:
    identity = {
        "GIT_AUTHOR_DATE": "2026-03-04T23:30:00+0200",
        "GIT_COMMITTER_DATE": "2026-03-04T23:30:00+0200",
    }
    names = ["-c", "user.name=Someone", "-c", "user.email=s@example.com"]
    env = {**os.environ, **identity}
    subprocess.run(["git", *names, *args], cwd=root, env=env, check=True, capture_output=True)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path.resolve() / "project"
    root.mkdir()
    (root / "app.py").write_text(TEXT)
    (root / "shop.py").write_text(SHOP)
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "Add *discounts* <b>")
    return root


def problem_in(root: Path, line: int = 5, code: str = "F821") -> Problem:
    return Problem("Undefined name", source="ruff", code=code, path=str(root / "app.py"), line=line)


def snapshot_of(root: Path, text: str = TEXT) -> Snapshot:
    return Snapshot((root / "app.py").as_uri(), text, 1, str(root / "app.py"), "python")


async def notes(
    root: Path, problem: Problem, snapshot: Snapshot, known: Sequence[Place] = (), card: Card | None = None
) -> list[str]:
    async def no_index(_: Path | None) -> None:
        return None

    facts = ProjectFacts(lambda _: known, Workspace([root], SymbolMap()).on_disk, no_index)
    made = None
    for _ in range(40):  # a busy machine may need longer than a card waits
        made = await facts.added(card or Card("x"), problem, snapshot, root)
        if made.notes:
            break
    assert made is not None
    return list(made.notes)


async def test_the_commit_that_changed_the_line(root: Path):
    said = await notes(root, problem_in(root), snapshot_of(root))
    assert len(said) == 1
    assert said[0].startswith("Line 5 was last changed on 2026-03-04, in commit ")
    assert said[0].endswith(": Add *discounts* <b>.")


async def test_a_line_that_is_not_committed(root: Path):
    text = TEXT.replace("discount", "rebate")
    (root / "app.py").write_text(text)
    assert await notes(root, problem_in(root), snapshot_of(root, text)) == [
        "Line 5 has changed since the last commit."
    ]


@pytest.mark.parametrize("text", ["\n" + TEXT, TEXT.replace("total", "sum_")], ids=["moved", "edited above"])
async def test_nothing_is_said_of_text_that_is_not_saved(root: Path, text: str):
    async def no_index(_: Path | None) -> None:
        return None

    facts = ProjectFacts(lambda _: (), Workspace([root], SymbolMap()).on_disk, no_index)
    card = Card("x")
    assert await facts.added(card, problem_in(root), snapshot_of(root, text), root) == card


async def test_other_places_of_the_rule(root: Path):
    known = [Place(str(root / f"m{n}.py"), n) for n in range(1, 6)]
    said = await notes(root, problem_in(root), snapshot_of(root), known)
    assert said[0] == "The same rule was found at m1.py:1, m2.py:2, m3.py:3 and 2 more."


async def test_a_full_card_stays_as_it_is(root: Path):
    card = Card("x", notes=("1", "2", "3", "4"))
    known = [Place(str(root / "m.py"), 1)]
    assert await notes(root, problem_in(root), snapshot_of(root), known, card) == ["1", "2", "3", "4"]


async def test_outside_of_a_repository_a_folder_or_a_file(tmp_path: Path, root: Path):
    async def no_index(_: Path | None) -> None:
        return None

    facts = ProjectFacts(lambda _: (), Workspace([tmp_path], SymbolMap()).on_disk, no_index)
    card, lone = Card("x"), root.parent / "lone.py"
    lone.write_text(TEXT)
    snapshot = Snapshot(lone.as_uri(), TEXT, 1, str(lone), "python")
    problem = Problem("m", source="ruff", code="F821", path=str(lone), line=5)
    assert await facts.added(card, problem, snapshot, tmp_path) == card
    assert await facts.added(card, problem, snapshot, None) == card
    trace = Problem("KeyError: 1", ProblemKind.TRACEBACK, path=str(root / "app.py"), line=5)
    assert await facts.added(card, trace, snapshot_of(root), root) == card
    late = Problem("m", source="ruff", code="F821", path=str(root / "app.py"), line=500)
    assert await facts.added(card, late, snapshot_of(root), root) == card


@pytest.mark.thorough
async def test_how_the_project_asks_elsewhere_with_the_real_index(root: Path, tmp_path: Path):
    problem = Problem(
        '"discount" is not a known attribute of "None"',
        source="basedpyright",
        code="reportOptionalMemberAccess",
        path=str(root / "app.py"),
        line=5,
    )
    async with open_session([root], state=State(tmp_path / "state")) as session:
        snapshot = snapshot_of(root)
        session.opened(snapshot)

        async def shown() -> list[str]:
            card = Card("`shop.find_customer(name)` may be None, and None has no `discount`.")
            _, facts = session._cards._ready(root, snapshot)
            made = await facts.added(card, problem, snapshot, root)
            return [f"{place} {place.note}" for place in made.places]

        found = list[str]()
        for _ in range(200):  # the index is being built meanwhile
            if found := await shown():
                break
        assert found == ["shop.py:7 checks it first: `if customer is None`"]


@pytest.mark.parametrize(
    ("porcelain", "said"),
    [
        ("", ""),
        ("nonsense", ""),
        ("0" * 40 + " 1 1 1\nauthor x\n", "has changed since the last commit"),
        ("a" * 40 + " 1 1 1\nauthor-time x\n", ""),
        ("a" * 40 + " 1 1 1\nauthor-time 99999999999999\nauthor-tz +0000\n", ""),
        ("a" * 40 + " 1 1 1\nauthor-time 0\nauthor-tz +0000\n",
         "was last changed on 1970-01-01, in commit aaaaaaaaa"),
        ("a" * 40 + " 1 1\nauthor-time 0\nauthor-tz -0130\nsummary S: t:\n\tx y\n",
         "was last changed on 1969-12-31, in commit aaaaaaaaa: S: t"),
    ],
)  # fmt: skip
def test_last_change(porcelain: str, said: str):
    assert last_change(porcelain) == said
