"""Runs of Node's tests that pass though the patched file was not what ran, in every way known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from unproven_python import Unproven

OLD = "exports.total = (prices) => prices.reduce((sum, each) => sum + each, 1);\n"
FIXED, WRONG = OLD.replace("1);", "0);"), OLD.replace("1);", "2);")
ESM = FIXED.replace("exports.total =", "export const total =")
SUM = "total([1, 2])"
# How a test comes to the result: an expression of JavaScript, or a promise of it.
CALLS = f"require('./total.js').{SUM}"
IMPORTS = f"import('./total.mjs').then((all) => all.{SUM})"
# As test runners do that have an environment of their own for each test file.
IN_CONTEXT = f"""\
new Promise((done) => {{
  const vm = require("vm"), fs = require("fs"), file = require("path").resolve("total.js");
  const scope = vm.createContext({{ exports: {{}} }});
  new vm.Script(fs.readFileSync(file, "utf8"), {{ filename: file }}).runInContext(scope);
  done(scope.exports.{SUM});
}})"""
IN_WORKER = f"""\
new Promise((done, failed) => {{
  const code = 'require("worker_threads").parentPort.postMessage(require("./total.js").{SUM})';
  const worker = new (require("worker_threads").Worker)(code, {{ eval: true }});
  worker.on("message", done).on("error", failed);
}})"""
IN_PROCESS = f"""\
Number(require("child_process").execFileSync(
  process.execPath, ["-e", "console.log(require('./total.js').{SUM})"], {{ env: ENV }}))"""
TEST = """\
const test = require("node:test"), assert = require("node:assert");
test("total", async () => assert.equal(await {expression}, 3));
"""


def file_with(expression: str) -> dict[str, str]:
    return {"total.test.js": TEST.replace("{expression}", expression)}


def _node(files: Mapping[str, str], words: Sequence[str], *, id: str) -> Unproven:  # noqa: A002 - as pytest has it
    return Unproven(id, {"total.js": OLD, "total.mjs": "", **files}, {"total.js": FIXED}, ("node", *words))


CASES = [
    _node(file_with("3"), ("--test",), id="loads nothing"),
    _node(
        {"node_modules/total/index.js": FIXED, **file_with(f"require('total').{SUM}")},
        ("--test",),
        id="an installed copy",
    ),
    _node(
        {"dist/total.js": FIXED, **file_with(f"require('./dist/total.js').{SUM}")},
        ("--test",),
        id="built before",
    ),
    _node(
        {
            "old/total.js": OLD,
            **file_with(f"(require('./total.js'), require('./old/total.js').{SUM} - 1)"),
        },
        ("--test",),
        id="both, and it is the old one that is tested",
    ),
    _node(file_with(IN_PROCESS.replace("ENV", "{}")), ("--test",), id="a process with an empty environment"),
    _node(file_with(CALLS), ("--check", "total.js"), id="only parsed"),
    _node(
        file_with(CALLS),
        ("--test", "--test-name-pattern=none", "total.test.js"),
        id="no test of that name",
    ),
    _node({}, ("--version",), id="something else"),
]
