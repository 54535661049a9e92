"""A question to a model of somebody else: previewed, agreed to, sent as it was seen, proven by the audit."""

from __future__ import annotations

import json
import os
import re
import subprocess  # noqa: TID251 - the command line, as an administrator uses it
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from cloud_policy import CloudPolicy
from kept_server import STREAMING, KeptServer, diagnostic, served
from model_server import Fault, Model, ModelServer, Reply
from raw_server import private_environment, wait_until

pytestmark = pytest.mark.thorough

CANARY = "ghp_" + "aB3dE5gH7jK9" * 3
SOURCE = f'TOKEN = "{CANARY}"\n\n\ndef total(prices):\n    return undefined_name\n'
FOUND = diagnostic(4, "Undefined name `undefined_name`")
PREVIEW, ONCE, ALWAYS, NO = "Preview", "Send once", "Always in this workspace for this task", "No"


@dataclass
class Desk:
    """The server, the endpoint, and what the user presses when asked."""

    server: KeptServer
    cloud: ModelServer
    environment: dict[str, str]
    project: Path
    presses: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    previewed: list[bytes] = field(default_factory=list)

    def press(self, params: Mapping[str, Any]) -> dict[str, str] | None:
        self.asked.append(params["message"])
        chosen = self.presses.pop(0) if self.presses else NO
        return {"title": chosen} if chosen else None

    def show(self, params: Mapping[str, Any]) -> dict[str, bool]:
        path = Path(unquote(urlsplit(params["uri"]).path))
        if path.suffix == ".json":
            self.previewed.append(path.read_bytes())
        return {"success": True}

    def escalate(self, *presses: str) -> str:
        """The text of the answer."""
        self.presses = list(presses)
        uri = (self.project / "a.py").as_uri()
        begun = self.server.command("escalate", {"uri": uri, "version": 1, "diagnostic": FOUND})
        assert begun["id"], begun
        text: str = self.server.finished(begun["id"])["text"]
        return text

    def sent(self) -> list[bytes]:
        return [request.body for request in self.cloud.requests]

    def lsp_debugger(self, *args: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "lsp_debugger", *args]
        return subprocess.run(
            command, env=self.environment, cwd=self.project, capture_output=True, text=True, check=False
        )


@contextmanager
def desk_with(
    tmp_path: Path, attested: str = "", capabilities: Mapping[str, Any] = STREAMING, **change: str
) -> Iterator[Desk]:
    reply = Reply(pieces=("It is not defined. ", "See a.py:5."))
    with ModelServer(models=[Model("big")], replies=[reply]) as cloud:
        policy = CloudPolicy(f"{cloud.url}/v1", tmp_path)
        environment = private_environment(tmp_path / "home") | {"CORP_KEY": "corp-key-1"}
        folder = Path(environment["XDG_CONFIG_HOME"], "lsp-debugger")
        folder.mkdir(parents=True)
        (folder / "policy.yaml").write_text(policy.text(attested, **change))
        (folder / "policy.pub").write_text(policy.key.public)
        settings = 'backend = "none"\n'
        with served(tmp_path, settings, env={"CORP_KEY": "corp-key-1"}, capabilities=capabilities) as server:
            desk = Desk(server, cloud, {**os.environ, **environment}, tmp_path / "project")
            server.asks_user = True
            server.answers["window/showMessageRequest"] = desk.press
            server.answers["window/showDocument"] = desk.show
            uri = server.open(desk.project / "a.py", SOURCE)
            server.find(uri, [FOUND])
            assert "undefined_name" in server.card(uri, 4)
            yield desk


def test_what_is_sent_is_what_was_previewed(tmp_path: Path) -> None:
    with desk_with(tmp_path) as desk:
        text = desk.escalate(PREVIEW, ONCE)
        assert "It is not defined" in text
        [sent] = desk.sent()
        assert desk.previewed == [sent]
        assert f"{len(sent)} bytes went to corp" in text
        assert json.loads(sent)["store"] is False
        [request] = desk.cloud.requests
        assert request.headers["authorization"] == "Bearer corp-key-1"
        assert CANARY.encode() not in bytes(desk.cloud.received)
        assert not list((tmp_path / "home").rglob("previews/*.json")), "a preview goes with its request"
    verified = desk.lsp_debugger("audit", "verify")
    assert verified.returncode == 0, verified.stderr
    records = [json.loads(line) for line in desk.lsp_debugger("audit", "export").stdout.splitlines()]
    intent = next(record for record in records if record["kind"] == "egress_intent")
    outcome = next(record for record in records if record["kind"] == "egress_outcome")
    assert (intent["body_bytes"], intent["request_id"]) == (len(sent), outcome["request_id"])
    assert intent["facts"]["consent"].startswith("once ")
    assert all(intent["gates"].values())
    assert outcome["outcome"] == "completed"
    replayed = desk.lsp_debugger("audit", "replay")
    assert replayed.returncode == 0, replayed.stdout


@pytest.mark.parametrize("press", [NO, ""])
def test_no_and_silence_are_no(tmp_path: Path, press: str) -> None:
    with desk_with(tmp_path) as desk:
        text = desk.escalate(press)
        assert desk.cloud.requests == []
        assert "you did not agree to send it" in text
        assert "undefined_name" in text, "the card stands"


def test_the_question_says_where_how_much_and_nothing_of_the_text(tmp_path: Path) -> None:
    with desk_with(tmp_path) as desk:
        desk.escalate(NO)
        [asked] = desk.asked
        assert asked.startswith(f"Send this question to corp (big at {urlsplit(desk.cloud.url).netloc})?")
        assert "bytes leave this machine" in asked
        for word in ("undefined_name", "total", CANARY):
            assert word not in asked


def test_always_does_not_ask_again_until_the_policy_changes(tmp_path: Path) -> None:
    with desk_with(tmp_path) as desk:
        desk.escalate(ALWAYS)
        desk.escalate()
        assert (len(desk.sent()), len(desk.asked)) == (2, 1)
        file = Path(desk.environment["XDG_CONFIG_HOME"], "lsp-debugger", "policy.yaml")
        file.write_text(file.read_text() + "# another text is another policy\n")
        desk.escalate(NO)
        assert (len(desk.sent()), len(desk.asked)) == (2, 2)


def test_a_policy_that_changes_while_the_user_looks_stops_it(tmp_path: Path) -> None:
    with desk_with(tmp_path) as desk:
        file = Path(desk.environment["XDG_CONFIG_HOME"], "lsp-debugger", "policy.yaml")

        def press(_: Mapping[str, Any]) -> dict[str, str]:
            file.write_text(file.read_text() + "# changed\n")
            return {"title": ONCE}

        desk.server.answers["window/showMessageRequest"] = press
        assert "the policy has changed since the preview" in desk.escalate()
        assert desk.cloud.requests == []


@pytest.mark.parametrize(
    ("gate", "change"),
    [
        ("mode", {"mode": "off_cloud"}),
        ("rule", {"rules": "[]"}),
        ("role", {"roles": "{dev: {users: [nobody-here], cloud: true}}"}),
        ("task", {"tasks": "{large_refactor: {}}"}),
        ("attestation", {"attested": "unsigned"}),
        ("attestation", {"attested": "changed since"}),
        ("region", {"obligations": "{regions: [us]}"}),
        ("terms", {"obligations": "{private_link: true}"}),
        ("approval", {"approvals": "{tasks: [explain]}"}),
        ("budget", {"budgets": "{per_user_day_tokens: 10}"}),
        ("anchor", {"audit": "{anchor: required, anchor_path: /nowhere/anchor}"}),
    ],
)
def test_one_closed_gate_refuses_with_its_name(tmp_path: Path, gate: str, change: dict[str, str]) -> None:
    with desk_with(tmp_path, **change) as desk:
        text = desk.escalate(ONCE)
        assert f"the gate `{gate}` is closed" in text
        assert desk.cloud.requests == []


def test_a_repository_closes_what_the_user_opened(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "policy.yaml").write_text("classes: {never_send: [{pattern: undefined_name}]}\n")
    with desk_with(tmp_path) as desk:
        text = desk.escalate(ONCE)
        assert "the gate `rule` is closed: repo.never" in text
        assert desk.cloud.requests == []


@pytest.mark.parametrize("fault", [Fault.REDIRECT, Fault.MALFORMED, Fault.HANG_UP, Fault.WRONG_TYPE])
def test_an_endpoint_that_fails_gets_one_request_and_the_card_stands(tmp_path: Path, fault: Fault) -> None:
    with desk_with(tmp_path) as desk:
        desk.cloud.replies = [Reply(fault=fault)]
        text = desk.escalate(ONCE)
        assert "undefined_name" in text
        assert len(desk.sent()) == 1
    shown = desk.lsp_debugger("audit", "show").stdout
    assert "egress_outcome" in shown
    assert "failed" in shown


def test_the_action_is_offered_after_an_answer_from_here(tmp_path: Path) -> None:
    with desk_with(tmp_path) as desk:
        uri = (desk.project / "a.py").as_uri()
        titles = [action["title"] for action in desk.server.actions(uri, 4, [FOUND])]
        assert not any(title.startswith("Ask corp") for title in titles)
        text = desk.server.explain(uri, FOUND)["text"]
        assert "Nothing was sent to corp" in text
        assert "lspDebugger.escalate" in text
        titles = [action["title"] for action in desk.server.actions(uri, 4, [FOUND])]
        assert sum(title.startswith("Ask corp, which is not on this machine") for title in titles) == 1


def test_a_command_line_previews_and_sends_the_same(tmp_path: Path) -> None:
    with desk_with(tmp_path) as desk:
        (desk.project / "a.py").write_text(SOURCE)
        refused = desk.lsp_debugger("explain", "a.py:5", "--remote")
        assert refused.returncode == 1
        assert "nobody can be asked here" in refused.stdout
        previewed = desk.lsp_debugger("policy", "preview", "a.py:5")
        assert previewed.returncode == 0, previewed.stderr
        assert desk.cloud.requests == []
        sent = desk.lsp_debugger("explain", "a.py:5", "--remote", "--consent")
        assert sent.returncode == 0, sent.stderr
        assert "It is not defined" in sent.stdout
        [body] = desk.sent()
        assert previewed.stdout.encode() == body + b"\n"
        assert CANARY not in previewed.stdout


def test_literals_are_masked_on_the_way_out_and_are_back_in_the_answer(tmp_path: Path) -> None:
    text = SOURCE.replace("undefined_name", 'undefined_name + "Müller & Söhne KG"  # ask Erika about 4711')
    with desk_with(tmp_path) as desk:
        uri = (desk.project / "a.py").as_uri()
        change = {"textDocument": {"uri": uri, "version": 2}, "contentChanges": [{"text": text}]}
        desk.server.notify("textDocument/didChange", change)
        desk.server.find(uri, [FOUND], version=2)
        desk.presses = [PREVIEW, NO]
        begun = desk.server.command("escalate", {"uri": uri, "version": 2, "diagnostic": FOUND})
        desk.server.finished(begun["id"])
        [previewed] = desk.previewed
        for word in ("Müller", "Erika", "4711"):
            assert word not in previewed.decode()
        placeholder = re.search(r'undefined_name \+ \\"(<STR_\d+[^>]*>)', previewed.decode())
        assert placeholder is not None, previewed.decode()
        name = placeholder[1]
        desk.cloud.replies = [Reply(pieces=("The text ", name[:3], name[3:], " is fine."))]
        desk.presses = [ONCE]
        begun = desk.server.command("escalate", {"uri": uri, "version": 2, "diagnostic": FOUND})
        answer = desk.server.finished(begun["id"])["text"]
        assert "The text Müller & Söhne KG is fine." in answer.replace("\\", "").replace("&amp;", "&")


BROKEN = f'''TOKEN = "{CANARY}"


def total(prices):
    """What Müller & Söhne KG owe."""
    log("asking Müller & Söhne KG", TOKEN)
    return sum(prise), "it's for Müller & Söhne KG"  # Erika wants it so
'''
FIXED = BROKEN.replace("prise", "prices").replace("log(", "log(1, ")
WRONG = diagnostic(6, "Undefined name `prise`", start=15, end=20) | {"source": "ruff"}
EDITING: dict[str, Any] = {
    **STREAMING,
    "workspace": {"applyEdit": True, "workspaceEdit": {"documentChanges": True}},
}
ALLOWED = {
    "rules": "[{if: \"task in ['explain', 'fix']\", action: consider_cloud}]",
    "tasks": "{explain: {}, fix: {}}",
}


def fix_with(desk: Desk, tmp_path: Path, answer: Callable[[str], str]) -> tuple[str, list[dict[str, Any]]]:
    """Preview, let the service answer what `answer` makes of the file in the previewed bytes, send, apply.

    What the command ended with, and the edits that came.
    """
    server, project, applied = desk.server, desk.project, list[dict[str, Any]]()
    uri = server.open(project / "b.py", BROKEN)
    (project / "b.py").write_text(BROKEN)
    server.find(uri, [WRONG])
    assert "prise" in server.card(uri, 6, 16)
    presses = [PREVIEW, ONCE, "Apply"]

    def press(params: Mapping[str, Any]) -> dict[str, str]:
        if desk.previewed:
            desk.cloud.replies = [Reply(pieces=(answer(code_in(desk.previewed[-1])),))]
        desk.asked.append(params["message"])
        return {"title": presses.pop(0)}

    def apply(params: dict[str, Any]) -> dict[str, bool]:
        applied.append(params["edit"])
        return {"applied": True}

    server.answers["window/showMessageRequest"] = press
    server.answers["workspace/applyEdit"] = apply
    begun = server.command("escalateFix", {"uri": uri, "version": 1, "diagnostic": WRONG})
    assert begun["id"], begun

    def ends() -> list[str]:
        said = [each["params"]["value"] for each in server.told if each.get("method") == "$/progress"]
        return [each.get("message", "") for each in said if each["kind"] == "end"]

    assert wait_until(lambda: bool(ends()), 60)
    return ends()[-1], applied


def code_in(body: bytes) -> str:
    """The file's part in a request, as the service sees it."""
    content: str = json.loads(body)["messages"][-1]["content"]
    return content.split("The code at b.py")[1].split("```")[1].partition("\n")[2]


def as_block(code: str, change: Callable[[str], str]) -> str:
    """The lines of `code` that `change` changes, as a model writes it."""
    pairs = [
        (old, new) for old, new in zip(code.split("\n"), change(code).split("\n"), strict=True) if old != new
    ]
    blocks = (f"<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n" for old, new in pairs)
    return "".join(f"b.py\n{block}" for block in blocks)


def edited(text: str, edit: Mapping[str, Any]) -> str:
    [document] = edit["documentChanges"]
    lines = text.split("\n")
    for change in reversed(document["edits"]):
        start, end = change["range"]["start"], change["range"]["end"]
        assert start["character"] == end["character"] == 0
        lines[start["line"] : end["line"]] = change["newText"].removesuffix("\n").split("\n")
    return "\n".join(lines)


def test_a_patch_of_the_masked_file_is_restored_checked_and_applied(tmp_path: Path) -> None:
    with desk_with(tmp_path, capabilities=EDITING, **ALLOWED) as desk:

        def answer(code: str) -> str:
            for word in ("Müller", "Erika", CANARY):
                assert word not in code
            return as_block(code, lambda text: text.replace("prise", "prices").replace("log(", "log(1, "))

        said, applied = fix_with(desk, tmp_path, answer)
        assert said.startswith("Fix: "), desk.server.stderr()
        assert "F821 gone" in said
        [edit] = applied
        assert edited(BROKEN, edit) == FIXED
        [sent] = desk.sent()
        assert desk.previewed == [sent]
        assert json.loads(sent)["store"] is False
        assert CANARY.encode() not in bytes(desk.cloud.received)
    records = [json.loads(line) for line in desk.lsp_debugger("audit", "export").stdout.splitlines()]
    [intent] = [record for record in records if record["kind"] == "egress_intent"]
    assert (intent["body_bytes"], intent["facts"]["task"]) == (len(sent), "fix")
    assert desk.lsp_debugger("audit", "verify").returncode == 0


def test_a_command_line_previews_a_fix_and_applies_what_comes_back(tmp_path: Path) -> None:
    with desk_with(tmp_path, **ALLOWED) as desk:
        file = desk.project / "b.py"
        file.write_text(BROKEN)
        previewed = desk.lsp_debugger("fix", "b.py:7", "--remote", "--preview")
        assert previewed.returncode == 0, previewed.stderr
        assert desk.cloud.requests == []
        code = code_in(previewed.stdout.encode())
        asked = desk.lsp_debugger("fix", "b.py:7", "--remote", "--apply")
        assert (asked.returncode, desk.cloud.requests) == (1, [])
        answer = as_block(code, lambda text: text.replace("prise", "prices").replace("log(", "log(1, "))
        desk.cloud.replies = [Reply(pieces=(answer,))]
        sent = desk.lsp_debugger("fix", "b.py:7", "--remote", "--consent", "--apply")
        assert sent.returncode == 0, sent.stderr
        assert file.read_text() == FIXED
        assert [body + b"\n" for body in desk.sent()] == [previewed.stdout.encode()]
    refused = desk.lsp_debugger("fix", "b.py:7", "--consent")
    assert refused.returncode != 0
    assert "belong to --remote" in refused.stderr


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda code: code.replace("sum(prise)", 'sum("<SECRET_1:github_token>")'), "secret"),
        (lambda code: code.replace("sum(prise)", 'sum("<STR_77>")'), "nobody has issued STR_77"),
        (lambda code: code.replace("total", "totals"), "F821 is still there"),
    ],
)
def test_a_patch_that_moves_a_secret_or_makes_things_up_changes_nothing(
    tmp_path: Path, change: Callable[[str], str], why: str
) -> None:
    with desk_with(tmp_path, capabilities=EDITING, **ALLOWED) as desk:
        said, applied = fix_with(desk, tmp_path, lambda code: as_block(code, change))
        assert said == "no fix that holds"
        assert applied == []
        [shown] = [each for each in desk.server.popups() if each["method"] == "window/showMessage"]
        assert why in shown["params"]["message"]
        assert len(desk.sent()) == 1, "nobody agreed to a second question"


def test_a_fix_that_the_rules_do_not_allow_is_refused_with_the_gate(tmp_path: Path) -> None:
    with desk_with(tmp_path, capabilities=EDITING) as desk:
        said, applied = fix_with(desk, tmp_path, lambda code: code)
        assert (said, applied) == ("no fix that holds", [])
        [shown] = [each for each in desk.server.popups() if each["method"] == "window/showMessage"]
        assert "the gate `rule` is closed" in shown["params"]["message"]
        assert desk.cloud.requests == []
