"""One problem with what a card may look at: the text it is in, and the code around it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath

from lsp_debugger.cards.python.parsed import ParsedPython, parse
from lsp_debugger.core.ask import Place, Problem
from lsp_debugger.core.ports import Definition, Symbols
from lsp_debugger.core.text import Snapshot, Span
from lsp_debugger.syntax.nodes import Nodes
from lsp_debugger.syntax.tree import TreeSitterSyntax


@dataclass(frozen=True, slots=True)
class Surroundings:
    """read: a file of the workspace as the user sees it, or None. root: None in single-file mode."""

    symbols: Symbols
    syntax: TreeSitterSyntax
    read: Callable[[str], Snapshot | None]
    root: Path | None


@dataclass(frozen=True)
class Case:
    """snapshot: the file that the problem is in, which need not be the one that was asked about."""

    problem: Problem
    snapshot: Snapshot
    around: Surroundings

    @cached_property
    def _own_span(self) -> Span | None:
        """The problem's range, if this text has it."""
        span = self.problem.span
        return span if span is not None and 0 <= span.start <= span.end <= len(self.snapshot.text) else None

    @property
    def is_in_text(self) -> bool:
        """False when the problem names a place that this text does not have."""
        on_a_line = bool(self.snapshot.text) and 1 <= self.problem.line <= len(self.snapshot.lines)
        return on_a_line or (bool(self.snapshot.text) and self._own_span is not None)

    @cached_property
    def span(self) -> Span:
        """Where in the snapshot; the whole line when the problem's own range is not in this text."""
        return self._own_span or self.snapshot.lines.span_of(self.problem.line - 1)

    @cached_property
    def line(self) -> int:
        """1-based, of the span's start: the text may have moved since the problem was found."""
        return self.snapshot.lines.line_of(self.span.start) + 1

    @property
    def line_text(self) -> str:
        return self.snapshot.line_text(self.line - 1) if self.is_in_text else ""

    @property
    def code(self) -> str:
        """The text that the problem points at."""
        return self.span.of(self.snapshot.text) if self.is_in_text else ""

    @cached_property
    def python(self) -> ParsedPython | None:
        """None for other languages, broken or very long text."""
        path = self.snapshot.path or self.snapshot.uri
        is_python = self.snapshot.language_id == "python" or path.endswith((".py", ".pyi"))
        return parse(self.snapshot.text) if is_python and self.is_in_text else None

    @cached_property
    def nodes(self) -> Nodes | None:
        """The text as its grammar reads it; None without a grammar, or where the problem is not in it."""
        view = self.around.syntax.view(self.snapshot) if self.is_in_text else None
        return view.nodes if view is not None else None

    @cached_property
    def expression(self) -> ast.expr | None:
        """The Python expression that the problem points at, exactly."""
        parsed = self.python
        node = parsed.around(self.span, ast.expr) if parsed is not None else None
        return node if parsed is not None and node is not None and parsed.span(node) == self.span else None

    @property
    def path(self) -> str:
        """The snapshot's file, as a key for symbols."""
        return self.snapshot.path or self.snapshot.uri

    def here(self, line: int, note: str = "") -> Place:
        """A line (1-based) of the same file."""
        return Place(self.shown(self.path), line, note)

    def place(self, definition: Definition, note: str = "") -> Place:
        shown = note or f"`{definition.signature.rstrip(':')}`"
        return Place(self.shown(definition.path), definition.start_line, shown)

    def shown(self, path: str) -> str:
        """Relative to the root with `/`, or as it is when outside of it."""
        root = self.around.root
        place = PurePath(path)
        if root is not None and place.is_absolute() and place.is_relative_to(root):
            return place.relative_to(root).as_posix()
        return path
