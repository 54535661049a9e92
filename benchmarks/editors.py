"""From an editor's start until our server is ready in it, beside a bare pygls server in the same editor.

Neovim, Emacs, Helix and VS Code themselves, as `tools/install_editors.sh` brings them; runs alternate, so
that a busy moment hits both. Of VS Code also how long our extension takes to activate, and how big it is.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess  # noqa: TID251 - starts the real editors
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from harness import BARE_SERVER, SERVER, Row, median, print_table, private_environment

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "support"))

import vscode_server
from editor_terminal import Terminal

GOAL_RATIO = 1.25
GOAL_ACTIVATION_MS = 150
GOAL_BUNDLE_BYTES = 500_000
_PATIENCE_S = 60.0
Environment = Mapping[str, str]
Measure = Callable[[Sequence[str]], float]  # takes a server's command, returns seconds until it is ready
_EDITORS = Path(__file__).resolve().parent.parent / ".tools" / "editors" / "bin"
# Each opens $FILE, starts $SERVER (a list in JSON) and ends once that server is initialised.
_NEOVIM = """
vim.cmd.edit(vim.fn.fnameescape(vim.env.FILE))
local folder = vim.fs.dirname(vim.env.FILE)
local id = vim.lsp.start({ name = 's', cmd = vim.json.decode(vim.env.SERVER), root_dir = folder })
local ready = vim.wait(30000, function()
  local client = vim.lsp.get_client_by_id(id)
  return client and client.initialized
end, 1)
vim.cmd(ready and 'qa!' or 'cquit')
"""
_EMACS = """
(require 'eglot)
(setq eglot-sync-connect 30)
(find-file (getenv "FILE"))
(python-mode)
(add-to-list 'eglot-server-programs (cons 'python-mode (append (json-parse-string (getenv "SERVER")) nil)))
(call-interactively #'eglot)
(kill-emacs (if (eglot-current-server) 0 1))
"""


def script_in(argv: Sequence[str], file: Path, env: Environment) -> Measure:
    """An editor that runs a script and ends once the server is initialised."""

    def measure(server: Sequence[str]) -> float:
        began = time.perf_counter()
        environment = {**env, "FILE": str(file), "SERVER": json.dumps(list(server))}
        done = subprocess.run(argv, env=environment, capture_output=True, timeout=_PATIENCE_S, check=False)
        if done.returncode:
            raise SystemExit(f"{argv[0]} ended with {done.returncode}: {done.stderr.decode()[-500:]}")
        return time.perf_counter() - began

    return measure


def neovim(program: str, file: Path, env: Environment) -> Measure:
    script = file.with_name("start.lua")
    script.write_text(_NEOVIM)
    return script_in([program, "--clean", "--headless", "-l", str(script)], file, env)


def emacs(program: str, file: Path, env: Environment) -> Measure:
    script = file.with_name("start.el")
    script.write_text(_EMACS)
    return script_in([program, "-Q", "--batch", "-l", str(script)], file, env)


def helix(program: str, file: Path, env: Environment) -> Measure:
    """In a terminal, until its log says that it told the server `initialized`."""
    log, settings = file.with_name("helix.log"), Path(env["XDG_CONFIG_HOME"], "helix", "languages.toml")
    settings.parent.mkdir(parents=True, exist_ok=True)

    def measure(server: Sequence[str]) -> float:
        command, *args = map(json.dumps, server)
        settings.write_text(
            f"[language-server.measured]\ncommand = {command}\nargs = [{', '.join(args)}]\n"
            '[[language]]\nname = "python"\nlanguage-servers = ["measured"]\n'
        )
        log.unlink(missing_ok=True)
        argv = [program, "-v", "--log", str(log), str(file)]
        socket = file.with_name(f"tmux-{time.monotonic_ns()}")  # the one before may still be leaving
        began = time.perf_counter()
        terminal = Terminal(argv, file.parent, env, socket, "benchmark")
        try:
            while not (log.exists() and '"method":"initialized"' in log.read_text("utf-8", "replace")):
                if time.perf_counter() - began > _PATIENCE_S:
                    raise SystemExit(f"Helix did not start the server:\n{terminal.text()}")
                time.sleep(0.002)
            return time.perf_counter() - began
        finally:
            terminal.close()

    return measure


class Code:
    """VS Code with our extension and one that watches it: a process a server, a page a measurement.

    activations_ms: until the extension's `activate` has returned. starts_s: until the server is ready.
    """

    def __init__(self, folder: Path, package: Path, env: Environment, stack: ExitStack) -> None:
        self.activations_ms: list[float] = []
        self.starts_s: dict[str, list[float]] = {}
        self._folder, self._env, self._stack = folder, env, stack
        self._extensions = [package, vscode_server.pack(Path(__file__).with_name("vscode_watch"), folder)]
        self._addresses: dict[str, str] = {}

    def measure(self, server: Sequence[str]) -> float:
        name = "ours" if server is SERVER else "bare"
        results = self._folder / f"{name}.json"
        env = {**self._env, "WALK_RESULTS": str(results), "WALK_PICTURE": str(self._folder / "none")}
        if name not in self._addresses:
            self._addresses[name] = self._serve(name, server, env)
        results.unlink(missing_ok=True)
        drive = str(vscode_server.REPO / "tests" / "editors" / "vscode_drive.mjs")
        argv = [vscode_server.NODE, drive, vscode_server.MODULES, str(vscode_server.BROWSER)]
        argv += [self._addresses[name], str(self._folder)]
        done = subprocess.run(argv, env=env, capture_output=True, text=True, timeout=180, check=False)
        if not results.exists():
            raise SystemExit(f"VS Code did not start the server: {done.stdout}{done.stderr}")
        seen: dict[str, Any] = json.loads(results.read_text())
        if not seen.get("started"):
            raise SystemExit(f"VS Code did not start the server: {seen}")
        if name == "ours":
            self.activations_ms.append(seen["activation_ms"])
        self.starts_s.setdefault(name, []).append(seen["ready_ms"] / 1000)
        return seen["ready_at"] - json.loads(done.stdout)["opened_at"]

    def _serve(self, name: str, server: Sequence[str], env: Environment) -> str:
        program, project = self._folder / name, self._folder / f"{name} project"
        program.write_text(f"#!/bin/sh\nexec {' '.join(server)}\n")
        program.chmod(0o755)
        project.mkdir()
        place = self._folder / f"code-{name}"
        settings = {"lspDebugger.server.path": str(program)}
        running = vscode_server.running(place, project, self._extensions, settings, env)
        return self._stack.enter_context(running)


def compared(name: str, measure: Measure, runs: int) -> list[Row]:
    bare, ours = list[float](), list[float]()
    for number in range(runs + 1):
        for server, taken in ((BARE_SERVER, bare), (SERVER, ours)):
            took_s = measure(server)
            if number:  # the first one compiles and warms
                taken.append(took_s)
    ratio = median(ours) / median(bare)
    both = f"{median(bare) * 1000:.0f} / {median(ours) * 1000:.0f} ms"
    return [
        Row(f"{name}, bare / ours, median of {runs}", both),
        Row(f"{name}, ratio", f"{ratio:.2f}", f"<= {GOAL_RATIO}", ratio <= GOAL_RATIO),
    ]


def of_code(folder: Path, env: Environment, runs: int) -> list[Row]:
    package = vscode_server.build_package(folder / "build")
    with zipfile.ZipFile(package) as archive:
        size = archive.getinfo("extension/dist/extension.js").file_size
    with ExitStack() as stack:
        code = Code(folder, package, env, stack)
        rows = compared("VS Code", code.measure, runs)
    activation = median(code.activations_ms[1:])
    bare, ours = (median(code.starts_s[name][1:]) for name in ("bare", "ours"))
    return [
        *rows,
        Row("VS Code, activation to ready, bare / ours", f"{bare * 1000:.0f} / {ours * 1000:.0f} ms"),
        Row(
            "VS Code, activation of our extension",
            f"{activation:.0f} ms",
            f"< {GOAL_ACTIVATION_MS} ms",
            activation < GOAL_ACTIVATION_MS,
        ),
        Row(
            "VS Code, bundle",
            f"{size / 1000:.0f} kB",
            f"< {GOAL_BUNDLE_BYTES // 1000} kB",
            size < GOAL_BUNDLE_BYTES,
        ),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("editors", nargs="*", default=["nvim", "emacs", "hx", "code"])
    args = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder, private_environment() as private:
        file = Path(folder, "a.py")
        file.write_text("x = 1\n")
        env = {**os.environ, **private, "TERM": "xterm-256color", "LANG": "C.UTF-8"}
        for name, prepare in (("nvim", neovim), ("emacs", emacs), ("hx", helix)):
            program = _EDITORS / name
            if name in args.editors and not program.exists():
                print(f"{name} is not installed: tools/install_editors.sh brings it", file=sys.stderr)
            elif name in args.editors:
                rows += compared(name, prepare(str(program), file, env), args.runs)
        if "code" in args.editors:
            if why := vscode_server.missing():
                print(f"VS Code: {why}: tools/install_editors.sh brings it", file=sys.stderr)
            else:
                rows += of_code(Path(folder), env, args.runs)
    return 0 if print_table("editor open to server ready", rows) else 1


if __name__ == "__main__":
    sys.exit(main())
