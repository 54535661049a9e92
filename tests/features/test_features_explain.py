"""The answer document: what a user reads, in which order, and that it only ever grows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from inline_snapshot import snapshot

from lsp_debugger.core.ask import (
    Answer,
    Card,
    CertainEdit,
    Confidence,
    Place,
    Problem,
    Provenance,
    Replacement,
    Severity,
    Unanswered,
    Verified,
)
from lsp_debugger.core.text import Span
from lsp_debugger.features import FEATURES, explain
from lsp_debugger.features.explain import EXPLAIN, SUPPOSED, closing, opening, show, unfinished

ROOT = "/w"
PROBLEM = Problem(
    "`os` imported but unused",
    source="ruff",
    code="F401",
    severity=Severity.WARNING,
    path="/w/src/app.py",
    line=3,
    span=Span(7, 9),
    related=(Place("/w/src/other.py", 9, "was used here"),),
)
CARD = Card(
    "`os` is imported on line 3 and never used in this file.",
    places=(Place("src/app.py", 3, "the import"),),
    notes=("Nothing in this file exports it.",),
    edit=CertainEdit("Remove the import of `os`", "file:///w/src/app.py", 4, (Replacement(Span(0, 10), ""),)),
    rule_text="# unused-import (F401)\n\nChecks for unused imports.\n```python\nimport os\n```\n",
    href="https://docs.astral.sh/ruff/rules/unused-import",
)
PROVENANCE = Provenance(
    answer_id="0123456789ab",
    backend="ollama",
    model="qwen2.5-coder:7b",
    digest="sha256:4f5e",
    locality="verified local",
    policy_sha256="aa11",
    index_version="none",
    prompt_hmac="bb22",
    chosen_because="the largest that fits in memory",
)
ANSWER = Answer(
    "The import is left over from `load`. src/app.py:3 is its only mention.",
    complete=True,
    finish_reason="stop",
    confidence=Confidence.MEDIUM,
    confidence_reason="one place cited, no log-probabilities",
    evidence=(Place("src/app.py", 3),),
    provenance=PROVENANCE,
    tokens=21,
)
ELSEWHERE = "Nothing was sent to another service."


def verified(reply: Answer | Unanswered = ANSWER, card: Card = CARD, problem: Problem = PROBLEM) -> Verified:
    return Verified(problem, card, reply, "0123456789ab", ELSEWHERE, 4)


def test_explain_is_listed() -> None:
    assert [feature.name for feature in FEATURES] == ["explain"]
    assert FEATURES[0].show(verified()) == show(verified())


def test_the_task_is_ours_and_the_problem_the_users() -> None:
    asked = EXPLAIN.ask(PROBLEM)
    assert asked is not None
    assert (asked.problem, asked.task, asked.task_name, asked.wants_patch) == (
        PROBLEM,
        explain.TASK,
        "explain",
        False,
    )


@pytest.mark.parametrize("message", ["", "  \n "])
def test_nothing_to_explain_is_an_answer(message: str) -> None:
    assert EXPLAIN.ask(replace(PROBLEM, message=message)) is None


def test_a_whole_answer() -> None:
    assert show(verified(), ROOT) == snapshot("""\
# F401: `os` imported but unused

[src/app.py:3](file:///w/src/app.py#L3) · ruff

**`os` is imported on line 3 and never used in this file.**

## What the model supposes

The import is left over from `load`. src/app.py:3 is its only mention.

Confidence: **medium**: one place cited, no log-probabilities

## Evidence

- [src/app.py:3](file:///w/src/app.py#L3)

## What is known

- Nothing in this file exports it.
- [src/app.py:3](file:///w/src/app.py#L3) the import
- [src/other.py:9](file:///w/src/other.py#L9) was used here
- Certain edit: Remove the import of `os`

## About F401

~~~~~~text
# unused-import (F401)

Checks for unused imports.
```python
import os
```
~~~~~~

[Documentation of F401](https://docs.astral.sh/ruff/rules/unused-import)

## What can be done

- Fix this, checked before it is shown: `lspDebugger.fix`
- Fix all of F401 in this file: `lspDebugger.fixAll`
- Write a test that fails because of it: `lspDebugger.writeTest`

## Elsewhere

- Nothing was sent to another service.

---

- Answer `0123456789ab` · of version 4
- Model `qwen2.5-coder:7b` from ollama, verified local; the largest that fits in memory
- Digest `sha256:4f5e`
- Policy `aa11` · index `none`
- Prompt HMAC `bb22`
""")


def test_without_a_model_the_card_comes_first_then_the_reason() -> None:
    reply = Unanswered("no model was found", "run `lsp-debugger doctor`", policy_sha256="aa11")
    assert show(verified(reply, Card("`os` is never used.")), ROOT) == snapshot("""\
# F401: `os` imported but unused

[src/app.py:3](file:///w/src/app.py#L3) · ruff

**`os` is never used.**

## What is known

- [src/other.py:9](file:///w/src/other.py#L9) was used here

## No explanation by a model

- no model was found
- run `lsp-debugger doctor`

## What can be done

- Fix this, checked before it is shown: `lspDebugger.fix`
- Fix all of F401 in this file: `lspDebugger.fixAll`
- Write a test that fails because of it: `lspDebugger.writeTest`

## Elsewhere

- Nothing was sent to another service.

---

- Answer `0123456789ab` · of version 4
- Model: none
- Policy `aa11`
""")


def test_a_traceback_without_a_file() -> None:
    problem = Problem("KeyError: 'x'", source="python", code="KeyError", stale=True)
    assert opening(problem, Card("`x` is no key of the dictionary.")) == snapshot("""\
# KeyError: 'x'

python · the text was edited after this was found

**`x` is no key of the dictionary.**

""")


def test_while_it_is_written() -> None:
    assert unfinished(PROBLEM, CARD, "The import is", "Writing…", ROOT) == snapshot("""\
# F401: `os` imported but unused

[src/app.py:3](file:///w/src/app.py#L3) · ruff

**`os` is imported on line 3 and never used in this file.**

## What the model supposes

The import is

_Writing…_
""")


@pytest.mark.parametrize(
    ("finish_reason", "expected"),
    [
        ("length", "It was cut off at the length limit."),
        ("cancelled", "It was cancelled; this is what there was of it."),
        ("error", "The model stopped in the middle; this is what there was of it."),
        ("strange", "It is not complete."),
    ],
)
def test_an_answer_that_is_cut_off_says_so(finish_reason: str, expected: str) -> None:
    reply = replace(ANSWER, complete=False, finish_reason=finish_reason)
    assert expected in show(verified(reply)).splitlines()


def test_a_model_that_wrote_nothing_is_said() -> None:
    text = show(verified(replace(ANSWER, markdown="")))
    assert "The model wrote nothing." in text.splitlines()
    assert SUPPOSED not in text


@pytest.mark.parametrize(
    "reply", [ANSWER, Unanswered("no model"), replace(ANSWER, markdown="")], ids=["answer", "none", "empty"]
)
def test_the_document_only_grows(reply: Answer | Unanswered) -> None:
    whole = show(verified(reply), ROOT)
    words = SUPPOSED + reply.markdown if isinstance(reply, Answer) and reply.markdown else ""
    assert whole == opening(PROBLEM, CARD, ROOT) + words + closing(verified(reply), ROOT)
    partial = unfinished(PROBLEM, CARD, reply.markdown if isinstance(reply, Answer) else "", "Writing…", ROOT)
    assert partial.startswith(opening(PROBLEM, CARD, ROOT) + words)


def test_what_is_not_ours_opens_nothing() -> None:
    hostile = "](http://evil/?q=) ![x](http://evil/i.png) <img src=x> \u202ereversed\n# heading"
    card = Card(
        hostile,
        places=(Place("/w/a.py", 1, hostile),),
        notes=(hostile,),
        rule_text="~~~~~~\n![x](http://evil/i.png)\n```",
        href="javascript:alert(1)",
    )
    problem = replace(PROBLEM, message=hostile, source="<b>", related=())
    text = show(verified(Unanswered(hostile, hostile), card, problem), ROOT)
    outside = text.split("~~~~~~text")[0] + text.split("\n~~~~~~\n")[-1]
    for active in ("](http://evil", "<img", "<b>", "\u202e", "\n# heading", "javascript:"):
        assert active not in outside.replace("\\]", "").replace("\\<", "")
    assert text.count("\n~~~~~~\n") == 1


def test_links_need_a_root_or_an_absolute_path() -> None:
    card = Card("x", places=(Place("a b(1).py", 2), Place("/w/c.py", 3), Place("untitled:1", 4)))
    reply = Unanswered("none")
    with_root = show(verified(reply, card, replace(PROBLEM, related=())), "/r")
    assert "- [a b(1).py:2](file:///r/a%20b%281%29.py#L2)" in with_root
    assert "- [/w/c.py:3](file:///w/c.py#L3)" in with_root
    assert "- untitled:1:4" in with_root
    assert "- a b(1).py:2" in show(verified(reply, card, replace(PROBLEM, related=())))
