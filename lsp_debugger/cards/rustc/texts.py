"""What rustc and clippy say about their rules: an error code's or a lint's text, asked for one by one."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence

from lsp_debugger import spawn
from lsp_debugger.cards.family import Explainer
from lsp_debugger.core.ask import Problem
from lsp_debugger.core.ports import RuleText
from lsp_debugger.tools import Tool

_TIMEOUT_S = 20.0
_MAX_BYTES = 4 * 1024 * 1024
_ERROR = re.compile(r"E\d{4}$")
_LINT = re.compile(r"[a-z][a-z0-9_]{1,80}$")
_LISTED = re.compile(
    r"^ *(?P<name>[a-z0-9]+(?:-[a-z0-9]+)*)  +(?:allow|warn|deny|forbid)  +(?P<meaning>\S.*)$", re.MULTILINE
)
_FENCED = re.compile(r"^[ \t]*(```|~~~).*?^[ \t]*\1[ \t]*$\n?", re.MULTILINE | re.DOTALL)
_SECTION = re.compile(r"^#{1,4} (?P<title>.+)$", re.MULTILINE)
_LINK = re.compile(r"(?<![#!\w])\[([^\]\n]+)\](?:\([^)\n]*\)|\[[^\]\n]*\])?")
_NOTE = re.compile(r"^#{1,6} +(?P<note>(?:note: )?this error code is [^\n]+)$", re.MULTILINE | re.IGNORECASE)
_INTRODUCES = re.compile(
    r"(?:erroneous code example|example|for example|consider)[^.:\n]{0,80}:$", re.IGNORECASE
)
_TOLD = frozenset({"what it does", "why is this bad", "why restrict this"})
_PARAGRAPHS = 2
ERRORS = "https://doc.rust-lang.org/error_codes/"
CLIPPY = "https://rust-lang.github.io/rust-clippy/stable/index.html#"


def address(code: str, *, clippy: bool) -> str | None:
    """The page of an error code or of a clippy lint; rustc's own lints have no pages of their own."""
    name = code.removeprefix("clippy::")
    if clippy:
        return f"{CLIPPY}{name}" if _LINT.match(name) else None
    return f"{ERRORS}{name}.html" if _ERROR.match(name) else None


async def ask(tool: Tool, key: str) -> Mapping[str, str]:
    """An error code's text alone; lints are listed all at once, a line each."""
    if _ERROR.match(key):
        text = await _said(tool, ["--explain", key])
        return {key: text} if text else {}
    listed = await _said(tool, ["-W", "help"])
    return {found["name"].replace("-", "_"): found["meaning"] for found in _LISTED.finditer(listed)}


async def ask_clippy(tool: Tool, key: str) -> Mapping[str, str]:
    text = await _said(tool, ["clippy", "--explain", key])
    return {key: text} if text.strip() and not text.startswith("unknown lint") else {}


async def _said(tool: Tool, options: Sequence[str]) -> str:
    """Empty for what the tool does not know. Rustup is kept from fetching a toolchain for it."""
    kept = {name: os.environ[name] for name in ("CARGO_HOME", "RUSTUP_HOME") if os.environ.get(name)}
    with spawn.private_directory() as empty:
        done = await spawn.run(
            [str(tool.path), *options],
            cwd=empty,
            timeout_s=_TIMEOUT_S,
            env={**kept, "RUSTUP_AUTO_INSTALL": "0", "NO_COLOR": "1"},
            max_output_bytes=_MAX_BYTES,
            untrusted_roots=tool.untrusted_roots,
        )
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 and not done.truncated else ""


def told(key: str, text: str) -> RuleText:
    """The first paragraphs without code; for a lint the line that rustc has for it."""
    if not _ERROR.match(key):
        said = text.strip()
        return RuleText(f"{key}: {said}{'' if said.endswith('.') else '.'}")
    body = _SECTION.split(_FENCED.sub("\n", _NOTE.sub(r"\g<note>\n", text)))[0]
    return RuleText(f"{key}: {_paragraphs(body)}", f"{ERRORS}{key}.html")


def told_clippy(key: str, text: str) -> RuleText:
    parts = _SECTION.split(_FENCED.sub("\n", text))
    titles = [title.strip().lower().rstrip("?") for title in parts[1::2]]
    kept = [part for title, part in zip(titles, parts[2::2], strict=True) if title in _TOLD]
    body = "\n\n".join(kept) or parts[0]  # a few begin without a heading
    return RuleText(f"{key}: {_paragraphs(body)}", f"{CLIPPY}{key}")


def _paragraphs(text: str) -> str:
    parts = (" ".join(part.split()) for part in re.split(r"\n[ \t]*\n", text))
    kept = [_LINK.sub(r"\1", part) for part in parts if part and not _INTRODUCES.search(part)]
    return "\n\n".join(kept[:_PARAGRAPHS])


def error_or_lint(problem: Problem) -> str:
    code = problem.code
    return code if _ERROR.match(code) or _LINT.match(code) else ""


def clippy_lint(problem: Problem) -> str:
    name = problem.code.removeprefix("clippy::")
    return name if _LINT.match(name) else ""


RUSTC_TEXTS = Explainer(("rustc",), error_or_lint, ask, told, whole=False)
CLIPPY_TEXTS = Explainer(("cargo-clippy",), clippy_lint, ask_clippy, told_clippy, whole=False)
