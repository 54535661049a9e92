"""Several servers as one: nothing of theirs collides, and none of them can hold up the others."""

from __future__ import annotations

from typing import Any

import pytest
from wrap_scene import ABLE, AT, ELSEWHERE, EXPLAIN, FINDING, HERE, LISTING, URI, Scene

TYPES = {**ABLE, "definitionProvider": True, "executeCommandProvider": {"commands": ["types.x"]}}
LINTS = {
    "hoverProvider": True,
    "textDocumentSync": 2,
    "documentFormattingProvider": True,
    "definitionProvider": True,
    "codeActionProvider": {"resolveProvider": True},
    "executeCommandProvider": {"commands": ["lints.x"]},
}


def test_several_servers_count_in_utf_16() -> None:
    scene = Scene(
        TYPES, LINTS, offered={"capabilities": {"general": {"positionEncodings": ["utf-8", "utf-16"]}}}
    )
    for server in scene.servers:
        assert server.heard[0]["params"]["capabilities"]["general"]["positionEncodings"] == ["utf-16"]
    assert scene.introduced["capabilities"]["documentFormattingProvider"] is True
    assert scene.introduced["capabilities"]["executeCommandProvider"]["commands"][:2] == [
        "types.x",
        "lints.x",
    ]


def test_several_servers_findings_are_one_list() -> None:
    scene = Scene(TYPES, LINTS)
    other = {**FINDING, "source": "types"}
    scene.publish(other)
    scene.publish(FINDING, server=1)
    assert scene.client.last["params"]["diagnostics"] == [other, FINDING]
    assert scene.ours.last["params"]["diagnostics"] == [other, FINDING]
    scene.publish()
    assert scene.client.last["params"]["diagnostics"] == [FINDING]


def test_several_servers_answers_are_one() -> None:
    scene = Scene(TYPES, LINTS)
    first, second = scene.servers
    scene.client.ask(1, "textDocument/hover", ELSEWHERE)
    second.answer(1, {"contents": "two"})
    first.answer(1, {"contents": "one"})
    assert scene.client.last["result"]["contents"]["value"] == "one\n\n---\n\ntwo"
    scene.client.ask(2, "textDocument/definition", AT)
    first.answer(2, [{"uri": URI, "range": HERE}])
    second.answer(2, {"uri": URI, "range": HERE})
    assert scene.client.last["result"] == [{"uri": URI, "range": HERE}]


def test_of_several_servers_the_first_that_can_is_asked() -> None:
    scene = Scene(TYPES, LINTS)
    first, second = scene.servers
    first.clear()
    second.clear()
    asked = scene.client.ask(1, "textDocument/formatting", {})
    assert (first.raw, second.raw) == ([], [asked])
    answered = second.answer(1, [])
    assert scene.client.raw[-1] == answered
    for number, command, server in ((2, "lints.x", second), (3, "types.x", first)):
        asked = scene.client.ask(number, "workspace/executeCommand", {"command": command})
        assert server.raw[-1] == asked


def test_several_servers_actions_come_back_to_their_own() -> None:
    scene = Scene(TYPES, LINTS)
    first, second = scene.servers
    scene.client.ask(1, "textDocument/codeAction", LISTING)
    first.answer(1, [{"title": "one", "data": "d"}])
    second.answer(1, [{"title": "two", "data": "d"}])
    scene.ours.answer(1, [EXPLAIN])
    one, two, ours = scene.client.last["result"]
    assert ours == EXPLAIN
    scene.client.ask(2, "codeAction/resolve", two)
    assert second.last["params"] == {"title": "two", "data": "d"}
    scene.client.ask(3, "codeAction/resolve", one)
    assert scene.client.last["result"] == {"title": "one", "data": "d"}, "it has nothing to resolve"


def test_requests_of_several_servers_do_not_collide() -> None:
    scene = Scene(TYPES, LINTS)
    for server in scene.servers:
        server.ask(1, "workspace/configuration", {"items": []})
    theirs, others = (each["id"] for each in scene.client.heard[-2:])
    assert (theirs, others == 1) == (1, False)
    scene.client.answer(others, ["for the second"])
    assert (scene.servers[1].last["id"], scene.servers[1].last["result"]) == (1, ["for the second"])


def test_several_servers_leave_together() -> None:
    scene = Scene(TYPES, LINTS)
    scene.client.ask(1, "shutdown")
    scene.servers[1].answer(1, None)
    assert scene.client.last.get("id") != 1
    answered = scene.servers[0].answer(1, None)
    assert scene.client.raw[-1] == answered


def test_findings_are_pulled_from_the_server_that_is_named() -> None:
    scene = Scene(TYPES, {**LINTS, "diagnosticProvider": {"identifier": "lints"}})
    first, second = scene.servers
    options = {"identifier": "types"}
    registration = {"id": "1", "method": "textDocument/diagnostic", "registerOptions": options}
    first.ask(1, "client/registerCapability", {"registrations": [registration]})
    for number, server, name in ((1, second, "lints"), (2, first, "types")):
        heard = [len(each.raw) for each in scene.servers]
        pull = {"textDocument": {"uri": URI}, "identifier": name}
        asked = scene.client.ask(number, "textDocument/diagnostic", pull)
        assert server.raw[-1] == asked
        assert sum(len(each.raw) for each in scene.servers) == sum(heard) + 1
        answered = server.answer(number, {"kind": "full", "items": [{**FINDING, "source": name}]})
        assert scene.client.raw[-1] == answered
    assert [each["source"] for each in scene.ours.last["params"]["diagnostics"]] == ["types", "lints"]


def test_a_cancelled_pull_is_no_empty_report() -> None:
    scene = Scene(TYPES, {**LINTS, "diagnosticProvider": {}})
    scene.client.ask(1, "textDocument/diagnostic", {"textDocument": {"uri": URI}})
    for server in reversed(scene.servers):
        refused = server.say({"id": 1, "error": {"code": -32800, "message": "cancelled"}})
    assert scene.client.raw[-1] == refused


@pytest.mark.parametrize("servers", [[ABLE], [TYPES, {**LINTS, "diagnosticProvider": {}}]])
def test_what_a_cancelled_pull_reports_is_not_believed(servers: list[dict[str, Any]]) -> None:
    scene = Scene(*servers)
    scene.publish(FINDING)
    heard = len(scene.ours.raw)
    scene.client.ask(1, "textDocument/diagnostic", {"textDocument": {"uri": URI}})
    scene.client.say({"method": "$/cancelRequest", "params": {"id": 1}})
    for server in scene.servers:
        server.answer(1, {"kind": "full", "items": []})
    assert scene.client.last["result"] == {"kind": "full", "items": []}
    assert len(scene.ours.raw) == heard + 1, "the cancel alone"


def test_pulled_findings_of_several_are_one_report() -> None:
    pulls = {**LINTS, "diagnosticProvider": {}}
    scene = Scene(TYPES, pulls)
    first, second = scene.servers
    scene.client.ask(1, "textDocument/diagnostic", {"textDocument": {"uri": URI}})
    first.answer(1, {"kind": "full", "resultId": "1", "items": [FINDING]})
    second.answer(1, {"kind": "full", "items": [{**FINDING, "code": "E1"}]})
    assert scene.client.last["result"] == {"kind": "full", "items": [FINDING, {**FINDING, "code": "E1"}]}
    assert scene.ours.last["params"]["diagnostics"] == [FINDING, {**FINDING, "code": "E1"}]
    scene.client.ask(2, "textDocument/diagnostic", {"textDocument": {"uri": URI}})
    first.answer(2, {"kind": "unchanged", "resultId": "1"})
    second.answer(2, {"kind": "full", "items": []})
    assert scene.client.last["result"] == {"kind": "full", "items": [FINDING]}


# names that collide


def test_a_request_that_is_taken_back_is_the_clients() -> None:
    scene = Scene(TYPES, LINTS)
    for server in scene.servers:
        server.ask(7, "window/showMessageRequest", {"type": 3, "message": "?"})
    known = scene.client.last["id"]
    scene.servers[1].say({"method": "$/cancelRequest", "params": {"id": 7}})
    assert scene.client.last["params"] == {"id": known}
    taken_back = scene.servers[0].say({"method": "$/cancelRequest", "params": {"id": 7}})
    assert scene.client.raw[-1] == taken_back


def test_progress_of_two_servers_under_one_token_stays_apart() -> None:
    scene = Scene(TYPES, LINTS)
    first, second = scene.servers
    created = first.ask(1, "window/workDoneProgress/create", {"token": "index"})
    assert scene.client.raw[-1] == created
    second.ask(1, "window/workDoneProgress/create", {"token": "index"})
    other = scene.client.last["params"]["token"]
    assert other != "index"
    for server, token in ((first, "index"), (second, other)):
        server.say({"method": "$/progress", "params": {"token": "index", "value": {"kind": "begin"}}})
        assert scene.client.last["params"] == {"token": token, "value": {"kind": "begin"}}
    heard = len(first.raw)
    scene.client.say({"method": "window/workDoneProgress/cancel", "params": {"token": other}})
    assert second.last["params"] == {"token": "index"}
    assert len(first.raw) == heard, "it goes on"
    second.say({"method": "$/progress", "params": {"token": "index", "value": {"kind": "end"}}})
    assert scene.client.last["params"]["token"] == other
    first.say({"method": "$/progress", "params": {"token": "index", "value": {"kind": "end"}}})
    assert scene.client.last["params"]["token"] == "index"
    again = second.ask(2, "window/workDoneProgress/create", {"token": "index"})
    assert scene.client.last["params"]["token"] == "index", f"free again: {again!r}"


def test_a_token_of_the_clients_is_nobodys_to_rename() -> None:
    scene = Scene(TYPES, LINTS)
    said = scene.servers[1].say({"method": "$/progress", "params": {"token": 3, "value": [1]}})
    assert scene.client.raw[-1] == said
    stopped = scene.client.say({"method": "window/workDoneProgress/cancel", "params": {"token": 3}})
    assert [each.raw[-1] for each in (*scene.servers, scene.ours)] == [stopped] * 3


def test_registrations_of_two_servers_under_one_id_stay_apart() -> None:
    scene = Scene(TYPES, LINTS)
    one = {"registrations": [{"id": "1", "method": "textDocument/documentColor"}]}
    for server in scene.servers:
        server.ask(1, "client/registerCapability", one)
    mine, other = (each["params"]["registrations"][0]["id"] for each in scene.client.heard[-2:])
    assert (mine, other == "1") == ("1", False)
    gone = {"unregisterations": [{"id": "1", "method": "textDocument/documentColor"}]}
    scene.servers[1].ask(2, "client/unregisterCapability", gone)
    assert scene.client.last["params"]["unregisterations"][0]["id"] == other
    scene.client.ask(5, "textDocument/documentColor", AT)
    assert scene.servers[0].last["id"] == 5
    scene.servers[0].ask(2, "client/unregisterCapability", gone)
    assert scene.client.last["params"] == gone
    assert all(not each for each in _colourful(scene))


def _colourful(scene: Scene) -> list[bool]:
    return ["textDocument/documentColor" in each.registered for each in scene.peers]


# one that does not keep up


def test_a_server_that_does_not_begin_is_left_out() -> None:
    scene = Scene(TYPES, LINTS, silent=[1])
    assert scene.introduced is None
    assert scene.ring() == 10
    named = next(each for each in scene.client.heard if each.get("method") == "window/logMessage")
    assert "server 2 did not answer `initialize`" in named["params"]["message"]
    announced = next(each for each in scene.client.heard if each.get("id") == 0)["result"]["capabilities"]
    assert "documentFormattingProvider" not in announced
    assert announced["definitionProvider"] is True
    first, second = scene.servers
    second.clear()
    scene.client.say({"method": "initialized", "params": {}})
    scene.client.ask(1, "textDocument/hover", ELSEWHERE)
    answered = first.answer(1, {"contents": "one"})
    assert scene.client.raw[-1] == answered
    heard = len(scene.client.raw)
    second.answer(0, {"capabilities": LINTS})  # at last
    scene.publish(FINDING, server=1)
    assert (len(scene.client.raw), second.raw) == (heard, [])
    scene.client.ask(2, "shutdown")
    first.answer(2, None)
    assert scene.client.last == {"jsonrpc": "2.0", "id": 2, "result": None}


def test_a_server_that_refuses_is_left_out() -> None:
    scene = Scene(TYPES, LINTS, silent=[1])
    scene.servers[1].say({"id": 0, "error": {"code": 1, "message": "no licence"}})
    assert "refused" in scene.client.heard[0]["params"]["message"]
    assert scene.client.last["result"]["capabilities"]["definitionProvider"] is True


def test_once_there_is_something_to_show_the_others_have_five_seconds() -> None:
    scene = Scene(TYPES, LINTS)
    first, second = scene.servers
    scene.client.ask(1, "textDocument/hover", ELSEWHERE)
    first.answer(1, None)
    assert [each for each in scene.timers if not each.is_cancelled] == [], "nothing to show yet"
    scene.client.ask(2, "textDocument/hover", ELSEWHERE)
    second.answer(2, {"contents": "two"})
    assert scene.ring() == 5
    assert scene.client.last == {"jsonrpc": "2.0", "id": 2, "result": {"contents": "two"}}
    heard = len(scene.client.raw)
    first.answer(2, {"contents": "late"})
    assert len(scene.client.raw) == heard, "an id is answered once"


def test_a_report_of_findings_waits_for_all_of_them() -> None:
    scene = Scene(TYPES, {**LINTS, "diagnosticProvider": {}})
    scene.client.ask(1, "textDocument/diagnostic", {"textDocument": {"uri": URI}})
    scene.servers[1].answer(1, {"kind": "full", "items": [FINDING]})
    assert all(each.is_cancelled for each in scene.timers)
    assert scene.client.last.get("id") != 1


def test_shutdown_waits_a_second_for_the_others() -> None:
    scene = Scene(TYPES, LINTS)
    scene.client.ask(1, "shutdown")
    scene.servers[0].answer(1, None)
    assert scene.ring() == 1
    assert scene.client.last["id"] == 1


# requests


def test_an_error_of_all_is_no_empty_answer() -> None:
    scene = Scene(TYPES, LINTS)
    for number, method in ((1, "textDocument/hover"), (2, "textDocument/definition")):
        scene.client.ask(number, method, ELSEWHERE)
        refused = scene.servers[0].say({"id": number, "error": {"code": -32801, "message": "modified"}})
        scene.servers[1].say({"id": number, "error": {"code": -32800, "message": "cancelled"}})
        assert scene.client.raw[-1] == refused


def test_a_request_of_one_servers_own_finds_it() -> None:
    scene = Scene(TYPES, LINTS)
    scene.client.ask(1, "lints/debugInformation", {})
    scene.servers[0].say({"id": 1, "error": {"code": -32601, "message": "what?"}})
    answered = scene.servers[1].answer(1, {"text": "x"})
    assert scene.client.raw[-1] == answered


def test_the_first_answer_to_such_a_request_is_enough() -> None:
    scene = Scene(TYPES, LINTS)
    scene.client.ask(1, "types/reload", {})
    answered = scene.servers[0].answer(1, {"text": "x"})
    assert scene.ring() == 0
    assert scene.client.raw[-1] == answered


def test_what_comes_in_parts_or_with_progress_is_asked_for_once() -> None:
    scene = Scene({**TYPES, "referencesProvider": True}, LINTS)
    asked = {**AT, "context": {}, "workDoneToken": "w", "partialResultToken": "p"}
    scene.client.ask(1, "textDocument/references", asked)
    assert scene.servers[0].last["params"] == asked, "one alone is asked as it stands"
    scene.client.ask(2, "textDocument/definition", asked)
    first, second = (each.last["params"] for each in scene.servers)
    assert first == {**AT, "context": {}, "workDoneToken": "w"}
    assert second == {**AT, "context": {}}


# files that change

REGISTERED = "client/registerCapability"
WATCHED = "workspace/didChangeWatchedFiles"
CHANGES = [{"uri": "file:///r/a.py", "type": 2}, {"uri": "file:///r/target/b.o", "type": 1}]


def test_a_server_hears_of_the_files_it_asked_for() -> None:
    scene = Scene(ABLE)
    everything = {"watchers": [{"globPattern": "**/*"}]}
    registrations = {"registrations": [{"id": "w", "method": WATCHED, "registerOptions": everything}]}
    scene.ours.ask("1", REGISTERED, registrations)
    heard = len(scene.server.raw)
    changed = scene.client.say({"method": WATCHED, "params": {"changes": CHANGES}})
    assert (len(scene.server.raw), scene.ours.raw[-1]) == (heard, changed), "it asked for none"
    python = {"watchers": [{"globPattern": "**/*.py"}]}
    registrations = {"registrations": [{"id": "p", "method": WATCHED, "registerOptions": python}]}
    scene.server.ask(1, REGISTERED, registrations)
    scene.client.say({"method": WATCHED, "params": {"changes": CHANGES}})
    assert scene.server.last["params"] == {"changes": CHANGES[:1]}
    changed = scene.client.say({"method": WATCHED, "params": {"changes": CHANGES[:1]}})
    assert scene.server.raw[-1] == changed


def test_what_a_client_watches_of_its_own_accord_everybody_hears_of() -> None:
    scene = Scene(ABLE)
    changed = scene.client.say({"method": WATCHED, "params": {"changes": CHANGES}})
    assert scene.server.raw[-1] == scene.ours.raw[-1] == changed
