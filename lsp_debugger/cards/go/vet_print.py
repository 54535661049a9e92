"""Formatting calls: which verb reads which argument."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.go.rule import rule
from lsp_debugger.cards.go.source import nodes_of, short
from lsp_debugger.core.ask import Card
from lsp_debugger.syntax.nodes import Nodes

if TYPE_CHECKING:
    from tree_sitter import Node

_VERB = re.compile(
    r"%(?:%|[-+# 0]{0,5}(?:\[\d+\])?(?:\*|\d{0,4})(?:\.(?:\*|\d{0,4}))?(?:\[\d+\])?([a-zA-Z]))"
)
_FITS = {
    "string": "%s",
    "int": "%d",
    "bool": "%t",
    "float64": "%f",
    "error": "%v",
    "rune": "%c",
    "byte": "%d",
}
_CALL = r"(?P<call>[\w.()*\[\]/]{1,200})"


@dataclass(frozen=True, slots=True)
class _Call:
    """verbs: those that read an argument; None where the format is not that simple."""

    verbs: list[str] | None
    arguments: list[str]


def _call_at(case: Case) -> _Call | None:
    nodes = nodes_of(case)
    call = nodes.around(case.span, "call_expression") if nodes is not None else None
    listed = call.child_by_field_name("arguments") if call is not None else None
    if nodes is None or listed is None:
        return None
    values = [each for each in listed.named_children if each.type != "comment"]
    at = next((i for i, each in enumerate(values) if each.type.endswith("string_literal")), None)
    if at is None:
        return None
    return _Call(_verbs(nodes, values[at]), [short(nodes.text(each)) for each in values[at + 1 :]])


def _verbs(nodes: Nodes, text: Node) -> list[str] | None:
    written = nodes.text(text)
    found = [match[0] for match in _VERB.finditer(written) if match[1]]
    return None if any("[" in each or "*" in each for each in found) else found


def wrong_type(case: Case, match: re.Match[str]) -> Card | None:
    verb, argument, kind = match["verb"], match["argument"], match["type"]
    fits = _FITS.get(kind, "")
    advice = f"`{fits}` is for it; `%v` prints any value." if fits else "`%v` prints any value."
    return Card(
        f"`{verb}` cannot print `{short(argument)}`, which is of type `{short(kind)}`.", notes=(advice,)
    )


def few(case: Case, match: re.Match[str]) -> Card | None:
    verb, call = match["verb"], _call_at(case)
    number, given = int(match["number"]), int(match["given"])
    headline = f"`{verb}` needs argument {number} after the format, and the call has {given or 'none'}."
    notes = ()
    if call is not None and call.verbs is not None and len(call.arguments) == given:
        pairs = [f"`{one}` reads `{other}`" for one, other in zip(call.verbs, call.arguments, strict=False)]
        notes = ((", ".join(pairs[:4]) + f", and nothing is left for `{verb}`."),) if pairs else ()
    return Card(headline, notes=notes)


def many(case: Case, match: re.Match[str]) -> Card | None:
    needs, given = int(match["needs"]), int(match["given"])
    call = _call_at(case)
    left = call.arguments[needs:] if call is not None and len(call.arguments) == given else []
    if not left:
        return Card(
            f"The format of `{match['call']}` has verbs for {needs}, and {given} arguments follow it."
        )
    listed = " and ".join(f"`{each}`" for each in left[:3])
    verb = "has" if len(left) == 1 else "have"
    return Card(
        f"{listed} {verb} no verb: the format of `{match['call']}` reads {needs or 'none'} of {given}."
    )


def no_formatting(_case: Case, match: re.Match[str]) -> Card | None:
    call, verb = match["call"], match["verb"]
    other = call.removesuffix("ln") + "f"
    return Card(
        f"`{call}` formats nothing: it prints `{verb}` as it stands there.", notes=(f"`{other}` reads it.",)
    )


def not_constant(case: Case, match: re.Match[str]) -> Card | None:
    call = match["call"]
    code = short(case.code)
    shown = f"`{code}`" if code and "\n" not in code else "a value"
    return Card(
        f"{shown} is used as the format of `{call}`: a percent sign in it would be read as a verb.",
        notes=(f'`{call}("%s", {code})` prints it as it is.',) if code and "," not in code else (),
    )


def unknown_verb(_case: Case, match: re.Match[str]) -> Card | None:
    verb = match["verb"]
    return Card(f"`{verb}` is no verb of `{match['call']}`: `{match['letter']}` is not known to it.")


def wrap(_case: Case, match: re.Match[str]) -> Card | None:
    return Card(f"`%w` wraps an error, and only `fmt.Errorf` does that; `{match['call']}` prints with `%v`.")


def not_called(_case: Case, match: re.Match[str]) -> Card | None:
    argument, verb = match["argument"], match["verb"]
    return Card(
        f"`{short(argument)}` is the function itself and not its result, which `{verb}` would print.",
        notes=(f"`{short(argument)}()` calls it.",),
    )


def newline(_case: Case, match: re.Match[str]) -> Card | None:
    return Card(f"`{match['call']}` ends the line itself, so the `\\n` at its end makes an empty one.")


def flag(_case: Case, match: re.Match[str]) -> Card | None:
    return Card(f"The verb in `{match['verb']}` does not know the flag `{match['flag']}`.")


RULES = (
    rule(
        "printf",
        _CALL + r" format (?P<verb>%\S{1,20}) has arg (?P<argument>[^\n]{1,300})"
        r" of wrong type (?P<type>[^\n]{1,200})$",
        wrong_type,
    ),
    rule(
        "printf",
        _CALL + r" format (?P<verb>%\S{1,20}) reads arg #(?P<number>\d{1,3}),"
        r" but call has (?P<given>\d{1,3}) args?$",
        few,
    ),
    rule("printf", _CALL + r" call needs (?P<needs>\d{1,3}) args? but has (?P<given>\d{1,3}) args?$", many),
    rule(
        "printf",
        _CALL + r" call has possible (?:Printf )?formatting directive (?P<verb>%\S{1,20})$",
        no_formatting,
    ),
    rule("printf", r"non-constant format string in call to " + _CALL, not_constant),
    rule("printf", _CALL + r" format (?P<verb>%\S{1,20}) has unknown verb (?P<letter>\S)", unknown_verb),
    rule("printf", _CALL + r" does not support error-wrapping directive %w", wrap),
    rule(
        "printf",
        _CALL + r" (?:format (?P<verb>%\S{1,20}) )arg (?P<argument>[^\n]{1,200}) is a func value, not called",
        not_called,
    ),
    rule("printf", _CALL + r" arg list ends with redundant newline", newline),
    rule("printf", _CALL + r" format (?P<verb>%\S{1,20}) has unrecognized flag (?P<flag>\S)", flag),
    rule("printf", _CALL + r" (?:format %|call has (?:arguments but no|possible))"),
)
