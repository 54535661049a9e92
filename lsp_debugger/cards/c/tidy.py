"""clang-tidy's checks for what is bug-prone or slow, by their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lsp_debugger.cards.c.lookup import call_around
from lsp_debugger.cards.c.tidy_nodes import around, declared_place, field, is_cpp, quoted
from lsp_debugger.cards.c.wording import a_kind, code, inside, kind, listed, related
from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card

_QUOTED = re.compile(r"(?<!\w)'([^'\n]{1,300})'")

_LOOPS = ("for_statement", "for_range_loop", "while_statement", "do_statement")


def use_after_move(case: Case) -> Card | None:
    names = quoted(case)
    moved = related(case, "move occurred here", "moved")
    name = names[0] if names else ""
    if not name.isidentifier() or moved is None or moved.path != case.path:
        return None
    line = case.snapshot.line_text(moved.line - 1).strip()
    if moved.line >= case.line:
        return Card(
            f"`{name}` is used in line {case.line} on the next turn of the loop, after line "
            f"{moved.line} moved it.",
            (case.here(moved.line, code(line)),),
        )
    return Card(
        f"`{name}` is used in line {case.line}, after line {moved.line} has moved what it held elsewhere.",
        (case.here(moved.line, code(line)),),
        (f"Ask `{name}` before the move, or give it a new value behind it.",),
    )


def integer_division(case: Case) -> Card | None:
    found = around(case, "binary_expression")
    left, right = field(found, "left"), field(found, "right")
    if found is None or left is None or right is None or "/" not in found.text():
        return None
    names = found.text(left), found.text(right)
    return Card(
        f"{code(found.text())} divides whole numbers, so its fraction is gone before it becomes a "
        "floating-point value.",
        notes=(f"`static_cast<double>({names[0]}) / {names[1]}` keeps it.",)
        if is_cpp(case)
        else (f"`(double){names[0]} / {names[1]}` keeps it.",),
    )


def macro_parentheses(case: Case) -> Card | None:
    found = around(case, "preproc_function_def", "preproc_def")
    name, value = field(found, "name"), field(found, "value")
    if found is None or name is None or value is None:
        return None
    if "argument" in case.problem.message[:200]:
        argument = case.code.strip()
        return Card(
            f"`{argument}` in the macro `{found.text(name)}` has no parentheses: given `a + b`, only "
            "its edges bind "
            "to what stands beside it.",
            notes=(f"Write `({argument})`.",),
        )
    return Card(
        f"What `{found.text(name)}` stands for has no parentheses, so operators beside a use of it "
        "take it apart.",
        notes=(f"Write `({found.text(value).strip()})`.",),
    )


def same_branches(case: Case) -> Card | None:
    found = around(case, "if_statement")
    condition = field(found, "condition")
    if found is None or condition is None or "if with identical" not in case.problem.message[:200]:
        return None
    shown = code(inside(found.text(condition)))
    other = related(case, "else branch starts here")
    places = (case.here(other.line, "the branch that is the same"),) if other is not None else ()
    return Card(f"Both branches of the `if` do the same, so {shown} decides nothing.", places)


def widened(case: Case) -> Card | None:
    found = around(case, "binary_expression")
    names = quoted(case)
    if found is None or len(names) < 2 or "*" not in found.text():
        return None
    left = field(found, "left")
    cast = f"({names[0]}){found.text(left)}" if left is not None and left.type == "identifier" else ""
    return Card(
        f"{code(found.text())} is multiplied as {kind(names[1])} and only then becomes {kind(names[0])}: "
        "a large product is lost before.",
        notes=(f"`{cast}` makes the whole product {kind(names[0])}.",) if cast else (),
    )


def string_compare(case: Case) -> Card | None:
    call = call_around(case)
    names = quoted(case)
    if call is None or not names:
        return None
    return Card(
        f"{code(call.text())} is 0 where the two are equal, so as a condition it says that they differ.",
        notes=(f"`{names[0]}(…) == 0` asks for equality.",),
    )


def unchecked_number(case: Case) -> Card | None:
    call = call_around(case)
    names = quoted(case)
    # `sscanf` says how many values it took: what it cannot say is that a number was too large.
    if call is None or not names or names[0].endswith("scanf"):
        return None
    return Card(
        f"{code(call.text())} answers 0 for text that is no number, which cannot be told from a real 0.",
        notes=(f"`{names[1]}` says where the number ended.",) if len(names) > 1 else (),
    )


def infinite(case: Case) -> Card | None:
    found = around(case, *_LOOPS)
    condition = field(found, "condition")
    names = re.search(r"\((?P<names>[\w, ]{1,200})\)", case.problem.message[:400])
    if found is None or condition is None or names is None:
        return None
    parts = [name.strip() for name in names["names"].split(",")]
    shown = code(f"{found.node.type.partition('_')[0]} ({inside(found.text(condition))})")
    verb = "does not change" if len(parts) == 1 else "do not change"
    return Card(f"The loop {shown} never ends by itself: in it, {listed(parts)} {verb}.")


def escapes(case: Case) -> Card | None:
    names = quoted(case)
    thrown = next((place for place in case.problem.related if "exception of type" in place.note), None)
    kind_of = re.search(r"of type .([^'\u2019\n]{1,100})", thrown.note) if thrown is not None else None
    if not names:
        return None
    name = names[0]
    reason = (
        "a destructor"
        if name.startswith("~")
        else "declared `noexcept`"
        if "noexcept" in case.line_text
        else ""
    )
    what = a_kind(kind_of[1]) if kind_of is not None else "an exception"
    because = f", since it is {reason}" if reason else ""
    places = (
        (case.here(thrown.line, "is thrown here"),) if thrown is not None and thrown.line != case.line else ()
    )
    return Card(f"`{name}` can throw {what}, which ends the program{because}.", places)


def empty_catch(case: Case) -> Card | None:
    found = around(case, "catch_clause")
    parameters = field(found, "parameters")
    attempt = around(case, "try_statement")
    if found is None or parameters is None or attempt is None:
        return None
    caught = found.text(parameters).strip("()")
    body = attempt.node.child_by_field_name("body")
    inside = [child for child in body.named_children if child.type != "comment"] if body is not None else []
    place = (case.here(attempt.nodes.line(inside[0]), code(attempt.text(inside[0]))),) if inside else ()
    what = "every exception" if caught == "..." else code(caught)
    return Card(f"This `catch` takes {what} and does nothing: nobody learns that it happened.", place)


def small_counter(case: Case) -> Card | None:
    found = around(case, *_LOOPS)
    condition = field(found, "condition")
    names = quoted(case)
    name = re.match(r"\w+", case.snapshot.text[case.span.start : case.span.start + 100])
    if found is None or condition is None or len(names) < 2 or name is None:
        return None
    return Card(
        f"`{name[0]}` is {kind(names[0])} and {code(found.text(condition))} may need more than that "
        "can hold: "
        "then the loop does not end.",
        notes=(f"Declare `{name[0]}` as {kind(names[1])}.",),
    )


def no_default(case: Case) -> Card | None:
    found = around(case, "switch_statement")
    condition = field(found, "condition")
    if found is None or condition is None:
        return None
    shown = code(inside(found.text(condition)))
    return Card(f"The `switch` over {shown} does nothing for values without a case: it has no `default`.")


def sizeof_odd(case: Case) -> Card | None:
    found = around(case, "sizeof_expression")
    if found is None or "sizeof()' on an expression" in case.problem.message[:200]:
        return None
    value = re.sub(r"^sizeof\s*\(?\s*|\s*\)$", "", found.text())
    if "pointer" not in case.problem.message[:200] or not value.isidentifier():
        return None
    return Card(
        f"{code(found.text())} is the size of a pointer, whatever `{value}` points to.",
        declared_place(case, value),
    )


CHECKS: Mapping[str, Callable[[Case], Card | None]] = {
    "bugprone-branch-clone": same_branches,
    "bugprone-empty-catch": empty_catch,
    "bugprone-exception-escape": escapes,
    "bugprone-implicit-widening-of-multiplication-result": widened,
    "bugprone-infinite-loop": infinite,
    "bugprone-integer-division": integer_division,
    "bugprone-macro-parentheses": macro_parentheses,
    "bugprone-sizeof-expression": sizeof_odd,
    "bugprone-suspicious-string-compare": string_compare,
    "bugprone-switch-missing-default-case": no_default,
    "bugprone-too-small-loop-variable": small_counter,
    "bugprone-unchecked-string-to-number-conversion": unchecked_number,
    "bugprone-use-after-move": use_after_move,
    "cert-err34-c": unchecked_number,
    "clang-analyzer-cplusplus.Move": use_after_move,
    "exceptions": escapes,
}
