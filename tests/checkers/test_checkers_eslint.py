"""eslint as a checker: real runs where it is trusted, its fixes applied, and answers that cannot be read."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from lsp_debugger.checkers import Checked, Job, eslint
from lsp_debugger.checkers.run import Runner
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.core.ask import Problem, Severity
from lsp_debugger.core.errors import ToolFailed
from lsp_debugger.spawn import Completed
from lsp_debugger.syntax.symbols import SymbolMap
from lsp_debugger.tools import Tool, find_tool

CONFIG = """\
export default [
  { rules: { eqeqeq: "error", "no-undef": "error", "prefer-const": "warn", "no-var": "error", semi: "error",
             "no-extra-semi": "error", "dot-notation": "error", "no-regex-spaces": "error" } },
];
"""
SOURCE = """\
let é = "𝄞"; const shown = "𝄞𝄞" + missing + é;
if (shown == "x") shown["y"];
"""

needs_eslint = pytest.mark.skipif(
    find_tool("eslint") is None, reason="no eslint here: run tools/install_checkers.sh"
)


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8", newline="")
    return root.resolve()


def run(root: Path, target: str = ".", *, trusted: bool = True) -> list[Checked]:
    cache = root.parent / "cache"
    cache.mkdir(exist_ok=True)
    read = Workspace([root], SymbolMap()).on_disk
    runner = Runner(root, trusted, lambda _: cache, read, [eslint.CHECKER])
    return asyncio.run(runner.check(root / target))


def check(root: Path, target: str = ".") -> Checked:
    [done] = run(root, target)
    assert not done.reason, done.reason
    return done


def shown(problem: Problem, text: str = SOURCE) -> str:
    code = problem.span.of(text) if problem.span else ""
    return f"{problem.line} {problem.code} {problem.severity.name}: {code}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "a prøject", {"src/äpp.js": SOURCE, "eslint.config.mjs": CONFIG})


@needs_eslint
def test_points_at_the_code_and_knows_the_page(root: Path):
    found = check(root).problems
    assert [shown(each) for each in found] == [
        "1 prefer-const WARNING: é",
        "1 no-undef ERROR: missing",
        "2 eqeqeq ERROR: ==",
        '2 dot-notation ERROR: "y"',
    ]
    assert found[0].href == "https://eslint.org/docs/latest/rules/prefer-const"
    assert all(each.source == "eslint" for each in found)


@needs_eslint
@pytest.mark.parametrize(("mark", "end"), [("", "\n"), ("\ufeff", "\r\n")])
def test_each_fix_takes_its_finding_away_and_brings_none(tmp_path: Path, end: str, mark: str):
    text = mark + (
        'let é = "𝄞👍"; const 名 = { y: é }\nvar z = 名["y"] + /a  b/.source;;\nconsole.log(z)' + end
    )
    text = text.replace("\n", end).replace(end + end, end) if end != "\n" else text
    config = CONFIG.replace('"no-undef": "error", ', "")
    root = write(tmp_path / "p", {"a.js": text, "eslint.config.mjs": config})
    before = check(root).problems
    fixed = [each for each in before if each.fix is not None]
    assert {each.code for each in fixed} >= {
        "prefer-const",
        "no-var",
        "semi",
        "dot-notation",
        "no-regex-spaces",
    }
    codes = sorted(each.code for each in before)
    for problem in fixed:
        assert problem.fix is not None
        changed = text
        for edit in sorted(problem.fix.replacements, key=lambda each: each.span, reverse=True):
            changed = changed[: edit.span.start] + edit.new_text + changed[edit.span.end :]
        write(root, {"a.js": changed})
        after = sorted(each.code for each in check(root).problems)
        left = list(codes)
        left.remove(problem.code)
        # `var` becomes a `let` that could be a `const`: the next finding, not one of the same fix.
        assert [code for code in after if code != "prefer-const"] == [
            code for code in left if code != "prefer-const"
        ]
    titles = {each.code: each.fix.title for each in fixed if each.fix is not None}
    assert titles["no-var"] == "Replace `var` with `let`"
    assert titles["semi"] == "Insert `;`"
    assert titles["prefer-const"] == "Replace `let` with `const`"


@needs_eslint
def test_a_file_that_cannot_be_parsed(root: Path):
    text = "const a = 1;\nconst 名 = (;\n"
    write(root, {"src/äpp.js": text})
    [found] = check(root).problems
    assert shown(found, text) == "2 parse-error ERROR: ;"
    assert found.message.startswith("Parsing error")


@needs_eslint
def test_the_tree_is_as_it_was(root: Path):
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*")}
    check(root)
    check(root, "src/äpp.js")
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*")} == before


@needs_eslint
def test_ignored_files_are_no_findings(root: Path):
    write(root, {"eslint.config.mjs": CONFIG.replace("[\n", '[\n  { ignores: ["src/**"] },\n', 1)})
    assert check(root, "src/äpp.js").problems == ()
    assert check(root).problems == ()


@needs_eslint
def test_the_old_configuration(tmp_path: Path):
    root = write(
        tmp_path / "old", {".eslintrc.json": '{"root": true, "rules": {"eqeqeq": 2}}', "a.js": "1 == 2;\n"}
    )
    assert [each.code for each in check(root, "a.js").problems] == ["eqeqeq"]


@needs_eslint
def test_a_configuration_that_is_broken(root: Path):
    write(root, {"eslint.config.mjs": "export default ["})
    [done] = run(root)
    assert done.broken
    assert done.reason
    assert done.hint


@needs_eslint
def test_a_project_inside_of_another_is_its_own(root: Path):
    write(root, {"inner/eslint.config.mjs": "export default [];\n", "inner/b.js": "1 == 2;\n"})
    found = {Path(each.path or "").name for one in run(root) for each in one.problems}
    assert found == {"äpp.js"}


def test_nothing_runs_without_trust(root: Path):
    mark = root.parent / "mark"
    evil = f"import fs from 'node:fs'; fs.writeFileSync({str(mark)!r}, ''); export default [];\n"
    write(root, {"eslint.config.mjs": evil})
    [done] = run(root, trusted=False)
    assert "program" in done.reason
    assert not mark.exists()


def job_in(root: Path, *, whole: bool = True) -> Job:
    tool = Tool("eslint", Path("/usr/bin/eslint"))
    read = Workspace([root], SymbolMap()).on_disk
    return Job(tool, root, (root / "-a.js",), whole, root, True, root / "c", read)


def test_the_command(tmp_path: Path):
    [whole] = eslint.commands(job_in(tmp_path))
    [one] = eslint.commands(job_in(tmp_path, whole=False))
    assert whole[0] == "/usr/bin/eslint"
    assert list(whole[-2:]) == ["--", "."]
    assert list(one[-2:]) == ["--", str(tmp_path / "-a.js")]
    assert not any(word.startswith(("--fix", "--cache")) for word in whole)
    assert eslint.environment(job_in(tmp_path))["ESLINT_USE_FLAT_CONFIG"] == "false"
    write(tmp_path, {"eslint.config.js": ""})
    assert "ESLINT_USE_FLAT_CONFIG" not in eslint.environment(job_in(tmp_path))
    assert eslint.environment(job_in(tmp_path))["NODE_OPTIONS"].startswith("--max-old-space-size")


def answer(path: Path, *messages: dict[str, Any], rules: Any = None) -> bytes:
    results = [{"filePath": str(path), "messages": list(messages)}]
    return json.dumps({"results": results, "metadata": {"rulesMeta": rules or {}}}).encode()


def read(root: Path, stdout: bytes, code: int = 1) -> list[Problem]:
    return list(eslint.read(job_in(root), [Completed(code, stdout, b"Oops! Something went wrong\n")]))


def message(**more: Any) -> dict[str, Any]:
    return {"ruleId": "x/y", "severity": 2, "message": "m", "line": 1, "column": 1, **more}


@pytest.mark.parametrize(
    "stdout", [b"", b"{", b"null", b"3", b"[]", b'{"results": 3}', b'{"results": []}', b"\xff", b"[" * 20_000]
)
def test_answers_that_cannot_be_read(tmp_path: Path, stdout: bytes):
    with pytest.raises(ToolFailed) as caught:
        read(tmp_path, stdout)
    assert caught.value.hint
    with pytest.raises(ToolFailed):
        read(tmp_path, answer(tmp_path / "a.js"), 2)


def test_places_that_are_not_there(tmp_path: Path):
    root = write(tmp_path, {"a.js": "x\n"})
    far = message(line=99, column=99, endLine=100, endColumn=3)
    whole = message(line=0, column=0)
    none = message(line=None, column=None, endLine=None, ruleId=None, message="Warned", severity=1)
    past = message(fix={"range": [50, 90], "text": "y"})
    before = message(fix={"range": [-1, 0], "text": ""})
    found = read(root, answer(root / "a.js", far, whole, none, past, before))
    assert [(each.line, each.severity) for each in found] == [
        (99, Severity.ERROR),
        (1, Severity.ERROR),
        (1, Severity.WARNING),
        (1, Severity.ERROR),
        (1, Severity.ERROR),
    ]
    assert found[0].span is None
    assert found[4].fix is None
    gone = read(root, answer(root / "gone.js", message(fix={"range": [0, 1], "text": ""})))
    assert (gone[0].span, gone[0].fix) == (None, None)


@pytest.mark.parametrize(
    "rule", [None, 3, [], {}, {"docs": None}, {"docs": {"url": 3}}, {"docs": {"url": "javascript:alert(1)"}}]
)
def test_pages_of_plugins_may_be_anything(tmp_path: Path, rule: Any):
    root = write(tmp_path, {"a.js": "x\n"})
    [found] = read(root, answer(root / "a.js", message(), rules={"x/y": rule}))
    assert found.href is None


@pytest.mark.parametrize(
    ("old", "new", "title"),
    [
        ("==", "===", "Replace `==` with `===`"),
        ("debugger;", "", "Remove `debugger;`"),
        ("", ";", "Insert `;`"),
        ("  ", " ", "Apply eslint's fix of x/y"),
        ("let a = 1", "const a = 1", "Replace `let` with `const`"),
        ("`", "'", "Apply eslint's fix of x/y"),
        ("a" * 31, "b", "Apply eslint's fix of x/y"),
    ],
)
def test_titles_of_fixes(tmp_path: Path, old: str, new: str, title: str):
    root = write(tmp_path, {"a.js": old + "!\n"})
    [found] = read(root, answer(root / "a.js", message(fix={"range": [0, len(old)], "text": new})))
    assert found.fix is not None
    assert found.fix.title == title
