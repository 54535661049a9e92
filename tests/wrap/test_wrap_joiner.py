"""Where messages go, step by step."""

from __future__ import annotations

from typing import Any

import pytest
from wrap_scene import ABLE, AT, EDIT, ELSEWHERE, EXPLAIN, FINDING, FIX, HERE, LISTING, URI, Scene

# initialize


def test_the_real_server_gets_the_clients_words_and_ours_the_same_encoding() -> None:
    offered = {
        "capabilities": {"general": {"positionEncodings": ["utf-8", "utf-16"]}, "window": {"x": 1}},
        "initializationOptions": {"python": 1, "lspDebugger": {"backend": "none"}},
        "rootUri": "file:///r",
        "processId": 1,
    }
    scene = Scene({**ABLE, "positionEncoding": "utf-8"}, offered=offered)
    assert scene.server.raw[0] == scene.hello
    given = scene.begun["params"]
    assert given["capabilities"] == {"general": {"positionEncodings": ["utf-8"]}, "window": {"x": 1}}
    assert (given["initializationOptions"], given["rootUri"]) == (
        {"lspDebugger": {"backend": "none"}},
        "file:///r",
    )
    assert given["processId"] != 1
    assert scene.introduced["serverInfo"] == {"name": "real"}


def test_without_a_choice_the_encoding_is_utf_16() -> None:
    assert Scene(ABLE).begun["params"]["capabilities"]["general"]["positionEncodings"] == ["utf-16"]


def test_a_refusal_of_the_real_server_is_all_there_is() -> None:
    scene = Scene(ABLE)
    scene.client.ask(1, "initialize", {})
    scene.ours.clear()
    refused = scene.server.say({"id": 1, "error": {"code": 1, "message": "no"}})
    assert scene.client.raw[-1] == refused
    assert scene.ours.raw == []


def test_what_ours_missed_while_it_started_it_hears_in_order() -> None:
    scene = Scene(ABLE)
    opened = scene.client.say({"method": "textDocument/didOpen", "params": {"textDocument": {"uri": URI}}})
    assert scene.ours.raw[-1] == opened
    assert [each.get("method") for each in scene.ours.heard[:2]] == ["initialize", "initialized"]


def test_without_ours_everything_passes() -> None:
    scene = Scene(ABLE, ours_starts=False)
    asked = scene.client.ask(1, "textDocument/codeAction", LISTING)
    assert scene.server.raw[-1] == asked
    answered = scene.server.answer(1, [])
    assert scene.client.raw[-1] == answered
    scene.client.ask(2, "workspace/executeCommand", {"command": "lspDebugger.status"})
    assert "not running" in scene.client.last["error"]["message"]


# what passes


@pytest.mark.parametrize(
    "method", ["textDocument/completion", "textDocument/formatting", "custom/thing", "$/x"]
)
def test_other_requests_and_their_answers_pass(method: str) -> None:
    scene = Scene(ABLE)
    scene.ours.clear()
    asked = scene.client.ask(5, method, {"a": "é"})
    assert scene.server.raw[-1] == asked
    assert scene.passes_back(5, {"b": 1})
    assert scene.ours.raw == []


def test_requests_of_the_real_server_pass_and_ours_get_ids_of_their_own() -> None:
    scene = Scene(ABLE)
    asked = scene.server.ask(1, "workspace/configuration", {"items": []})
    assert scene.client.raw[-1] == asked
    scene.ours.ask(1, "workspace/configuration", {"items": [{"section": "lspDebugger"}]})
    given = scene.client.last["id"]
    assert given != 1
    answered = scene.client.answer(1, ["theirs"])
    assert scene.server.raw[-1] == answered
    scene.client.answer(given, ["ours"])
    assert (scene.ours.last["id"], scene.ours.last["result"]) == (1, ["ours"])
    scene.ours.ask(1, "window/showDocument", {})
    second = scene.client.last["id"]
    scene.ours.say({"method": "$/cancelRequest", "params": {"id": 1}})
    assert (second != given, scene.client.last["params"]["id"]) == (True, second)


def test_a_cancel_reaches_everybody() -> None:
    scene = Scene(ABLE)
    said = scene.client.say({"method": "$/cancelRequest", "params": {"id": 3}})
    assert (scene.server.raw[-1], scene.ours.raw[-1]) == (said, said)


# diagnostics


def test_published_findings_pass_and_ours_hears_of_them() -> None:
    scene = Scene(ABLE)
    published = scene.publish(FINDING, version=4)
    assert scene.client.raw[-1] == published
    told = scene.ours.last
    assert told["method"] == "lspDebugger/foreignDiagnostics"
    assert told["params"] == {"uri": URI, "diagnostics": [FINDING], "complete": True, "version": 4}
    scene.publish()
    assert scene.ours.last["params"]["diagnostics"] == []


def test_pulled_findings_pass_and_ours_hears_of_them() -> None:
    scene = Scene(ABLE)
    scene.client.ask(1, "textDocument/diagnostic", {"textDocument": {"uri": URI}})
    answered = scene.server.answer(1, {"kind": "full", "items": [FINDING]})
    assert scene.client.raw[-1] == answered
    assert scene.ours.last["params"]["diagnostics"] == [FINDING]
    heard = len(scene.ours.raw)
    scene.client.ask(2, "textDocument/diagnostic", {"textDocument": {"uri": URI}})
    scene.server.answer(2, {"kind": "unchanged", "resultId": "1"})
    assert len(scene.ours.raw) == heard


def test_what_ours_publishes_stands_beside_the_others() -> None:
    scene = Scene(ABLE)
    own = {"range": HERE, "message": "mine", "source": "mypy"}
    scene.publish(FINDING)
    scene.ours.say(
        {"method": "textDocument/publishDiagnostics", "params": {"uri": URI, "diagnostics": [own]}}
    )
    assert scene.client.last["params"]["diagnostics"] == [FINDING, own]
    scene.publish()
    assert scene.client.last["params"]["diagnostics"] == [own]
    assert scene.ours.last["params"]["diagnostics"] == [], "ours is not told what it said itself"
    scene.ours.say({"method": "textDocument/publishDiagnostics", "params": {"uri": URI, "diagnostics": []}})
    assert scene.client.last["params"]["diagnostics"] == []
    published = scene.publish(FINDING)
    assert scene.client.raw[-1] == published, "untouched again"


def test_what_a_plugin_tells_is_added_to_what_the_servers_said() -> None:
    scene = Scene(ABLE)
    lint = {"range": HERE, "message": "lint", "source": "shellcheck"}
    scene.publish(FINDING)
    scene.server.clear()
    told = {"uri": URI, "version": 1, "diagnostics": [lint], "complete": True}
    scene.client.say({"method": "lspDebugger/foreignDiagnostics", "params": told})
    assert scene.ours.last["params"] == {**told, "diagnostics": [FINDING, lint]}
    scene.publish()
    assert scene.ours.last["params"]["diagnostics"] == [lint]
    assert scene.client.last["params"]["diagnostics"] == [], "it is the plugin that shows the other one"
    assert scene.server.raw == []


# hovers


def test_a_hover_where_nothing_is_reported_is_the_servers_alone() -> None:
    scene = Scene(ABLE)
    scene.publish(FINDING)
    scene.ours.clear()
    scene.client.ask(1, "textDocument/hover", ELSEWHERE)
    assert scene.passes_back(1, {"contents": "x"})
    assert scene.ours.raw == []


def test_a_card_stands_under_the_servers_hover() -> None:
    scene = Scene(ABLE)
    scene.publish(FINDING)
    scene.client.ask(1, "textDocument/hover", AT)
    scene.ours.answer(1, {"contents": {"kind": "markdown", "value": "card"}})
    scene.server.answer(1, {"contents": {"kind": "markdown", "value": "type"}})
    assert scene.client.last["result"]["contents"]["value"] == "type\n\n---\n\ncard"


def test_a_card_that_comes_too_late_is_left_out() -> None:
    scene = Scene(ABLE)
    scene.publish(FINDING)
    scene.client.ask(1, "textDocument/hover", AT)
    answered = scene.server.answer(1, {"contents": "type"})
    assert scene.client.raw[-1] != answered
    assert scene.ring() == 0.5, "the first card may take a little longer"
    assert scene.client.raw[-1] == answered
    heard = len(scene.client.raw)
    scene.ours.answer(1, {"contents": "card"})
    assert len(scene.client.raw) == heard
    scene.client.ask(2, "textDocument/hover", AT)
    scene.ours.answer(2, {"contents": "card"})
    scene.server.answer(2, {"contents": "type"})
    scene.client.ask(3, "textDocument/hover", AT)
    scene.server.answer(3, {"contents": "type"})
    assert scene.ring() == 0.1


def test_where_the_server_has_nothing_to_say_a_card_may_take_its_time() -> None:
    scene = Scene(ABLE)
    scene.publish(FINDING)
    scene.client.ask(1, "textDocument/hover", AT)
    scene.server.answer(1, None)
    assert scene.timers[-1].delay_s == 2
    scene.ours.answer(1, {"contents": "card"})
    assert scene.client.last["result"] == {"contents": "card"}


def test_a_server_without_hovers_is_not_asked() -> None:
    scene = Scene({**ABLE, "hoverProvider": False})
    scene.server.clear()
    scene.client.ask(1, "textDocument/hover", AT)
    scene.ours.answer(1, None)
    assert (scene.server.raw, scene.client.last["result"]) == ([], None)


# code actions


def test_ours_stand_last() -> None:
    scene = Scene(ABLE)
    asked = scene.client.ask(1, "textDocument/codeAction", LISTING)
    assert (scene.server.raw[-1], scene.ours.raw[-1]) == (asked, asked)
    scene.ours.answer(1, [EXPLAIN])
    scene.server.answer(1, [{"title": "theirs"}])
    assert scene.client.last["result"] == [{"title": "theirs"}, EXPLAIN]


@pytest.mark.parametrize("nothing", [None, []])
def test_where_ours_has_nothing_the_servers_answer_passes(nothing: Any) -> None:
    scene = Scene(ABLE)
    scene.client.ask(1, "textDocument/codeAction", LISTING)
    scene.ours.answer(1, nothing)
    answered = scene.server.answer(1, [{"title": "é"}])
    assert scene.client.raw[-1] == answered


def test_where_the_server_has_nothing_ours_is_the_answer() -> None:
    scene = Scene(ABLE)
    scene.client.ask(1, "textDocument/codeAction", LISTING)
    scene.server.answer(1, None)
    scene.ours.answer(1, [EXPLAIN])
    assert scene.client.last["result"] == [EXPLAIN]
    assert scene.timers[-1].is_cancelled


def test_after_a_tenth_of_a_second_the_server_stands_alone() -> None:
    scene = Scene(ABLE)
    scene.client.ask(1, "textDocument/codeAction", LISTING)
    answered = scene.server.answer(1, [{"title": "theirs"}])
    assert scene.ring() == 0.1
    assert scene.client.raw[-1] == answered
    heard = len(scene.client.raw)
    scene.ours.answer(1, [EXPLAIN])
    assert len(scene.client.raw) == heard


def test_an_error_of_the_server_passes_even_then() -> None:
    scene = Scene(ABLE)
    scene.client.ask(1, "textDocument/codeAction", LISTING)
    scene.ours.answer(1, [])
    refused = scene.server.say({"id": 1, "error": {"code": -32800, "message": "cancelled"}})
    assert scene.client.raw[-1] == refused


def test_an_equal_edit_of_the_server_wins() -> None:
    scene = Scene(ABLE)
    for number, edit, expected in (
        (1, EDIT, ["theirs", EXPLAIN["title"]]),
        (2, {"changes": {}}, ["theirs", FIX["title"], EXPLAIN["title"]]),
    ):
        scene.client.ask(number, "textDocument/codeAction", LISTING)
        scene.ours.answer(number, [FIX, EXPLAIN])
        fetched = scene.ours.last
        assert (fetched["method"], fetched["params"]) == ("codeAction/resolve", FIX)
        scene.server.answer(number, [{"title": "theirs", "edit": EDIT}])
        scene.ours.answer(fetched["id"], {**FIX, "edit": edit})
        assert [each["title"] for each in scene.client.last["result"]] == expected
        assert "edit" not in scene.client.last["result"][1], "as lazily as ours offered it"


def test_an_edit_that_is_not_known_in_time_is_left_out() -> None:
    scene = Scene(ABLE)
    scene.client.ask(1, "textDocument/codeAction", LISTING)
    scene.ours.answer(1, [FIX, EXPLAIN])
    scene.server.answer(1, [{"title": "theirs"}])
    scene.ring()
    assert [each["title"] for each in scene.client.last["result"]] == ["theirs", EXPLAIN["title"]]


def test_each_action_is_resolved_by_its_own() -> None:
    scene = Scene({**ABLE, "codeActionProvider": {"resolveProvider": True}})
    asked = scene.client.ask(1, "codeAction/resolve", FIX)
    assert scene.ours.raw[-1] == asked
    answered = scene.ours.answer(1, {**FIX, "edit": EDIT})
    assert scene.client.raw[-1] == answered
    theirs = scene.client.ask(2, "codeAction/resolve", {"title": "theirs", "data": 1})
    assert scene.server.raw[-1] == theirs


def test_what_the_server_never_offered_to_resolve_is_complete() -> None:
    scene = Scene(ABLE)
    scene.server.clear()
    scene.client.ask(1, "codeAction/resolve", {"title": "theirs", "command": {"title": "", "command": "x"}})
    assert scene.client.last["result"]["title"] == "theirs"
    assert scene.server.raw == []


def test_each_command_runs_where_it_comes_from() -> None:
    scene = Scene(ABLE)
    own = scene.client.ask(1, "workspace/executeCommand", {"command": "lspDebugger.status"})
    theirs = scene.client.ask(2, "workspace/executeCommand", {"command": "pyright.restart"})
    assert (scene.ours.raw[-1], scene.server.raw[-1]) == (own, theirs)


def test_our_documents_are_read_from_ours() -> None:
    scene = Scene(ABLE)
    own = scene.client.ask(1, "workspace/textDocumentContent", {"uri": "lspdbg:/answers/0.md"})
    theirs = scene.client.ask(2, "workspace/textDocumentContent", {"uri": "jdt://x"})
    assert (scene.ours.raw[-1], scene.server.raw[-1]) == (own, theirs)


def test_the_end_of_ours_ends_every_wait_for_it() -> None:
    scene = Scene(ABLE)
    scene.publish(FINDING)
    scene.client.ask(1, "textDocument/codeAction", LISTING)
    scene.client.ask(2, "workspace/executeCommand", {"command": "lspDebugger.explain"})
    answered = scene.server.answer(1, [{"title": "theirs"}])
    scene.joiner.ours_ended()
    assert scene.client.raw[-2] == answered
    assert scene.client.last["error"]["code"] == -32803
    scene.publish(FINDING)
    scene.client.ask(3, "textDocument/hover", AT)
    assert scene.passes_back(3, {"contents": "x"})


# the end


def test_shutdown_is_answered_by_the_real_server() -> None:
    scene = Scene(ABLE)
    asked = scene.client.ask(9, "shutdown")
    assert scene.server.raw[-1] == asked
    assert scene.ours.last["method"] == "shutdown"
    scene.ours.answer(scene.ours.last["id"], None)
    assert scene.client.last.get("id") != 9
    answered = scene.server.answer(9, None)
    assert scene.client.raw[-1] == answered
    left = scene.client.say({"method": "exit"})
    assert (scene.server.raw[-1], scene.ours.raw[-1], scene.joiner.has_exited) == (left, left, True)
