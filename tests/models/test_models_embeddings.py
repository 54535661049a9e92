"""Vectors of a real server on loopback, through the real gate, door and audit."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from model_server import Model, ModelServer, vector_of
from policy_samples import AWS_KEY

from lsp_debugger.core.errors import AuditUnavailable, BackendUnavailable, EgressRefused, ModelMissing
from lsp_debugger.core.material import Fragment, FragmentKind
from lsp_debugger.core.model import Endpoint
from lsp_debugger.models.embeddings import OllamaServer, OpenAiServer, ServedEmbedder, render
from lsp_debugger.policy.audit import Audit
from lsp_debugger.policy.gate import Gate
from lsp_debugger.policy.store import PolicyStore

MODEL = "nomic-embed-text:latest"
PATHS = {"ollama": "/api/embed", "openai": "/v1/embeddings"}


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer(models=[Model(MODEL, capabilities=("embedding",))]) as server:
        yield server


class Desk:
    """A gate with a policy of its own, and what it wrote down."""

    def __init__(self, folder: Path, server: ModelServer) -> None:
        self.folder = folder
        self.server = server
        self.policy = folder / "policy.yaml"
        self.audit = Audit(folder / "audit")
        self.gate = Gate(
            PolicyStore(user_path=str(self.policy), roots=[str(folder)]), lambda: self.audit, render
        )

    def connect(self, kind: str = "ollama", url: str = "", hosts: tuple[str, ...] = ()) -> ServedEmbedder:
        endpoint = Endpoint(kind, url or self.server.url)
        if kind == "ollama":
            return ServedEmbedder.connect(OllamaServer(endpoint, MODEL, hosts), self.gate)
        declared = hosts or (self.server.url,)
        return ServedEmbedder.connect(OpenAiServer(endpoint, MODEL, declared), self.gate)

    def records(self) -> list[Any]:
        return [body for _, body in self.audit.records()]

    def sent(self) -> list[str]:
        """Texts that reached the server."""
        return [
            text
            for path in PATHS.values()
            for request in self.server.to(path)
            for text in request.json["input"]
        ]


@pytest.fixture
def desk(tmp_path: Path, server: ModelServer) -> Iterator[Desk]:
    made = Desk(tmp_path, server)
    yield made
    made.audit.close()


def fragment(text: str, path: str | None = "shop/money.py") -> Fragment:
    return Fragment(FragmentKind.RELATED, text, path=path, symbol="convert" if path else "")


@pytest.mark.parametrize("kind", PATHS)
def test_vectors_come_back_in_order_at_unit_length(desk: Desk, kind: str) -> None:
    embedder = desk.connect(kind)
    assert embedder.dimension == desk.server.dimension
    rows = embedder.embed([fragment("add two prices"), fragment("", None), fragment("paint a wall")], 10)
    assert rows.shape == (3, 64)
    for row, text in zip(rows[::2], ("add two prices", "paint a wall"), strict=True):
        wanted = vector_of(f"shop/money.py convert {text}", 64)
        length = sum(number**2 for number in wanted) ** 0.5
        assert row.tolist() == pytest.approx([number / length for number in wanted], abs=1e-6)
    assert not rows[1].any()
    assert embedder.embed([], 10).shape == (0, 64)


def test_the_model_is_named_with_its_digest(desk: Desk) -> None:
    assert desk.connect().model == f"ollama {MODEL} sha256:{'ab' * 32}"


@pytest.mark.parametrize("kind", PATHS)
def test_secrets_stay_and_each_request_is_on_record_without_text(desk: Desk, kind: str) -> None:
    embedder = desk.connect(kind)
    before = len(desk.records())
    embedder.embed([fragment(f"key = '{AWS_KEY}'"), fragment("def convert(): ...")], 10)
    assert AWS_KEY.encode() not in desk.server.received
    assert b"def convert" in desk.server.received
    intent, outcome = desk.records()[before:]
    assert intent["facts"]["task"] == "embed"
    assert intent["redactions"] == {"aws_key": 1}
    assert intent["model"] == MODEL
    assert (intent["outcome"], outcome["outcome"]) == ("intended", "completed")
    raw = b"".join(path.read_bytes() for path in desk.audit.directory.rglob("*") if path.is_file())
    assert AWS_KEY.encode() not in raw
    assert b"def convert" not in raw


def test_without_a_record_nothing_is_sent(desk: Desk) -> None:
    embedder = desk.connect()
    desk.audit.close()
    shutil.rmtree(desk.audit.directory)
    desk.audit.directory.write_text("in the way")
    before = desk.sent()
    with pytest.raises(AuditUnavailable):
        embedder.embed([fragment("def convert(): ...")], 10)
    assert desk.sent() == before


@pytest.mark.parametrize(
    "model",
    [
        Model(MODEL, extra_show={"remote_host": "https://ollama.com:443"}),
        Model(MODEL, extra_tags={"remote_model": "gpt"}),
        Model(MODEL, size=300),
        Model(MODEL, digest=""),
    ],
    ids=["remote host", "remote model", "too small", "no digest"],
)
def test_what_is_not_proven_local_gets_no_text(desk: Desk, model: Model) -> None:
    desk.server.models = [model]
    with pytest.raises(BackendUnavailable, match="not proven to run on this machine"):
        desk.connect()
    assert not desk.sent()


@pytest.mark.parametrize(
    ("kind", "url", "hosts"),
    [
        ("openai", "", ("http://127.0.0.1:1",)),
        ("openai", "http://localhost:{port}", ("http://localhost:{port}",)),
        ("ollama", "http://localhost:{port}", ("http://localhost:{port}",)),
    ],
    ids=["not declared", "a name that is declared", "a name that is declared, Ollama"],
)
def test_an_address_alone_proves_nothing_and_a_name_may_lead_anywhere(
    desk: Desk, kind: str, url: str, hosts: tuple[str, ...]
) -> None:
    filled = tuple(host.format(port=desk.server.port) for host in hosts)
    with pytest.raises(BackendUnavailable, match="not proven to run on this machine"):
        desk.connect(kind, url.format(port=desk.server.port), filled)
    assert not desk.sent()


def test_a_model_that_moved_away_meanwhile_gets_no_text(desk: Desk) -> None:
    embedder = desk.connect()
    before = desk.sent()
    desk.server.models = [Model(MODEL, extra_show={"remote_host": "https://ollama.com:443"})]
    with pytest.raises(BackendUnavailable, match="not proven"):
        embedder.embed([fragment("def convert(): ...")], 10)
    desk.server.models = [Model(MODEL, digest="cd" * 32)]
    with pytest.raises(BackendUnavailable, match="changed"):
        embedder.embed([fragment("def convert(): ...")], 10)
    assert desk.sent() == before


def test_what_the_policy_keeps_stays_where_the_server_is_only_declared(desk: Desk) -> None:
    desk.policy.write_text("classes:\n  never_send:\n    - {path: 'secret/**'}\n")
    secret = fragment("def plan(): ...", "secret/plan.py")
    embedder = desk.connect("openai")
    before = desk.sent()
    with pytest.raises(EgressRefused):
        embedder.embed([fragment("def convert(): ..."), secret], 10)
    assert desk.sent() == before
    assert desk.connect("ollama").embed([secret], 10).shape == (1, 64)  # proven to be here


def test_an_unreadable_policy_keeps_everything_from_a_declared_server(desk: Desk) -> None:
    desk.policy.write_text("clases: {}\n")
    with pytest.raises(EgressRefused):
        desk.connect("openai")
    assert not desk.sent()


@pytest.mark.parametrize(
    "vectors",
    [None, [], [[]], [[1.0], [2.0]], [["a"]], [[float("nan")] * 64], [[1.0] * 63], "x", [{"a": 1}]],
    ids=lambda value: str(value)[:20],
)
def test_an_answer_that_is_no_vector_is_said_to_be_none(desk: Desk, vectors: Any) -> None:
    embedder = desk.connect()
    desk.server.vectors = {"no": "list"} if vectors is None else vectors
    with pytest.raises(BackendUnavailable):
        embedder.embed([fragment("def convert(): ...")], 10)
    assert desk.records()[-1]["outcome"] == "failed"


def test_a_server_without_the_model_and_one_that_is_gone(desk: Desk) -> None:
    desk.server.models = []
    with pytest.raises(ModelMissing):
        desk.connect("ollama")
    with pytest.raises(ModelMissing):
        desk.connect("openai")
    with pytest.raises(BackendUnavailable):
        desk.connect("ollama", "http://127.0.0.1:9")


def test_a_slow_server_is_not_waited_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    embedder = desk.connect()

    async def never(*_: object) -> bool:
        await asyncio.sleep(60)
        return False

    monkeypatch.setattr(desk.server, "_ollama_embed", never)
    with pytest.raises(BackendUnavailable, match="too long"):
        embedder.embed([fragment("def convert(): ...")], 0.2)
