"""From layers to settings in force: built-in < environment < organisation < user < editor, then repositories.

A later layer replaces an earlier one, except that repositories may only tighten: what a folder says about
its reader's machine is untrusted. A layer that cannot be read is left out, and a value that cannot be used
leaves the one below it standing; each is one line in `problems`.
"""

from __future__ import annotations

import enum
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from lsp_debugger.config.files import FileRead, Owner, organisation_directory, read_toml, user_directory
from lsp_debugger.config.settings import SETTINGS, Setting, Settings, Value
from lsp_debugger.config.values import loopback_url

FILE_NAME = "config.toml"
REPOSITORY_FILE = ".lsp-debugger.toml"
_MAX_PROBLEMS = 10  # of one layer
# Read by the language client itself. null is how an editor sends a setting that nobody set.
_EDITORS_OWN = "trace."
_MAX_DEPTH = max(name.count(".") for name in SETTINGS)


class Layer(enum.Enum):
    BUILT_IN = "built-in"
    ENVIRONMENT = "environment"
    ORGANISATION = "organisation"
    USER = "user"
    EDITOR = "editor"
    REPOSITORY = "repository"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who set a value. file: a path, or a variable's name. line: 1-based. joined: whose list it adds to."""

    layer: Layer
    file: str = ""
    line: int | None = None
    joined: Origin | None = None

    def __str__(self) -> str:
        line = f":{self.line}" if self.line else ""
        said = f"{self.layer.value} {self.file}{line}".rstrip()
        return f"{self.joined} + {said}" if self.joined else said


@dataclass(frozen=True, slots=True)
class Loaded:
    """origins: by setting name, one for every setting. problems: lines for the user, without values."""

    settings: Settings
    origins: Mapping[str, Origin]
    problems: tuple[str, ...] = ()


def load(
    *,
    org_path: Path | None = None,
    user_path: Path | None = None,
    editor: Mapping[str, Any] | None = None,
    repo_paths: Sequence[Path] = (),
    environ: Mapping[str, str] | None = None,
) -> Loaded:
    """Read every layer. Never raises: what is wrong is in `problems`.

    org_path, user_path: None for the platform's places; a file that does not exist is an empty layer.
    editor: as the client sent it, nested or with dotted keys; null means not set.
    repo_paths: the `.lsp-debugger.toml` of each root.
    """
    merge = _Merge()
    merge.environment(os.environ if environ is None else environ)
    merge.file(Layer.ORGANISATION, org_path or organisation_directory() / FILE_NAME, Owner.ADMINISTRATOR)
    merge.file(Layer.USER, user_path or user_directory() / FILE_NAME, Owner.USER)
    merge.values(Layer.EDITOR, "", editor or {})
    for path in repo_paths:
        merge.file(Layer.REPOSITORY, path, Owner.ANYBODY)
    return merge.loaded()


class _Merge:
    def __init__(self) -> None:
        self._settings = Settings()
        self._origins = dict.fromkeys(SETTINGS, Origin(Layer.BUILT_IN))
        self._problems: list[str] = []

    def loaded(self) -> Loaded:
        return Loaded(self._settings, self._origins, tuple(self._problems))

    def environment(self, environ: Mapping[str, str]) -> None:
        if not (named := environ.get("OLLAMA_HOST")):
            return
        if url := loopback_url(named):
            self._set(SETTINGS["ollama.url"], url, Origin(Layer.ENVIRONMENT, "OLLAMA_HOST"))
        else:
            self._problems.append(
                "OLLAMA_HOST is no literal loopback address and is not followed: "
                "set ollama.url in the user settings"
            )

    def file(self, layer: Layer, path: Path, owner: Owner) -> None:
        read = read_toml(path, owner)
        if read.problem:
            self._problems.append(f"{path}: {read.problem}; ignored")
        self.values(layer, str(path), read.values, read)

    def values(
        self, layer: Layer, file: str, values: Mapping[str, Any], read: FileRead | None = None
    ) -> None:
        """Apply what a layer says. After some problems the rest is left out: a repository wrote it."""
        told = 0
        for name, raw in _flat(values):
            origin = Origin(layer, file, read.line_of(name) if read else None)
            if not (problem := self._take(name, raw, origin)):
                continue
            where = str(origin).removeprefix(f"{layer.value} ") if file else "editor settings"
            self._problems.append(f"{where}: {problem}")
            if (told := told + 1) == _MAX_PROBLEMS:
                self._problems.append(f"{where}: too much is wrong here; the rest is ignored")
                return

    def _take(self, name: str, raw: object, origin: Origin) -> str | None:
        """Apply one value; returns what is wrong with it."""
        if origin.layer is Layer.EDITOR and (raw is None or name.startswith(_EDITORS_OWN)):
            return None
        if (setting := SETTINGS.get(name)) is None:
            return f"unknown setting '{_shown(name)}'{_nearest(name)}; ignored"
        if origin.layer is Layer.EDITOR and not setting.from_editor:
            return f"{name} cannot be set from an editor, only in the user settings; ignored"
        try:
            value = setting.accept(raw)
        except ValueError as wrong:
            return f"{name} {wrong}; ignored"
        if origin.layer is Layer.REPOSITORY:
            return self._tighten(setting, value, origin)
        return self._replace(setting, value, origin)

    def _replace(self, setting: Setting, value: Value, origin: Origin) -> str | None:
        below = self._origins[setting.name].layer
        current = getattr(self._settings, setting.field)
        if below is Layer.ORGANISATION and current == setting.binds != value:
            return f"{setting.name} is turned {'on' if current else 'off'} by your organisation; ignored"
        self._set(setting, value, origin)
        return None

    def _tighten(self, setting: Setting, value: Value, origin: Origin) -> str | None:
        current = getattr(self._settings, setting.field)
        if setting.tightens is None:
            return f"{setting.name} cannot be set by a repository; ignored"
        if not setting.tightens.allows(current, value):
            return f"a repository may only tighten {setting.name}, this would loosen it; ignored"
        if value != current:
            self._set(setting, value, origin)
        return None

    def _set(self, setting: Setting, value: Value, origin: Origin) -> None:
        current = getattr(self._settings, setting.field)
        if setting.joins and current:
            value = tuple(dict.fromkeys((*current, *cast("tuple[str, ...]", value))))
            origin = replace(origin, joined=self._origins[setting.name])
        self._settings = replace(self._settings, **cast("dict[str, Any]", {setting.field: value}))
        self._origins[setting.name] = origin


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Dotted names and their values, no deeper than settings go. An empty table says nothing."""
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, dict) and prefix.count(".") < _MAX_DEPTH and name not in SETTINGS:
            yield from _flat(cast("Mapping[str, Any]", value), f"{name}.")
        else:
            yield name, value


def _shown(name: str) -> str:
    """A key fit for one line; an untrusted file chose it."""
    return "".join(each if each.isprintable() else "?" for each in name[:60])


def _nearest(name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name[:60], SETTINGS, n=1)
    return f", did you mean '{near[0]}'?" if near else ""
