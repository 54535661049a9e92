"""What bandit says about its tests: the first paragraph of each one's own documentation."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from lsp_debugger import spawn
from lsp_debugger.cards.family import Explainer
from lsp_debugger.core.errors import LspDebuggerError
from lsp_debugger.core.ports import RuleText
from lsp_debugger.tools import Tool, interpreter_of

_TIMEOUT_S = 20.0
_CODE = """\
import inspect, json
from bandit.core import extension_loader
manager = extension_loader.MANAGER
table = {}
for plugin in manager.plugins:
    test = plugin.plugin
    words = inspect.getdoc(test) or inspect.getdoc(inspect.getmodule(test)) or ""
    table[test._test_id] = [plugin.name, words]
for items in manager.blacklist.values():
    for item in items:
        table.setdefault(item["id"], [item["name"], item["message"]])
print(json.dumps(table))
"""
_TITLE = re.compile(r"^[^\n]*\n[=\-~^]{3,}$|^[=\-~^]{3,}$", re.MULTILINE)
_MARKUP = re.compile(r"``([^`]+)``|\*\*([^*]+)\*\*")


async def ask(tool: Tool, _key: str) -> Mapping[str, str]:
    python = interpreter_of(tool)
    if python is None:
        return {}
    with spawn.private_directory() as empty:
        done = await spawn.run(
            [str(python), "-I", "-c", _CODE],
            cwd=empty,
            timeout_s=_TIMEOUT_S,
            env={"XDG_CACHE_HOME": str(empty)},  # its plugin loader keeps a list of what is installed
            untrusted_roots=tool.untrusted_roots,
        )
    if done.returncode != 0:
        return {}
    try:
        found: Any = json.loads(done.stdout)
        return {str(code): f"{name}\n{words}" for code, (name, words) in found.items()}
    except (ValueError, TypeError, AttributeError, RecursionError) as exc:
        raise LspDebuggerError("bandit's list of tests cannot be understood") from exc


def told(key: str, text: str) -> RuleText:
    """Its name and its first two paragraphs."""
    name, _, words = text.replace("{name}", "this").partition("\n")
    paragraphs = [
        " ".join(part.split()) for part in re.split(r"\n\s*\n", _TITLE.sub("", words)) if part.strip()
    ]
    shown = _MARKUP.sub(lambda found: f"`{found[1]}`" if found[1] else found[2], " ".join(paragraphs[:2]))
    return RuleText(f"{key} {name}: {shown}".rstrip(": "))


EXPLAINER = Explainer(("bandit",), lambda problem: problem.code, ask, told)
