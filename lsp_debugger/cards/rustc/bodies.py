"""Code that may not stand where it stands: unsafe calls, `await`, values that are not there yet, brackets."""

from __future__ import annotations

import re

from lsp_debugger.cards.case import Case
from lsp_debugger.cards.rustc import told
from lsp_debugger.cards.rustc.items import function_around
from lsp_debugger.core.ask import Card

_UNSAFE = re.compile(
    r"^(?P<what>call to unsafe (?:function|method)|use of mutable static|use of extern static|"
    r"dereference of raw pointer|access to union field)(?: `(?P<name>[^`]{1,160})`)? is unsafe"
)
_CONST = re.compile(
    r"^cannot call (?:non-const|conditionally-const) (?P<what>[a-z ]{1,40})?`(?P<name>[^`]{1,200})` in "
    r"(?P<where>constant functions|constants|statics|[a-z ]{1,40})"
)
_UNSET = re.compile(r"^used binding `(?P<name>[^`]{1,80})` (?:is possibly-uninitialized|isn't initialized)")


def unsafe(case: Case) -> Card | None:
    """E0133."""
    found = told.match(case, _UNSAFE)
    if found is None:
        return None
    name = found["name"] or told.code(case)
    what = {
        "call": "is `unsafe` to call",
        "use o": "is unsafe to use",
        "deref": "follows a raw pointer, which is unsafe",
        "acces": "reads a union, which is unsafe",
    }[found["what"][:5].strip()]
    return Card(
        f"`{told.plain(name)}` {what}, and this is not in an `unsafe` block."
        if name
        else f"This {what}, and it is not in an `unsafe` block.",
        (),
        ("An `unsafe` block says that you have checked what the compiler cannot.",),
    )


def not_const(case: Case) -> Card | None:
    """E0015."""
    found, code = told.match(case, _CONST), told.code(case)
    if found is None:
        return None
    place = told.beside(case, "is not const")
    where = {"constant functions": "a `const fn`", "constants": "a constant", "statics": "a static"}.get(
        found["where"], found["where"]
    )
    notes = (
        ["A `const fn` may be called here, if all that it does can be done while compiling."]
        if place is not None and told.is_here(case, place)
        else []
    )
    if where != "a `const fn`":
        notes.append("`LazyLock::new(|| …)` in a `static` is worked out when it is first used.")
    return Card(
        f"`{code or told.plain(found['name'])}` cannot be worked out while compiling, as {where} has to "
        f"be: `{found['name'].rpartition('::')[2]}` is no `const fn`.",
        (),
        tuple(notes),
    )


def awaited(case: Case) -> Card | None:
    """E0728."""
    function, nodes = function_around(case), case.nodes
    inner = nodes.around(case.span, "closure_expression", "function_item") if nodes is not None else None
    if function is None or inner is None or "`await` is only allowed" not in told.first(case):
        return None
    if inner.type == "closure_expression":
        return Card(
            "`.await` stands in a closure that is not `async`.",
            (),
            ("`async move { … }` inside of it, or `async || …`.",),
        )
    return Card(
        f"`{function.name}` is not `async`, so nothing in it can be awaited.",
        (case.here(function.line, f"`{function.header[:120]}`"),),
        (f"`async fn {function.name}`, or a runtime's `block_on`.",)
        if function.name != "main"
        else ("`main` needs a runtime, as with `#[tokio::main]`.",),
    )


def unfinished_string(case: Case) -> Card | None:
    """E0765."""
    text = case.line_text[case.span.start - case.snapshot.lines.span_of(case.line - 1).start :].strip()
    shown = f"`{text[:40]}`" if text and "`" not in text else "This string"
    return Card(
        f'The string that begins with {shown} on line {case.line} has no closing `"`.'
        if shown != "This string"
        else f'The string that begins on line {case.line} has no closing `"`.'
    )


def unset(case: Case) -> Card | None:
    """E0381."""
    found = told.match(case, _UNSET)
    if found is None:
        return None
    branch = told.below(
        case,
        re.compile(
            r"^if this `(?P<what>if|match|for|while)[^`]{0,20}` (?:condition|expression|loop)? ?is "
            r"`?(?P<value>false|true)`?, "
        ),
    )
    when = f" when the `{branch['what']}` condition is {branch['value']}" if branch is not None else ""
    maybe = "may have" if "possibly" in told.first(case) else "has"
    return Card(f"`{found['name']}` {maybe} no value yet{when}.", ())


def unclosed(case: Case) -> Card | None:
    """A bracket without its partner."""
    opened = told.beside(case, "unclosed delimiter")
    if opened is None or "unclosed delimiter" not in told.first(case):
        return None
    suspect = told.beside(case, "might not be properly closed")
    by = (
        f"; by the indentation it is the one {told.on_line(case, suspect)} that lacks its end"
        if suspect
        else ""
    )
    return Card(f"A bracket that is opened {told.on_line(case, opened)} is never closed{by}.")


def missing_token(case: Case) -> Card | None:
    """A token is missing right behind what is pointed at."""
    found = re.match(r"expected (?:one of )?`(?P<token>[;,])`, found ", told.first(case))
    hinted = found is not None and any(
        line.startswith(f"add `{found['token']}` here") for line in told.lines(case)
    )
    before = case.snapshot.text[case.snapshot.lines.span_of(case.line - 1).start : case.span.end].strip()
    if found is None or not hinted or not before or len(before) > 80 or "`" in before:
        return None
    return Card(f"After `{before}` a `{found['token']}` is missing.")


def misplaced_break(case: Case) -> Card | None:
    """E0268."""
    word = told.code(case).partition(" ")[0]
    function = function_around(case)
    if word not in ("break", "continue") or "outside of a loop" not in told.first(case) or function is None:
        return None
    return Card(
        f"`{word}` stands in no loop here.",
        (),
        (f"`return` leaves `{function.name}`.",) if word == "break" else (),
    )
