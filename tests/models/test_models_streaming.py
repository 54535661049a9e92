"""One retry, and only before the first word; limits on waiting."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from lsp_debugger.core.errors import BackendUnavailable
from lsp_debugger.core.model import Chunk
from lsp_debugger.models.streaming import ChunkMaker, Dropped, with_one_retry

Script = list[str | Exception]


async def check(*attempts: Script) -> tuple[list[str], int, Exception | None]:
    """What was said over all attempts, how often the connection was renewed, and how it ended."""
    left, renewed, said = list(attempts), 0, list[str]()

    async def attempt() -> AsyncGenerator[Chunk, None]:
        for step in left.pop(0):
            if isinstance(step, Exception):
                raise step
            yield Chunk(text=step)

    def renew() -> None:
        nonlocal renewed
        renewed += 1

    try:
        async for chunk in with_one_retry(attempt, renew):
            said.append(chunk.text)
    except (Dropped, BackendUnavailable, ValueError) as error:
        return said, renewed, error
    return said, renewed, None


DROPPED = Dropped("gone", "a hint")
OTHER = BackendUnavailable("no", "a hint")


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        ([["a", "b"]], (["a", "b"], 0, None)),
        ([[DROPPED], ["a"]], (["a"], 1, None)),
        ([[DROPPED], [DROPPED]], ([], 2, DROPPED)),
        ([["a", DROPPED], ["a"]], (["a"], 1, DROPPED)),
        ([[DROPPED], ["a", DROPPED]], (["a"], 2, DROPPED)),
        ([[OTHER], ["a"]], ([], 0, OTHER)),
    ],
)
async def test_a_connection_that_drops_is_tried_once_more_unless_words_were_said(
    attempts: list[Script], expected: tuple[list[str], int, Exception | None]
) -> None:
    assert await check(*attempts) == expected


async def test_closing_reaches_the_attempt() -> None:
    closed: list[bool] = []

    async def attempt() -> AsyncGenerator[Chunk, None]:
        try:
            yield Chunk(text="a")
            yield Chunk(text="b")
        finally:
            closed.append(True)

    chunks = with_one_retry(attempt, lambda: None)
    await anext(chunks)
    await chunks.aclose()
    assert closed == [True]


def test_a_logprob_without_visible_text_is_not_passed_on() -> None:
    maker = ChunkMaker()
    hidden = maker.said("<think>let me think about it", logprob=-1.0)
    assert hidden is not None
    assert (hidden.text, hidden.logprob) == ("", None)
    assert hidden.reasoning_tokens > 0
    shown = maker.said("</think>because", logprob=-2.0)
    assert shown is not None
    assert (shown.text, shown.logprob) == ("because", -2.0)
    assert maker.said("") is None
