"""Locks that are copied, contexts that are not cancelled, goroutines that count too late."""

from __future__ import annotations

import itertools
import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.go.package import fields, folder_of, type_definition
from lsp_debugger.cards.go.rule import rule
from lsp_debugger.cards.go.source import function_at, line_text, node_at, nodes_of, parents, short
from lsp_debugger.core.ask import Card, Place

_WHAT = r"(?P<path>\S{1,300}(?: contains \S{1,300}){0,8})$"
_HOW = {
    "passes": "{subject} takes a `{type}` by value",
    "assignment": "`{subject}` becomes a copy of a `{type}`",
    "range": "`{subject}` is a copy of each `{type}` that the loop goes through",
    "return": "a copy of a `{type}` is returned",
    "call": "`{subject}` gets a copy of a `{type}`",
}


def copies(case: Case, match: re.Match[str]) -> Card | None:
    """`T contains U contains sync.Mutex`: the way down to the lock."""
    steps = [step for step in match["path"].split(" contains ") if not step.endswith(".noCopy")]
    kind, lock = steps[0].rpartition("/")[2], steps[-1].rpartition("/")[2]
    shown = kind.rpartition(".")[2] if kind.partition(".")[0] not in {"sync", "atomic"} else kind
    how, subject = next(
        (name, value) for name, value in match.groupdict().items() if name in _HOW and value is not None
    )
    said = _HOW[how].format(subject=_subject(case, how, subject), type=short(shown))
    said = said[:1].upper() + said[1:] if not said.startswith("`") else said
    places = _ways(case, steps)
    own = folder_of(case).replace("\\", "/").rpartition("/")[2]
    what = f"its `{lock.removeprefix(f'{own}.')}`" if len(steps) > 1 else "it"
    inner = f", and {what} with it" if len(steps) > 1 else ""
    return Card(
        f"{said}{inner}: {_lost(lock)}.",
        places,
        (f"A pointer, `*{short(shown)}`, shares it.",),
    )


def _lost(lock: str) -> str:
    if lock in {"sync.Mutex", "sync.RWMutex"}:
        return "the copy does not lock what the original locks"
    return "the copy goes its own way and does not know what happens to the original"


def _subject(case: Case, how: str, subject: str) -> str:
    if how != "passes":
        return short(subject)
    nodes, function = nodes_of(case), function_at(case)
    receiver = node_at(case, "parameter_list")
    method = (
        receiver is not None and function is not None and function.child_by_field_name("receiver") == receiver
    )
    return f"the method `{short(subject)}`" if method and nodes is not None else f"`{short(subject)}`"


def _ways(case: Case, steps: list[str]) -> tuple[Place, ...]:
    """The field of each struct that leads to the next one."""
    places = list[Place]()
    for outer, inner in itertools.pairwise(steps):
        found = type_definition(case, outer if "/" in outer else outer.rpartition(".")[2])
        if found is None:
            break
        last = inner.rpartition("/")[2]
        wanted = {last, last.rpartition(".")[2]}
        for name, place in fields(case, found[0]).items():
            written = place.note.strip("`").removeprefix(name).split()
            # Written `mu sync.Mutex`, or embedded as the type alone.
            if (written and written[0] in wanted) or place.note.strip("`") in wanted:
                places.append(place)
                break
    return tuple(places)


def lost_cancel(case: Case, match: re.Match[str]) -> Card | None:
    call = match["call"]
    return Card(
        f"The cancel function of `{call}` is thrown away: the context lives on until its parent ends.",
        notes=("Keep it, and `defer cancel()` in the next line.",),
    )


def cancel_unused(case: Case, match: re.Match[str]) -> Card | None:
    nodes, name = nodes_of(case), match["name"]
    statement = node_at(case, "short_var_declaration", "assignment_statement", "var_spec")
    call = (
        next(iter(nodes.within(nodes.span(statement), "call_expression")), None)
        if nodes and statement
        else None
    )
    function = call.child_by_field_name("function") if call is not None else None
    if nodes is None or function is None:
        return None
    made = short(nodes.text(function))
    places = ()
    block = statement.parent if statement is not None else None
    if block is not None and statement is not None:
        lost = next(
            (
                each
                for each in nodes.within(nodes.span(block), "return_statement")
                if each.start_byte > statement.end_byte
            ),
            None,
        )
        if lost is not None and not _called_before(case, name, statement.end_byte, lost.start_byte):
            line = nodes.line(lost)
            places = (case.here(line, f"`{line_text(case, line)}` leaves without `{name}()`"),)
    return Card(
        f"There is a way out of the function on which `{name}`, from `{made}`, is never called: the "
        f"context stays.",
        places,
        (f"`defer {name}()` right after it is called on every way.",),
    )


def _called_before(case: Case, name: str, start: int, end: int) -> bool:
    nodes, function = nodes_of(case), function_at(case)
    if nodes is None or function is None:
        return True
    return any(
        nodes.text(each) == name and start < each.start_byte < end
        for each in nodes.within(nodes.span(function), "identifier")
    )


def lost_return(case: Case, match: re.Match[str]) -> Card | None:
    line, name = int(match["line"]), match["name"]
    if not 1 <= line <= len(case.snapshot.lines):
        return None
    return Card(
        f"This return leaves the function without `{name}()`, which line {line} asks for.",
        (case.here(line, f"`{line_text(case, line)}`"),),
        (f"`defer {name}()` right after line {line} is called on every way.",),
    )


def captured(case: Case, match: re.Match[str]) -> Card | None:
    nodes, name = nodes_of(case), match["name"]
    use = nodes.exactly(case.span) if nodes is not None else None
    loop = (
        next((each for each in parents(use) if each.type == "for_statement"), None)
        if use is not None
        else None
    )
    if nodes is None or loop is None:
        return None
    line = nodes.line(loop)
    return Card(
        f"Before Go 1.22 all rounds share one `{name}`: the function sees the value that it has when "
        f"it runs.",
        (case.here(line, f"`{line_text(case, line)}`"),),
        (f"`{name} := {name}` in the loop makes one for each round; so does `go 1.22` in go.mod.",),
    )


def wait_group(case: Case, _match: re.Match[str]) -> Card | None:
    nodes, literal = nodes_of(case), node_at(case, "func_literal")
    call = node_at(case, "call_expression")
    if nodes is None or literal is None or call is None:
        return None
    started = nodes.line(literal)
    return Card(
        f"`{short(nodes.text(call))}` runs in the new goroutine: `Wait` may be over before it has counted.",
        (case.here(started, f"`{line_text(case, started)}`"),),
        ("Count before the `go` statement, or use `Go` of the wait group (Go 1.25).",),
    )


def fatal(_case: Case, match: re.Match[str]) -> Card | None:
    method = match["method"]
    return Card(
        f"`{method}` ends the goroutine that calls it, and that is not the test's: the test goes on.",
        notes=("`Error` reports it; a channel can tell the test's own goroutine to end.",),
    )


RULES = (
    rule("copylocks", r"(?P<passes>[\w.]{1,200}) passes lock by value: " + _WHAT, copies),
    rule("copylocks", r"assignment copies lock value to (?P<assignment>[^\n:]{1,200}): " + _WHAT, copies),
    rule("copylocks", r"range var (?P<range>[^\n:]{1,200}) copies lock: " + _WHAT, copies),
    rule("copylocks", r"(?P<return>return) copies lock value: " + _WHAT, copies),
    rule("copylocks", r"call of (?P<call>[^\n:]{1,200}) copies lock value: " + _WHAT, copies),
    rule("copylocks", r"[^\n]{1,200} copies lock"),
    rule(
        "lostcancel",
        r"the cancel function returned by (?P<call>[\w.]{1,100}) should be called, not discarded",
        lost_cancel,
    ),
    rule("lostcancel", r"the (?P<name>\w{1,100}) function is not used on all paths", cancel_unused),
    rule(
        "lostcancel",
        r"this return statement may be reached without using the (?P<name>\w{1,100}) var defined on "
        r"line (?P<line>\d{1,6})",
        lost_return,
    ),
    rule("loopclosure", r"loop variable (?P<name>\w{1,200}) captured by func literal", captured),
    rule("waitgroup", r"WaitGroup\.Add called from inside new goroutine", wait_group),
    rule(
        "testinggoroutine",
        r"call to \(\*testing\.\w\)\.(?P<method>\w{1,40}) from a non-test goroutine",
        fatal,
    ),
)
