"""What ends a program, a generator or a process, and several exceptions at once."""

from __future__ import annotations

import ast
import re

from lsp_debugger.cards.exceptions.loops import task_group
from lsp_debugger.cards.exceptions.raised import Raised
from lsp_debugger.core.ask import Card

_GROUP = re.compile(r"(?P<said>.*) \((?P<count>\d+) sub-exceptions?\)$")
_ARGUMENT = re.compile(r"argument (?P<name>[^:]+): (?P<why>.+)$")
_INVALID = re.compile(r"invalid (?P<type>\w+) value: (?P<value>.+)$")
_INCOMPLETE = re.compile(r"(?P<got>\d+) bytes read on a total of (?P<wanted>\d+|undefined) expected bytes")


def interrupted(raised: Raised) -> Card | None:
    if not raised.case.line_text.strip() or raised.on_line(ast.Raise):
        return None
    return Card(f"The program was stopped, by Ctrl-C or SIGINT, while {raised.line} ran.", raised.here())


def exit_(raised: Raised) -> Card | None:
    """`sys.exit` with what it is given; an argument parser that refused the command line."""
    frames = raised.case.problem.frames
    if raised.message == "2" and frames and frames[-1].path.replace("\\", "/").endswith("/argparse.py"):
        call = raised.call_of("parse_args", "parse_known_args")
        what = f"`{raised.code(call)}`" if call is not None else "The argument parser"
        return Card(
            f"{what} ended the program: the command line does not fit what the parser takes.",
            raised.here(),
            ("What it has against it stands on stderr, above the trace.",),
        )
    call = raised.call_of("exit", "_exit", "SystemExit")
    if call is None or len(call.args) > 1:
        return None
    code, value = raised.code(call), call.args[0] if call.args else ast.Constant(None)
    if re.fullmatch(r"-?\d+|None|True|False|", raised.message):
        # The text "3" is printed, the number is the status: only the code tells which it was.
        status = value.value if isinstance(value, ast.Constant) else ""
        if status is not None and (not isinstance(status, int) or not 0 <= status <= 255):
            return None
        error = "" if status else ", so without an error"
        return Card(f"`{code}` ends the program with status {int(status or 0)}{error}.", raised.here())
    text = raised.message.rstrip(".")
    return Card(f"`{code}` ends the program with status 1 and the text: {text}.", raised.here())


def generator_closed(raised: Raised) -> Card | None:
    node = raised.only(raised.on_line((ast.Yield, ast.YieldFrom)))
    if node is None:
        return None
    return Card(f"The generator was closed while it waited at `{raised.code(node)}`.", raised.here())


def group(raised: Raised) -> Card | None:
    match = _GROUP.match(raised.message)
    if match is None:
        return None
    count, said = match["count"], match["said"]
    if said == "unhandled errors in a TaskGroup":
        return task_group(raised, count)
    what = "1 exception stands" if count == "1" else f"{count} exceptions stand"
    return Card(
        f"{what} in the group `{said}`; the trace tells of {'it' if count == '1' else 'each'} further down.",
        raised.here(),
        ("`except*` catches members of a group by their type.",),
    )


def end_of_input(raised: Raised) -> Card | None:
    call = raised.call_of("input", "load", "loads")
    if call is None:
        return None
    code = raised.code(call)
    if raised.message == "EOF when reading a line" and raised.called(call) == "input":
        return Card(
            f"`{code}` waits for a line, and the program's standard input has ended.",
            raised.here(),
            ("That is so where nobody can type: in a service, a container or CI.",),
        )
    if raised.message == "Ran out of input":
        return Card(
            f"`{code}` finds no data: what it reads is empty, or was read to its end before.", raised.here()
        )
    return None


def incomplete(raised: Raised) -> Card | None:
    match = _INCOMPLETE.match(raised.message)
    if match is None or match["wanted"] == "undefined":
        return None
    return Card(
        f"The stream ended after {match['got']} of the {match['wanted']} bytes that are asked for.",
        raised.here(),
    )


def out_of_memory(raised: Raised) -> Card | None:
    if not raised.case.line_text.strip():
        return None
    product = raised.only(node for node in raised.on_line(ast.BinOp) if isinstance(node.op, ast.Mult))
    if product is not None and isinstance(product.left, ast.List | ast.Constant):
        return Card(f"`{raised.code(product)}` does not fit into the memory that there is.", raised.here())
    return Card(f"The memory was used up when {raised.line} asked for more.", raised.here())


def buffer_in_use(raised: Raised) -> Card | None:
    call = raised.only(raised.on_line(ast.Call))
    if "Existing exports of data" not in raised.message or call is None or not raised.owner(call):
        return None
    owner = raised.owner(call)
    return Card(
        f"`{raised.code(call)}` would resize `{owner}`, while a `memoryview` still looks into it.",
        raised.here(),
        ("`release()`, or the end of a `with` around the view, sets it free.",),
    )


def reference_gone(raised: Raised) -> Card | None:
    if "weakly-referenced object no longer exists" not in raised.message:
        return None
    return Card("The object behind the weak reference is gone: nothing else held it.", raised.here())


def broken_pool(raised: Raised) -> Card | None:
    if "terminated abruptly" not in raised.message:
        return None
    return Card(
        "A worker process of the pool died without a Python exception: it was killed or it crashed.",
        raised.here(),
        ('Too little memory is a usual reason; so is a module without `if __name__ == "__main__":`.',),
    )


def frozen(raised: Raised) -> Card | None:
    match = re.match(r"cannot (?P<what>assign to|delete) field '(?P<name>\w+)'", raised.message)
    access = raised.only(
        node
        for node in raised.on_line(ast.Attribute)
        if match is not None and node.attr == match["name"] and not isinstance(node.ctx, ast.Load)
    )
    if match is None or access is None:
        return None
    owner = raised.code(access.value)
    return Card(
        f"`{raised.code(access)}` cannot be changed: `{owner}` is of a frozen dataclass.",
        (*raised.here(), *raised.made(access.value)),
        (f"`dataclasses.replace({owner}, {match['name']}=…)` makes a changed copy.",),
    )


def bad_argument(raised: Raised) -> Card | None:
    match = _ARGUMENT.match(raised.message)
    if match is None:
        return None
    name, why = match["name"], match["why"]
    if invalid := _INVALID.match(why):
        return Card(
            f"`{name}` is given {invalid['value']}, which `{invalid['type']}` does not take.", raised.here()
        )
    if why.startswith("conflicting option string"):
        return _added_twice(raised, name)
    return Card(f"The command line's `{name}`: {why}.", raised.here())


def _added_twice(raised: Raised, name: str) -> Card:
    parsed = raised.case.python
    first = [
        node
        for node in (ast.walk(parsed.tree) if parsed is not None else ())
        if isinstance(node, ast.Call)
        and raised.called(node) == "add_argument"
        and any(isinstance(each, ast.Constant) and each.value in name.split("/") for each in node.args)
        and node.lineno < raised.case.line
    ]
    place = (raised.case.here(first[0].lineno, f"`{raised.code(first[0])}`"),) if len(first) == 1 else ()
    return Card(f"The parser has an argument `{name}` already.", (*raised.here(), *place))
