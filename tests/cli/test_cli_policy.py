"""`lsp-debugger policy` and `lsp-debugger audit`, as somebody types them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from cloud_policy import CloudPolicy

from lsp_debugger.cli.app import main
from lsp_debugger.config.files import user_directory
from lsp_debugger.policy.audit import Audit

TESTS = """
tests:
  - {name: goes out, input: {text: "x = 1", path: src/a.py}, expect: {action: remote, rule: "rules[0]"}}
  - {name: stays, input: {text: "top secret"}, expect: {action: deny, rule: "never_send[0]"}}
classes: {never_send: [{pattern: "top secret"}]}
"""


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CloudPolicy:
    """The user's own policy.yaml, with its key beside it, in an empty project."""
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    monkeypatch.chdir(project)
    home = user_directory()
    home.mkdir(parents=True)
    cloud = CloudPolicy(folder=tmp_path)
    (home / "policy.yaml").write_text(cloud.text() + TESTS)
    (home / "policy.pub").write_text(cloud.key.public + "\n")
    return cloud


def test_check_says_what_a_policy_opens(cloud: CloudPolicy, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "check"]) == 0
    said = capsys.readouterr().out
    assert f"endpoint corp: {cloud.url}, attestation valid" in said
    assert "user.rules[0] consider_cloud" in said


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("classes: {nevr_send: []}\n", 2, "policy.yaml:1: classes.nevr_send: unknown key 'nevr_send'"),
        ("rules: [{if: true, action: consider_cloud}]\n", 1, "names no endpoint"),
        (
            "rules: [{if: true, action: consider_cloud}, {if: true, action: deny}]\n",
            1,
            "it still wins, wherever it stands",
        ),
        ("", 0, "only models on your own machines"),
    ],
)
def test_check_of_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, code: int, said: str
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(text)
    assert main(["policy", "check", str(file)]) == code
    shown = capsys.readouterr()
    assert said in shown.out + shown.err


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "check", str(tmp_path / "none.yaml")]) == 2
    assert "there is no such file" in capsys.readouterr().err


def test_the_tests_in_a_policy_run(cloud: CloudPolicy, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "test"]) == 0
    assert "2 of 2 tests hold" in capsys.readouterr().out
    file = user_directory() / "policy.yaml"
    file.write_text(cloud.text(attested="unsigned") + TESTS)
    assert main(["policy", "test"]) == 1
    said = capsys.readouterr().out
    assert "FAIL goes out" in said
    assert "the gate `attestation` is closed: the attestation of corp is not signed" in said


@pytest.mark.usefixtures("cloud")
def test_explain_names_rule_entry_line_and_gates_and_not_the_text(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(text: str, *more: str) -> str:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        assert main(["policy", "explain", "--task", "explain", "--path", "src/a.py", *more]) == 0
        return capsys.readouterr().out

    said = json.loads(asked("a = 1\nthe TOPMOST top secret\n", "--json"))
    assert (said["action"], said["rule_id"]) == ("deny", "user.never_send[0]")
    assert said["matched"] == [
        {"class": "never_send", "entry": "user.never_send[0]", "fragment": 0, "line": 2}
    ]
    assert said["gates"]["rule"]["pass"] is False
    assert not said["remote"]
    assert "TOPMOST" not in json.dumps(said)
    assert json.loads(asked("x = 1", "--json", "--endpoint", "corp"))["remote"] is True
    assert "closed endpoint: the policy has no endpoint 'none'" in asked("x", "--endpoint", "none")


def test_report_repeats_what_was_attested(cloud: CloudPolicy, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "report"]) == 0
    said = capsys.readouterr().out
    for part in (cloud.url, "self_hosted", "zero, 0 days", "A. Person", "2026-11-01 to 2030-12-31", "valid"):
        assert part in said
    assert main(["policy", "report", "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)["endpoints"]
    assert row["customer-managed keys"] == "not stated"


def test_signing_from_nothing_to_a_valid_attestation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the README tells an administrator to do."""
    file, key = tmp_path / "policy.yaml", tmp_path / "org.key"
    text = CloudPolicy(folder=tmp_path).text(attested="unsigned")
    file.write_text(text)
    assert main(["policy", "sign", "key", str(key)]) == 0
    (tmp_path / "policy.pub").write_text(capsys.readouterr().out)
    assert main(["policy", "sign", "endpoint", "--key", str(key), str(file), "corp"]) == 0
    file.write_text(text + f"      {capsys.readouterr().out}")
    assert main(["policy", "check", str(file)]) == 0
    assert "attestation valid" in capsys.readouterr().out
    assert main(["policy", "sign", "file", "--key", str(key), str(file)]) == 0
    assert (tmp_path / "policy.yaml.sig").read_text().startswith("ed25519:")
    assert main(["policy", "sign", "endpoint", "--key", str(key), str(file), "nobody"]) == 2
    assert main(["policy", "sign", "file", "--key", str(tmp_path / "no.key"), str(file)]) == 2


def test_audit_verify_show_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from lsp_debugger.state import State

    assert main(["audit", "verify"]) == 0
    assert "there is no log yet" in capsys.readouterr().out
    audit = Audit(State().audit)
    audit.append("decision", {"rule_id": "default", "action": "local", "outcome": "completed"})
    audit.close()
    assert main(["audit", "show"]) == 0
    assert "completed  local  default" in capsys.readouterr().out
    assert main(["audit", "export", "--format", "jsonl"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["kind"] for line in lines] == ["segment", "decision", "checkpoint"]
    assert main(["audit", "replay"]) == 0
    assert main(["audit", "verify", "--anchor", str(tmp_path / "none")]) == 2
    audit.path.write_bytes(audit.path.read_bytes().replace(b'"local"', b'"lokal"'))
    capsys.readouterr()
    assert main(["audit", "verify"]) == 1
    assert "record 2 is not as it was written" in capsys.readouterr().err
