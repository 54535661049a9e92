"""The rung that runs code: tests in the patched tree, isolated, with proof that the patch was in force."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lsp_debugger.verify.isolated import run_isolated
from lsp_debugger.verify.overlay import Overlay
from lsp_debugger.verify.verdict import Result, RungResult

TESTS = "tests pass"

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

    patched = [str(path.resolve()) for path, text in overlay.texts.items() if text is not None]
    modules, env = {"sitecustomize.py": _PROOF}, {"LSPD_PATCHED": json.dumps(patched)}
    run = await run_isolated(overlay, command, timeout_s, modules, env)
    if run.failed:
        return said(Result.FAILED, f"the tests did not end: {run.failed}")
    if run.done is None:
        return said(Result.NOT_CHECKED, f"tests not run: {run.why_not}")
    if run.done.returncode != 0:
        return said(Result.FAILED, f"the tests fail ({_last_line(run.done.stdout)})")
    if not _is_proven(overlay, run.left.values()):
        return said(Result.NOT_CHECKED, "the tests pass, but were not seen to run the patched file")
    return said(Result.PASSED, _last_line(run.done.stdout) or "the tests pass")


def _is_proven(overlay: Overlay, proofs: Iterable[bytes]) -> bool:
    """Each patched file was loaded by some process, with the patched content."""
    loaded = dict[str, str]()
    for proof in proofs:
        try:
            loaded |= json.loads(proof)
        except (TypeError, ValueError):
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
