"""`lsp-debugger demo`: the main job on a small project with real bugs, through the real server."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_debugger import spawn
from lsp_debugger.cli.findings import Finding, findings_of, traceback_of
from lsp_debugger.cli.lsp_client import LspClient
from lsp_debugger.core.errors import ToolFailed

if TYPE_CHECKING:
    from rich.console import Console

    from lsp_debugger.checkers import Checked

_PROJECT = Path(__file__).with_name("demo_project")
_ANSWER_TIMEOUT_S = 300
_CARD_TIMEOUT_S = 20
# A terminal shows a link's whole address; the label says the same.
_FILE_LINK = re.compile(r"\[([^\]]+)\]\(file:[^)]*\)")
_FONT_FACE = re.compile(r"<!-- Generated[^>]*-->\s*|@font-face \{[^}]*\}\s*")
HELP = """\
lsp-debugger demo [--keep] [--save-svg FILE]

Copies a small project with real bugs to a temporary directory, starts the real server, speaks LSP to it,
and shows findings, a card, a certain fix and an answer from the best model found here, or without one.

  --keep           leave the copy where it is and say where
  --save-svg FILE  also write what was shown as a picture"""


def run(args: Sequence[str]) -> int:
    """Exit code 0 when every step worked, 1 when one did not."""
    from rich.console import Console

    rest = list(args)
    if rest and rest[0] in {"-h", "--help"}:
        print(HELP)
        return 0
    keep = "--keep" in rest
    svg = _value(rest, "--save-svg")
    console = Console(record=svg is not None, width=100 if svg else None, highlight=False)
    root = Path(tempfile.mkdtemp(prefix="lsp-debugger-demo-")).resolve()
    try:
        project = root / "orders"
        shutil.copytree(_PROJECT, project, ignore=shutil.ignore_patterns("__pycache__"))
        worked = _Demo(console, project).play()
    finally:
        if keep:
            console.print(f"The copy is in {root}", style="dim")
        else:
            shutil.rmtree(root, ignore_errors=True)
    if svg is not None:
        # Without its fonts from the network: a picture of this program loads nothing either.
        picture = _FONT_FACE.sub("", console.export_svg(title="lsp-debugger demo"))
        Path(svg).write_text(picture, encoding="utf-8")
    return 0 if worked else 1


def _value(args: list[str], name: str) -> str | None:
    return args[args.index(name) + 1] if name in args and args.index(name) + 1 < len(args) else None


class _Demo:
    def __init__(self, console: Console, project: Path) -> None:
        self._console = console
        self._project = project

    def play(self) -> bool:
        findings, not_asked = self._findings()
        with LspClient(spawn.python_argv("lsp_debugger", "serve"), self._project) as client:
            by_path: dict[Path, list[Finding]] = {}
            for finding in findings:
                by_path.setdefault(finding.path, []).append(finding)
            for path, found in by_path.items():
                self._open(client, path, found)
            fixed = self._card_and_fix(client, findings)
            answered = self._explain(client, findings)
        for each in not_asked:
            self._console.print(f"Not shown: {each.checker}: {each.reason} ({each.hint}).", style="dim")
        self._console.print(
            "\nNext: [bold]lsp-debugger[/] in your editor (README), or [bold]lsp-debugger doctor[/]."
        )
        return fixed and answered

    def _title(self, text: str) -> None:
        self._console.print()
        self._console.rule(f"[bold]{text}", align="left")

    def _findings(self) -> tuple[list[Finding], list[Checked]]:
        """What the tools that are installed here really say about the copy."""
        self._title("1  Findings of the tools installed here")
        findings, not_asked = findings_of(self._project, {"ruff", "tsc"})
        findings += traceback_of(self._project / "orders.py")
        for finding in findings:
            shown = finding.path.relative_to(self._project).as_posix()
            self._console.print(
                f"  {shown}:{finding.line + 1}",
                f"[bold]{finding.code}[/]",
                finding.message.removeprefix(f"{finding.code}: "),
                markup=True,
                sep="  ",
            )
        return findings, not_asked

    def _open(self, client: LspClient, path: Path, findings: Sequence[Finding]) -> None:
        language = {".py": "python", ".ts": "typescript"}[path.suffix]
        document = {
            "uri": path.as_uri(),
            "languageId": language,
            "version": 1,
            "text": path.read_text("utf-8"),
        }
        client.notify("textDocument/didOpen", {"textDocument": document})
        client.notify(
            "lspDebugger/foreignDiagnostics",
            {
                "uri": path.as_uri(),
                "version": 1,
                "complete": True,
                "diagnostics": [finding.diagnostic() for finding in findings],
            },
        )

    def _card_and_fix(self, client: LspClient, findings: Sequence[Finding]) -> bool:
        from rich.markdown import Markdown
        from rich.padding import Padding

        finding = next((each for each in findings if each.code == "F821"), findings[0])
        self._title(f"2  The card on hover: {finding.path.name}:{finding.line + 1}, no model")
        at = {"textDocument": {"uri": finding.path.as_uri()}, "position": finding.position()}
        hover = _hovered(client, at)
        if not hover:
            self._console.print("  no card came back", style="red")
            return False
        self._console.print(Padding(Markdown(hover["contents"]["value"]), (0, 2)))
        actions: list[dict[str, Any]] = client.request(
            "textDocument/codeAction",
            {
                "textDocument": at["textDocument"],
                "range": finding.diagnostic()["range"],
                "context": {"diagnostics": [finding.diagnostic()]},
            },
        )
        certain = next((each for each in actions if each.get("data")), None)
        if certain is None:
            return True
        self._title(f"3  A certain fix: {certain['title']}")
        edit = client.request("codeAction/resolve", certain).get("edit")
        changed = apply_edit(finding.path, edit)
        self._console.print(f"  {changed}", style="green", markup=False)
        left, _ = findings_of(self._project, {"ruff"})
        gone = not any(each.code == finding.code and each.path == finding.path for each in left)
        self._console.print(
            f"  ruff says: {finding.code} is {'gone' if gone else 'still there'}", style="dim"
        )
        return gone

    def _explain(self, client: LspClient, findings: Sequence[Finding]) -> bool:
        finding = next((each for each in findings if each.code == "AttributeError"), findings[-1])
        self._title(f"4  Explain: {finding.code} in {finding.path.name}, streaming")
        argument = {
            "uri": finding.path.as_uri(),
            "position": finding.position(),
            "diagnostic": finding.diagnostic(),
        }
        reply = client.request(
            "workspace/executeCommand", {"command": "lspDebugger.explain", "arguments": [argument]}
        )

        def show(method: str, params: Any) -> bool:
            if method != "lspDebugger/answerDelta" or params.get("id") != reply["id"]:
                return False
            text = _FILE_LINK.sub(r"\1", params.get("text", ""))
            self._console.print(text, end="", markup=False, soft_wrap=not self._console.record)
            return bool(params.get("done"))

        client.wait_for(show, _ANSWER_TIMEOUT_S)
        self._console.print()
        return True


def _hovered(client: LspClient, at: dict[str, Any]) -> Any:
    """The first card waits for imports and a rule's text; a busy machine may need a second look."""
    deadline_s = time.monotonic() + _CARD_TIMEOUT_S
    while not (hover := client.request("textDocument/hover", at)) and time.monotonic() < deadline_s:
        time.sleep(0.1)
    return hover


def apply_edit(path: Path, edit: Any) -> str:
    """Apply a WorkspaceEdit with positions in code points to one file; returns the new lines, for showing."""
    changes: list[dict[str, Any]] = [change for each in edit["documentChanges"] for change in each["edits"]]
    lines = path.read_text("utf-8").splitlines(keepends=True)
    shown: list[str] = []
    for change in sorted(
        changes, key=lambda each: json.dumps(each["range"]["start"], sort_keys=True), reverse=True
    ):
        start: dict[str, int] = change["range"]["start"]
        end: dict[str, int] = change["range"]["end"]
        if start["line"] >= len(lines):
            lines.append("")
        head = lines[start["line"]][: start["character"]]
        tail = lines[end["line"]][end["character"] :] if end["line"] < len(lines) else ""
        lines[start["line"] : end["line"] + 1] = [head + change["newText"] + tail]
        shown.append(change["newText"].strip())
    text = "".join(lines)
    if not text:
        raise ToolFailed("the edit would empty the file")
    path.write_text(text, "utf-8")
    return "+ " + "\n  + ".join(reversed(shown))
