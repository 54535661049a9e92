"""policy.yaml: what loads, and what is refused with file, line and key in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from cloud_policy import CloudPolicy
from policy_samples import REPO, SAMPLE, read

from lsp_debugger.core.errors import PolicyInvalid
from lsp_debugger.policy.document import Action, Mode
from lsp_debugger.policy.schema import read_policy, read_tightening


def test_the_sample_loads_byte_for_byte() -> None:
    policy = read_policy(SAMPLE.read_bytes(), "sample.yaml", "user")
    assert [entry.glob or entry.pattern for entry in policy.never_send] == [
        "secrets/**",
        "**/*.pem",
        "(?i)api[_-]?key",
    ]
    assert [entry.id for entry in policy.redact_and_allow] == [
        "user.redact_and_allow[0]",
        "user.redact_and_allow[1]",
    ]
    assert [rule.action for rule in policy.rules] == [
        Action.DENY,
        Action.REDACT_THEN_ROUTE,
        Action.CONSIDER_CLOUD,
    ]
    assert policy.mode is Mode.ENFORCE


def test_the_sample_without_its_indentation_is_refused() -> None:
    flat = "\n".join(line.strip() for line in SAMPLE.read_text().splitlines())
    with pytest.raises(PolicyInvalid):
        read(flat)


def test_the_default_at_the_root_loads_and_grants_nothing() -> None:
    data = (REPO / "policy.yaml").read_bytes()
    policy = read_policy(data, "policy.yaml", "user")
    assert {rule.action for rule in policy.rules} == {Action.DENY}
    tightening, problems = read_tightening(data, "policy.yaml", "repo")
    assert problems == ()
    assert tightening.never_send


def test_everything_optional() -> None:
    policy = read(
        "version: 1\nmode: shadow\nclasses:\n  never_send:\nrules:\n  - if: true\n    action: deny\n"
        "never_index: ['a/**']\ndetectors:\n  builtin: [secrets]\n"
    )
    assert policy.mode is Mode.SHADOW
    assert policy.never_index == ("a/**",)
    assert read("# only a comment\n") == read_policy(b"", "x", "user")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("classes:\n  nevr_send: []\n", "policy.yaml:2: classes.nevr_send: unknown key 'nevr_send'"),
        ("rolls: {}\n", "policy.yaml:1: rolls: unknown key 'rolls'"),
        ("version: 2\n", "policy.yaml:1: version: only version 1 is known"),
        ("version: true\n", "policy.yaml:1: version: only version 1 is known"),
        ("mode: fast\n", "policy.yaml:1: mode: expected one of: enforce, shadow, off_cloud"),
        ("mode: off\n", "policy.yaml:1: mode: expected one of: enforce, shadow, off_cloud"),
        ("classes: []\n", "policy.yaml:1: classes: expected keys and values, not a list"),
        (
            "classes:\n  allow: {path: x}\n",
            "policy.yaml:2: classes.allow: expected a list, not keys and values",
        ),
        (
            "classes:\n  allow:\n    - path: x\n      pattern: y\n",
            "policy.yaml:3: classes.allow[0]: an entry is one of `path: GLOB` and `pattern: REGEX`",
        ),
        (
            "classes:\n  allow:\n    - pattern: 12\n",
            "policy.yaml:3: classes.allow[0].pattern: expected text, not a number: put it in quotes",
        ),
        (
            "classes:\n  allow:\n    - pattern: '(?=x)'\n",
            (
                "policy.yaml:3: classes.allow[0].pattern: RE2 does not accept this pattern; "
                "RE2 has no look-around: match the wider text instead"
            ),
        ),
        (
            "classes:\n  allow:\n    - pattern: '(a)\\1'\n",
            (
                "policy.yaml:3: classes.allow[0].pattern: RE2 does not accept this pattern; "
                "RE2 has no back-references: write the alternatives out"
            ),
        ),
        (
            "classes:\n  allow:\n    - pattern: ''\n",
            "policy.yaml:3: classes.allow[0].pattern: empty pattern, which would match everything",
        ),
        (
            "classes:\n  allow:\n    - pattern: 'x{900}{900}'\n",
            "policy.yaml:3: classes.allow[0].pattern: RE2 does not accept this pattern",
        ),
        (
            "classes:\n  allow:\n    - path: '{a,b'\n",
            "policy.yaml:3: classes.allow[0].path: unbalanced { } in the glob",
        ),
        ("rules:\n  - action: deny\n", "policy.yaml:2: rules[0]: the rule has no `if`"),
        ("rules:\n  - if: task == 'x'\n", "policy.yaml:2: rules[0]: the rule has no `action`"),
        (
            "rules:\n  - if: task == 'x'\n    action: allow\n",
            "policy.yaml:3: rules[0].action: expected one of: deny, redact_then_route, consider_cloud",
        ),
        ("rules:\n  - default: cloud\n", "policy.yaml:2: rules[0].default: expected one of: local"),
        (
            "rules:\n  - default: local\n  - default: local\n",
            "policy.yaml:3: rules[1]: one `default: local`, standing alone",
        ),
        (
            "rules:\n  - if: task = 'x'\n    action: deny\n",
            "policy.yaml:2: rules[0].if: condition: not an expression",
        ),
        (
            "rules:\n  - if: 12\n    action: deny\n",
            "policy.yaml:2: rules[0].if: expected text, not a number: put it in quotes",
        ),
        (
            "detectors:\n  builtin: [everything]\n",
            "policy.yaml:2: detectors.builtin[0]: expected one of: secrets",
        ),
        ("detectors:\n  builtin: []\n", "policy.yaml:2: detectors.builtin: `secrets` cannot be switched off"),
        ("mode: enforce\nmode: shadow\n", "policy.yaml:2: the key 'mode' stands here twice"),
        ("a: &x [1]\nb: *x\n", "policy.yaml:1: anchors and aliases are not allowed in a policy"),
        ("mode: !!python/name:os.system enforce\n", "policy.yaml:1: tags are not allowed in a policy"),
        ("x: [\n", "policy.yaml:2: not valid YAML: did not find expected node content"),
        ("mode: enforce\n---\nmode: shadow\n", "policy.yaml:2: not valid YAML: but found another document"),
        ("? [a]\n: b\n", "policy.yaml:1: a key must be a plain word"),
        ("- a\n", "policy.yaml:1: expected keys and values, not a list"),
        ("text\n", "policy.yaml:1: expected keys and values, not text"),
        ("[" * 50, "policy.yaml:1: nested more than 12 levels deep"),
        ("never_index: [" + "a," * 20_000 + "]", "policy.yaml:1: more than 20000 values"),
        ("#" * 300_000, "policy.yaml:1: larger than 256 KiB"),
        ("mode: \x07\n", "policy.yaml:1: not valid YAML"),
        ("version: 9999-99-99\n", "policy.yaml:1: version: a value that YAML cannot read"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(text: str, said: str) -> None:
    with pytest.raises(PolicyInvalid) as caught:
        read(text)
    message = str(caught.value)
    assert message.startswith(said)
    assert "\n" not in message
    assert caught.value.hint


def test_what_is_not_text_is_refused() -> None:
    with pytest.raises(PolicyInvalid, match=r"^p:2: not UTF-8$"):
        read_policy(b"mode: enforce\n\xff\xfe", "p", "user")


def test_a_repository_may_only_tighten() -> None:
    policy, problems = read_tightening(
        b"mode: shadow\ndetectors: {builtin: []}\nroles: {}\nnever_index: ['x/**']\n"
        b"classes:\n  never_send: [{path: 'secret/**'}]\n  allow: [{path: '**'}]\n"
        b"rules:\n  - if: true\n    action: consider_cloud\n  - if: task == 'x'\n    action: deny\n"
        b"  - default: local\n",
        "p",
        "repo",
    )
    assert policy.mode is Mode.ENFORCE
    assert [entry.id for entry in policy.never_send] == ["repo.never_send[0]"]
    assert policy.allow == ()
    assert [rule.action for rule in policy.rules] == [Action.DENY]
    assert policy.never_index == ("x/**",)
    assert sorted(problem.split(": ignored")[0] for problem in problems) == [
        "p:1: mode",
        "p:2: detectors",
        "p:3: roles",
        "p:7: classes.allow",
        "p:9: rules[0]",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "classes: {never_send: [{pattern: '(?=x)'}]}",
        "rules: [{if: 'nonsense(', action: deny}]",
        "rules: [{if: true}]",
        "- a list",
        "{",
    ],
)
def test_a_repositorys_broken_restriction_is_an_error(text: str) -> None:
    with pytest.raises(PolicyInvalid):
        read_tightening(text.encode(), "p", "repo")


def test_a_hostile_repository_cannot_flood_the_problems() -> None:
    keys = "".join(f"key{i}: 1\n" for i in range(5000))
    _, problems = read_tightening(keys.encode(), "p", "repo")
    assert len(problems) == 20


def _validated(text: str) -> list[str]:
    from jsonschema import Draft202012Validator

    schema = json.loads((REPO / "editors" / "policy.schema.json").read_text())
    loaded = yaml.safe_load(text)
    return [error.message for error in Draft202012Validator(schema).iter_errors(loaded)]


@pytest.mark.parametrize("file", [SAMPLE, REPO / "policy.yaml"], ids=lambda file: file.name)
def test_what_the_reader_takes_the_schema_for_editors_takes_too(file: Path) -> None:
    assert _validated(file.read_text()) == []
    read(file.read_text())


@pytest.mark.parametrize(
    "text",
    [
        "nevr_send: []\n",
        "mode: fast\n",
        "version: 2\n",
        "classes: {allow: [{path: a, pattern: b}]}\n",
        "classes: {allow: [{}]}\n",
        "rules: [{if: true}]\n",
        "rules: [{default: cloud}]\n",
        "endpoints: {corp: {base_url: 'https://x'}}\n",
        "endpoints: {corp: {base_url: 'https://x', models: [m], proxy: y}}\n",
        "endpoints: {corp: {base_url: 'https://x', models: [m], prox: 'http://p:1'}}\n",
        "audit: {anchor: maybe}\n",
        "budgets: {per_user_day_usd: -1}\n",
        "tests: [{name: x}]\n",
    ],
)
def test_what_the_reader_refuses_the_schema_for_editors_refuses_too(text: str) -> None:
    assert _validated(text)
    with pytest.raises(PolicyInvalid):
        read(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("http://llm.example.com/v1", "only https, or http to 127.0.0.1"),
        ("https://u:p@llm.example.com", "without user name"),
        ("https://*.example.com", "without user name, query or wildcard"),
        ("https://llm.example.com/v1?key=1", "without user name, query or wildcard"),
        ("llm.example.com", "expected https://host"),
        ("https://[::1", "not an address"),
    ],
)
def test_an_endpoint_is_one_place_over_tls(text: str, said: str) -> None:
    with pytest.raises(PolicyInvalid) as caught:
        read(f"endpoints: {{corp: {{base_url: '{text}', models: [m]}}}}\n")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("base_url", "proxy", "said"),
    [
        ("https://x", "proxy.example.com:3128", "expected http://host:port"),
        ("https://x", "https://proxy.example.com:3128", "expected http://host:port"),
        ("https://x", "http://u:p@proxy.example.com:3128", "expected http://host:port"),
        ("https://x", "http://proxy.example.com", "expected http://host:port"),
        ("https://x", "http://[::1", "not an address"),
        ("http://127.0.0.1:1", "http://proxy.example.com:3128", "a proxy is for an https endpoint"),
    ],
)
def test_a_proxy_is_one_place_and_for_a_tunnel(base_url: str, proxy: str, said: str) -> None:
    with pytest.raises(PolicyInvalid) as caught:
        read(f"endpoints: {{corp: {{base_url: '{base_url}', models: [m], proxy: '{proxy}'}}}}\n")
    assert said in str(caught.value)


def test_a_proxy_is_part_of_what_is_attested() -> None:
    text = CloudPolicy().text()
    changed = text.replace("models: [big]\n", "models: [big]\n    proxy: http://proxy.example.com:3128\n")
    assert changed != text
    before, after = (read(each).grants.endpoints[0].attestation for each in (text, changed))
    assert before is not None
    assert after is not None
    assert before.statement != after.statement
    assert read(changed).grants.endpoints[0].place.proxy == "http://proxy.example.com:3128"


def test_a_task_names_only_endpoints_that_are_there() -> None:
    with pytest.raises(PolicyInvalid, match="there is no endpoint 'crop'"):
        read(
            "tasks: {explain: {endpoints: [crop]}}\nendpoints: {corp: {base_url: 'https://x', models: [m]}}\n"
        )


def test_a_repository_grants_nothing() -> None:
    text = CloudPolicy().text()
    policy, problems = read_tightening(text.encode(), "policy.yaml", "repo")
    assert policy.grants == read("").grants
    assert policy.rules == ()
    assert {problem.split(": ")[1] for problem in problems} >= {
        *("roles", "tasks", "budgets", "obligations", "endpoints", "rules[0]"),
    }
