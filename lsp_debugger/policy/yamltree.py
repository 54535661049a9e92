"""YAML as a tree of values that know their line and their key path, for error messages worth reading.

Anchors, aliases, tags, merge keys and duplicate keys are refused: a policy has no use for them, and each
has been used to make a file mean something else than it says.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, NoReturn

from lsp_debugger.core.errors import PolicyInvalid

MAX_FILE_BYTES = 256 * 1024
MAX_DEPTH = 12
MAX_NODES = 20_000


@dataclass(frozen=True, slots=True)
class Node:
    """value: str, int, bool, float, None, a tuple of nodes, or a dict of nodes.

    line: 1-based. path: `classes.never_send[0].pattern`, empty at the top.
    """

    file: str
    line: int
    path: str
    value: str | int | float | bool | tuple[Node, ...] | dict[str, Node] | None

    def fail(self, message: str, hint: str = "") -> NoReturn:
        """Raise PolicyInvalid in one line: file, line, key path, reason."""
        where = f"{self.file}:{self.line}: {self.path}" if self.path else f"{self.file}:{self.line}"
        raise PolicyInvalid(f"{where}: {message}", hint or "correct the file; until then nothing leaves")


def parse(data: bytes, file: str) -> Node:
    """Read one document. Raises PolicyInvalid. An empty file is a node with the value None."""
    top = Node(file, 1, "", None)
    if len(data) > MAX_FILE_BYTES:
        top.fail(f"larger than {MAX_FILE_BYTES // 1024} KiB")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        Node(file, data[: exc.start].count(b"\n") + 1, "", None).fail("not UTF-8")
    yaml: Any = importlib.import_module("yaml")  # late: 20 ms
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _refuse_tricks(yaml, text, loader, file)
        root = yaml.compose(text, Loader=loader)
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None) or getattr(exc, "context_mark", None)
        problem = str(getattr(exc, "problem", None) or getattr(exc, "reason", None) or "cannot be read")
        line = mark.line + 1 if mark else 1
        Node(file, line, "", None).fail(f"not valid YAML: {' '.join(problem.split())[:120]}")
    return top if root is None else _Builder(yaml, file).node(root, "")


def _refuse_tricks(yaml: Any, text: str, loader: Any, file: str) -> None:
    """Look at the events one by one, before anything recursive or expanding sees them."""
    depth = 0
    for nodes, event in enumerate(yaml.parse(text, Loader=loader)):
        at = Node(file, event.start_mark.line + 1, "", None)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            at.fail("anchors and aliases are not allowed in a policy")
        if getattr(event, "tag", None):
            at.fail("tags are not allowed in a policy")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            at.fail(f"nested more than {MAX_DEPTH} levels deep")
        if nodes > MAX_NODES:
            at.fail(f"more than {MAX_NODES} values")


class _Builder:
    def __init__(self, yaml: Any, file: str) -> None:
        self._yaml = yaml
        self._file = file
        self._scalars: Any = yaml.SafeLoader("")

    def node(self, raw: Any, path: str) -> Node:
        line = raw.start_mark.line + 1
        if isinstance(raw, self._yaml.MappingNode):
            return Node(self._file, line, path, self._mapping(raw, path))
        if isinstance(raw, self._yaml.SequenceNode):
            children = tuple(self.node(child, f"{path}[{i}]") for i, child in enumerate(raw.value))
            return Node(self._file, line, path, children)
        try:
            value = self._scalars.construct_object(raw)
        except (self._yaml.YAMLError, ValueError, OverflowError):
            Node(self._file, line, path, None).fail("a value that YAML cannot read")
        if not isinstance(value, str | int | float | bool | None):
            value = raw.value  # dates and the like are text to us
        return Node(self._file, line, path, value)

    def _mapping(self, raw: Any, path: str) -> dict[str, Node]:
        children = dict[str, Node]()
        for key, value in raw.value:
            at = Node(self._file, key.start_mark.line + 1, path, None)
            if not isinstance(key, self._yaml.ScalarNode):
                at.fail("a key must be a plain word")
            name = str(key.value)
            if name in children:
                at.fail(f"the key {name[:60]!r} stands here twice")
            children[name] = self.node(value, f"{path}.{name}" if path else name)
        return children
