"""Explain the problem under the cursor: what failed, why, and where to look first.

A document is `opening` + the model's words + `closing`, in this order, so that it can be shown while
it is written and only ever grows.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

from lsp_debugger.core.ask import (
    Answer,
    Ask,
    Card,
    Feature,
    Place,
    Problem,
    ProblemKind,
    Surface,
    Unanswered,
    Verified,
)
from lsp_debugger.core.markdown import code, escaped, file_link, link, shortened

TASK = (
    "Explain the cause of this problem to a developer who knows the language, in at most five sentences. "
    "Begin with the conclusion. Cite the evidence as path:line, and only lines that are given here. "
    "Keep apart what the given code shows and what you suppose, and say which is which. "
    "If the given code does not show the cause, say what would have to be looked at. "
    "Write no patch, propose no commands to run and nothing to install."
)
SUPPOSED = "## What the model supposes\n\n"  # stands before the model's first word
_TITLE_CHARS = 90
_FINISH = {
    "length": "It was cut off at the length limit.",
    "cancelled": "It was cancelled; this is what there was of it.",
    "error": "The model stopped in the middle; this is what there was of it.",
}


def ask(problem: Problem) -> Ask | None:
    if not problem.message.strip():
        return None  # nothing to explain is an answer, not an error
    return Ask(problem, task=TASK, task_name="explain")


def show(verified: Verified, root: str | None = None) -> str:
    """The whole answer as Markdown. root: absolute path that relative places start from, for links."""
    reply = verified.reply
    head = opening(verified.problem, verified.card, root)
    words = f"{SUPPOSED}{reply.markdown}" if isinstance(reply, Answer) and reply.markdown else ""
    return head + words + closing(verified, root)


def opening(problem: Problem, card: Card, root: str | None = None) -> str:
    """What stands before any model has spoken: the problem, and the sentence that is certain."""
    title = shortened(problem.message, _TITLE_CHARS)
    named = title if title.startswith(problem.label) else f"{problem.label}: {title}"
    where = _where(problem, root)
    lines = [f"# {escaped(named)}", "", *([where, ""] if where else []), f"**{escaped(card.headline)}**", ""]
    return "\n".join(lines) + "\n"


def announced(problem: Problem, status: str) -> str:
    """A document before anything is known: nothing in it is anybody else's words."""
    return f"# {escaped(problem.label)}\n\n_{escaped(status)}_\n"


def closing(verified: Verified, root: str | None = None) -> str:
    """What stands after the model's last word, or after the opening when there was none."""
    card, reply = verified.card, verified.reply
    if isinstance(reply, Unanswered):
        sections = [
            _known(verified.problem, card, root),
            _section("No explanation by a model", [escaped(reply.reason), escaped(reply.hint)]),
        ]
    else:
        sections = [
            _after_words(reply),
            _section("Evidence", _places(reply.evidence, root)),
            _known(verified.problem, card, root),
        ]
    sections += [
        _section("What can be done", _commands(verified.problem)),
        _section("Elsewhere", [escaped(verified.escalation)]),
        _footer(verified),
    ]
    written = "".join(sections)
    # The model's last line may not have ended; a blank line keeps what follows out of its paragraph.
    return "\n" + written if isinstance(reply, Answer) and reply.markdown else written.lstrip("\n")


def unfinished(problem: Problem, card: Card, words: str, status: str, root: str | None = None) -> str:
    """A document while it is written, or as a cancel left it. status: one line that says which."""
    head = opening(problem, card, root)
    body = f"{SUPPOSED}{words}\n\n" if words else ""
    return f"{head}{body}_{escaped(status)}_\n"


def _where(problem: Problem, root: str | None) -> str:
    parts = [problem.source] if problem.source else []
    shown = [escaped(part) for part in parts]
    if problem.path:
        label = f"{_relative(problem.path, root)}:{problem.line}"
        shown.insert(0, file_link(label, problem.path, problem.line, root))
    if problem.stale:
        shown.append("the text was edited after this was found")
    return " · ".join(shown)


def _known(problem: Problem, card: Card, root: str | None) -> str:
    lines = [escaped(note) for note in card.notes]
    lines += _places(dict.fromkeys((*card.places, *problem.related)), root)
    if card.edit is not None:
        lines.append(f"Certain edit: {escaped(card.edit.title)}")
    section = _section("What is known", lines)
    return section + _rule(problem, card)


def _rule(problem: Problem, card: Card) -> str:
    address = card.href or problem.href
    documentation = link(f"Documentation of {problem.label}", address) if address else ""
    if not card.rule_text.strip():
        return f"\n{documentation}\n" if documentation else ""
    # The tool's own words stand in a block that renders nothing: they may hold any Markdown.
    fence = "```" if "```" not in card.rule_text else "~~~~~~"
    text = card.rule_text.strip().replace("~~~~~~", "~~~~~")
    heading = f"## About {escaped(problem.label)}"
    return f"\n{heading}\n\n{fence}text\n{text}\n{fence}\n" + (
        f"\n{documentation}\n" if documentation else ""
    )


def _commands(problem: Problem) -> list[str]:
    """Of the editor's list of commands; nothing for what belongs to no file, or to a text that is gone."""
    if problem.path is None or problem.stale:
        return []
    lines = [f"Fix this, checked before it is shown: {code('lspDebugger.fix')}"]
    if problem.kind is ProblemKind.DIAGNOSTIC and problem.code:
        lines.append(f"Fix all of {escaped(problem.label)} in this file: {code('lspDebugger.fixAll')}")
    if problem.path.endswith(".py"):
        lines.append(f"Write a test that fails because of it: {code('lspDebugger.writeTest')}")
    return lines


def _after_words(answer: Answer) -> str:
    lines = [] if answer.complete else [_FINISH.get(answer.finish_reason, "It is not complete.")]
    if not answer.markdown:
        lines.insert(0, "The model wrote nothing.")
    lines.append(f"Confidence: **{answer.confidence.value}**: {escaped(answer.confidence_reason)}")
    return "\n" + "\n\n".join(lines) + "\n"


def _footer(verified: Verified) -> str:
    version = f" · of version {verified.version}" if verified.version is not None else ""
    lines = [f"Answer {code(verified.answer_id)}{version}"]
    reply = verified.reply
    if isinstance(reply, Unanswered):
        lines.append("Model: none")
        if reply.policy_sha256:
            lines.append(f"Policy {code(reply.policy_sha256)}")
    else:
        source = reply.provenance
        why = f"; {escaped(source.chosen_because)}" if source.chosen_because else ""
        lines += [
            f"Model {code(source.model)} from {escaped(source.backend)}, {escaped(source.locality)}{why}",
            f"Digest {code(source.digest or 'unknown')}",
            f"Policy {code(source.policy_sha256)} · index {code(source.index_version)}",
            f"Prompt HMAC {code(source.prompt_hmac)}",
        ]
    return "\n---\n\n" + "\n".join(f"- {line}" for line in lines) + "\n"


def _section(title: str, lines: Iterable[str]) -> str:
    kept = [line for line in lines if line]
    return f"\n## {title}\n\n" + "\n".join(f"- {line}" for line in kept) + "\n" if kept else ""


def _places(places: Iterable[Place], root: str | None) -> list[str]:
    shown = list[str]()
    for place in places:
        label = f"{_relative(place.path, root)}:{place.line}"
        note = f" {escaped(place.note)}" if place.note else ""
        shown.append(file_link(label, place.path, place.line, root) + note)
    return shown


def _relative(path: str, root: str | None) -> str:
    place = PurePath(path)
    if root and place.is_absolute() and place.is_relative_to(root):
        return place.relative_to(root).as_posix()
    return path


EXPLAIN = Feature(
    name="explain",
    title="Explain",
    surfaces=frozenset({Surface.CODE_ACTION, Surface.HOVER, Surface.COMMAND}),
    ask=ask,
    show=show,
)
