"""From an editor's start until our server is ready in it, beside a bare pygls server in the same editor.

Neovim and Emacs themselves, as `tools/install_editors.sh` brings them; runs alternate, so that a busy
moment hits both.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess  # noqa: TID251 - starts the real editors
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from harness import BARE_SERVER, SERVER, Row, median, print_table, private_environment

GOAL_RATIO = 1.25
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


def seconds_to_ready(argv: Sequence[str], server: Sequence[str], file: Path, env: dict[str, str]) -> float:
    began = time.perf_counter()
    environment = {**env, "FILE": str(file), "SERVER": json.dumps(list(server))}
    done = subprocess.run(argv, env=environment, capture_output=True, timeout=60, check=False)
    if done.returncode:
        raise SystemExit(f"{argv[0]} ended with {done.returncode}: {done.stderr.decode()[-500:]}")
    return time.perf_counter() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder, private_environment() as private:
        file, lua, lisp = (Path(folder, name) for name in ("a.py", "start.lua", "start.el"))
        file.write_text("x = 1\n")
        lua.write_text(_NEOVIM)
        lisp.write_text(_EMACS)
        env = {**os.environ, **private}
        for name, arguments in (
            ("nvim", ["--clean", "--headless", "-l", str(lua)]),
            ("emacs", ["-Q", "--batch", "-l", str(lisp)]),
        ):
            if not (_EDITORS / name).exists():
                print(f"{name} is not installed: tools/install_editors.sh brings it", file=sys.stderr)
                continue
            argv = [str(_EDITORS / name), *arguments]
            bare, ours = list[float](), list[float]()
            for number in range(runs + 1):
                for server, taken in ((BARE_SERVER, bare), (SERVER, ours)):
                    took_s = seconds_to_ready(argv, server, file, env)
                    if number:  # the first one compiles and warms
                        taken.append(took_s)
            ratio = median(ours) / median(bare)
            both = f"{median(bare) * 1000:.0f} / {median(ours) * 1000:.0f} ms"
            rows.append(Row(f"{name}, bare / ours, median of {runs}", both))
            rows.append(Row(f"{name}, ratio", f"{ratio:.2f}", f"<= {GOAL_RATIO}", ratio <= GOAL_RATIO))
    return 0 if print_table("editor open to server ready", rows) else 1


if __name__ == "__main__":
    sys.exit(main())
