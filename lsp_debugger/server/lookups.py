"""What editors ask all the time: lists, hovers and documents, from what is known already.

None of these shows an error to anybody: an editor that asks on every cursor move would show it on
every cursor move.
"""

from __future__ import annotations

import asyncio
import logging

from lsprotocol import types

from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.server import actions, hovers
from lsp_debugger.server.convert import offset_at, span_from
from lsp_debugger.server.desk import Desk
from lsp_debugger.server.diagnostics import Finding, distinct, worst
from lsp_debugger.server.logs import fault_of

_log = logging.getLogger(__name__)
_CARD_TIMEOUT_S = 2.0
_NO_SUCH_ANSWER = "There is no such answer. They are kept for seven days.\n"


def code_action(desk: Desk, params: types.CodeActionParams) -> list[types.CodeAction | types.Command]:
    try:
        return _code_actions(desk, params)
    except Exception as error:  # noqa: BLE001 - see above
        _log.error("code action failed: %s", fault_of(error))
        return []


def _code_actions(desk: Desk, params: types.CodeActionParams) -> list[types.CodeAction | types.Command]:
    """Pure look-up: it neither waits nor reads, whatever happens elsewhere."""
    server = desk.server
    snapshot = server.documents.snapshot(params.text_document.uri)
    if snapshot is None:
        return []
    span = span_from(snapshot, params.range, server.encoding)
    finding = worst(_asked_about(desk, params.context, snapshot, span), span.start)
    if finding is None:
        return []
    session = server.session
    card = desk.shelf.seen(finding.problem, snapshot)
    if session is not None:
        session.problem_seen()
        if params.context.trigger_kind is not types.CodeActionTriggerKind.Automatic:
            # For the next list: the user asked here, the card may hold a certain edit, and a model may be
            # there. Not for lists that an editor asks for by itself: opening a file starts nothing.
            session.look_for_model()
            if card is None:
                desk.shelf.prepare(session.pipeline, finding.problem, snapshot)
    return actions.code_actions(
        finding,
        card,
        snapshot,
        only=params.context.only,
        facts=server.client,
        encoding=server.encoding,
        questions=_asking(desk, finding, snapshot),
    )


def _asked_about(
    desk: Desk, context: types.CodeActionContext, snapshot: Snapshot, span: Span
) -> list[Finding]:
    """A client that fills the context has decided; the others are answered by line, from the store."""
    store = desk.server.diagnostics
    given = context.diagnostics[: store.max_per_document]
    findings = [desk.read_diagnostic(each, None, snapshot) for each in given]
    desk.checks.heard(findings)
    findings = [store.with_fix(snapshot.uri, each) for each in findings]
    store.heard_with_request(snapshot, span, findings)
    return distinct(snapshot, findings) if findings else store.on_lines(snapshot, span)


def _asking(desk: Desk, finding: Finding, snapshot: Snapshot) -> actions.Asking:
    session = desk.server.session
    if session is None:
        return actions.Asking(lambda _: "", fixes=False)
    # Not before there is an answer from here, if there can be one: nobody is led away from the local one.
    no_model = session.why_no_model()
    explained = no_model or desk.server.answers.explanation(snapshot.uri, finding.problem)
    return actions.Asking(
        session.masked,
        explains=session.settings.actions_explain,
        fixes=session.settings.actions_fix,
        elsewhere=session.remote_name if explained else "",
        no_model=no_model,
        checked=desk.offers.of(finding.problem, snapshot),
        documents=tuple(desk.server.documents),
    )


async def resolve_code_action(desk: Desk, action: types.CodeAction) -> types.CodeAction:
    """Compute a certain edit anew, for the text of now. Others' and complete actions go back unchanged."""
    try:
        return await _resolve(desk, action)
    except Exception as error:  # noqa: BLE001 - one editor shows a popup for a failed resolve
        _log.error("resolve failed: %s", fault_of(error))
        return action


async def _resolve(desk: Desk, action: types.CodeAction) -> types.CodeAction:
    if (offer_id := actions.asked_offer(action)) is not None:
        return await _resolved_offer(desk, action, offer_id)
    asked, server = actions.asked_edit(action), desk.server
    if asked is None:
        return action
    snapshot = server.documents.snapshot(asked.uri)
    if snapshot is None or snapshot.version != asked.version:
        return actions.outdated(action, server.client)
    finding = server.diagnostics.with_fix(
        snapshot.uri, desk.read_diagnostic(asked.diagnostic, asked.version, snapshot)
    )
    session = await desk.session()
    card = await desk.shelf.card(session.pipeline, finding.problem, snapshot, _CARD_TIMEOUT_S)
    if server.documents.snapshot(asked.uri) is not snapshot:
        return actions.outdated(action, server.client)
    certain = actions.certain_edit(finding, card, snapshot)
    edit = actions.wire_edit(certain, snapshot, server.client, server.encoding) if certain else None
    return actions.resolved(action, edit, server.client)


async def _resolved_offer(desk: Desk, action: types.CodeAction, offer_id: str) -> types.CodeAction:
    """The edit of a fix that was checked; none when a file of it is not what was checked any more."""
    from lsp_debugger.server import fixes

    offer, server = desk.offers.by_id(offer_id), desk.server
    now = server.documents.snapshot(offer.snapshot.uri) if offer is not None else None
    if offer is None or now is None or now.version != offer.snapshot.version:
        return actions.outdated(action, server.client)
    edit = await fixes.edit_of_now(desk, await desk.session(), offer)
    if edit == fixes.STALE or server.documents.snapshot(offer.snapshot.uri) is not now:
        return actions.outdated(action, server.client)
    return actions.resolved(action, None if isinstance(edit, str) else edit, server.client)


async def hover(desk: Desk, params: types.HoverParams) -> types.Hover | None:
    try:
        return await _hover(desk, params)
    except Exception as error:  # noqa: BLE001 - see above
        _log.error("hover failed: %s", fault_of(error))
        return None


async def _hover(desk: Desk, params: types.HoverParams) -> types.Hover | None:
    """The card of the worst finding whose range holds the position; never waits for a model."""
    server = desk.server
    snapshot = server.documents.snapshot(params.text_document.uri)
    if snapshot is None:
        return None
    offset = offset_at(snapshot, params.position, server.encoding)
    finding = worst(server.diagnostics.at(snapshot, offset), offset)
    if finding is None:
        return None
    session = await desk.session()
    if not session.settings.hover_card:
        return None
    card = await desk.shelf.card(session.pipeline, finding.problem, snapshot, _CARD_TIMEOUT_S)
    if card is None:
        return None
    explanation = server.answers.explanation(snapshot.uri, finding.problem)
    as_markdown = server.client.hovers_markdown
    root = desk.root_of(snapshot)
    return hovers.hover(
        finding, card, explanation, snapshot, server.encoding, root=root, as_markdown=as_markdown
    )


async def text_document_content(
    desk: Desk, params: types.TextDocumentContentParams
) -> types.TextDocumentContentResult:
    """A `lspdbg:` document as it is now."""
    answers = desk.server.answers
    answer_id = answers.by_uri(params.uri)
    text = await asyncio.to_thread(answers.read, answer_id) if answer_id else None
    return types.TextDocumentContentResult(text if text is not None else _NO_SUCH_ANSWER)
