"""The sections of a policy that can open something: endpoints, roles, tasks, budgets and what binds them.

Only the topmost file is read with these; in a repository's file they are reported and ignored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from lsp_debugger.policy import fields
from lsp_debugger.policy.addresses import proxy_address, tls_address
from lsp_debugger.policy.document import (
    Action,
    Attestation,
    AuditRules,
    Budgets,
    CloudEndpoint,
    Grants,
    Obligations,
    PolicyTest,
    Retention,
    Role,
    TaskLimits,
)
from lsp_debugger.policy.yamltree import Node

GRANT_KEYS = ("roles", "tasks", "endpoints", "budgets", "obligations", "approvals", "audit", "tests")
MAX_ENDPOINTS = 50

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
ENDPOINT_KEYS = (
    *("provider", "base_url", "models", "context_tokens", "api_key_env", "ca_file", "proxy", "account_scope"),
    *("retention", "training", "residency", "assurance", "price", "attestation"),
)
_RETENTION_KEYS = ("mode", "days", "abuse_logging", "human_review")
_ATTESTATION_KEYS = ("by", "evidence", "verified_at", "expires_at", "signature")

_T = TypeVar("_T")


def read_grants(sections: Mapping[str, Node]) -> Grants:
    """Raises PolicyInvalid for the first thing that is wrong."""

    def read(name: str, reader: Callable[[Node], _T], otherwise: _T) -> _T:
        return reader(sections[name]) if name in sections else otherwise

    endpoints = read("endpoints", _endpoints, ())
    grants = Grants(
        endpoints=endpoints,
        roles=read("roles", _roles, None),
        tasks=read("tasks", _tasks, None),
        budgets=read("budgets", _budgets, Budgets()),
        obligations=read("obligations", _obligations, Obligations()),
        approvals=read("approvals", _approvals, ()),
        audit=read("audit", _audit, AuditRules()),
        tests=read("tests", _tests, ()),
    )
    _check_names(grants, sections)
    return grants


def _check_names(grants: Grants, sections: Mapping[str, Node]) -> None:
    """A task that names an endpoint which is not there would quietly mean none, or any."""
    known = {each.name for each in grants.endpoints}
    for task in grants.tasks or ():
        if unknown := [name for name in task.endpoints if name not in known]:
            sections["tasks"].fail(f"{task.name}: there is no endpoint {unknown[0]!r}")


def _named(node: Node, reader: Callable[[str, Node], _T]) -> tuple[_T, ...]:
    children = fields.mapping(node, None) if node.value is not None else {}
    if len(children) > MAX_ENDPOINTS:
        node.fail(f"more than {MAX_ENDPOINTS} entries")
    for name, child in children.items():
        if not _NAME.fullmatch(name):
            child.fail("a name is letters, digits, `_`, `.` and `-`")
    return tuple(reader(name, child) for name, child in children.items())


def _endpoints(node: Node) -> tuple[CloudEndpoint, ...]:
    return _named(node, _endpoint)


def _endpoint(name: str, node: Node) -> CloudEndpoint:
    parts = fields.mapping(node, ENDPOINT_KEYS)
    for key in ("base_url", "models"):
        if key not in parts:
            node.fail(f"the endpoint has no `{key}`")
    models = fields.texts(parts["models"], 20)
    if not models:
        parts["models"].fail("name at least one model")
    retention = _sub(parts, "retention", _RETENTION_KEYS)
    training = _sub(parts, "training", ("used", "basis"))
    residency = _sub(parts, "residency", ("processing", "at_rest", "cross_region"))
    assurance = _sub(parts, "assurance", ("private_link", "cmk", "certs"))
    price = _sub(parts, "price", ("input_usd_per_million", "output_usd_per_million"))
    modes = {mode.value: mode for mode in Retention}
    base_url = tls_address(parts["base_url"])
    return CloudEndpoint(
        name=name,
        base_url=base_url,
        models=models,
        provider=_short(parts, "provider"),
        context_tokens=fields.count(parts["context_tokens"], least=1_000)
        if "context_tokens" in parts
        else 32_000,
        api_key_env=_variable(parts["api_key_env"]) if "api_key_env" in parts else "",
        ca_file=_short(parts, "ca_file"),
        proxy=proxy_address(parts["proxy"], base_url) if "proxy" in parts else "",
        account=_account(parts["account_scope"]) if "account_scope" in parts else (),
        retention=fields.one_of(retention["mode"], modes) if "mode" in retention else Retention.DEFAULT,
        retention_days=fields.count(retention["days"], most=36_500) if "days" in retention else None,
        human_review=_flag(retention, "human_review"),
        trains_on_data=_flag(training, "used"),
        region=_short(residency, "processing"),
        at_rest=_short(residency, "at_rest"),
        private_link=_flag(assurance, "private_link"),
        customer_keys=_flag(assurance, "cmk"),
        certificates=fields.texts(assurance["certs"], 50) if "certs" in assurance else (),
        input_price=_amount(price, "input_usd_per_million"),
        output_price=_amount(price, "output_usd_per_million"),
        attestation=_attestation(parts["attestation"], name, node) if "attestation" in parts else None,
    )


def _sub(parts: Mapping[str, Node], key: str, allowed: tuple[str, ...]) -> dict[str, Node]:
    return fields.mapping(parts[key], allowed) if key in parts else {}


def _flag(parts: Mapping[str, Node], key: str) -> bool | None:
    return fields.flag(parts[key]) if key in parts else None


def _short(parts: Mapping[str, Node], key: str) -> str:
    return fields.short_text(parts[key]) if key in parts else ""


def _amount(parts: Mapping[str, Node], key: str) -> int:
    return fields.micro_usd(parts[key]) if key in parts else 0


def _account(node: Node) -> tuple[tuple[str, str], ...]:
    parts = fields.mapping(node, ("org", "project", "workspace", "deployment"))
    return tuple((key, fields.short_text(value)) for key, value in parts.items())


def _variable(node: Node) -> str:
    name = fields.text(node)
    if not _VARIABLE.fullmatch(name):
        node.fail("expected the name of an environment variable, not a key itself")
    return name


def _attestation(node: Node, name: str, endpoint: Node) -> Attestation:
    parts = fields.mapping(node, _ATTESTATION_KEYS)
    for key in ("by", "evidence", "verified_at", "expires_at"):
        if key not in parts:
            node.fail(f"the attestation has no `{key}`")
    return Attestation(
        by=fields.short_text(parts["by"]),
        evidence=fields.short_text(parts["evidence"]),
        verified_at=fields.day(parts["verified_at"]),
        expires_at=fields.day(parts["expires_at"]),
        signature=_short(parts, "signature"),
        statement=_statement(name, endpoint),
    )


def _statement(name: str, endpoint: Node) -> bytes:
    """The whole record but its signature, so that no part of it changes without a new one."""
    record = cast("dict[str, Any]", _plain(endpoint))
    record["attestation"].pop("signature", None)
    stated = {"endpoint": name, "record": record}
    return json.dumps(stated, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _plain(node: Node) -> object:
    if isinstance(node.value, dict):
        return {key: _plain(child) for key, child in node.value.items()}
    if isinstance(node.value, tuple):
        return [_plain(child) for child in node.value]
    return node.value


def _roles(node: Node) -> tuple[Role, ...]:
    def role(name: str, child: Node) -> Role:
        parts = fields.mapping(child, ("users", "groups", "cloud"))
        users, groups = (fields.texts(parts[key], 500) if key in parts else () for key in ("users", "groups"))
        return Role(name, users, groups, bool(_flag(parts, "cloud")))

    return _named(node, role)


def _tasks(node: Node) -> tuple[TaskLimits, ...]:
    def task(name: str, child: Node) -> TaskLimits:
        parts = fields.mapping(child, ("max_tokens", "endpoints")) if child.value is not None else {}
        return TaskLimits(
            name,
            fields.count(parts["max_tokens"]) if "max_tokens" in parts else None,
            fields.texts(parts["endpoints"], MAX_ENDPOINTS) if "endpoints" in parts else (),
        )

    return _named(node, task)


def _budgets(node: Node) -> Budgets:
    parts = fields.mapping(
        node, ("per_user_day_tokens", "per_user_day_usd", "per_user_month_usd", "on_exceed")
    )
    if "on_exceed" in parts:
        fields.one_of(parts["on_exceed"], {"local": True})
    return Budgets(
        day_tokens=fields.count(parts["per_user_day_tokens"]) if "per_user_day_tokens" in parts else None,
        day_micro_usd=fields.micro_usd(parts["per_user_day_usd"]) if "per_user_day_usd" in parts else None,
        month_micro_usd=fields.micro_usd(parts["per_user_month_usd"])
        if "per_user_month_usd" in parts
        else None,
    )


def _obligations(node: Node) -> Obligations:
    parts = fields.mapping(node, ("regions", "zero_retention", "no_training", "private_link"))
    no_training = _flag(parts, "no_training")
    return Obligations(
        regions=fields.texts(parts["regions"], 50) if "regions" in parts else (),
        zero_retention=bool(_flag(parts, "zero_retention")),
        no_training=True if no_training is None else no_training,
        private_link=bool(_flag(parts, "private_link")),
    )


def _approvals(node: Node) -> tuple[str, ...]:
    """Tasks that somebody else has to approve."""
    parts = fields.mapping(node, ("tasks",))
    return fields.texts(parts["tasks"], 100) if "tasks" in parts else ()


def _audit(node: Node) -> AuditRules:
    parts = fields.mapping(node, ("retain_days", "anchor", "anchor_path"))
    anchors = {"none": False, "required": True}
    required = "anchor" in parts and fields.one_of(parts["anchor"], anchors)
    path = _short(parts, "anchor_path")
    if required and not path:
        node.fail("`anchor: required` needs an `anchor_path`: a file on storage that others look after")
    days = fields.count(parts["retain_days"], least=1, most=36_500) if "retain_days" in parts else 180
    return AuditRules(days, required, path)


def _tests(node: Node) -> tuple[PolicyTest, ...]:
    actions = {action.value: action.value for action in Action} | {"remote": "remote"}

    def test(child: Node) -> PolicyTest:
        parts = fields.mapping(child, ("name", "input", "task", "endpoint", "expect"))
        if "name" not in parts or "expect" not in parts:
            child.fail("a test has a `name`, an `input` and what it should `expect`")
        given = _sub(parts, "input", ("text", "path"))
        expected = fields.mapping(parts["expect"], ("action", "rule"))
        if "action" not in expected:
            parts["expect"].fail("name the `action`")
        return PolicyTest(
            name=fields.short_text(parts["name"]),
            task=_short(parts, "task") or "explain",
            text=fields.text(given["text"]) if "text" in given else "",
            path=_short(given, "path"),
            endpoint=_short(parts, "endpoint"),
            action=fields.one_of(expected["action"], actions),
            rule=_short(expected, "rule"),
        )

    return tuple(test(child) for child in fields.sequence(node, 500))
