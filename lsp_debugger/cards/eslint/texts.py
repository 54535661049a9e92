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
_CODE = """\
const rules = require(process.argv[1]).builtinRules, told = {};
for (const [name, rule] of rules) {
  const docs = rule.meta.docs || {};
  told[name] = `${docs.url || ""}\\n${docs.description || ""}`;
}
console.log(JSON.stringify(told));
"""


async def ask(tool: Tool, _key: str) -> Mapping[str, str]:
    """Every rule of the core. Empty where the program is not the one of a package of ESLint's."""
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
    return RuleText(f"{key}: {description}.", href or None)


EXPLAINER = Explainer(("eslint",), lambda problem: problem.code, ask, told)
