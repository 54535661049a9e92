"""asyncio: loops that are not running, running twice or not the same; tasks, futures and their ends."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from lsp_debugger.cards.exceptions.raised import Raised
from lsp_debugger.core.ask import Card, Place

_BOUND = re.compile(r"<asyncio\.\w+\.(?P<kind>\w+) object at .+ is bound to a different event loop")
_ATTACHED = re.compile(r"Task .+ attached to a different loop")
_EXPECTED = re.compile(
    r"(?:a|An) (?:coroutine|asyncio\.Future, a coroutine).* (?:expected|required)(?:, got (?P<got>.+))?$"
)
_NEVER_AWAITED = re.compile(r"coroutine '(?P<name>[^']+)' was never awaited")
_NO_ANSWER = frozenset({"timed out", "The read operation timed out", "[Errno 110] Connection timed out"})
_OWN_LOOP = "Each `asyncio.run` starts an event loop of its own."


def loop_error(raised: Raised) -> Card | None:
    """A RuntimeError of asyncio's; None for any other."""
    message = raised.message
    if match := _BOUND.match(message):
        return _bound(raised, match["kind"])
    for words, make in _READERS:
        if words in message:
            return make(raised)
    return None


def _bound(raised: Raised, kind: str) -> Card:
    return Card(
        f"The `{kind}` was first used in another event loop than the one that runs here.",
        (*raised.here(), *_made_at_top(raised, kind)),
        (_OWN_LOOP,),
    )


def _made_at_top(raised: Raised, kind: str) -> tuple[Place, ...]:
    """The one assignment at the top of the module that makes such an object: it outlives its loop."""
    parsed = raised.case.python
    made = [
        node
        for node in (parsed.tree.body if parsed is not None else [])
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and raised.called(node.value) == kind
    ]
    if len(made) != 1:
        return ()
    return (raised.case.here(made[0].lineno, f"`{raised.code(made[0])}` lives longer than one loop"),)


def _attached(raised: Raised) -> Card:
    awaited = raised.only(raised.on_line(ast.Await))
    what = f"`{raised.code(awaited.value)}`" if awaited is not None else "What is awaited"
    places = raised.made(awaited.value) if awaited is not None else ()
    return Card(
        f"{what} belongs to another event loop than the one that runs here.",
        (*raised.here(), *places),
        (_OWN_LOOP,),
    )


def _already_running(raised: Raised) -> Card:
    call = raised.call_of("run_until_complete", "run_forever")
    what = f"`{raised.code(call)}`" if call is not None else "This"
    return Card(
        f"{what} starts an event loop that is running already: within it, `await` is enough.", raised.here()
    )


def _another_running(raised: Raised) -> Card:
    call = raised.call_of("run_until_complete", "run_forever")
    what = f"`{raised.code(call)}`" if call is not None else "This"
    return Card(f"{what} starts an event loop while another one is running in this thread.", raised.here())


def _run_in_loop(raised: Raised) -> Card:
    parsed, call = raised.case.python, raised.call_of("run")
    inner = raised.code(call.args[0]) if call is not None and len(call.args) == 1 else ""
    function = parsed.function_around(raised.case.span) if parsed is not None else None
    if not isinstance(function, ast.AsyncFunctionDef):
        inner = ""
    hint = (f"`await {inner}` runs it in the loop that is there.",) if inner.endswith(")") else ()
    return Card(
        "`asyncio.run` starts a loop, but this code already runs in one: `await` the coroutine instead.",
        raised.here(),
        hint,
    )


def _not_running(raised: Raised) -> Card:
    parsed = raised.case.python
    call = raised.call_of("create_task", "get_running_loop", "ensure_future", "timeout", "current_task")
    function = parsed.function_around(raised.case.span) if parsed is not None else None
    what = f"`{raised.code(call)}` needs" if call is not None else "This needs"
    if isinstance(function, ast.FunctionDef):
        hint = (f"`{function.name}` is no `async def`: whoever calls it has to be inside of a running loop.",)
    else:
        hint = ("`asyncio.run(…)` starts one for a coroutine.",) if parsed is not None else ()
    return Card(f"{what} a running event loop: it is called outside of any coroutine.", raised.here(), hint)


_READERS: tuple[tuple[str, Callable[[Raised], Card | None]], ...] = (
    ("attached to a different loop", _attached),
    ("This event loop is already running", _already_running),
    ("Cannot run the event loop while another loop is running", _another_running),
    ("asyncio.run() cannot be called from a running event loop", _run_in_loop),
    ("no running event loop", _not_running),
)


def not_a_coroutine(raised: Raised) -> Card | None:
    """`asyncio.run(main)`: the function itself in place of what a call of it gives."""
    match = _EXPECTED.match(raised.message)
    call = raised.call_of("run", "run_until_complete", "create_task", "ensure_future")
    if match is None or call is None or not call.args:
        return None
    code = raised.code(call.args[0])
    if (match["got"] or "").startswith("<function"):
        return Card(
            f"`{raised.code(call)}` gets the function `{code}` itself: `{code}()` makes a coroutine.",
            raised.here(),
        )
    return Card(f"`{raised.code(call)}` takes a coroutine, and `{code}` is none.", raised.here())


def never_awaited(raised: Raised) -> Card | None:
    match = _NEVER_AWAITED.search(raised.message)
    if match is None:
        return None
    name = match["name"]
    said = f"`{name}` was called but its coroutine never ran: the `await` is missing."
    found = [
        each
        for each in raised.case.around.symbols.definitions(name, raised.case.path)
        if each.kind in ("function", "method") and each.signature.startswith("async")
    ]
    return Card(said, (*raised.here(), *(raised.case.place(each) for each in found if len(found) == 1)))


def destroyed(raised: Raised) -> Card:
    return Card(
        "A task was thrown away before it was done: nothing kept it, or its loop ended first.",
        raised.here(),
        ("The event loop holds its tasks only weakly; a variable or a `TaskGroup` keeps one alive.",),
    )


def never_retrieved(raised: Raised) -> Card:
    return Card(
        "A task ended with an exception, and nobody awaited it or asked for its result.",
        raised.here(),
        ("`await task`, or a `TaskGroup`, passes the exception on to where it can be handled.",),
    )


def cancelled(raised: Raised) -> Card | None:
    awaited = raised.only(raised.on_line(ast.Await))
    if awaited is None:
        return None
    value = raised.code(awaited.value)
    return Card(
        f"`await {value}` ended early: this task, or the one that it waits for, was cancelled.",
        (*raised.here(), *_cancel(raised, value)),
    )


def _cancel(raised: Raised, name: str) -> tuple[Place, ...]:
    """The one line of the same function that cancels what is awaited."""
    parsed = raised.case.python
    function = parsed.function_around(raised.case.span) if parsed is not None else None
    calls = [
        node
        for node in (ast.walk(function) if function is not None else ())
        if isinstance(node, ast.Call) and raised.code(node.func) == f"{name}.cancel"
    ]
    return (raised.case.here(calls[0].lineno, f"`{raised.code(calls[0])}`"),) if len(calls) == 1 else ()


def timed_out(raised: Raised) -> Card | None:
    """Whose time was up: a `wait_for`, a `timeout` block, a socket or a future."""
    limit = raised.call_of("wait_for")
    if limit is not None and limit.args:
        seconds = _seconds(raised, limit)
        given = f"the {seconds} s that it is given" if seconds else "it is given"
        return Card(f"`{raised.code(limit.args[0])}` took longer than {given}.", raised.here())
    block = raised.only(node for node in raised.on_line(ast.AsyncWith) if node.lineno == raised.case.line)
    if block is not None:
        calls = [item.context_expr for item in block.items if isinstance(item.context_expr, ast.Call)]
        limits = [call for call in calls if raised.called(call) in ("timeout", "timeout_at")]
        if len(limits) == 1:
            return Card(f"The block took longer than `{raised.code(limits[0])}` allows.", raised.here())
    waited = raised.call_of("result", "exception", "get")
    if waited is not None and any(keyword.arg == "timeout" for keyword in waited.keywords):
        return Card(f"`{raised.code(waited)}` waited as long as it may, and nothing came.", raised.here())
    if raised.message in _NO_ANSWER:
        return Card(
            "The other side did not answer in the time that was set for it.", raised.here(), (raised.message,)
        )
    return None


def _seconds(raised: Raised, call: ast.Call) -> str:
    given = [keyword.value for keyword in call.keywords if keyword.arg == "timeout"]
    value = call.args[1] if len(call.args) > 1 else given[0] if given else None
    return raised.code(value) if isinstance(value, ast.Constant) and value.value is not None else ""


def invalid_state(raised: Raised) -> Card | None:
    call = raised.call_of("set_result", "set_exception", "result", "exception")
    if call is None:
        return None
    code, future = raised.code(call), raised.owner(call)
    if raised.called(call).startswith("set_"):
        return Card(f"`{code}` comes too late: `{future}` is done already.", raised.here())
    if "not set" in raised.message or "not ready" in raised.message:
        return Card(
            f"`{code}` comes too early: `{future}` has no result yet, and `await` would wait.", raised.here()
        )
    return None


def queue_limit(raised: Raised) -> Card | None:
    """Empty and Full, of `queue` and of asyncio."""
    is_empty = raised.name.endswith("Empty")
    call = raised.call_of("get", "get_nowait") if is_empty else raised.call_of("put", "put_nowait")
    if call is None:
        return None
    queue, code = raised.owner(call), raised.code(call)
    if is_empty:
        return Card(
            f"`{queue}` is empty when `{code}` takes from it.", (*raised.here(), *_queue(raised, call))
        )
    return Card(f"`{queue}` is full when `{code}` adds to it.", (*raised.here(), *_queue(raised, call)))


def _queue(raised: Raised, call: ast.Call) -> tuple[Place, ...]:
    return raised.made(call.func.value) if isinstance(call.func, ast.Attribute) else ()


def task_group(raised: Raised, count: str) -> Card | None:
    """The block whose tasks failed, for the group that a `TaskGroup` raises."""
    block = raised.only(node for node in raised.on_line(ast.AsyncWith) if node.lineno == raised.case.line)
    if block is None:
        return None
    it = "it" if count == "1" else "each"
    failed = "1 task" if count == "1" else f"{count} tasks"
    return Card(
        f"{failed} of this `TaskGroup` failed; the trace tells of {it} further down.",
        raised.here(),
        ("`except*` catches members of a group by their type.",),
    )
