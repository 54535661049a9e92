"""Cards of ESLint: ESLint itself runs over all cases at once."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from card_golden import GoldenCase
from card_of_tool import cards_of, check_case
from card_project import Project, shown
from tool_golden import Reported, ToolCases, answers, check_record, names_its_subject

from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.cards.eslint import RULES
from lsp_debugger.checkers import eslint
from lsp_debugger.core.ask import Problem
from lsp_debugger.core.text import Span
from lsp_debugger.state import State
from lsp_debugger.tools import find_tool

# By name, since what a configuration imports would have to lie beside the cases; the plugin is looked for
# beside the program.
_PLUGINS_ONLY = {
    "await-thenable", "ban-ts-comment", "exhaustive-deps", "no-base-to-string", "no-duplicate-enum-values",
    "no-empty-object-type", "no-explicit-any", "no-floating-promises", "no-for-in-array",
    "no-misused-promises",
    "no-unnecessary-condition", "no-unnecessary-type-assertion", "no-unsafe-argument", "no-unsafe-assignment",
    "no-unsafe-call", "no-unsafe-function-type", "no-unsafe-member-access", "no-unsafe-return",
    "no-wrapper-object-types", "only-throw-error", "restrict-plus-operands", "restrict-template-expressions",
    "rules-of-hooks", "unbound-method",
}  # fmt: skip
_MORE = ["eqeqeq", "no-self-compare", "no-shadow", "no-var", "prefer-const"]
_CONFIG = f"""\
import fs from "node:fs";
import {{ createRequire }} from "node:module";
const require = createRequire(fs.realpathSync(process.argv[1]));
const js = require("@eslint/js"), ts = require("typescript-eslint");
const more = Object.fromEntries({json.dumps(_MORE)}.map((name) => [name, "error"]));
export default [
  {{ linterOptions: {{ reportUnusedDisableDirectives: "off" }} }},
  {{ files: ["**/*.js"], languageOptions: {{ ecmaVersion: 2024, sourceType: "module" }},
     rules: {{ ...js.configs.recommended.rules, ...more }} }},
  {{ files: ["**/*.cjs"], languageOptions: {{ sourceType: "script" }}, rules: js.configs.recommended.rules }},
  ...ts.configs.recommendedTypeChecked.map((each) => ({{ ...each, files: ["**/*.ts"] }})),
  {{ files: ["**/*.ts"],
     languageOptions: {{ parserOptions: {{ project: "tsconfig.json" }} }},
     rules: {{ "@typescript-eslint/no-unnecessary-condition": "error" }} }},
];
"""
_PROJECT = {"compilerOptions": {"strict": True, "target": "es2022", "types": [], "moduleDetection": "force"}}
_VERSION = re.compile(r'"url":"https://[^"]*"')


def scrub(text: str) -> str:
    """Without the metadata of every rule and the text of every file."""
    try:
        report = json.loads(text)
    except ValueError:
        return text
    kept = [
        {
            "filePath": file["filePath"],
            "messages": file["messages"],
        }
        for file in sorted(report["results"], key=lambda file: file["filePath"])
    ]
    used = {each["ruleId"] for file in kept for each in file["messages"]}
    meta = report["metadata"]["rulesMeta"]
    rules = {name: {"docs": {"url": meta[name]["docs"]["url"]}} for name in sorted(meta) if name in used}
    return json.dumps({"results": kept, "metadata": {"rulesMeta": rules}}, indent=1)


TOOL = ToolCases(
    "eslint",
    eslint.CHECKER,
    {"eslint.config.mjs": _CONFIG, "tsconfig.json": json.dumps(_PROJECT)},
    scrub,
    "run tools/install_checkers.sh",
)


@pytest.fixture(scope="session", params=answers("eslint"))
def reported(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Reported:
    return TOOL.report(tmp_path_factory.mktemp("eslint"), request.param)


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


async def test_every_rule_of_the_real_eslint_has_a_text(tmp_path: Path):
    if find_tool("eslint") is None:
        pytest.skip("no eslint here: run tools/install_checkers.sh")
    docs = RuleTexts(State(tmp_path / "state"))
    for _ in range(20):  # node takes its time on a busy machine, and a card does not wait for it
        first = await docs.rule(Problem("", source="eslint", code="no-undef"))
        if first.text:
            break
    assert first.href == "https://eslint.org/docs/latest/rules/no-undef"
    [file] = (tmp_path / "state" / "rules").iterdir()
    table = json.loads(file.read_bytes())
    told = [name for name, text in table.items() if len(text.partition("\n")[2]) > 10]
    assert len(told) >= 0.99 * len(table) > 150
    plugin = {f"@typescript-eslint/{name}" for name in RULES} & set(table)
    assert {name for name in RULES if name not in _PLUGINS_ONLY} <= set(table)
    assert len(plugin) > 25
    assert all(table[name].partition("\n")[2] for name in plugin)


@pytest.mark.parametrize("code", sorted(RULES))
@pytest.mark.parametrize("text", ["", "x\n", "(((", "const a = 1;\n", "\U0001f44d" * 30 + "\n"])
async def test_odd_files_and_messages_show_the_message(project: Project, code: str, text: str):
    project.write({"a.js": text or "\n"})
    snapshot = project.read("a.js")
    for span in (Span(0, 1), Span(0, len(snapshot.text)), Span(5, 99_999), None):
        said = Problem(
            "*x* " + "y" * 50_000, source="eslint", code=code, path=snapshot.path, line=1, span=span
        )
        card = await project.card(said, snapshot)
        assert shown(card)[0]
        assert len(card.headline) < 60_000


_HOOKS = """\
import { useEffect, useState } from "react";

export function Profile({ user, onLoad }) {
  if (!user) {
    return null;
  }
  const [open, setOpen] = useState(false);
  useEffect(() => {
    onLoad(user.id, open);
  }, []);
  for (const each of user.tags) {
    useState(each);
  }
  return open && setOpen;
}

function helper(flag) {
  if (flag) {
    useState(1);
  }
}
export { helper };
"""
_ORDER = "React Hooks must be called in the exact same order in every component render."


_CONDITIONAL = f'React Hook "useState" is called conditionally. {_ORDER}'
_HELPER = (
    'React Hook "useState" is called in function "helper" that is neither a React function component nor'
)
_LOOP = 'React Hook "useState" may be executed more than once. Possibly because it is called in a loop.'
_MISSING = (
    "React Hook useEffect has missing dependencies: 'onLoad', 'open', and 'user.id'. Either include them"
)
_TOO_MANY = "React Hook useEffect has an unnecessary dependency: 'location.href'. Either exclude it or remove"


@pytest.mark.parametrize(
    ("pointed", "rule", "message", "expected"),
    [
        (
            "useState(false)",
            "rules-of-hooks",
            _CONDITIONAL,
            [
                "`useState` has to be called each time, and line 4 may return before it.",
                "a.jsx:4 `if (!user) {`",
            ],
        ),
        (
            "useState(1)",
            "rules-of-hooks",
            _CONDITIONAL,
            [
                "`useState` has to be called each time, and line 18 decides whether it runs.",
                "a.jsx:18 `if (flag) {`",
            ],
        ),
        (
            "useState(1)",
            "rules-of-hooks",
            _HELPER,
            ["`useState` is called in `helper`, whose name is neither a component's nor a hook's (`use…`)."],
        ),
        (
            "useState(each)",
            "rules-of-hooks",
            _LOOP,
            [
                "`useState` is called in a loop, so not equally often each time.",
                "a.jsx:11 `for (const each of user.tags) {`",
            ],
        ),
        (
            "[]",
            "exhaustive-deps",
            _MISSING,
            [
                "`useEffect` uses `onLoad`, `open`, `user.id` and is not run again when they change.",
                "a.jsx:9 `onLoad(user.id, open);`",
            ],
        ),
        (
            "[]",
            "exhaustive-deps",
            _TOO_MANY,
            ["`useEffect` has no need of `location.href` among its dependencies."],
        ),
    ],
)
async def test_hooks_of_react(project: Project, pointed: str, rule: str, message: str, expected: list[str]):
    """By the plugin's messages: it is not among what is installed here."""
    project.write({"a.jsx": _HOOKS})
    snapshot = project.read("a.jsx")
    start = _HOOKS.index(pointed)
    span = Span(start, start + len(pointed.partition("(")[0]))
    line = snapshot.lines.line_of(start) + 1
    said = Problem(
        message, source="eslint", code=f"react-hooks/{rule}", path=snapshot.path, line=line, span=span
    )
    assert shown(await project.card(said, snapshot)) == expected
