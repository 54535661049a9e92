"""Findings of bandit. Most of ruff's S-rules are bandit's own under another letter, and are read as those."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import replace

from lsp_debugger.cards.bandit import texts
from lsp_debugger.cards.bandit.sources import trail
from lsp_debugger.cards.case import Case
from lsp_debugger.cards.family import Family, from_sources
from lsp_debugger.cards.python.parsed import ParsedPython
from lsp_debugger.cards.ruff import security
from lsp_debugger.core.ask import Card

_CODE = re.compile(r"B(?P<number>\d{3})$")
# Where the two number the same thing differently.
_AS_RUFF: Mapping[str, str] = {"B303": "S324", "B302": "S301", "B614": "S301"}
_IMPORTS = re.compile(r"B4\d\d$")
# What reaches these is what they are about: commands, code, data that builds objects, queries.
_SINKS = frozenset(
    {"B102", "B202", "B301", "B302", "B307", "B310", "B506", "B601", "B602", "B603", "B604", "B605", "B606"}
    | {"B608", "B609", "B610", "B611", "B614", "B308", "B703", "B704", *(f"B{n}" for n in range(313, 321))}
)
_QUERY = "Text is put into an SQL query as it is"  # in the words of ruff's card
_UNESCAPED = "`{call}` marks a text as HTML that is safe: whatever is in it reaches the page as it is."
# Those that ruff's cards do not know. {call}: the call as it is written.
_CALLS: Mapping[str, str] = {
    "B304": "`{call}` uses a cipher that is broken or too weak.",
    "B305": "`{call}` uses a mode in which equal blocks stay equal: the text can be guessed from them.",
    "B308": _UNESCAPED,
    "B312": "`{call}` speaks Telnet: passwords and all else go over the network as they are.",
    "B321": "`{call}` speaks FTP: passwords and all else go over the network as they are.",
    "B323": "`{call}` checks no certificate: whoever is in between can read and change everything.",
    "B502": "`{call}` allows a version of SSL or TLS that is broken.",
    "B504": "`{call}` names no version of TLS: what is used can be an old one.",
    "B505": "`{call}` makes a key that is too short.",
    "B508": "`{call}` speaks a version of SNMP that sends everything unencrypted.",
    "B509": "`{call}` speaks SNMP without encryption.",
    "B606": "`{call}` starts a program, without a shell.",
    "B609": "A shell puts in file names for the `*` in `{call}`: one that begins with `-` becomes an option.",
    "B610": "`{call}` puts its arguments into an SQL query as they are.",
    "B611": "`{call}` puts its text into an SQL query as it is.",
    "B612": "`{call}` takes a configuration from the network, and that can run code.",
    "B615": "`{call}` names no revision: what is downloaded can change from one day to the next.",
    "B702": "`{call}` puts values into HTML as they are: `<script>` in one of them runs.",
    "B703": _UNESCAPED,
    "B704": _UNESCAPED,
}


def card(case: Case) -> Card | None:
    code = case.problem.code
    match, parsed = _CODE.match(code), case.python
    if match is None or parsed is None:
        return None
    if _IMPORTS.match(code):
        return _import(case, parsed)
    if code in _CALLS:
        call = parsed.around(case.span, ast.Call)
        made = Card(_CALLS[code].format(call=parsed.code(call))) if call is not None else None
    else:
        problem = replace(case.problem, source="ruff", code=_AS_RUFF.get(code, f"S{match['number']}"))
        made = security.card(replace(case, problem=problem))
    if made is not None and code == "B608":
        made = _with_query(case, parsed, made)
    return _with_source(case, parsed, made) if made is not None and code in _SINKS else made


def _with_query(case: Case, parsed: ParsedPython, made: Card) -> Card:
    """With the whole expression that makes the query: bandit may point at a part of it."""
    node = _value(case, parsed)
    said = f"`{parsed.code(node)}` puts text into an SQL query as it is" if node is not None else ""
    return replace(made, headline=made.headline.replace(_QUERY, said, 1)) if said else made


def _with_source(case: Case, parsed: ParsedPython, made: Card) -> Card:
    """With the steps between where something comes in and the call, where there are any."""
    value = _value(case, parsed)
    found = trail(case, parsed, value) if value is not None else None
    if found is None or (not found.steps and made.places):
        return made
    return replace(made, places=found.places, notes=(f"It begins with {found.end}.", *made.notes))


def _value(case: Case, parsed: ParsedPython) -> ast.expr | None:
    """What is handed to the call: its first argument. A query that is put together is one itself."""
    if case.problem.code == "B608":
        return parsed.around(case.span, (ast.BinOp, ast.JoinedStr, ast.Call))
    call = parsed.around(case.span, ast.Call)
    if call is None:
        return None
    named = next(
        (each.value for each in call.keywords if each.arg in ("args", "sql", "cmd", "command")), None
    )
    return call.args[0] if call.args else named


def _import(case: Case, parsed: ParsedPython) -> Card | None:
    """It is about what may be done with a module: the first place in this file that uses it."""
    node = parsed.around(case.span, (ast.Import, ast.ImportFrom))
    if node is None:
        return None
    names = [alias.asname or alias.name.partition(".")[0] for alias in node.names]
    module = node.module if isinstance(node, ast.ImportFrom) else node.names[0].name
    if not module or not names:
        return None
    for used in ast.walk(parsed.tree):
        if isinstance(used, ast.Call) and _root(used.func) in names:
            place = case.here(used.lineno, f"`{parsed.code(used)}` is its first use")
            return Card(f"`{module}` is imported here; what matters is what it is given.", (place,))
    return Card(f"`{module}` is imported here, and nothing in this file calls it.")


def _root(func: ast.expr) -> str:
    while isinstance(func, ast.Attribute):
        func = func.value
    return func.id if isinstance(func, ast.Name) else ""


FAMILY = Family(from_sources("bandit"), card, lambda _: texts.EXPLAINER)
