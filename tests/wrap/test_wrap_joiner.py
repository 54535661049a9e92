"""Where messages go, step by step: no processes, and a clock that the test turns."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from lsp_debugger import rpc
from lsp_debugger.wrap import capabilities
from lsp_debugger.wrap.joiner import Joiner
from lsp_debugger.wrap.peer import Peer

URI = "file:///a.py"
HERE = {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 4}}
FINDING = {"range": HERE, "message": "Undefined name", "source": "Ruff", "code": "F821", "data": {"own": 1}}
AT = {"textDocument": {"uri": URI}, "position": {"line": 1, "character": 2}}
ELSEWHERE = {"textDocument": {"uri": URI}, "position": {"line": 7, "character": 0}}
LISTING = {"textDocument": {"uri": URI}, "range": HERE, "context": {"diagnostics": []}}
EXPLAIN = {
    "title": "Explain: F821",
    "kind": "quickfix.explain",
    "command": {"title": "", "command": "lspDebugger.explain"},
}
FIX = {"title": "Import it", "kind": "quickfix", "data": {"lspDebugger": {"uri": URI}}}
EDIT = {"changes": {URI: [{"range": HERE, "newText": "x"}]}}
ABLE = {"hoverProvider": True, "codeActionProvider": True, "textDocumentSync": 2, "diagnosticProvider": {}}


class End:
    """What one side has been sent, and how it speaks."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.speak: Callable[[rpc.Frame], None] = lambda _: None

    def take(self, data: bytes) -> None:
        self.raw.append(data)

    def say(self, message: dict[str, Any]) -> bytes:
        # Not as rpc.encode writes it, so that a message that was written anew shows.
        body = json.dumps({"jsonrpc": "2.0", **message}, indent=1).encode()
        raw = b"content-length: %d\n\n%b" % (len(body), body)
        self.speak(rpc.Frame(raw, body))
        return raw

    def ask(self, number: int | str, method: str, params: Any = None) -> bytes:
        return self.say({"id": number, "method": method, "params": params})

    def answer(self, number: Any, result: Any) -> bytes:
        return self.say({"id": number, "result": result})

    @property
    def heard(self) -> list[dict[str, Any]]:
        return [
            json.loads(raw.split(b"\n\n" if b"\r" not in raw[:40] else b"\r\n\r\n", 1)[1]) for raw in self.raw
        ]

    @property
    def last(self) -> dict[str, Any]:
        return self.heard[-1]

    def clear(self) -> None:
        self.raw.clear()


class Timer:
    def __init__(self, delay_s: float, act: Callable[[], None]) -> None:
        self.delay_s, self.act, self.is_cancelled = delay_s, act, False

    def cancel(self) -> None:
        self.is_cancelled = True


class Scene:
    """A client, servers and ours, past `initialize`."""

    def __init__(self, *announced: dict[str, Any], ours_starts: bool = True, offered: Any = None) -> None:
        self.client, self.ours = End(), End()
        self.servers = [End() for _ in announced]
        self.timers: list[Timer] = []
        peers = [Peer(place, server.take) for place, server in enumerate(self.servers)]
        self.joiner = Joiner(
            self.client.take, peers, lambda: self.ours.take if ours_starts else None, self._later
        )
        self.client.speak = self.joiner.from_client
        self.ours.speak = self.joiner.from_ours
        for peer, server in zip(peers, self.servers, strict=True):
            server.speak = lambda frame, peer=peer: self.joiner.from_child(peer, frame)
        self.hello = self.client.ask(0, "initialize", offered or {"capabilities": {}})
        for server, each in zip(self.servers, announced, strict=True):
            server.answer(0, {"capabilities": each, "serverInfo": {"name": "real"}})
        self.introduced = self.client.last["result"]
        if ours_starts:
            self.begun = self.ours.last
            self.ours.answer(self.begun["id"], {"capabilities": dict(capabilities.ours())})
        self.client.say({"method": "initialized", "params": {}})

    @property
    def server(self) -> End:
        return self.servers[0]

    def _later(self, delay_s: float, act: Callable[[], None]) -> Timer:
        self.timers.append(Timer(delay_s, act))
        return self.timers[-1]

    def ring(self) -> float:
        """The next alarm goes off; says how long it would have taken."""
        timer = next(each for each in self.timers if not each.is_cancelled)
        timer.is_cancelled = True
        timer.act()
        return timer.delay_s

    def passes_back(self, number: int, result: Any) -> bool:
        """Whether the server's answer arrives as it was."""
        answered = self.server.answer(number, result)
        return self.client.raw[-1] == answered

    def publish(self, *found: dict[str, Any], server: int = 0, **more: Any) -> bytes:
        params = {"uri": URI, "diagnostics": list(found), **more}
        return self.servers[server].say({"method": "textDocument/publishDiagnostics", "params": params})


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


# several servers

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
