"""Traces in text. Where Python itself can print the trace, it does."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.context.traces import Trace, parse

PLAIN = """\
Traceback (most recent call last):
  File "/srv/app/main.py", line 5, in <module>
    run(config)
  File "/srv/app/shop/cart.py", line 39, in total
    return prices[name]
           ~~~~~~^^^^^^
KeyError: 'tea'
"""


def check(text: str) -> list[tuple[str | None, str | None, list[str]]]:
    """Type, message and `path:line function` of every trace."""
    return [(trace.exception_type, trace.message, _frames(trace)) for trace in parse(text)]


def _frames(trace: Trace) -> list[str]:
    return [f"{frame.path}:{frame.line} {frame.function}" for frame in trace.frames]


PLAIN_READ = [("KeyError", "'tea'", ["/srv/app/main.py:5 <module>", "/srv/app/shop/cart.py:39 total"])]


def test_plain():
    assert check(PLAIN) == PLAIN_READ
    assert [frame.source for frame in parse(PLAIN)[0].frames] == ["run(config)", "return prices[name]"]


def _dress(prefix: str) -> str:
    return "".join(prefix + line + "\n" for line in PLAIN.splitlines())


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PLAIN.replace("\n", "\r\n"), id="crlf"),
        pytest.param(PLAIN.replace("KeyError", "\x1b[31m\x1b[1mKeyError\x1b[0m"), id="ansi"),
        pytest.param(_dress("2026-03-04T10:11:01.131Z ERROR app[7]: "), id="isolog"),
        pytest.param(_dress("Mar  4 10:11:12 node-3 app[4711]: "), id="syslog"),
        pytest.param(_dress("api-1     | "), id="compose"),
        pytest.param(_dress("#7 4.120 "), id="buildkit"),
        pytest.param(_dress("    "), id="indented"),
        pytest.param("before\n```\n" + PLAIN + "```\nafter: all\n", id="markdown"),
        pytest.param(json.dumps({"level": "error", "stack": PLAIN}), id="json"),
        pytest.param(
            'api | {"msg": "x\\ny", "exc_info": ' + json.dumps(PLAIN) + "}", id="json behind a prefix"
        ),
        pytest.param('level=error err="' + PLAIN.replace('"', '\\"').replace("\n", "\\n") + '"', id="logfmt"),
        pytest.param(PLAIN + "2026-03-04 10:11:12 INFO [app] next request\n", id="a record follows"),
        pytest.param("2026-03-04 10:11:12 ERROR [app] failed\n" + PLAIN, id="a record stands before"),
    ],
)
def test_dressed(text: str):
    assert check(text) == PLAIN_READ


def test_moments_of_one_writer_differ():
    lines = [f"2026-03-04T10:11:{n:02}.{n}31Z [api] {line}" for n, line in enumerate(PLAIN.splitlines())]
    assert check("\n".join(lines)) == PLAIN_READ


def test_interleaved_writers_are_told_apart():
    other = PLAIN.replace("'tea'", "'milk'")
    woven = "\n".join(
        line
        for one, two in zip(PLAIN.splitlines(), other.splitlines(), strict=True)
        for line in (f"[pid 101] {one}", f"[pid 202] {two}")
    )
    assert [(raised, message) for raised, message, _ in check(woven)] == [
        ("KeyError", "'tea'"),
        ("KeyError", "'milk'"),
    ]
    assert [len(trace.frames) for trace in parse(woven)] == [2, 2]


def test_windows_paths():
    text = PLAIN.replace("/srv/app/shop/cart.py", "C:\\Users\\dev\\shop\\cart.py")
    assert parse(text)[0].frames[1].path == "C:\\Users\\dev\\shop\\cart.py"


def test_head_is_missing():
    text = "[... 6 lines omitted ...]\n" + "\n".join(PLAIN.splitlines()[3:]) + "\n"
    assert check(text) == [("KeyError", "'tea'", ["/srv/app/shop/cart.py:39 total"])]


def test_tail_is_missing():
    text = "\n".join(PLAIN.splitlines()[:5])
    assert check(text) == [(None, None, PLAIN_READ[0][2])]


def test_repeated_frames_stay_as_printed():
    text = PLAIN.replace("KeyError", "  [Previous line repeated 990 more times]\nKeyError")
    assert check(text) == PLAIN_READ


def _raised(call: Callable[[], object]) -> str:
    """What the interpreter prints for the exception of `call`."""
    try:
        call()
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is printed
        return "".join(traceback.format_exception(error))
    raise AssertionError("nothing was raised")


def _fail(error: Exception) -> None:
    raise error


def _look_up() -> object:
    return {}["tea"]


def _direct() -> None:
    try:
        _look_up()
    except KeyError as error:
        raise ValueError("no price") from error


def _during() -> None:
    try:
        _direct()
    except ValueError:
        raise RuntimeError("shop is closed")  # noqa: B904 - the implicit context is what is tested


def test_cause_and_context_nearest_first():
    (trace,) = parse(_raised(_during))
    assert (trace.exception_type, trace.message) == ("RuntimeError", "shop is closed")
    assert [(cause.exception_type, cause.message) for cause in trace.causes] == [
        ("ValueError", "no price"),
        ("KeyError", "'tea'"),
    ]
    assert trace.causes[1].frames[-1].function == "_look_up"


def test_notes_and_further_lines_of_the_message():
    def noted() -> None:
        error = ValueError("two\nlines")
        error.add_note("while pricing tea")
        raise error

    (trace,) = parse(_raised(noted))
    assert (trace.message, trace.notes) == ("two", ("lines", "while pricing tea"))


def test_blank_line_in_a_message_keeps_the_chain():
    def nested() -> None:
        try:
            _fail(ValueError("first\n\nsecond paragraph"))
        except ValueError as error:
            raise KeyError("outer") from error

    (trace,) = parse(_raised(nested))
    assert trace.exception_type == "KeyError"
    assert [cause.message for cause in trace.causes] == ["first"]


def _caught(call: Callable[[], object]) -> Exception:
    try:
        call()
    except Exception as error:  # noqa: BLE001 - whatever it is, it joins a group
        return error
    raise AssertionError("nothing was raised")


def test_groups_hold_their_members():
    def grouped() -> None:
        inner = ExceptionGroup("inner", [OSError("never raised"), _caught(_direct)])
        raise ExceptionGroup("outer", [_caught(_look_up), inner])

    (trace,) = parse(_raised(grouped))
    assert (trace.exception_type, trace.message) == ("ExceptionGroup", "outer (2 sub-exceptions)")
    assert [member.exception_type for member in trace.causes] == ["KeyError", "ExceptionGroup"]
    inner = trace.causes[1]
    assert [(member.exception_type, member.message) for member in inner.causes] == [
        ("OSError", "never raised"),
        ("ValueError", "no price"),
    ]
    assert inner.causes[0].frames == ()
    assert [cause.exception_type for cause in inner.causes[1].causes] == ["KeyError"]


def test_group_as_a_cause():
    def wrapped() -> None:
        try:
            _fail(ExceptionGroup("many", [_caught(_look_up)]))
        except ExceptionGroup as error:
            raise RuntimeError("gave up") from error

    (trace,) = parse(_raised(wrapped))
    assert (trace.exception_type, trace.message) == ("RuntimeError", "gave up")
    assert trace.causes[0].exception_type == "ExceptionGroup"
    assert [member.exception_type for member in trace.causes[0].causes] == ["KeyError"]


def test_group_raised_during_another():
    def wrapped() -> None:
        try:
            _look_up()
        except KeyError as error:
            raise ExceptionGroup("many", [ValueError("one")]) from error

    (trace,) = parse(_raised(wrapped))
    assert trace.exception_type == "ExceptionGroup"
    assert {cause.exception_type for cause in trace.causes} == {"ValueError", "KeyError"}


def test_syntax_error_has_the_broken_line_as_its_frame():
    (trace,) = parse(_raised(lambda: compile("x = (\n", "/srv/app/broken.py", "exec")))
    assert trace.exception_type == "SyntaxError"
    assert (trace.frames[-1].path, trace.frames[-1].line) == ("/srv/app/broken.py", 1)


PYTEST_CHAIN = """\
=================================== FAILURES ===================================
___________________________________ test_a _____________________________________

    def f():
        try:
>           {}["tea"]
E           KeyError: 'tea'

tests/test_a.py:3: KeyError

The above exception was the direct cause of the following exception:

    def test_a():
>       f()

tests/test_a.py:9:{blank}
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

    def f():
>           raise ValueError("no price") from error
E           ValueError: no price

shop/cart.py:5: ValueError
----------------------------- Captured stdout call -----------------------------
shop/other.py:7: NotAFrame
___________________________________ test_b _____________________________________
tests/test_a.py:12: in test_b
    assert total() == 5
shop/cart.py:20: in total
    return 1 / 0
E   ZeroDivisionError: division by zero
=========================== short test summary info ============================
FAILED tests/test_a.py::test_a - ValueError: no price
""".replace("{blank}", " ")


def test_pytest_styles():
    first, second = parse(PYTEST_CHAIN)
    assert (first.exception_type, first.message) == ("ValueError", "no price")
    assert _frames(first) == ["tests/test_a.py:9 None", "shop/cart.py:5 None"]
    assert [cause.exception_type for cause in first.causes] == ["KeyError"]
    assert (second.exception_type, second.message) == ("ZeroDivisionError", "division by zero")
    assert _frames(second) == ["tests/test_a.py:12 test_b", "shop/cart.py:20 total"]


def test_pytest_names_the_type_of_a_bare_assert_at_the_end():
    text = (
        "=== FAILURES ===\n___ test_a ___\n\n>  assert 3 == 4\nE   3 == 4\n\ntests/a.py:2: AssertionError\n"
    )
    assert check(text) == [("AssertionError", "3 == 4", ["tests/a.py:2 None"])]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "TypeError when `user` is null, see src/cart.py line 14",
        "app/cart.py:14:80: E501 line too long (92 > 79 characters)",
        "make: *** [Makefile:12: test] Error 1",
        "Traceback (most recent call last):\n2026-03-04 10:11:12 INFO started\n",
        '  File "x.py", line 3\nis what it printed',
        "=== FAILURES ===\nnothing to see\n=== 1 passed ===",
    ],
)
def test_no_trace(text: str):
    assert parse(text) == []


@given(
    st.text(
        alphabet=st.sampled_from(
            'Traceback (most recent call last):\n  File "x", line 1, in f|+-E _=\\{\x1b[m\r0'
        )
    )
)
def test_never_raises(text: str):
    parse(text)


@pytest.mark.parametrize("wrapper", ["{}", "E   {}", "  | {}", '{{"a": "{}\\n"}}'])
def test_never_raises_on_cut_lines(wrapper: str):
    lines = [*PLAIN.splitlines(), *PYTEST_CHAIN.splitlines()]
    for start in range(len(lines)):
        parse("\n".join(wrapper.format(line[: start + 3]) for line in lines[start:]))


@pytest.mark.parametrize(
    "unit",
    [
        PLAIN,
        PLAIN + "\nDuring handling of the above exception, another exception occurred:\n\n",
        '  File "x.py", line 3, in f\n',
        "[pid {n}] Traceback (most recent call last):\n",
        "E   " + "a." * 40 + "\n",
        "=== " + "= a " * 20 + "\n",
        "2026-03-04 10:11:12 INFO [app] nothing here\n",
    ],
    ids=["traces", "one endless chain", "frames", "writers", "errors", "banners", "records"],
)
@pytest.mark.timeout(60)
def test_two_megabytes_of_anything_end(unit: str):
    """A quadratic reader needs hours for these and meets the timeout; a linear one about a second."""
    parse("".join(unit.replace("{n}", str(n)) for n in range(2_000_000 // len(unit))))
