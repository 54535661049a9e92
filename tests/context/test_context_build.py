"""What is gathered for a question, from real files, a real grammar and a real git repository."""

from __future__ import annotations

import shutil
import subprocess  # noqa: TID251 - sets up the repository that the product then reads
from pathlib import Path

import pytest

from lsp_debugger.context import build
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Ask, Card, Place, Problem
from lsp_debugger.core.material import Context, Fragment, FragmentKind, Hit
from lsp_debugger.core.ports import Query
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.syntax.tree import TreeSitterSyntax

APP = """\
import json
from store import find_customer

LIMIT = "ten"


def total(order):
    customer = find_customer(order["customer"])
    return order["sum"] * customer.discount


def other():
    return 1
"""
STORE = '''\
def find_customer(name):
    """None when nobody has that name."""
    return {}.get(name)
'''


class FixedHits:
    """A retriever that answers with given fragments and remembers what it was asked."""

    version = "7-abc"

    def __init__(self, *fragments: Fragment) -> None:
        self.fragments = fragments
        self.asked: list[Query] = []

    async def search(self, query: Query, top_k: int) -> list[Hit]:
        self.asked.append(query)
        return [Hit(fragment, 1.0) for fragment in self.fragments[:top_k]]

    async def current(self, wait_s: float) -> bool:
        raise AssertionError("a prompt waits for no index")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "store.py").write_text(STORE)
    return tmp_path


async def gather(
    root: Path,
    problem: Problem,
    *,
    text: str | None = None,
    budget_tokens: int = 3000,
    retriever: FixedHits | None = None,
) -> Context:
    space = Workspace([root], SymbolMap())
    path = root / "app.py"
    snapshot = Snapshot(path.as_uri(), APP if text is None else text, 3, str(path), "python")
    space.opened(snapshot)
    space.refresh(snapshot)
    sources = build.Sources(TreeSitterSyntax(), space.symbols, retriever, space.read, root)
    card = Card("`customer` may be None.", places=(Place("store.py", 1, "returns None"),))
    return await build.build(sources, Ask(problem, "Explain.", "explain"), card, snapshot, budget_tokens)


def at(text: str, words: str, message: str = "problem") -> Problem:
    start = text.index(words)
    line = text.count("\n", 0, start) + 1
    return Problem(
        message, code="X1", source="tool", path="app.py", line=line, span=Span(start, start + len(words))
    )


def of_kind(context: Context, kind: FragmentKind) -> list[Fragment]:
    return [fragment for fragment in context.fragments if fragment.kind is kind]


async def test_a_small_file_goes_in_whole_with_the_definitions_it_names(root: Path) -> None:
    context = await gather(root, at(APP, "customer.discount"))
    (scope,) = of_kind(context, FragmentKind.SCOPE)
    assert (scope.text, scope.path, scope.start_line) == (APP, "app.py", 1)
    (definition,) = of_kind(context, FragmentKind.DEFINITION)
    assert (definition.symbol, definition.path) == ("find_customer", "store.py")
    assert definition.text == STORE.rstrip("\n")
    (problem,) = of_kind(context, FragmentKind.PROBLEM)
    assert problem.text == (
        'app.py:9: error (tool X1)\nproblem\nline 9 is: return order["sum"] * customer.discount'
    )
    assert "store.py:1 returns None" in of_kind(context, FragmentKind.CARD)[0].text
    assert context.dropped == 0


async def test_every_fragment_of_code_is_the_text_at_its_place(root: Path) -> None:
    context = await gather(root, at(APP, "customer.discount"))
    for fragment in context.fragments:
        if fragment.kind in {FragmentKind.SCOPE, FragmentKind.DEFINITION}:
            lines = (root / str(fragment.path)).read_text().split("\n")
            assert (
                fragment.text.rstrip("\n").split("\n") == lines[fragment.start_line - 1 : fragment.end_line]
            )


async def test_literals_are_marked_so_that_the_policy_needs_no_parser(root: Path) -> None:
    (scope,) = of_kind(await gather(root, at(APP, "LIMIT")), FragmentKind.SCOPE)
    assert {span.of(scope.text) for span in scope.literals} == {"ten", "customer", "sum"}


async def test_of_a_large_file_the_enclosing_scope_and_the_imports_go_in(root: Path) -> None:
    text = APP + "\n" + "".join(f"def filler_{n}():\n    return {n} * 1000\n\n" for n in range(400))
    context = await gather(root, at(text, "customer.discount"), text=text, budget_tokens=600)
    (scope,) = of_kind(context, FragmentKind.SCOPE)
    assert scope.text.startswith("def total(order):")
    assert scope.text.endswith("customer.discount")
    assert scope.start_line == 7
    assert of_kind(context, FragmentKind.IMPORTS)[0].text == "import json\nfrom store import find_customer"


async def test_two_problems_of_one_function_get_the_same_code(root: Path) -> None:
    text = APP + "\n" + "x = 1\n" * 3000
    one = await gather(root, at(text, "customer.discount"), text=text)
    two = await gather(root, at(text, "find_customer(order"), text=text)
    assert of_kind(one, FragmentKind.SCOPE) == of_kind(two, FragmentKind.SCOPE) != []


async def test_without_any_scope_a_window_around_the_line_goes_in(root: Path) -> None:
    text = "".join(f"value_{n} = {n}\n" for n in range(5000))
    context = await gather(root, at(text, "value_2500 = "), text=text)
    (scope,) = of_kind(context, FragmentKind.SCOPE)
    assert "value_2500 = 2500\n" in scope.text
    assert scope.text.count("\n") < 120


async def test_frames_of_a_trace_bring_their_lines(root: Path) -> None:
    problem = Problem(
        "KeyError: 'a'",
        path="app.py",
        line=9,
        frames=(
            Place("app.py", 9, "total"),
            Place("store.py", 3, "find_customer"),
            Place("/usr/lib/x.py", 1),
        ),
    )
    frames = of_kind(await gather(root, problem), FragmentKind.TRACE)
    assert [(frame.path, frame.symbol) for frame in frames] == [
        ("store.py", "find_customer"),
        ("app.py", "total"),
    ]
    assert "return {}.get(name)" in frames[0].text


async def test_unsaved_edits_are_a_diff_against_the_saved_file(root: Path) -> None:
    text = APP.replace('"ten"', '"eleven"')
    (edits,) = of_kind(await gather(root, at(text, "LIMIT"), text=text), FragmentKind.EDITS)
    assert '-LIMIT = "ten"\n+LIMIT = "eleven"' in edits.text


async def test_the_diff_since_the_last_commit_comes_from_git(root: Path) -> None:
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed: apt-get install git")

    def run(*args: str) -> None:
        who = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
        subprocess.run([git, *who, *args], cwd=root, check=True, capture_output=True)

    run("init", "-q")
    run("add", ".")
    run("commit", "-qm", "first")
    changed = APP.replace("return 1", "return 2")
    (root / "app.py").write_text(changed)
    (diff,) = of_kind(await gather(root, at(changed, "LIMIT"), text=changed), FragmentKind.DIFF)
    assert "-    return 1\n+    return 2" in diff.text
    assert "diff --git" not in diff.text


async def test_related_code_comes_from_search_without_what_is_there_already(root: Path) -> None:
    same = Fragment(FragmentKind.RELATED, "def total", "app.py", 7)
    new = Fragment(FragmentKind.RELATED, "def discounted(): ...", "shop.py", 4)
    retriever = FixedHits(same, new)
    context = await gather(root, at(APP, "customer.discount"), retriever=retriever)
    assert [each.path for each in of_kind(context, FragmentKind.RELATED)] == ["shop.py"]
    assert context.index_version == "7-abc"
    assert "customer" in retriever.asked[0].identifiers
    assert retriever.asked[0].path == "app.py"


async def test_what_does_not_fit_is_counted(root: Path) -> None:
    context = await gather(root, at(APP, "customer.discount"), budget_tokens=120)
    assert context.dropped > 0
    assert of_kind(context, FragmentKind.PROBLEM)
