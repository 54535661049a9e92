"""Code actions: at most one question to a model a line, and edits that need no judgement.

Only what was explained already can also be asked elsewhere, and only where the policy names a service.

The list is pure look-up: no waiting, no disk, no model. Editors ask for it on every cursor move.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lsprotocol import types

from lsp_debugger.core.ask import Card, CertainEdit
from lsp_debugger.core.markdown import shortened
from lsp_debugger.core.text import Snapshot
from lsp_debugger.server.capabilities import ClientFacts
from lsp_debugger.server.convert import diagnostic_from, workspace_edit_from
from lsp_debugger.server.diagnostics import Finding
from lsp_debugger.server.documents import key_of
from lsp_debugger.server.params import diagnostic_json, diagnostic_of, mapping_of

EXPLAIN_COMMAND = "lspDebugger.explain"
ESCALATE_COMMAND = "lspDebugger.escalate"
# Below `quickfix`, so that every hierarchical filter keeps it, and not equal to it: LSP4IJ drops
# plain quick fixes from its list of intentions, which is where ours have to be.
EXPLAIN_KIND = "quickfix.explain"
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
    """What may be asked. mask: takes secrets out of a title, or all of it while that cannot be done yet.

    elsewhere: the service that may be asked too, for a problem that was explained before; empty for none.
    """

    mask: Callable[[str], str]
    elsewhere: str = ""


def code_actions(
    finding: Finding | None,
    card: Card | None,
    snapshot: Snapshot,
    *,
    only: Sequence[str] | None,
    facts: ClientFacts,
    encoding: str,
    questions: Asking | None,
) -> list[types.CodeAction | types.Command]:
    """What can be done about `finding`: its certain edit if `card` has one, and Explain last.

    card: only if it was made before; None says nothing about there being an edit. questions: None where the
    settings want no Explain.
    A diagnostic that goes back to its sender is left as it is.
    """
    if finding is None:
        return []
    offered = list[types.CodeAction | types.Command]()
    edit = certain_edit(finding, card, snapshot)
    if edit is not None and facts.takes_code_actions and _wanted(types.CodeActionKind.QuickFix.value, only):
        offered.append(_edit_action(finding, edit, snapshot, facts, encoding))
    if questions is not None and _wanted(EXPLAIN_KIND, only):
        said = questions.mask(f"{finding.problem.code} {finding.problem.message}") or finding.problem.label
        titles = {f"Explain: {said}": EXPLAIN_COMMAND}
        if questions.elsewhere:
            titles[f"Ask {questions.elsewhere}, which is not on this machine…"] = ESCALATE_COMMAND
        for title, name in titles.items():
            command = _command(name, title, finding, snapshot, encoding)
            offered.append(_explain_action(command, finding) if facts.takes_code_actions else command)
    return offered


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
    action: types.CodeAction, edit: CertainEdit | None, snapshot: Snapshot, facts: ClientFacts, encoding: str
) -> types.CodeAction:
    """The action with its edit; without one it does nothing, and says so where the client shows it."""
    if edit is not None:
        action.edit = _workspace_edit(edit, snapshot, facts, encoding)
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
        action.edit = _workspace_edit(edit, snapshot, facts, encoding)
    return action


def _command(name: str, title: str, finding: Finding, snapshot: Snapshot, encoding: str) -> types.Command:
    problem = finding.problem
    wire = _diagnostic_json(finding, snapshot, encoding)
    arguments: dict[str, Any] = {"uri": snapshot.uri, "version": snapshot.version, "diagnostic": wire}
    if problem.stale:
        arguments["stale"] = True
    return types.Command(title=shortened(title, _TITLE_CHARS), command=name, arguments=[arguments])


def _explain_action(command: types.Command, finding: Finding) -> types.CodeAction:
    attached = [finding.diagnostic] if finding.diagnostic else None
    return types.CodeAction(title=command.title, kind=EXPLAIN_KIND, diagnostics=attached, command=command)


def _diagnostic_json(finding: Finding, snapshot: Snapshot, encoding: str) -> dict[str, Any]:
    return diagnostic_json(finding.diagnostic or diagnostic_from(finding.problem, snapshot, encoding))


def _workspace_edit(
    edit: CertainEdit, snapshot: Snapshot, facts: ClientFacts, encoding: str
) -> types.WorkspaceEdit:
    return workspace_edit_from(
        edit,
        snapshot,
        encoding,
        versioned=facts.applies_versioned_edits,
        annotated=facts.applies_versioned_edits and facts.annotates_edits,
    )


def _wanted(kind: str, only: Sequence[str] | None) -> bool:
    """Kinds are a hierarchy: `quickfix` asks for `quickfix.explain` too, the empty kind for everything."""
    return not only or any(not each or kind == each or kind.startswith(f"{each}.") for each in only)
