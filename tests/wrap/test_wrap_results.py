"""Answers of several servers become one."""

from __future__ import annotations

from typing import Any

import pytest

from lsp_debugger.wrap import results
from lsp_debugger.wrap.findings import PULL, PUSH, Findings


def place(line: int, character: int = 0, end: int = 5) -> dict[str, Any]:
    return {"start": {"line": line, "character": character}, "end": {"line": line, "character": end}}


def markdown(value: str) -> dict[str, Any]:
    return {"contents": {"kind": "markdown", "value": value}}


@pytest.mark.parametrize(
    ("contents", "value"),
    [
        ({"kind": "markdown", "value": "a"}, "a\n\n---\n\nours"),
        ({"kind": "plaintext", "value": "*a*"}, "```text\n*a*\n```\n\n---\n\nours"),
        ({"kind": "plaintext", "value": "````"}, "`````text\n````\n`````\n\n---\n\nours"),
        ({"language": "go", "value": "x"}, "```go\nx\n```\n\n---\n\nours"),
        ("a", "a\n\n---\n\nours"),
        (["a", {"language": "go", "value": "x"}], "a\n\n```go\nx\n```\n\n---\n\nours"),
    ],
)
def test_hovers_stand_under_each_other(contents: Any, value: str) -> None:
    joined = results.hovers([{"contents": contents, "range": place(1)}, markdown("ours")])
    assert joined == {"contents": {"kind": "markdown", "value": value}, "range": place(1)}


def test_one_hover_stays_as_it_is() -> None:
    plain = {"contents": {"kind": "plaintext", "value": "a"}}
    assert results.hovers([None, plain, {"contents": ""}]) == plain
    assert results.hovers([None, None]) is None


def test_each_place_is_listed_once() -> None:
    a, b = ({"uri": "file:///a", "range": place(line)} for line in (1, 2))
    link = {"targetUri": "file:///a", "targetSelectionRange": place(1), "targetRange": place(0)}
    assert results.locations([a, [a, b], None, [link]]) == [a, b]
    assert results.locations([None, []]) is None


def text_edit(text: str, line: int = 0) -> dict[str, Any]:
    return {"range": place(line), "newText": text}


@pytest.mark.parametrize(
    "edit",
    [
        {"changes": {"u": [text_edit("b", 1), text_edit("a")]}},
        {
            "documentChanges": [
                {"textDocument": {"uri": "u", "version": 3}, "edits": [text_edit("a"), text_edit("b", 1)]}
            ]
        },
        {
            "changes": {},
            "documentChanges": [
                {"textDocument": {"uri": "u"}, "edits": [text_edit("b", 1)]},
                {"textDocument": {"uri": "u"}, "edits": [{**text_edit("a"), "annotationId": "x"}]},
            ],
        },
    ],
)
def test_equal_edits_are_seen_in_every_form(edit: dict[str, Any]) -> None:
    other = {"changes": {"u": [text_edit("a"), text_edit("b", 1)]}}
    assert results.is_made(edit, [{"title": "x"}, {"edit": other}])


@pytest.mark.parametrize(
    "edit",
    [
        None,
        {},
        {"changes": {}},
        {"changes": {"u": [text_edit("a")]}},
        {"changes": {"v": [text_edit("a"), text_edit("b", 1)]}},
        {"documentChanges": [{"kind": "create", "uri": "u"}]},
    ],
)
def test_other_edits_are_not_equal(edit: Any) -> None:
    other = {"changes": {"u": [text_edit("a"), text_edit("b", 1)]}}
    assert not results.is_made(edit, [{"edit": other}, {"edit": {}}, {}])


@pytest.mark.parametrize(
    "action", [{"title": "x"}, {"title": "x", "data": None}, {"title": "x", "data": {"a": [1]}}]
)
def test_an_action_comes_back_to_its_server_as_it_was(action: dict[str, Any]) -> None:
    (sent,) = results.owned([action], 3)
    assert results.owner_of(sent) == (3, action)
    assert results.owner_of(action) is None


def test_a_command_has_nothing_to_resolve() -> None:
    command = {"title": "x", "command": "y"}
    assert results.owned([command], 1) == [command]


def finding(line: int) -> dict[str, Any]:
    return {"range": place(line, 2, 6), "message": "x"}


def test_findings_are_kept_by_server_and_way() -> None:
    findings = Findings()
    findings.keep("file:///a", 0, PUSH, [finding(1)])
    findings.keep("file:///a", 0, PULL, [finding(2)])
    findings.keep("file:///a", 1, PUSH, [finding(3), "nonsense"])
    findings.keep("file:///a", 0, PUSH, [finding(4)])
    assert findings.of("file:///a") == [finding(4), finding(2), finding(3)]
    assert findings.of("file:///a", place=0) == [finding(4), finding(2)]
    assert findings.of("file:///a", way=PUSH) == [finding(4), finding(3)]
    assert findings.of("file:///b") == []


def test_where_a_finding_is() -> None:
    findings = Findings()
    findings.keep("file:///c%3A/a", 0, PUSH, [finding(1), {"range": None}])
    inside = [findings.may_touch("file:///c:/a", *at) for at in ((1, 2), (1, 6), (1, 4))]
    outside = [findings.may_touch("file:///c:/a", *at) for at in ((1, 1), (1, 7), (0, 3), (2, 0))]
    assert (all(inside), any(outside)) == (True, False)
    findings.edited("file:///c:/a")
    assert findings.may_touch("file:///c:/a", 9, 9), "who knows, after an edit"
    findings.keep("file:///c:/a", 0, PUSH, [finding(1)])
    assert not findings.may_touch("file:///c:/a", 9, 9)
