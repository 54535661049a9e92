"""Cards of gcc's findings: gcc compiles every case once, and again after a certain edit."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from c_scrub import without_library_text
from card_golden import GoldenCase
from card_of_tool import cards_of, check_case
from card_project import Project, shown
from tool_golden import Reported, ToolCases, answers, check_record, names_its_subject

from lsp_debugger import spawn
from lsp_debugger.cards import c
from lsp_debugger.cards.c import headers, words, words_clangd
from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.checkers.gcc import CHECKER
from lsp_debugger.checkers.run import Runner
from lsp_debugger.core.ask import Card, CertainEdit, Place, Problem, Severity
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.tools import find_tool

TOOL = ToolCases("gcc", CHECKER, scrub=without_library_text)


@pytest.fixture(scope="session", params=answers("c"))
def reported(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Reported:
    return TOOL.report(tmp_path_factory.mktemp("gcc"), request.param)


@pytest.mark.parametrize("case", TOOL.cases, ids=lambda case: case.id)
async def test_golden(case: GoldenCase, reported: Reported, docs: RuleTexts):
    for problem, card in await check_case(case, reported, docs):
        assert card.rule_text or problem.code in {"error", ""}, problem.code


@pytest.mark.thorough
@pytest.mark.parametrize("reported", ["real"], indirect=True)
def test_the_record_is_what_gcc_says(reported: Reported):
    check_record(reported)


async def test_headlines_name_their_subject(reported: Reported, docs: RuleTexts):
    made = [each for case in TOOL.cases for each in await cards_of(case, reported, docs)]
    named = [
        names_its_subject(card, problem, project.read(str(problem.path))) for problem, card, project in made
    ]
    assert sum(named) / len(named) >= 0.95


# --- certain edits


def applied(edit: CertainEdit, text: str) -> str:
    for each in sorted(edit.replacements, key=lambda each: each.span, reverse=True):
        text = text[: each.span.start] + each.new_text + text[each.span.end :]
    return text


async def told(root: Path) -> list[Problem]:
    cache = root.parent / "cache"
    cache.mkdir(exist_ok=True)
    read = Project(root, RuleTexts(None)).workspace.read
    runner = Runner(root, trusted=False, cache=lambda _: cache, read=read, checkers=(CHECKER,))
    (checked,) = await runner.check(root)
    assert not checked.reason, checked.reason
    return list(checked.problems)


EDITED = [
    'int main(void) {\n    printf("hi\\n");\n    return 0;\n}\n',
    '/* A file\n * with a title. */\n\nint main(void) { puts("hi"); return 0; }\n',
    "// title\n#include <stdlib.h>\n\nsize_t f(const char *a) { return strlen(a); }\n",
    '#include "own.h"\n\nint f(uint8_t a) { return own + a; }\n',
    (
        "#include <stdio.h>\r\n\r\nint f(const char *a) {\r\n    assert(a != NULL);\r\n    return "
        "puts(a);\r\n}\r\n"
    ),
    "#ifndef GUARD_H\n#define GUARD_H\n#include <stdio.h>\nstatic inline void é(void) { abort(); }\n#endif\n",
    "struct p { int x; };\nint f(struct p *é) { return é.x; }\n",
    "struct p { int x; };\nint f(struct p q) { return q->x; }\n",
    "int f(const char *a) { errno = 0; return a[0]; }\n",
    "int f(int a) { return a < INT_MAX; }\n",
]
EDITED_CPP = [
    "int main() {\n    std::vector<int> v{1};\n    return v[0];\n}\n",
    "#include <string>\n\nint f(const std::string &a) { std::cout << a; return 0; }\n",
    (
        "#include <vector>\n#include <string>\n\nint f(std::vector<int> &v) { std::sort(v.begin(), "
        "v.end()); return v[0]; }\n"
    ),
    '#pragma once\n\ninline std::string name() { return "n"; }\n',
    "int f(const char *a) { return static_cast<int>(strlen(a)); }\n",
    "struct P { int x; };\nint f(P *p) { return p.x; }\n",
    "struct P { int x; };\nint f(P p) { return p->x; }\n",
    "int f() { std::unique_ptr<int> p; return p ? 1 : 0; }\n",
]


@pytest.mark.skipif(find_tool("gcc") is None, reason="no gcc here")
@pytest.mark.parametrize(
    ("name", "text"),
    [*(("a.c", text) for text in EDITED), *(("a.cpp", text) for text in EDITED_CPP)],
)
async def test_an_edit_mends_its_finding_and_brings_no_other(name: str, text: str, tmp_path: Path):
    root = tmp_path / "project"
    root.mkdir()
    (root / "own.h").write_text("static int own = 1;\n")
    file = root / name
    file.write_bytes(text.encode())
    before = [each for each in await told(root) if each.path == str(file)]
    project = Project(root, RuleTexts(None))
    snapshot = project.read(name)
    edits = [(each, (await project.card(each, snapshot)).edit) for each in before]
    problem, edit = next((problem, edit) for problem, edit in edits if edit is not None)
    file.write_bytes(applied(edit, text).encode())
    assert b"\r\n" not in file.read_bytes().replace(b"\r\n", b"") or "\r\n" in text
    after = {(each.code, each.message) for each in await told(root) if each.path == str(file)}
    assert (problem.code, problem.message) not in after
    assert after <= {(each.code, each.message) for each in before}


async def card_in(
    tmp_path: Path, text: str, problem: Problem, name: str = "a.c", files: dict[str, str] | None = None
) -> Card:
    project = Project(tmp_path, RuleTexts(None))
    project.write({name: text, **(files or {})})
    snapshot = project.read(name)
    at = problem.span or Span(0, 0)
    line = snapshot.lines.line_of(at.start) + 1
    return await project.card(replace(problem, path=snapshot.path, line=line), snapshot)


def at(text: str, what: str) -> Span:
    start = text.index(what)
    return Span(start, start + len(what))


@pytest.mark.parametrize(
    "text",
    [
        '#ifdef WINDOWS\n#include <windows.h>\n#endif\nint f(void) { return puts("a"); }\n',
        '#if A\nint a;\n#endif\nint f(void) { return puts("a"); }\n',
        '#include <stdio.h>\nint f(void) { return puts("a"); }\n',
    ],
)
async def test_no_include_where_its_place_is_in_doubt(text: str, tmp_path: Path):
    problem = Problem(
        "implicit declaration of function 'puts'",
        source="gcc",
        code="-Wimplicit-function-declaration",
        span=at(text, "puts"),
    )
    assert (await card_in(tmp_path, text, problem)).edit is None


@pytest.mark.parametrize("source", ["clangd", "clang", "clang-tidy"])
async def test_no_edit_that_clangd_offers_itself(source: str, tmp_path: Path):
    text = 'struct p { int x; };\nint f(struct p *q) { return q.x + puts("a"); }\n'
    said = [
        ("call to undeclared library function 'puts' with type 'int (const char *)'", "puts"),
        ("Member reference type 'struct p *' is a pointer; did you mean to use '->'? (fix available)", "."),
    ]
    for message, where in said:
        span = at(text, "q.x") if where == "." else at(text, where)
        card = await card_in(tmp_path, text, Problem(message, source=source, code="x", span=span))
        assert card.edit is None
        assert card.headline != message


# --- the same findings from other publishers


PUBLISHED = [
    ("clangd", "undeclared_var_use_suggest", ("Use of undeclared identifier 'totl'; did you mean "
    "'total'? (fix available)"),
     "int f(int total) { return totl; }\n", "totl", ("`totl` is not declared; the nearest name is "
     "`total`, declared in line 1.")),
    ("clangd", "-Wunused-variable", "Unused variable 'left'", ("int f(void) { int left = 3; return 1; "
    "}\n"), "left",
     "`left` is never used in `f`."),
    ("clangd", "-Wformat", "Format specifies type 'int' but the argument has type 'long' (fix available)",
     '#include <stdio.h>\nvoid f(long n) { printf("%d", n); }\n', "n);", None),
    ("gcc", "", ("unused variable 'left' "
    "[-Wunused-variable]"), "int f(void) { int left = 3; return 1; }\n", "left",
     "`left` is never used in `f`."),
    ("cc", "-Wreturn-type", "control reaches end of non-void function", ("int f(int a) {\n    if (a) "
    "return 1;\n}\n"), "}\n",
     "`f` can reach its end in line 3 without the `int` that it promises."),
    ("clangd", "-Wswitch", "Enumeration values 'B' and 'C' not handled in switch (fix available)",
     "enum e { A, B, C };\nint f(enum e x) { switch (x) { case A: return 1; } return 2; }\n", "switch",
     "The `switch` over `x` has no case for `B` and `C`."),
    ("clangd", "-Wuninitialized", "Variable 'n' is uninitialized when used here", ("int f(void) {\n   "
    " int n;\n    return n;\n}\n"),
     "n;\n}", "`n` is read in line 3 and nothing has given it a value."),
    ("clangd", "pp_file_not_found", "'lib/none.h' file not found", '#include "lib/none.h"\n', '"lib/none.h"',
     "`lib/none.h` was not found: it is neither beside this file nor in the include folders."),
    ("gcc", "", ("/usr/bin/ld: a.c:(.text+0x5): undefined reference to "
    "`start_engine'"), "void start_engine(void);\n", "start_engine",
     "`start_engine` is used and nothing that is linked has a body for it."),
    ("gcc", "", "multiple definition of `limit'; other.o: first defined here", "int limit = 3;\n", "limit",
     "`limit` is defined in several of the files that are linked."),
]  # fmt: skip


@pytest.mark.parametrize(("source", "code", "message", "text", "where", "headline"), PUBLISHED)
async def test_other_publishers_words(
    source: str, code: str, message: str, text: str, where: str, headline: str | None, tmp_path: Path
):
    span = at(text, where)
    problem = Problem(message, source=source, code=code, span=span)
    card = await card_in(tmp_path, text, problem)
    if headline is not None:
        assert card.headline == headline
    assert card.edit is None
    if code.startswith("-W"):
        assert card.rule_text.startswith(code)
        assert card.href is not None


async def test_notes_of_clangd_are_places(tmp_path: Path):
    text = "int f(int a, int b);\nint g(void) {\n    return f(1);\n}\n"
    problem = Problem(
        "Too few arguments to function call, expected 2, have 1",
        source="clangd",
        code="typecheck_call_too_few_args",
        span=at(text, ")"),
        related=(Place(str(tmp_path / "a.c"), 1, "'f' declared here"),),
    )
    problem = replace(problem, span=Span(text.index("f(1)") + 3, text.index("f(1)") + 4))
    card = await card_in(tmp_path, text, problem)
    assert shown(card)[:2] == [
        "`f` takes 2 arguments and gets 1: `b` is missing.",
        "a.c:1 `int f(int a, int b);`",
    ]


# --- silence where the code does not bear it out


SILENT = [
    # Its address is given away: there it may get its value.
    ("use of uninitialized value 'n'", ("void set(int *);\nint f(int a) {\n    int n;\n    if (a) n = "
    "1;\n    set(&n);\n    return n;\n}\n"), "return n"),
    # A value on every way that we see: the analyzer's way is not one that we could name.
    ("'n' may be used uninitialized", ("int f(int a) {\n    int n;\n    n = a;\n    return "
    "n;\n}\n"), "return n"),
    ("'n' is used uninitialized", "int f(int n) {\n    return n;\n}\n", "return n"),
    (("format '%d' expects argument of type 'int', but argument 9 has type "
    "'long'"), 'int f(void) { return printf("%d", 1L); }\n', "%d"),
    ("array subscript 9 is above array bounds of 'int[3]'", "int f(int *a) {\n    return *a;\n}\n", "*a;"),
    ("leak of 'p'", "int f(void) { return 1; }\n", "1"),
    ("enumeration value 'B' not handled in switch", "int f(void) { return 1; }\n", "1"),
    ("this statement may fall through", "int f(void) { return 1; }\n", "1"),
    ("double-'free' of 'p'", "int f(void) { return 1; }\n", "1"),
    ("redefinition of", "int f(void) { return 1; }\n", "1"),
    ("expected ';' before 'return'", "int f(void) { g(); return 1; }\n", "return"),
]  # fmt: skip


@pytest.mark.parametrize(("message", "text", "where"), SILENT)
async def test_the_message_stands_where_we_are_not_sure(message: str, text: str, where: str, tmp_path: Path):
    problem = Problem(message, source="gcc", code="", span=at(text, where))
    assert (await card_in(tmp_path, text, problem)).headline == message


async def test_a_name_of_the_project_is_no_name_of_std(tmp_path: Path):
    text = '#include "own.hpp"\nint main() { return list(3); }\n'
    problem = Problem(
        "'lists' was not declared in this scope", source="gcc", code="error", span=at(text, "list")
    )
    card = await card_in(tmp_path, text, problem, "a.cpp", {"own.hpp": "int list(int);\n"})
    assert "std::" not in card.headline


# --- hostile


HOSTILE = [
    "'" * 100_000,
    "\u2018" * 50_000 + " undeclared",
    "'" + "a" * 1_000_000 + "' undeclared (first use in this function)",
    "format '%d' expects argument of type '" + "int *" * 200_000,
    "no match for 'operator<' (operand types are '" + "std::vector<" * 80_000,
    "\x1b[31m'x' undeclared\x1b[0m **bold** [link](javascript:1) `tick`",
    "'x` **y** ' undeclared (first use in this function)",
    "expected ';' before " * 20_000,
    "",
    "\n\n\n",
]


@pytest.mark.parametrize("message", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("source", ["gcc", "clangd", "clang-tidy"])
async def test_hostile_messages(message: str, source: str, tmp_path: Path):
    text = "int f(int a) { return a; }\n"
    for code in ("", "-Wformat=", "bugprone-use-after-move", "-W" + "x" * 5_000, "nobody-knows"):
        card = await card_in(tmp_path, text, Problem(message, source=source, code=code, span=Span(0, 3)))
        assert card.headline
        assert len(card.headline) < 25_000


@pytest.mark.parametrize("span", [None, Span(0, 0), Span(9_999, 10_000), Span(27, 27)])
async def test_places_past_the_end(span: Span | None, reported: Reported, tmp_path: Path):
    messages = {problem.message: problem for problem in reported.problems}
    project = Project(tmp_path, RuleTexts(None))
    project.write({"a.c": "int f(int a) { return a; }\n"})
    snapshot = project.read("a.c")
    for problem in messages.values():
        for line in (1, 77):
            moved = replace(
                problem, path=snapshot.path, line=line, span=span, related=(Place("gone.c", 9, "x"),)
            )
            assert (await project.card(moved, snapshot)).headline


async def test_a_file_that_is_gone(tmp_path: Path):
    project = Project(tmp_path, RuleTexts(None))
    snapshot = Snapshot((tmp_path / "gone.c").as_uri(), "", None, str(tmp_path / "gone.c"), "c")
    problem = Problem("'x' undeclared (first use in this function)", source="gcc", path=snapshot.path, line=3)
    assert (await project.card(problem, snapshot)).headline


async def test_deep_and_long_code(tmp_path: Path):
    text = "int f(void) { return " + "(" * 20_000 + "x" + ")" * 20_000 + "; }\n"
    problem = Problem("'x' undeclared (first use in this function)", source="gcc", span=at(text, "x"))
    await card_in(tmp_path, text, problem)


# --- words


def _enabled(language: str) -> set[str]:
    """Warnings that `-Wall -Wextra` switches on, as gcc itself lists them."""
    tool = find_tool("gcc")
    if tool is None:
        pytest.skip("no gcc here")
    done = spawn.run_blocking(
        [str(tool.path), "-Q", "--help=warnings", "-Wall", "-Wextra", "-x", language, "/dev/null"],
        cwd="/",
        timeout_s=20,
    )
    found = set[str]()
    for line in done.stdout.decode().splitlines():
        name, _, state = line.strip().partition(" ")
        if state.strip() == "[enabled]" and re.fullmatch(r"-W[a-z][a-z0-9+-]*", name):
            found.add(name.removeprefix("-W"))
    return found


# Of other languages, of building compilers, or about files that only gcc writes.
_NOBODYS = re.compile(
    r"c\+\+|coverage|profile|abi|NSObject|openmp|diag$|lto|sync-nand|memory-model|interference|^no-"
    r"|suggest-attr"
    r"|if-not-aligned|normalized|prio-ctor|tsan|attribute|ctor|friend|requires|sized|pmf|offset"
    r"|error-implicit"
)


@pytest.mark.parametrize("language", ["c", "c++"])
def test_warnings_that_are_on_have_words(language: str):
    wanted = {flag for flag in _enabled(language) if not _NOBODYS.search(flag)}
    assert len(wanted) > 90
    assert {flag for flag in wanted if flag not in words.WORDS} == set()


def test_there_are_words_for_the_usual():
    assert len(words.WORDS) >= 120
    assert len(words_clangd.WORDS) >= 100
    assert len({**headers.C_NAMES, **headers.STD_NAMES, **headers.SHARED}) >= 150
    for text in (*words.WORDS.values(), *words_clangd.WORDS.values()):
        assert text.endswith(".")
        assert len(text) < 160


@pytest.mark.skipif(find_tool("gcc") is None, reason="no gcc here")
@pytest.mark.thorough
@pytest.mark.parametrize("table", ["c", "c++"])
async def test_headers_declare_their_names(table: str, tmp_path: Path):
    """Each name of the tables, by itself, behind nothing but its header."""
    root = tmp_path / "names"
    root.mkdir()
    names = headers.C_NAMES if table == "c" else headers.STD_NAMES
    suffix, before = ("c", "#define _GNU_SOURCE\n") if table == "c" else ("cpp", "")
    by_header: dict[str, list[str]] = {}
    for name, header in names.items():
        by_header.setdefault(header, []).append(name)
    for header, mine in by_header.items():
        # `using` takes a name of any kind; a macro is taken as it is defined.
        uses = (
            "".join(
                f"#ifndef {name}\nvoid f_{name}(void) {{ (void)sizeof({name}); }}\n#endif\n" for name in mine
            )
            if table == "c"
            else "".join(
                f"namespace n_{name} {{ namespace t = std; using {_used(name)} }}\n" for name in mine
            )
        )
        (root / f"{header.replace('/', '_').replace('.', '_')}.{suffix}").write_text(
            f"{before}#include <{header}>\n{uses}"
        )
    found = [each.message for each in await told(root) if each.severity is Severity.ERROR]
    assert [message for message in found if "declare" in message or "std" in message] == []


def _used(name: str) -> str:
    return f"namespace std::{name};" if name in {"filesystem", "chrono", "this_thread"} else f"std::{name};"


def test_addresses():
    def of(source: str, code: str) -> str | None:
        return c.address(Problem("m", source=source, code=code))

    manual = "https://gcc.gnu.org/onlinedocs/gcc"
    assert of("gcc", "-Wformat=") == f"{manual}/Warning-Options.html#index-Wformat"
    assert (
        of("gcc", "-Wanalyzer-double-free")
        == f"{manual}/Static-Analyzer-Options.html#index-Wanalyzer-double-free"
    )
    assert of("clang-tidy", "clang-analyzer-unix.Malloc") == (
        "https://clang.llvm.org/extra/clang-tidy/checks/clang-analyzer/unix.Malloc.html"
    )
    assert of("clangd", "bugprone-use-after-move") == (
        "https://clang.llvm.org/extra/clang-tidy/checks/bugprone/use-after-move.html"
    )
    assert of("gcc", "error") is None
    assert of("gcc", "-W)](javascript:1)") is None


def test_no_other_publisher_is_ours():
    assert c.FAMILY.knows(Problem("m", source="GCC"))
    assert not c.FAMILY.knows(Problem("m", source="rustc"))
