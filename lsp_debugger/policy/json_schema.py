"""The JSON Schema of policy.yaml, for editors: keys and words come from the readers themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lsp_debugger.policy import grants, schema
from lsp_debugger.policy.document import DETECTOR_NAMES, LOGIN_FILES, Action, Mode, Retention

_TEXT = {"type": "string"}
_FLAG = {"type": "boolean"}
_COUNT = {"type": "integer", "minimum": 0}
_AMOUNT = {"type": "number", "minimum": 0}
_DAY = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}


def policy_schema() -> dict[str, Any]:
    """Draft 2020-12. Unknown keys are errors, as they are to the reader."""
    sections: dict[str, Any] = {
        "version": {"const": schema.VERSION},
        "serial": {**_COUNT, "description": "Rises with every version that an organisation signs."},
        "mode": _one_of(mode.value for mode in Mode),
        "classes": _object(dict.fromkeys(schema.CLASS_NAMES, _list(_entry(), nullable=True))),
        "rules": _list(_rule(), nullable=True),
        "never_index": _list(_TEXT, nullable=True),
        "detectors": _object(
            {
                "builtin": _list(_one_of(DETECTOR_NAMES)),
                "known_values": {
                    **_list(_one_of(LOGIN_FILES)),
                    "description": "An organisation's file only: passwords in these are known secrets, too.",
                },
            }
        ),
        "roles": _named(_object({"users": _list(_TEXT), "groups": _list(_TEXT), "cloud": _FLAG})),
        "tasks": _named(_object({"max_tokens": _COUNT, "endpoints": _list(_TEXT)}, nullable=True)),
        "endpoints": _named(_endpoint()),
        "budgets": _object(
            {
                "per_user_day_tokens": _COUNT,
                "per_user_day_usd": _AMOUNT,
                "per_user_month_usd": _AMOUNT,
                "on_exceed": {"const": "local"},
            }
        ),
        "obligations": _object(
            {"regions": _list(_TEXT), "zero_retention": _FLAG, "no_training": _FLAG, "private_link": _FLAG}
        ),
        "approvals": _object({"tasks": _list(_TEXT)}),
        "audit": _object(
            {
                "retain_days": {**_COUNT, "minimum": 1},
                "anchor": _one_of(("none", "required")),
                "anchor_path": _TEXT,
            }
        ),
        "tests": _list(_test(), nullable=True),
    }
    missing = set(schema.KEYS) ^ set(sections)
    assert not missing, f"the schema and the reader differ in {missing}"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "lsp_debugger policy",
        **_object(sections, nullable=True),
    }


def _entry() -> dict[str, Any]:
    parts = {"path": _TEXT, "pattern": {**_TEXT, "description": "RE2"}, "id": _TEXT, "why": _TEXT}
    return {**_object(parts), "oneOf": [{"required": ["path"]}, {"required": ["pattern"]}]}


def _rule() -> dict[str, Any]:
    actions = _one_of(action.value for action in Action if action is not Action.LOCAL)
    condition = {"type": ["string", "boolean"], "description": "such as input.matches(classes.never_send)"}
    parts = {"if": condition, "action": actions, "id": _TEXT, "why": _TEXT}
    return {
        "oneOf": [
            {**_object(parts), "required": ["if", "action"]},
            {**_object({"default": {"const": "local"}}), "required": ["default"]},
        ]
    }


def _endpoint() -> dict[str, Any]:
    parts: dict[str, Any] = {
        "provider": _TEXT,
        "base_url": {**_TEXT, "description": "https, or http to 127.0.0.1"},
        "models": {**_list(_TEXT), "minItems": 1},
        "context_tokens": _COUNT,
        "api_key_env": {**_TEXT, "description": "Name of the environment variable that holds the key."},
        "ca_file": _TEXT,
        "proxy": {
            **_TEXT,
            "pattern": "^http://[^/@?#]+:[0-9]+/?$",
            "description": "The proxy that leads there; no other is used.",
        },
        "account_scope": _object(dict.fromkeys(("org", "project", "workspace", "deployment"), _TEXT)),
        "retention": _object(
            {
                "mode": _one_of(mode.value for mode in Retention),
                "days": _COUNT,
                "abuse_logging": _TEXT,
                "human_review": _FLAG,
            }
        ),
        "training": _object({"used": _FLAG, "basis": _TEXT}),
        "residency": _object({"processing": _TEXT, "at_rest": _TEXT, "cross_region": _FLAG}),
        "assurance": _object({"private_link": _FLAG, "cmk": _FLAG, "certs": _list(_TEXT)}),
        "price": _object({"input_usd_per_million": _AMOUNT, "output_usd_per_million": _AMOUNT}),
        "attestation": {
            **_object(
                {"by": _TEXT, "evidence": _TEXT, "verified_at": _DAY, "expires_at": _DAY, "signature": _TEXT}
            ),
            "required": ["by", "evidence", "verified_at", "expires_at"],
        },
    }
    missing = set(grants.ENDPOINT_KEYS) ^ set(parts)
    assert not missing, f"the schema and the reader differ in {missing}"
    return {**_object(parts), "required": ["base_url", "models"]}


def _test() -> dict[str, Any]:
    outcome = _one_of([*(action.value for action in Action), "remote"])
    parts = {
        "name": _TEXT,
        "input": _object({"text": _TEXT, "path": _TEXT}),
        "task": _TEXT,
        "endpoint": _TEXT,
        "expect": {**_object({"action": outcome, "rule": _TEXT}), "required": ["action"]},
    }
    return {**_object(parts), "required": ["name", "expect"]}


def _object(properties: Mapping[str, Any], *, nullable: bool = False) -> dict[str, Any]:
    kinds: Any = ["object", "null"] if nullable else "object"
    return {"type": kinds, "additionalProperties": False, "properties": dict(properties)}


def _named(value: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": ["object", "null"], "additionalProperties": dict(value)}


def _list(items: Mapping[str, Any], *, nullable: bool = False) -> dict[str, Any]:
    kinds: Any = ["array", "null"] if nullable else "array"
    return {"type": kinds, "items": dict(items)}


def _one_of(words: Iterable[str]) -> dict[str, Any]:
    return {"enum": list(words)}
