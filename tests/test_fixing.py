"""Asking for candidates: who is asked again, what is checked once, what comes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lsp_debugger.core.ask import Ask, Card, Problem, Unanswered
from lsp_debugger.core.events import Phase
from lsp_debugger.core.material import Context
from lsp_debugger.core.model import Sampling
from lsp_debugger.core.patch import Applied, Patch, PatchRefused
from lsp_debugger.core.text import Snapshot
from lsp_debugger.features.fix import ask
from lsp_debugger.fixing import MAX_REPAIRS, Fixes, Fixing
from lsp_debugger.policy.masked_files import MaskedFiles
from lsp_debugger.policy.redact import Redactor
from lsp_debugger.reading import Ready, Written
from lsp_debugger.verify.apply import apply_patch
from lsp_debugger.verify.completion import read
from lsp_debugger.verify.verdict import Result, RungResult, Verdict

OLD = "def one():\n    return two\n"
PROBLEM = Problem("two is not defined", source="ruff", code="F821", path="/w/a.py", line=2)


def says(new: str) -> str:
    return f"<<<<<<< SEARCH\n    return two\n=======\n    {new}\n>>>>>>> REPLACE\n"


@dataclass
class ScriptedWriter:
    """Gives the answers in their order, the last one again and again."""

    answers: Sequence[tuple[str, float | None]]
    may_ask_again: bool = True
    asked: list[tuple[str, Sampling]] = field(default_factory=list[tuple[str, Sampling]])

    async def ready(self) -> Ready | Unanswered:
        return Ready(4000, self.may_ask_again)

    async def write(self, context: Context, sampling: Sampling) -> Written:
        text, logprob = self.answers[min(len(self.asked), len(self.answers) - 1)]
        self.asked.append((context.ask.task, sampling))
        return Written(text, False, MaskedFiles(Redactor()), logprob)


class _Cards:
    async def card(self, problem: Problem, snapshot: Snapshot) -> Card:
        return Card("two")


async def _build(asked: Ask, card: Card, snapshot: Snapshot, tokens: int) -> Context:
    return Context(asked, card, snapshot)


async def fixes(
    writer: ScriptedWriter, count: int = 1, checked: list[str] | None = None, *, every: bool = False
) -> tuple[Fixes, list[str]]:
    async def verdict(applied: Applied, before: Mapping[str, str], problem: Problem) -> Verdict:
        text = applied.new_texts["a.py"] or ""
        if checked is not None:
            checked.append(text)
        result = Result.FAILED if "wrong" in text else Result.PASSED
        tests = RungResult("tests", result, "tests fail" if "wrong" in text else "tests pass")
        unsure = RungResult("finding gone", Result.NOT_CHECKED, "no checker fits")
        return Verdict((tests, unsure) if "unsure" in text else (tests,))

    def place(
        patch: Patch, problem: Problem, _: MaskedFiles
    ) -> tuple[Applied, dict[str, str]] | PatchRefused:
        applied = apply_patch(patch, root, "a.py", problem.line, {"a.py": OLD})
        return applied if isinstance(applied, PatchRefused) else (applied, {"a.py": OLD})

    root = Path("/w")
    asked = ask(PROBLEM)
    assert asked is not None
    fixing = Fixing(
        cards=_Cards(),
        writer=writer,
        build=_build,
        budget_tokens=1000,
        sampling=Sampling(),
        read=lambda text, cut_off: read(text, "a.py", cut_off=cut_off),
        place=place,
        verdict=verdict,
    )
    snapshot = Snapshot("file:///w/a.py", OLD, 1, "/w/a.py")
    steps = [step async for step in fixing.run(asked, snapshot, count, every=every)]
    assert isinstance(steps[-1], Fixes)
    return steps[-1], [step.name for step in steps if isinstance(step, Phase)]


def lines(found: Fixes) -> list[str]:
    return [(each.applied.new_texts["a.py"] or "").splitlines()[-1].strip() for each in found.candidates]


async def test_one_that_holds_is_asked_for_once() -> None:
    writer = ScriptedWriter([(says("return 1"), None)])
    found, _ = await fixes(writer)
    assert lines(found) == ["return 1"]
    assert len(writer.asked) == 1
    assert not found.candidates[0].repaired


async def test_after_one_that_passes_everything_nobody_is_asked_again_unless_all_are_wanted() -> None:
    answers = [(says(f"return {each}"), None) for each in ("unsure", "12", "3")]
    writer = ScriptedWriter(answers)
    found, _ = await fixes(writer, 3)
    assert lines(found) == ["return 12", "return unsure"], "what was not checked says nothing for the first"
    assert len(writer.asked) == 2
    writer = ScriptedWriter(answers)
    found, _ = await fixes(writer, 3, every=True)
    assert lines(found) == ["return 3", "return 12", "return unsure"]
    assert len(writer.asked) == 3


async def test_what_was_wrong_is_sent_back_and_the_second_try_shown_as_such() -> None:
    writer = ScriptedWriter([(says("return wrong"), None), ("no idea", None), (says("return 1"), None)])
    found, phases = await fixes(writer)
    assert lines(found) == ["return 1"]
    assert found.candidates[0].repaired
    assert found.candidates[0].words == "tests pass · repaired"
    assert "refused: tests fail" in writer.asked[1][0]
    assert "refused: tests fail" not in writer.asked[2][0], "only of the last answer"
    assert phases.count("asking again with what was wrong") == MAX_REPAIRS


async def test_rounds_end() -> None:
    writer = ScriptedWriter([(says("return wrong"), None)])
    checked = list[str]()
    found, _ = await fixes(writer, checked=checked)
    assert found.candidates == ()
    assert found.reasons == ("tests fail",)
    assert len(writer.asked) == 1 + MAX_REPAIRS
    assert len(checked) == 1, "the same code is checked once"


async def test_who_may_not_be_asked_again_is_not() -> None:
    writer = ScriptedWriter([(says("return wrong"), None)], may_ask_again=False)
    found, _ = await fixes(writer, 3)
    assert found.candidates == ()
    assert len(writer.asked) == 1


async def test_candidates_differ_in_seed_and_temperature_and_the_same_code_counts_once() -> None:
    answers = [(says("return 1"), -0.5), (says("return  1  # so"), None), (says("return 2"), -0.1)]
    writer = ScriptedWriter(answers)
    checked = list[str]()
    found, _ = await fixes(writer, 3, checked, every=True)
    assert lines(found) == ["return 2", "return 1"], "as large a change, and the model is surer of it"
    assert len(checked) == 2
    samplings = [sampling for _, sampling in writer.asked]
    assert len({(each.seed, each.temperature) for each in samplings}) == 3
    assert samplings[0].temperature == 0
