from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from lsp_debugger.config import SETTINGS, Layer, Loaded, Settings, load
from lsp_debugger.config.files import MAX_FILE_BYTES, Owner, ownership_problem, parse_toml, read_toml

NEVER_FROM_AN_EDITOR = {
    "ollama.url": "http://evil:1",
    "openai.base_url": "http://evil:1",
    "openai.api_key_env": "HOME",
    "ca_file": "/tmp/ca.pem",
    "llamacpp.model_path": "/tmp/x.gguf",
    "local_hosts": ["http://evil:1"],
    "index.embeddings_url": "http://evil:1",
    "policy.path": "/tmp/policy.yaml",
    "policy.require_org": True,
    "allow_unisolated": True,
    "state.directory": "/tmp/state",
}


class Places:
    """The files of one test, none of them there until written."""

    def __init__(self, directory: Path) -> None:
        self.organisation = directory / "etc" / "config.toml"
        self.user = directory / "user" / "config.toml"
        self.repository = directory / "repo" / ".lsp-debugger.toml"

    def write(self, path: Path, text: str | bytes) -> Path:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def load(
        self, editor: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None
    ) -> Loaded:
        return load(
            org_path=self.organisation,
            user_path=self.user,
            editor=editor,
            repo_paths=[self.repository],
            environ=environ or {},
        )


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path)


as_root = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0, reason="only root can write an organisation's file"
)


def test_nothing_set_is_built_in_and_quiet(places: Places) -> None:
    loaded = places.load()
    assert loaded.settings == Settings()
    assert loaded.problems == ()
    assert set(loaded.origins) == set(SETTINGS)
    assert {each.layer for each in loaded.origins.values()} == {Layer.BUILT_IN}


@as_root
def test_each_layer_replaces_the_one_below(places: Places) -> None:
    places.write(places.organisation, 'model.name = "org"\nlog.level = "error"\n[answer]\nmax_tokens = 100\n')
    places.write(places.user, '[model]\nname = "user"\n[log]\nlevel = "debug"\n')
    loaded = places.load(editor={"model": {"name": "editor"}})
    assert loaded.problems == ()
    assert (loaded.settings.model_name, loaded.settings.log_level) == ("editor", "debug")
    assert loaded.settings.answer_max_tokens == 100
    assert str(loaded.origins["model.name"]) == "editor"
    assert str(loaded.origins["log.level"]) == f"user {places.user}:4"
    assert str(loaded.origins["answer.max_tokens"]) == f"organisation {places.organisation}:4"


@as_root
def test_declared_hosts_add_up(places: Places) -> None:
    places.write(places.organisation, 'local_hosts = ["https://pool.corp.example"]')
    places.write(places.user, 'local_hosts = ["http://Box:8000/v1", "https://pool.corp.example:443"]')
    loaded = places.load()
    assert loaded.settings.local_hosts == ("https://pool.corp.example:443", "http://box:8000")
    origin = str(loaded.origins["local_hosts"])
    assert origin == f"organisation {places.organisation}:1 + user {places.user}:1"


@pytest.mark.parametrize("name", NEVER_FROM_AN_EDITOR)
@pytest.mark.parametrize("nested", [True, False])
def test_an_editor_cannot_choose_where_things_are(places: Places, name: str, nested: bool) -> None:
    table, _, key = name.rpartition(".")
    value = NEVER_FROM_AN_EDITOR[name]
    loaded = places.load(editor={table: {key: value}} if nested and table else {name: value})
    assert loaded.settings == Settings()
    assert loaded.problems == (
        f"editor settings: {name} cannot be set from an editor, only in the user settings; ignored",
    )


def test_the_list_above_is_whole() -> None:
    """A setting that is a URL, a path or the name of a secret has a check; all of those are covered."""
    canonical = {name for name, each in SETTINGS.items() if each.canonical}
    assert canonical == set(NEVER_FROM_AN_EDITOR) - {"policy.require_org", "allow_unisolated"}
    assert {name for name, each in SETTINGS.items() if not each.from_editor} == set(NEVER_FROM_AN_EDITOR)


def test_an_editor_says_null_for_what_nobody_set(places: Places) -> None:
    places.write(places.user, "hover.card = false\n")
    loaded = places.load(
        editor={"hover": {"card": None}, "openai": {"base_url": None}, "trace": {"server": "verbose"}}
    )
    assert loaded.problems == ()
    assert loaded.settings.hover_card is False


@pytest.mark.parametrize(
    ("below", "wanted", "field", "value"),
    [
        ("", "index.enabled = false", "index_enabled", False),
        ("", "actions.explain = false", "actions_explain", False),
        ("", 'backend = "none"', "backend", "none"),
        ("", 'model.preload = "never"', "model_preload", "never"),
        ("", "context.budget_tokens = 1000", "context_budget_tokens", 1000),
        ("", "answer.max_tokens = 100", "answer_max_tokens", 100),
    ],
)
def test_a_repository_may_tighten(places: Places, below: str, wanted: str, field: str, value: object) -> None:
    places.write(places.user, below)
    places.write(places.repository, wanted)
    loaded = places.load()
    assert loaded.problems == ()
    assert getattr(loaded.settings, field) == value
    assert loaded.origins[wanted.partition(" ")[0]].layer is Layer.REPOSITORY


@pytest.mark.parametrize(
    ("below", "wanted"),
    [
        ("index.enabled = false", "index.enabled = true"),
        ("actions.explain = false", "actions.explain = true"),
        ("", 'backend = "openai"'),
        ('backend = "none"', 'backend = "auto"'),
        ('model.preload = "never"', 'model.preload = "start"'),
        ("", "context.budget_tokens = 9000"),
        ("", 'model.name = "bigger"'),
        ("", 'log.level = "debug"'),
        *(("", f"{name} = {json.dumps(value)}") for name, value in NEVER_FROM_AN_EDITOR.items()),
    ],
)
def test_a_repository_never_loosens(places: Places, below: str, wanted: str) -> None:
    places.write(places.user, below)
    before = places.load()
    places.write(places.repository, wanted)
    after = places.load()
    assert after.settings == before.settings
    assert after.origins == before.origins
    assert len(after.problems) == 1
    assert after.problems[0].startswith(f"{places.repository}:1: ")


def samples(name: str) -> Iterable[object]:
    setting = SETTINGS[name]
    if setting.choices:
        yield from setting.choices
    elif isinstance(setting.default, bool):
        yield from (True, False)
    elif isinstance(setting.default, int):
        yield from (
            each for each in (0, 16, 256, 300, 1000, 50_000) if setting.minimum <= each <= setting.maximum
        )


@pytest.mark.parametrize("name", [name for name, each in SETTINGS.items() if each.tightens])
def test_tightening_has_no_way_back(name: str) -> None:
    """Two values never tighten each other: a second repository cannot undo the first one's word."""
    allows = SETTINGS[name].tightens.allows
    values = list(samples(name))
    assert len(values) > 1
    for one in values:
        for other in values:
            assert not (allows(one, other) and allows(other, one) and one != other)


@pytest.mark.parametrize(
    ("text", "place", "problem"),
    [
        ("modle.name = 'x'", ":1", "unknown setting 'modle.name', did you mean 'model.name'?"),
        ("[modle]\nname = 'x'", ":2", "unknown setting 'modle.name', did you mean 'model.name'?"),
        ("zzz = 1", ":1", "unknown setting 'zzz'"),
        ("model = 'x'", ":1", "unknown setting 'model', did you mean 'model.name'?"),
        ("backend = {x = 1}", ":1", "backend must be a string"),
        ("backend = 'cloud'", ":1", "backend must be one of auto, none, ollama, openai, llamacpp"),
        ("hover.card = 1", ":1", "hover.card must be true or false"),
        ("answer.max_tokens = true", ":1", "answer.max_tokens must be a whole number"),
        ("answer.max_tokens = 1.5", ":1", "answer.max_tokens must be a whole number"),
        ("answer.max_tokens = 1", ":1", "answer.max_tokens must be between 16 and 32768"),
        ("llamacpp.context_tokens = -1", ":1", "llamacpp.context_tokens must be between 0 and 1048576"),
        (
            "answer.first_token_timeout_s = nan",
            ":1",
            "answer.first_token_timeout_s must be between 1 and 3600",
        ),
        ("local_hosts = 'http://a'", ":1", "local_hosts must be a list of strings"),
        ("local_hosts = [1]", ":1", "local_hosts must be a string"),
        ("local_hosts = ['http://*']", ":1", "local_hosts must name one machine, not a pattern"),
        (
            "openai.api_key_env = 'sk-1'",
            ":1",
            "openai.api_key_env must be the name of an environment variable, not the key itself",
        ),
        ("model.name = 'sk-1", "", "is not valid TOML (at end of document)"),
        ("a = 1\nb = sk-1", "", "is not valid TOML (at line 2, column 5)"),
        (b"\xff\xfe", "", "is not UTF-8"),
        ("a = " + "[" * 20_000, "", "is nested too deeply"),
        ("#" * (MAX_FILE_BYTES + 1), "", "cannot be read: larger than 32 KiB"),
    ],
)
def test_one_line_says_what_is_wrong(places: Places, text: str | bytes, place: str, problem: str) -> None:
    places.write(places.user, text)
    loaded = places.load()
    assert loaded.settings == Settings()
    assert loaded.problems == (f"{places.user}{place}: {problem}; ignored",)
    assert "sk-1" not in loaded.problems[0]


def test_one_wrong_value_leaves_the_others(places: Places) -> None:
    places.write(places.user, 'hover.card = "yes"\nmodel.name = "x"\n')
    loaded = places.load()
    assert loaded.settings == Settings(model_name="x")
    assert len(loaded.problems) == 1


def test_whole_numbers_are_seconds_too(places: Places) -> None:
    places.write(places.user, "answer.first_token_timeout_s = 5")
    assert places.load().settings.first_token_timeout_s == 5.0


def test_a_stranger_cannot_flood_the_user(places: Places) -> None:
    places.write(places.repository, "\n".join(f"bad{number} = 1" for number in range(1000)))
    problems = places.load().problems
    assert len(problems) == 11
    assert problems[-1].endswith("the rest is ignored")


def test_a_strangers_key_stays_on_its_line(places: Places) -> None:
    places.write(places.repository, '"a\\nerror: \\u001b[31m\\u202e" = 1')
    (problem,) = places.load().problems
    assert problem.isprintable()


@pytest.mark.parametrize(
    ("named", "url", "origin"),
    [
        ("127.0.0.1:99", "http://127.0.0.1:99", "environment OLLAMA_HOST"),
        ("models.corp.example", "http://127.0.0.1:11434", "built-in"),
    ],
)
def test_ollama_host(places: Places, named: str, url: str, origin: str) -> None:
    loaded = places.load(environ={"OLLAMA_HOST": named})
    assert loaded.settings.ollama_url == url
    assert str(loaded.origins["ollama.url"]) == origin
    assert len(loaded.problems) == (origin == "built-in")
    assert not any(named in each for each in loaded.problems)


def test_ollama_host_yields_to_the_user(places: Places) -> None:
    places.write(places.user, 'ollama.url = "http://127.0.0.1:5"')
    assert places.load(environ={"OLLAMA_HOST": "127.0.0.1:99"}).settings.ollama_url == "http://127.0.0.1:5"


def status(mode: int, user_id: int) -> os.stat_result:
    return os.stat_result((stat.S_IFREG | mode, 0, 0, 1, user_id, 0, 0, 0, 0, 0))


@pytest.mark.parametrize(
    ("mode", "user_id", "owner", "trusted"),
    [
        (0o644, 0, Owner.ADMINISTRATOR, True),
        (0o644, 1000, Owner.ADMINISTRATOR, False),
        (0o664, 0, Owner.ADMINISTRATOR, False),
        (0o646, 0, Owner.ADMINISTRATOR, False),
        (0o600, 1000, Owner.USER, True),
        (0o664, 1000, Owner.USER, True),
        (0o644, 0, Owner.USER, True),
        (0o666, 1000, Owner.USER, False),
        (0o600, 1001, Owner.USER, False),
        (0o666, 1001, Owner.ANYBODY, True),
    ],
)
def test_whose_word_counts(mode: int, user_id: int, owner: Owner, trusted: bool) -> None:
    assert (ownership_problem(status(mode, user_id), owner, 1000) is None) is trusted


def test_what_an_organisation_binds_nobody_undoes(places: Places) -> None:
    places.write(places.organisation, "policy.require_org = true")
    places.write(places.user, "policy.require_org = false")
    loaded = places.load()
    assert loaded.settings.policy_require_org is True
    assert "policy.require_org is turned on by your organisation; ignored" in loaded.problems[0]


def test_only_the_users_or_the_organisations_file_lets_patches_run_without_isolation(places: Places) -> None:
    repository = places.write(places.repository, "allow_unisolated = true")
    loaded = places.load(editor={"allow_unisolated": True})
    assert loaded.settings.allow_unisolated is False
    assert "allow_unisolated cannot be set from an editor" in loaded.problems[0]
    assert f"{repository}:1: allow_unisolated cannot be set by a repository; ignored" == loaded.problems[1]
    places.write(places.user, "allow_unisolated = true")
    assert places.load().settings.allow_unisolated is True
    places.write(places.organisation, "allow_unisolated = false")
    loaded = places.load()
    assert loaded.settings.allow_unisolated is False
    assert "allow_unisolated is turned off by your organisation; ignored" in loaded.problems[0]
    places.user.unlink()
    places.write(places.organisation, "allow_unisolated = true")
    assert places.load().settings.allow_unisolated is True


def test_who_binds_oneself_may_undo_it(places: Places) -> None:
    places.write(places.organisation, "policy.require_org = false")
    places.write(places.user, "policy.require_org = true")
    loaded = places.load()
    assert (loaded.settings.policy_require_org, loaded.problems) == (True, ())


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
@pytest.mark.parametrize("loose", ["file", "folder"])
def test_an_organisation_file_that_others_can_write_is_not_one(places: Places, loose: str) -> None:
    path = places.write(places.organisation, 'local_hosts = ["http://evil:1"]')
    (path if loose == "file" else path.parent).chmod(0o777)
    loaded = places.load()
    assert loaded.settings == Settings()
    assert len(loaded.problems) == 1
    assert str(path) in loaded.problems[0]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_pipe_in_a_repository_does_not_hang(tmp_path: Path) -> None:
    fifo = tmp_path / ".lsp-debugger.toml"
    os.mkfifo(fifo)
    assert read_toml(fifo, Owner.ANYBODY).problem == "cannot be read: not a regular file"


def test_a_byte_order_mark_is_no_problem() -> None:
    assert parse_toml(b'\xef\xbb\xbfbackend = "none"').values == {"backend": "none"}
