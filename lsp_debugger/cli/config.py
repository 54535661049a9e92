"""`lsp-debugger config`: what is set, who set it, and which model servers are declared private."""

from __future__ import annotations

import json
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

from lsp_debugger.cli.app import FAILED, OK
from lsp_debugger.cli.arguments import Arguments
from lsp_debugger.cli.project import load_settings, root_of
from lsp_debugger.config import REPOSITORY_FILE, SETTINGS, Loaded, Origin, Value
from lsp_debugger.config.edit import add_item, remove_items
from lsp_debugger.config.files import organisation_directory, user_directory
from lsp_debugger.config.load import FILE_NAME
from lsp_debugger.config.values import declared_host, is_loopback
from lsp_debugger.core.errors import ConfigInvalid

HELP = """\
lsp-debugger config show [--json]      every setting, its value, and who set it
lsp-debugger config local add URL      declare a model server as yours: your code may be sent to it
lsp-debugger config local remove URL   take that back
lsp-debugger config local list         the servers declared so
lsp-debugger config path               the files that settings are read from

Built-in < organisation < user < editor; a repository's .lsp-debugger.toml may only tighten. What an
editor sends is not shown here. Exit codes: 0 done, 1 a setting could not be used or nothing was there
to remove, 2 wrong usage."""

_HOSTS = SETTINGS["local_hosts"]


def run(args: Sequence[str]) -> int:
    parsed = _parser().parse_args(list(args))
    action: Callable[[Namespace], int] = parsed.action
    return action(parsed)


def _parser() -> Arguments:
    parser = Arguments("lsp-debugger config")
    actions = parser.add_subparsers(required=True, metavar="show|local|path")
    show = actions.add_parser("show")
    show.add_argument("--json", action="store_true")
    show.set_defaults(action=_show)
    actions.add_parser("path").set_defaults(action=_path)
    local = actions.add_parser("local").add_subparsers(required=True, metavar="add|list|remove")
    for name, action in (("add", _add), ("remove", _remove)):
        verb = local.add_parser(name)
        verb.add_argument("url", metavar="URL")
        verb.set_defaults(action=action)
    local.add_parser("list").set_defaults(action=_list)
    return parser


def _show(parsed: Namespace) -> int:
    loaded = load_settings(Path.cwd())
    if parsed.json:
        print(json.dumps(_as_json(loaded), indent=2))
    else:
        lines = [(f"{name} = {_toml(_value(loaded, name))}", loaded.origins[name]) for name in SETTINGS]
        width = min(48, max(len(line) for line, _ in lines))
        for line, origin in lines:
            print(f"{line:{width}}  # {origin}")
    return _tell_problems(loaded)


def _path(_parsed: Namespace) -> int:
    for whose, path in (
        ("organisation", organisation_directory() / FILE_NAME),
        ("user", user_directory() / FILE_NAME),
        ("repository", root_of(Path.cwd()) / REPOSITORY_FILE),
    ):
        there = os.path.exists(path)  # noqa: PTH110 - Path.exists() raises where a folder may not be read
        print(f"{whose:14}{path}" + ("" if there else "  (not there)"))
    return OK


def _add(parsed: Namespace) -> int:
    host, path = _host(parsed.url), user_directory() / FILE_NAME
    loaded = load_settings(Path.cwd())
    if host in loaded.settings.local_hosts:
        print(f"{host} is declared already ({loaded.origins[_HOSTS.name]}).")
        return OK
    add_item(path, _HOSTS.name, host)
    print(
        f"{host} is declared private in {path}.\n"
        "Code may be sent to it as if it were this machine: after policy and redaction, but nothing here\n"
        "can check what that server does with it. Declare only what you or your organisation run."
    )
    if host.startswith("http:") and not is_loopback(host):
        print("Careful: the connection is not encrypted, so whoever is on the way can read it. Prefer https.")
    print(f"To take it back: lsp-debugger config local remove {host}")
    return OK


def _remove(parsed: Namespace) -> int:
    host, path = _host(parsed.url), user_directory() / FILE_NAME
    if not remove_items(path, _HOSTS.name, lambda each: _same(each, host)):
        print(f"error: {host} is not declared in {path}", file=sys.stderr)
        return FAILED
    print(f"{host} is no longer declared in {path}.")
    if host in load_settings(Path.cwd()).settings.local_hosts:
        print("It still counts as private: the organisation's settings declare it too.")
    return OK


def _list(_parsed: Namespace) -> int:
    loaded = load_settings(Path.cwd())
    for host in loaded.settings.local_hosts:
        print(host)
    if loaded.settings.local_hosts:
        print(f"# {loaded.origins[_HOSTS.name]}", file=sys.stderr)
    return OK


def _host(url: str) -> str:
    try:
        return declared_host(url)
    except ValueError as wrong:
        raise ConfigInvalid(f"the URL {wrong}", "write it like http://host:port") from None


def _same(written: str, host: str) -> bool:
    """Whether an item of the file, however spelt, declares `host`."""
    try:
        return declared_host(written) == host
    except ValueError:
        return False


def _tell_problems(loaded: Loaded) -> int:
    for problem in loaded.problems:
        print(f"problem: {problem}", file=sys.stderr)
    return FAILED if loaded.problems else OK


def _as_json(loaded: Loaded) -> dict[str, object]:
    settings = {
        name: {"value": _value(loaded, name), "set_by": [_origin_json(each) for each in _chain(loaded, name)]}
        for name in SETTINGS
    }
    return {"settings": settings, "problems": list(loaded.problems)}


def _chain(loaded: Loaded, name: str) -> list[Origin]:
    """The layers that made the value, lowest first; more than one only where lists add up."""
    chain: list[Origin] = []
    origin: Origin | None = loaded.origins[name]
    while origin:
        chain.insert(0, origin)
        origin = origin.joined
    return chain


def _origin_json(origin: Origin) -> dict[str, object]:
    return {"layer": origin.layer.value, "file": origin.file or None, "line": origin.line}


def _value(loaded: Loaded, name: str) -> Value:
    return getattr(loaded.settings, SETTINGS[name].field)


def _toml(value: Value) -> str:
    """JSON spells these values as TOML does."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
