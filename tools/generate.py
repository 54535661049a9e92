"""Write what follows from settings, checkers and the server; `--check` only says what is out of date.

Run it with `nox -s generate`. `nox -s lint` checks.
"""

# ruff: noqa: INP001 - a script, not a package

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lsp_debugger import spawn
from lsp_debugger.checkers import CHECKERS
from lsp_debugger.cli.lsp_client import LspClient
from lsp_debugger.config import SETTINGS, Setting, Value
from lsp_debugger.core import installing
from lsp_debugger.policy.json_schema import policy_schema

REPOSITORY = Path(__file__).resolve().parent.parent
_JSON_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", tuple: "array"}


def main(args: list[str], repository: Path = REPOSITORY) -> int:
    """0 when every file is (now) current, 1 when a check found one that is not."""
    stale = [path for path, text in generated(repository) if not path.is_file() or _read(path) != text]
    if "--check" in args:
        for path in stale:
            print(f"{path.relative_to(repository)} is out of date: run `nox -s generate`", file=sys.stderr)
        return 1 if stale else 0
    for path, text in generated(repository):
        if path in stale:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
            print(f"wrote {path.relative_to(repository)}")
    return 0


def generated(repository: Path) -> Iterator[tuple[Path, str]]:
    """Each generated file with what should be in it. Exits when README has no place for the table."""
    yield repository / "editors" / "settings.schema.json", _json(toml_schema())
    yield repository / "editors" / "settings.vscode.json", _json(vscode_configuration())
    jetbrains = repository / "editors" / "jetbrains" / "lsp-debugger"
    yield jetbrains / "settings.schema.json", _json(jetbrains_schema())
    yield repository / "lsp_debugger" / "wrap" / "capabilities.json", _json(announced_capabilities())
    yield repository / "editors" / "policy.schema.json", _json(policy_schema())
    readme = repository / "README.md"
    text = _read(readme)
    for name, table in (("settings", markdown_table()), ("checkers", checkers_table())):
        text = _between(readme, text, *_marks(name), f"\n{table}")
    yield readme, _between(readme, text, *_marks("install"), f"\n{_shell_lines()}")
    yield from installing_in(repository / "editors")


def installing_in(editors: Path) -> Iterator[tuple[Path, str]]:
    """What each editor's package says to somebody who has no server yet."""
    for file in (
        "vscode/README.md",
        "vscode/walkthrough.md",
        "jetbrains/README.md",
        "jetbrains/lsp-debugger/README.md",
    ):
        path = editors / file
        yield path, _between(path, _read(path), *_marks("install"), f"\n{_shell_lines()}")
    told = {"how": installing.how(), "package": installing.PACKAGE}
    yield editors / "vscode" / "src" / "installing.json", _json(told)
    yield editors / "jetbrains" / "lsp-debugger" / "installer.json", _json(jetbrains_installer())
    lua = editors / "neovim" / "lua" / "lsp_debugger" / "installing.lua"
    yield lua, f"return {json.dumps(installing.how())}\n"
    manual = editors / "neovim" / "doc" / "lsp_debugger.txt"
    place = f" {installing.WHERE}" if installing.WHERE else ""
    words = f"\nInstall the server{place}: >sh\n    {installing.command()}\n"
    yield manual, _between(manual, _read(manual), "*lsp_debugger-install*", "<\nPut this plugin", words)


def _shell_lines() -> str:
    warning = "it is in no index of packages yet, so do not install its name from one."
    said = f"{installing.WHERE.capitalize()}; {warning}\n\n" if installing.WHERE else ""
    return f"{said}```sh\n{installing.command()}    # or: {installing.command('uv tool install')}\n```\n"


def jetbrains_installer() -> dict[str, Any]:
    """LSP4IJ runs it when the server is added: it only looks, and says what to do where there is none."""
    check = {"name": "Look for lsp-debugger", "command": "lsp-debugger --version", "timeout": 10_000}
    content = [f"Install it {installing.how()}", "Then restart the IDE, so that it sees the new program."]
    return {
        "id": "lsp-debugger",
        "name": "Look for lsp-debugger",
        "executeOnStartServer": False,
        "check": {"exec": check},
        "run": {"showMessage": {"name": "There is no lsp-debugger", "content": content}},
    }


def _marks(name: str) -> tuple[str, str]:
    return f"<!-- {name}:begin -->", f"<!-- {name}:end -->"


def _between(path: Path, text: str, begin: str, end: str, new: str) -> str:
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        sys.exit(f"{path.name} lacks {begin!r} or {end!r}, between which generated lines stand")
    return f"{before}{begin}{new}{end}{after}"


def checkers_table() -> str:
    rows = ["| checker | program | files | without trust |", "|---|---|---|---|"]
    for checker in CHECKERS:
        programs = " or ".join(f"`{program}`" for program in checker.programs)
        suffixes = " ".join(sorted(checker.suffixes))
        trust = f"not run: {checker.needs_trust}" if checker.needs_trust else "runs"
        rows.append(f"| {checker.name} | {programs} | {suffixes} | {trust} |")
    return "\n".join(rows) + "\n"


def markdown_table() -> str:
    rows = ["| setting | default | from an editor | a repository may | |", "|---|---|---|---|---|"]
    for name, setting in SETTINGS.items():
        editor = "yes" if setting.from_editor else "no"
        repository = setting.tightens.words if setting.tightens else "nothing"
        rows.append(
            f"| `{name}` | {_shown(setting.default)} | {editor} | {repository} | {_meaning(setting)} |"
        )
    return "\n".join(rows) + "\n"


def toml_schema() -> dict[str, Any]:
    """JSON Schema of `config.toml`, for editors that check TOML as it is typed."""
    title = "Settings of lsp-debugger: config.toml, and .lsp-debugger.toml in a repository"
    root: dict[str, Any] = {"$schema": "http://json-schema.org/draft-07/schema#", "title": title, **_table()}
    for name, setting in SETTINGS.items():
        *tables, key = name.split(".")
        inner = root
        for table in tables:
            inner = inner["properties"].setdefault(table, _table())
        inner["properties"][key] = _schema(setting)
    return root


def vscode_configuration() -> dict[str, Any]:
    """`contributes.configuration` for an extension, without what an editor may not set.

    Every default is null, which our server reads as "not set here": an editor sends defaults as if
    somebody had chosen them, and they would override the user's own file. Each belongs to the user on this
    machine: a folder's `.vscode/settings.json` came with its repository, and that may only tighten, in its
    `.lsp-debugger.toml`.
    """
    properties: dict[str, Any] = {}
    for name, setting in SETTINGS.items():
        if not setting.from_editor:
            continue
        schema = _schema(setting)
        schema |= {"type": [schema["type"], "null"], "default": None, "scope": "machine"}
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
        schema["markdownDescription"] = f"{schema.pop('description')} Default: {_shown(setting.default)}."
        properties[f"lspDebugger.{name}"] = schema
    return {"title": "LSP Debugger", "properties": properties}


def jetbrains_schema() -> dict[str, Any]:
    """JSON Schema of what LSP4IJ sends as settings: what an editor may set, as VS Code names it."""
    properties = vscode_configuration()["properties"]
    return {"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": properties}


def announced_capabilities() -> dict[str, Any]:
    """What our server announces to every client: `wrap` announces it before ours is started.

    Without what depends on the client. Notebooks and file operations stay out too: a client that hears
    that somebody wants them sends other messages to the wrapped server than without us.
    """
    with LspClient(spawn.python_argv("lsp_debugger", "serve"), REPOSITORY) as client:
        announced = client.initialize_result["capabilities"]
    sync = announced["textDocumentSync"]
    return {
        "textDocumentSync": {name: sync[name] for name in ("openClose", "change", "save")},
        **{
            name: announced[name]
            for name in ("codeActionProvider", "executeCommandProvider", "hoverProvider")
        },
        "workspace": {"workspaceFolders": announced["workspace"]["workspaceFolders"]},
    }


def _table() -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": {}}


def _schema(setting: Setting) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": _JSON_TYPES[type(setting.default)],
        "description": setting.doc,
        "default": list(setting.default) if isinstance(setting.default, tuple) else setting.default,
    }
    if isinstance(setting.default, tuple):
        schema["items"] = {"type": "string"}
    if setting.choices:
        schema["enum"] = list(setting.choices)
    if setting.minimum is not None:
        schema["minimum"] = setting.minimum
    if setting.maximum is not None:
        schema["maximum"] = setting.maximum
    return schema


def _shown(value: Value) -> str:
    if isinstance(value, tuple):
        return "none"
    return f"`{json.dumps(value)}`" if value != "" else "not set"


def _meaning(setting: Setting) -> str:
    choices = f" One of {', '.join(f'`{each}`' for each in setting.choices)}." if setting.choices else ""
    return (setting.doc + choices).replace("|", "\\|")


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
