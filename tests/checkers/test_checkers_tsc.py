"""tsc as a checker: real runs in small projects, and answers in every shape that it prints."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from lsp_debugger.checkers import Checked, Job, tsc
from lsp_debugger.checkers.run import Runner
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Place, Problem, Severity
from lsp_debugger.core.errors import ToolFailed
from lsp_debugger.spawn import Completed
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.tools import Tool, find_tool

pytestmark = pytest.mark.thorough

SOURCE = """\
interface User { näme: string; email?: string }
const é = "é𝄞"; const user: User = { näme: 3 };
export const length = (u: User) => "𝄞" + u.email.length + user + é;
"""
CONFIG = '{ "compilerOptions": { "strict": true, "target": "es2022" } }\n'

needs_tsc = pytest.mark.skipif(find_tool("tsc") is None, reason="no tsc here: run tools/install_checkers.sh")


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8", newline="")
    return root.resolve()


def run(root: Path, target: str = ".", *, trusted: bool = False) -> list[Checked]:
    cache = root.parent / "cache"
    cache.mkdir(exist_ok=True)
    read = Workspace([root], SymbolMap()).on_disk
    runner = Runner(root, trusted, lambda _: cache, read, [tsc.CHECKER])
    return asyncio.run(runner.check(root / target))


def check(root: Path, target: str = ".") -> Checked:
    [done] = run(root, target)
    return done


def shown(problem: Problem, text: str = SOURCE) -> str:
    code = problem.span.of(text) if problem.span else ""
    return f"{problem.line} {problem.source} {problem.code} {problem.severity.name}: {code}"


def listing(root: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in root.rglob("*")}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "a prøject", {"src/äpp.ts": SOURCE, "tsconfig.json": CONFIG})


@needs_tsc
def test_points_at_the_code_and_relates_places(root: Path):
    done = check(root)
    assert not done.reason
    assert [shown(each) for each in done.problems] == [
        "2 tsc TS2322 ERROR: näme",
        "3 tsc TS18048 ERROR: u.email",
    ]
    path = str(root / "src/äpp.ts")
    note = "The expected type comes from property 'näme' which is declared here on type 'User'"
    assert done.problems[0].related == (Place(path, 1, note),)
    assert done.version


@needs_tsc
def test_the_second_run_says_the_same(root: Path):
    """It reads what the first one has kept in our own folder."""
    assert check(root).problems == check(root).problems != ()


@needs_tsc
@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends(root: Path, end: str):
    text = SOURCE.replace("\n", end)
    write(root, {"src/äpp.ts": text})
    assert [shown(each, text) for each in check(root).problems] == [
        "2 tsc TS2322 ERROR: näme",
        "3 tsc TS18048 ERROR: u.email",
    ]


@needs_tsc
def test_a_byte_order_mark(root: Path):
    text = "\ufeffexport const a: number = nothing; // 𝄞\nexport const b: number = nobody;\n"
    write(root, {"src/äpp.ts": text})
    assert [shown(each, text) for each in check(root).problems] == [
        "1 tsc TS2304 ERROR: nothing",
        "2 tsc TS2304 ERROR: nobody",
    ]


@needs_tsc
def test_a_finding_of_many_lines(root: Path):
    lines = "".join(f"  'a{n}', // 𝄞\n" for n in range(9))
    first = f"export const 名: number = [\n{lines}].map(\n  (名) => 名,\n);\n"
    text = f"{first}export const b = f([\n{lines}\t], 1);\nfunction f(): void {{}}\n"
    write(root, {"src/äpp.ts": text})
    found = check(root).problems
    assert [shown(each, text) for each in found] == [
        "1 tsc TS2322 ERROR: 名",
        f"14 tsc TS2554 ERROR: [\n{lines}\t], 1",
    ]


@needs_tsc
@pytest.mark.parametrize(
    "options",
    [
        '"composite": true, "outDir": "dist"',
        '"composite": true, "emitDeclarationOnly": true, "declarationMap": true',
        '"incremental": true, "tsBuildInfoFile": "state.tsbuildinfo"',
        '"declaration": true, "sourceMap": true, "outDir": "dist"',
        '"noEmit": true',
    ],
)
def test_the_tree_is_as_it_was(root: Path, options: str):
    write(root, {"tsconfig.json": f'{{"compilerOptions": {{"strict": true, {options}}}}}'})
    before = listing(root)
    for _ in range(2):
        assert [each.code for each in check(root).problems] == ["TS2322", "TS18048"]
    assert listing(root) == before


@needs_tsc
def test_a_solution_is_checked_by_what_it_refers_to(tmp_path: Path):
    """As Vite's templates have it: the project is in files of other names."""
    options = '"compilerOptions": {"composite": true, "strict": true}'
    root = write(
        tmp_path / "app",
        {
            "tsconfig.json": """{
  // a solution
  "files": [],
  "references": [{ "path": "./tsconfig.app.json" }, { "path": "./tsconfig.node.json" }, { "path": "./lib" },],
}""",
            "tsconfig.app.json": f'{{{options}, "include": ["src"]}}',
            "tsconfig.node.json": f'{{{options}, "files": ["vite.config.ts"]}}',
            "lib/tsconfig.json": f"{{{options}}}",
            "src/main.ts": "export const a: string = 1;\n",
            "lib/index.ts": "export const b: string = 2;\n",
            "vite.config.ts": "export default missing;\n",
        },
    )
    before = listing(root)
    done = run(root)
    assert [each.root.name for each in done] == ["lib", "app"]
    assert [each.reason for each in done] == ["", ""]
    assert [[Path(each.path or "").name for each in one.problems] for one in done] == [
        ["index.ts"],
        ["main.ts", "vite.config.ts"],
    ]
    assert listing(root) == before


@needs_tsc
def test_a_project_inside_of_another_is_its_own(tmp_path: Path):
    root = write(
        tmp_path / "mono",
        {
            "tsconfig.json": '{"compilerOptions": {"strict": false}}',
            "tool.ts": "export const a: string = 1;\n",
            "inner/tsconfig.json": CONFIG,
            "inner/b.ts": "export const b = (c) => c;\n",
        },
    )
    found = {one.root.name: [each.code for each in one.problems] for one in run(root)}
    assert found == {"mono": ["TS2322"], "inner": ["TS7006"]}


@needs_tsc
def test_what_lies_beside_the_project_is_left_out(tmp_path: Path):
    root = write(
        tmp_path / "mono",
        {
            "shared/b.ts": "export const b: string = 2;\n",
            "app/tsconfig.json": CONFIG,
            "app/a.ts": 'import { b } from "../shared/b";\nexport const a: string = b.length;\n',
        },
    )
    [done] = run(root, "app")
    assert [(Path(each.path or "").name, each.code) for each in done.problems] == [("a.ts", "TS2322")]


@needs_tsc
def test_a_project_of_javascript(tmp_path: Path):
    root = write(
        tmp_path / "js",
        {
            "jsconfig.json": '{"compilerOptions": {"checkJs": true}}',
            "a.js": "/** @type {string} */\nlet a = 1;\na;\n",
        },
    )
    assert [each.code for each in check(root).problems] == ["TS2322"]


@needs_tsc
def test_a_configuration_that_is_wrong_is_a_finding_of_its_own(root: Path):
    text = '{\n  "compilerOptions": { "strickt": true }\n}\n'
    write(root, {"tsconfig.json": text})
    [found] = [each for each in check(root).problems if each.code.startswith("TS5")]
    assert found.path == str(root / "tsconfig.json")
    assert shown(found, text).endswith(': "strickt"')


@needs_tsc
def test_without_files_it_says_so(root: Path):
    write(root, {"tsconfig.json": '{"include": ["nowhere"]}'})
    done = check(root)
    assert done.broken
    assert "No inputs were found" in done.reason
    assert done.hint


@needs_tsc
def test_an_untrusted_project_runs_no_program_of_its_own(root: Path):
    """Neither its compiler nor a plugin of the language service."""
    mark = root.parent / "mark"
    program = f"#!/bin/sh\ntouch '{mark}'\n"
    plugin = (
        f"require('fs').writeFileSync({str(mark)!r}, '')\nmodule.exports = () => ({{ create: (x) => x }})\n"
    )
    config = '{"compilerOptions": {"strict": true, "plugins": [{"name": "evil"}], "types": ["evil"]}}'
    write(
        root,
        {
            "node_modules/.bin/tsc": program,
            "node_modules/evil/index.js": plugin,
            "node_modules/evil/index.d.ts": "export {}\n",
            "node_modules/typescript/lib/tsc.js": plugin,
            "tsconfig.json": config,
        },
    )
    (root / "node_modules/.bin/tsc").chmod(0o755)
    done = check(root)
    assert [each.code for each in done.problems] == ["TS2322", "TS18048"]
    assert not mark.exists()
    run(root, trusted=True)
    assert mark.exists(), "with trust the project's own program is taken"


def job_in(root: Path) -> Job:
    tool = Tool("tsc", Path("/usr/bin/tsc"))
    return Job(
        tool, root, (root / "a.ts",), True, root, False, root / "c", Workspace([root], SymbolMap()).on_disk
    )


def test_the_command(tmp_path: Path):
    root = write(tmp_path, {"tsconfig.json": CONFIG})
    [command] = tsc.commands(job_in(root))
    assert list(command[:6]) == [
        "/usr/bin/tsc",
        "--project",
        str(root / "tsconfig.json"),
        "--noEmit",
        "--pretty",
        "true",
    ]
    assert str(root / "c") in command[-1]


def test_references_that_lead_in_circles_or_out(tmp_path: Path):
    inner = '{"path": "./tsconfig.a.json"}'
    root = write(
        tmp_path / "r",
        {
            "tsconfig.json": f'{{"files": [], "references": [{inner}, {{"path": "../out.json"}}, 3, {{}}]}}',
            "tsconfig.a.json": '{"references": [{"path": "./tsconfig.json"}, {"path": "./tsconfig.a.json"}]}',
        },
    )
    assert tsc.configurations(job_in(root)) == [root / "tsconfig.a.json"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"references": 3}', '{"files": [], "references": [{"path": "a\\u0000"}]}', "/*" * 9_000],
)
def test_a_configuration_that_cannot_be_read(tmp_path: Path, text: str):
    root = write(tmp_path, {"tsconfig.json": text})
    assert tsc.configurations(job_in(root)) == [root / "tsconfig.json"]


def head(place: str, code: int, message: str) -> str:
    path, line, column = place.split(":")
    at = f"\x1b[96m{path}\x1b[0m:\x1b[93m{line}\x1b[0m:\x1b[93m{column}\x1b[0m"
    return f"{at} - \x1b[91merror\x1b[0m\x1b[90m TS{code}: \x1b[0m{message}"


def read(root: Path, printed: str, code: int = 2) -> list[Problem]:
    return list(tsc.read(job_in(root), [Completed(code, printed.encode(), b"")]))


def test_the_native_compiler_writes_related_places_in_one_line(tmp_path: Path):
    root = write(tmp_path, {"a.ts": "const a: string = 1;\nlet b;\n", "tsconfig.json": CONFIG})
    printed = (
        head("a.ts:1:7", 2322, "Type 'number' is not assignable to type 'string'.\n  More of it.")
        + "\n\n\x1b[7m1\x1b[0m const a: string = 1;\n\x1b[7m \x1b[0m \x1b[91m      ~\x1b[0m\n\n"
        + "  \x1b[96ma.ts\x1b[0m:\x1b[93m2\x1b[0m:\x1b[93m5\x1b[0m - 'b' is declared here.\n"
        + "    \x1b[7m2\x1b[0m let b;\n    \x1b[7m \x1b[0m \x1b[96m    ~\x1b[0m\n\n\n"
        + "Found 1 error in a.ts\x1b[90m:1\x1b[0m\n"
    )
    [found] = read(root, printed)
    assert found.message == "Type 'number' is not assignable to type 'string'.\n  More of it."
    assert found.span is not None
    assert found.span.of("const a: string = 1;\n") == "a"
    assert found.related == (Place(str(root / "a.ts"), 2, "'b' is declared here."),)


def test_places_that_are_not_there(tmp_path: Path):
    root = write(tmp_path, {"a.ts": "x\n", "tsconfig.json": CONFIG})
    far, gone, absolute = read(
        root,
        "\n\n".join(
            [
                head("a.ts:99:99", 1005, "';' expected."),
                head("gone.ts:3:4", 2304, "Cannot find name 'x'."),
                head(f"{root}/a.ts:1:99", 2304, "Cannot find name 'y'."),
            ]
        ),
    )
    assert (far.line, far.span, far.severity) == (99, None, Severity.ERROR)
    assert (gone.path, gone.span) == (str(root / "gone.ts"), None)
    assert absolute.span is not None
    assert (absolute.span.start, absolute.span.end) == (1, 1)


def test_code_that_looks_like_an_answer_is_none(tmp_path: Path):
    """Lines of code stand behind a frame."""
    fake = head("evil.ts:1:1", 2322, "no")
    root = write(tmp_path, {"a.ts": f"let a = 1; // {fake}\n", "tsconfig.json": CONFIG})
    printed = (
        head("a.ts:1:5", 2304, "Cannot find name 'a'.")
        + f"\n\n\x1b[7m1\x1b[0m {fake}\n\x1b[7m \x1b[0m \x1b[91m    ~\x1b[0m\n"
    )
    [found] = read(root, printed)
    assert found.path == str(root / "a.ts")


@pytest.mark.parametrize(
    ("code", "printed"), [(1, ""), (2, "sh: tsc: not found"), (3, ""), (-9, ""), (134, "FATAL ERROR")]
)
def test_answers_that_cannot_be_read(tmp_path: Path, code: int, printed: str):
    with pytest.raises(ToolFailed) as caught:
        read(tmp_path, printed, code)
    assert caught.value.hint


def test_nothing_found(tmp_path: Path):
    assert read(tmp_path, "", 0) == []
    assert read(tmp_path, "\x1b[7m1\x1b[0m junk\n\n", 0) == []


def test_a_huge_answer_is_read_in_time(tmp_path: Path):
    root = write(tmp_path, {"a.ts": "x\n" * 100, "tsconfig.json": CONFIG})
    printed = "\n\n".join(head(f"a.ts:{1 + n % 100}:1", 2304, "y" * 500) for n in range(2_000))
    assert len(read(root, printed + "\x1b[7m" * 100_000)) == 2_000
