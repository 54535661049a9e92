"""A context without secrets: every text in it that a prompt could show, in the order of the prompt."""

from __future__ import annotations

from dataclasses import replace

from lsp_debugger.core.ask import Ask, Card, CertainEdit, Place, Problem
from lsp_debugger.core.material import Context, Fragment, FragmentKind
from lsp_debugger.policy.masked_files import MaskedFiles
from lsp_debugger.policy.redact import Redacted, Redactor

_ORDER = {kind: index for index, kind in enumerate(FragmentKind)}


def redacted_context(context: Context, redactor: Redactor) -> tuple[Context, bool, MaskedFiles]:
    """The context to render, whether all of it came out clean, and the files as it shows them.

    The snapshot's text is left out: what is to be sent of it stands in fragments.
    """
    redaction = _Redaction(redactor)
    redacted, clean = redaction.context(context)
    return redacted, clean, MaskedFiles(redactor, redaction.shown)


class _Redaction:
    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._clean = True
        self.shown = list[tuple[Fragment, Redacted]]()

    def context(self, context: Context) -> tuple[Context, bool]:
        problem, card = context.ask.problem, context.card
        self._redactor.reserve(
            [
                *(fragment.text for fragment in context.fragments),
                *(problem.message, card.headline, card.rule_text, *card.notes),
            ]
        )
        # In prompt order, so that numbers in the part that changes least do not depend on the rest.
        done = {index: self._fragment(context.fragments[index]) for index in self._in_prompt_order(context)}
        redacted = replace(
            context,
            fragments=tuple(done[index] for index in range(len(context.fragments))),
            card=self._card(card),
            ask=self._ask(context.ask),
            snapshot=replace(context.snapshot, text=""),
        )
        return redacted, self._clean

    @staticmethod
    def _in_prompt_order(context: Context) -> list[int]:
        return sorted(range(len(context.fragments)), key=lambda index: _ORDER[context.fragments[index].kind])

    def _text(self, text: str) -> str:
        if not text:
            return text
        redacted = self._redactor.redact(text)
        self._clean = self._clean and redacted.clean
        return redacted.text

    def _said(self, text: str) -> str:
        """What somebody or some program said about the code: quoted values in it are literals."""
        if not text:
            return text
        masked = self._redactor.mask(text)
        self._clean = self._clean and masked.clean
        return masked.text

    def _path(self, path: str) -> str:
        """With a file's suffix a path is a name; a home folder in it is still somebody's."""
        return self._said(path) if self._redactor.cloud else path

    def _fragment(self, fragment: Fragment) -> Fragment:
        redacted = self._redactor.mask(fragment.text, fragment.path, fragment.language_id)
        self.shown.append((fragment, redacted))
        self._clean = self._clean and redacted.clean
        path = fragment.path if fragment.path is None else self._path(fragment.path)
        symbol = self._text(fragment.symbol)
        if not redacted.findings:
            return replace(fragment, path=path, symbol=symbol)
        literals = tuple(redacted.moved(span) for span in fragment.literals)
        return replace(fragment, text=redacted.text, path=path, literals=literals, symbol=symbol)

    def _places(self, places: tuple[Place, ...]) -> tuple[Place, ...]:
        return tuple(
            replace(place, path=self._path(place.path), note=self._said(place.note)) for place in places
        )

    def _card(self, card: Card) -> Card:
        return replace(
            card,
            headline=self._said(card.headline),
            places=self._places(card.places),
            notes=tuple(map(self._said, card.notes)),
            edit=self._edit(card.edit) if card.edit else None,
            rule_text=self._text(card.rule_text),
        )

    def _edit(self, edit: CertainEdit) -> CertainEdit:
        replacements = tuple(replace(one, new_text=self._text(one.new_text)) for one in edit.replacements)
        return replace(edit, title=self._text(edit.title), replacements=replacements)

    def _ask(self, ask: Ask) -> Ask:
        return replace(ask, problem=self._problem(ask.problem))

    def _problem(self, problem: Problem) -> Problem:
        return replace(
            problem,
            message=self._said(problem.message),
            path=problem.path if problem.path is None else self._path(problem.path),
            related=self._places(problem.related),
            frames=self._places(problem.frames),
        )
