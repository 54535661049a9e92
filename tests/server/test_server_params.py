"""Parameters that no LSP type describes: what is read, what is refused, and how clearly."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams
from pygls.protocol import _dict_to_object

from lsp_debugger.server.params import (
    ExplainArguments,
    ForeignDiagnostics,
    answer_id,
    diagnostic_json,
    diagnostic_of,
    mapping_of,
    plain,
)

RANGE = {"start": {"line": 1, "character": 2}, "end": {"line": 1, "character": 5}}
DIAGNOSTIC = {"range": RANGE, "message": "m", "code": "F401", "source": "ruff", "severity": 2}


def test_what_pygls_makes_of_untyped_parameters_reads_like_json() -> None:
    given = {"uri": "u", "diagnostics": [DIAGNOSTIC], "complete": True, "version": 3}
    assert plain(_dict_to_object(dict(given))) == given
    assert plain(given) == given


def test_nesting_is_bounded() -> None:
    deep: Any = 1
    for _ in range(100):
        deep = [deep]
    with pytest.raises(JsonRpcInvalidParams):
        plain(deep)


def test_anything_that_is_no_mapping_is_an_empty_one() -> None:
    class Point(NamedTuple):
        x: int

    assert [mapping_of(value) for value in (None, 3, [1], "x", Point(1))] == [{}, {}, {}, {}, {"x": 1}]


@pytest.mark.parametrize(
    "given",
    [
        None,
        3,
        {},
        {"range": RANGE},
        {"message": "m"},
        {"range": 3, "message": "m"},
        {
            "range": {"start": {"line": -1, "character": 0}, "end": {"line": 0, "character": 0}},
            "message": "m",
        },
        {"range": {"start": {"line": "x"}, "end": {}}, "message": "m"},
        {**DIAGNOSTIC, "message": 5},
    ],
)
def test_what_is_no_diagnostic(given: object) -> None:
    assert diagnostic_of(given) is None


def test_unknown_decoration_costs_only_itself() -> None:
    read = diagnostic_of({**DIAGNOSTIC, "severity": 9, "tags": [1, 7], "new": {"x": 1}})
    assert read is not None
    assert (read.severity, list(read.tags or ()), read.code) == (
        None,
        [types.DiagnosticTag.Unnecessary],
        "F401",
    )


def test_a_message_may_be_markup() -> None:
    read = diagnostic_of({**DIAGNOSTIC, "message": {"kind": "markdown", "value": "**m**"}})
    assert read is not None
    assert read.message == "**m**"


def test_a_diagnostic_travels_without_its_owners_data() -> None:
    read = diagnostic_of({**DIAGNOSTIC, "data": {"edits": [1]}})
    assert read is not None
    assert diagnostic_json(read) == DIAGNOSTIC


def test_foreign_diagnostics_are_read_and_bounded() -> None:
    given = {
        "uri": "u",
        "version": 4.0,
        "diagnostics": [DIAGNOSTIC, {"bad": 1}, DIAGNOSTIC],
        "complete": False,
    }
    read = ForeignDiagnostics.read(_dict_to_object(dict(given)), limit=10)
    assert (read.uri, read.version, len(read.diagnostics), read.complete) == ("u", 4, 2, False)
    assert len(ForeignDiagnostics.read({**given, "diagnostics": [DIAGNOSTIC] * 9}, limit=3).diagnostics) == 3
    assert ForeignDiagnostics.read({"uri": "u", "diagnostics": []}, limit=3).complete


@pytest.mark.parametrize(
    "given",
    [None, {}, {"uri": "u"}, {"uri": 3, "diagnostics": []}, {"uri": "u", "diagnostics": {}}]
    + [{"uri": "u", "diagnostics": [], "version": version} for version in (-1, "1", True, 1.5)],
)
def test_foreign_diagnostics_that_are_none_are_refused(given: object) -> None:
    with pytest.raises(JsonRpcInvalidParams):
        ForeignDiagnostics.read(given, limit=10)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["u", 4], ExplainArguments("u", types.Position(4, 0), None, None)),
        ([{"uri": "u", "line": 4}], ExplainArguments("u", types.Position(4, 0), None, None)),
        (
            [{"uri": "u", "position": {"line": 4, "character": 2}, "version": 3}],
            ExplainArguments("u", types.Position(4, 2), 3, None),
        ),
        (
            [{"uri": "u", "diagnostic": DIAGNOSTIC}],
            ExplainArguments("u", None, None, diagnostic_of(DIAGNOSTIC)),
        ),
    ],
)
def test_explain_takes_one_object_or_a_uri_and_a_line(
    arguments: list[object], expected: ExplainArguments
) -> None:
    assert ExplainArguments.read(arguments) == expected


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["u"],
        [3, 4],
        ["u", "4"],
        ["u", -1],
        ["u", 1, 2],
        [{"uri": "u"}],
        [{"line": 3}],
        [{"uri": "u", "position": {"character": 3}}],
        [{"uri": "u", "position": 3}],
        [{"uri": "u", "diagnostic": {"message": "m"}}],
    ],
)
def test_explain_refuses_the_rest_in_one_line(arguments: list[object]) -> None:
    with pytest.raises(JsonRpcInvalidParams) as refused:
        ExplainArguments.read(arguments)
    assert "\n" not in str(refused.value)


def test_answer_ids() -> None:
    assert answer_id([{"id": "x"}]) == answer_id(["x"]) == "x"
    for arguments in ([], [{}], [3], [{"id": 3}], [""]):
        with pytest.raises(JsonRpcInvalidParams):
            answer_id(arguments)
