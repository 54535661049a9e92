"""Where a variable's value comes from, and whether it can hold blanks or patterns."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.shellcheck.script import (
    Setting,
    function_around,
    line_place,
    name_of,
    quoted,
    set_before,
    settings,
)
from lsp_debugger.core.ask import Place

_GLOB = re.compile(r"[*?]|\[[^\]\s]{1,40}\]")
_PARAMETER = re.compile(r"\"?\$\{?(?P<name>\d+|[@*])\}?\"?$")
_OUTPUT = re.compile(r"\"?(?:\$\((?P<new>.+)\)|`(?P<old>[^`]+)`)\"?$", re.DOTALL)
_VALUE_CHARS = 2000


@dataclass(frozen=True, slots=True)
class Origin:
    """said: a clause about the value. places: the line that sets it. words: how many a literal has."""

    said: str
    places: tuple[Place, ...] = ()
    literal: str = ""


def origin_of(case: Case, name: str) -> Origin | None:
    """None where the script does not show it."""
    if name.isdigit():
        return _parameter(case, name)
    found = set_before(case, name)
    if found is None:
        return None
    where = (line_place(case, found.line),)
    lines = sorted({each.line for each in settings(case, name) if each.kind != "declared"})
    if len(lines) > 1:
        # Which of them counts depends on the way that the script takes.
        told = " and ".join(map(str, lines)) if len(lines) == 2 else f"{lines[0]} and {len(lines) - 1} others"
        return Origin(f"is set in lines {told}", where)
    if found.kind == "loop":
        return Origin(f"goes through what the `for` of line {found.line} lists", where)
    if found.kind == "read":
        return Origin(f"is input, read in line {found.line}", where)
    return _assigned(case, found, where)


def _assigned(case: Case, found: Setting, where: tuple[Place, ...]) -> Origin:
    nodes = case.nodes
    assert nodes is not None, "a setting is a node"
    value = nodes.text(found.value) if found.value is not None else ""
    if not value or len(value) > _VALUE_CHARS:
        return Origin(f"is set in line {found.line}", where)
    bare = value.strip("\"'")
    if (match := _PARAMETER.match(value)) is not None:
        what = f"comes from `${match['name']}`" if match["name"].isdigit() else "comes from all arguments"
    elif (match := _OUTPUT.match(value)) is not None:
        what = f"is the output of {quoted(match['new'] or match['old'])}"
    elif "$" in bare or "`" in bare:
        what = f"is {quoted(value)}"
    elif _GLOB.search(bare) and len(bare.split()) == 1:
        what = f"holds the pattern {quoted(bare)}"
    else:
        return Origin(f"holds {quoted(bare)} (line {found.line})", where, bare)
    return Origin(f"{what} (line {found.line})", where)


def _parameter(case: Case, name: str) -> Origin:
    if name == "0":
        return Origin("is the path that the script was started with")
    function = function_around(case)
    if function is None:
        return Origin("is whatever the script is called with")
    return Origin(f"is whatever `{name_of(case, function)}` is called with")
