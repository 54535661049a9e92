"""A model's test: read out of an answer, put into its file, and failing for the right reason or not."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.core.patch import PatchRefused
from lsp_debugger.verify.failing_test import Expected, TestWriting, joined, plain
from lsp_debugger.verify.places_of_tests import TestPlace
from lsp_debugger.verify.pytest_runs import Failure, TestFrame, read_failures

CODE = "from app import total\n\n\ndef test_it():\n    assert total([1]) == 1\n"


def writing(text: str = "") -> TestWriting:
    place = TestPlace("tests/test_app.py", exists=bool(text))
    expected = Expected("app.py", (2, 3), "NameError")
    return TestWriting(Path("/w"), Path("/python"), place, "test_it", text, expected, {}, dict)


@pytest.mark.parametrize(
    "answer",
    [
        f"```python\n{CODE}```",
        f"Here it is:\n\n```py\n{CODE}```\nIt fails because of the name.",
        f"~~~\n{CODE}~~~\n",
        CODE,
        f"```\npip install x\n```\n\n```python\n{CODE}```\n",
        f"tests/other.py\n<<<<<<< SEARCH\n=======\n{CODE}>>>>>>> REPLACE\n",
        f"```python\r\n{CODE}```".replace("\r\n", "\n"),
    ],
)
def test_every_usual_form_is_read(answer: str) -> None:
    patch = writing().read(answer, cut_off=False)
    assert not isinstance(patch, PatchRefused), patch.reason
    [edit] = patch.edits
    assert edit.path == "tests/test_app.py", "wherever the model wanted it"
    assert ast.dump(ast.parse(edit.new_text or "")) == ast.dump(ast.parse(CODE))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("", "empty"),
        ("I would test the name.", "would not parse"),
        (f"```python\n{CODE}```\n```python\n{CODE}```", "several tests"),
        (CODE.replace("test_it", "test_other"), "no function test_it"),
        (f"```python\n{CODE.replace('==', '== (')}```", "would not parse"),
    ],
)
def test_anything_else_is_refused(answer: str, why: str) -> None:
    refused = writing().read(answer, cut_off=False)
    assert isinstance(refused, PatchRefused)
    assert why in refused.reason


def test_what_was_cut_off_is_refused() -> None:
    assert isinstance(writing().read(f"```python\n{CODE}", cut_off=True), PatchRefused)
    assert not isinstance(writing().read(f"```python\n{CODE}```\nAnd", cut_off=True), PatchRefused)


def test_imports_go_to_imports_and_tests_to_the_end() -> None:
    old = '"""Doc."""\n\nimport os\nfrom app import first\n\nX = 1\n\n\ndef test_first():\n    pass'
    new = (
        "from __future__ import annotations\nimport os\nimport pytest\nfrom app import total\n\n\n"
        "@pytest.mark.x\ndef test_it():\n    pass\n"
    )
    assert joined(old, new) == (
        '"""Doc."""\n\nimport os\nfrom app import first\nimport pytest\nfrom app import total\n\nX = 1\n\n\n'
        "def test_first():\n    pass\n\n\n@pytest.mark.x\ndef test_it():\n    pass\n"
    )


@given(st.lists(st.sampled_from(["import a", "from b import c", "x = 1", "def test_a(): pass"]), max_size=5))
def test_nothing_of_the_file_is_lost(lines: list[str]) -> None:
    text = "\n".join(lines)
    after = joined(text, CODE)
    ast.parse(after)
    kept = iter(after.splitlines())
    assert all(any(line == other for other in kept) for line in lines), "in their order"
    assert "def test_it" in after


def failure(exception: str, *frames: tuple[str, int, str], when: str = "call") -> Failure:
    found = tuple(TestFrame(path, line, "f", statement) for path, line, statement in frames)
    return Failure("tests/test_app.py::test_it", when, exception, "", found)


TEST = ("tests/test_app.py", 5, "assert total([1]) == 1")
APP = ("app.py", 3, "return sum(prise)")


@pytest.mark.parametrize(
    ("found", "is_met"),
    [
        (failure("NameError", TEST, APP), True),
        (failure("pkg.errors.NameError", TEST, APP), True),
        (failure("TypeError", TEST, APP), False),
        (failure("NameError", TEST), False),
        (failure("NameError", TEST, ("app.py", 4, "")), False),
        (failure("NameError", TEST, APP, ("lib.py", 3, "")), False),
        (failure("NameError", TEST, APP, when="setup"), False),
        (failure("NameError"), False),
    ],
)
def test_the_reason_is_a_type_and_a_place(found: Failure, is_met: bool) -> None:
    assert Expected("app.py", (2, 3), "NameError").is_met_by(found) is is_met


def test_the_same_assertion_is_the_same_reason_in_another_test() -> None:
    expected = Expected("tests/test_old.py", (9, 9), "AssertionError", "    assert total( [1] )==1")
    assert expected.is_met_by(failure("AssertionError", TEST))
    assert not expected.is_met_by(
        failure("AssertionError", ("tests/test_app.py", 5, "assert total([2]) == 1"))
    )
    assert plain("not python (") == "not python ("


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda each: (
            st.lists(each, max_size=4) | st.dictionaries(st.sampled_from(["failures", "passed"]), each)
        ),
    )
)
def test_whatever_a_run_leaves_is_read_or_refused(left: object) -> None:
    ran = read_failures(Path("/w"), {"failures-1.json": json.dumps(left).encode(), "other": b"\xff"})
    assert ran.why_not or all(isinstance(each, str) for each in ran.passed)


def test_frames_outside_of_the_project_do_not_count() -> None:
    frames = [
        ["/w/app.py", 2, "total", "x"],
        ["/w/.venv/lib/site-packages/a.py", 1, "f", ""],
        ["/usr/a.py", 1, "f", ""],
    ]
    left = {"failures": [["t::a", "call", "ValueError", "m", frames]], "passed": ["t::b"]}
    ran = read_failures(Path("/w"), {"failures-1.json": json.dumps(left).encode()})
    assert ran.passed == ("t::b",)
    [found] = ran.failures
    assert [each.path for each in found.frames] == ["app.py"]
    assert found.words == "ValueError at app.py:2"
