"""Layers, reloads and everything that can be wrong with a file: always closed, always said."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from policy_samples import SAMPLE

from lsp_debugger.policy.document import Action, Mode, Policy
from lsp_debugger.policy.store import PolicyStore, never_index, summary

DENY_X = "rules:\n  - if: task == 'x'\n    action: deny\n"
CLOUD = "rules:\n  - if: true\n    action: consider_cloud\n"


class Places:
    """The files that a store looks at."""

    def __init__(self, folder: Path) -> None:
        self.org, self.user = folder / "org.yaml", folder / "user.yaml"
        self.repo = folder / "repo" / "policy.yaml"
        self.repo.parent.mkdir()

    def store(self) -> PolicyStore:
        return PolicyStore(str(self.org), str(self.user), [str(self.repo)])


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path)


def actions(policy: Policy) -> list[tuple[str, Action]]:
    return [(rule.id, rule.action) for rule in policy.rules]


def rewrite(path: Path, text: str) -> None:
    """Another size each time would do, but clocks may be coarse: the new file replaces the old."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(path)


def test_no_file_is_the_built_in_default(places: Places) -> None:
    loaded = places.store().current()
    assert loaded.policy == Policy()
    assert loaded.problems == ()
    assert loaded.unreadable == ""
    assert loaded.roots == (str(places.repo.parent),)
    assert summary(loaded).startswith("built-in default, local models only (")


def test_the_topmost_grants_and_the_others_tighten(places: Places) -> None:
    places.org.write_text(CLOUD)
    places.user.write_text(CLOUD + "  - if: task == 'y'\n    action: deny\n")
    places.repo.write_text(DENY_X + "mode: off_cloud\nclasses:\n  never_send: [{path: 'a/**'}]\n")
    loaded = places.store().current()
    assert actions(loaded.policy) == [
        ("org.rules[0]", Action.CONSIDER_CLOUD),
        ("user.rules[1]", Action.DENY),
        ("repo.rules[0]", Action.DENY),
    ]
    assert loaded.policy.mode is Mode.OFF_CLOUD
    assert [entry.id for entry in loaded.policy.never_send] == ["repo.never_send[0]"]
    assert any("user.yaml:2: rules[0]: ignored" in problem for problem in loaded.problems)


def test_a_user_grants_again_when_the_organisations_file_goes(places: Places) -> None:
    places.org.write_text(DENY_X)
    places.user.write_text(CLOUD)
    store = places.store()
    assert actions(store.current().policy) == [("org.rules[0]", Action.DENY)]
    places.org.unlink()
    assert actions(store.current().policy) == [("user.rules[0]", Action.CONSIDER_CLOUD)]
    places.org.write_text(DENY_X)
    assert actions(store.current().policy) == [("org.rules[0]", Action.DENY)]


@pytest.mark.parametrize("name", ["org", "user", "repo"])
@pytest.mark.parametrize(
    "content", ["nevr_send: []\n" * 2, "- list\n", "{", "classes: {never_send: [{pattern: '(?=a)'}]}"]
)
def test_a_file_that_cannot_be_understood_closes_everything(places: Places, name: str, content: str) -> None:
    path: Path = getattr(places, name)
    path.write_text(content)
    loaded = places.store().current()
    assert str(path) in loaded.unreadable
    assert loaded.policy.mode is Mode.OFF_CLOUD
    assert loaded.problems
    assert "nothing leaves this machine" in summary(loaded)


def test_what_is_no_file_closes_everything(places: Places) -> None:
    places.user.mkdir()
    assert "is not a regular file" in places.store().current().unreadable


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_is_not_waited_for(places: Places) -> None:
    os.mkfifo(places.repo)
    assert "is not a regular file" in places.store().current().unreadable


def test_a_file_behind_a_link_loop_closes_everything(places: Places) -> None:
    places.user.symlink_to(places.user)
    assert "cannot be read" in places.store().current().unreadable


def test_a_bad_reload_keeps_the_old_policy_and_says_so(places: Places) -> None:
    places.user.write_text(DENY_X)
    store = places.store()
    before = store.current()
    rewrite(places.user, "nevr_send: []\n")
    bad = store.current()
    assert bad.policy == before.policy
    assert bad.unreadable == ""
    assert "unknown key 'nevr_send'" in bad.problems[0]
    assert "stays in force" in bad.problems[0]
    rewrite(places.user, CLOUD)
    good = store.current()
    assert actions(good.policy) == [("user.rules[0]", Action.CONSIDER_CLOUD)]
    assert good.problems == ()
    assert good.sha256 != before.sha256


def test_nothing_is_read_twice_without_a_reason(places: Places) -> None:
    places.user.write_text(DENY_X)
    store = places.store()
    assert store.current() is store.current()


def test_the_hash_names_the_content_of_every_layer(places: Places, tmp_path: Path) -> None:
    def sha256() -> str:
        return places.store().current().sha256

    seen = [sha256()]
    places.user.write_text(DENY_X)
    seen.append(sha256())
    places.repo.write_text("never_index: ['x']\n")
    seen.append(sha256())
    places.repo.write_text("never_index: ['y']\n")
    seen.append(sha256())
    places.org.write_text(DENY_X)
    seen.append(sha256())
    assert len(set(seen)) == len(seen)
    assert seen[-1] == sha256()
    assert PolicyStore().current().sha256 == PolicyStore(user_path=str(tmp_path / "none")).current().sha256


def test_never_index_knows_secret_files_and_the_policys_own(places: Places) -> None:
    places.repo.write_text("never_index: ['generated/**']\n")
    excluded = never_index(places.store().current())
    for path in ("generated/a.py", ".env", "app/.env.local", "keys/server.pem", "home/.ssh/config", "id_rsa"):
        assert excluded(path), path
    for path in ("src/a.py", "src/env.py", "docs/keys.md", "environment.yml"):
        assert not excluded(path), path


def test_the_sample_is_in_force_as_a_users_file() -> None:
    loaded = PolicyStore(user_path=str(SAMPLE)).current()
    assert loaded.problems == ()
    assert len(loaded.policy.rules) == 3


def test_an_organisation_file_that_anybody_may_write_stops_everything(tmp_path: Path) -> None:
    org = tmp_path / "policy.yaml"
    org.write_text("rules:\n  - default: local\n")
    store = PolicyStore(org_path=str(org), check_org_owner=lambda _: "others can write it")
    loaded = store.current()
    assert "others can write it" in loaded.unreadable
    assert loaded.policy.mode is Mode.OFF_CLOUD
    assert PolicyStore(org_path=str(org), check_org_owner=lambda _: None).current().unreadable == ""
