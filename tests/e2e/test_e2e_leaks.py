"""Secrets are planted wherever the real process can come across one, and looked for wherever it writes.

What an editor sent itself and gets back untouched (a code action's diagnostics), and edits of the user's
own file, are no leaks. Everything else is searched: each byte that the model was sent, each message to
the editor, stderr, and the state directory with its log, answers, audit and index.
"""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
import subprocess  # noqa: TID251 - git, to make a repository
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from kept_server import KeptServer, diagnostic
from leak_search import Leak, Search, files_below, forms, lance_rows
from model_server import Fault, Model, ModelServer, Reply, Request
from raw_server import private_environment, wait_until

# Its world takes a quarter of a minute to make: once.
pytestmark = [pytest.mark.thorough, pytest.mark.xdist_group("leaks")]

# Made up for this file. The marker is no secret: where it does not arrive, nothing was searched.
CANARIES = {
    "AWS key in a source file": "AKIA" + "R3TQ7ZPX2MWN5VKD",
    "GitHub token in an unsaved buffer": "ghp_" + "w7Kq2ZxR9tVb4NmJ8sLc3YdF6hGp1QaE5uXi",
    "password in .env": 'q7/ü"ver+n0#Zk',
    "password in the environment": "Moor-vogel.88+Teich",
    "PEM block in a source file": "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj",
    "password in a message": "Zw1ebel!Suppe?42",
    "AWS key in a file name": "AKIA" + "7XJD4HQW9BTC2LYF",
    "password in a traceback": "n4chtFalter_Uhr",
    "Stripe key in a diff": "sk_live_" + "4Xc9Vb2Nm7Qw5Er8Ty1Ui6Op",
    "Slack token in related code": "xoxb-" + "384756102938-475610293847-Ab3Cd5Ef7Gh9Jk2Lm4Np6Qr8",
}
MARKER = "ordinary_marker_word"
SAVED = f'''\
import os

KEY = "{CANARIES["AWS key in a source file"]}"
STRIPE = "{CANARIES["Stripe key in a diff"]}"
OLD = """
-----BEGIN PRIVATE KEY-----
{CANARIES["PEM block in a source file"]}
MzEfYyjiWA4R4/M2bS1GB4t7NXp98C3supV5RyANfmhC2PrO0cCdiKZPRzjGHL6a
-----END PRIVATE KEY-----
"""


def {MARKER}(prices):
    # it used to be {CANARIES["password in .env"]} and {CANARIES["password in the environment"]} here
    token = "TOKEN"
    return undefined_name + related_helper(prices)
'''
UNSAVED = SAVED.replace('"TOKEN"', f'"{CANARIES["GitHub token in an unsaved buffer"]}"')
RELATED = f'''\
def related_helper(prices):
    """{MARKER} and undefined_name are known here."""
    post("{CANARIES["Slack token in related code"]}", prices, "{CANARIES["password in .env"]}")
'''
TRACEBACK = f"""\
Traceback (most recent call last):
  File "{{path}}", line 15, in {MARKER}
    return connect("postgres://app:{CANARIES["password in a traceback"]}@db.internal/app")
ConnectionError: cannot connect to postgres://app:{CANARIES["password in a traceback"]}@db.internal/app
"""
SECRETS = [name for name in CANARIES if name != "AWS key in a file name"]
MODEL = "qwen2.5-coder:7b"


@dataclass
class World:
    """What was planted where, and everything that came out. channels: name → bytes."""

    state: Path
    channels: dict[str, bytes]
    prompts: list[str]
    told: list[dict[str, Any]]


def echo(server: ModelServer) -> Callable[[Request], None]:
    """The model says again what it was told, as prose and in base64."""

    def before(request: Request) -> None:
        if request.path == "/api/chat" and request.json["messages"]:
            said = "\n".join(message["content"] for message in request.json["messages"])
            coded = base64.b64encode(said.encode()).decode()
            words = [f"{word} " for word in said.split(" ")]
            server.replies = [
                Reply([*words, "\n\n", *(f"{coded[at : at + 60]}\n" for at in range(0, 6000, 60))])
            ]

    return before


def problems(path: Path) -> list[dict[str, Any]]:
    said, known = CANARIES["password in a message"], CANARIES["password in .env"]
    return [
        diagnostic(15, f'Undefined name `undefined_name` (password="{said}")'),
        diagnostic(14, f"the server answered {known} to {CANARIES['AWS key in a source file']}", "S105"),
        diagnostic(13, f"{CANARIES['password in the environment']} is no good name", "E1"),
        diagnostic(12, TRACEBACK.format(path=path), "E2"),
        diagnostic(3, f"assigned but never used: {CANARIES['Stripe key in a diff']}", "F841"),
        diagnostic(0, "`os` imported but unused", "F401"),
    ]


def project(root: Path) -> Path:
    """A git repository with a committed secret replaced by another; returns the file to open."""
    root.mkdir()
    path = root / "main.py"
    path.write_text(
        SAVED.replace(CANARIES["Stripe key in a diff"], "sk_live_9Zz8Yy7Xx6Ww5Vv4Uu3Tt2Ss"), "utf-8"
    )
    (root / "related.py").write_text(RELATED, "utf-8")
    (root / f"{CANARIES['AWS key in a file name']}.py").write_text(f"def {MARKER}_too(): return x\n", "utf-8")
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "first")):
        identity = ("-c", "user.name=a", "-c", "user.email=a@b.test")
        subprocess.run(["git", *identity, *arguments], cwd=root, check=True, timeout=60)
    path.write_text(SAVED, "utf-8")
    (root / ".env").write_text(f"DB_PASSWORD='{CANARIES['password in .env']}'\n", "utf-8")
    return path


def configure(home: Path, text: str) -> dict[str, str]:
    """The environment of a server whose user has these settings."""
    environment = private_environment(home)
    settings = Path(environment["XDG_CONFIG_HOME"], "lsp-debugger", "config.toml")
    settings.parent.mkdir(parents=True)
    settings.write_text(text, "utf-8")
    return environment


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One long session, in which everything is asked that can be asked."""
    home, root = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("work") / "project"
    path = project(root)
    with ModelServer(models=[Model(MODEL)]) as models:
        models.before = echo(models)
        environment = configure(home, f'ollama.url = "{models.url}"\nlog.level = "debug"\n')
        environment["CI_DEPLOY_TOKEN"] = CANARIES["password in the environment"]
        with KeptServer(env=environment, cwd=root) as server:
            _session(server, models, root, path)
            server.leave(20)
            errors, told = server.stderr(), server.shown()
            assert server.popups() == []
            messages = list(server.told)
        said = _command_line(environment, root, path)
        state = Path(environment["XDG_STATE_HOME"], "lsp-debugger")
        channels = {
            "what the model was sent": bytes(models.received),
            "what the editor was told": told,
            "stderr": errors.encode(),
            "the command line": said,
            **_state_channels(state),
        }
        prompts = [
            message["content"] for request in models.to("/api/chat") for message in request.json["messages"]
        ]
        yield World(state, channels, prompts, messages)


def _session(server: KeptServer, models: ModelServer, root: Path, path: Path) -> None:
    server.start(root)
    server.notify("$/setTrace", {"value": "verbose"})
    uri, found = server.open(path, UNSAVED), problems(path)
    server.find(uri, found)
    named = root / f"{CANARIES['AWS key in a file name']}.py"
    other, there = server.open(named), diagnostic(0, "Undefined name `x`")
    server.find(other, [there])
    assert wait_until(lambda: bool(server.hover(uri, 0)))
    _wait_for_the_index(server)
    for each in found:
        server.hover(uri, each["range"]["start"]["line"])
        for _ in range(2):  # the second list knows the card
            for action in server.actions(uri, each["range"]["start"]["line"]):
                server.ask("codeAction/resolve", action)
        server.explain(uri, each)
        assert "The model supposes" in server.card(uri, each["range"]["start"]["line"])
    server.hover(other, 0)
    server.explain(other, there)
    _mishaps(server, models, uri, found[0])
    server.command("lastAnswer")
    server.command("status")


def _wait_for_the_index(server: KeptServer) -> None:
    assert wait_until(lambda: "current" in server.command("status")["index"], 60), server.command("status")


def _mishaps(server: KeptServer, models: ModelServer, uri: str, found: dict[str, Any]) -> None:
    """Errors are where programs talk too much."""
    secret, before = CANARIES["password in a message"], models.before
    models.before = lambda _: None
    for reply in (
        Reply(status=500, error={"error": f"cannot {secret}"}),
        Reply([f"a {secret} b "], fault=Fault.CUT),
        Reply([f'so password = "{secret}" is ', "x"], fault=Fault.ERROR_EVENT),
        Reply(fault=Fault.WRONG_TYPE),
    ):
        models.replies = [reply]
        server.explain(uri, found)
    models.before = before
    bad: list[tuple[str, Any]] = [
        ("workspace/executeCommand", {"command": secret}),
        ("workspace/executeCommand", {"command": "lspDebugger.explain", "arguments": [{"uri": [secret]}]}),
        ("textDocument/hover", {"textDocument": secret}),
        (secret, {"a": secret}),
        ("workspace/executeCommand", {"command": "lspDebugger.showAnswer", "arguments": [secret]}),
    ]
    for number, (method, params) in enumerate(bad):
        server.request(method, params, f"bad {number}")
    server.notify("textDocument/didChange", {"textDocument": secret, "contentChanges": secret})
    server.notify("lspDebugger/foreignDiagnostics", {"uri": uri, "diagnostics": secret})
    server.raw(f"Content-Length: 30\r\n\r\n{{{secret}".encode())
    server.hover(uri, 15)


def _command_line(environment: dict[str, str], root: Path, path: Path) -> bytes:
    """The same questions in a terminal."""
    said, text = b"", TRACEBACK.format(path=path).encode()
    for arguments, given in ((["-"], text), (["-", "--json"], text), (["main.py", "--no-model"], b"")):
        done = subprocess.run(
            [sys.executable, "-m", "lsp_debugger", "explain", *arguments],
            input=given, cwd=root, env=environment, capture_output=True, timeout=120, check=False,
        )  # fmt: skip
        said += done.stdout + done.stderr
    return said


def _state_channels(state: Path) -> dict[str, bytes]:
    return {**files_below(state, "state: "), "rows of the index": lance_rows(state)}


def test_nothing_leaks(world: World) -> None:
    search = Search({name: CANARIES[name] for name in SECRETS})
    assert search.leaks(world.channels) == []


def test_a_secret_in_a_file_name_goes_into_no_prompt_and_no_text(world: World) -> None:
    """The index has to name its files; nobody else has to."""
    name = "AWS key in a file name"
    channels = {channel: data for channel, data in world.channels.items() if "index" not in channel}
    leaks = Search({name: CANARIES[name]}).leaks(channels)
    assert [each for each in leaks if "/index/" not in each.channel] == []


def test_everything_was_there_to_be_found(world: World) -> None:
    """What surrounds each secret did arrive: the silence is no accident."""
    prompt = "\n".join(world.prompts)
    assert MARKER in prompt
    for words in (
        "KEY = ",
        "it used to be ",
        "postgres://app:",
        "Related code at related.py",
    ):
        assert words in prompt, words
    assert "Changes since the last commit" in prompt
    assert "Unsaved changes" in prompt
    for label in ("aws_key", "github_token", "known", "private_key", "assigned", "stripe_key", "slack_token"):
        assert f":{label}>" in prompt, label
    told = world.channels["what the editor was told"].decode()
    for method in ("lspDebugger/answerDelta", "$/logTrace", "$/progress", "window/showDocument"):
        assert f'"{method}"' in told, method
    assert MARKER in world.channels["rows of the index"].decode()
    assert MARKER in world.channels["the command line"].decode()
    for name in ("server.log", "answers/", "audit/"):
        assert any(name in channel and data for channel, data in world.channels.items()), name


@pytest.mark.parametrize("name", SECRETS)
def test_the_search_finds_each_secret_however_it_is_written(name: str) -> None:
    secret = CANARIES[name]
    search = Search({name: secret})
    for form, written in forms(secret):
        assert [each.canary for each in search.leaks({"x": b"<" + written + b">"})][:1] == [name], form
    import gzip
    import zlib

    for packed in (gzip.compress(secret.encode()), zlib.compress(secret.encode())):
        assert search.leaks({"x": b"before" + packed + b"after"})
    for before in range(4):
        assert search.leaks({"x": base64.b64encode(b"-" * before + secret.encode() + b"--")}), before


def test_a_deliberate_leak_into_each_channel_is_found(world: World, tmp_path: Path) -> None:
    secret = CANARIES["password in .env"]
    search = Search({"it": secret})
    for channel, data in world.channels.items():
        assert search.leaks({channel: data + b"\n" + secret.encode()}) == [Leak(channel, "it", "plain")]

    state = tmp_path / "state"
    shutil.copytree(world.state, state)
    for path in [path for path in state.rglob("*") if path.suffix in {".log", ".md"}]:
        path.write_text(path.read_text("utf-8") + f"{secret}\n", "utf-8")
    [audit] = state.rglob("audit/*.db")
    with closing(sqlite3.connect(audit)) as database, database:
        database.execute("create table leaked (it text)")
        database.execute("insert into leaked values (?)", (json.dumps(secret),))
    _add_row(state, secret)
    leaking = {each.channel for each in search.leaks(_state_channels(state))}
    wanted = {channel for channel in _state_channels(state) if channel.endswith((".log", ".md", ".db"))}
    assert {each for each in wanted if not each.startswith("name of")} <= leaking
    assert "rows of the index" in leaking


def _add_row(state: Path, text: str) -> None:
    import lancedb

    [place] = state.rglob("index")
    database = lancedb.connect(place)
    table = database.open_table(database.list_tables().tables[0])
    row = table.to_arrow().slice(0, 1).to_pylist()[0]
    table.add([{**row, "id": "leak", "text": f"x = {text}"}], mode="append")
