"""What the log says, and above all what it does not."""

from __future__ import annotations

import io
import logging
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lsp_debugger.core.errors import BackendUnavailable
from lsp_debugger.server import documents
from lsp_debugger.server.logs import TRAFFIC, Logs, Tracer, fault_of, textless

SECRET = "password = 'hunter2'"
ours = logging.getLogger("lsp_debugger.test")
foreign = logging.getLogger("somelib.http")


@pytest.fixture
def stderr() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def logs(stderr: io.StringIO) -> Iterator[Logs]:
    logs = Logs(stderr)
    logs.install()
    yield logs
    logs.close()


def test_stderr_is_silent_below_warning(logs: Logs, stderr: io.StringIO) -> None:
    ours.info("quiet")
    foreign.info("quiet")
    assert stderr.getvalue() == ""
    ours.warning("loud %s", 1)
    assert stderr.getvalue().endswith(" WARNING lsp_debugger.test: loud 1\n")


def test_stderr_never_fills_the_pipe_of_a_client_that_does_not_read(logs: Logs, stderr: io.StringIO) -> None:
    for _ in range(1000):
        ours.warning("x" * 200)
    assert 0 < len(stderr.getvalue()) < 16 * 1024


def test_records_wait_for_the_file_and_then_go_there(logs: Logs, tmp_path: Path) -> None:
    ours.info("early")
    logs.open(tmp_path / "logs" / "server.log")
    ours.info("late")
    ours.debug("never")
    lines = (tmp_path / "logs" / "server.log").read_text().splitlines()
    assert [line.partition(": ")[2] for line in lines] == ["early", "late"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_the_file_is_private(logs: Logs, tmp_path: Path) -> None:
    logs.open(tmp_path / "server.log")
    assert stat.S_IMODE((tmp_path / "server.log").stat().st_mode) == 0o600


def test_the_file_rotates(logs: Logs, tmp_path: Path) -> None:
    logs.open(tmp_path / "server.log")
    for _ in range(4200):
        ours.info("x" * 1000)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["server.log", "server.log.1", "server.log.2", "server.log.3"]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 4.5 * 1024 * 1024


def test_no_place_for_a_file_is_a_warning(logs: Logs, tmp_path: Path, stderr: io.StringIO) -> None:
    (tmp_path / "taken").write_text("")
    logs.open(tmp_path / "taken" / "server.log")
    assert "no log file" in stderr.getvalue()
    ours.info("goes on")


def test_no_text_of_the_users_gets_into_the_file(logs: Logs, tmp_path: Path, stderr: io.StringIO) -> None:
    logs.open(tmp_path / "server.log")
    try:
        int(SECRET)
    except ValueError as error:
        ours.exception("it failed")
        ours.error("it failed: %s", error)
        foreign.exception(SECRET)
        foreign.warning("body %s", SECRET)
        logging.getLogger("asyncio").warning("Task exception was never retrieved %r", error)
    logging.getLogger("pygls.protocol.json_rpc").critical("Sending data: %s", SECRET)
    ours.error("no model: %s", BackendUnavailable("nothing listens"))
    ours.info("line\nbreak\r%s", "a\nb")
    said = (tmp_path / "server.log").read_text()
    assert "hunter2" not in said + stderr.getvalue()
    assert "it failed [ValueError" in said
    assert "it failed: ValueError" in said
    assert "ERROR somelib.http: a message from test_server_logs.py:" in said
    assert "no model: nothing listens" in said
    assert "pygls" not in said
    assert "line break a b" in said


def test_a_record_that_cannot_be_formatted_is_named_by_its_place() -> None:
    record = logging.LogRecord("lsp_debugger.x", logging.INFO, "x.py", 7, "one %s", (SECRET, SECRET), None)
    assert textless(record) == "a message that cannot be formatted, from x.py:7"


def test_a_fault_names_our_frames_only() -> None:
    with pytest.raises(AttributeError) as caught:
        documents.language_of(None)  # type: ignore[arg-type]
    assert fault_of(caught.value).startswith("AttributeError at server" + os.sep + "documents.py:")
    assert fault_of(KeyError(SECRET)) == "KeyError"


def test_closing_puts_everything_back(stderr: io.StringIO, tmp_path: Path) -> None:
    root = logging.getLogger()
    before = root.level, list(root.handlers)
    logs = Logs(stderr)
    logs.install()
    logs.open(tmp_path / "server.log")
    logs.close()
    assert (root.level, root.handlers) == before


def test_tracing_hears_what_was_asked_for() -> None:
    heard = list[str]()
    tracer = Tracer(heard.append)
    package = logging.getLogger("lsp_debugger")
    level = package.level

    def say(value: str) -> list[str]:
        heard.clear()
        tracer.set(value)
        TRAFFIC.debug("received")
        ours.debug("detail")
        foreign.error(SECRET)
        return list(heard)

    try:
        assert say("off") == []
        assert say("messages") == ["received"]
        assert say("verbose") == ["received", "detail"]
        assert say("verbose") == ["received", "detail"]
    finally:
        assert say("off") == []
    assert package.level == level


def test_a_trace_that_cannot_be_sent_disturbs_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    def send(_: str) -> None:
        TRAFFIC.debug("sent a trace")  # would go round for ever
        raise OSError(SECRET)

    tracer = Tracer(send)
    tracer.set("messages")
    try:
        TRAFFIC.debug("received")
    finally:
        tracer.set("off")
    assert capsys.readouterr().err == ""
    assert sys.stderr is not None
