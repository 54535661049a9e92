"""Scopes, imports, names and literals of a snapshot. `<^>` marks the cursor."""

from __future__ import annotations

import random
import string
import subprocess  # noqa: TID251 - a fresh interpreter is what the test is about
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.core.ports import Syntax
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.syntax.grammars import grammar_for, language_of
from lsp_debugger.syntax.tree import MAX_TEXT_CHARS, TreeSitterSyntax, TreeView, parse_view


def view_of(text: str, language_id: str = "python") -> TreeView:
    view = TreeSitterSyntax().view(Snapshot("file:///t", text, language_id=language_id))
    assert view is not None
    return view


def check_scope(source: str, expected: str, language_id: str = "python") -> None:
    """expected: `kind qualname | header`, empty for none."""
    text, offset = source.replace("<^>", ""), source.index("<^>")
    scope = view_of(text, language_id).scope_at(offset)
    assert (f"{scope.kind} {scope.qualname} | {scope.header.of(text)}" if scope else "") == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = <^>1\n", ""),
        ("def f(a,\n      b):\n    return <^>1\n", "function f | def f(a,\n      b):"),
        ("@deco('😀')\ndef f():\n    <^>pass\n", "function f | @deco('😀')\ndef f():"),
        ("@deco('<^>😀')\ndef f():\n    pass\n", "function f | @deco('😀')\ndef f():"),
        ("class A(B):\n    x = <^>1\n", "class A | class A(B):"),
        ("class A:\n    async def m(self): <^>pass\n", "method A.m | async def m(self):"),
        ("def f():\n    def g():\n        <^>pass\n", "function f.g | def g():"),
        ("def f():\n    def g():\n        pass\n    <^>x\n", "function f | def f():"),
        ("def f():\n    return 1<^>\n", "function f | def f():"),
        ("def f(): pass\n<^>x\n", ""),
        ("def f():\n    x = (\n\ndef g():\n    <^>y\n", "function g | def g():"),
    ],
)
def test_python_scopes(source: str, expected: str):
    check_scope(source, expected)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("export const f = async (a) => { <^>a }", "function f | export const f = async (a) =>"),
        ("class A { #p = 1; m() { <^>return 1 } }", "method A.m | m()"),
        ("export default class A extends B { x = <^>1 }", "class A | export default class A extends B"),
        ("module.exports.run = function (x) { <^>x }", "function run | module.exports.run = function (x)"),
        ("const o = { k: () => <^>1 }", "function k | k: () =>"),
        ("list.map(x => <^>x)", ""),
    ],
)
@pytest.mark.parametrize("language_id", ["javascript", "javascriptreact", "typescript", "typescriptreact"])
def test_javascript_scopes(source: str, expected: str, language_id: str):
    check_scope(source, expected, language_id)


def test_typescript_types_are_scopes():
    check_scope(
        "@D({x: 1})\nexport class A<T> { m?(): X<T> { <^> } }", "method A.m | m?(): X<T>", "typescript"
    )
    check_scope("interface I { a: <^>string }", "class I | interface I", "typescript")


def check_literals(text: str, expected: list[str], language_id: str = "python") -> None:
    literals = view_of(text, language_id).literals(Span(0, len(text)))
    assert [span.of(text) for span in literals] == expected


def test_literals_are_contents_without_quotes():
    check_literals("x = 'a' \"b\" b'c' r'''d\ne''' ''", ["a", "b", "c", "d\ne"])
    check_literals("f'hi {name!r} and {d[\"k\"]:>5}!'", ["hi ", " and ", "k", "!"])
    check_literals("漢 = '😀' # 'comment'", ["😀"])
    check_literals("`a ${b + 'c'} d\\n` + \"e\\tf\" + 'g'", ["a ", "c", " d\\n", "e\\tf", "g"], "javascript")
    check_literals("let a: string = 'x'; type T = 'y'", ["x", "y"], "typescript")


def test_literals_are_cut_to_the_span():
    text = "x = 'abcdef'"
    assert [span.of(text) for span in view_of(text).literals(Span(7, 9))] == ["cd"]


def test_imports_and_identifiers():
    text = "import os.path as p\nfrom a import (\n    b,\n)\ndef f(x):\n    from c import d\n    return x.y\n"
    view = view_of(text)
    assert [span.of(text) for span in view.imports()] == [
        "import os.path as p",
        "from a import (\n    b,\n)",
        "from c import d",
    ]
    start = text.index("def")
    assert view.identifiers(Span(start, len(text))) == ["f", "x", "c", "d", "y"]
    assert view_of("import {a as b} from 'c'", "javascript").identifiers(Span(0, 24)) == ["a", "b"]


PIECES = [
    *("def f(", "):\n", "    ", "class A:", "'", '"""', "😀", "漢", "f'{", "}", "\n", "\r\n", "\r", "x = 1"),
    *("import a", "@d\n", "return", "=> {", "`${", "function g() {", "\ud800", "\0", "#", "lambda: 0"),
]
TEXTS = st.text() | st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@given(TEXTS, st.sampled_from(["python", "javascript", "typescript", "tsx"]), st.data())
def test_any_text_gives_spans_inside_of_it_and_never_raises(text: str, language_id: str, data: st.DataObject):
    view = view_of(text, language_id)
    whole = Span(0, len(text))
    offset = data.draw(st.integers(-1, len(text) + 1))
    scope = view.scope_at(offset)
    spans = [*view.imports(), *view.literals(whole), *(named.span for named in view.outline.named)]
    if scope:
        assert scope.span.start <= offset <= scope.span.end
        assert scope.span.start == scope.header.start < scope.header.end <= scope.span.end
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
    for name in view.identifiers(whole):
        assert name.encode("utf-8", "replace").decode() in text or "�" in name


@given(st.text(alphabet="a漢😀é", min_size=1, max_size=20), st.text(alphabet="漢😀\n", max_size=600))
def test_spans_are_code_points_after_wide_characters(content: str, before: str):
    text = f"'''{before}'''\ndef 漢字(x):\n    return '{content}'\n"
    view = view_of(text)
    assert view.literals(Span(0, len(text)))[-1].of(text) == content
    scope = view.scope_at(len(text) - 2)
    assert scope is not None
    assert (scope.qualname, scope.header.of(text)) == ("漢字", "def 漢字(x):")


@pytest.mark.parametrize(
    ("source", "language_id"),
    [
        ("(" * 300_000, "python"),
        ("'" * 100_001, "python"),
        ("def f(\n" * 50_000, "python"),
        ("class A:\n" * 50_000, "python"),
        ("".join(" " * i + "if x:\n" for i in range(1000)), "python"),
        ("{function f(){" * 50_000, "javascript"),
        ("function f(){" * 20_000 + "}" * 20_000, "javascript"),
        ("`${" * 100_000, "javascript"),
        ("var " + ",".join(f"a{i}={i}" for i in range(50_000)), "javascript"),
    ],
)
def test_pathological_text_is_read_in_linear_time(source: str, language_id: str):
    view = parse_view(source, language_id, timeout_s=60)
    assert view is not None
    assert len(view.outline.named) <= len(source)
    assert view.literals(Span(0, len(source))) is not None


def test_a_parse_that_takes_too_long_is_given_up():
    noise = "".join(random.Random(1).choices(string.printable, k=500_000))
    assert parse_view(noise, "python", timeout_s=0.05) is None


def test_unknown_languages_and_huge_texts_have_no_view():
    syntax: Syntax = TreeSitterSyntax()
    assert syntax.view(Snapshot("file:///a.cobol", "x", language_id="cobol")) is None
    assert syntax.view(Snapshot("file:///a.py", "x" * (MAX_TEXT_CHARS + 1))) is None


def test_the_file_name_tells_the_language_when_the_client_does_not():
    assert TreeSitterSyntax().view(Snapshot("file:///a.ts", "let a: number = 1")) is not None
    names = ("a/b.py", "C:\\x\\B.PY", "a.tsx", "Dockerfile", "x.unknown", "py", "a.rs")
    assert [language_of(name) for name in names] == [
        *("python", "python", "typescriptreact", "dockerfile", "", "", "rust"),
    ]


def test_views_are_remembered_and_bounded():
    syntax = TreeSitterSyntax()
    first = Snapshot("file:///a.py", "x = 1", 1)
    view = syntax.view(first)
    assert syntax.view(Snapshot("file:///a.py", "x = 1", 2)) is view
    assert syntax.view(Snapshot("file:///a.py", "x = 2", 3)) is not view
    for number in range(50):
        syntax.view(Snapshot("file:///a.py", f"y = {number}", 4))
    assert syntax.view(first) is not view


FRESH = """
import sys
import lsp_debugger.syntax.symbols, lsp_debugger.syntax.identifiers
from lsp_debugger.syntax.grammars import grammar_for
print(sorted(name for name in sys.modules if name.startswith("tree_sitter")))
assert grammar_for("typescript").name == "typescript" and grammar_for("klingon") is None
print(sorted(name for name in sys.modules if name.startswith("tree_sitter_")))
"""


def test_no_grammar_is_imported_before_its_first_need():
    done = subprocess.run(
        [sys.executable, "-c", FRESH], capture_output=True, text=True, check=True, timeout=60
    )
    before, after = done.stdout.splitlines()
    assert before == "[]"
    assert "tree_sitter_typescript" in after
    assert "python" not in after
    assert "javascript" not in after


@pytest.mark.parametrize("language_id", ["python", "javascript", "javascriptreact", "typescript", "tsx"])
def test_every_grammar_of_the_core_dependencies_loads(language_id: str):
    assert grammar_for(language_id) is not None
