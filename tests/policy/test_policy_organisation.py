"""An organisation's file: a pinned key, no way back to an older one, nothing remote where it is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_debugger.core.errors import PolicyInvalid
from lsp_debugger.policy.document import Mode
from lsp_debugger.policy.organisation import SerialMemory
from lsp_debugger.policy.signing import (
    ATTESTATION,
    POLICY,
    SigningKey,
    public_keys,
    signing_key,
    verified,
)
from lsp_debugger.policy.store import LoadedPolicy, PolicyStore


class Organisation:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "org" / "policy.yaml"
        self.file.parent.mkdir()
        self.key = signing_key(folder / "org.key")
        (self.file.parent / "policy.pub").write_text(f"# the platform team\n{self.key.public}\n")

    def publishes(self, text: str, key: SigningKey | None = None) -> None:
        self.file.write_text(text)
        signature = (key or self.key).sign(POLICY, text.encode())
        self.file.with_name("policy.yaml.sig").write_text(signature + "\n")

    def store(self) -> PolicyStore:
        serials = SerialMemory(self.folder / "state" / "policy-serial")
        return PolicyStore(org_path=str(self.file), serials=serials)

    def loaded(self) -> LoadedPolicy:
        return self.store().current()


@pytest.fixture
def org(tmp_path: Path) -> Organisation:
    return Organisation(tmp_path)


def test_a_signed_file_grants(org: Organisation) -> None:
    org.publishes("serial: 1\nrules: [{if: true, action: consider_cloud}]\n")
    loaded = org.loaded()
    assert loaded.unreadable == ""
    assert len(loaded.policy.rules) == 1
    assert loaded.keys == (org.key.public,)


@pytest.mark.parametrize("wrong", ["unsigned", "another key", "changed", "another use", "garbage"])
def test_what_is_not_signed_by_the_pinned_key_opens_nothing(org: Organisation, wrong: str) -> None:
    text = "serial: 1\nrules: [{if: true, action: consider_cloud}]\n"
    org.publishes(text, signing_key(org.folder / "other.key") if wrong == "another key" else None)
    signature = org.file.with_name("policy.yaml.sig")
    if wrong == "unsigned":
        signature.unlink()
    elif wrong == "changed":
        org.file.write_text(text + "# \n")
    elif wrong == "another use":
        signature.write_text(org.key.sign(ATTESTATION, text.encode()))
    elif wrong == "garbage":
        signature.write_bytes(b"\xff" * 5000)
    loaded = org.loaded()
    assert loaded.policy.mode is Mode.OFF_CLOUD
    assert "sign" in loaded.unreadable


def test_an_older_signed_file_is_refused(org: Organisation) -> None:
    org.publishes("serial: 7\n")
    assert org.loaded().unreadable == ""
    org.publishes("serial: 6\nmode: enforce\n")
    assert "serial 6 is older than 7" in org.loaded().unreadable
    org.publishes("mode: enforce\n")  # no serial is the oldest of all
    assert "serial 0 is older than 7" in org.loaded().unreadable
    org.publishes("serial: 8\n")
    assert org.loaded().unreadable == ""


def test_an_older_file_does_not_replace_the_one_in_force(org: Organisation) -> None:
    store = org.store()
    org.publishes("serial: 7\nnever_index: ['a/**']\n")
    assert store.current().policy.never_index == ("a/**",)
    org.publishes("serial: 6\n")
    loaded = store.current()
    assert loaded.policy.never_index == ("a/**",)
    assert "stays in force" in loaded.problems[0]


def test_a_memory_that_cannot_be_read_closes(org: Organisation) -> None:
    memory = org.folder / "state" / "policy-serial"
    memory.parent.mkdir()
    memory.write_text("seven")
    org.publishes("serial: 9\n")
    assert "old policy could not be told" in org.loaded().unreadable
    memory.unlink()
    memory.mkdir()
    assert "cannot be read" in org.loaded().unreadable


def test_a_new_signature_is_noticed(org: Organisation) -> None:
    store = org.store()
    org.publishes("serial: 1\n")
    signature = org.file.with_name("policy.yaml.sig")
    good = signature.read_text()
    signature.write_text("ed25519:AAAA")
    assert store.current().unreadable
    signature.write_text(good)
    assert store.current().unreadable == ""


def test_a_line_that_is_no_key_is_said(tmp_path: Path) -> None:
    file = tmp_path / "policy.pub"
    file.write_text("# ours\n\ned25519:short\n")
    with pytest.raises(PolicyInvalid, match=r"policy\.pub:3: not a public key"):
        public_keys(file)
    assert public_keys(tmp_path / "none.pub") == ()


def test_a_required_file_that_is_missing_turns_the_cloud_off(tmp_path: Path) -> None:
    user = tmp_path / "policy.yaml"
    user.write_text("rules: [{if: true, action: consider_cloud}]\n")
    loaded = PolicyStore(str(tmp_path / "none"), str(user), require_org=True).current()
    assert loaded.policy.mode is Mode.OFF_CLOUD
    assert PolicyStore(str(tmp_path / "none"), str(user)).current().policy.mode is Mode.ENFORCE


def test_a_signature_is_for_one_use_and_one_key(tmp_path: Path) -> None:
    key, other = signing_key(tmp_path / "a"), signing_key(tmp_path / "b")
    signature = key.sign(POLICY, b"text")
    assert verified((other.public, key.public), POLICY, b"text", signature)
    assert not verified((other.public,), POLICY, b"text", signature)
    assert not verified((key.public,), ATTESTATION, b"text", signature)
    assert not verified((key.public,), POLICY, b"texu", signature)
    for odd in ("", "ed25519:", "ed25519:!!!", "rsa:AAAA", signature[:-4]):
        assert not verified((key.public, odd), POLICY, b"text", odd)


def test_a_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "policy.key"
    assert signing_key(path).public == signing_key(path).public
    assert path.stat().st_mode & 0o077 == 0
    path.write_bytes(b"short")
    with pytest.raises(PolicyInvalid, match="is no key of ours"):
        signing_key(path)
    with pytest.raises(PolicyInvalid, match="cannot be read"):
        SigningKey(tmp_path / "none")


def test_only_an_organisation_may_have_login_files_read(org: Organisation, tmp_path: Path) -> None:
    text = "detectors: {known_values: [netrc, pgpass]}\n"
    org.publishes(text)
    assert org.loaded().policy.login_files == ("netrc", "pgpass")
    user = tmp_path / "user.yaml"
    user.write_text(text)
    loaded = PolicyStore(user_path=str(user)).current()
    assert loaded.policy.login_files == ()
    [problem] = loaded.problems
    assert "only an organisation" in problem
    beside = PolicyStore(org_path=str(org.file), user_path=str(user)).current()
    assert beside.policy.login_files == ("netrc", "pgpass")
    repository = PolicyStore(repo_paths=[str(user)]).current()
    assert repository.policy.login_files == ()
    assert repository.problems
