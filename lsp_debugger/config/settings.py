"""Every setting once: its name, type, default and meaning, and who may set it.

The JSON schema, README's table and the editors' settings are generated from here (`nox -s generate`).
A setting that names a program, a file, an endpoint or a place to keep things is never taken from an
editor: editors read such values from the folder they open, and that folder may be somebody else's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeVar, cast

from lsp_debugger.config.values import absolute_path, declared_host, environment_name, http_url

Value = bool | int | float | str | tuple[str, ...]
_T = TypeVar("_T", bound=Value)


@dataclass(frozen=True, slots=True)
class Tightening:
    """What a repository may do to a setting: in words, and whether it may go from one value to another."""

    words: str
    allows: Callable[[Any, Any], bool]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `name` is as in TOML, dots for tables; `field` is its attribute of Settings.

    canonical: checks and rewrites a string (each string of a list); raises ValueError.
    from_editor: False for what an opened folder must not be able to choose.
    tightens: what a repository may do to it; None: nothing.
    joins: a list whose layers add up instead of replacing each other.
    binds: the value that nobody below an organisation changes, where it chose that one.
    """

    name: str
    field: str
    default: Value
    doc: str
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    canonical: Callable[[str], str] | None = None
    from_editor: bool = True
    tightens: Tightening | None = None
    joins: bool = False
    binds: bool | None = None

    def accept(self, raw: object) -> Value:
        """The value in its canonical form. Raises ValueError with what it must be, without the value."""
        if isinstance(self.default, bool):
            return _accept_bool(raw)
        if isinstance(self.default, int | float):
            return self._accept_number(raw)
        if isinstance(self.default, str):
            return self._accept_text(raw)
        if not isinstance(raw, list | tuple):
            raise ValueError("must be a list of strings")  # noqa: TRY004 - one exception for every unusable value
        items = cast("list[object]", raw)
        return tuple(dict.fromkeys(self._accept_text(item) for item in items))

    def _accept_number(self, raw: object) -> float:
        whole = isinstance(self.default, int)
        if isinstance(raw, bool) or not isinstance(raw, int | float) or (whole and not isinstance(raw, int)):
            raise ValueError("must be a whole number" if whole else "must be a number")
        low, high = self.minimum, self.maximum
        if (low is not None and not raw >= low) or (high is not None and not raw <= high):
            raise ValueError(f"must be between {low:.15g} and {high:.15g}")
        return raw if whole else float(raw)

    def _accept_text(self, raw: object) -> str:
        if not isinstance(raw, str):
            raise ValueError("must be a string")  # noqa: TRY004 - one exception for every unusable value
        if self.choices and raw not in self.choices:
            raise ValueError(f"must be one of {', '.join(self.choices)}")
        return self.canonical(raw) if self.canonical else raw


def _accept_bool(raw: object) -> bool:
    if not isinstance(raw, bool):
        raise ValueError("must be true or false")  # noqa: TRY004 - one exception for every unusable value
    return raw


_TURN_OFF = Tightening("turn it off", lambda _, wanted: not wanted)
_LOWER = Tightening("lower it", lambda current, wanted: wanted <= current)
_NO_MODEL = Tightening("set `none`", lambda _, wanted: wanted == "none")
_PRELOAD_ORDER = ("never", "first_problem", "start")
_LOAD_LATER = Tightening(
    "load later", lambda current, wanted: _PRELOAD_ORDER.index(wanted) <= _PRELOAD_ORDER.index(current)
)


def _setting(default: _T, name: str, doc: str, **rest: Any) -> _T:
    """A dataclass field that carries its Setting; typed as its default, which is what readers get."""
    return field(default=default, metadata={"setting": {"name": name, "doc": doc, **rest}})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with the values in force. Empty strings mean: not set, decide for me."""

    backend: str = _setting(
        "auto",
        "backend",
        "Which program serves the model. `auto` takes the first that is local and ready; "
        "`none` explains without a model.",
        choices=("auto", "none", "ollama", "openai", "llamacpp"),
        tightens=_NO_MODEL,
    )
    model_name: str = _setting(
        "", "model.name", "Model to use, as the backend calls it. Empty: choose, and say why."
    )
    model_preload: str = _setting(
        "first_problem",
        "model.preload",
        "When to load the model. `first_problem` waits for a diagnostic, memory to spare and mains power.",
        choices=_PRELOAD_ORDER,
        tightens=_LOAD_LATER,
    )
    ollama_url: str = _setting(
        "http://127.0.0.1:11434",
        "ollama.url",
        "Where Ollama listens. `OLLAMA_HOST` is followed if it is a literal loopback address.",
        canonical=http_url,
        from_editor=False,
    )
    openai_base_url: str = _setting(
        "",
        "openai.base_url",
        "An OpenAI-compatible server such as llama.cpp, vLLM or LM Studio, e.g. `http://127.0.0.1:8080/v1`. "
        "It is used only if `local_hosts` lists it.",
        canonical=http_url,
        from_editor=False,
    )
    openai_api_key_env: str = _setting(
        "",
        "openai.api_key_env",
        "Name of the environment variable that holds that server's key.",
        canonical=environment_name,
        from_editor=False,
    )
    ca_file: str = _setting(
        "",
        "ca_file",
        "PEM file with the authorities to trust for TLS, instead of the operating system's.",
        canonical=absolute_path,
        from_editor=False,
    )
    llamacpp_model_path: str = _setting(
        "",
        "llamacpp.model_path",
        "GGUF file for the embedded engine.",
        canonical=absolute_path,
        from_editor=False,
    )
    llamacpp_context_tokens: int = _setting(
        0,
        "llamacpp.context_tokens",
        "Context length of the embedded engine. 0: the model's own, capped to what memory allows.",
        minimum=0,
        maximum=1_048_576,
    )
    llamacpp_threads: int = _setting(
        0,
        "llamacpp.threads",
        "Threads of the embedded engine. 0: as many as there are physical cores.",
        minimum=0,
        maximum=512,
    )
    local_hosts: tuple[str, ...] = _setting(
        (),
        "local_hosts",
        "Model servers you vouch for (`scheme://host:port`): text may be sent to them as to your own "
        "machine. `lsp-debugger config local add URL` writes this.",
        canonical=declared_host,
        from_editor=False,
        joins=True,
    )
    answer_max_tokens: int = _setting(
        512,
        "answer.max_tokens",
        "Longest answer, in tokens.",
        minimum=16,
        maximum=32_768,
        tightens=_LOWER,
    )
    first_token_timeout_s: float = _setting(
        120.0,
        "answer.first_token_timeout_s",
        "Seconds to wait for the first token; loading a large model counts.",
        minimum=1,
        maximum=3600,
    )
    context_budget_tokens: int = _setting(
        3000,
        "context.budget_tokens",
        "How much of the code around a problem goes into a prompt, in tokens.",
        minimum=256,
        maximum=131_072,
        tightens=_LOWER,
    )
    actions_explain: bool = _setting(
        True, "actions.explain", "Offer the code action that asks a model.", tightens=_TURN_OFF
    )
    actions_fix: bool = _setting(
        True, "actions.fix", "Offer the code action that asks a model for a fix.", tightens=_TURN_OFF
    )
    allow_unisolated: bool = _setting(
        False,
        "allow_unisolated",
        "Where nothing can isolate the tests of a fix: in folders that you trust, ask about each patch, "
        "after its diff was shown, whether they may run with all that you can reach. Else they are not run.",
        from_editor=False,
        binds=False,
    )
    hover_card: bool = _setting(
        True, "hover.card", "Show the card when hovering over a problem.", tightens=_TURN_OFF
    )
    checkers_run: str = _setting(
        "off",
        "checkers.run",
        "When to run the linters, type checkers and compilers that fit a document: `on_save` in folders "
        "that you trust (`lsp-debugger trust`). What they find is shown where no other server shows it.",
        choices=("off", "on_save"),
        tightens=Tightening("set `off`", lambda _, wanted: wanted == "off"),
    )
    index_enabled: bool = _setting(
        True, "index.enabled", "Index the workspace, to find related code.", tightens=_TURN_OFF
    )
    index_memory_mb: int = _setting(
        800,
        "index.memory_mb",
        "The index worker is restarted when it grows past this many megabytes.",
        minimum=256,
        maximum=65_536,
        tightens=_LOWER,
    )
    index_disk_mb: int = _setting(
        10_000,
        "index.disk_mb",
        "At most so many megabytes on disk for the index of one folder. Past it what is in there stays "
        "current and no new files come in; it is said.",
        minimum=10,
        maximum=1_000_000,
        tightens=_LOWER,
    )
    index_at_rest: str = _setting(
        "auto",
        "index.at_rest",
        "How the index is stored. `plain`: with the code's text. `blind`: without any text, words only as "
        "hashes with a key of yours; places and answers are the same. `auto`: blind on network storage.",
        choices=("auto", "plain", "blind"),
        tightens=Tightening("set `blind`", lambda _, wanted: wanted == "blind"),
    )
    index_embeddings: str = _setting(
        "off",
        "index.embeddings",
        "Vectors as a small term of the ranking. `embedded`: made by the index worker itself with the "
        "weights in the extra `embeddings`; no server, no download. `ollama`, `openai`: made by a server on "
        "this machine's loopback address, and by no other. Not in a blind index.",
        choices=("off", "embedded", "ollama", "openai"),
        tightens=Tightening("set `off`", lambda _, wanted: wanted == "off"),
    )
    index_embeddings_model: str = _setting(
        "",
        "index.embeddings_model",
        "The model that makes vectors, as its server calls it, e.g. `nomic-embed-text`. Another model's "
        "vectors are made in the background, and those before serve meanwhile.",
    )
    index_embeddings_url: str = _setting(
        "",
        "index.embeddings_url",
        "That server's address. Empty: `ollama.url` or `openai.base_url`. An OpenAI-compatible one has to be "
        "in `local_hosts`, too.",
        canonical=http_url,
        from_editor=False,
    )
    log_level: str = _setting(
        "info",
        "log.level",
        "What the log file records; source text is never in it.",
        choices=("error", "warning", "info", "debug"),
    )
    policy_path: str = _setting(
        "",
        "policy.path",
        "Your policy file. Empty: `policy.yaml` beside the user settings.",
        canonical=absolute_path,
        from_editor=False,
    )
    policy_require_org: bool = _setting(
        False,
        "policy.require_org",
        "Without an organisation's policy file nothing is sent to a service of somebody else.",
        from_editor=False,
        binds=True,
    )
    state_directory: str = _setting(
        "",
        "state.directory",
        "Where answers, logs, the audit and the index are kept. Empty: the platform's place.",
        canonical=absolute_path,
        from_editor=False,
    )


SETTINGS: Mapping[str, Setting] = {
    each.metadata["setting"]["name"]: Setting(
        field=each.name, default=cast("Value", each.default), **each.metadata["setting"]
    )
    for each in fields(Settings)
}
