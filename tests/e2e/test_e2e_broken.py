"""The real process in broken worlds: the card stands, one line says why, nothing pops up or dies."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess  # noqa: TID251 - mount, for a disk that is full
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import pytest
from kept_server import KeptServer, diagnostic, served
from model_server import Fault, Model, ModelServer, Reply
from raw_server import wait_until
from tiny_gguf import Shape, write_tiny_gguf

pytestmark = pytest.mark.thorough

SOURCE = "import os\n\n\ndef total(prices):\n    return undefined_name + sum(prices)\n"
FOUND = diagnostic(4, "Undefined name `undefined_name`")


@pytest.fixture
def models() -> Iterator[ModelServer]:
    with ModelServer(models=[Model("mine")]) as server:
        yield server


def settings(models: ModelServer, more: str = "") -> str:
    return f'ollama.url = "{models.url}"\n{more}'


def begin(server: KeptServer, tmp_path: Path) -> str:
    """Start a question; returns its id. The hover has its card before."""
    uri = server.open(tmp_path / "project" / "a.py", SOURCE)
    server.find(uri, [FOUND])
    assert "undefined_name" in server.card(uri, 4)
    return server.command("explain", {"uri": uri, "version": 1, "diagnostic": FOUND})["id"]


def shown(server: KeptServer, answer_id: str) -> str:
    """The answer's text as it was streamed; it need not be kept anywhere."""
    server.wait(
        lambda message: (
            message.get("method") == "lspDebugger/answerDelta"
            and message["params"]["id"] == answer_id
            and message["params"]["done"]
        )
    )
    told = [each["params"] for each in server.told if each.get("method") == "lspDebugger/answerDelta"]
    return "".join(each["text"] for each in told if each["id"] == answer_id)


def explained(server: KeptServer, tmp_path: Path) -> str:
    text = shown(server, begin(server, tmp_path))
    assert "`undefined_name`" in text.split("\n## ")[0], "the card stands"
    return text


def reason_of(text: str) -> str:
    """The lines that say why no model spoke."""
    assert "## No explanation by a model" in text, text
    return text.partition("## No explanation by a model\n\n")[2].partition("\n\n")[0]


@contextmanager
def disk(place: Path, size: str) -> Iterator[None]:
    """A file system of that size; skips where it cannot be mounted."""
    place.mkdir(parents=True)
    mount = shutil.which("mount")
    if sys.platform != "linux" or os.geteuid() != 0 or mount is None:
        pytest.skip("only root can mount a small disk")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place],
        capture_output=True,
        timeout=30,
        check=False,
    )
    if done.returncode:
        pytest.skip("this container may not mount a small disk")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", place], timeout=30, check=True)


# The state directory


def test_a_disk_that_is_full(tmp_path: Path, models: ModelServer) -> None:
    state = tmp_path / "state"
    with disk(state, "64k"):
        (state / "filler").write_bytes(b"x" * (60 * 1024))
        with served(tmp_path, settings(models), env={"XDG_STATE_HOME": str(state)}) as server:
            text = explained(server, tmp_path)
            server.command("status")
            assert shown(server, begin(server, tmp_path))
        assert "No space left" in reason_of(text)
        assert b"undefined_name" not in models.received, "without a record nothing is sent"


def test_a_disk_that_fills_up_in_between(tmp_path: Path, models: ModelServer) -> None:
    state = tmp_path / "state"
    with disk(state, "16m"):
        environment = {"XDG_STATE_HOME": str(state)}
        with served(tmp_path, settings(models, "index.enabled = false\n"), env=environment) as server:
            assert "It fails here." in explained(server, tmp_path)
            filler = state / "filler"
            with filler.open("wb", buffering=0) as file, suppress(OSError):
                while file.write(b"x" * 4096):
                    pass
            texts = [explained(server, tmp_path) for _ in range(3)]
            filler.unlink()
            assert "It fails here." in explained(server, tmp_path), "it goes on when there is space again"
    for text in texts:
        assert "It fails here." in text or "no space left" in reason_of(text) or "audit" in reason_of(text)


@contextmanager
def read_only(place: Path) -> Iterator[None]:
    """Root writes where the mode forbids it, so for root it is a disk that is mounted read-only."""
    if os.geteuid() == 0:
        with disk(place, "1m"):
            subprocess.run(["mount", "-o", "remount,ro", place], timeout=30, check=True)
            yield
        return
    place.mkdir()
    place.chmod(0o500)
    yield
    place.chmod(0o700)


@pytest.mark.skipif(sys.platform == "win32", reason="modes and mounts are POSIX's")
def test_a_directory_that_is_read_only(tmp_path: Path, models: ModelServer) -> None:
    state = tmp_path / "state"
    with read_only(state):
        with served(tmp_path, settings(models), env={"XDG_STATE_HOME": str(state)}) as server:
            text = explained(server, tmp_path)
        assert "cannot be used" in reason_of(text)
        assert "set state.directory" in reason_of(text)
        assert b"undefined_name" not in models.received


def test_a_file_where_the_directory_should_be(tmp_path: Path, models: ModelServer) -> None:
    state = tmp_path / "state"
    state.write_text("not a directory")
    with served(tmp_path, settings(models), env={"XDG_STATE_HOME": str(state)}) as server:
        text = explained(server, tmp_path)
        status = server.command("status")
        assert "cannot be used (Not a directory)" in status["state"]
        assert "cannot be used (Not a directory)" in status["index"]
    assert "cannot be used" in reason_of(text)
    assert b"undefined_name" not in models.received
    assert state.read_text() == "not a directory"


def test_state_of_a_newer_version(tmp_path: Path, models: ModelServer) -> None:
    state = tmp_path / "state" / "lsp-debugger"
    state.mkdir(parents=True)
    (state / "schema").write_text("99\n")
    with served(tmp_path, settings(models), env={"XDG_STATE_HOME": str(state.parent)}) as server:
        text = explained(server, tmp_path)
    assert "newer version" in reason_of(text)
    assert (state / "schema").read_text() == "99\n"


# Settings and policy


BAD_SETTINGS: dict[str, tuple[str, str]] = {
    "malformed": ("backend = [", "is not valid TOML"),
    "misspelt": ('backnd = "none"\n', "unknown setting 'backnd'"),
    "a wrong value": ('backend = "chatgpt"\n', "backend must be one of"),
    "not UTF-8": ("", "is not UTF-8"),
}


@pytest.mark.parametrize("name", BAD_SETTINGS)
def test_settings_that_cannot_be_used(tmp_path: Path, name: str, models: ModelServer) -> None:
    text, problem = BAD_SETTINGS[name]
    config = tmp_path / "config" / "lsp-debugger"
    config.mkdir(parents=True)
    file = config / "config.toml"
    with served(
        tmp_path, text, env={"XDG_CONFIG_HOME": str(tmp_path / "config"), "OLLAMA_HOST": models.url}
    ) as server:
        if name == "not UTF-8":
            file.write_bytes(b'backend = "\xff"\n')
            server.command("restart")
        status = server.command("status")
        assert problem in status["settings"]
        assert str(file) in status["settings"]
        assert "It fails here." in explained(server, tmp_path), "the rest is in force"


BAD_POLICIES: dict[str, tuple[str, str]] = {
    "misspelt": ("classes:\n  nevr_send:\n    - path: '**'\n", "nevr_send"),
    "malformed": ("rules: [\n", "policy.yaml"),
    "a wrong expression": ("rules:\n  - if: 'input.steal()'\n    action: deny\n", "policy.yaml"),
    "a pattern for another engine": ("classes:\n  never_send:\n    - pattern: '(?=x)'\n", "policy.yaml"),
}


def policy(tmp_path: Path, text: str) -> None:
    file = tmp_path / "home" / "xdg_config_home" / "lsp-debugger" / "policy.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


@pytest.mark.parametrize("name", BAD_POLICIES)
def test_a_policy_that_cannot_be_read(tmp_path: Path, name: str, models: ModelServer) -> None:
    """A local model still answers; a declared server, which text would leave for, does not."""
    text, word = BAD_POLICIES[name]
    policy(tmp_path, text)
    with served(tmp_path, settings(models)) as server:
        assert "It fails here." in explained(server, tmp_path)
        status = server.command("status")["policy"]
        assert "nothing leaves this machine" in status
        assert word in status
    before = len(models.received)
    declared = f'backend = "openai"\nopenai.base_url = "{models.url}/v1"\nlocal_hosts = ["{models.url}"]\n'
    with served(tmp_path, declared) as server:
        assert word in reason_of(explained(server, tmp_path))
    assert b"undefined_name" not in models.received[before:]


# Models


MISHAPS: dict[str, tuple[Reply, str]] = {
    "killed mid-stream": (
        Reply(["It ", "fails "], fault=Fault.CUT, fault_after=2),
        "The model stopped in the middle",
    ),
    "killed before the first word": (Reply(fault=Fault.HANG_UP), "## No explanation by a model"),
    "an error in the stream": (Reply(["It "], fault=Fault.ERROR_EVENT), "The model stopped in the middle"),
    "nonsense in the stream": (Reply(["It "], fault=Fault.MALFORMED), "The model stopped in the middle"),
    "a web page": (Reply(fault=Fault.WRONG_TYPE), "## No explanation by a model"),
    "an internal error": (Reply(status=500), "## No explanation by a model"),
    "nothing at all": (Reply([]), "The model wrote nothing."),
}


def test_a_model_that_fails(tmp_path: Path, models: ModelServer) -> None:
    """One server through all of it: each question leaves it able to answer the next."""
    with served(tmp_path, settings(models)) as server:
        for name, (reply, said) in MISHAPS.items():
            models.replies = [reply]
            assert said in explained(server, tmp_path), name
        models.replies = [Reply()]
        assert "It fails here." in explained(server, tmp_path)


def test_a_daemon_that_ends(tmp_path: Path) -> None:
    with ExitStack() as running:
        daemon = running.enter_context(ModelServer(models=[Model("mine")]))
        with served(tmp_path, settings(daemon)) as server:
            assert "It fails here." in explained(server, tmp_path)
            running.close()
            assert "no model was found" in reason_of(explained(server, tmp_path))
            assert server.command("status")["model"].startswith("none: ")


# Processes of ours


def children(server: KeptServer, module: str) -> list[psutil.Process]:
    found = psutil.Process(server.process.pid).children(recursive=True)
    return [each for each in found if any(module in word for word in _command_of(each))]


def _command_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_a_worker_that_is_killed_while_a_question_runs(tmp_path: Path, models: ModelServer) -> None:
    models.replies = [Reply(first_after_s=1.0)]
    with served(tmp_path, settings(models)) as server:
        assert "It fails here." in explained(server, tmp_path)
        assert wait_until(lambda: bool(children(server, "index.worker")))
        for _ in range(2):
            answer_id = begin(server, tmp_path)
            for worker in children(server, "index.worker"):
                worker.send_signal(signal.SIGKILL)
            assert "It fails here." in shown(server, answer_id)
        assert server.command("status")["index"]


@pytest.mark.engine
@pytest.mark.xdist_group("engine")
@pytest.mark.skipif(importlib.util.find_spec("xllamacpp") is None, reason="needs the extra llamacpp")
def test_an_engine_that_is_killed_while_it_writes(tmp_path: Path) -> None:
    model = write_tiny_gguf(tmp_path / "tiny.gguf", Shape(context_tokens=8192))
    given = (
        f'backend = "llamacpp"\nllamacpp.model_path = "{model}"\nanswer.max_tokens = 4000\n'
        'index.enabled = false\nmodel.preload = "never"\n'
    )
    with served(tmp_path, given) as server:

        def words(answer_id: str) -> bool:
            told = [each["params"] for each in server.told if each.get("method") == "lspDebugger/answerDelta"]
            return sum(each["id"] == answer_id for each in told) > 4

        first = begin(server, tmp_path)
        assert wait_until(lambda: words(first), 60)
        server.command("cancel", {"id": first})
        assert shown(server, first)
        engines = _engines(tmp_path)  # looked up before, since the next answer does not wait for it
        assert engines
        second = begin(server, tmp_path)
        assert wait_until(lambda: words(second), 60)
        for engine in engines:
            engine.send_signal(signal.SIGKILL)
        assert "The model stopped in the middle" in shown(server, second)
        third = begin(server, tmp_path)
        assert wait_until(lambda: words(third), 60), "another engine was started"
        server.command("cancel", {"id": third})
        assert shown(server, third)


def _engines(tmp_path: Path) -> list[psutil.Process]:
    """Those of this test: their environment or command line names its directory."""
    running = [
        each for each in psutil.process_iter() if any("models.engine" in word for word in _command_of(each))
    ]
    return [each for each in running if _is_ours(each, str(tmp_path))]


def _is_ours(process: psutil.Process, place: str) -> bool:
    try:
        return any(place in value for value in (*process.environ().values(), *process.cmdline()))
    except psutil.Error:
        return False


def delete_the_folder(tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "project")


def delete_the_state(tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "home" / "xdg_state_home")


@pytest.mark.parametrize("destroy", [delete_the_folder, delete_the_state])
def test_a_folder_that_is_deleted_under_us(
    tmp_path: Path, models: ModelServer, destroy: Callable[[Path], None]
) -> None:
    with served(tmp_path, settings(models)) as server:
        assert "It fails here." in explained(server, tmp_path)
        destroy(tmp_path)
        for _ in range(2):
            text = explained(server, tmp_path)
            assert "It fails here." in text or reason_of(text)
        assert server.command("status")
