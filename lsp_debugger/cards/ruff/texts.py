"""What ruff says about its rules: all of them in one answer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from lsp_debugger import spawn
from lsp_debugger.cards.family import Explainer
from lsp_debugger.core.errors import LspDebuggerError
from lsp_debugger.core.ports import RuleText
from lsp_debugger.tools import Tool

_TIMEOUT_S = 10.0
_MAX_BYTES = 16 * 1024 * 1024
_SECTION = re.compile(r"^#+ (?P<title>.+)$", re.MULTILINE)
_FENCED = re.compile(r"^```.*?^```\n?", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[([^\]\n]+)\](?:\([^)\n]*\)|\[[^\]\n]*\])?")
_TOLD = frozenset({"what it does", "why is this bad", "removed", "deprecated"})
_RULE_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*$")


async def ask(tool: Tool, _key: str) -> Mapping[str, str]:
    """Every rule's text by its code and by its name."""
    with spawn.private_directory() as empty:
        done = await spawn.run(
            [str(tool.path), "rule", "--all", "--output-format", "json"],
            cwd=empty,
            timeout_s=_TIMEOUT_S,
            max_output_bytes=_MAX_BYTES,
            untrusted_roots=tool.untrusted_roots,
        )
    if done.returncode != 0 or done.truncated:
        return {}
    table: dict[str, str] = {}
    try:
        rules: Any = json.loads(done.stdout)
        for rule in rules:
            name, code, explanation = str(rule["name"]), str(rule["code"]), str(rule["explanation"])
            table[code] = table[name] = f"{name}\n{explanation}"
    except (ValueError, KeyError, TypeError, RecursionError) as exc:
        raise LspDebuggerError("ruff's list of rules cannot be understood") from exc
    return table


def told(_key: str, text: str) -> RuleText:
    """The rule's name, what it looks for and why, without headings, links and examples; and its page."""
    title = text.partition("\n")[0]
    page = f"https://docs.astral.sh/ruff/rules/{title}" if _RULE_NAME.match(title) else None
    return RuleText(condensed(text), page)


def condensed(text: str) -> str:
    title, _, body = _FENCED.sub("", text).partition("\n")
    parts = _SECTION.split(body)
    kept = [
        _LINK.sub(r"\1", parts[at + 1]).strip()
        for at in range(1, len(parts) - 1, 2)
        if parts[at].strip().lower().rstrip("?") in _TOLD
    ]
    paragraphs = "\n\n".join(kept) or _LINK.sub(r"\1", parts[0]).strip()
    return f"{title}: {paragraphs}" if paragraphs else title


EXPLAINER = Explainer(("ruff",), lambda problem: problem.code, ask, told)
