"""What a shell script says about a name or a place: settings, functions, the command around."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Place
from lsp_debugger.core.text import Span

if TYPE_CHECKING:
    from tree_sitter import Node

VARIABLE = re.compile(r"\$\{?[#!]?(?P<name>[A-Za-z_]\w{0,200}|\d+|[@*?#$!-])")
_SHOWN_CHARS = 70
_LINE_CHARS = 500
_MAX_MENTIONS = 60  # of a name that are looked at
_READERS = frozenset({"read", "mapfile", "readarray", "getopts", "printf"})
_DECLARING = frozenset({"local", "export", "readonly", "declare", "typeset"})
_TEXT_ONLY = frozenset({"comment", "raw_string", "heredoc_body", "string_content"})
_SET_E = re.compile(r"^[ \t]*set[ \t]+(?:-[a-z]*e[a-z]*\b|-o[ \t]+errexit\b)", re.MULTILINE)
_WITH_E = re.compile(r"#![^\n]{0,100} -[a-z]*e[a-z]*[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a variable gets a value. kind: assigned | appended | loop | read | declared.

    value: the node of what it gets, for assigned and appended. around: the whole statement.
    """

    line: int
    kind: str
    start: int
    around: Node
    value: Node | None = None


def brief(text: str) -> str:
    """On one line, cut to what fits into a sentence."""
    line = " ".join(text[: 4 * _SHOWN_CHARS].split())
    return line if len(line) <= _SHOWN_CHARS else line[: _SHOWN_CHARS - 1].rstrip() + "…"


def quoted(text: str) -> str:
    """As code; text that has backticks of its own stands in quotation marks."""
    shown = brief(text)
    return f"“{shown}”" if "`" in shown else f"`{shown}`"


def variable_of(case: Case) -> str:
    """The first variable in what the finding points at."""
    found = VARIABLE.search(case.code[:2000])
    return found["name"] if found else ""


def line_place(case: Case, line: int, note: str = "") -> Place:
    """A line of this file; without a note, the line itself is it."""
    return case.here(line, note or quoted(case.snapshot.line_text(line - 1).strip()))


def settings(case: Case, name: str) -> Sequence[Setting]:
    """In order of appearance. Empty too where the text has no grammar, or too many mentions to look at."""
    if case.nodes is None or not name.isidentifier():
        return ()
    # `$name` and `${name` read it.
    mentions = re.finditer(rf"(?<![\w${{]){re.escape(name)}(?!\w)", case.snapshot.text)
    looked_at = list(itertools.islice(mentions, _MAX_MENTIONS + 1))
    return tuple(_settings(case, name, looked_at)) if len(looked_at) <= _MAX_MENTIONS else ()


def _settings(case: Case, name: str, mentions: Iterable[re.Match[str]]) -> Iterator[Setting]:
    nodes = case.nodes
    assert nodes is not None, "looked at before"
    for match in mentions:
        path = nodes.path_to(Span(match.start(), match.end()))
        line = case.snapshot.lines.line_of(match.start()) + 1
        if any(node.type in _TEXT_ONLY for node in path):
            continue
        for node in reversed(path):
            found = _setting(nodes.text(node) if node.type == "command" else "", node, name, match)
            if found is not None:
                kind, value = found
                if kind:
                    yield Setting(line, kind, match.start(), node, value)
                break


def _setting(command: str, node: Node, name: str, match: re.Match[str]) -> tuple[str, Node | None] | None:
    """The kind and the value; an empty kind: this only reads the name. None: look further out."""
    match node.type:
        case "variable_assignment":
            found = _assignment(node, match)
        case "for_statement":
            target = node.child_by_field_name("variable")
            found = ("loop" if target is not None and _is_at(target, match) else ""), None
        case "declaration_command":
            found = "declared", None
        case "command":
            found = _command_setting(command, name, match), None
        case "simple_expansion" | "expansion" | "command_substitution" | "do_group" | "compound_statement":
            found = "", None
        case _:
            found = None
    return found


def _assignment(node: Node, match: re.Match[str]) -> tuple[str, Node | None]:
    target = node.child_by_field_name("name")
    if target is None or not _is_at(target, match):
        return "", None
    appended = any(child.type == "+=" for child in node.children)
    return ("appended" if appended else "assigned"), node.child_by_field_name("value")


def _command_setting(command: str, name: str, match: re.Match[str]) -> str:
    program = (command.split(None, 1) or [""])[0]
    if program in _READERS:
        is_target = program != "printf" or re.search(rf"-v\s+{re.escape(name)}\b", command)
        return "read" if is_target else ""
    if program in _DECLARING:
        return "assigned" if match.string[match.end() : match.end() + 1] == "=" else "declared"
    return ""


def _is_at(target: Node, match: re.Match[str]) -> bool:
    """Whether the name is the target, with or without an index, and no part of the value."""
    text = (target.text or b"").decode("utf-8", "replace")
    return text.split("[", 1)[0] == match.group()


def set_before(case: Case, name: str) -> Setting | None:
    """The nearest setting above the finding that is in the same function, or in none."""
    before = [
        each for each in settings(case, name) if each.start < case.span.start and each.kind != "declared"
    ]
    here = function_around(case)
    for each in reversed(before):
        if (owner := _function_of(each.around)) is None or owner == here:
            return each
    return None


def function_around(case: Case) -> Node | None:
    return case.nodes.around(case.span, "function_definition") if case.nodes is not None else None


def _function_of(node: Node) -> Node | None:
    found: Node | None = node
    while found is not None and found.type != "function_definition":
        found = found.parent
    return found


def functions(case: Case, name: str) -> list[Node]:
    """Definitions of a function in this file."""
    nodes = case.nodes
    found: list[Node] = []
    if nodes is None or not name:
        return found
    for match in re.finditer(
        rf"^[^\n#]{{0,200}}?(?<![\w-]){re.escape(name)}(?![\w-])", case.snapshot.text, re.MULTILINE
    ):
        node = nodes.around(Span(match.end() - len(name), match.end()), "function_definition")
        if node is not None and name_of(case, node) == name and node not in found:
            found.append(node)
    return found


def name_of(case: Case, function: Node) -> str:
    target = function.child_by_field_name("name")
    return case.nodes.text(target) if target is not None and case.nodes is not None else ""


def command_around(case: Case) -> Node | None:
    """The innermost simple command or test that the finding lies in."""
    nodes = case.nodes
    return nodes.around(case.span, "command", "test_command", "declaration_command") if nodes else None


def program(case: Case) -> str:
    """The name of the command around the finding, as it is written; empty where there is none."""
    nodes, command = case.nodes, command_around(case)
    if nodes is None or command is None:
        return ""
    if command.type == "test_command":
        return nodes.text(command)[: 2 if nodes.text(command).startswith("[[") else 1]
    words = [child for child in command.children if child.type in {"command_name", *_DECLARING}]
    return nodes.text(words[0]) if words else ""


def statement(case: Case) -> str:
    """The command around the finding as code."""
    nodes, command = case.nodes, command_around(case)
    return nodes.text(command) if nodes is not None and command is not None else ""


def line_of_errexit(case: Case) -> int:
    """The line that has the shell stop at errors, or 0."""
    text = case.snapshot.text
    match = _SET_E.search(text) or (_WITH_E.match(text) if text.startswith("#!") else None)
    return case.snapshot.lines.line_of(match.start()) + 1 if match is not None else 0


def shebang(case: Case) -> str:
    first = case.snapshot.line_text(0).strip() if case.snapshot.text else ""
    return first if first.startswith("#!") else ""


def has_arrays(case: Case) -> bool:
    """Whether the shell of line 1 surely has them."""
    return bool(re.search(r"\b(?:bash|ksh|ksh93)\b", shebang(case)))


def line_before(case: Case) -> str:
    """The line up to the finding."""
    start = case.snapshot.lines.span_of(case.line - 1).start
    return Span(max(start, case.span.start - _LINE_CHARS), case.span.start).of(case.snapshot.text)


def line_after(case: Case) -> str:
    end = case.snapshot.lines.span_of(case.line - 1).end
    return Span(case.span.end, min(end, case.span.end + _LINE_CHARS)).of(case.snapshot.text)
