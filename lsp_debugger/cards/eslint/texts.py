"""What ESLint says about its rules: each one's description and address, from the rules' own metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lsp_debugger import spawn
from lsp_debugger.cards.family import Explainer
from lsp_debugger.core.errors import LspDebuggerError
from lsp_debugger.core.ports import RuleText
from lsp_debugger.tools import Tool, find_tool

_TIMEOUT_S = 20.0
# The core's rules, and those of plugins that are installed beside it.
_CODE = """\
const { createRequire } = require("node:module"), path = require("node:path");
const told = {}, beside = createRequire(path.join(process.argv[1], "..", "x.js"));
const add = (prefix, rules) => {
  for (const [name, rule] of rules) {
    const docs = (rule.meta && rule.meta.docs) || {};
    told[prefix + name] = `${docs.url || ""}\\n${docs.description || ""}`;
  }
};
add("", require(process.argv[1]).builtinRules);
const plugins = {};
for (const name of ["@typescript-eslint", "@stylistic"]) {
  plugins[`${name}/eslint-plugin`] = name;
}
for (const name of ["react", "react-hooks", "import", "n", "jsx-a11y", "unicorn", "promise", "vue", "jest"]) {
  plugins[`eslint-plugin-${name}`] = name;
}
for (const [name, prefix] of Object.entries(plugins)) {
  try {
    add(`${prefix}/`, Object.entries(beside(name).rules || {}));
  } catch {}
}
console.log(JSON.stringify(told));
"""


async def ask(tool: Tool, _key: str) -> Mapping[str, str]:
    """Every rule of the core and of plugins beside it. Empty where the program is not ESLint's own."""
    package = tool.path.resolve().parents[1]
    rules = package / "lib" / "unsupported-api.js"
    root = tool.untrusted_roots[0] if tool.untrusted_roots else None
    node = find_tool("node", root=root)
    if node is None or package.name != "eslint" or not rules.is_file():
        return {}
    with spawn.private_directory() as empty:
        done = await spawn.run(
            [str(node.path), "-e", _CODE, str(rules)],
            cwd=empty,
            timeout_s=_TIMEOUT_S,
            untrusted_roots=tool.untrusted_roots,
        )
    if done.returncode != 0:
        return {}
    try:
        found: Any = json.loads(done.stdout)
        return {str(name): str(text) for name, text in found.items()}
    except (ValueError, AttributeError, RecursionError) as exc:
        raise LspDebuggerError("ESLint's list of rules cannot be understood") from exc


def told(key: str, text: str) -> RuleText:
    href, _, description = text.partition("\n")
    shown = f"{key}: {description.rstrip('.')}." if description else ""
    return RuleText(shown, href if href.startswith("https://") else None)


EXPLAINER = Explainer(("eslint",), lambda problem: problem.code, ask, told)
