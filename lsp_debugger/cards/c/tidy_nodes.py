"""What a check points at."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_debugger.cards.c.lookup import Found, declaration_of
from lsp_debugger.cards.c.wording import code, text_of
from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Place

if TYPE_CHECKING:
    from tree_sitter import Node


_QUOTED = re.compile(r"(?<!\w)'([^'\n]{1,300})'")


def quoted(case: Case) -> list[str]:
    return _QUOTED.findall(text_of(case.problem.message))


def around(case: Case, *types: str) -> Found | None:
    nodes = case.nodes
    node = nodes.around(case.span, *types) if nodes is not None else None
    return Found(nodes, node, case.path) if nodes is not None and node is not None else None


def field(found: Found | None, name: str) -> Node | None:
    return found.node.child_by_field_name(name) if found is not None else None


def declared_place(case: Case, name: str) -> tuple[Place, ...]:
    found = declaration_of(case, name) if name.isidentifier() else None
    if found is None or found.line == case.line:
        return ()
    return (case.here(found.line, code(found.text())),)


def is_cpp(case: Case) -> bool:
    return case.snapshot.language_id == "cpp"
