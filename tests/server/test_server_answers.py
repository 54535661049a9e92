"""Answers on disk and at their place in the text."""

from __future__ import annotations

import os
import stat
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from scripted_editor import answered, unanswered

from lsp_debugger.core.ask import Problem, Replacement
from lsp_debugger.core.text import Span
from lsp_debugger.server.answers import AnswerDocument, Answers
from lsp_debugger.state import State

URI = "file:///w/a.py"
PROBLEM = Problem("about os", source="ruff", code="F401", path="/w/a.py", line=1, span=Span(7, 9))


def answers_in(directory: Path) -> Answers:
    answers = Answers()
    answers.keep_in(State(directory))
    return answers


def name(number: int) -> str:
    return f"{number:012x}"


def finished(number: int = 1) -> AnswerDocument:
    document = AnswerDocument(name(number), PROBLEM, 1)
    document.finish(answered(PROBLEM, "Because.", document.id))
    return document


def test_an_answer_survives_a_restart(tmp_path: Path) -> None:
    document = finished()
    assert answers_in(tmp_path).save(document)
    later = answers_in(tmp_path)
    assert later.newest() == document.id
    assert later.read(document.id) == document.text
    path = later.path(document.id)
    assert path is not None
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_newest_is_this_sessions_own_if_there_is_one(tmp_path: Path) -> None:
    answers = answers_in(tmp_path)
    answers.save(finished(1))
    assert answers.newest() == name(1)
    answers.last_id = name(7)
    assert answers.newest() == name(7)


def test_old_and_surplus_files_go_and_foreign_ones_stay(tmp_path: Path) -> None:
    answers = answers_in(tmp_path)
    assert answers.directory is not None
    now = time.time()
    for number in range(205):
        path = answers.directory / f"{name(number)}.md"
        path.write_text("x")
        os.utime(path, (now - 300 + number, now - 300 + number))
    foreign = answers.directory / "notes.md"
    foreign.write_text("mine")
    os.utime(foreign, (0, 0))
    old = answers.directory / f"{name(204)}.md"
    os.utime(old, (now - 8 * 24 * 3600,) * 2)
    answers.tidy()
    left = {path.name for path in answers.directory.iterdir()}
    assert foreign.name in left
    assert old.name not in left
    assert f"{name(3)}.md" not in left
    assert f"{name(4)}.md" in left
    assert len(left) == 201


def test_files_from_the_future_are_not_too_old(tmp_path: Path) -> None:
    answers = answers_in(tmp_path)
    answers.save(finished())
    path = answers.path(name(1))
    assert path is not None
    os.utime(path, (time.time() + 10**7,) * 2)
    answers.tidy()
    assert path.is_file()


@pytest.mark.parametrize(
    "answer_id", ["", "../../etc/passwd", "0123456789ab/x", "0123456789AB", "0123456789abc"]
)
def test_no_id_leads_out_of_the_directory(tmp_path: Path, answer_id: str) -> None:
    answers = answers_in(tmp_path)
    assert answers.path(answer_id) is None
    assert answers.read(answer_id) is None


def test_without_a_place_nothing_is_kept_and_nothing_fails() -> None:
    answers = Answers()
    assert not answers.save(finished())
    assert answers.newest() == ""
    assert answers.read(name(1)) is None


def test_a_directory_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    answers = answers_in(tmp_path)
    assert answers.directory is not None
    answers.directory.rmdir()
    answers.directory.write_text("a file in its place")
    assert not answers.save(finished())


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        (f"lspdbg:/answers/{name(1)}.md", name(1)),
        (f"lspdbg:///answers/{name(1)}.md", name(1)),
        (f"lspdbg:%2Fanswers/{name(1)}.md", name(1)),
        (f"lspdbg:/answers/{name(1)}/Explain%20F401.md", name(1)),
        (f"lspdbg:/answers/{name(1)}/a/b.md", None),
        (f"lspdbg:/answers/../{name(1)}.md", None),
        (f"file:/answers/{name(1)}.md", None),
    ],
)
def test_addresses_of_documents(uri: str, expected: str | None) -> None:
    assert Answers().by_uri(uri) == expected
    assert Answers().by_uri(finished().uri) == name(1)


@pytest.mark.parametrize(
    ("problem", "title"),
    [
        (PROBLEM, "Explain F401, a.py line 1"),
        (replace(PROBLEM, path="C:\\w\\näme 1.py", line=12), "Explain F401, näme-1.py line 12"),
        (replace(PROBLEM, code="@ts/no-any", path="/w/../x"), "Explain ts-no-any, x line 1"),
        (replace(PROBLEM, code="", path='/w/a?<b>:|*".py'), "Explain ruff, a-b-.py line 1"),
        (Problem("x" * 200, code="y" * 200), f"Explain {'y' * 40}"),
    ],
)
def test_a_title_is_a_name_that_every_file_system_takes(problem: Problem, title: str) -> None:
    document = AnswerDocument(name(1), problem, 1)
    assert document.title == title
    document.problem = replace(problem, code="masked")
    assert document.uri == f"lspdbg:/answers/{name(1)}/{quote(title, safe='')}.md", "it stays as it was"
    assert Answers().by_uri(document.uri) == name(1)


def test_an_explanation_stays_at_its_place_and_says_its_version() -> None:
    answers = Answers()
    answers.keep(URI, answered(PROBLEM, "Because.", name(1), version=3))
    answers.edited(URI, [Replacement(Span(0, 0), "\n\n")])
    moved = Problem("about os", source="ruff", code="F401", line=3, span=Span(9, 11))
    found = answers.explanation(URI, moved)
    assert found is not None
    assert (found.mark(3), found.mark(4), found.stale) == ("", "of version 3", False)
    assert answers.explanation(URI, PROBLEM) is not None, "the old place still touches the new one"
    elsewhere = Problem("about os", code="F401", span=Span(40, 42))
    assert answers.explanation(URI, elsewhere) is None
    assert answers.explanation(URI, Problem("another message", code="F401", span=Span(9, 11))) is None
    assert answers.explanation("file:///w/other.py", moved) is None


def test_an_edit_of_the_text_it_is_about_makes_it_stale() -> None:
    answers = Answers()
    answers.keep(URI, answered(PROBLEM, "Because.", name(1)))
    answers.edited(URI, [Replacement(Span(8, 9), "x")])
    found = answers.explanation(URI, PROBLEM)
    assert found is not None
    assert found.stale


def test_an_explanation_that_ends_after_edits_is_where_its_problem_is_by_then() -> None:
    answers = Answers()
    document = AnswerDocument(name(1), PROBLEM, 1, about=URI, span=PROBLEM.span)
    answers.begin(document)
    answers.edited(URI, [Replacement(Span(0, 0), "# a comment that is long\n")])
    answers.edited("file:///w/other.py", [Replacement(Span(0, 0), "\n" * 99)])
    answers.keep(URI, answered(PROBLEM, "Because.", name(1)))
    found = answers.explanation(URI, replace(PROBLEM, line=2, span=Span(32, 34)))
    assert found is not None
    assert (found.span, found.stale) == (Span(32, 34), False)
    assert answers.explanation(URI, PROBLEM) is None


def test_an_edit_of_its_text_while_it_is_written_makes_it_stale() -> None:
    answers = Answers()
    answers.begin(AnswerDocument(name(1), PROBLEM, 1, about=URI, span=PROBLEM.span))
    answers.edited(URI, [Replacement(Span(8, 9), "x")])
    answers.keep(URI, answered(PROBLEM, "Because.", name(1)))
    found = answers.explanation(URI, PROBLEM)
    assert found is not None
    assert found.stale


def test_the_newer_explanation_replaces_the_older() -> None:
    answers = Answers()
    for number in (1, 2):
        answers.keep(URI, answered(PROBLEM, "Because.", name(number)))
    found = answers.explanation(URI, PROBLEM)
    assert found is not None
    assert found.verified.answer_id == name(2)
    assert len(answers._explanations[URI]) == 1


def test_what_no_model_said_is_no_explanation() -> None:
    answers = Answers()
    answers.keep(URI, unanswered(PROBLEM, name(1)))
    answers.keep(URI, answered(PROBLEM, "", name(2)))
    assert answers.explanation(URI, PROBLEM) is None


def test_only_so_many_documents_stay_in_memory() -> None:
    answers = Answers()
    for number in range(250):
        answers.begin(AnswerDocument(name(number), PROBLEM, 1))
    assert answers.document(name(0)) is None
    assert answers.document(name(249)) is not None
    assert len(answers._documents) == 200
