"""Running questions: latest wins, bounded, cancelled once; progress never delays and never leaks."""

from __future__ import annotations

import asyncio

from scripted_editor import ScriptedEditor, until

from lsp_debugger.server.jobs import Job, Jobs, Progress

URI = "file:///w/a.py"


class Work:
    """Runs until told; records how each job ended."""

    def __init__(self) -> None:
        self.go = asyncio.Event()
        self.ended: list[tuple[int, str]] = []

    async def __call__(self, job: Job) -> None:
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.ended.append((job.number, job.stopped_because))
            raise
        self.ended.append((job.number, "done"))


async def started(jobs: Jobs, *lines: int) -> tuple[Work, list[Job]]:
    work = Work()
    running = [jobs.start(URI, line, "F401", work) for line in lines]
    await asyncio.sleep(0)
    return work, running


async def test_the_token_is_readable_and_ids_are_unique() -> None:
    jobs = Jobs()
    _, running = await started(jobs, 1, 2)
    assert [job.token for job in running] == ["explain F401 #1", "explain F401 #2"]
    assert len({job.id for job in running}) == 2
    await jobs.aclose()


async def test_the_latest_question_about_a_line_wins() -> None:
    jobs = Jobs()
    work, [first, second, third] = await started(jobs, 1, 1, 2)
    await until(lambda: len(jobs.running()) == 2)
    assert [job.number for job in jobs.running()] == [second.number, third.number]
    work.go.set()
    await until(lambda: not jobs.running())
    assert sorted(work.ended) == [(2, "done"), (3, "done")] or (1, first.stopped_because) in work.ended
    assert first.stopped_because == "a newer question replaced it"


async def test_the_oldest_gives_way_when_too_many_run() -> None:
    jobs = Jobs(max_running=2)
    _, running = await started(jobs, 1, 2, 3, 4)
    assert [bool(job.stopped_because) for job in running] == [True, True, False, False]
    await jobs.aclose()


async def test_cancelling_by_id_and_by_token() -> None:
    jobs = Jobs()
    work, [first, second] = await started(jobs, 1, 2)
    assert jobs.cancel(first.id)
    assert jobs.cancel_token(second.token)
    assert not jobs.cancel(first.id)
    assert not jobs.cancel("unknown")
    assert not jobs.cancel_token("explain X #9")
    assert not jobs.cancel_token(7)
    await until(lambda: not jobs.running())
    assert work.ended == [(1, "cancelled"), (2, "cancelled")]


async def test_a_job_that_is_cancelled_before_its_first_step_is_forgotten() -> None:
    jobs = Jobs()
    job = jobs.start(URI, 1, "F401", Work())
    assert jobs.cancel(job.id)
    await until(lambda: not jobs.running())


async def test_a_settled_answer_cannot_be_cancelled() -> None:
    jobs = Jobs()
    work, [job] = await started(jobs, 1)
    job.is_settled = True
    assert not jobs.cancel(job.id)
    work.go.set()
    await until(lambda: not jobs.running())
    assert work.ended == [(1, "done")]


async def test_tidying_up_is_not_interrupted_by_a_second_cancel() -> None:
    jobs = Jobs()
    tidied = asyncio.Event()

    async def work(_job: Job) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0.02)
            tidied.set()

    job = jobs.start(URI, 1, "F401", work)
    await asyncio.sleep(0)
    assert jobs.cancel(job.id)
    await asyncio.sleep(0)
    assert not jobs.cancel(job.id)
    await jobs.wait(job.id)
    assert tidied.is_set()


async def test_one_failing_question_leaves_the_others_running(caplog) -> None:
    jobs = Jobs()

    async def fails(_job: Job) -> None:
        raise ValueError("secret text")

    work, [other] = await started(jobs, 1)
    job = jobs.start(URI, 2, "F401", fails)
    await until(lambda: jobs.running() == [other])
    assert job.task is not None
    assert job.task.exception() is None
    assert "ValueError" in caplog.text
    assert "secret text" not in caplog.text
    work.go.set()
    await jobs.wait(other.id)


async def test_closing_stops_everything() -> None:
    jobs = Jobs()
    work, running = await started(jobs, 1, 2)
    await jobs.aclose()
    assert not jobs.running()
    assert all(job.task is not None and job.task.done() for job in running)
    assert [because for _, because in work.ended] == ["the server is closing"] * 2


def progress_of(editor: ScriptedEditor, *, is_offered: bool = True) -> Progress:
    return Progress(editor, "explain F401 #1", "lsp_debugger: explaining F401", is_offered=is_offered)


async def test_progress_begins_reports_and_ends() -> None:
    editor = ScriptedEditor()
    progress = progress_of(editor)
    progress.report("gathering context")
    await until(lambda: editor.named("begin"))
    progress.report("reading the prompt")
    progress.report("writing", 12.345)
    progress.report("writing", 99.0)  # within a moment: not sent
    await progress.end("ready")
    assert [each[0] for each in editor.seen] == ["create", "begin", "report", "report", "report", "end"]
    assert editor.seen[1] == ("begin", "explain F401 #1", "lsp_debugger: explaining F401")
    assert [each[2] for each in editor.named("report")] == [
        "gathering context",
        "reading the prompt",
        "writing, 12.3 tokens/s",
    ]
    assert editor.seen[-1] == ("end", "explain F401 #1", "ready")


async def test_a_client_without_progress_is_sent_none() -> None:
    editor = ScriptedEditor()
    progress = progress_of(editor, is_offered=False)
    progress.report("writing")
    await progress.end("ready")
    assert editor.seen == []


async def test_a_client_that_refuses_the_token_is_sent_nothing_for_it() -> None:
    editor = ScriptedEditor(refuses=frozenset({"create"}))
    progress = progress_of(editor)
    await asyncio.sleep(0)
    progress.report("writing")
    await progress.end("ready")
    assert [each[0] for each in editor.seen] == ["create"]


async def test_a_client_that_never_answers_does_not_hold_the_end() -> None:
    editor = ScriptedEditor(silent=frozenset({"create"}))
    progress = progress_of(editor)
    progress.report("writing")
    async with asyncio.timeout(5):
        await progress.end("ready")
    assert [each[0] for each in editor.seen] == ["create"]
