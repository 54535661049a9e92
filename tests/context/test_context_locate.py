"""Which problem is meant, by cursor or by pasted text. Files and linters are real where they can be."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger import spawn
from lsp_debugger.context.locate import from_text, locate
from lsp_debugger.context.mapping import local_path
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Problem, ProblemKind, Severity
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.syntax.symbols import SymbolMap

CART = 'def total(prices):\n    return prices["tea"]\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "cart.py").write_text(CART)
    (tmp_path / "main.py").write_text("import shop.cart\n\nshop.cart.total({})\n")
    (tmp_path / ".venv" / "lib" / "python3.11" / "site-packages" / "shop").mkdir(parents=True)
    (tmp_path / ".venv" / "lib" / "python3.11" / "site-packages" / "shop" / "cart.py").write_text(CART)
    return tmp_path


@pytest.fixture
def read(project: Path) -> Callable[[str], Snapshot | None]:
    return Workspace([project], SymbolMap()).read


def check(text: str, project: Path, read: Callable[[str], Snapshot | None]) -> tuple[str, str, str, str, int]:
    """source, code, message, path below the project, line."""
    problem = from_text(text, project, read)
    assert problem is not None
    path = problem.path or ""
    shown = Path(path).relative_to(project).as_posix() if path.startswith(str(project)) else path
    return problem.source, problem.code, problem.message, shown, problem.line


# Under the cursor.

SNAPSHOT = Snapshot("file:///a.py", "first = one\nsecond = two\nthird = three\n")


def at(start: int, end: int, severity: Severity = Severity.ERROR, code: str = "") -> Problem:
    line = SNAPSHOT.lines.line_of(start) + 1
    return Problem("m", code=code, severity=severity, span=Span(start, end), line=line)


@pytest.mark.parametrize(
    ("offset", "problems", "expected"),
    [
        pytest.param(9, [], None, id="nothing"),
        pytest.param(9, [at(21, 24, code="b")], None, id="another line"),
        pytest.param(2, [at(8, 11, code="a")], "a", id="on the line"),
        pytest.param(11, [at(8, 11, code="a")], "a", id="at the end"),
        pytest.param(
            9, [at(0, 11, code="wide"), at(8, 11, code="short")], "short", id="shortest of equally bad"
        ),
        pytest.param(
            9,
            [at(8, 11, Severity.WARNING, "short"), at(0, 11, Severity.ERROR, "bad")],
            "bad",
            id="worst first",
        ),
        pytest.param(
            9,
            [at(0, 5, Severity.ERROR, "beside"), at(8, 11, Severity.HINT, "under")],
            "under",
            id="under first",
        ),
        pytest.param(14, [at(0, 20, code="across")], "across", id="over lines"),
        pytest.param(14, [Problem("m", code="no span", line=2)], "no span", id="by line alone"),
        pytest.param(9, [at(8, 11, code="a"), at(8, 11, code="b")], "a", id="order decides at last"),
    ],
)
def test_worst_under_the_cursor(offset: int, problems: list[Problem], expected: str | None):
    found = locate(SNAPSHOT, offset, problems)
    assert (found.code if found else None) == expected


# In a text.


def test_trace_of_a_container_is_mapped(project: Path, read: Callable[[str], Snapshot | None]):
    text = (
        "Traceback (most recent call last):\n"
        '  File "/srv/app/main.py", line 3, in <module>\n    shop.cart.total({})\n'
        '  File "/srv/app/shop/cart.py", line 2, in total\n    return prices["tea"]\n'
        '  File "/usr/lib/python3.11/json/decoder.py", line 9, in decode\n    raise\n'
        "KeyError: 'tea'\n"
    )
    problem = from_text(text, project, read)
    assert problem is not None
    assert (problem.kind, problem.source, problem.code) == (ProblemKind.TRACEBACK, "python", "KeyError")
    assert problem.message == "KeyError: 'tea'"
    assert (problem.path, problem.line) == (str(project / "shop/cart.py"), 2)
    assert [str(frame) for frame in problem.frames] == [
        "/srv/app/main.py:3",  # `main.py` is everywhere: the name alone proves nothing
        f"{project / 'shop/cart.py'}:2",
        "/usr/lib/python3.11/json/decoder.py:9",
    ]
    assert [frame.note for frame in problem.frames] == ["<module>", "total", "decode"]
    assert problem.span is not None
    assert problem.span.of(CART) == 'return prices["tea"]'


def test_prefix_that_fitted_once_serves_common_names(project: Path, read: Callable[[str], Snapshot | None]):
    text = (
        "Traceback (most recent call last):\n"
        '  File "/srv/app/shop/cart.py", line 2, in total\n'
        '  File "/srv/app/main.py", line 3, in <module>\n'
        "KeyError: 'tea'\n"
    )
    assert check(text, project, read)[3:] == ("main.py", 3)


def test_real_crash(project: Path, read: Callable[[str], Snapshot | None]):
    done = spawn.run_blocking([sys.executable, "-B", "main.py"], cwd=project, timeout_s=60)
    assert check(done.stderr.decode(), project, read) == (
        "python",
        "KeyError",
        "KeyError: 'tea'",
        "shop/cart.py",
        2,
    )


def test_last_trace_counts_and_causes_are_related(project: Path, read: Callable[[str], Snapshot | None]):
    text = (
        "Traceback (most recent call last):\n"
        '  File "/srv/app/old.py", line 1, in f\n'
        "ValueError: long ago\n\nok\n\n"
        "Traceback (most recent call last):\n"
        '  File "/srv/app/shop/cart.py", line 2, in total\n'
        "KeyError: 'tea'\n\n"
        "During handling of the above exception, another exception occurred:\n\n"
        "Traceback (most recent call last):\n"
        '  File "/srv/app/shop/cart.py", line 1, in total\n'
        "RuntimeError: closed\n"
    )
    problem = from_text(text, project, read)
    assert problem is not None
    assert (problem.code, problem.line) == ("RuntimeError", 1)
    assert [(place.line, place.note) for place in problem.related] == [(2, "KeyError: 'tea'")]


def test_library_file_of_the_same_name_is_not_the_projects(
    project: Path, read: Callable[[str], Snapshot | None]
):
    text = (
        "Traceback (most recent call last):\n"
        '  File "/opt/x/lib/python3.12/site-packages/shop/cart.py", line 2, in total\n'
        f'  File "{project}/.venv/lib/python3.11/site-packages/shop/cart.py", line 2, in total\n'
        "KeyError: 'tea'\n"
    )
    problem = from_text(text, project, read)
    assert problem is not None
    assert problem.span is None
    assert problem.path == f"{project}/.venv/lib/python3.11/site-packages/shop/cart.py"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "shop/cart.py:2:12: F821 Undefined name `prices`",
            ("Ruff", "F821", "Undefined name `prices`", "shop/cart.py", 2),
            id="ruff concise",
        ),
        pytest.param(
            "shop/cart.py:2:12: invalid-syntax: Expected `)`, found newline",
            ("Ruff", "invalid-syntax", "Expected `)`, found newline", "shop/cart.py", 2),
            id="ruff syntax",
        ),
        pytest.param(
            "F401 [*] `os` imported but unused\n --> shop/cart.py:1:8\n  |\n1 | import os\n",
            ("Ruff", "F401", "`os` imported but unused", "shop/cart.py", 1),
            id="ruff full",
        ),
        pytest.param(
            'shop/cart.py:2: error: Value of type "int" is not indexable  [index]',
            ("mypy", "index", 'Value of type "int" is not indexable', "shop/cart.py", 2),
            id="mypy",
        ),
        pytest.param(
            "/srv/app/shop/cart.py\n"
            '  /srv/app/shop/cart.py:2:12 - error: "x" is not defined (reportUndefinedVariable)\n'
            "1 error, 0 warnings, 0 notes",
            ("Pyright", "reportUndefinedVariable", '"x" is not defined', "shop/cart.py", 2),
            id="pyright",
        ),
        pytest.param(
            "shop/cart.py:1:0: C0114: Missing module docstring (missing-module-docstring)",
            ("pylint", "C0114", "Missing module docstring", "shop/cart.py", 1),
            id="pylint",
        ),
        pytest.param(
            "src/cart.c:14:9: warning: unused variable ‘n’ [-Wunused-variable]",
            ("cc", "-Wunused-variable", "unused variable ‘n’", "src/cart.c", 14),
            id="gcc",
        ),
        pytest.param(
            "src/cart.ts(3,5): error TS2304: Cannot find name 'x'.",
            ("ts", "2304", "Cannot find name 'x'.", "src/cart.ts", 3),
            id="tsc",
        ),
        pytest.param(
            "src/cart.ts:3:5 - error TS2304: Cannot find name 'x'.",
            ("ts", "2304", "Cannot find name 'x'.", "src/cart.ts", 3),
            id="tsc pretty",
        ),
        pytest.param(
            "error[E0382]: borrow of moved value: `v`\n --> src/main.rs:5:20\n  |\n",
            ("rustc", "E0382", "borrow of moved value: `v`", "src/main.rs", 5),
            id="rustc",
        ),
        pytest.param(
            "# example.com/shop\n./main.go:10:2: undefined: total",
            ("compiler", "", "undefined: total", "./main.go", 10),
            id="go",
        ),
        pytest.param(
            "C:\\dev\\shop\\cart.py:2:12: F821 Undefined name `prices`",
            ("Ruff", "F821", "Undefined name `prices`", "shop/cart.py", 2),
            id="windows",
        ),
        pytest.param(
            "ValueError: invalid literal for int() with base 10: 'x'",
            ("python", "ValueError", "ValueError: invalid literal for int() with base 10: 'x'", "", 1),
            id="an exception alone",
        ),
        pytest.param("something went wrong", ("", "", "something went wrong", "", 1), id="prose"),
        pytest.param("\n10:11:12: started\n", ("", "", "10:11:12: started", "", 1), id="a clock is no place"),
    ],
)
def test_lines_of_tools(
    text: str,
    expected: tuple[str, str, str, str, int],
    project: Path,
    read: Callable[[str], Snapshot | None],
):
    assert check(text, project, read) == expected


def test_column_gives_the_name(project: Path, read: Callable[[str], Snapshot | None]):
    problem = from_text("shop/cart.py:2:12: F821 Undefined name `prices`", project, read)
    assert problem is not None
    assert problem.span is not None
    assert problem.span.of(CART) == "prices"


@pytest.mark.parametrize("text", ["", "\n \n", "\x1b[0m\n"])
def test_empty_text_tells_of_nothing(text: str, project: Path, read: Callable[[str], Snapshot | None]):
    assert from_text(text, project, read) is None


@pytest.mark.parametrize("line", [0, 99, 10**12])
def test_line_that_is_not_there(line: int, project: Path, read: Callable[[str], Snapshot | None]):
    problem = from_text(f"shop/cart.py:{line}:5: F821 Undefined name `x`", project, read)
    assert problem is not None
    assert problem.line >= 1


def test_without_a_root_paths_stay_as_they_are():
    problem = from_text("shop/cart.py:2:12: F821 Undefined name `x`", None, _never)
    assert problem is not None
    assert (problem.path, problem.span) == ("shop/cart.py", None)


def _never(path: str) -> Snapshot | None:
    raise AssertionError(f"asked for {path}")


@pytest.mark.parametrize(
    "path",
    [
        "//host/share/cart.py",
        "\\\\host\\share\\cart.py",
        "\\\\.\\PHYSICALDRIVE0",
        "\\\\?\\C:\\cart.py",
        "/\\host\\cart.py",
        "file://host/cart.py",
        "https://example.com/cart.py",
        "https://[",
        "../../etc/passwd",
        "/srv/../../etc/passwd",
        "<stdin>",
        "<frozen importlib._bootstrap>",
        "cart\x00.py",
        "",
    ],
)
def test_paths_that_nobody_asks_the_disk_about(path: str, tmp_path: Path):
    assert local_path(path) is None
    text = f'Traceback (most recent call last):\n  File "{path}", line 2, in total\nKeyError: 1\n'
    problem = from_text(text, tmp_path, _never)
    assert problem is not None
    assert problem.code == "KeyError"


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("file:///srv/my%20app/cart.py", "/srv/my app/cart.py"),
        ("file://localhost/srv/cart.py", "/srv/cart.py"),
        ("file:///C:/dev/cart.py", "C:/dev/cart.py"),
        ("/srv/cart.py", "/srv/cart.py"),
    ],
)
def test_local_addresses(address: str, path: str):
    assert local_path(address) == path


def test_only_paths_below_the_root_are_read(tmp_path: Path):
    asked = list[str]()

    def read(path: str) -> None:
        asked.append(path)

    from_text(
        'Traceback (most recent call last):\n  File "/a/b/c.py", line 2, in f\nKeyError: 1\n', tmp_path, read
    )
    assert asked
    assert all(Path(path).is_relative_to(tmp_path) for path in asked)


@given(st.text(max_size=200))
def test_any_text_is_read_without_raising(text: str):
    from_text(text, Path("/root"), lambda _: None)


def test_long_lines_cost_little():
    from_text("a" * 5_000_000 + ":1:1: E1 x", Path("/root"), lambda _: None)
    from_text("a:" * 500_000, Path("/root"), lambda _: None)
    from_text(" " * 1_000_000 + "x", Path("/root"), lambda _: None)
