"""One request of the client, answered by several servers: who is still waited for, and how long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from lsp_debugger.wrap.envelope import Envelope, RequestId
from lsp_debugger.wrap.peer import Peer

OURS_WITHIN_S = 0.1  # after the last real answer
# Where there is nothing else to show, or our server has yet to import what it needs for a first card.
NOTHING_ELSE_S = 2.0
FIRST_TIME_S = 0.5
# Once one of several real servers has given something to show, the others have this long.
OTHERS_WITHIN_S = 5.0


class Timer(Protocol):
    def cancel(self) -> object: ...


Later = Callable[[float, Callable[[], None]], Timer]


@dataclass(eq=False, slots=True)
class Gathering:
    """request: the client's. children: the real servers asked. join: makes the answer's frame.

    own: our server's answer, None while there is none. pending: numbers of our code actions whose edit
    is being fetched; own_edits: those that were. patience_s: how long our part may take. is_enough: whether
    the real servers that have not answered yet have only `others_within_s` from here.
    """

    request: Envelope
    children: Sequence[Peer]
    join: Callable[[Gathering], bytes]
    own_arrived: Callable[[Gathering], None] | None = None
    asks_ours: bool = False
    own: Envelope | None = None
    pending: set[int] = field(default_factory=set[int])
    own_edits: dict[int, Any] = field(default_factory=dict[int, Any])
    replies: dict[int, Envelope] = field(default_factory=dict[int, Envelope])
    timer: Timer | None = None
    is_cancelled: bool = False
    patience_s: Callable[[Gathering], float] = lambda _: OURS_WITHIN_S
    is_enough: Callable[[Gathering], bool] = lambda gathering: any(gathering.results)
    others_within_s: float = OTHERS_WITHIN_S
    others_timer: Timer | None = None

    @property
    def results(self) -> list[Any]:
        """Of the real servers, in their order; without errors."""
        answered = [self.replies[each.place] for each in self.children if each.place in self.replies]
        return [each.result for each in answered if each.result is not None]

    @property
    def first(self) -> Envelope | None:
        """The answer of the first server that gave one."""
        return next((self.replies[each.place] for each in self.children if each.place in self.replies), None)


class Gatherings:
    """Those that are open. answer: sends a frame to the client."""

    def __init__(self, answer: Callable[[bytes], None], later: Later) -> None:
        self._answer, self._later = answer, later
        self._open: dict[RequestId, Gathering] = {}
        self._late: set[tuple[int, RequestId]] = set()  # answers that nobody waits for any more

    def begin(self, gathering: Gathering) -> None:
        assert gathering.request.id is not None
        self._open[gathering.request.id] = gathering
        self.check(gathering)

    def takes_reply(self, place: int, envelope: Envelope) -> bool:
        """Whether a real server's answer belongs to one of them, or would if it had come in time."""
        if envelope.id is not None and (place, envelope.id) in self._late:
            self._late.discard((place, envelope.id))
            return True
        gathering = self._open.get(envelope.id) if envelope.id is not None else None
        if gathering is None or all(each.place != place for each in gathering.children):
            return False
        gathering.replies[place] = envelope
        self.check(gathering)
        return True

    def takes_own(self, envelope: Envelope) -> bool:
        """The same for our server's answer."""
        gathering = self._open.get(envelope.id) if envelope.id is not None else None
        if gathering is None or not gathering.asks_ours:
            return False
        gathering.own, gathering.asks_ours = envelope, False
        if gathering.own_arrived is not None:
            gathering.own_arrived(gathering)
        self.check(gathering)
        return True

    def cancelled(self, request_id: RequestId) -> None:
        """The client does not want the answer any more; it gets one all the same."""
        if (gathering := self._open.get(request_id)) is not None:
            gathering.is_cancelled = True

    def ours_ended(self) -> None:
        for gathering in list(self._open.values()):
            gathering.asks_ours, gathering.own = False, None
            gathering.pending.clear()
            self.check(gathering)

    def check(self, gathering: Gathering) -> None:
        """Answer if there is nothing left to wait for; for our own server no longer than a moment."""
        request_id = gathering.request.id
        if request_id is None or self._open.get(request_id) is not gathering:
            return
        if len(gathering.replies) < len(gathering.children):
            if gathering.others_timer is None and gathering.is_enough(gathering):
                wait_s = gathering.others_within_s
                gathering.others_timer = self._later(wait_s, lambda: self._finish(gathering))
            return
        if not gathering.asks_ours and not gathering.pending:
            self._finish(gathering)
        elif gathering.timer is None and gathering.children:
            gathering.timer = self._later(gathering.patience_s(gathering), lambda: self._finish(gathering))

    def _finish(self, gathering: Gathering) -> None:
        request_id = gathering.request.id
        if request_id is None or self._open.get(request_id) is not gathering:
            return
        del self._open[request_id]
        for timer in (gathering.timer, gathering.others_timer):
            if timer is not None:
                timer.cancel()
        late = {each.place for each in gathering.children} - set(gathering.replies)
        self._late.update((place, request_id) for place in late)
        self._answer(gathering.join(gathering))
