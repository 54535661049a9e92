"""What is known of Python code without running it: scopes, definitions, ways, import statements."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from card_project import Project

from lsp_debugger.cards.case import Case, Surroundings
from lsp_debugger.cards.python import packages, proof, stdlib
from lsp_debugger.cards.python.bindings import bindings, visible
from lsp_debugger.cards.python.flow import falls_through, gap_before
from lsp_debugger.cards.python.imports import import_edit, module_name
from lsp_debugger.cards.python.parsed import MAX_CHARS, parse
from lsp_debugger.cards.python.resolve import definition_of, reaching
from lsp_debugger.cards.python.typos import is_slip, only_meant
from lsp_debugger.core.ask import Problem, Replacement
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.syntax.tree import TreeSitterSyntax


def marked(text: str) -> tuple[str, Span]:
    """The text without `<…>` around the place that is asked about."""
    start, end = text.index("<^"), text.index("^>") - 2
    return text.replace("<^", "").replace("^>", ""), Span(start, end)


def case_of(
    text: str, project: Project | None = None, span: Span | None = None, name: str = "app.py"
) -> Case:
    root = project.root if project is not None else None
    symbols = project.workspace.symbols if project is not None else SymbolMap()
    read = project.workspace.read if project is not None else lambda _: None
    path = str(root / name) if root is not None else f"/{name}"
    snapshot = Snapshot(f"file://{path}", text, 1, path, "python")
    symbols.update(snapshot)
    return Case(
        Problem("m", span=span or Span(0, 0), path=path),
        snapshot,
        Surroundings(symbols, TreeSitterSyntax(), read, root),
    )


# Names.


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import a.b, c as d\nfrom e import f as g, h", "a d g h"),
        ("def f(a, /, b, *c, d=(e := 1), **g): pass", "f e"),
        ("for a, (b, *c) in d: pass", "a b c"),
        ("with a() as b, c() as (d, e): pass", "b d e"),
        ("try: pass\nexcept A as b: c = 1", "b c"),
        ("a = b = 1\nc: int = 2\nd += 1\ne[0] = 1\nf.g = 1", "a b c d"),
        ("class A(b := object):\n    c = 1", "A b"),
        ("[a for a in b if (c := a)]", "c"),
        ("lambda a: (b := 1)", ""),
        (
            "match a:\n    case [b, *c]: pass\n    case {'x': d, **e}: pass\n    case A() as f: g = 1",
            "b c d e f g",
        ),
        ("del a\nglobal b", "a b"),
    ],
)
def test_bindings(source: str, names: str):
    parsed = parse(source)
    assert parsed is not None
    assert sorted(bindings(parsed.tree)) == sorted(names.split())


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a = 1\nclass B:\n    c = 2\n    def d(self):\n        e = <^3^>", "B a e self"),
        ("a = 1\nclass B:\n    c = 2\n    d = <^c^>", "B a c d"),
        ("def a(b=<^c^>):\n    d = 1", "a"),
        ("a = [<^b^> for b in c]", "a b"),
        ("def a():\n    def b(): pass\n    return lambda c: <^d^>", "a b c"),
        ("@<^a^>\ndef b(c): pass", "b"),
    ],
)
def test_visible(source: str, names: str):
    text, span = marked(source)
    parsed = parse(text)
    assert parsed is not None
    assert sorted(visible(parsed, span)) == names.split()


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("x = 1\nx = 2\n<^x^>", [2]),
        ("x = 1\nif a:\n    x = 2\n<^x^>", [3, 1]),
        ("x = 1\nif a:\n    x = 2\n    <^x^>", [3]),
        ("if a:\n    x = 1\nelse:\n    x = 2\n<^x^>", [4, 2]),
        ("if a:\n    x = 1\nelse:\n    <^x^>", [2]),
        ("x = 1\nwhile a:\n    <^x^>\n    x = 2", [1, 4]),
        ("<^x^>\nx = 1", []),
        ("x = 1\ndef f():\n    <^x^>", [1]),
        ("x = 1\ndef f():\n    <^x^>\nx = 2", [1, 4]),
        ("def f(x):\n    x = x or 1\n    <^x^>", [2]),
    ],
)
def test_reaching(source: str, lines: list[int]):
    text, span = marked(source)
    parsed = parse(text)
    assert parsed is not None
    assert [binding.line for binding in reaching(parsed, "x", span)] == lines


SHOP = {
    "shop/__init__.py": "from .db import find\nfrom .db import User as Person\n",
    "shop/db.py": "class User:\n    def name(self): ...\n\n\ndef find(): ...\n",
    "other.py": "def find(): ...\n\n\ndef twice(): ...\n\n\ndef twice(): ...\n",
}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from shop.db import find\n<^find^>", "shop/db.py:5"),
        ("from shop import find\n<^find^>", "shop/db.py:5"),
        ("from shop import Person\n<^Person^>", "shop/db.py:1"),
        ("import shop.db\n<^shop.db.find^>", "shop/db.py:5"),
        ("import shop.db as d\n<^d.find^>", "shop/db.py:5"),
        ("from shop import db\n<^db.find^>", "shop/db.py:5"),
        ("from other import find as f\n<^f^>", "other.py:1"),
        ("from shop.db import User\n<^User.name^>", "shop/db.py:2"),
        ("from shop.db import User\n<^User().name^>", "shop/db.py:2"),
        ("from shop.db import User\nu = User()\n<^u.name^>", "shop/db.py:2"),
        ("from shop.db import User\ndef f(u: User):\n    <^u.name^>", "shop/db.py:2"),
        ("from shop.db import User\ndef f(u: 'User'):\n    <^u.name^>", "shop/db.py:2"),
        ("class A:\n    def a(self): ...\n    def b(self):\n        <^self.a^>", "app.py:2"),
        ("def f(): ...\n<^f^>", "app.py:1"),
        # Better silent than wrong.
        ("from other import twice\n<^twice^>", None),
        ("from elsewhere import find\n<^find^>", None),
        ("from shop.db import find\nfind = 3\n<^find^>", None),
        ("<^find^>", None),
        ("import other\n<^other.User^>", None),
        ("from shop.db import User\nu = User()\nif u:\n    u = 3\n<^u.name^>", None),
        ("def a(self): ...\nclass A:\n    @staticmethod\n    def b(x):\n        <^self.a^>", None),
        ("x = {}\n<^x['a']^>", None),
    ],
)
def test_definition_of(source: str, expected: str | None, project: Project):
    project.write(SHOP)
    for name in ("shop/__init__.py", "shop/db.py", "other.py"):
        project.workspace.symbols.update(project.read(name))
    text, span = marked(source)
    case = case_of(text, project, span)
    assert case.expression is not None
    found = definition_of(case, case.expression)
    assert (str(case.place(found)) if found is not None else None) == expected


# Ways.


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("pass", True),
        ("return", False),
        ("raise A", False),
        ("if a:\n    return\nelse:\n    raise A", False),
        ("if a:\n    return", True),
        ("while True:\n    pass", False),
        ("while True:\n    break", True),
        ("while True:\n    for a in b:\n        break", False),
        ("while True:\n    for a in b:\n        pass\n    else:\n        break", True),
        ("while a:\n    return", True),
        ("with a:\n    return", False),
        ("try:\n    return\nexcept A:\n    pass", True),
        ("try:\n    return\nexcept A:\n    raise", False),
        ("try:\n    pass\nfinally:\n    return", False),
        ("match a:\n    case 1:\n        return\n    case _:\n        return", False),
        ("match a:\n    case 1:\n        return", True),
        ("import sys\nsys.exit(1)", False),
    ],
)
def test_falls_through(body: str, expected: bool):
    assert falls_through(ast.parse(body).body) is expected


@pytest.mark.parametrize(
    ("source", "when"),
    [
        ("def f(a):\n    if a:\n        x = 1\n    return <^x^>", "when `a` is false"),
        ("def f(a):\n    if a:\n        x = 1\n    else:\n        raise A\n    return <^x^>", None),
        ("def f(a):\n    for b in a:\n        x = b\n    else:\n        x = 0\n    return <^x^>", None),
        ("def f(a):\n    while True:\n        x = 1\n        break\n    return <^x^>", None),
        ("def f(a):\n    try:\n        x = 1\n    except A:\n        x = 2\n    return <^x^>", None),
        (
            "def f(a):\n    try:\n        x = 1\n    except A:\n        return <^x^>",
            "when an exception comes before line 3 has run",
        ),
        (
            "def f(a):\n    try: a()\n    except:\n        pass\n    else:\n        x = 1\n    return <^x^>",
            "when an exception is caught in line 3",
        ),
        ("def f(a):\n    x = 1\n    del x\n    return <^x^>", "after the `del` in line 3"),
        ("def f(a):\n    if a:\n        x = 1\n    x = 2\n    return <^x^>", None),
        ("def f(a):\n    if a:\n        x = 1\n    def g():\n        return <^x^>", "when `a` is false"),
        (
            "try:\n    import x\nexcept A:\n    y = 0\ndef f():\n    return <^x^>",
            "when `A` is caught in line 3",
        ),
        ("class B:\n    if a:\n        x = 1\n    def f(self):\n        return <^x^>", None),
        ("def f(a):\n    return <^x^>\n    x = 1", None),
        ("def f(a):\n    with a:\n        if a:\n            x = 1\n    return <^x^>", "when `a` is false"),
        ("def f(a):\n    match a:\n        case x:\n            pass\n    return <^x^>", None),
        (
            "def f(a):\n    if a:\n        pass\n    else:\n        x = 1\n    return <^x^>",
            "when `a` is true",
        ),
    ],
)
def test_gap(source: str, when: str | None):
    text, span = marked(source)
    parsed = parse(text)
    assert parsed is not None
    gap = gap_before(parsed, "x", span)
    assert (gap.when if gap is not None else None) == when


# Import statements.


@pytest.mark.parametrize(
    ("source", "module", "name", "expected"),
    [
        ("x = 1\n", "os", None, "import os\n\nx = 1\n"),
        ("x = 1", "os", None, "import os\n\nx = 1"),
        ("def f(): ...\n", "os", None, "import os\n\n\ndef f(): ...\n"),
        ('"""Doc."""\n', "os", None, '"""Doc."""\n\nimport os\n'),
        ('"""Doc."""', "os", None, '"""Doc."""\n\nimport os\n'),
        ('"""Doc."""\n\nx = 1\n', "os", None, '"""Doc."""\n\nimport os\n\nx = 1\n'),
        ("#!/bin/sh\n# licence\n\nx = 1\n", "os", None, "#!/bin/sh\n# licence\n\nimport os\n\nx = 1\n"),
        ("import re\nimport sys\n", "os", None, "import os\nimport re\nimport sys\n"),
        ("import abc\nimport sys\n", "os", None, "import abc\nimport os\nimport sys\n"),
        ("import abc", "os", None, "import abc\nimport os\n"),
        ("import abc\r\nx = 1\r\n", "os", None, "import abc\r\nimport os\r\nx = 1\r\n"),
        ("from a import b\n", "os", None, "import os\n\nfrom a import b\n"),
        ("from . import b\n", "os", None, "import os\n\nfrom . import b\n"),
        (
            "from __future__ import annotations\n",
            "os",
            None,
            "from __future__ import annotations\n\nimport os\n",
        ),
        ("import os\n", "shop.db", "find", "import os\n\nfrom shop.db import find\n"),
        (
            "import os\n\nimport yaml\n",
            "shop.db",
            "find",
            "import os\n\nimport yaml\nfrom shop.db import find\n",
        ),
        ("from shop.db import User\n", "shop.db", "find", "from shop.db import User, find\n"),
        ("from shop.db import find\n", "shop.db", "User", "from shop.db import User, find\n"),
        (
            "from shop.db import (\n    a,\n)\n",
            "shop.db",
            "find",
            "from shop.db import (\n    a,\n)\nfrom shop.db import find\n",
        ),
        (
            "from shop.db import a as b\n",
            "shop.db",
            "find",
            "from shop.db import a as b\nfrom shop.db import find\n",
        ),
        ("import abc\nif x:\n    import re\n", "os", None, "import abc\nimport os\nif x:\n    import re\n"),
    ],
)
def test_import_edit(source: str, module: str, name: str | None, expected: str):
    edit = import_edit(case_of(source), module, name)
    assert edit is not None
    (replacement,) = edit.replacements
    assert (
        source[: replacement.span.start] + replacement.new_text + source[replacement.span.end :] == expected
    )
    assert edit.version == 1


@pytest.mark.parametrize("source", ["def (:\n", "x = 1; '", "\x00"])
def test_broken_text_is_not_edited(source: str):
    assert import_edit(case_of(source), "os") is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("shop/db.py", "shop.db"),
        ("shop/__init__.py", "shop"),
        ("src/pkg/a.py", "pkg.a"),
        ("other.py", "other"),
        ("deep/loose/a.py", None),
        ("shop/not-a-name.py", None),
        ("shop/db.pyi", None),
    ],
)
def test_module_name(path: str, expected: str | None, project: Project):
    project.write({"shop/__init__.py": "", "src/pkg/__init__.py": ""})
    assert module_name(case_of("", project), str(project.root / path)) == expected


# Modules.


def test_names_of_modules_are_read_without_importing_them():
    import sys

    assert {"path", "getcwd", "environ"} <= stdlib.names_in("os")
    assert "dumps" in stdlib.names_in("json")
    before = set(sys.modules)
    assert {"Zen"}.isdisjoint(stdlib.names_in("this"))
    assert "chess" not in stdlib.names_in("turtle")
    assert {"Turtle", "Screen"} <= stdlib.names_in("turtle")
    assert {"turtle", "this"}.isdisjoint(set(sys.modules) - before)
    assert stdlib.names_in("yaml") == frozenset()


def test_known_names_are_where_they_are_said_to_be():
    for name, module in stdlib.KNOWN_NAMES.items():
        assert hasattr(__import__(module, fromlist=[name]), name), f"{module}.{name}"


@pytest.mark.parametrize(
    ("module", "files", "headline"),
    [
        ("urllib2", {}, "`urllib2` was a module of Python 2; Python 3 has `urllib.request`."),
        ("distutils.core", {}, "`distutils` left the standard library with Python 3.12."),
        ("jsonn", {}, "There is no module `jsonn` here; `json` is a module of the standard library."),
        ("shopp", {"shop.py": ""}, "There is no module `shopp` here; `shop` is a module of the project."),
        ("yaml", {}, "`yaml` comes with the package `PyYAML`, which is not found by this interpreter."),
        (
            "inner",
            {"src/inner/__init__.py": ""},
            "The project has `inner` in `src`, but imports are not looked up there.",
        ),
        (
            "shop.cartt",
            {"shop/__init__.py": "", "shop/cart.py": ""},
            "`shop` has no module `cartt`, which `shop.cartt` would be; the nearest there is `cart`.",
        ),
        ("shop.cart", {"shop/__init__.py": "", "shop/cart.py": ""}, None),
        ("qwertzuiop", {}, None),
        (".relative", {}, None),
        ("", {}, None),
    ],
)
def test_missing_module(module: str, files: dict[str, str], headline: str | None, project: Project):
    project.write(files)
    card = packages.missing_module(case_of("", project), module)
    assert (card.headline if card is not None else None) == headline


ABSENT = "`yaml` (the package is called `PyYAML`) is not installed in `.venv`, although {place} asks for it."


@pytest.mark.parametrize(
    ("has_it", "headline"),
    [
        (False, ABSENT.format(place="requirements.txt:2")),
        (True, "`yaml` is installed in `.venv`, but another interpreter is in use here."),
    ],
)
def test_environment_of_the_project(has_it: bool, headline: str, project: Project):
    installed = project.root / ".venv/lib/python3.11/site-packages"
    installed.mkdir(parents=True)
    (project.root / ".venv/pyvenv.cfg").write_text("home = /usr/bin\n")
    (project.root / "requirements.txt").write_text("# ours\npyyaml>=6\n")
    if has_it:
        (installed / "yaml").mkdir()
    card = packages.missing_module(case_of("", project), "yaml")
    assert card is not None
    assert card.headline == headline
    assert [str(place) for place in card.places] == ["requirements.txt:2"]


def test_long_text_is_left_alone():
    assert parse("x = 1\n" * (MAX_CHARS // 6 + 1)) is None


def test_parsing_runs_nothing_and_warns_of_nothing(tmp_path: Path):
    assert parse(f"x = '\\d'; __import__('pathlib').Path({str(tmp_path)!r}, 'ran').touch()") is not None
    assert list(tmp_path.iterdir()) == []


# Certain edits.


@pytest.mark.parametrize(
    ("written", "meant", "expected"),
    [
        ("lenght", "length", True),
        ("vlaue", "value", True),
        ("avlue", "value", True),
        ("prefx", "prefix", True),
        ("prefiix", "prefix", True),
        ("prefux", "prefix", True),
        ("value", "value", False),
        ("ttol", "total", False),
        # Four letters are too few, and at the ends of a word a letter makes another word.
        ("totl", "toal", False),
        ("items", "item", False),
        ("tem", "item", False),
        ("ylabel", "xlabel", False),
        ("offsetx", "offset", False),
        ("row_1", "row_2", False),
        ("cell_a", "cell_b", False),
        ("rows_total", "row_total", False),
        ("row_1_2", "row_2_1", False),
        ("userNamesList", "userNameList", False),
    ],
)
def test_slip(written: str, meant: str, expected: bool):
    assert is_slip(written, meant) is expected
    assert is_slip(meant, written) is expected


def test_only_meant():
    assert only_meant("docuemnt", {"document", "other"}, ()) == "document"
    assert only_meant("docuemnt", {"document", "documents"}, ()) is None
    assert only_meant("docuemnt", {"document"}, {"documents"}) is None
    assert only_meant("docuemnt", {"other"}, {"document"}) is None


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1\n<^x^>", True),
        ("<^x^>\nx = 1", False),
        ("if a:\n    x = 1\n<^x^>", False),
        ("if a:\n    x = 1\n    <^x^>", True),
        ("for x in a:\n    <^x^>", True),
        ("for x in a:\n    pass\n<^x^>", False),
        ("for x in a:\n    pass\nelse:\n    <^x^>", False),
        ("with a as x:\n    <^x^>", True),
        ("with a as x:\n    pass\n<^x^>", True),
        ("with <^x^> as x:\n    pass", False),
        ("try:\n    x = 1\nexcept A:\n    pass\n<^x^>", False),
        ("try:\n    x = 1\nfinally:\n    <^x^>", False),
        ("x = 1\ndel x\n<^x^>", False),
        ("x: int\n<^x^>", False),
        ("x: int = 1\n<^x^>", True),
        ("x = <^x^>", False),
        ("def f(x):\n    <^x^>", True),
        ("def x():\n    <^x^>", True),
        ("class x:\n    <^x^>", False),
        ("def f():\n    <^x^>\nx = 1", False),
        ("x = 1\ndef f():\n    <^x^>", True),
        ("def f():\n    global x\n    x = 1\ndef g():\n    <^x^>", False),
        ("[<^x^> for x in a]", True),
        ("import x\n<^x^>", True),
        ("match a:\n    case x:\n        <^x^>", False),
        ("class A:\n    x = 1\n    def f(self):\n        <^x^>", False),
        ("try: a\nexcept B as x:\n    <^x^>", False),
    ],
)
def test_is_bound(source: str, expected: bool):
    text, span = marked(source)
    parsed = parse(text)
    assert parsed is not None
    assert proof.is_bound(parsed, "x", span) is expected


@pytest.mark.parametrize(
    ("source", "new", "holds", "expected"),
    [
        # The goal is reached and nothing else changes.
        ("value = 1\n<^vlaue^>", "value", proof.renames(Span(10, 15), "vlaue", "value"), True),
        ("<^vlaue^>", "value", proof.renames(Span(0, 5), "vlaue", "value"), False),
        ("value = 1\n<^vlaue^>", "value; x", proof.renames(Span(10, 15), "vlaue", "value"), False),
        ("value = 1\n<^vlaue^>", "(", proof.renames(Span(10, 15), "vlaue", "value"), False),
        ("async def f():\n    <^g()^>", "await g()", proof.awaits(Span(19, 22)), True),
        ("async def f():\n    <^g()^>.x", "(await g())", proof.awaits(Span(19, 22)), True),
        ("async def f():\n    <^g()^>", "await h()", proof.awaits(Span(19, 22)), False),
        ("async def f():\n    <^g()^>.x", "await g()", proof.awaits(Span(19, 22)), False),
        ("def f():\n    <^g()^>", "await g()", proof.awaits(Span(13, 16)), False),
        ("async def f(): return (g() for a in b)<^^>", "", proof.awaits(Span(23, 26)), False),
        ("async def f():\n    lambda: <^g()^>", "await g()", proof.awaits(Span(27, 30)), False),
        ("<^^>print(os)", "import os\n", proof.adds_import("os", Span(6, 8), 10), True),
        ("<^^>print(os)", "import re\n", proof.adds_import("os", Span(6, 8), 10), False),
        ("<^^>print(os)", "import os; x\n", proof.adds_import("os", Span(6, 8), 10), False),
        ("<^^>os = 1\nprint(os)", "import os\n", proof.adds_import("os", Span(13, 15), 10), False),
        ("def f(os):<^^>\n    os", "", proof.adds_import("os", Span(15, 17), 0), False),
        ("def f()<^^>: return 1", " -> int", proof.annotates(1, "f", "int"), True),
        ("def f()<^^>: return 1", " -> str", proof.annotates(1, "f", "int"), False),
        ("def f()<^^>: return 1", " -> int: x; return 1\ndef g()", proof.annotates(1, "f", "int"), False),
    ],
)
def test_proof(source: str, new: str, holds: proof.Holds, expected: bool):
    text, span = marked(source)
    case = case_of(text)
    edit = proof.proven(case, "Edit", (Replacement(span, new),), holds)
    assert (edit is not None) is expected


def test_applied_keeps_the_places_of_several_replacements():
    replacements = (Replacement(Span(0, 1), "xx"), Replacement(Span(4, 5), ""))
    assert proof.applied("a b c d", replacements) == "xx b  d"
