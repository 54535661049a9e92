"""Code actions: edits that need no judgement, at most one Fix and one Explain a line, and nothing else.

A fix that was checked is offered as its edit, with what was checked in the title; before that, Fix is a
command. Only what was explained already can also be asked elsewhere, and only where the policy names a
service.

The list is pure look-up: no waiting, no disk, no model. Editors ask for it on every cursor move.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lsprotocol import types

from lsp_debugger.core.ask import Card, CertainEdit, Problem
from lsp_debugger.core.markdown import shortened
from lsp_debugger.core.text import Snapshot
from lsp_debugger.server.capabilities import ClientFacts
from lsp_debugger.server.convert import diagnostic_from, workspace_edit_from
from lsp_debugger.server.diagnostics import Finding
from lsp_debugger.server.documents import key_of
from lsp_debugger.server.edits import Note, file_changes, is_taken_by, open_are_current, workspace_edit
from lsp_debugger.server.offers import Offer
from lsp_debugger.server.params import diagnostic_json, diagnostic_of, mapping_of

EXPLAIN_COMMAND = "lspDebugger.explain"
ESCALATE_COMMAND = "lspDebugger.escalate"
ESCALATE_FIX_COMMAND = "lspDebugger.escalateFix"
FIX_COMMAND = "lspDebugger.fix"
# Below `quickfix`, so that every hierarchical filter keeps it, and not equal to it: LSP4IJ drops
# plain quick fixes from its list of intentions, which is where ours have to be.
EXPLAIN_KIND = "quickfix.explain"
FIX_KIND = "quickfix.fix"
_MARKER = "lspDebugger"  # in `data` of actions that are ours to resolve
_TITLE_CHARS = 80
_STALE = "the document has changed since this was offered"


@dataclass(frozen=True, slots=True)
class Asked:
    """The certain edit that an action's `data` names."""

    uri: str
    version: int | None
    diagnostic: types.Diagnostic


@dataclass(frozen=True, slots=True)
class Asking:
    """What may be asked, and what was answered already.

    mask: takes secrets out of a title, or all of it while that cannot be done yet.
    explains, fixes: whether the settings want these actions.
    elsewhere: the service that may be asked too, for a problem that was explained before; empty for none.
    no_model: why no model can be asked; empty where one can, None while that is not known.
    checked: the fix of this very problem in this very text that was checked. documents: all that are open.
    """

    mask: Callable[[str], str]
    explains: bool = True
    fixes: bool = True
    elsewhere: str = ""
    no_model: str | None = None
    checked: Offer | None = None
    documents: Sequence[Snapshot] = ()


def code_actions(
    finding: Finding | None,
    card: Card | None,
    snapshot: Snapshot,
    *,
    only: Sequence[str] | None,
    facts: ClientFacts,
    encoding: str,
    questions: Asking,
) -> list[types.CodeAction | types.Command]:
    """What can be done about `finding`: its certain edit if `card` has one, Fix, and Explain last.

    card: only if it was made before; None says nothing about there being an edit.
    A diagnostic that goes back to its sender is left as it is.
    """
    if finding is None:
        return []
    offered = list[types.CodeAction | types.Command]()
    edit = certain_edit(finding, card, snapshot)
    if edit is not None and facts.takes_code_actions and _wanted(types.CodeActionKind.QuickFix.value, only):
        offered.append(_edit_action(finding, edit, snapshot, facts, encoding))
    said = questions.mask(_said(finding.problem)) or finding.problem.label
    if questions.fixes and _wanted(FIX_KIND, only):
        offered += _fix_actions(finding, said, snapshot, facts, encoding, questions)
    if questions.explains and _wanted(EXPLAIN_KIND, only):
        titles = {f"Explain: {said}": EXPLAIN_COMMAND}
        if questions.elsewhere:
            titles[f"Ask {questions.elsewhere}, which is not on this machine…"] = ESCALATE_COMMAND
        for title, name in titles.items():
            command = _command(name, title, finding, snapshot, encoding)
            offered.append(
                _asking_action(command, EXPLAIN_KIND, finding) if facts.takes_code_actions else command
            )
    return offered


def _fix_actions(
    finding: Finding, said: str, snapshot: Snapshot, facts: ClientFacts, encoding: str, questions: Asking
) -> list[types.CodeAction | types.Command]:
    """The checked fix, else the question for one where there is a model; none of a stale finding."""
    if questions.checked is not None and facts.takes_code_actions:
        action = _offer_action(questions.checked, finding, questions.documents, facts, encoding)
        if action is not None:
            return [action]
    if finding.problem.stale or snapshot.path is None:
        return []
    return [
        *_own_fix(finding, said, snapshot, facts, encoding, questions),
        *_fix_elsewhere(finding, snapshot, facts, encoding, questions),
    ]


def _fix_elsewhere(
    finding: Finding, snapshot: Snapshot, facts: ClientFacts, encoding: str, questions: Asking
) -> list[types.CodeAction | types.Command]:
    if not questions.elsewhere:
        return []
    title = f"Fix with {questions.elsewhere}, which is not on this machine…"
    command = _command(ESCALATE_FIX_COMMAND, title, finding, snapshot, encoding)
    return [_asking_action(command, FIX_KIND, finding) if facts.takes_code_actions else command]


def _own_fix(
    finding: Finding, said: str, snapshot: Snapshot, facts: ClientFacts, encoding: str, questions: Asking
) -> list[types.CodeAction | types.Command]:
    if questions.no_model is None:
        return []
    command = _command(FIX_COMMAND, f"Fix with the model: {said}", finding, snapshot, encoding)
    if not questions.no_model:
        return [_asking_action(command, FIX_KIND, finding) if facts.takes_code_actions else command]
    if not (facts.shows_disabled and facts.takes_code_actions):
        return []
    why = types.CodeActionDisabled(shortened(questions.no_model, _TITLE_CHARS))
    return [types.CodeAction(title=command.title, kind=FIX_KIND, disabled=why)]


def _offer_action(
    offer: Offer, finding: Finding, documents: Sequence[Snapshot], facts: ClientFacts, encoding: str
) -> types.CodeAction | None:
    """A checked fix; its edit is fetched later where the client can, and the files looked at again then.

    None if the client could not take the edit, or if a file is not known to be what was checked.
    """
    candidate = offer.candidate
    changes = file_changes(candidate.applied.new_texts, candidate.before, offer.root, documents)
    if not is_taken_by(changes, facts) or not open_are_current(changes, documents):
        return None
    attached = [finding.diagnostic] if finding.diagnostic else None
    action = types.CodeAction(title=offer.title, kind=FIX_KIND, diagnostics=attached)
    if "edit" in facts.resolves:
        action.data = {_MARKER: {"offer": offer.id}}
        return action
    if any(each.version is None for each in changes):
        return None
    note = Note(offer.title, offer.side_effects, needs_yes=offer.needs_yes)
    action.edit = workspace_edit(changes, facts, encoding, note)
    return action


def asked_offer(action: types.CodeAction) -> str | None:
    """The id of the checked fix that a resolve request wants; None when it wants none."""
    given = mapping_of(mapping_of(action.data).get(_MARKER)).get("offer")
    return given if isinstance(given, str) and action.edit is None else None


def certain_edit(finding: Finding, card: Card | None, snapshot: Snapshot) -> CertainEdit | None:
    """The card's edit if it is for this very text, the finding is too, and its owner has none itself."""
    if card is None or card.edit is None or finding.problem.stale or finding.owner_edits:
        return None
    fits = key_of(card.edit.uri) == key_of(snapshot.uri) and card.edit.version == snapshot.version
    return card.edit if fits else None


def asked_edit(action: types.CodeAction) -> Asked | None:
    """What a resolve request wants of us; None when it is another's action or needs nothing."""
    given = mapping_of(mapping_of(action.data).get(_MARKER))
    uri, version = given.get("uri"), given.get("version")
    diagnostic = diagnostic_of(given.get("diagnostic"))
    if action.edit is not None or not isinstance(uri, str) or diagnostic is None:
        return None
    return Asked(uri, version if isinstance(version, int) else None, diagnostic)


def resolved(
    action: types.CodeAction, edit: types.WorkspaceEdit | None, facts: ClientFacts
) -> types.CodeAction:
    """The action with its edit; without one it does nothing, and says so where the client shows it."""
    action.edit = edit
    return action if edit is not None else outdated(action, facts)


def outdated(action: types.CodeAction, facts: ClientFacts) -> types.CodeAction:
    if facts.shows_disabled:
        action.disabled = types.CodeActionDisabled(_STALE)
    return action


def _edit_action(
    finding: Finding, edit: CertainEdit, snapshot: Snapshot, facts: ClientFacts, encoding: str
) -> types.CodeAction:
    action = types.CodeAction(
        title=shortened(edit.title, _TITLE_CHARS),
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[finding.diagnostic] if finding.diagnostic else None,
    )
    if "edit" in facts.resolves:
        wire = _diagnostic_json(finding, snapshot, encoding)
        action.data = {_MARKER: {"uri": snapshot.uri, "version": snapshot.version, "diagnostic": wire}}
    else:
        action.edit = wire_edit(edit, snapshot, facts, encoding)
    return action


def _command(name: str, title: str, finding: Finding, snapshot: Snapshot, encoding: str) -> types.Command:
    problem = finding.problem
    wire = _diagnostic_json(finding, snapshot, encoding)
    arguments: dict[str, Any] = {"uri": snapshot.uri, "version": snapshot.version, "diagnostic": wire}
    if problem.stale:
        arguments["stale"] = True
    return types.Command(title=shortened(title, _TITLE_CHARS), command=name, arguments=[arguments])


def _asking_action(command: types.Command, kind: str, finding: Finding) -> types.CodeAction:
    attached = [finding.diagnostic] if finding.diagnostic else None
    return types.CodeAction(title=command.title, kind=kind, diagnostics=attached, command=command)


def _diagnostic_json(finding: Finding, snapshot: Snapshot, encoding: str) -> dict[str, Any]:
    return diagnostic_json(finding.diagnostic or diagnostic_from(finding.problem, snapshot, encoding))


def wire_edit(
    edit: CertainEdit, snapshot: Snapshot, facts: ClientFacts, encoding: str
) -> types.WorkspaceEdit:
    """A card's edit in the best form that the client knows."""
    return workspace_edit_from(
        edit,
        snapshot,
        encoding,
        versioned=facts.applies_versioned_edits,
        annotated=facts.applies_versioned_edits and facts.annotates_edits,
    )


def _said(problem: Problem) -> str:
    """Code and message; the code once."""
    message = problem.message
    return message if not problem.code or message.startswith(problem.code) else f"{problem.code} {message}"


def _wanted(kind: str, only: Sequence[str] | None) -> bool:
    """Kinds are a hierarchy: `quickfix` asks for `quickfix.explain` too, the empty kind for everything."""
    return not only or any(not each or kind == each or kind.startswith(f"{each}.") for each in only)
