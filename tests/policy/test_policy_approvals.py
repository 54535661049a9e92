"""An approval is another person's signed word, for one task and one endpoint, until a day."""

from __future__ import annotations

from pathlib import Path

import pytest
from cloud_policy import CloudPolicy
from policy_samples import context, fragment

from lsp_debugger.cli.app import main
from lsp_debugger.core.errors import PolicyInvalid
from lsp_debugger.policy.approvals import APPROVALS_FILE, Approval, approval_for, read_approvals
from lsp_debugger.policy.decide import decide
from lsp_debugger.policy.signing import signing_key
from lsp_debugger.policy.store import PolicyStore

APPROVED = Approval("explain", "corp", "B. Lead", "2030-01-31")


def test_what_was_signed_counts_and_nothing_else(tmp_path: Path) -> None:
    key, other = signing_key(tmp_path / "a"), signing_key(tmp_path / "b")
    file = tmp_path / APPROVALS_FILE
    forged = APPROVED.signed(key).replace("explain", "rewrite")
    file.write_text(f"{APPROVED.signed(key)}\n\n{APPROVED.signed(other)}\n{forged}\n")
    assert read_approvals(file, (key.public,)) == (APPROVED,)
    assert read_approvals(tmp_path / "none", (key.public,)) == ()


@pytest.mark.parametrize("line", ["{", "[]", '{"task": "explain"}', '"x"'])
def test_a_line_that_is_none_is_said(tmp_path: Path, line: str) -> None:
    file = tmp_path / APPROVALS_FILE
    file.write_text(f"\n{line}\n")
    with pytest.raises(PolicyInvalid, match=r"approvals\.jsonl:2: not an approval"):
        read_approvals(file, ())


@pytest.mark.parametrize(
    ("task", "endpoint", "today", "said"),
    [
        ("explain", "corp", "2030-01-31", "by B. Lead until 2030-01-31"),
        ("explain", "corp", "2030-02-01", ""),
        ("other", "corp", "2026-01-01", ""),
        ("explain", "other", "2026-01-01", ""),
    ],
)
def test_it_is_for_this_and_until_then(task: str, endpoint: str, today: str, said: str) -> None:
    assert approval_for((APPROVED,), task, endpoint, today) == said


def test_the_gate_opens_with_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cloud = CloudPolicy(folder=tmp_path)
    file = tmp_path / "policy.yaml"
    file.write_text(cloud.text(approvals="{tasks: [explain]}"))
    (tmp_path / "policy.pub").write_text(cloud.key.public)
    store = PolicyStore(user_path=str(file), roots=["/work-space"])
    asked = context(fragment("x = 1"))
    closed = decide(store.current(), asked, "explain", cloud.ready)
    assert [gate.name for gate in closed.closed] == ["approval"]
    args = ("--task", "explain", "--endpoint", "corp", "--by", "B. Lead", "--until", "2030-12-31")
    assert main(["policy", "sign", "approval", "--key", str(tmp_path / "policy.key"), *args]) == 0
    (tmp_path / APPROVALS_FILE).write_text(capsys.readouterr().out)
    opened = decide(store.current(), asked, "explain", cloud.ready)
    assert opened.closed == ()
    assert opened.facts.approval == "by B. Lead until 2030-12-31"
    assert main(["policy", "sign", "approval", "--key", "k", *args[:-1], "soon"]) == 2
