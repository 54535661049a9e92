"""What `doctor` looks at, a function a section. Each may fail alone; the others are still told."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger import __version__
from lsp_debugger.cli.project import load_settings, open_state, root_of
from lsp_debugger.cli.report import Finding, Level, Section
from lsp_debugger.cli.state import shown_size, size_of
from lsp_debugger.config import REPOSITORY_FILE, Layer, Loaded
from lsp_debugger.config.files import organisation_directory, user_directory
from lsp_debugger.config.load import FILE_NAME
from lsp_debugger.config.values import is_loopback
from lsp_debugger.core import installing
from lsp_debugger.core.errors import LspDebuggerError
from lsp_debugger.core.model import Locality, ModelInfo
from lsp_debugger.state import State

if TYPE_CHECKING:
    from lsp_debugger.models.choose import Choice
    from lsp_debugger.models.detect import FoundServer
    from lsp_debugger.tools import Tool

OK, NOTE, MISSING, BROKEN = Level.OK, Level.NOTE, Level.MISSING, Level.BROKEN
# In the order in which a Python or TypeScript project wants them.
_OWN_TOOLS = (".venv", "venv", "node_modules")
# What a setting's owner has asked for; if its backend fails, that is no longer a matter of taste.
_ASKS_FOR = {"ollama": "ollama.url", "llamacpp": "llamacpp.model_path", "openai": "openai.base_url"}


@dataclass(frozen=True)
class Subject:
    """The folder that is examined, and what several sections need. Not made before it is used."""

    folder: Path

    @cached_property
    def root(self) -> Path:
        return root_of(self.folder)

    @cached_property
    def loaded(self) -> Loaded:
        return load_settings(self.folder)

    @cached_property
    def state(self) -> State:
        return open_state(self.loaded)


def examined(subject: Subject) -> tuple[Section, ...]:
    return tuple(Section(title, tuple(_guarded(look, subject))) for title, look in _SECTIONS.items())


def _guarded(look: Callable[[Subject], Iterator[Finding]], subject: Subject) -> Iterator[Finding]:
    """A doctor is called when things are broken: nothing that fails may take the report with it."""
    try:
        yield from look(subject)
    except LspDebuggerError as error:
        yield Finding(BROKEN, str(error), error.hint)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is one line here
        yield Finding(BROKEN, f"could not be examined ({type(error).__name__})", "report this, with --bundle")


def _program(_subject: Subject) -> Iterator[Finding]:
    # Not platform.platform(): it starts `uname -p`.
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    yield Finding(OK, f"lsp-debugger {__version__}, Python {platform.python_version()}, {system}")
    if platform.system() != "Linux":
        yield Finding(NOTE, "untested on this system so far; please report what does not work")


def _settings(subject: Subject) -> Iterator[Finding]:
    files = (
        ("organisation", organisation_directory() / FILE_NAME),
        ("user", user_directory() / FILE_NAME),
        ("repository", subject.root / REPOSITORY_FILE),
    )
    for whose, path in files:
        if os.path.exists(path):  # noqa: PTH110 - Path.exists() raises where a folder may not be read
            yield Finding(OK, f"{whose}: {path}")
    if not files[1][1].is_file():
        yield Finding(NOTE, f"no user settings; they would be in {files[1][1]}")
    for problem in subject.loaded.problems:
        if problem.startswith((str(subject.root / REPOSITORY_FILE), "OLLAMA_HOST")):
            yield Finding(NOTE, problem)  # nobody here asked for it
        else:
            yield Finding(BROKEN, problem, f"correct {problem.split(': ')[0]}")


def _state(subject: Subject) -> Iterator[Finding]:
    directory = subject.state.directory
    yield Finding(OK, f"{directory}, {shown_size(subject.state.size_bytes())}")
    probe = directory / f".{os.getpid()}.new"
    subject.state.write_atomic(probe, b"")
    probe.unlink()


def _policy(subject: Subject) -> Iterator[Finding]:
    from lsp_debugger.wiring import Session

    loaded = Session(subject.loaded, subject.state, [subject.root]).policy.current()
    yield Finding(OK, f"{loaded.source}, mode {loaded.policy.mode.value}, sha256 {loaded.sha256[:16]}")
    for problem in loaded.problems:
        from_repository = problem.startswith(f"{subject.root}{os.sep}") and not loaded.unreadable
        yield Finding(NOTE, problem) if from_repository else Finding(BROKEN, problem, "correct that file")
    if loaded.unreadable:
        yield Finding(BROKEN, "until it can be read, nothing leaves this machine; local models still answer")


def _model(subject: Subject) -> Iterator[Finding]:
    choice, servers = asyncio.run(_asked(subject))
    settings = subject.loaded.settings
    if choice.info is not None:
        info = choice.info
        yield Finding(OK, f"{info.model} on {info.backend}, at {info.endpoint}")
        yield Finding(NOTE, f"chosen because: {info.chosen_because}")
        if info.locality is Locality.REMOTE:
            yield Finding(BROKEN, f"remote, so it is not asked: {info.why_locality}", _remedy(info))
        else:
            yield Finding(OK, f"{info.locality.value}: {info.why_locality}")
        digest = f", {info.digest[:19]}" if info.digest else ""
        yield Finding(NOTE, f"context {info.context_tokens} tokens{digest}")
    elif settings.backend == "none":
        yield Finding(OK, "turned off (backend is none); cards and certain fixes work")
    else:
        level = MISSING if settings.backend == "auto" else BROKEN
        yield Finding(level, f"none: {choice.why}; cards and certain fixes work", _without_us(choice.hint))
    yield from (_tried(subject.loaded, each) for each in choice.problems if each != choice.why)
    if choice.others:
        yield Finding(NOTE, f"also there: {', '.join(choice.others)} (model.name chooses)")
    for server in servers:
        if server.command:
            models = ", ".join(server.models[:3]) or "no model"
            todo = f"if the server at {server.url} is yours: {server.command}"
            yield Finding(
                MISSING, f"{server.name} listens at {server.url} ({models}) and is not declared", todo
            )


def _remedy(info: ModelInfo) -> str:
    if info.backend == "ollama":  # declaring a daemon does not help a model that it passes on
        return "pull a model with weights, or set model.name to one that `ollama list` shows with a size"
    return f"if that server is yours: lsp-debugger config local add {info.endpoint.url}"


async def _asked(subject: Subject) -> tuple[Choice, list[FoundServer]]:
    from lsp_debugger.models.choose import choose
    from lsp_debugger.models.detect import detect_servers

    settings = subject.loaded.settings
    choice, servers = await asyncio.gather(
        choose(settings, subject.state), detect_servers(settings.local_hosts)
    )
    if choice.backend is not None:
        await choice.backend.aclose()
    return choice, servers


def _tried(loaded: Loaded, problem: str) -> Finding:
    """A backend that was looked at and left: broken if somebody set it up, else just how it is."""
    from lsp_debugger.models.locality import is_declared

    name = problem.partition(":")[0]
    setting = _ASKS_FOR.get(name)
    if setting is None or loaded.origins[setting].layer not in {Layer.USER, Layer.ORGANISATION}:
        return Finding(NOTE, problem)
    url = {"ollama": loaded.settings.ollama_url, "openai": loaded.settings.openai_base_url}.get(name, "")
    # Ollama on this machine needs nobody's word: it is asked about each model.
    needs_word = bool(url) and not (name == "ollama" and is_loopback(url))
    if needs_word and not is_declared(url, loaded.settings.local_hosts):
        return Finding(BROKEN, problem, f"if that server is yours: lsp-debugger config local add {url}")
    return Finding(BROKEN, problem, f"start it, or change {setting} ({loaded.origins[setting]})")


def _without_us(hint: str) -> str:
    """Hints elsewhere end with a pointer to the doctor."""
    return "; ".join(each for each in hint.split("; ") if "lsp-debugger doctor" not in each)


def _index(subject: Subject) -> Iterator[Finding]:
    if not subject.loaded.settings.index_enabled:
        yield Finding(OK, f"turned off by {subject.loaded.origins['index.enabled']}")
        return
    yield Finding(OK, f"LanceDB {metadata.version('lancedb')}; the worker starts when it is first needed")
    _, size_bytes = size_of(subject.state.workspace(subject.root))
    yield Finding(NOTE, f"{subject.root}: {shown_size(size_bytes) if size_bytes else 'nothing indexed yet'}")


def _tools(subject: Subject) -> Iterator[Finding]:
    from lsp_debugger.checkers import CHECKERS
    from lsp_debugger.tools import find_tool
    from lsp_debugger.trust import Trust

    trusted = Trust(subject.state).trusted(subject.root)
    wanted = {checker.name: checker.programs for checker in CHECKERS} | {"git": ("git",)}
    found = False
    for name, programs in wanted.items():
        tools = (find_tool(program, root=subject.root, trusted=trusted) for program in programs)
        tool = next((each for each in tools if each is not None), None)
        if tool is None:
            yield Finding(NOTE, f"{name}: not found")
            continue
        found = found or name != "git"
        yield Finding(OK, f"{name}: {tool.name} {_version(tool) or '(version not asked)'}, {tool.path}")
    if not found:
        yield Finding(MISSING, "no checker, so `explain` and `demo` find little", installing.how("demo"))
    if not trusted and (careful := [each.name for each in CHECKERS if each.needs_trust]):
        yield Finding(NOTE, f"only in a trusted folder: {', '.join(careful)}")
    if trusted:
        yield Finding(NOTE, f"{subject.root} is trusted: tools inside it are used")
    elif own := [name for name in _OWN_TOOLS if (subject.root / name).is_dir()]:
        todo = f"to use what this project brings: lsp-debugger trust {subject.root}"
        yield Finding(NOTE, f"{subject.root} is not trusted: its {' and '.join(own)} is left alone", todo)


def _version(tool: Tool) -> str:
    """By its package's own record where it has one: that starts nothing."""
    if tool.path.parent == Path(sys.executable).parent:
        with contextlib.suppress(metadata.PackageNotFoundError):
            return metadata.version(tool.name)
    # PyPI's pyright asks npm for updates, and fetches itself, whenever it is started.
    return "" if tool.name == "pyright" else tool.version


def _extras(subject: Subject) -> Iterator[Finding]:
    if importlib.util.find_spec("xllamacpp") is not None:
        yield Finding(OK, f"embedded engine: xllamacpp {metadata.version('xllamacpp')}")
    elif subject.loaded.settings.llamacpp_model_path:
        todo = installing.how("llamacpp")
        yield Finding(BROKEN, "llamacpp.model_path is set, but the embedded engine is not installed", todo)
    else:
        yield Finding(NOTE, f"embedded engine: not installed ({installing.how('llamacpp')})")


def _keys(subject: Subject) -> Iterator[Finding]:
    """No keyring is used: it may open a dialog, and a server has nobody to answer it."""
    settings = subject.loaded.settings
    key = subject.state.audit / "install.key"
    if key.exists():
        loose = os.name == "posix" and key.stat().st_mode & 0o077
        todo = f"chmod 600 {key}" if loose else ""
        yield Finding(
            BROKEN if loose else OK, f"audit key: {key}" + (", readable by others" if loose else ""), todo
        )
    else:
        yield Finding(NOTE, "audit key: made with the first question")
    if name := settings.openai_api_key_env:
        there = bool(os.environ.get(name))
        todo = "" if there else f"set {name} where your editor is started"
        yield Finding(OK if there else BROKEN, f"${name} is {'set' if there else 'not set'} here", todo)
    installed = importlib.util.find_spec("keyring") is not None
    yield Finding(NOTE, f"keyring: not used, {'though' if installed else 'nor'} installed")


def _client(subject: Subject) -> Iterator[Finding]:
    from lsp_debugger.server.presence import last

    facts = last(subject.state)
    if facts is None:
        yield Finding(NOTE, "no editor has connected yet")
        return
    name = f"{facts.pop('name', '')} {facts.pop('version', '')}".strip() or "a client without a name"
    yield Finding(OK, f"last: {name}")
    able = [key.replace("_", " ") for key, value in facts.items() if value is True]
    unable = [key.replace("_", " ") for key, value in facts.items() if value is False]
    yield Finding(NOTE, f"yes: {', '.join(able) or 'nothing'}; no: {', '.join(unable) or 'nothing'}")


_SECTIONS: dict[str, Callable[[Subject], Iterator[Finding]]] = {
    "Program": _program,
    "Settings": _settings,
    "State": _state,
    "Policy": _policy,
    "Model": _model,
    "Index": _index,
    "Tools": _tools,
    "Extras": _extras,
    "Keys": _keys,
    "Editor": _client,
}
