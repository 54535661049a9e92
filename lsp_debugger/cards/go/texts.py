"""What Go's tools say about their rules: vet's help, the compiler's list of codes, staticcheck's texts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lsp_debugger import spawn
from lsp_debugger.cards.family import Explainer
from lsp_debugger.core.ask import Problem
from lsp_debugger.core.errors import LspDebuggerError
from lsp_debugger.core.ports import RuleText
from lsp_debugger.tools import Tool

_TIMEOUT_S = 10.0
_MAX_BYTES = 8 * 1024 * 1024
_CODES = "src/internal/types/errors/codes.go"
_CODES_PAGE = "https://pkg.go.dev/golang.org/x/tools/internal/typesinternal#"
_VET_PAGE = "https://pkg.go.dev/golang.org/x/tools/go/analysis/passes/"
_STATICCHECK_PAGE = "https://staticcheck.dev/docs/checks/#"
# Folders that are not called as what is in them.
_FOLDERS = {"composites": "composite", "copylocks": "copylock"}
_ANALYZER = re.compile(r"^    (?P<name>[a-z]\w*) +\S", re.MULTILINE)
_FLAGS = re.compile(r"^Analyzer flags:\n.*?(?=^\S(?! *-)|\Z)", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"^\t(?P<code>[A-Z]\w*)(?: Code = .*?)?(?:\s*//.*)?$")
_CHECK = re.compile(r"(?:SA|S|ST|QF|U)\d{4}")
_EXAMPLE = re.compile(r"\n\s*(?:Example|TODO)[^\n]{0,40}:", re.IGNORECASE)
# No version control, no download and no other toolchain, whatever the user's own file says.
_ENVIRONMENT = {"GOTOOLCHAIN": "local", "GOPROXY": "off", "GOFLAGS": "", "GOWORK": "off"}


async def _said(tool: Tool, *arguments: str) -> str:
    with spawn.private_directory() as empty:
        done = await spawn.run(
            [str(tool.path), *arguments],
            cwd=empty,
            timeout_s=_TIMEOUT_S,
            env={**_ENVIRONMENT, "XDG_CACHE_HOME": str(empty), "XDG_CONFIG_HOME": str(empty)},
            max_output_bytes=_MAX_BYTES,
            untrusted_roots=tool.untrusted_roots,
        )
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 and not done.truncated else ""


async def ask_go(tool: Tool, _key: str) -> Mapping[str, str]:
    """Every analyzer of vet by its name, and every code of the compiler."""
    root = (await _said(tool, "env", "GOROOT")).strip()
    table = dict(_codes(Path(root) / _CODES)) if root and Path(root).is_absolute() else {}
    overview = (await _said(tool, "tool", "vet", "help")).partition("Registered analyzers:")[2]
    for match in _ANALYZER.finditer(overview.partition("By default")[0]):
        text = await _said(tool, "tool", "vet", "help", match["name"])
        if text:
            table[match["name"]] = text
    return table


def _codes(file: Path) -> Mapping[str, str]:
    """The comment above each constant; read as text, nothing of it is run."""
    try:
        lines = file.read_bytes()[:_MAX_BYTES].decode("utf-8", "replace").splitlines()
    except OSError:
        return {}
    table, comment = dict[str, str](), list[str]()
    for line in lines:
        match = _CODE.match(line)
        if line.startswith("\t//"):
            comment.append(line[3:].removeprefix(" "))
        elif match is not None and comment:
            table[match["code"]] = "\n".join(comment)
            comment = []
        elif not line.strip():
            # A remark that stands apart belongs to no code, unless the code's own comment follows.
            comment = []
        else:
            comment = []
    return table


def page(key: str) -> str:
    """Where more about a code, an analyzer or a check stands."""
    if _CHECK.fullmatch(key):
        return _STATICCHECK_PAGE + key
    return _CODES_PAGE + key if key[:1].isupper() else _VET_PAGE + _FOLDERS.get(key, key)


def told_go(key: str, text: str) -> RuleText:
    if key[:1].isupper():
        told = _EXAMPLE.split(text)[0]
        return RuleText(f"{key}: {_paragraphs(told)}", page(key))
    return RuleText(_paragraphs(_FLAGS.sub("", text)), page(key))


def _paragraphs(text: str) -> str:
    """Wrapped lines put together; what is indented is code, and left out with the words before it."""
    parts = re.split(r"\n[ \t]*\n", text.strip())
    kept = [" ".join(part.split()) for part in parts if not part.startswith(("\t", "    ", "  "))]
    return "\n\n".join(part for part in kept if part and not part.endswith(":"))


async def ask_gopls(tool: Tool, _key: str) -> Mapping[str, str]:
    """Every analyzer that gopls has, with its page in the first line."""
    try:
        report: Any = json.loads(await _said(tool, "api-json"))
        return {
            str(each["Name"]): f"{each['URL']}\n{each['Doc']}" for each in report["Analyzers"] if each["Doc"]
        }
    except (ValueError, KeyError, TypeError, RecursionError) as exc:
        raise LspDebuggerError("gopls's list of analyzers cannot be understood") from exc


def told_gopls(_key: str, text: str) -> RuleText:
    address, _, doc = text.partition("\n")
    return RuleText(_paragraphs(doc), address if address.startswith("https://") else None)


async def ask_staticcheck(tool: Tool, key: str) -> Mapping[str, str]:
    text = await _said(tool, "-explain", key) if _CHECK.fullmatch(key) else ""
    return {key: text} if text else {}


def told_staticcheck(key: str, text: str) -> RuleText:
    body = re.split(r"\n(?:Available since|Online documentation|Before:)", text)[0]
    return RuleText(f"{key}: {_paragraphs(body)}", page(key))


def go(key: str) -> Explainer:
    def of(_problem: Problem) -> str:
        return key

    return Explainer(("go",), of, ask_go, told_go)


def gopls(key: str) -> Explainer:
    def of(_problem: Problem) -> str:
        return key

    return Explainer(("gopls",), of, ask_gopls, told_gopls)


def staticcheck(key: str) -> Explainer:
    def of(_problem: Problem) -> str:
        return key

    return Explainer(("staticcheck",), of, ask_staticcheck, told_staticcheck, whole=False)
