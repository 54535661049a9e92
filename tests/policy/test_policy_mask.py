"""What people get to see holds no secret, and everything else is as it was."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.core.ask import (
    Answer,
    Card,
    CertainEdit,
    Confidence,
    Place,
    Problem,
    Provenance,
    Replacement,
    Verified,
)
from lsp_debugger.core.text import Span
from lsp_debugger.policy.detect import KnownScanner
from lsp_debugger.policy.mask import Mask

AWS = "AKIA" + "Q7RZ" * 4
KNOWN = "tulip-Marsh-07"
NAMED = f"src/{AWS}.py"
CARD = Card(
    headline=f"`{AWS}` is not defined.",
    places=(Place("a.py", 3, f"defines {AWS}"), Place(NAMED, 1)),
    notes=("Nothing secret.", f"It was {KNOWN}."),
    edit=CertainEdit(f"Remove {AWS}", "file:///w/a.py", 1, (Replacement(Span(0, 1), f'key = "{AWS}"'),)),
    rule_text=f"Says {AWS}",
    href=f"https://docs.test/?token={AWS}",
)
PROBLEM = Problem(
    f'password = "hunter2!" and {AWS}',
    source="Ruff",
    code="F821",
    path=NAMED,
    frames=(Place("a.py", 1, AWS),),
)
PROVENANCE = Provenance("id", "ollama", "tiny", "sha256:0", "own", "p", "i", "h")


def mask() -> Mask:
    return Mask(KnownScanner([KNOWN]))


def test_a_card() -> None:
    masked = mask().card(CARD)
    assert masked.headline == "`<SECRET_1:aws_key>` is not defined."
    assert masked.places == (
        Place("a.py", 3, "defines <SECRET_1:aws_key>"),
        Place("src/<SECRET_1:aws_key>.py", 1),
    )
    assert masked.notes == ("Nothing secret.", "It was <SECRET_2:known>.")
    assert masked.rule_text == "Says <SECRET_1:aws_key>"
    assert masked.href is None


def test_an_edit_goes_into_the_users_own_file_as_it_is() -> None:
    edit = mask().card(CARD).edit
    assert edit is not None
    assert edit.title == "Remove <SECRET_1:aws_key>"
    assert CARD.edit is not None
    assert edit.replacements == CARD.edit.replacements


def test_a_problem_and_an_answer() -> None:
    reply = Answer(f"Say {KNOWN}.", True, "stop", Confidence.LOW, "", (Place(NAMED, 1),), PROVENANCE)
    masked = mask().verified(Verified(PROBLEM, CARD, reply, "id", "none"))
    assert masked.problem.message == 'password = "<SECRET_1:assigned>" and <SECRET_2:aws_key>'
    assert (masked.problem.source, masked.problem.code) == ("Ruff", "F821")
    assert AWS not in repr(masked.problem)
    assert isinstance(masked.reply, Answer)
    assert masked.reply.markdown == "Say <SECRET_3:known>."
    assert AWS not in repr(masked.reply)


def test_what_holds_no_secret_is_untouched() -> None:
    plain = Card(
        "`os` is imported and never used.", (Place("/w/a.py", 1, "here"),), ("A note.",), href="https://x"
    )
    assert mask().card(plain) == plain


TEXT = f'Set `password = "hunter2!"`.\n```py\nkey = "{AWS}"\n```\nThen {KNOWN} is\nright, or {AWS}'
MASKED = (
    'Set `password = "<SECRET_1:assigned>"`.\n```py\nkey = "<SECRET_2:aws_key>"\n```\n'
    "Then <SECRET_3:known> is\nright, or <SECRET_2:aws_key>"
)


@given(st.lists(st.integers(0, len(TEXT)), max_size=20))
def test_words_however_they_are_cut(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(TEXT)]
    words = mask().words()
    shown = [words.feed(TEXT[start:end]) for start, end in pairwise(places)]
    said = "".join([*shown, words.close()])
    for secret in (AWS, KNOWN, "hunter2!"):
        assert secret not in said
    # A cut inside a secret may come after its first letters were shown; words arrive whole from the parser.
    assert said.count("\n") == MASKED.count("\n")


def test_words_that_arrive_whole() -> None:
    words = mask().words()
    said = "".join(words.feed(word) for word in TEXT.replace(" ", " \0").split("\0"))
    assert said + words.close() == MASKED


def test_words_are_shown_as_they_come() -> None:
    words = mask().words()
    assert words.feed("All ") == "All "
    assert words.feed("good") == "good"
    assert words.feed(f": {AWS} ") == ""
    assert words.feed("and") == ""
    assert words.feed(" on\nNext ") == ": <SECRET_1:aws_key> and on\nNext "
    assert words.close() == ""


def test_a_line_without_end_is_looked_at_in_pieces() -> None:
    words = mask().words()
    said = "".join(words.feed("word " * 100) for _ in range(100))
    assert said + words.close() == "word " * 10_000
