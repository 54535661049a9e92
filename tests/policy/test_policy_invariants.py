"""What redaction promises of a whole request, by the numbers of the design: 6 to 10, and of the way back.

7 to 9 are held for single texts in `test_policy_redact` and `test_policy_hidden`, too.
"""

from __future__ import annotations

import base64
import json
import urllib.parse
from collections import Counter
from dataclasses import replace
from itertools import pairwise

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from policy_samples import AWS_KEY, GITHUB_TOKEN, context, fragment

from lsp_debugger.core.ask import Card, Place
from lsp_debugger.core.material import Context, FragmentKind
from lsp_debugger.core.model import Message, Sampling
from lsp_debugger.models import prompt
from lsp_debugger.models.openai_chat import remote_body
from lsp_debugger.policy import placeholders
from lsp_debugger.policy.detect import KnownScanner, builtin, scan
from lsp_debugger.policy.prose import Prose
from lsp_debugger.policy.redact import Redactor
from lsp_debugger.policy.rendered import Rendered, rendered
from lsp_debugger.policy.restore import RestoreRefused, restore

KNOWN = "tulip Marsh seven"  # no detector would see it
UNREAD = "sk-proj-" + "Q9wE7rT5yU3iO1pA" * 3
CANARIES = (AWS_KEY, GITHUB_TOKEN, UNREAD, KNOWN)
_SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

_plain = st.sampled_from(
    [
        *(
            "x = 1\\n",
            "def f(a):\\n    return a\\n",
            "# a note\\n",
            '"',
            "'",
            "\\n",
            "password = ",
            "é😀",
            "```\\n",
            "<STR_1>",
        ),
        *(
            "Acme & Co",
            "<SECRET_1:aws_key>",
            "key: ",
            "/home/erika/x.py",
            "u@example.org ",
            "{",
            "%s",
            "\\\\",
            "  ",
        ),
    ]
)
# In front of a token stands no letter: `xAKIA…` is none.
_text = st.lists(st.one_of(_plain, st.sampled_from(CANARIES).map(" {} ".format)), max_size=8).map("".join)
_path = st.sampled_from(["src/a.py", "b.ts", ".env", "c.yaml", "d.xml", None])


def in_every_spelling(secret: str) -> dict[str, str]:
    raw = secret.encode()
    return {
        "plain": secret,
        "base64": base64.b64encode(raw).decode().rstrip("=")[:-2],
        "hex": raw.hex(),
        "url": urllib.parse.quote(secret, safe=""),
        "json": json.dumps(secret)[1:-1],
    }


@st.composite
def contexts(draw: st.DrawFn) -> Context:
    """Secrets may stand in every text that a prompt can show."""
    kinds = st.sampled_from(list(FragmentKind))
    pieces = draw(st.lists(st.tuples(_text, _path, kinds), min_size=1, max_size=5))
    fragments = [fragment(text, path, kind=kind, symbol="f") for text, path, kind in pieces]
    asked = context(*fragments, message=draw(_text) or "m")
    card = Card(draw(_text), (Place("a.py", 3, draw(_text)),), (draw(_text),), rule_text=draw(_text))
    return replace(asked, card=card)


def sent(asked: Context, *, cloud: bool) -> tuple[Rendered, bytes]:
    redactor = Redactor(KnownScanner([KNOWN]), cloud=cloud)
    made = rendered(asked, redactor, prompt.render)
    return made, remote_body(made.messages, "big", Sampling())


@given(contexts(), st.booleans())
@_SLOW
def test_6_no_secret_is_in_the_bytes_in_any_spelling(asked: Context, cloud: bool) -> None:
    made, body = sent(asked, cloud=cloud)
    assume(made.clean)  # what is not clean is never sent
    text = body.decode()
    for secret in CANARIES:
        for spelling in in_every_spelling(secret).values():
            assert spelling not in text
    assert made.is_clean(text), "the last look, in egress, finds nothing either"


@given(contexts())
@_SLOW
def test_6_a_request_is_clean_or_is_refused_but_nearly_always_clean(asked: Context) -> None:
    made, _ = sent(asked, cloud=True)
    if not made.clean:
        assert any(scan(message.text, [builtin()]) for message in made.messages), "refused for a reason"


@given(_text, _path, st.booleans())
@_SLOW
def test_7_8_9_of_one_text_in_either_mode(text: str, path: str | None, cloud: bool) -> None:
    redactor = Redactor(KnownScanner([KNOWN]), cloud=cloud)
    first = redactor.mask(text, path)
    assert len(first.text.split("\n")) == len(text.split("\n"))
    kept = _outside(text, [(edit.start, edit.end) for edit in first.edits])
    at = 0
    for part in kept:  # in order, each unchanged
        at = first.text.index(part, at) + len(part)
    assume(first.clean)
    secrets = Redactor(KnownScanner([KNOWN])).redact(first.text)
    assert secrets.text == first.text, "what is masked holds no secret"


def _outside(text: str, spans: list[tuple[int, int]]) -> list[str]:
    parts, done = list[str](), 0
    for start, end in spans:
        parts.append(text[done:start])
        done = end
    return [*parts, text[done:]]


@given(st.sampled_from(CANARIES), st.data(), st.booleans())
@_SLOW
def test_10_a_secret_in_pieces_is_found_where_they_meet(
    secret: str, data: st.DataObject, cloud: bool
) -> None:
    """However it is cut over fragments and whatever puts them side by side."""
    cuts = data.draw(st.lists(st.integers(0, len(secret)), min_size=1, max_size=3).map(sorted))
    places = [0, *cuts, len(secret)]
    pieces = [secret[start:end] for start, end in pairwise(places)]
    asked = context(*(fragment(piece, None) for piece in pieces))

    def side_by_side(shown: Context) -> tuple[Message, ...]:
        return (Message("user", "".join(one.text for one in shown.fragments)),)

    made = rendered(asked, Redactor(KnownScanner([KNOWN]), cloud=cloud), side_by_side)
    assert not made.clean or all(secret not in message.text for message in made.messages)


# The way back.

FILE = f"""\
import os

KEY = "{AWS_KEY}"
NAME = "Acme and Sons"


def connect(user):
    log("for Acme and Sons", KEY)
    return open(f"{{user}} of Acme", '{GITHUB_TOKEN}')
"""
_TOKENS = [
    "<STR_1>",
    "<str_2>",
    "STR_1",
    "<STR_77>",
    "<SECRET_1:aws_key>",
    "SECRET_2_github_token",
    "<SECRET_9:jwt>",
]
_change = st.one_of(
    st.tuples(st.just("drop"), st.integers(0, 9), st.just("")),
    st.tuples(st.just("twice"), st.integers(0, 9), st.just("")),
    st.tuples(st.just("up"), st.integers(1, 9), st.just("")),
    st.tuples(st.just("add"), st.integers(0, 9), st.sampled_from([f'x = "{one}"' for one in _TOKENS])),
    st.tuples(st.just("end"), st.integers(0, 9), st.sampled_from([*_TOKENS, "  # why", " + 1"])),
    st.tuples(st.just("start"), st.integers(0, 9), st.sampled_from(["print(", "    ", "# "])),
)


@given(st.lists(_change, max_size=5))
@settings(max_examples=300, deadline=None)
def test_no_patch_moves_a_secret_or_leaves_a_placeholder(changes: list[tuple[str, int, str]]) -> None:
    redactor = Redactor(cloud=True)
    masked = redactor.mask(FILE, "a.py")
    lines = masked.text.split("\n")
    for kind, at, word in changes:
        _apply(lines, kind, at % len(lines), word)
    try:
        text = restore(FILE, masked, "\n".join(lines), redactor.placeholders, "a.py")
    except RestoreRefused:
        return
    assert placeholders.names_in(text) == [], "nothing is left of what the model saw"
    for secret in (AWS_KEY, GITHUB_TOKEN):
        assert text.count(secret) <= FILE.count(secret)
        assert Counter(_before(text, secret)) - Counter(_before(FILE, secret)) == Counter()


def _apply(lines: list[str], kind: str, at: int, word: str) -> None:
    match kind:
        case "drop" if len(lines) > 1:
            del lines[at]
        case "twice":
            lines.insert(at, lines[at])
        case "up":
            lines[at - 1], lines[at] = lines[at], lines[at - 1]
        case "add":
            lines.insert(at, word)
        case "end":
            lines[at] += word
        case "start":
            lines[at] = word + lines[at]


def _before(text: str, secret: str) -> list[str]:
    """What stands before it in its line, for each place."""
    return [part.rpartition("\n")[2] for part in text.split(secret)[:-1]]


_said = st.lists(
    st.sampled_from(
        [
            *(
                "<STR_1>",
                "<str_1>",
                "STR_2",
                "&lt;STR_1&gt;",
                "<STR_77>",
                "<SECRET_1:aws_key>",
                "SECRET_2_github_token",
            ),
            *(
                "<COMMENT_1>",
                "<",
                ">",
                "&lt;",
                "S",
                "ST",
                "STR_",
                "_1",
                " ",
                "words and ",
                "a<b",
                "`",
                "\n",
                "<STR_1",
                "é",
            ),
        ]
    ),
    max_size=25,
).map("".join)


@given(_said, st.lists(st.integers(0, 200), max_size=12))
@settings(max_examples=300, deadline=None)
def test_words_come_back_the_same_however_they_stream(said: str, cuts: list[int]) -> None:
    redactor = Redactor(cloud=True)
    redactor.mask(FILE, "a.py")
    whole = Prose(redactor.placeholders)
    expected = whole.feed(said) + whole.close()
    streamed, shown = Prose(redactor.placeholders), ""
    places = sorted({0, len(said), *(min(cut, len(said)) for cut in cuts)})
    for start, end in pairwise(places):
        shown += streamed.feed(said[start:end])
        assert expected.startswith(shown), "nothing that was shown is taken back"
    assert shown + streamed.close() == expected
    for secret in (AWS_KEY, GITHUB_TOKEN):
        assert secret not in expected
    assert expected.count("STR_77") == said.count("STR_77"), "what nobody has issued stays as it is"
    assert expected.count("SECRET_") == said.count("SECRET_")
