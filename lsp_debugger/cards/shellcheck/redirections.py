"""Redirections that go elsewhere than they seem to, or nowhere."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.shellcheck.script import (
    brief,
    line_after,
    line_before,
    quoted,
)
from lsp_debugger.core.ask import Card


def order_of_redirections(case: Case) -> Card | None:
    after = re.match(r"\s*\d?(>{1,2}\|?)\s*([^\s;|&<>]{1,100})", line_after(case))
    if after is None:
        return None
    file = f"{after[1]}{after[2]}"
    return Card(
        f"`{case.code}` sends errors to where output goes at this point, the terminal as a rule; "
        f"{quoted(file)} then "
        "moves output alone.",
        (),
        (f"{quoted(f'{file} 2>&1')} sends both there.",),
    )


def same_file(case: Case) -> Card | None:
    """At the place that reads the file, or at the one that writes it."""
    nodes = case.nodes
    around = nodes.around(case.span, "pipeline", "redirected_statement") if nodes is not None else None
    if nodes is None or around is None or "`" in case.code:
        return None
    shown = quoted(case.code)
    if re.search(r"(?<!>)>\|?\s*[\"']?$", line_before(case)) is not None:
        return Card(
            f"The shell empties {shown} for `>` without waiting until it is read.",
            (),
            ("Write to another file and rename that when it is done.",),
        )
    empties = re.search(rf"(?<!>)>\|?\s*[\"']?{re.escape(case.code)}(?!\S)", nodes.text(around)[-2000:])
    tail = ", which empties it first" if empties is not None else ""
    return Card(f"{shown} is read and written by the same pipeline{tail}.")


def redirection_alone(case: Case) -> Card | None:
    if case.code.startswith(">") and not case.code.startswith(">>"):
        return Card(f"{quoted(case.code)} has no command: all it does is to empty the file, or make it.")
    return Card(f"{quoted(case.code)} has no command that it could be for.")


def overrides_pipe(case: Case) -> Card | None:
    nodes = case.nodes
    around = nodes.around(case.span, "redirected_statement", "command") if nodes is not None else None
    if nodes is None or around is None:
        return None
    target = line_after(case).split()
    file = quoted(target[0]) if target else "the file"
    if case.problem.code.endswith("2259"):
        return Card(f"`{case.code}` has this command read from {file}; what the pipe brings is thrown away.")
    return Card(
        f"`{case.code}` sends the output to {file}; the pipe behind it gets nothing.",
        (),
        ("`tee` writes a file and passes on.",),
    )


def competing(case: Case) -> Card | None:
    match = re.search(r"compete for (?P<stream>stdin|stdout|stderr|FD \d+)", case.problem.message)
    target = line_after(case).split()
    if match is None or not target:
        return None
    end = "reads" if match["stream"] == "stdin" else "gets anything"
    return Card(
        f"Of the redirections of {match['stream']}, `{case.code} {brief(target[0])}` being one, only "
        f"the last {end}."
    )


def many_appends(case: Case) -> Card | None:
    match = re.search(r">>\s*(\S{1,100})\s*$", case.code)
    if match is None:
        return None
    return (
        Card(
            f"{quoted(match[1])} is opened and closed for each of these lines; `{{ …; }} >> "
            f"{brief(match[1])}` opens it once."
        )
        if "`" not in match[1]
        else None
    )
