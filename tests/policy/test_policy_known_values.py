"""The workspace's own secrets: which values count, and that no file can hold the reader up."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lsp_debugger.policy import known_values, secret_files
from lsp_debugger.policy.detect import scan
from lsp_debugger.policy.known_values import KnownValues, load


def check(content: str, expected: set[str], tmp_path: Path, name: str = ".env") -> None:
    (tmp_path / name).write_text(content)
    assert set(load([str(tmp_path)], {})) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("DB_PASSWORD=correcthorse\n", {"correcthorse"}),
        ("export API_TOKEN='a b c d e f'  # note\n", {"a b c d e f"}),
        ('DB_PASSWORD="with # hash"\n', {"with # hash"}),
        ("DB_PASSWORD=trailing123 # note\n", {"trailing123"}),
        ("DB_PASSWORD=short\n", set()),
        ("DB_PASSWORD=changeme\n", set()),
        ("DB_PASSWORD=${OTHER_PASSWORD}\n", set()),
        ("DB_PASSWORD=<your-password>\n", set()),
        ("DB_PASSWORD=aaaaaaaaaaaa\n", set()),
        ("# DB_PASSWORD=commented1\n", set()),
        (
            "NODE_ENV=production\nHOST=db.internal.lan\nURL=http://localhost:3000/x\nPORTS=8000,8001,8002\n",
            set(),
        ),
        ("SESSION_FILE=/var/run/x\nGREETING=hello there friend\n", set()),
        ("ENCODED=zX81kk20PPq777aa\n", {"zX81kk20PPq777aa"}),
        ("KEY_ID: yamlish-99-value\n", {"yamlish-99-value"}),
        ("DSN=postgres://u:pw12@h/d\n", {"postgres://u:pw12@h/d"}),
        ("no assignment\n=x\n", set()),
    ],
)
def test_which_values_count(content: str, expected: set[str], tmp_path: Path) -> None:
    check(content, expected, tmp_path)


def test_the_environment_counts_where_it_is_named_so() -> None:
    environ = {
        "GITHUB_TOKEN": "some-value-1",
        "MY_SECRET": "some-value-2",
        "DB_PASS": "some-value-3",
        "PWD": "/home/me/some-path",
        "SSH_AUTH_SOCK": "/run/user/agent.1",
        "TOKEN_FILE": "/run/secrets/token-1",
        "PATH": "/usr/bin:/bin:/some-value-4",
        "COMPASS": "north-east-9",
    }
    assert set(load([], environ)) == {"some-value-1", "some-value-2", "some-value-3"}


def test_files_are_looked_for_below_but_not_everywhere(tmp_path: Path) -> None:
    for folder in ("a/b", "node_modules/x", ".git", "1/2/3/4/5"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / ".env.local").write_text(f"TOKEN=value-of-{folder.replace('/', '-')}-1\n")
    (tmp_path / "a" / "prod.env").write_text("TOKEN=value-of-prod-1\n")
    assert set(load([str(tmp_path)], {})) == {"value-of-a-b-1", "value-of-prod-1"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_what_is_no_file_is_left_out(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".env")
    (tmp_path / ".env.dir").mkdir()
    (tmp_path / ".env.loop").symlink_to(tmp_path / ".env.loop")
    (tmp_path / ".env.dev").symlink_to("/dev/zero")
    (tmp_path / ".env.binary").write_bytes(b"TOKEN=\xff\xfe\x00 some-value\n")
    (tmp_path / ".env.ok").write_text("TOKEN=some-value-1\n")
    assert "some-value-1" in load([str(tmp_path)], {})


_B = "-" * 5
_LINES = ["MHcCAQEEIBkg4LVWM9nuwNSk3yByxZpYRTBnVJk5oGdK", "OhLiBkVYoAoGCCqGSM49AwEHoUQDQgAE"]
_KEY = f"{_B}BEGIN EC PRIVATE KEY{_B}\n{_LINES[0]}\n{_LINES[1]}\nshort==\n{_B}END EC PRIVATE KEY{_B}\n"
_CERTIFICATE = (
    f"{_B}BEGIN CERTIFICATE{_B}\nMIIBszCCAVmgAwIBAgIUQ2VydGlmaWNhdGVzQXJl\n{_B}END CERTIFICATE{_B}\n"
)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("server.pem", _CERTIFICATE + _KEY, set(_LINES)),
        ("id_ecdsa", _KEY.replace("\n", "\r\n").replace("\r", ""), set(_LINES)),
        ("half.pem", _KEY.partition("short")[0], set(_LINES)),
        ("ca.pem", _CERTIFICATE, set()),
        ("id_ecdsa.pub", "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAI me@host\n", set()),
        ("master.key", "0f1e2d3c4b5a69788796a5b4c3d2e1f0\n", {"0f1e2d3c4b5a69788796a5b4c3d2e1f0"}),
        ("empty.key", "", set()),
        ("words.key", "the key is under the mat\n", set()),
        (
            "old.ppk",
            f"Public-Lines: 1\nAAAAB3NzaC1yc2EAAAADAQ\nPrivate-Lines: 1\n{_LINES[0]}\nPrivate-MAC: 0\n",
            {_LINES[0]},
        ),
    ],
)
def test_which_lines_of_key_files_count(name: str, content: str, expected: set[str], tmp_path: Path) -> None:
    check(content, expected, tmp_path, name)


def test_a_key_is_known_without_its_frame_and_with_other_breaks(tmp_path: Path) -> None:
    (tmp_path / "server.pem").write_text(_KEY)
    text = f"loaded {_LINES[0]} and then {_LINES[1]}!"
    found = {text[one.start : one.end] for one in scan(text, [KnownValues([str(tmp_path)], {}).scanner()])}
    assert found == set(_LINES)


NETRC = """machine git.example.org
  login me
  password tulip-Marsh-07
machine b.example.org login me password "with blanks in it" account x
"""
PGPASS = (
    "# a note:5432:x:y:not-a-password-1\ndb:5432:*:app:pa\\:ss\\\\word-9\ndb:5432:*\n*:*:*:bob:correcthorse\n"
)


def test_login_files_are_read_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text(NETRC)
    (tmp_path / ".pgpass").write_text(PGPASS)
    (tmp_path / "elsewhere").write_text("machine x login y password from-elsewhere-1\n")
    environ = {"HOME": str(tmp_path), "NETRC": str(tmp_path / "elsewhere")}
    netrc = {"tulip-Marsh-07", "with blanks in it", "from-elsewhere-1"}
    pgpass = {"pa:ss\\word-9", "correcthorse"}
    assert load([], environ) == ()
    assert set(load([], environ, ["netrc"])) == netrc
    assert set(load([], environ, ["netrc", "pgpass"])) == netrc | pgpass
    values = KnownValues([], environ, login_files=lambda: ("pgpass",))
    assert set(values.fingerprint().decode().split("\0")) == pgpass


def test_limits_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [f"TOKEN_{i}=some-value-{i}\n" for i in range(50_000)]
    (tmp_path / ".env").write_text("".join(lines))
    assert len(load([str(tmp_path)], {})) == known_values.MAX_VALUES
    monkeypatch.setattr(secret_files, "WALK_LIMIT_S", -1.0)
    assert load([str(tmp_path)], {}) == ()


def test_a_new_value_is_known_when_it_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = KnownValues([str(tmp_path)], {})
    first = values.scanner()
    assert values.scanner() is first
    (tmp_path / ".env").write_text("TOKEN=some-value-1\n")
    assert values.scanner() is first  # still fresh
    monkeypatch.setattr(known_values, "FRESH_S", -1.0)
    text = "it was some-value-1 again"
    [finding] = scan(text, [values.scanner()])
    assert text[finding.start : finding.end] == "some-value-1"
