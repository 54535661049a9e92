"""Python's own traceback: plain, chained, grouped, cut at either end."""

from __future__ import annotations

import enum
import re

from lsp_debugger.context.traces.drafts import FRAME, LINKS, Draft, exception_of
from lsp_debugger.context.traces.lines import looks_like_record
from lsp_debugger.context.traces.trace import Frame

HEADER = "Traceback (most recent call last):"
GROUP_HEADER = "Exception Group " + HEADER

_RAIL = re.compile(r"(?P<indent> {2,200})(?P<rail>[|+])(?P<rest>.*)$")
_MEMBER = re.compile(r"(?:-\+)?-+ (?P<number>\d+|\.\.\.) -+$")
_WAIT_LINES = 40  # after an exception, until `During handling of …`: a message may hold blank lines
_NOISE_LINES = 20  # of other writers between two frames


class _State(enum.Enum):
    IDLE = enum.auto()
    FRAMES = enum.auto()
    NOTES = enum.auto()
    WAITING = enum.auto()
    LINKED = enum.auto()


class _Strand:
    """A chain of tracebacks, one after the other; `into` is where each one belongs."""

    def __init__(self, into: list[Draft]) -> None:
        self.into = into
        self.draft: Draft | None = None
        self.state = _State.IDLE
        self._patience = 0
        self._headed = False

    def feed(self, line: str) -> bool:
        """Read one line. False: it says nothing to this strand."""
        if line.startswith((HEADER, GROUP_HEADER)):
            self.open(headed=True)
            return True
        if self.state is _State.FRAMES:
            return self._feed_frames(line)
        if self.state is _State.IDLE or FRAME.match(line):
            return self._feed_headless(line)
        return self._feed_after(line)

    def open(self, *, headed: bool) -> None:
        """A trace begins. After a link, the one before is its cause."""
        self.close()
        linked = self.draft if self.state is _State.LINKED else None
        self.draft, self.state, self._headed, self._patience = Draft(), _State.FRAMES, headed, _NOISE_LINES
        if linked is not None:
            self.draft.cause = linked
            _discard(self.into, linked)

    def expect_member(self) -> None:
        """A member of a group begins: with a header, or with its exception when it was never raised."""
        self.open(headed=True)

    def close(self) -> None:
        """The end of the text, or of a trace whose exception never came: keep it if it is one."""
        draft = self.draft
        if (
            self.state is _State.FRAMES
            and draft is not None
            and draft.frame_count() > (0 if self._headed else 1)
        ):
            self.into.append(draft)
        if self.state is _State.FRAMES:
            self.state = _State.IDLE

    def wait_after(self, draft: Draft) -> None:
        """`draft` is read; what follows may be linked to it."""
        self.draft, self.state, self._patience = draft, _State.WAITING, _WAIT_LINES

    @property
    def is_over(self) -> bool:
        return self.state is _State.IDLE

    def _feed_headless(self, line: str) -> bool:
        match = FRAME.match(line)
        if match is None:
            return False
        if self.state is not _State.LINKED:
            self.state = _State.IDLE
        self.open(headed=False)
        return self._feed_frames(line)

    def _feed_frames(self, line: str) -> bool:
        draft = self.draft
        assert draft is not None
        if match := FRAME.match(line):
            draft.add(Frame(match["path"], int(match["line"]), None, match["function"]))
            return True
        if line.startswith(" ") or not line:
            if line.strip() and not line.lstrip().startswith("[Previous line repeated"):
                draft.add_source(line.strip())
            return True
        return self._feed_exception(draft, line)

    def _feed_exception(self, draft: Draft, line: str) -> bool:
        is_expected = self._headed and draft.frame_count() > 0
        raised = exception_of(line, is_expected=is_expected) if self._headed or draft.frame_count() else None
        if raised is None or looks_like_record(line):
            self._patience -= 1
            if not looks_like_record(line) or self._patience <= 0:
                self.close()
            return False
        draft.exception_type, draft.message = raised
        self.into.append(draft)
        self.state, self._patience = _State.NOTES, _WAIT_LINES
        return True

    def _feed_after(self, line: str) -> bool:
        if line.rstrip() in LINKS:
            self.state = _State.LINKED
            return True
        self._patience -= 1
        if self._patience <= 0:
            self.state = _State.IDLE
        elif self.state is _State.NOTES:
            if (
                line.strip()
                and not looks_like_record(line)
                and self.draft is not None
                and line[0] not in "-=`"
            ):
                self.draft.add_note(line.rstrip())
                return True
            self.state = _State.WAITING
        return False


def _discard(drafts: list[Draft], unwanted: Draft) -> None:
    """Take out the one that is at or near the end, without walking a whole log's worth."""
    for at in range(len(drafts) - 1, -1, -1):
        if drafts[at] is unwanted:
            del drafts[at]
            return


class Tracebacks:
    """Reads what one writer printed. Rails (`  | `) divide a group into strands, one a depth."""

    def __init__(self, results: list[Draft]) -> None:
        self._plain = _Strand(results)
        self._rails: dict[int, _Strand] = {}  # by indentation

    def feed(self, line: str) -> bool:
        match = _RAIL.match(line)
        if match is not None and (self._rails or match["rest"].startswith(" " + GROUP_HEADER)):
            return self._feed_rail(len(match["indent"]), match["rail"], match["rest"])
        if self._rails:
            # A link after the last rail ties the whole group to what follows without rails.
            self._leave_group()
        return self._plain.feed(line)

    def close(self) -> None:
        for strand in (*self._rails.values(), self._plain):
            strand.close()

    @property
    def is_over(self) -> bool:
        return not self._rails and self._plain.is_over

    def _leave_group(self) -> None:
        outermost = self._rails[min(self._rails)]
        for strand in self._rails.values():
            strand.close()
        self._rails.clear()
        if outermost.draft is not None and outermost.draft.exception_type is not None:
            self._plain.wait_after(outermost.draft)

    def _feed_rail(self, indent: int, rail: str, rest: str) -> bool:
        for deeper in [depth for depth in self._rails if depth > indent]:
            self._rails.pop(deeper).close()
        if rail == "+" and rest.startswith("-"):
            self._feed_fork(indent, rest)
            return True
        strand = self._rails.get(indent)
        if strand is None:
            strand = self._rails[indent] = self._plain if not self._rails else _Strand([])
        strand.feed(rest.removeprefix(" "))
        return True

    def _feed_fork(self, indent: int, rest: str) -> None:
        """`+-+-- 1 --` goes one level down, `+-- 2 --` is the next member, `+-----` the end."""
        goes_down = rest.startswith("-+")
        depth = indent + 2 if goes_down else indent
        parent = self._rails.get(depth - 2)
        if strand := self._rails.pop(depth, None):
            strand.close()
        if parent is not None and parent.draft is not None and _MEMBER.match(rest):
            member = self._rails[depth] = _Strand(parent.draft.members)
            member.expect_member()
