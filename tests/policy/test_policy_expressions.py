"""Conditions: what they mean, and that nothing else parses."""

from __future__ import annotations

import pytest

from lsp_debugger.policy.document import CLASS_NAMES
from lsp_debugger.policy.expressions import ExpressionInvalid, Facts, compile_expression

FACTS = Facts(
    matches=lambda name: name == "never_send",
    task="large_refactor",
    language="python",
    repo="shop",
    tokens=100,
    endpoint_name="corp-eu",
    user_id="ann",
    user_roles=("dev", "senior"),
    confidence="low",
)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("input.matches(classes.never_send)", True),
        ("input.matches(classes.redact_and_allow)", False),
        ("input.matches_any([classes.allow, classes.never_send])", True),
        ("input.matches_any([])", False),
        ("task in ['large_refactor','multi_repo_reasoning']", True),
        ("task not in ['x']", True),
        ("task in []", False),
        ("'senior' in user.roles", True),
        ("user.id == 'ann' and endpoint.name != 'corp-us'", True),
        ("not (language == 'python' or repo == 'x')", False),
        ("tokens == 100", True),
        ("tokens in (1, 2)", False),
        ("confidence == 'low'", True),
        ("true", True),
        ("True and not false", True),
        ("'a' == 'a'", True),
        (r"repo == 'sh\op'", False),
    ],
)
def test_a_condition_means_what_it_says(source: str, expected: bool) -> None:
    assert compile_expression(source, CLASS_NAMES)(FACTS) is expected


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "not an expression"),
        ("task ==", "not an expression"),
        ("task", "gives text, not true or false"),
        ("task and true", "and, or and not need true or false, not text"),
        ("os.system('x')", "the calls are"),
        ("input.matches('x')", "Constant is not allowed"),
        ("input.matches(classes.nevr_send)", "unknown class classes.nevr_send"),
        ("input.matches(classes.never_send, classes.allow)", "input.matches takes one argument"),
        ("input.matches(x=classes.never_send)", "input.matches takes one argument"),
        ("input.matches_any(classes.never_send)", "the calls are"),
        ("classes.never_send.append(1)", "the calls are"),
        ("().__class__ == 1", "Tuple is not allowed"),
        ("user.name == 'x'", "unknown name user.name"),
        ("__import__ == 'x'", "unknown name __import__"),
        ("tokens > 5", "Gt is not allowed"),
        ("tokens == 1 == 1", "comparisons do not chain"),
        ("tokens + 1 == 2", "BinOp is not allowed"),
        ("tokens == 'many'", "number never equals text"),
        ("tokens in ['x']", "number is never in list of text"),
        ("'x' in task", "text is never in text"),
        ("task in ['x', 1]", "a list holds literals of one type"),
        ("task in [['x']]", "a list holds literals of one type"),
        ("task == 1.5", "a literal is"),
        ("task == None", "a literal is"),
        ("task is 'x'", "Is is not allowed"),
        ("[task == x for x in user.roles]", "ListComp is not allowed"),
        ("lambda: true", "Lambda is not allowed"),
        ("f'{task}' == 'x'", "JoinedStr is not allowed"),
        ("task[0] == 'x'", "Subscript is not allowed"),
        ("(task := 'x') == 'x'", "NamedExpr is not allowed"),
        ("not " * 30 + "true", "nested too deeply"),
        ("(" * 500 + ")", "not an expression"),
        ("true or " * 200 + "true", "longer than 1000 characters"),
        ("true\x00", "not an expression"),
    ],
)
def test_nothing_else_parses(source: str, reason: str) -> None:
    with pytest.raises(ExpressionInvalid) as caught:
        compile_expression(source, CLASS_NAMES)
    assert str(caught.value).startswith(reason)
