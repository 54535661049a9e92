"""A question and a fix from somebody else's service, in the editors: sent is what its user looked at."""

from __future__ import annotations

import subprocess  # noqa: TID251  the command line, as an administrator uses it
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cloud_policy import CloudPolicy
from model_server import Model, ModelServer, Reply

from .conftest import Walk

pytestmark = pytest.mark.editors
SCRIPT = Path(__file__).with_name("neovim_escalation.lua")
CANARY = "ghp_" + "aB3dE5gH7jK9" * 3
BROKEN = f'''TOKEN = "{CANARY}"


def total(prices):
    """What Müller & Söhne KG owe."""
    return sum(prise), "it's for Müller & Söhne KG"  # Erika wants it so
'''
FIXED = BROKEN.replace("prise", "prices")
ALLOWED = {
    "rules": "[{if: \"task in ['explain', 'fix']\", action: consider_cloud}]",
    "tasks": "{explain: {}, fix: {}}",
}
PATCH = """\
<<<<<<< SEARCH
    return sum(prise),
=======
    return sum(prices),
>>>>>>> REPLACE
"""


@pytest.mark.parametrize("program", ["nvim", "nvim-sid"])
def test_what_the_user_looked_at_is_sent_and_the_patch_comes_back_restored(
    walk: Walk, editor: Callable[[str], str], tmp_path: Path, program: str
) -> None:
    argv = [editor(program), "--clean", "--headless", "-c", f"luafile {SCRIPT}"]
    check(walk, tmp_path, lambda here: here.run(argv, f"{program}-escalation"))


@pytest.mark.timeout(300)
def test_the_same_in_vs_code(walk: Walk, code_walk: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    seen = check(walk, tmp_path, lambda here: code_walk(here, "escalation"))
    assert {"Preview", "Send once", "No"} <= set(seen["buttons"]), "what the user can press"


def check(walk: Walk, tmp_path: Path, run: Callable[[Walk], dict[str, Any]]) -> dict[str, Any]:
    """Ask a service twice, for an explanation and for a fix; returns what the editor saw."""
    walk.file.write_text(BROKEN, "utf-8")
    walk.settings.write_text('backend = "none"\n[index]\nenabled = false\n')
    replies = [Reply(pieces=("It is not ", "defined.")), Reply(pieces=(f"{walk.file.name}\n{PATCH}",))]
    with ModelServer(models=[Model("big")], replies=replies) as cloud:
        policy = CloudPolicy(f"{cloud.url}/v1", tmp_path)
        (walk.settings.parent / "policy.yaml").write_text(policy.text(**ALLOWED))
        (walk.settings.parent / "policy.pub").write_text(policy.key.public)
        here = replace(walk, environment={**walk.environment, "CORP_KEY": "corp-key-1"})
        seen = run(here)
    assert "error" not in seen, seen
    sent = [request.body for request in cloud.requests]
    assert [text.encode() for text in seen["previews"]] == sent, "byte for byte"
    assert seen["questions"], "it was asked"
    for question in seen.get("first_questions", []) + seen["questions"]:
        assert "Send this question to corp (big at 127.0.0.1:" in question
        assert "bytes leave this machine" in question
    assert "Nothing was sent to corp" in seen["local_answer"]
    assert "It is not defined." in seen["answer"]
    assert (seen["fixed"], seen["undone"]) == (FIXED, BROKEN)
    for word in (CANARY, "Müller", "Erika"):
        assert word.encode() not in bytes(cloud.received)
    command = [sys.executable, "-m", "lsp_debugger", "audit", "verify"]
    verified = subprocess.run(
        command, env=dict(here.environment), cwd=walk.root, capture_output=True, text=True, check=False
    )
    assert verified.returncode == 0, verified.stderr
    return seen
