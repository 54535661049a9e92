"""A decision is made again from its record: the policy by its digest, findings, facts, and nothing else."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from cloud_policy import CloudPolicy
from policy_samples import context, fragment, model

from lsp_debugger.core.model import Message
from lsp_debugger.policy.audit import Audit
from lsp_debugger.policy.decide import decide
from lsp_debugger.policy.gate import Gate
from lsp_debugger.policy.replay import keep_policy, kept_policy, replay
from lsp_debugger.policy.route import Denied, route
from lsp_debugger.policy.store import LoadedPolicy, PolicyStore


@pytest.fixture
def store(tmp_path: Path) -> PolicyStore:
    cloud = CloudPolicy(folder=tmp_path)
    file = tmp_path / "policy.yaml"
    file.write_text(cloud.text() + "classes: {never_send: [{pattern: 'top secret'}]}\n")
    (tmp_path / "policy.pub").write_text(cloud.key.public + "\n")
    repo = tmp_path / "repo" / "policy.yaml"
    repo.parent.mkdir()
    repo.write_text("classes: {never_send: [{path: 'private/**'}]}\n")
    return PolicyStore(user_path=str(file), repo_paths=[str(repo)])


async def recorded(store: PolicyStore, audit: Audit) -> None:
    gate = Gate(store, lambda: audit, lambda _: (Message("user", "prompt"),))
    for text, path in (("x = 1", "src/a.py"), ("top secret", "src/a.py"), ("x", "private/a.py")):
        asked = context(fragment(text, path), path=f"{store.current().roots[0]}/src/a.py")
        decision = decide(store.current(), asked, "explain")
        await gate.clear(asked, decision, route(decision, model()))  # type: ignore[arg-type]
        await gate.refused(decision, Denied("no"), model())


async def test_every_decision_comes_out_the_same(store: PolicyStore, tmp_path: Path) -> None:
    audit = Audit(tmp_path / "audit")
    await recorded(store, audit)
    replayed = list(replay(audit))
    assert len(replayed) == 6
    assert [each.said for each in replayed] == [""] * 6


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("action", "differs in action"),
        ("rule_id", "differs in rule_id"),
        ("gates", "differs in gates"),
        ("policy_sha256", "was not kept"),
    ],
)
async def test_a_record_that_says_something_else_differs(
    store: PolicyStore, tmp_path: Path, field: str, said: str
) -> None:
    audit = Audit(tmp_path / "audit")
    await recorded(store, audit)
    body = {**dict(audit.records())[5], field: "other"}
    audit.append("decision", body)
    assert said in list(replay(audit))[-1].said


async def test_a_policy_of_last_month_still_decides(store: PolicyStore, tmp_path: Path) -> None:
    audit = Audit(tmp_path / "audit")
    await recorded(store, audit)
    (tmp_path / "policy.yaml").write_text("mode: off_cloud\n")
    await recorded(store, audit)
    assert len({record["policy_sha256"] for _, record in audit.records() if "facts" in record}) == 2
    assert not any(each.said for each in replay(audit))


def test_a_kept_policy_is_the_one_that_was_in_force(store: PolicyStore, tmp_path: Path) -> None:
    loaded = store.current()
    keep_policy(tmp_path, loaded)
    kept = kept_policy(tmp_path, loaded.sha256)
    assert kept is not None
    assert kept.policy.grants == loaded.policy.grants
    assert [entry.id for entry in kept.policy.never_send] == [entry.id for entry in loaded.policy.never_send]
    assert kept.keys == loaded.keys


def test_an_unreadable_policy_is_kept_as_that(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text("nevr_send: []\n")
    loaded = PolicyStore(user_path=str(file)).current()
    keep_policy(tmp_path, loaded)
    kept = kept_policy(tmp_path, loaded.sha256)
    assert kept is not None
    assert kept.unreadable


@pytest.mark.parametrize("damage", ["text", "bytes", "field"])
def test_a_kept_policy_that_was_changed_does_not_count(
    store: PolicyStore, tmp_path: Path, damage: str
) -> None:
    loaded = store.current()
    keep_policy(tmp_path, loaded)
    [path] = (tmp_path / "policies").iterdir()
    kept = json.loads(path.read_text())
    if damage == "text":
        path.write_text("{")
    elif damage == "field":
        path.write_text(json.dumps({**kept, "layers": 3}))
    else:
        kept["layers"][0][2] = kept["layers"][1][2]
        path.write_text(json.dumps(kept))
    assert kept_policy(tmp_path, loaded.sha256) is None
    assert kept_policy(tmp_path, "../" + loaded.sha256) is None


def test_what_opens_is_part_of_the_digest() -> None:
    """11: another key or another obligation of the organisation is another decision."""
    assert LoadedPolicy.__dataclass_fields__.keys() >= {"keys", "require_org"}
    strict = PolicyStore(require_org=True).current()
    assert strict.sha256 != PolicyStore().current().sha256
    assert dataclasses.replace(strict).require_org
