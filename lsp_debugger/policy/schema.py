"""policy.yaml, read strictly: an unknown key is an error, because `nevr_send` must not open anything."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

from lsp_debugger.policy import globs
from lsp_debugger.policy.document import (
    CLASS_NAMES,
    DETECTOR_NAMES,
    Action,
    Entry,
    Mode,
    Policy,
    PolicyRule,
)
from lsp_debugger.policy.expressions import Expression, ExpressionInvalid, Facts, compile_expression
from lsp_debugger.policy.patterns import PatternInvalid, compile_pattern
from lsp_debugger.policy.yamltree import Node, parse

VERSION = 1
MAX_ENTRIES = 1_000
MAX_RULES = 200
MAX_PATTERN_CHARS = 2_000

_KEYS = ("version", "mode", "classes", "rules", "never_index", "detectors")
# What a repository may say. Everything here makes the outcome narrower.
_TIGHTENING_KEYS = ("version", "mode", "classes", "rules", "never_index")
_TIGHTENING_CLASSES = ("never_send", "redact_and_allow")
_RULE_ACTIONS = (Action.DENY, Action.REDACT_THEN_ROUTE, Action.CONSIDER_CLOUD)

_WIDENING = (Action.REDACT_THEN_ROUTE.value, Action.CONSIDER_CLOUD.value)

_T = TypeVar("_T")


def read_policy(data: bytes, file: str, layer: str) -> Policy:
    """Read a file that may grant: an organisation's or a user's. Raises PolicyInvalid.

    layer: the word that ids of entries and rules start with.
    """
    root = parse(data, file)
    sections = _mapping(root, _KEYS) if root.value is not None else {}
    return _policy(sections, layer)


def read_tightening(data: bytes, file: str, layer: str) -> tuple[Policy, tuple[str, ...]]:
    """Read an untrusted file: what narrows is taken, the rest is named in the returned problems.

    Raises PolicyInvalid when it cannot be read, or when a part that narrows is wrong.
    """
    root = parse(data, file)
    if root.value is None:
        return Policy(), ()
    ignored = _Ignored(file)
    sections = ignored.keep(_mapping(root, None), _TIGHTENING_KEYS)
    if "classes" in sections:
        node = sections["classes"]
        kept = ignored.keep(_mapping(node, None), _TIGHTENING_CLASSES)
        sections["classes"] = Node(node.file, node.line, node.path, kept)
    if "rules" in sections:
        node = sections["rules"]
        rules = tuple(rule for rule in _sequence(node, MAX_RULES) if ignored.keeps_rule(rule))
        sections["rules"] = Node(node.file, node.line, node.path, rules)
    if "mode" in sections and sections["mode"].value != Mode.OFF_CLOUD.value:
        ignored.add(sections.pop("mode"))
    return _policy(sections, layer), tuple(ignored.problems)


class _Ignored:
    def __init__(self, file: str) -> None:
        self._file = file
        self.problems = list[str]()

    def add(self, node: Node) -> None:
        if len(self.problems) < 20:
            self.problems.append(
                f"{self._file}:{node.line}: {node.path[:80]}: ignored, a repository may only tighten"
            )

    def keep(self, sections: dict[str, Node], allowed: Collection[str]) -> dict[str, Node]:
        for name, node in sections.items():
            if name not in allowed:
                self.add(node)
        return {name: node for name, node in sections.items() if name in allowed}

    def keeps_rule(self, rule: Node) -> bool:
        action = rule.value.get("action") if isinstance(rule.value, dict) else None
        if action is None or action.value not in _WIDENING:
            return True  # a deny rule, `default: local`, or something wrong that the strict reader shall name
        self.add(rule)
        return False


def _policy(sections: dict[str, Node], layer: str) -> Policy:
    if "version" in sections and sections["version"].value is not VERSION:
        sections["version"].fail(
            f"only version {VERSION} is known", "update lsp-debugger, or write version: 1"
        )
    classes = _mapping(sections["classes"], CLASS_NAMES) if "classes" in sections else {}
    entries = {name: _entries(node, layer) for name, node in classes.items()}
    return Policy(
        mode=_one_of(sections["mode"], {mode.value: mode for mode in Mode})
        if "mode" in sections
        else Mode.ENFORCE,
        never_send=entries.get("never_send", ()),
        redact_and_allow=entries.get("redact_and_allow", ()),
        allow=entries.get("allow", ()),
        rules=_rules(sections["rules"], layer) if "rules" in sections else (),
        never_index=_globs(sections["never_index"]) if "never_index" in sections else (),
        detectors=_detectors(sections["detectors"]) if "detectors" in sections else DETECTOR_NAMES,
    )


def _entries(node: Node, layer: str) -> tuple[Entry, ...]:
    children = _sequence(node, MAX_ENTRIES)
    return tuple(_entry(child, f"{layer}.{child.path.removeprefix('classes.')}") for child in children)


def _entry(node: Node, entry_id: str) -> Entry:
    fields = _mapping(node, ("path", "pattern"))
    if len(fields) != 1:
        node.fail("an entry is one of `path: GLOB` and `pattern: REGEX`")
    if "path" in fields:
        return Entry(entry_id, glob=_glob(fields["path"]))
    pattern = fields["pattern"]
    source = _text(pattern)
    if len(source) > MAX_PATTERN_CHARS:
        pattern.fail(f"pattern longer than {MAX_PATTERN_CHARS} characters")
    try:
        return Entry(entry_id, regex=compile_pattern(source), pattern=source)
    except PatternInvalid as exc:
        pattern.fail(f"{exc}; {exc.hint}" if exc.hint else str(exc), exc.hint)


def _rules(node: Node, layer: str) -> tuple[PolicyRule, ...]:
    rules = list[PolicyRule]()
    defaults = 0
    for child in _sequence(node, MAX_RULES):
        fields = _mapping(child, ("if", "action", "default"))
        if "default" in fields:
            defaults += 1
            if len(fields) > 1 or defaults > 1:
                child.fail("one `default: local`, standing alone")
            _one_of(fields["default"], {Action.LOCAL.value: Action.LOCAL})
            continue
        for key in ("if", "action"):
            if key not in fields:
                child.fail(f"the rule has no `{key}`")
        action = _one_of(fields["action"], {action.value: action for action in _RULE_ACTIONS})
        rules.append(PolicyRule(f"{layer}.{child.path}", _condition(fields["if"]), action))
    return tuple(rules)


def _always(answer: bool) -> Expression:
    def condition(_: Facts) -> bool:
        return answer

    return condition


def _condition(node: Node) -> Expression:
    if isinstance(node.value, bool):  # YAML has read `if: true` for us
        return _always(node.value)
    try:
        return compile_expression(_text(node), CLASS_NAMES)
    except ExpressionInvalid as exc:
        node.fail(f"condition: {exc}")


def _detectors(node: Node) -> tuple[str, ...]:
    names = _mapping(node, ("builtin",)).get("builtin")
    if names is None:
        return DETECTOR_NAMES
    chosen = tuple(_one_of(child, {name: name for name in DETECTOR_NAMES}) for child in _sequence(names, 50))
    if "secrets" not in chosen:
        names.fail("`secrets` cannot be switched off")
    return chosen


def _globs(node: Node) -> tuple[str, ...]:
    return tuple(_glob(child) for child in _sequence(node, MAX_ENTRIES))


def _glob(node: Node) -> str:
    text = _text(node)
    try:
        globs.check(text)
    except globs.GlobInvalid as exc:
        node.fail(str(exc))
    return text


def _mapping(node: Node, allowed: Collection[str] | None) -> dict[str, Node]:
    if not isinstance(node.value, dict):
        node.fail(f"expected keys and values, not {_kind(node)}")
    for name, child in node.value.items():
        if allowed is not None and name not in allowed:
            child.fail(f"unknown key {name[:60]!r}", f"one of: {', '.join(allowed)}")
    return dict(node.value)


def _sequence(node: Node, limit: int) -> tuple[Node, ...]:
    if node.value is None:
        return ()  # `never_send:` with every line below it commented out
    if not isinstance(node.value, tuple):
        node.fail(f"expected a list, not {_kind(node)}")
    if len(node.value) > limit:
        node.fail(f"more than {limit} entries")
    return node.value


def _text(node: Node) -> str:
    if not isinstance(node.value, str):
        node.fail(f"expected text, not {_kind(node)}: put it in quotes")
    return node.value


def _one_of(node: Node, choices: dict[str, _T]) -> _T:
    if not isinstance(node.value, str) or node.value not in choices:
        node.fail(f"expected one of: {', '.join(choices)}")
    return choices[node.value]


def _kind(node: Node) -> str:
    match node.value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case str():
            return "text"
        case dict():
            return "keys and values"
        case tuple():
            return "a list"
        case _:
            return "a number"
