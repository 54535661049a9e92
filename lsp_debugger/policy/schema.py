"""policy.yaml, read strictly: an unknown key is an error, because `nevr_send` must not open anything."""

from __future__ import annotations

import re
from collections.abc import Collection

from lsp_debugger.policy import fields, globs
from lsp_debugger.policy.document import (
    CLASS_NAMES,
    DETECTOR_NAMES,
    LOGIN_FILES,
    Action,
    Entry,
    Mode,
    Policy,
    PolicyRule,
)
from lsp_debugger.policy.expressions import Expression, ExpressionInvalid, Facts, compile_expression
from lsp_debugger.policy.grants import GRANT_KEYS, read_grants
from lsp_debugger.policy.patterns import PatternInvalid, compile_pattern
from lsp_debugger.policy.yamltree import Node, parse

VERSION = 1
MAX_ENTRIES = 1_000
MAX_RULES = 200
MAX_PATTERN_CHARS = 2_000

KEYS = (
    *("version", "serial", "mode", "classes", "rules", "never_index", "detectors"),
    *GRANT_KEYS,
)
_DETECTOR_KEYS = ("builtin", "known_values")
_ENTRY_KEYS = ("path", "pattern", "id", "why")
_RULE_KEYS = ("if", "action", "default", "id", "why")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
# What a repository may say. Everything here makes the outcome narrower; its tests ask and change nothing.
_TIGHTENING_KEYS = ("version", "mode", "classes", "rules", "never_index", "tests")
_TIGHTENING_CLASSES = ("never_send", "redact_and_allow")
_RULE_ACTIONS = (Action.DENY, Action.REDACT_THEN_ROUTE, Action.CONSIDER_CLOUD)

_WIDENING = (Action.REDACT_THEN_ROUTE.value, Action.CONSIDER_CLOUD.value)


def read_policy(data: bytes, file: str, layer: str) -> Policy:
    """Read a file that may grant: an organisation's or a user's. Raises PolicyInvalid.

    layer: the word that ids of entries and rules start with.
    """
    root = parse(data, file)
    sections = fields.mapping(root, KEYS) if root.value is not None else {}
    return _policy(sections, layer)


def read_tightening(data: bytes, file: str, layer: str) -> tuple[Policy, tuple[str, ...]]:
    """Read an untrusted file: what narrows is taken, the rest is named in the returned problems.

    Raises PolicyInvalid when it cannot be read, or when a part that narrows is wrong.
    """
    root = parse(data, file)
    if root.value is None:
        return Policy(), ()
    ignored = _Ignored(file)
    sections = ignored.keep(fields.mapping(root, None), _TIGHTENING_KEYS)
    if "classes" in sections:
        node = sections["classes"]
        kept = ignored.keep(fields.mapping(node, None), _TIGHTENING_CLASSES)
        sections["classes"] = Node(node.file, node.line, node.path, kept)
    if "rules" in sections:
        node = sections["rules"]
        rules = tuple(rule for rule in fields.sequence(node, MAX_RULES) if ignored.keeps_rule(rule))
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
    classes = fields.mapping(sections["classes"], CLASS_NAMES) if "classes" in sections else {}
    entries = {name: _entries(node, layer) for name, node in classes.items()}
    return Policy(
        mode=fields.one_of(sections["mode"], {mode.value: mode for mode in Mode})
        if "mode" in sections
        else Mode.ENFORCE,
        never_send=entries.get("never_send", ()),
        redact_and_allow=entries.get("redact_and_allow", ()),
        allow=entries.get("allow", ()),
        rules=_rules(sections["rules"], layer) if "rules" in sections else (),
        never_index=_globs(sections["never_index"]) if "never_index" in sections else (),
        detectors=_detectors(sections["detectors"]) if "detectors" in sections else DETECTOR_NAMES,
        login_files=_login_files(sections["detectors"]) if "detectors" in sections else (),
        serial=fields.count(sections["serial"]) if "serial" in sections else 0,
        grants=read_grants(sections),
    )


def _entries(node: Node, layer: str) -> tuple[Entry, ...]:
    children = fields.sequence(node, MAX_ENTRIES)
    return tuple(_entry(child, f"{layer}.{child.path.removeprefix('classes.')}") for child in children)


def _entry(node: Node, entry_id: str) -> Entry:
    parts = fields.mapping(node, _ENTRY_KEYS)
    if ("path" in parts) == ("pattern" in parts):
        node.fail("an entry is one of `path: GLOB` and `pattern: REGEX`")
    if "why" in parts:
        fields.short_text(parts["why"])
    if "id" in parts:
        entry_id = f"{entry_id.partition('.')[0]}.{_identifier(parts['id'])}"
    if "path" in parts:
        return Entry(entry_id, glob=_glob(parts["path"]))
    pattern = parts["pattern"]
    source = fields.text(pattern)
    if len(source) > MAX_PATTERN_CHARS:
        pattern.fail(f"pattern longer than {MAX_PATTERN_CHARS} characters")
    try:
        return Entry(entry_id, regex=compile_pattern(source), pattern=source)
    except PatternInvalid as exc:
        pattern.fail(f"{exc}; {exc.hint}" if exc.hint else str(exc), exc.hint)


def _rules(node: Node, layer: str) -> tuple[PolicyRule, ...]:
    rules = list[PolicyRule]()
    defaults = 0
    for child in fields.sequence(node, MAX_RULES):
        parts = fields.mapping(child, _RULE_KEYS)
        if "default" in parts:
            defaults += 1
            if len(parts) > 1 or defaults > 1:
                child.fail("one `default: local`, standing alone")
            fields.one_of(parts["default"], {Action.LOCAL.value: Action.LOCAL})
            continue
        for key in ("if", "action"):
            if key not in parts:
                child.fail(f"the rule has no `{key}`")
        if "why" in parts:
            fields.short_text(parts["why"])
        action = fields.one_of(parts["action"], {action.value: action for action in _RULE_ACTIONS})
        name = _identifier(parts["id"]) if "id" in parts else child.path
        rules.append(PolicyRule(f"{layer}.{name}", _condition(parts["if"]), action))
    return tuple(rules)


def _identifier(node: Node) -> str:
    name = fields.text(node)
    if not _ID.fullmatch(name):
        node.fail("expected a short name of letters, digits, `_` and `-`")
    return name


def _always(answer: bool) -> Expression:
    def condition(_: Facts) -> bool:
        return answer

    return condition


def _condition(node: Node) -> Expression:
    if isinstance(node.value, bool):  # YAML has read `if: true` for us
        return _always(node.value)
    try:
        return compile_expression(fields.text(node), CLASS_NAMES)
    except ExpressionInvalid as exc:
        node.fail(f"condition: {exc}")


def _detectors(node: Node) -> tuple[str, ...]:
    names = fields.mapping(node, _DETECTOR_KEYS).get("builtin")
    if names is None:
        return DETECTOR_NAMES
    known = {name: name for name in DETECTOR_NAMES}
    chosen = tuple(fields.one_of(child, known) for child in fields.sequence(names, 50))
    if "secrets" not in chosen:
        names.fail("`secrets` cannot be switched off")
    return chosen


def _login_files(node: Node) -> tuple[str, ...]:
    chosen = fields.mapping(node, _DETECTOR_KEYS).get("known_values")
    if chosen is None:
        return ()
    known = {name: name for name in LOGIN_FILES}
    return tuple(fields.one_of(child, known) for child in fields.sequence(chosen, len(known)))


def _globs(node: Node) -> tuple[str, ...]:
    return tuple(_glob(child) for child in fields.sequence(node, MAX_ENTRIES))


def _glob(node: Node) -> str:
    text = fields.text(node)
    try:
        globs.check(text)
    except globs.GlobInvalid as exc:
        node.fail(str(exc))
    return text
