"""Decisions: deny dominates, nothing opens by accident, and the reasons never quote the text."""

from __future__ import annotations

import dataclasses
import json
import random

import pytest
from cloud_policy import CloudPolicy
from hypothesis import given
from hypothesis import strategies as st
from policy_samples import ROOT, SAMPLE, context, fragment, loaded, read

from lsp_debugger.core.ask import Card, Place
from lsp_debugger.core.errors import PolicyInvalid
from lsp_debugger.core.model import Locality
from lsp_debugger.policy.chain import canonical
from lsp_debugger.policy.classify import Matched
from lsp_debugger.policy.conditions import LATE_GATES
from lsp_debugger.policy.decide import Decision, conclude, decide
from lsp_debugger.policy.document import Action, Entry, PolicyRule
from lsp_debugger.policy.facts import Findings, RequestFacts
from lsp_debugger.policy.store import LoadedPolicy

CLOUD = CloudPolicy()
ASKED = context(fragment("x = 1"))
SAMPLE_POLICY = loaded(SAMPLE.read_text())


def outcome(decision: Decision) -> tuple[str, str]:
    return decision.action.value, decision.rule_id


def test_the_sample_decides() -> None:
    plain = context(fragment("x = 1"))
    assert outcome(decide(SAMPLE_POLICY, plain, "explain")) == ("local", "default")
    assert outcome(decide(SAMPLE_POLICY, plain, "large_refactor")) == ("consider_cloud", "user.rules[2]")
    token = context(fragment("token: abc"))
    assert outcome(decide(SAMPLE_POLICY, token, "explain")) == ("redact_then_route", "user.rules[1]")
    both = context(fragment("token: abc\nstack trace:\napi_key"))
    assert outcome(decide(SAMPLE_POLICY, both, "large_refactor")) == ("deny", "user.rules[0]")


def test_a_match_says_where_and_never_what() -> None:
    secretive = fragment("a = 1\nb = 2\nMY_API_KEY = 'zzz-9'\n", start_line=40)
    decision = decide(SAMPLE_POLICY, context(fragment("x"), secretive), "explain")
    [hit] = decision.matched[:1]
    assert (hit.class_name, hit.entry_id, hit.fragment, hit.line) == (
        "never_send",
        "user.never_send[2]",
        1,
        42,
    )
    assert "zzz" not in repr(decision)
    assert "API_KEY" not in repr(decision)


@pytest.mark.parametrize(
    "where",
    [
        context(fragment("x", "secrets/a.py")),
        context(fragment("x", f"{ROOT}/secrets/a.py")),
        context(fragment("x", "src/../secrets/a.py")),
        context(fragment("x"), path=f"{ROOT}/secrets/a.py"),
        context(fragment("x", f"file://{ROOT}/certs/a.pem")),
        dataclasses.replace(context(), card=Card("h", places=(Place("secrets/x", 3),))),
        dataclasses.replace(context(), card=Card("h", notes=("the api-key of",))),
        dataclasses.replace(context(), card=Card("h", rule_text="APIKEY")),
        context(message="cannot read api_key"),
        context(fragment("x", symbol="api_key")),
        context(fragment('name = "api" + "_key"')),
        context(fragment("a\u200bpi_key")),
    ],
)
def test_everything_that_could_be_sent_is_looked_at(where: object) -> None:
    assert decide(SAMPLE_POLICY, where, "explain").action is Action.DENY  # type: ignore[arg-type]


def test_never_send_needs_no_rule() -> None:
    policy = loaded("classes:\n  never_send: [{path: 'a/**'}]\nrules: [{if: true, action: consider_cloud}]\n")
    decision = decide(policy, context(fragment("x", "a/b.py")), "explain")
    assert outcome(decision) == ("deny", "user.never_send[0]")


def test_allow_opens_nothing() -> None:
    policy = loaded(
        "classes:\n  allow: [{pattern: 'stack trace:'}]\n  never_send: [{pattern: 'internal'}]\n"
        "rules: [{if: input.matches(classes.never_send), action: deny}]\n"
    )
    decision = decide(policy, context(fragment("stack trace: internal")), "explain")
    assert decision.action is Action.DENY
    assert {hit.class_name for hit in decision.matched} == {"allow", "never_send"}


def test_a_path_outside_is_no_reason_to_deny_what_stays_near() -> None:
    decision = decide(loaded(), context(fragment("x", "/usr/lib/python3/os.py")), "explain")
    gates = {gate.name: gate.passed for gate in decision.gates}
    assert decision.action is Action.LOCAL
    assert decision.ceiling is Locality.DECLARED_PRIVATE
    assert gates["workspace"] is False


def test_remote_stays_shut_whatever_a_policy_says() -> None:
    policy = loaded("rules: [{if: true, action: consider_cloud}]\n")
    decision = decide(policy, context(fragment("x = 1")), "explain")
    assert decision.ceiling is Locality.DECLARED_PRIVATE
    assert [gate.name for gate in decision.closed] == ["endpoint"]


def test_every_gate_open_is_what_it_takes() -> None:
    decision = decide(CLOUD.policy(), ASKED, "explain", CLOUD.ready)
    assert [gate.name for gate in decision.closed] == []
    assert decision.ceiling is Locality.REMOTE


def test_what_only_the_last_moment_knows_is_closed_until_then() -> None:
    early = dataclasses.replace(CLOUD.ready, redaction_clean=None, consent="", budget_left_micro_usd=None)
    decision = decide(CLOUD.policy(), ASKED, "explain", early)
    assert {gate.name for gate in decision.closed} == {"redaction", "budget", "consent"}
    assert {gate.name for gate in decision.closed} <= LATE_GATES
    assert decision.ceiling is Locality.DECLARED_PRIVATE


@pytest.mark.parametrize(
    ("gate", "change", "facts"),
    [
        ("mode", {"mode": "off_cloud"}, {}),
        ("mode", {"mode": "shadow"}, {}),
        ("rule", {"rules": "[]"}, {}),
        ("rule", {"rules": "[{if: true, action: deny}]"}, {}),
        ("rule", {"rules": "[{if: true, action: redact_then_route}]"}, {}),
        ("endpoint", {}, {"endpoint": "elsewhere"}),
        ("endpoint", {}, {"model": "another"}),
        ("role", {"roles": "{senior: {users: [nobody-here], cloud: true}}"}, {}),
        ("role", {"roles": "{dev: {users: ['*']}}"}, {}),
        ("role", {"roles": "{}"}, {}),
        ("task", {"tasks": "{large_refactor: {}}"}, {}),
        ("task", {"tasks": "{explain: {max_tokens: 1}}"}, {}),
        ("attestation", {"attested": "missing"}, {}),
        ("attestation", {"attested": "unsigned"}, {}),
        ("attestation", {"attested": "another key"}, {}),
        ("attestation", {"attested": "changed since"}, {}),
        ("attestation", {}, {"now": "2031-01-01T00:00:00.000+00:00"}),
        ("attestation", {}, {"now": "2026-01-01T00:00:00.000+00:00"}),
        ("region", {"obligations": "{regions: [us]}"}, {}),
        ("terms", {"obligations": "{private_link: true}"}, {}),
        ("approval", {"approvals": "{tasks: [explain]}"}, {}),
        ("budget", {}, {"budget_left_micro_usd": 10, "cost_micro_usd": 11}),
        ("budget", {}, {"budget_left_tokens": 3}),
        ("redaction", {}, {"redaction_clean": False}),
        ("consent", {}, {"consent": ""}),
        ("anchor", {"audit": "{anchor: required, anchor_path: /mnt/worm}"}, {"anchored": False}),
    ],
)
def test_one_closed_gate_is_enough_and_has_a_name(
    gate: str, change: dict[str, str], facts: dict[str, object]
) -> None:
    world = dataclasses.replace(CLOUD.ready, **facts)  # type: ignore[arg-type]
    decision = decide(CLOUD.policy(**change), ASKED, "explain", world)
    assert decision.ceiling is not Locality.REMOTE
    assert gate in [each.name for each in decision.closed]
    # The first that is closed is the one that is named to the user.
    assert decision.closed[0].name == gate


def test_what_takes_too_long_to_look_through_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lsp_debugger.policy.decide.OBSERVE_LIMIT_S", -1.0)
    decision = decide(CLOUD.policy(), ASKED, "explain", CLOUD.ready)
    assert [gate.name for gate in decision.closed] == ["time"]
    assert conclude(CLOUD.policy(), decision.findings, decision.facts) == decision


def test_a_path_outside_closes_the_workspace_gate() -> None:
    outside = context(fragment("x", "/usr/lib/python3/os.py"))
    decision = decide(CLOUD.policy(), outside, "explain", CLOUD.ready)
    assert [each.name for each in decision.closed] == ["workspace"]


@given(st.data())
def test_facts_and_findings_come_back_from_a_record(data: st.DataObject) -> None:
    facts = data.draw(st.builds(RequestFacts))
    findings = data.draw(
        st.builds(
            Findings,
            st.lists(st.builds(Matched, st.text(), st.text(), st.none() | st.integers(), st.integers())).map(
                tuple
            ),
        )
    )
    assert RequestFacts.read(json.loads(canonical(facts.body()))) == facts
    assert Findings.read(json.loads(canonical(findings.body()))) == findings


def test_a_record_of_the_first_engine_is_read_and_one_of_nobody_is_not() -> None:
    older = RequestFacts(task="explain").body()
    del older["timed_out"]
    assert RequestFacts.read(older) == RequestFacts(task="explain")
    with pytest.raises(KeyError):
        RequestFacts.read({"task": "explain"})


@pytest.mark.parametrize("mode", ["shadow", "off_cloud"])
def test_a_mode_shows_as_a_gate(mode: str) -> None:
    gates = {gate.name: gate for gate in decide(loaded(f"mode: {mode}\n"), context(), "explain").gates}
    assert not gates["mode"].passed
    assert mode in gates["mode"].why


def test_an_unreadable_policy_denies() -> None:
    decision = decide(loaded(unreadable="p:1: unknown key"), context(), "explain")
    assert outcome(decision) == ("deny", "unreadable")
    assert decision.ceiling is Locality.VERIFIED_LOCAL
    assert decision.gates[0].why == "p:1: unknown key"


def test_an_error_denies() -> None:
    """5: whatever raises."""

    def broken(_: object) -> bool:
        raise RuntimeError("secret text")

    policy = dataclasses.replace(read(""), rules=(PolicyRule("r", broken, Action.CONSIDER_CLOUD),))
    decision = decide(LoadedPolicy(policy, "0"), context(), "explain")
    assert outcome(decision) == ("deny", "error")
    assert "secret text" not in repr(decision)


def test_what_is_too_long_is_denied_and_not_cut() -> None:
    decision = decide(loaded(), context(fragment("x" * 10_000_001)), "explain")
    assert outcome(decision) == ("deny", "size")


_conditions = st.sampled_from(
    [
        "input.matches(classes.never_send)",
        "input.matches(classes.allow)",
        "task == 'explain'",
        "language in ['python', 'go']",
        "not input.matches(classes.redact_and_allow)",
        "false",
        "true",
    ]
)
_rules = st.lists(
    st.tuples(_conditions, st.sampled_from(["deny", "redact_then_route", "consider_cloud"])), max_size=6
)
_entries = st.lists(
    st.sampled_from(["path: 'src/**'", "path: 'lib/**'", "pattern: 'x = 1'", "pattern: 'zzz'"]), max_size=3
)


def _text(rules: list[tuple[str, str]], never_send: list[str]) -> str:
    lines = ["classes:", "  never_send:", *(f"    - {entry}" for entry in never_send), "rules:"]
    return "\n".join([*lines, *(f"  - if: {condition}\n    action: {action}" for condition, action in rules)])


_rank = {Action.DENY: 0, Action.LOCAL: 1, Action.REDACT_THEN_ROUTE: 1, Action.CONSIDER_CLOUD: 2}


@given(_rules, _entries, st.randoms(use_true_random=False))
def test_deny_dominates_in_any_order(
    rules: list[tuple[str, str]], entries: list[str], order: random.Random
) -> None:
    """1: permutation and duplication change no action; where a deny applies, deny it is."""
    asked = context(fragment("x = 1"))
    first = decide(loaded(_text(rules, entries)), asked, "explain")
    shuffled = rules * 2
    order.shuffle(shuffled)
    assert decide(loaded(_text(shuffled, entries)), asked, "explain").action is first.action
    applies = decide(loaded(_text([("true", "deny"), *rules], entries)), asked, "explain")
    assert applies.action is Action.DENY


@given(_rules, _entries, _entries, st.sampled_from(["true", "task == 'explain'", "false"]))
def test_more_restrictions_never_open(
    rules: list[tuple[str, str]], entries: list[str], more: list[str], condition: str
) -> None:
    """2: another never_send entry or deny rule never turns deny or local into cloud."""
    asked = context(fragment("x = 1"))
    # `not input.matches(...)` reads classes the other way round; never_send itself is not negated here.
    before = decide(loaded(_text(rules, entries)), asked, "explain")
    after = decide(loaded(_text([*rules, (condition, "deny")], entries + more)), asked, "explain")
    assert _rank[after.action] <= _rank[before.action]


@given(_rules, _entries)
def test_a_decision_is_a_function_of_what_it_is_given(
    rules: list[tuple[str, str]], entries: list[str]
) -> None:
    """11"""
    policy, asked = loaded(_text(rules, entries)), context(fragment("x = 1"))
    world = RequestFacts(now="2026-11-25T10:00:00.000+00:00")
    decision = decide(policy, asked, "explain", world)
    assert decision == decide(policy, asked, "explain", world)
    assert conclude(policy, decision.findings, decision.facts) == decision


@given(st.text(max_size=200))
def test_no_text_is_a_policy_that_opens_remote(text: str) -> None:
    """4 and 15: what cannot be read, or holds a key that nobody knows, is an error or grants nothing."""
    try:
        policy = read(text)
    except PolicyInvalid:
        return
    decision = decide(LoadedPolicy(policy, "0"), context(), "explain")
    assert decision.ceiling is not Locality.REMOTE


def test_conditions_know_the_request() -> None:
    policy = loaded("rules: [{if: \"repo == 'work-space' and language == 'python'\", action: deny}]\n")
    assert decide(policy, context(), "t").action is Action.DENY
    assert decide(policy, context(path=None), "t").action is Action.DENY
    assert decide(dataclasses.replace(policy, roots=()), context(), "t").action is Action.LOCAL
    policy = loaded("rules: [{if: \"task == 't' and tokens not in [0]\", action: deny}]\n")
    assert decide(policy, context(), "t").action is Action.DENY


def test_matches_are_capped() -> None:
    policy = dataclasses.replace(
        read(""), never_send=tuple(Entry(f"user.never_send[{i}]", glob="src/**") for i in range(500))
    )
    assert len(decide(LoadedPolicy(policy, "0", roots=(ROOT,)), context(fragment("x")), "t").matched) == 100
