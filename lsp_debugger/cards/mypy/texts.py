"""What mypy says about its error codes: a line for each, from its own table."""

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

DOCUMENTATION = "https://mypy.readthedocs.io/en/stable/_refs.html#code-"
CODE = re.compile(r"[a-z][a-z0-9-]{1,60}$")
_TIMEOUT_S = 20.0
_ASK = """\
import json
from mypy.errorcodes import error_codes
print(json.dumps({code: each.description for code, each in error_codes.items()}))
"""


async def ask(tool: Tool, _key: str) -> Mapping[str, str]:
    """Every code's description."""
    python = interpreter_of(tool)
    if python is None:
        return {}
    with spawn.private_directory() as empty:
        done = await spawn.run(
            [str(python), "-I", "-c", _ASK],
            cwd=empty,
            timeout_s=_TIMEOUT_S,
            untrusted_roots=tool.untrusted_roots,
        )
    if done.returncode != 0:
        return {}
    try:
        found: Any = json.loads(done.stdout)
        return {str(code): str(words) for code, words in found.items()}
    except (ValueError, TypeError, AttributeError, RecursionError) as exc:
        raise LspDebuggerError("mypy's list of error codes cannot be understood") from exc


def told(key: str, text: str) -> RuleText:
    return RuleText(f"{key}: {text.rstrip('.')}.", DOCUMENTATION + key)


EXPLAINER = Explainer(("mypy",), lambda problem: problem.code, ask, told)
