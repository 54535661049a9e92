"""What a model wrote, made harmless; and how far it is trusted."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.core.ask import Confidence, Place
from lsp_debugger.core.material import Fragment, FragmentKind
from lsp_debugger.models.parse import MarkdownStream, cited_places, sanitise, weigh


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("plain words\n", "plain words\n"),
        ("a `code span` here", "a `code span` here"),
        ("`List<int>` and List<int>", "`List<int>` and List&lt;int>"),
        ("![x](https://h/?q=1)", "`![x](https://h/?q=1)`"),
        ("![x][1]\n\n[1]: pic", "!\\[x\\]\\[1\\]\n\n\\[1\\]: pic"),
        ("[text](file.py)", "\\[text\\](file.py)"),
        ("<img src=x>", "&lt;img src=x>"),
        ("&lt;img&gt; &colon;", "&amp;lt;img&amp;gt; &amp;colon;"),
        ("see https://evil.example/a now", "see `https://evil.example/a` now"),
        ("command:do.it www.evil.example", "`command:do.it` `www.evil.example`"),
        ("a\\[b](c)", "a\\\\\\[b\\](c)"),
        ("値は空です。https://evil.example/値 <b>", "値は空です。`https://evil.example/`値 &lt;b>"),
        ("red \x1b[31mtext\x1b[0m", "red text"),
        ("\x1b]8;;http://evil\x1b\\click\x1b]8;;\x1b\\", "click"),
        ("in\u200bvis\u202eible\ufeff", "invisible"),
        ("stray ` tick <b>\nnext `x`", "stray \\` tick &lt;b>\nnext `x`"),
        ("```py\nx = '<b>' # [a](b)\n```\nend", "\n```py\nx = '<b>' # [a](b)\n```\nend"),
        ("text\n      ```evil <img>\n<img>\n      ```\n", "text\n\n```evil\n<img>\n```\n"),
        ("> ```\n> <b>\n> ```\n<b>", "\n```\n> <b>\n```\n&lt;b>"),
        ("```\nnever closed <b>", "\n```\nnever closed <b>\n```\n"),
        ("``` a`b <i>", "\\`\\`\\` a\\`b &lt;i>"),
        ("## What is known\r\nno # heading", "\\## What is known\nno # heading"),
        ("  # heading", "  \\# heading"),
        ("\\```<b>```", "\\\\ ```<b>```"),
    ],
)
def test_nothing_active_survives(written: str, shown: str) -> None:
    assert sanitise(written) == shown


@pytest.mark.parametrize("before", range(390, 401))
def test_no_address_spans_the_cut_of_an_endless_word(before: int) -> None:
    shown = outside_code(sanitise("(" * before + "https://evil.example www.evil.example"))
    assert "https://" not in shown
    assert "www.evil" not in shown


def test_scripts_without_spaces_stream_too() -> None:
    stream = MarkdownStream()
    assert [stream.feed("値は"), stream.feed("空です")] == ["値は", "空です"]


PIECES = st.lists(
    st.sampled_from(
        ["`", "``", "```", "~~~", "\n", " ", "> ", "<img src=x>", "[a](b)", "![", "](", "https://e.x/", "//",
         "word", "\\", "&lt;", "\x1b", "\x1b[3", "1m", "\x1b]8;;u", "\x07", "\u202e", "\r\n", "www.",
         "py", "é😀"]
    ),
    max_size=24,
)  # fmt: skip


@given(PIECES, st.data())
def test_the_cut_does_not_matter(pieces: list[str], data: st.DataObject) -> None:
    text = "".join(pieces)
    whole = sanitise(text)
    stream, shown, at = MarkdownStream(), "", 0
    while at < len(text):
        step = data.draw(st.integers(1, 6))
        shown += stream.feed(text[at : at + step])
        at += step
    assert shown + stream.close() == whole


def outside_code(markdown: str) -> str:
    """An independent, simple reading: drop our own fences and balanced spans."""
    without = re.sub(r"(?ms)^(`{3,}|~{3,})[^\n]*\n.*?^\1[ \t]*$", "", markdown)
    return re.sub(r"(?<!\\)(`+)(?!`).*?(?<!`)\1(?!`)", "", without)


@given(PIECES)
def test_no_link_image_html_or_address_is_left_in_prose(pieces: list[str]) -> None:
    prose = outside_code(sanitise("".join(pieces)))
    assert "<" not in prose
    assert not re.search(r"(?<!\\)(?:\\\\)*\[", prose)
    assert "://" not in prose
    assert "www." not in prose
    assert "\x1b" not in prose
    assert "\u202e" not in prose


def test_an_endless_answer_is_cut_and_its_fence_closed() -> None:
    shown = sanitise("```\n" + "x = 1\n" * 50_000)
    assert len(shown) < 70_000
    assert shown.endswith("```\n")


def test_only_places_that_were_in_the_prompt_count() -> None:
    known = [Place("src/app.py", 12)]
    fragments = [
        Fragment(FragmentKind.SCOPE, "a\nb\nc\n", "src/app.py", 40),
        Fragment(FragmentKind.CARD, "x"),
    ]
    found = cited_places(
        "At app.py:12 and src/app.py:41, not src/app.py:99 nor other.py:12; again app.py:12", known, fragments
    )
    assert found == (Place("src/app.py", 12), Place("src/app.py", 41))


@pytest.mark.parametrize(
    ("measured", "confidence", "words"),
    [
        ({}, Confidence.HIGH, "sure"),
        ({"mean_logprob": None}, Confidence.MEDIUM, "no probabilities"),
        ({"mean_logprob": -0.7}, Confidence.MEDIUM, "not quite sure"),
        ({"mean_logprob": -2.0}, Confidence.LOW, "unsure"),
        ({"dropped": 3}, Confidence.MEDIUM, "3 pieces"),
        ({"cited": 0}, Confidence.LOW, "names no place"),
        ({"complete": False}, Confidence.LOW, "not complete"),
        ({"words": 1}, Confidence.LOW, "hardly any"),
    ],
)
def test_confidence_is_measured(measured: dict[str, object], confidence: Confidence, words: str) -> None:
    base: dict[str, object] = {"cited": 2, "dropped": 0, "complete": True, "mean_logprob": -0.1, "words": 50}
    level, reason = weigh(**{**base, **measured})  # pyright: ignore[reportArgumentType]
    assert level is confidence
    assert words in reason
