"""The rung that runs code: tests in the patched tree, isolated, with proof that the patch was in force."""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from lsp_debugger import spawn
from lsp_debugger.core.errors import LspDebuggerError
from lsp_debugger.verify.overlay import NOT_ISOLATED, Overlay, available, isolation_environment
from lsp_debugger.verify.verdict import Result, RungResult

TESTS = "tests pass"

_MEMORY_BYTES = 4 * 1024**3
# Python's own hook, from a folder of ours that stands first on the path: it says which files were loaded,
# with what content. A project's own sitecustomize runs after it.
_PROOF = """\
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


async def tests_rung(overlay: Overlay, command: Sequence[str], timeout_s: float) -> RungResult:
    """Run `command`, an absolute program first, in the patched workspace. Never raises for what it does."""
    began = time.perf_counter()

    def said(result: Result, words: str) -> RungResult:
        return RungResult(TESTS, result, words, time.perf_counter() - began)

    reason = available(overlay.root) or _unusable(overlay.root)
    if reason:
        return said(Result.NOT_CHECKED, f"tests not run: no isolation ({reason})")
    with tempfile.TemporaryDirectory(prefix="lsp-debugger-proof-", dir=overlay.root.parent) as folder:
        place = Path(folder)
        (place / "hook").mkdir()
        (place / "hook" / "sitecustomize.py").write_text(_PROOF, "utf-8")
        mark = Path.home() / f".lsp-debugger-{place.name}"
        try:
            mark.touch()
            done = await spawn.run(
                overlay.argv(command, overlay.root, isolated=True),
                cwd=overlay.root,
                timeout_s=timeout_s,
                env=_environment(overlay, place, mark),
                memory_bytes=_MEMORY_BYTES,
            )
        except (LspDebuggerError, OSError) as error:
            return said(Result.FAILED, f"the tests did not end: {error}")
        finally:
            mark.unlink(missing_ok=True)
        if done.returncode == NOT_ISOLATED:
            return said(Result.NOT_CHECKED, "tests not run: their isolation could not be set up and proven")
        if done.returncode != 0:
            return said(Result.FAILED, f"the tests fail ({_last_line(done.stdout)})")
        if not _is_proven(overlay, place / "proof"):
            return said(Result.NOT_CHECKED, "the tests pass, but were not seen to run the patched file")
        return said(Result.PASSED, _last_line(done.stdout) or "the tests pass")


def _unusable(root: Path) -> str:
    """Why the paths that have to stay visible cannot be handed to a shell as a list."""
    kept = isolation_environment(root, root)["LSPD_KEEP"], str(root.parent)
    spaced = any(len(each.split()) > len(each.split(" /")) for each in kept)
    return "a path with blanks in its name has to stay visible" if spaced else ""


def _environment(overlay: Overlay, place: Path, mark: Path) -> dict[str, str]:
    (place / "proof").mkdir()
    environment = isolation_environment(overlay.root, mark)
    patched = [str(path.resolve()) for path, text in overlay.texts.items() if text is not None]
    return {
        **environment,
        "LSPD_KEEP": f"{environment['LSPD_KEEP']} {place}".strip(),
        "LSPD_PATCHED": json.dumps(patched),
        "LSPD_PROOF": str(place / "proof"),
        "PYTHONPATH": str(place / "hook"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "CI": "1",
    }


def _is_proven(overlay: Overlay, proof: Path) -> bool:
    """Each patched file was loaded by some process, with the patched content."""
    loaded = dict[str, str]()
    for file in proof.glob("*.json"):
        try:
            loaded |= json.loads(file.read_bytes())
        except (OSError, ValueError):
            continue
    wanted = _digests(overlay.texts)
    return bool(wanted) and all(loaded.get(path) == digest for path, digest in wanted.items())


def _digests(texts: Mapping[Path, str | None]) -> dict[str, str]:
    return {
        str(path.resolve()): hashlib.sha256(text.encode("utf-8")).hexdigest()
        for path, text in texts.items()
        if text is not None and path.suffix == ".py" and not path.name.startswith("test_")
    }


def _last_line(output: bytes) -> str:
    lines = output.decode("utf-8", "replace").strip().splitlines()
    return " ".join(lines[-1].strip("= ").split())[:80] if lines else ""
