"""Small contexts, models and policies, made the same way in every test of this folder."""

from __future__ import annotations

from pathlib import Path

from lsp_debugger.core.ask import Ask, Card, Problem
from lsp_debugger.core.material import Context, Fragment, FragmentKind
from lsp_debugger.core.model import Endpoint, Locality, ModelInfo
from lsp_debugger.core.text import Snapshot
from lsp_debugger.policy.document import Policy
from lsp_debugger.policy.schema import read_policy
from lsp_debugger.policy.store import LoadedPolicy

REPO = Path(__file__).resolve().parents[2]
SAMPLE = REPO / "tests" / "data" / "policies" / "sample.yaml"
ROOT = "/work-space"

# Shapes of secrets, put together here so that no scanner takes this file for a leak.
AWS_KEY = "AKIA" + "QZ7X" * 4
GITHUB_TOKEN = "ghp_" + "aB3dE5gH7jK9" * 3
PASSWORD = "hunter2!"


def fragment(text: str, path: str | None = "src/a.py", **fields: object) -> Fragment:
    kind = fields.pop("kind", FragmentKind.SCOPE)
    return Fragment(kind, text, path, **fields)  # type: ignore[arg-type]


def context(
    *fragments: Fragment, message: str = "name 'x' is not defined", path: str | None = f"{ROOT}/src/a.py"
) -> Context:
    problem = Problem(message, source="ruff", code="F821", path=path)
    snapshot = Snapshot("file:///a.py", "SNAPSHOT-TEXT", 1, path, "python")
    return Context(Ask(problem, "Explain.", "explain"), Card("a headline"), snapshot, fragments)


def model(locality: Locality = Locality.OWN, url: str = "http://127.0.0.1:11434", **fields: str) -> ModelInfo:
    return ModelInfo("ollama", "m", "sha256:1", locality, Endpoint("local", url), 4096, **fields)  # type: ignore[arg-type]


def read(text: str) -> Policy:
    return read_policy(text.encode(), "policy.yaml", "user")


def loaded(text: str = "", **fields: object) -> LoadedPolicy:
    policy = read(text) if text else Policy()
    return LoadedPolicy(policy, "0" * 64, roots=(ROOT,), **fields)  # type: ignore[arg-type]
