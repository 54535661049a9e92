"""Whether a command ran the patched files: their paths and what was in them, told by what loaded them.

A passing test says nothing about a patch that was not in force: an editable install leads elsewhere, a cache
has the old file, the test never comes near it. Whatever is told comes out of a process in which the patch
runs: it is a proof against mistakes, not against a patch that lies.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from lsp_debugger.verify import proof_cargo, proof_go, proof_node, proof_python
from lsp_debugger.verify.trees import Texts

_TESTED = frozenset({
    ".py", ".js", ".cjs", ".mjs", ".jsx", ".ts", ".cts", ".mts", ".tsx", ".go", ".rs",
})  # fmt: skip
# Code of languages whose tools do not tell, and so can never be proven (in a package of Go's, C is).
_UNTOLD = frozenset({".c", ".h", ".cc", ".cpp", ".hpp", ".java", ".cs", ".rb", ".php", ".sh"})
_RUSTC, _RUNNER, _GO = "lspd_rustc", "lspd_rust_runner.sh", "lspd_go.sh"
HOOKS = {
    "sitecustomize.py": proof_python.SITECUSTOMIZE,
    "lspd_proof.cjs": proof_node.REQUIRED,
    _GO: proof_go.EXEC,
    _RUSTC: proof_cargo.RUSTC,
    _RUNNER: proof_cargo.RUNNER,
}
# Of a line that a hook wrote, instead of a hash: it may not have been what the file holds.
_DOUBT = "!"


def environment(texts: Texts, before: Texts) -> dict[str, str]:
    """What the hooks need. texts: the patched ones, by absolute path. before: those without the patch."""
    patched = [str(path.resolve()) for path, text in texts.items() if text is not None]
    was = [text for path in texts if (text := before.get(path)) and text.strip()]
    # What is read out of an archive has other line ends.
    digests = {_digest(each) for text in was for each in (text, text.replace("\r\n", "\n"))}
    return {
        "LSPD_FILES": "\n".join(path for path in patched if "\n" not in path),
        "LSPD_BEFORE": " ".join(sorted(digests)),
    }


def variables(hook: Path) -> dict[str, str]:
    """What makes compiled languages tell. hook: the folder with `HOOKS`; one that words are split at is of
    no use to their tools.
    """
    found = dict[str, str]()
    if len(str(hook).split()) != 1 or "'" in str(hook):
        return found
    if (hook / _GO).is_file():
        found |= proof_go.variables(str(hook / _GO))
    if os.access(hook / _RUSTC, os.X_OK):
        found |= proof_cargo.variables(str(hook / _RUSTC), str(hook / _RUNNER))
    return found


def is_proven(texts: Texts, told: Iterable[bytes]) -> bool:
    """Each patched file of code was loaded by some process with the patched content, and by none without.

    Test files count only where nothing else is patched. Data files are not asked for.
    """
    lines = {line for each in told for line in each.decode("utf-8", "replace").splitlines()}
    wanted = _digests(texts)
    loaded = {(how, path) for how, _, path in (line.partition(" ") for line in lines)}
    return bool(wanted) and all(
        {how for how, loaded_path in loaded if loaded_path == path} == {digest}
        for path, digest in wanted.items()
    )


def _digests(texts: Texts) -> dict[str, str]:
    code = {
        path: text
        for path, text in texts.items()
        if text is not None and path.suffix.lower() in _TESTED | _UNTOLD
    }
    tested = {path: text for path, text in code.items() if not is_test(path)} or code
    return {str(path.resolve()): _digest(text) for path, text in tested.items()}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


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
