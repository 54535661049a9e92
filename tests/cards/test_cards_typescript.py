"""Cards of TypeScript's compiler: tsc itself runs over all cases at once."""

from __future__ import annotations

import json
import re
from collections import defaultdict

import pytest
from card_golden import GOLDEN, GoldenCase
from card_of_tool import cards_of, check_case
from card_project import Project, shown
from tool_golden import Reported, ToolCases, answers, check_record, names_its_subject

from lsp_debugger.cards.case import Case, Surroundings
from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.cards.typescript import FAMILY, RULES
from lsp_debugger.cards.typescript.words import WORDS
from lsp_debugger.checkers import tsc
from lsp_debugger.core.ask import Problem
from lsp_debugger.core.text import Span
from lsp_debugger.syntax.tree import TreeSitterSyntax

_CONFIG = {
    "compilerOptions": {
        "strict": True,
        "noUnusedLocals": True,
        "noUnusedParameters": True,
        "noUncheckedIndexedAccess": True,
        "noImplicitReturns": True,
        "allowUnreachableCode": False,
        "target": "es2022",
        "lib": ["es2022", "dom", "dom.iterable"],
        "module": "esnext",
        "moduleResolution": "bundler",
        "moduleDetection": "force",
        "types": [],
        "noEmit": True,
    },
    "include": ["**/*.ts"],
}
# Where the compiler's own declarations lie, and what is written there, belongs to the machine.
_LIBRARY = re.compile(r"\x1b\[96m[^\x1b\n]*/(lib\.[\w.]+\.d\.ts)\x1b\[0m(.*)\n(?:    \x1b\[7m.*\n)+")


def scrub(text: str) -> str:
    return _LIBRARY.sub("\x1b[96m$TYPESCRIPT/\\1\x1b[0m\\2\n", text)


TOOL = ToolCases("typescript", tsc.CHECKER, {"tsconfig.json": json.dumps(_CONFIG)}, scrub)


@pytest.fixture(scope="session", params=answers("typescript"))
def reported(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Reported:
    return TOOL.report(tmp_path_factory.mktemp("typescript"), request.param)


@pytest.mark.parametrize("case", TOOL.cases, ids=lambda case: case.id)
async def test_golden(case: GoldenCase, reported: Reported, docs: RuleTexts):
    await check_case(case, reported, docs)


@pytest.mark.thorough
@pytest.mark.parametrize("reported", ["real"], indirect=True)
def test_record(reported: Reported):
    check_record(reported)


async def test_headlines_name_what_they_are_about(reported: Reported, docs: RuleTexts):
    named = list[bool]()
    for case in TOOL.cases:
        for problem, card, project in await cards_of(case, reported, docs):
            named.append(names_its_subject(card, problem, project.read(str(problem.path))))
    assert named.count(True) >= 0.95 * len(named)


SYNTAX = ToolCases("typescript/syntax", tsc.CHECKER, {"tsconfig.json": json.dumps(_CONFIG)}, scrub)


@pytest.fixture(scope="session", params=answers("typescript"))
def unreadable(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Reported:
    """The compiler says nothing about types where a file cannot be read: these cases stand apart."""
    return SYNTAX.report(tmp_path_factory.mktemp("typescript_syntax"), request.param)


@pytest.mark.parametrize("case", SYNTAX.cases, ids=lambda case: case.id)
async def test_golden_of_syntax(case: GoldenCase, unreadable: Reported, docs: RuleTexts):
    await check_case(case, unreadable, docs)


@pytest.mark.thorough
@pytest.mark.parametrize("unreadable", ["real"], indirect=True)
def test_record_of_syntax(unreadable: Reported):
    check_record(unreadable)


def _around(project: Project) -> Surroundings:
    workspace = project.workspace
    return Surroundings(workspace.symbols, TreeSitterSyntax(), workspace.read, project.root)


@pytest.mark.parametrize("source", ["ts", "typescript", "tsserver", "deno-ts", "vtsls", "TS"])
@pytest.mark.parametrize("code", ["2304", "TS2304", "ts2304"])
async def test_editors_report_the_same_finding_under_other_names(project: Project, source: str, code: str):
    project.write({"a.ts": "const total = 1;\nconsole.log(totl);\n"})
    snapshot = project.read("a.ts")
    span = Span(29, 33)
    problem = Problem(
        "Cannot find name 'totl'.", source=source, code=code, path=snapshot.path, line=2, span=span
    )
    card = await project.card(problem, snapshot)
    assert shown(card) == [
        "`totl` is not declared; the nearest name is `total` (line 1).",
        "a.ts:1 const `total`",
    ]
    assert card.rule_text.startswith("TS2304: ")


async def _card(project: Project, path: str, pointed: str, code: str, message: str) -> list[str]:
    snapshot = project.read(path)
    start = snapshot.text.rindex(pointed)
    span = Span(start, start + len(pointed))
    line = snapshot.lines.line_of(start) + 1
    problem = Problem(message, source="ts", code=code, path=snapshot.path, line=line, span=span)
    return shown(await project.card(problem, snapshot))


async def test_what_the_native_compiler_says_in_other_words(project: Project):
    project.write({"a.ts": 'import path from "path";\nwhen(true);\n'})
    install = "Cannot find name 'path'. Do you need to install type definitions for node? Try `npm i`."
    assert await _card(project, "a.ts", '"path"', "2591", install) == [
        "`path` is a module of Node.js; the compiler finds no types for it.",
        "`@types/node` has them; `types` in tsconfig.json has to name `node` if there are any.",
    ]
    overload = (
        "No overload matches this call.\n  The last overload gave the following error.\n"
        "    Argument of type 'boolean' is not assignable to parameter of type 'number'."
    )
    assert await _card(project, "a.ts", "true", "2769", overload) == [
        "No overload of `when` fits this call; the last: a `boolean` is not a `number`."
    ]


_NOT_FOUND = "Cannot find module '{}' or its corresponding type declarations."


async def test_an_alias_is_explained_by_the_paths_of_the_configuration(project: Project):
    paths = '    "paths": { "@/*": ["./src/*"], },\n'
    project.write(
        {
            "tsconfig.json": '{\n  // aliases\n  "compilerOptions": {\n' + paths + "  },\n}\n",
            "src/app.ts": 'import { a } from "@/routes";\nimport { b } from "~/other";\n',
        }
    )
    assert await _card(project, "src/app.ts", '"@/routes"', "2307", _NOT_FOUND.format("@/routes")) == [
        "`@/routes` means `src/routes` by the `paths` of tsconfig.json, and no file is there.",
        "tsconfig.json:4 maps `@/*`",
    ]
    assert await _card(project, "src/app.ts", '"~/other"', "2307", _NOT_FOUND.format("~/other")) == [
        (
            "`~/other` is found neither as a package nor by `paths`: tsconfig.json maps nothing that starts "
            "with `~/`."
        ),
        "tsconfig.json:1 has the compiler's options",
    ]


async def test_a_type_is_followed_through_exports_of_exports(project: Project):
    project.write(
        {
            "model/user.ts": "export interface User {\n  firstName: string;\n}\n",
            "model/index.ts": 'export * from "./user";\n',
            "index.ts": 'export { User as Person } from "./model";\n',
            "app.ts": 'import { Person } from "./index";\nexport const f = (p: Person) => p.fristName;\n',
        }
    )
    message = "Property 'fristName' does not exist on type 'Person'."
    assert await _card(project, "app.ts", "fristName", "2339", message) == [
        "`p` is a `Person` and has no `fristName`; the nearest is `firstName`.",
        "model/user.ts:2 `Person` has `firstName: string`",
        "model/user.ts:1 `interface User`",
    ]


async def test_types_of_equal_names_are_not_the_same_thing(project: Project):
    """The file's own `Item` has the property: the one that the compiler means is another one."""
    project.write({"a.ts": "interface Item {\n  size: number;\n}\ndeclare const x: Item;\nx.size;\n"})
    message = "Property 'size' does not exist on type 'Item'."
    [headline] = await _card(project, "a.ts", "size", "2339", message)
    assert headline == "`x` is an `Item` and has no `size`."


async def test_a_circle_of_types_and_modules_ends(project: Project):
    project.write(
        {
            "a.ts": 'export * from "./b";\nimport { T } from "./b";\nexport const f = (t: T) => t.x;\n',
            "b.ts": 'export * from "./a";\nexport interface S extends T {}\nexport { S as T } from "./a";\n',
            "c.ts": "interface A extends B {}\ninterface B extends A {}\nexport const g = (a: A) => a.x;\n",
        }
    )
    for path, kind in (("a.ts", "T"), ("c.ts", "A")):
        card = await _card(project, path, "x", "2339", f"Property 'x' does not exist on type '{kind}'.")
        assert "has no `x`" in card[0]


_TEXTS = ["", "\n", "(((", "class A { x", "const f = (a: {b: c}) => a.b.c", "x\n", "\U0001f44d" * 30 + "\n"]
_MESSAGES = [
    "",
    "'",
    "*x* [y](z) \x1b[31m",
    "Cannot find name 'a'." * 3_000,
    "Type '" + "a | " * 20_000 + "b' is not assignable to type 'c'.",
    "Property 'x' does not exist on type '" + "{" * 5_000 + "'.",
    "Cannot find module '../../../../../../etc/passwd' or its corresponding type declarations.",
]


@pytest.mark.parametrize("code", [*sorted(RULES), "99999", ""])
def test_odd_files_and_messages_break_no_card(project: Project, code: str):
    around = _around(project)
    for number, text in enumerate(_TEXTS):
        project.write({f"{number}.ts": text})
        snapshot = project.read(f"{number}.ts")
        for message in [*_MESSAGES, *_REAL[code]]:
            for span in (Span(0, 1), Span(0, len(text)), Span(3, 9_999), None):
                problem = Problem(message, source="ts", code=code, path=snapshot.path, line=1, span=span)
                made = FAMILY.card(Case(problem, snapshot, around))
                assert made is not None
                assert made.headline


def _recorded() -> dict[str, list[str]]:
    """What the compiler says in the golden cases, by code."""
    found: dict[str, list[str]] = defaultdict(list)
    for record in sorted((GOLDEN / "typescript").rglob("recorded.raw")):
        for code, message in _HEAD.findall(record.read_text(encoding="utf-8")):
            found[code].append(message)
    return found


_HEAD = re.compile(r" TS(\d+): \x1b\[0m(.*)")
_REAL = _recorded()


def test_a_card_in_a_long_file(project: Project):
    text = "".join(
        f"function f{n}(a: number, b: string) {{ const c = a + {n}; return c; }}\n" for n in range(1_400)
    )
    project.write({"long.ts": text + "export const x = totl;\n"})
    snapshot = project.read("long.ts")
    project.workspace.refresh(snapshot)
    around = _around(project)
    around.syntax.view(snapshot)
    start = snapshot.text.index("totl")
    problem = Problem(
        "Cannot find name 'totl'.", source="ts", code="2304", path=snapshot.path, span=Span(start, start + 4)
    )
    card = FAMILY.card(Case(problem, snapshot, around))
    assert card is not None
    assert "totl" in card.headline


def test_most_codes_that_people_meet_have_words():
    assert len(WORDS) > 200
    assert set(RULES) <= set(WORDS)
    assert all(len(words) > 10 and words.endswith(".") for words in WORDS.values())
