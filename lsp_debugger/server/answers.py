"""Answers, running and finished: as documents on disk, and as explanations at a place in the text.

A keystroke does not throw an explanation away: it stays at its place, marked with the version that
it is of.
"""

from __future__ import annotations

import logging
import re
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from lsp_debugger.core.ask import Answer, Card, Problem, Replacement, Verified
from lsp_debugger.core.errors import StateUnavailable
from lsp_debugger.core.text import Span
from lsp_debugger.server.capabilities import SCHEME
from lsp_debugger.server.convert import uri_from
from lsp_debugger.server.documents import key_of, moved_all

if TYPE_CHECKING:
    from lsp_debugger.state import State

_log = logging.getLogger(__name__)
_MAX_AGE_S = 7 * 24 * 3600
_MAX_FILES = 200
_MAX_EXPLANATIONS = 200
_MAX_READ_BYTES = 4 * 1024 * 1024
_ID = re.compile(r"[0-9a-f]{12}")
_ADDRESS = re.compile(rf"{SCHEME}:(?://)?/answers/(?P<id>[0-9a-f]{{12}})(?:/[^/]*)?\.md")
# Longer ones would push the rest of a tab off the screen.
_MAX_NAME = 40


@dataclass(eq=False, slots=True)
class AnswerDocument:
    """One answer while it is written and after.

    problem: as it may be shown, once there is a card. status: what stands below unfinished text.
    finished: the final text, once there is one. about, span: the document that the problem is in, and
    where in it now. stale: an edit touched it. kind: of answer, for its title.
    """

    id: str
    problem: Problem
    version: int | None
    root: str | None = None
    card: Card | None = None
    words: str = ""
    status: str = "Starting"
    finished: str | None = None
    about: str = ""
    span: Span | None = None
    stale: bool = False
    kind: str = "Explain"
    title: str = field(init=False)

    def __post_init__(self) -> None:
        # Once: an address stays as it is, and a problem is masked later.
        file = re.split(r"[\\/]", self.problem.path or key_of(self.about))[-1]
        place = f", {_plain(file)} line {self.problem.line}" if file else ""
        self.title = f"{self.kind} {_plain(self.problem.label)}{place}"

    @property
    def text(self) -> str:
        from lsp_debugger.features import explain

        if self.finished is not None:
            return self.finished
        if self.card is None:
            return explain.announced(self.problem, self.status)
        return explain.unfinished(self.problem, self.card, self.words, self.status, self.root)

    @property
    def uri(self) -> str:
        """Its address for clients that read it through us. They show its last part, and save under it."""
        return f"{SCHEME}:/answers/{self.id}/{quote(self.title, safe='')}.md"

    def finish(self, verified: Verified) -> None:
        from lsp_debugger.features import explain

        self.card = verified.card
        self.finished = explain.show(verified, self.root)

    def stop(self, status: str) -> None:
        """Keep what there is: nothing more will come."""
        self.status = status
        self.finished = self.text


def _plain(name: str) -> str:
    """What is left of a name in characters that every file system takes."""
    return re.sub(r"[^\w.-]+", "-", name)[:_MAX_NAME].strip("-.")


@dataclass(slots=True)
class Explanation:
    """A finished explanation at its place. stale: the text it is about was edited since.

    asked: the problem as it was reported, where `verified` has it as it is shown.
    """

    verified: Verified
    span: Span
    stale: bool = False
    asked: Problem | None = None

    def is_about(self, problem: Problem) -> bool:
        own, span = self.asked or self.verified.problem, problem.span
        same = (own.code, own.message) == (problem.code, problem.message)
        return same and span is not None and self.span.touches(span)

    def mark(self, version: int | None) -> str:
        """`of version N` when the document has moved on, else empty."""
        own = self.verified.version
        return f"of version {own}" if own is not None and own != version else ""


@dataclass(eq=False, slots=True)
class Answers:
    """All answers of this server. Files outlive it: seven days, two hundred of them.

    directory: where they are kept; None while nobody has said so, and then nothing is kept.
    """

    directory: Path | None = None
    last_id: str = ""
    _state: State | None = None
    _documents: OrderedDict[str, AnswerDocument] = field(default_factory=OrderedDict[str, AnswerDocument])
    _explanations: dict[str, list[Explanation]] = field(default_factory=dict[str, list[Explanation]])

    def keep_in(self, state: State) -> None:
        """Keep answers in this state directory from now on. Blocks. Raises StateUnavailable."""
        self.directory, self._state = state.answers, state

    def begin(self, document: AnswerDocument) -> None:
        self._documents[document.id] = document
        while len(self._documents) > _MAX_EXPLANATIONS:
            self._documents.popitem(last=False)

    def document(self, answer_id: str) -> AnswerDocument | None:
        return self._documents.get(answer_id)

    def by_uri(self, uri: str) -> str | None:
        """The id that a `lspdbg:` address names."""
        found = _ADDRESS.fullmatch(key_of(uri))
        return found["id"] if found else None

    def keep(self, uri: str, verified: Verified, asked: Problem | None = None) -> None:
        """Remember a model's words at their place, in place of an older explanation of the same.

        asked: the problem as it was reported, if `verified` has it without its secrets.
        """
        problem = asked or verified.problem
        document = self.document(verified.answer_id)
        is_moving = document is not None and document.span is not None
        span, stale = (document.span, document.stale) if document and is_moving else (problem.span, False)
        if span is None or not isinstance(verified.reply, Answer) or not verified.reply.markdown:
            return
        here = self._explanations.setdefault(key_of(uri), [])
        here[:] = [each for each in here if not each.is_about(replace(problem, span=span))]
        here.append(Explanation(verified, span, stale, asked))
        del here[:-_MAX_EXPLANATIONS]

    def explanation(self, uri: str, problem: Problem) -> Explanation | None:
        """Pure look-up, for hovers."""
        here = self._explanations.get(key_of(uri), [])
        return next((each for each in reversed(here) if each.is_about(problem)), None)

    def edited(self, uri: str, edits: Sequence[Replacement]) -> None:
        for each in self._explanations.get(key_of(uri), []):
            each.span, touched = moved_all(each.span, edits)
            each.stale = each.stale or touched
        for document in self._documents.values():  # of those that are being written, too
            if (
                document.span is not None
                and document.finished is None
                and key_of(document.about) == key_of(uri)
            ):
                document.span, touched = moved_all(document.span, edits)
                document.stale = document.stale or touched

    def path(self, answer_id: str) -> Path | None:
        """Where an answer is kept, whether or not it is; None for what is no id of ours."""
        if self.directory is None or not _ID.fullmatch(answer_id):
            return None
        return self.directory / f"{answer_id}.md"

    def save(self, document: AnswerDocument) -> bool:
        """Write it where it outlives us. Blocks. False when the disk would not take it."""
        path = self.path(document.id)
        if path is None or self._state is None:
            return False
        try:
            self._state.write_atomic(path, document.text.encode("utf-8", "replace"))
            self.tidy()
        except (OSError, StateUnavailable) as error:
            _log.warning("answer %s could not be kept: %s", document.id, type(error).__name__)
            return False
        return True

    def read(self, answer_id: str) -> str | None:
        """The text as it is now: the running one's, else the file's. Blocks when it is a file."""
        document = self.document(answer_id)
        if document is not None:
            return document.text
        path = self.path(answer_id)
        try:
            if path is None or path.stat().st_size > _MAX_READ_BYTES:
                return None
            return path.read_text("utf-8", "replace")
        except OSError:
            return None

    def newest(self) -> str:
        """The id of the last answer, of an earlier run if this one has none; empty without any. Blocks."""
        if self.last_id:
            return self.last_id
        files = self._files()
        return files[-1][1].stem if files else ""

    def tidy(self) -> None:
        """Delete what is too old or too much. Blocks."""
        files = self._files()
        surplus = files[: max(0, len(files) - _MAX_FILES)]
        # Of a file from the future (the clock went back) the age is not known: only the number counts.
        too_old = [each for each in files if time.time() - each[0] > _MAX_AGE_S]
        for _, path in {*surplus, *too_old}:
            path.unlink(missing_ok=True)

    def _files(self) -> list[tuple[float, Path]]:
        """With their times of writing, oldest first; foreign files in the directory are left alone."""
        if self.directory is None:
            return []
        found = list[tuple[float, Path]]()
        for path in self.directory.glob("*.md"):
            if _ID.fullmatch(path.stem):
                try:
                    found.append((path.stat().st_mtime, path))
                except OSError:
                    continue  # another server tidied up at the same time
        return sorted(found)


def file_uri(path: Path) -> str:
    return uri_from(str(path))
