"""A project that takes long to index, at the real server: progress is shown, a cancel puts the rest off."""

from __future__ import annotations

import asyncio
import copy
import re

import pytest
from e2e_editors import CONVERTER, PROFILES, Editor, Profile, until
from lsprotocol import types

pytestmark = [pytest.mark.thorough, pytest.mark.timeout(300)]

VSCODE = next(each for each in PROFILES if each.name.startswith("vscode_1.139_client11"))
SILENT = Profile("without progress", copy.deepcopy(VSCODE.capabilities))
del SILENT.capabilities["window"]["workDoneProgress"]
FUNCTION = """\
def {0}(rate, amount):
    total = rate * amount
    return [total for _ in range(len(str(total)))]


"""
LEFT = re.compile(r"[\d,]+ of [\d,]+ files(?:, about \d+ (?:s|min) left)?")


def fill(editor: Editor, files: int) -> None:
    """Some thousand files of forty functions each."""
    for number in range(files):
        folder = editor.project / f"part{number % 40}"
        folder.mkdir(exist_ok=True)
        names = (f"convert_{number}_{each}" for each in range(40))
        (folder / f"m{number}.py").write_text("".join(FUNCTION.format(name) for name in names))


async def ask(editor: Editor) -> None:
    """The first question starts the index."""
    found = types.Diagnostic(
        types.Range(types.Position(2, 15), types.Position(2, 29)),
        "Undefined name",
        code="F821",
        source="Ruff",
    )
    editor.open()
    answer = await editor.command("explain", {"uri": editor.uri, "diagnostic": CONVERTER.unstructure(found)})
    assert answer["id"]


def of_index(editor: Editor, kind: type) -> list[object]:
    return [
        each
        for token, reports in editor.progress_reports.items()
        if str(token).startswith("lspdbg-index")
        for each in reports
        if isinstance(each, kind)
    ]


async def phase(editor: Editor) -> str:
    return (await editor.command("status"))["index"]


@pytest.mark.parametrize("profile", [VSCODE], ids=lambda profile: profile.name)
async def test_counts_and_time_left_are_shown_and_a_cancel_puts_the_rest_off(
    editor: Editor, profile: Profile
) -> None:
    assert profile
    await asyncio.to_thread(fill, editor, 2_500)
    await ask(editor)
    await until(lambda: of_index(editor, types.WorkDoneProgressReport))
    [began] = of_index(editor, types.WorkDoneProgressBegin)
    assert isinstance(began, types.WorkDoneProgressBegin)
    assert (began.title, began.cancellable) == ("Indexing a prøject", True)
    assert began.percentage is not None

    def told() -> list[str]:
        reports = of_index(editor, types.WorkDoneProgressReport)
        return [each.message or "" for each in reports if isinstance(each, types.WorkDoneProgressReport)]

    await until(lambda: any(LEFT.fullmatch(each) for each in told()))
    token = next(token for token in editor.progress_reports if str(token).startswith("lspdbg-index"))
    editor.window_work_done_progress_cancel(types.WorkDoneProgressCancelParams(token))
    await until(lambda: of_index(editor, types.WorkDoneProgressEnd))
    [ended] = of_index(editor, types.WorkDoneProgressEnd)
    assert isinstance(ended, types.WorkDoneProgressEnd)
    assert ended.message is not None
    assert ended.message.startswith("put off until the server is started again")
    assert "put off: cancelled" in await phase(editor)

    await editor.command("restart")
    await ask(editor)
    await until_phase(editor, "current")
    assert f"{2_501:,} files" in await phase(editor)


@pytest.mark.parametrize("profile", [SILENT], ids=lambda profile: profile.name)
async def test_a_client_without_progress_gets_none(editor: Editor, profile: Profile) -> None:
    assert profile
    await asyncio.to_thread(fill, editor, 800)
    await ask(editor)
    await until_phase(editor, "current")
    assert editor.progress_reports == {}


async def until_phase(editor: Editor, wanted: str) -> None:
    async with asyncio.timeout(240):
        while wanted not in await phase(editor):  # noqa: ASYNC110  the server is asked, it does not tell
            await asyncio.sleep(0.2)
