"""Cards of Go: vet, gopls and staticcheck run over their cases, one package each in one module."""

from __future__ import annotations

import asyncio
import re
import subprocess  # noqa: TID251 - the tools are asked for the names of their rules
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from card_golden import GoldenCase, check
from card_project import Project, shown
from tool_golden import Reported, ToolCases, answers, check_record, names_its_subject

from lsp_debugger.cards import go as family
from lsp_debugger.cards import plain
from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.cards.families import family_of
from lsp_debugger.cards.go import code_of, texts
from lsp_debugger.cards.go.words import ANALYZERS, COMPILER, GOPLS
from lsp_debugger.checkers import go_vet, gopls, staticcheck
from lsp_debugger.checkers.go_environment import environment
from lsp_debugger.core.ask import Card, Place, Problem, Replacement
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.tools import Tool, find_tool

pytestmark = [pytest.mark.xdist_group("go"), pytest.mark.timeout(300)]
_MODULE = {"go.mod": "module example.com/shop\n\ngo 1.26\n"}
# gopls sees no private names of a package that came as export data; which ones those are differs by run.
_PRIVATE = re.compile(r"undefined: (\w+)\.([a-z]\w*)$", re.MULTILINE)
# What go prints of its own files belongs to the machine.
_OWN_FILES = re.compile(r"[^\s\"':]*/(?:go|toolchain@[^/]*)/src/")


def scrub(text: str) -> str:
    """Packages are checked side by side: what each says is kept in the order of their names."""
    text = _OWN_FILES.sub("$GOROOT/src/", text)
    text = _PRIVATE.sub(r"name \2 not exported by package \1", text)
    if text.startswith("{") and "}\n{" in text:
        objects = re.split(r"\}\n\{", text.strip().removeprefix("{").removesuffix("}"))
        return "{" + "}\n{".join(sorted(objects)) + "}\n"
    blocks = re.split(r"^(?=# )", text, flags=re.MULTILINE)
    if len(blocks) > 1:
        return "".join(sorted(blocks))
    # Lines that go on with the one above stay below it.
    return "".join(sorted(re.split(r"(?<=\n)(?![\t\n])(?![^\n]*: - )", text)))


VET = ToolCases("go", go_vet.CHECKER, _MODULE, scrub, "install Go")
GOPLS_CASES = ToolCases("gopls", gopls.CHECKER, _MODULE, scrub, "run tools/install_checkers.sh")
STATICCHECK = ToolCases("staticcheck", staticcheck.CHECKER, _MODULE, scrub, "run tools/install_checkers.sh")


@pytest.fixture(scope="session", params=[VET, GOPLS_CASES, STATICCHECK], ids=lambda tool: tool.folder)
def tool(request: pytest.FixtureRequest) -> ToolCases:
    return request.param


@pytest.fixture(scope="session", params=answers("go"))
def reported(
    tool: ToolCases, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Reported:
    return with_kept_cache(tool, request).report(tmp_path_factory.mktemp(tool.folder), request.param)


def with_kept_cache(tool: ToolCases, request: pytest.FixtureRequest) -> ToolCases:
    """What it compiles of Go's own library is kept between runs of the tests: that takes half a minute."""
    assert request.config.cache is not None
    build = {"GOCACHE": str(request.config.cache.mkdir("go-build"))}
    return replace(tool, checker=replace(tool.checker, environment=lambda job: {**environment(job), **build}))


async def cards_of(
    case: GoldenCase, reported: Reported, docs: RuleTexts
) -> AsyncIterator[tuple[Problem, Card, Project]]:
    """The module is the workspace, as it is in an editor: imports of it are looked up in its go.mod."""
    project = Project(reported.root, docs)
    for problem in reported.of(case):
        yield problem, await project.card(problem, project.read(str(problem.path))), project


async def found_in(case: GoldenCase, reported: Reported, docs: RuleTexts) -> dict[str, list[str]]:
    found = dict[str, list[str]]()
    async for problem, card, project in cards_of(case, reported, docs):
        snapshot = project.read(str(problem.path))
        start = problem.span.start if problem.span else snapshot.lines.span_of(problem.line - 1).start
        column = start - snapshot.lines.span_of(snapshot.lines.line_of(start)).start + 1
        place = Path(str(problem.path)).relative_to(reported.root / case.folder).as_posix()
        key = f"{place}:{problem.line}:{column} {problem.code or problem.source}"
        while key in found:
            key += "'"
        found[key] = [line.replace(f"{case.folder}/", "") for line in shown(card)]
    return found


async def test_golden(tool: ToolCases, reported: Reported, docs: RuleTexts):
    wrong = list[str]()
    for case in tool.cases:
        try:
            found = await found_in(case, reported, docs)
            assert found, "the tool finds nothing in this case"
            check(case, found)
        except AssertionError as error:
            wrong.append(f"{case.id}: {error}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.thorough
@pytest.mark.parametrize("reported", ["real"], indirect=True)
def test_record(reported: Reported):
    check_record(reported)


async def test_headlines_name_what_they_are_about(tool: ToolCases, reported: Reported, docs: RuleTexts):
    named = list[bool]()
    unnamed = list[str]()
    for case in tool.cases:
        async for problem, card, project in cards_of(case, reported, docs):
            named.append(names_its_subject(card, problem, project.read(str(problem.path))))
            unnamed += [] if named[-1] else [card.headline]
    assert named.count(True) >= 0.95 * len(named), "\n".join(unnamed)


# --- the same findings from gopls as a language server: other sources and codes, the same cards


_FROM_GOPLS = {"undefined: pirce": "UndeclaredName", "missing return": "MissingReturn"}


async def test_a_language_server_gets_the_same_cards(reported: Reported, tool: ToolCases, docs: RuleTexts):
    for case in tool.cases:
        async for problem, card, project in cards_of(case, reported, docs):
            if problem.source == "go vet":
                other = replace(problem, source=problem.code, code="default", href=None, fix=None)
            elif problem.message in _FROM_GOPLS:
                other = replace(problem, source="compiler", code=_FROM_GOPLS[problem.message])
            elif problem.source == "staticcheck":
                other = replace(problem, source=problem.code, code="default", fix=None)
            else:
                continue
            again = await project.card(other, project.read(str(problem.path)))
            assert (again.headline, again.places) == (card.headline, card.places)
            assert again.href


def test_only_its_own_problems_are_known():
    assert family_of(Problem("undefined: x", source="compiler", path="/a/b.go")) is family.FAMILY
    assert family_of(Problem("undefined: x", source="compiler", path="/a/b.rs")) is not family.FAMILY
    assert family_of(Problem("x", source="assign", path="/a/b.go")) is family.FAMILY
    assert family_of(Problem("x", source="assign", path="/a/b.py")) is not family.FAMILY
    assert family_of(Problem("x", source="printf", path=None)) is not family.FAMILY


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("undefined: totl", "UndeclaredName"),
        ("undefined: strings.Uper", "UndeclaredImportedName"),
        ('"os" imported and not used', "UnusedImport"),
        ("declared and not used: x", "UnusedVar"),
        ("x declared and not used", "UnusedVar"),
        ("missing return", "MissingReturn"),
        ("no new variables on left side of :=", "NoNewVar"),
        ("fmt.Printf format %d has arg x of wrong type string", "printf"),
        ("copyBox passes lock by value: example.com/b.Box contains sync.Mutex", "copylocks"),
        ("unreachable code", "unreachable"),
        ("Area redeclared in this block (this error: other declaration of Area)", "DuplicateDecl"),
        ("invalid operation: a + b (mismatched types int and string)", "MismatchedTypes"),
        ("nothing that anybody has heard of", ""),
    ],
)
def test_recognised_by_its_words(message: str, code: str):
    assert code_of(Problem(message, source="gopls", path="/a/b.go")) == code


# --- rule texts


@pytest.mark.skipif(find_tool("go") is None, reason="no go here")
async def test_the_words_of_vet_and_of_the_compiler():
    go = _tool("go")
    table = await texts.ask_go(go, "")
    listed = said(str(go.path), "tool", "vet", "help")
    analyzers = re.findall(
        r"^    ([a-z]\w*) +\S",
        listed.partition("Registered analyzers:")[2].partition("By default")[0],
        re.MULTILINE,
    )
    assert len(analyzers) > 30
    told = [name for name in analyzers if texts.told_go(name, table.get(name, "")).text]
    assert len(told) >= 0.99 * len(analyzers)
    codes = [code for code in COMPILER if texts.told_go(code, table[code]).text if code in table]
    assert len(codes) >= 0.99 * len(COMPILER)
    assert len(codes) >= 0.98 * len([key for key in table if key[:1].isupper()])
    assert set(analyzers) <= set(ANALYZERS), "ours, for where Go is missing"


@pytest.mark.skipif(find_tool("gopls") is None, reason="no gopls here")
async def test_the_words_of_gopls():
    table = await texts.ask_gopls(_tool("gopls"), "")
    told = {name: texts.told_gopls(name, table.get(name, "")) for name in GOPLS}
    assert [name for name, text in told.items() if not text.text or not text.href] == []


@pytest.mark.skipif(find_tool("staticcheck") is None, reason="no staticcheck here")
async def test_the_words_of_staticcheck():
    program = _tool("staticcheck")
    listed = said(str(program.path), "-list-checks")
    checks = [line.split()[0] for line in listed.splitlines() if line.strip()]
    tables = [await texts.ask_staticcheck(program, check) for check in checks]
    told = [
        check
        for check, table in zip(checks, tables, strict=True)
        if len(texts.told_staticcheck(check, table.get(check, "")).text) > len(check) + 5
    ]
    assert len(checks) > 130
    assert len(told) >= 0.99 * len(checks)
    assert await texts.ask_staticcheck(program, "SA9999") == {}
    assert await texts.ask_staticcheck(program, "-fix") == {}


def said(*argv: str) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


def _tool(name: str) -> Tool:
    found = find_tool(name)
    assert found is not None
    return found


def test_ours_where_go_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(family, "_has_go", lambda: False)
    (tmp_path / "a.go").write_text("package a\n\nfunc f() int {\n}\n", encoding="utf-8")
    project = Project(tmp_path, RuleTexts(None))
    problem = Problem(
        "missing return", source="compiler", path=str(tmp_path / "a.go"), line=4, span=Span(26, 27)
    )
    card = asyncio.run(project.card(problem, project.read("a.go")))
    assert card.headline == "`f` has a result and an empty body: it needs a `return`."
    assert card.rule_text.startswith("MissingReturn: ")
    assert card.href == "https://pkg.go.dev/golang.org/x/tools/internal/typesinternal#MissingReturn"


# --- what a tool calls safe


@pytest.mark.thorough
def test_safe_fixes_hold(tmp_path: Path, request: pytest.FixtureRequest):
    """All are put in, and vet finds nothing there any more, nor anything new."""
    root = tmp_path / "before"
    root.mkdir()
    vet = with_kept_cache(VET, request)
    before = vet.report(root, "real")
    if not before.here:
        pytest.skip("no go here")
    fixed = [problem for problem in before.problems if problem.fix is not None]
    assert {problem.code for problem in fixed} == {"printf", "sigchanyzer", "timeformat"}
    for problem in fixed:
        path = Path(str(problem.path))
        assert problem.fix is not None
        changed = _changed(path.read_text(encoding="utf-8"), problem.fix.replacements)
        path.write_text(changed, encoding="utf-8")
    tool = vet._tool(before.root)
    assert tool is not None
    after = list(go_vet.read(vet._job(before.root, tool), vet._run(before.root, tool)))
    left = {(each.path, each.code, each.message) for each in after}
    was = {(each.path, each.code, each.message) for each in before.problems}
    assert left == was - {(each.path, each.code, each.message) for each in fixed}


def _changed(text: str, replacements: tuple[Replacement, ...]) -> str:
    for each in sorted(replacements, key=lambda one: one.span, reverse=True):
        text = text[: each.span.start] + each.new_text + text[each.span.end :]
    return text


# --- hostile


_HOSTILE = [
    "undefined: " + "x" * 1_000_000,
    "cannot use " + "(" * 100_000 + " as int value in assignment",
    "cannot use `rm -rf` (variable of type \x1b[31m) as [x](http://evil.example) value in argument to f",
    "not enough arguments in call to " + "f(" * 50_000 + "\n\thave (" + "int, " * 100_000 + ")\n\twant ()",
    "a" * 200_000 + ".b undefined (type T has no field or method b)",
    "x passes lock by value: " + "a contains " * 100_000,
    "could not import ../../../../etc/passwd (x)",
    "could not import ",
    "undefined: ",
    "undefined: a.b.c",
    "invalid operation: " + "a + " * 50_000 + "b (mismatched types int and string)",
    "result of " + "f." * 100_000 + " call not used",
    "struct field tag `" + "`" * 10_000 + " not compatible with reflect.StructTag.Get: x",
    "this return statement may be reached without using the c var defined on line 999999",
    "\x00",
    "",
]


@pytest.mark.parametrize("message", _HOSTILE, ids=range(len(_HOSTILE)))
@pytest.mark.parametrize("text", ["", "package a\n\nfunc f() {\n\tx := g(\n", "}}}}((((\n" * 200])
async def test_odd_messages(message: str, text: str, tmp_path: Path, docs: RuleTexts):
    (tmp_path / "a.go").write_text(text, encoding="utf-8")
    project = Project(tmp_path, docs)
    for span, line in ((Span(0, 1), 1), (Span(5, 900_000), 7), (None, 10**9)):
        problem = Problem(message, source="compiler", path=str(tmp_path / "a.go"), line=line, span=span)
        snapshot = project.workspace.read("a.go") or Snapshot("untitled:a", text, language_id="go")
        card = await project.card(problem, snapshot)
        assert card.headline
        assert "\x1b" not in plain(card)


async def test_a_file_that_is_gone(tmp_path: Path, docs: RuleTexts):
    project = Project(tmp_path, docs)
    gone = str(tmp_path / "gone.go")
    for message in ("missing return", "undefined: x", "unreachable code", "declared and not used: x"):
        card = await project.cards.card(
            Problem(message, source="compiler", path=gone, line=3), Snapshot("untitled:x", "", path=gone)
        )
        assert card.headline


async def test_related_places_are_kept(tmp_path: Path, docs: RuleTexts):
    (tmp_path / "a.go").write_text("package a\n\nfunc F() {}\n\nfunc F() {}\n", encoding="utf-8")
    project = Project(tmp_path, docs)
    related = (Place(str(tmp_path / "a.go"), 3, "other declaration of F"),)
    problem = Problem(
        "F redeclared in this block",
        source="compiler",
        code="DuplicateDecl",
        path=str(tmp_path / "a.go"),
        line=5,
        span=Span(29, 30),
        related=related,
    )
    card = await project.card(problem, project.read("a.go"))
    assert card.headline == "`F` is already declared: a.go:3."
    assert [place.line for place in card.places] == [3]
