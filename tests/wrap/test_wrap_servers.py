"""Real servers: what they and their client say to each other is the same with us between them.

A second wrapped server is not needed to see that: a tee between us and the real one writes down every byte.
"""

from __future__ import annotations

import os
import shutil
import subprocess  # noqa: TID251 - the real servers are what is tested
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from wrap_client import SUPPORT, WRAP, WrapClient

from lsp_debugger import rpc

TOOLS = Path(__file__).resolve().parents[2] / ".tools"
PLACES = [str(Path(sys.executable).parent), str(TOOLS / "editors" / "bin"), os.environ["PATH"]]
PATH = os.pathsep.join(PLACES)
TEE = (sys.executable, "-S", str(SUPPORT / "tee.py"))
pytestmark = pytest.mark.thorough
HOW = "pip install -e '.[dev]', tools/install_editors.sh servers, tools/install_checkers.sh"

# Each with a file that it finds fault with, and a place in it with nothing wrong.
SERVERS: dict[str, tuple[Sequence[str], str, str, tuple[int, int]]] = {
    "basedpyright": (
        ("basedpyright-langserver", "--stdio"),
        "näme 1.py",
        'hello = "👍🏽 漢字"\nprint(undefined_name)\n\n\ndef add(a: int) -> int:\n    return a + hello\n',
        (0, 2),
    ),
    "ruff": (("ruff", "server"), "a.py", 'import os\n\nhello = "👍🏽"; print(undefined)\n', (2, 1)),
    "typescript": (
        ("typescript-language-server", "--stdio"),
        "a.ts",
        'const hello: number = "👍🏽";\nexport function add(a: number) {\n    return a + missing;\n}\n',
        (1, 17),
    ),
    "bash": (
        ("bash-language-server", "start"),
        "a.sh",
        '#!/bin/bash\ngreet() { echo "👍🏽 $1"; }\ngreet x\n',
        (2, 1),
    ),
    "gopls": (
        ("gopls",),
        "main.go",
        'package main\n\nfunc main() {\n\thello := "👍🏽"\n\tprintln(missing)\n}\n',
        (2, 6),
    ),
    "rust-analyzer": (
        ("rust-analyzer",),
        "src/main.rs",
        'fn main() {\n    let hello = "👍🏽";\n    println!("{}", missing);\n}\n',
        (1, 9),
    ),
    "clangd": (
        ("clangd",),
        "a.c",
        'int main(void) {\n    char *hello = "👍🏽";\n    return missing;\n}\n',
        (0, 5),
    ),
}
LANGUAGES = {
    ".py": "python", ".ts": "typescript", ".sh": "shellscript", ".go": "go", ".rs": "rust", ".c": "c",
}  # fmt: skip
# Whose answers are added to, and what only ours is asked.
_ADDED_TO = {"initialize", "textDocument/codeAction"}
_COMMAND = "workspace/executeCommand"


@pytest.fixture(params=SERVERS)
def name(request: pytest.FixtureRequest) -> str:
    program = SERVERS[request.param][0][0]
    found = shutil.which(program, path=PATH)
    # rustup has a program of that name also where it has no rust-analyzer.
    if found is None or (program == "rust-analyzer" and _fails(found, "--version")):
        pytest.skip(f"there is no {program} here: {HOW}")
    return request.param


def _fails(*argv: str) -> bool:
    return subprocess.run(argv, capture_output=True, check=False, timeout=20).returncode != 0


@pytest.fixture
def project(name: str, tmp_path: Path) -> Path:
    """A folder with one file that the server has something to say about."""
    root = tmp_path / "a prøject"
    root.mkdir()
    _, file, text, _ = SERVERS[name]
    (root / file).parent.mkdir(exist_ok=True)
    (root / file).write_text(text, "utf-8")
    if name == "rust-analyzer":
        (root / "Cargo.toml").write_text('[package]\nname = "x"\nversion = "0.0.1"\nedition = "2021"\n')
    if name == "gopls":
        (root / "go.mod").write_text("module example.com/x\n\ngo 1.21\n")
    return root


@pytest.mark.parametrize(
    "client_name", ["helix_git_2026-07", "vscode_1.139_client9"]
)  # UTF-8 where the server can; UTF-16
def test_every_byte_is_the_same_with_us_between(
    name: str, client_name: str, project: Path, tmp_path: Path
) -> None:
    argv, file, text, position = SERVERS[name]
    uri = (project / file).as_uri()
    record = tmp_path / "record"
    with WrapClient([*WRAP, *TEE, str(record), *argv], env={"PATH": PATH}, cwd=project) as client:
        announced = client.initialize(project, client_name)
        client.open(uri, text, LANGUAGES[Path(file).suffix])
        client.ours_is_ready()
        at = {"textDocument": {"uri": uri}, "position": {"line": position[0], "character": position[1]}}
        for method in ("hover", "definition", "completion", "documentSymbol"):
            client.reply(client.ask(f"textDocument/{method}", at))
        if announced.get("semanticTokensProvider"):
            client.reply(client.ask("textDocument/semanticTokens/full", {"textDocument": {"uri": uri}}))
        if announced.get("diagnosticProvider"):
            client.reply(client.ask("textDocument/diagnostic", {"textDocument": {"uri": uri}}))
        change = {"text": text + "\n"}
        document = {"uri": uri, "version": 2}
        client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})
        client.reply(client.ask("textDocument/documentSymbol", at))
        lines = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 1}}
        client.reply(
            client.ask("textDocument/codeAction", {**at, "range": lines, "context": {"diagnostics": []}})
        )
        client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        code = client.leave()
        client.close()
    assert code == int((tmp_path / "record.code").read_text())
    sent = [raw for raw in client.sent if not _is_for_ours(_message(raw))]
    assert _until_exit(_frames((tmp_path / "record.in").read_bytes())) == _until_exit(sent)
    own = {each["id"] for each in map(_message, client.sent) if each.get("method") in _ADDED_TO | {_COMMAND}}
    arrived = [frame.raw for frame in client.received if not _is_answer(frame.raw, own)]
    said = [raw for raw in _frames((tmp_path / "record.out").read_bytes()) if not _is_answer(raw, own)]
    assert [raw for raw in arrived if not _is_ours(_message(raw).get("id"))] == said


def _frames(stream: bytes) -> list[bytes]:
    return [frame.raw for frame in rpc.FrameParser(1 << 30).feed(stream)]


def _until_exit(frames: list[bytes]) -> list[bytes]:
    """A server may still ask something then, and nobody reads the answer."""
    methods = [_message(raw).get("method") for raw in frames]
    return frames[: methods.index("exit") + 1]


def _message(raw: bytes) -> dict[str, Any]:
    (frame,) = rpc.FrameParser(1 << 30).feed(raw)
    return frame.message()


def _is_for_ours(message: dict[str, Any]) -> bool:
    return message.get("method") == _COMMAND or ("method" not in message and _is_ours(message["id"]))


def _is_ours(request_id: Any) -> bool:
    """Whether our server asked this."""
    return isinstance(request_id, str) and request_id.startswith("lsp-debugger:")


def _is_answer(raw: bytes, ids: set[Any]) -> bool:
    message = _message(raw)
    return "method" not in message and message["id"] in ids


def test_what_two_real_servers_find_is_explained_by_ours(tmp_path: Path) -> None:
    text = 'import os\n\ngreeting = "👍🏽 漢字"; print(undefined_name)\n'
    (tmp_path / "a.py").write_text(text, "utf-8")
    uri = (tmp_path / "a.py").as_uri()
    both = ["basedpyright-langserver", "--stdio", "--", "ruff", "server"]
    with WrapClient([*WRAP, *both], env={"PATH": PATH}, cwd=tmp_path) as client:
        client.initialize(tmp_path, "eglot_30.2")
        client.open(uri, text)

        def both_found(message: dict[str, Any]) -> bool:
            found = message.get("params", {}).get("diagnostics", []) if "method" in message else []
            return {"Ruff", "basedpyright"} <= {each.get("source") for each in found}

        found = client.wait(both_found)["params"]["diagnostics"]
        (undefined,) = (each for each in found if each.get("code") == "reportUndefinedVariable")
        line = text.split("\n")[2]
        start, end = (undefined["range"][edge]["character"] for edge in ("start", "end"))
        in_utf_16 = line.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")
        assert in_utf_16 == "undefined_name", "both count in UTF-16, whatever the client prefers"
        client.ours_is_ready()
        at = {"textDocument": {"uri": uri}, "position": undefined["range"]["start"]}
        hover = client.request("textDocument/hover", at)["contents"]["value"]
        assert "undefined_name" in hover
        listing = {**at, "range": undefined["range"], "context": {"diagnostics": [undefined]}}
        titles = [each["title"] for each in client.request("textDocument/codeAction", listing)]
        assert titles[-1].startswith("Explain: ")
        assert any("Ruff" in title for title in titles)
        assert client.leave() == 0
