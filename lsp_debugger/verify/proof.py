"""Whether a command ran the patched files: their loaded paths and what was in them, told by the runtimes.

A passing test says nothing about a patch that was not in force: an editable install leads elsewhere, a cache
has the old file, the test never comes near it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from lsp_debugger.verify.trees import Texts

_TESTED = frozenset({".py", ".js", ".cjs", ".mjs", ".jsx", ".ts", ".cts", ".mts", ".tsx"})
# Code of languages whose runtimes do not tell, and so can never be proven.
_UNTOLD = frozenset({".rs", ".go", ".c", ".h", ".cc", ".cpp", ".hpp", ".java", ".cs", ".rb", ".php", ".sh"})

# Python's own hook, from a folder of ours that stands first on the path. A project's own sitecustomize runs
# after it.
_PYTHON = """\
import atexit, hashlib, json, os, sys

names, into = json.loads(os.environ["LSPD_PATCHED"]), os.environ["LSPD_PROOF"]

def _tell(names=names, into=into, os=os, sys=sys, json=json, hashlib=hashlib):
    seen = {}
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None)
        if isinstance(path, str) and os.path.realpath(path) in names:
            with open(path, "rb") as file:
                seen[os.path.realpath(path)] = hashlib.sha256(file.read()).hexdigest()
    with open(os.path.join(into, "%d.json" % os.getpid()), "w") as file:
        json.dump(seen, file)

atexit.register(_tell)
sys.path.remove(os.path.dirname(__file__))
sys.modules.pop("sitecustomize", None)
try:
    import sitecustomize
except ImportError:
    pass
"""
# Node's debugger, inside of the process and without a port, names every script that is parsed, whichever
# module system, loader or test runner brought it.
_NODE = """\
"use strict";
const crypto = require("crypto"), fs = require("fs"), inspector = require("inspector");
const path = require("path"), url = require("url");
const names = new Set(JSON.parse(process.env.LSPD_PATCHED)), into = process.env.LSPD_PROOF, seen = {};
function real(place) {
  try { return fs.realpathSync(place.startsWith("file:") ? url.fileURLToPath(place) : place); }
  catch { return ""; }
}
const session = new inspector.Session();
session.connect();
session.on("Debugger.scriptParsed", ({ params }) => {
  const file = params.url && real(params.url.split("?")[0]);
  if (names.has(file)) seen[file] = crypto.createHash("sha256").update(fs.readFileSync(file)).digest("hex");
});
session.post("Debugger.enable");
const thread = require("worker_threads").threadId;
process.on("exit", () => {
  fs.writeFileSync(path.join(into, `${process.pid}-${thread}.json`), JSON.stringify(seen));
});
"""
HOOKS = {"sitecustomize.py": _PYTHON, "lspd_proof.cjs": _NODE}


def environment(texts: Texts) -> dict[str, str]:
    """What the hooks need. texts: the patched ones, by absolute path."""
    patched = [str(path.resolve()) for path, text in texts.items() if text is not None]
    return {"LSPD_PATCHED": json.dumps(patched)}


def is_proven(texts: Texts, told: Iterable[bytes]) -> bool:
    """Each patched file of code was loaded by some process, with the patched content.

    Test files count only where nothing else is patched. Data files are not asked for.
    """
    loaded = dict[str, str]()
    for each in told:
        try:
            loaded |= json.loads(each)
        except (TypeError, ValueError):
            continue
    wanted = _digests(texts)
    return bool(wanted) and all(loaded.get(path) == digest for path, digest in wanted.items())


def _digests(texts: Texts) -> dict[str, str]:
    code = {
        path: text
        for path, text in texts.items()
        if text is not None and path.suffix.lower() in _TESTED | _UNTOLD
    }
    tested = {path: text for path, text in code.items() if not is_test(path)} or code
    return {
        str(path.resolve()): hashlib.sha256(text.encode("utf-8")).hexdigest() for path, text in tested.items()
    }


def is_test(path: Path) -> bool:
    """By the names that test runners go by."""
    stem, name = path.stem.lower(), path.name.lower()
    return (
        stem.startswith("test_")
        or stem.endswith(("_test", "_spec"))
        or ".test." in name
        or ".spec." in name
        or name == "conftest.py"
    )
