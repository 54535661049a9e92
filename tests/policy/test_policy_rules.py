"""Every rule held to its own words, and all of them to harmless text."""

from __future__ import annotations

import re
import sysconfig
from pathlib import Path

import pytest

from lsp_debugger.policy.detect import RuleScanner, builtin, scan
from lsp_debugger.policy.rule import Rule
from lsp_debugger.policy.rules import ALL, shapes
from lsp_debugger.policy.rules.names import Strength, strength


def found(text: str, scanner: RuleScanner) -> set[tuple[int, int]]:
    return {(finding.start, finding.end) for finding in scan(text, [scanner])}


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.id)
def test_a_rule_keeps_its_word(rule: Rule) -> None:
    alone = RuleScanner([rule])
    for hit in rule.hits:
        plain = hit.replace("«", "").replace("»", "")
        assert found(plain, alone) == {(hit.index("«"), hit.index("»") - 1)}, hit
        assert found(plain, builtin()), hit
    for miss in rule.misses:
        assert found(miss, alone) == set(), miss


def test_every_rule_can_be_told_from_the_others() -> None:
    assert len({rule.id for rule in ALL}) == len(ALL)
    assert all(re.fullmatch(r"[a-z_]{2,24}", rule.label) for rule in ALL)
    assert all(rule.hits and rule.misses for rule in ALL)


def test_the_standard_library_holds_next_to_nothing() -> None:
    """Budget: one finding in 100 KB of code that nobody wrote for this test."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    files = sorted(folder.glob("*.py")) + sorted(folder.glob("{json,http,email,asyncio,urllib}/*.py"))
    texts = [path.read_text("utf-8", "replace") for path in files]
    findings = sum(len(scan(text, [builtin()])) for text in texts)
    size = sum(map(len, texts))
    assert size > 2_000_000
    assert findings <= size / 100_000


@pytest.mark.parametrize(
    "text",
    [
        'File "/home/me/app/main.py", line 12, in <module>',
        "<Widget object at 0x7f3a5c2b9d10>",
        "commit da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "requests==2.32.3 --hash=sha256:55365417734eb18255590a9ff9eb97e9e1da868d4ccd6402399eaf68af20a760",
        'integrity="sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC"',
        "request 123e4567-e89b-12d3-a456-426614174000 took 12 ms",
        'token = os.environ["TOKEN"]',
        'a.py:3: error: Argument 1 to "login" has incompatible type "str"; expected "Password"  [arg-type]',
        "FAILED tests/test_auth.py::test_password_reset[user1] - AssertionError: assert 401 == 200",
        "E       assert token.kind == TokenKind.NAME",
        "KeyError: 'secret_name'",
        "for token in tokenize.generate_tokens(readline):",
        "def test_that_a_very_long_function_name_with_2_numbers_is_left_alone():",
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/",
        'ETag: "33a64df551425fcc55e4d42a148795d9f25f89d4"',
        "cache_key = 'd41d8cd98f00b204e9800998ecf8427e'",
    ],
)
def test_what_debugging_is_full_of_survives(text: str) -> None:
    assert found(text, builtin()) == set()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("password", Strength.STRONG),
        ("DB_PASSWORD_PROD", Strength.STRONG),
        ("dbPassword2", Strength.STRONG),
        ("clientSecret", Strength.STRONG),
        ("spring.datasource.password", Strength.STRONG),
        ("API_KEY", Strength.STRONG),
        ("auth_token", Strength.STRONG),
        ("token", Strength.FAIR),
        ("cache_key", Strength.FAINT),
        ("tokenizer", Strength.NONE),
        ("password_field", Strength.NONE),
        ("secretKeyRef", Strength.NONE),
        ("token_type", Strength.NONE),
        ("keyboard", Strength.NONE),
        ("", Strength.NONE),
    ],
)
def test_what_a_name_says(name: str, expected: Strength) -> None:
    assert strength(name) is expected


def test_what_a_value_looks_like() -> None:
    assert shapes.is_template("${PASSWORD}")
    assert shapes.is_template("<password>")
    assert not shapes.is_template("p4ss{w}ord!9x")
    assert shapes.is_stand_in("your-api-key-here")
    assert not shapes.is_stand_in("MyS3cr3tP@ss99")
    assert shapes.is_name("request_timeout2")
    assert not shapes.is_name("kJ8sh2Kq9xZpL0vB")
    assert shapes.is_reference("projects/p/secrets/db")
    assert shapes.is_hash("da39a3ee5e6b4b0d3255bfef95601890afd80709")
    assert shapes.looks_random("q8Zr3LmX0vT5bN7cW2yK9dPf")
    assert not shapes.looks_random("getElementsByTagNameNS2024")
