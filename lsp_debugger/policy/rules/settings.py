"""Names and values that a format keeps apart: elements, attributes, entries, lines of a settings file."""

from __future__ import annotations

import re

from lsp_debugger.policy.rule import Groups, Rule, first_of
from lsp_debugger.policy.rules import shapes
from lsp_debugger.policy.rules.names import NAME, STEMS, Strength, strength
from lsp_debugger.policy.rules.values import is_made, is_opaque, is_said_otherwise, is_strong

# `<add key="DbPassword" value="…"/>`, `{"name": "API_KEY", "value": "…"}`, the same as YAML on two lines,
# `variable "db_password" { default = "…" }`, `<key>DbPassword</key> <string>…</string>`.
_NAMED = (
    rf"(?i)\b(?:key|name|id|field|property|setting|variable)[\"']?\s{{0,3}}[=:> ]\s{{0,3}}[\"']?"
    rf"(?P<key>[a-z0-9_.\-]*{NAME})[\"']?(?:</key>)?[\s,;{{>]{{1,40}}"
    r"(?:[\"']?\w{1,20}[\"']?\s?[=:]\s?[\"'][^\"'\r\n]{0,40}[\"'][\s,>]{1,9})?"  # one more attribute
    r"(?:- |<)?[\"']?(?:value|default|string|content)[\"']?\s{0,3}[=:>]\s{0,3}"
    r"(?:\"(?P<value_double>(?:[^\"\\\r\n]|\\.)+)|'(?P<value_single>[^'\r\n]+)"
    r"|(?P<value_bare>[^\s\"',;<>(){}\[\]]{4,}))"
)


def _accepts_named(group: Groups) -> bool:
    key, value = group("key") or "", first_of(group, "value_double", "value_single", "value_bare")
    said = strength(key)
    if said is Strength.NONE or is_said_otherwise(value):
        return False
    return is_strong(key, value, "=") if said is Strength.STRONG else is_opaque(said, value)


# A setting's value to the end of its line, where a password may hold what ends a word in code.
_SETTING = (
    r"(?i)(?m:^)[ \t]*(?:export |set |ENV |ARG |- )?[ \t]*"
    rf"(?P<key>[a-z0-9_.\-]*{NAME})(?:[ \t]{{0,10}}[:?]{{0,3}}[=:]|[ \t])[ \t]{{0,10}}"
    r"(?P<value>[^\s\"'#`=:][^\s\"'`]{5,200})[ \t]*\r?(?m:$)"
)
_CODE = re.compile(r"[\w.]+\(|.*(?:\(\)|[;,{[]\Z|&&|\|\|)|[$@%!<*({\[]?\(|[\w.]+\[[\w\"']")


def _accepts_setting(group: Groups) -> bool:
    value = group("value") or ""
    odd = sum(char in "(){}[]<>&|;,%^$!@#*+" for char in value)
    if strength(group("key") or "") is not Strength.STRONG or not odd or _CODE.match(value):
        return False
    if is_said_otherwise(value) or shapes.is_stand_in(value):
        return False
    varied = any(map(str.isdigit, value)) or odd > 1
    return varied and any(map(str.isalpha, value)) and not shapes.is_name(value)


# `Access key` on a line, and what was pasted below it.
_BELOW = (
    rf"(?i)(?m:^)[ \t]*(?P<key>(?:[a-z0-9]+ ){{0,3}}[a-z0-9_.\-]*{NAME}):?[ \t]*\r?\n"
    r"[ \t]*(?P<value>[^\s\"'`,;&<>(){}\[\]|\\]{8,})[ \t]*\r?(?m:$)"
)


def _accepts_below(group: Groups) -> bool:
    value = group("value") or ""
    if strength(group("key") or "") is not Strength.STRONG or is_said_otherwise(value):
        return False
    return is_opaque(Strength.STRONG, value) or is_made(value)


RULES = (
    Rule(
        id="value-below",
        label="assigned",
        pattern=_BELOW,
        keywords=STEMS,
        hits=("Access key\n«kJ8sh2Kq9xZpL0vB»\n", "the db password:\n  «PuhqC#479cJsD»\n"),
        misses=("password\nauthentication\n", "    pass\n    return value2\n", "token\n----------------\n"),
        accepts=_accepts_below,
    ),
    Rule(
        id="setting",
        label="assigned",
        pattern=_SETTING,
        keywords=STEMS,
        hits=(
            "  db.password: «%hA0d^Lkz&L9»\n",
            "ENV PASSPHRASE «x7;rm<29»\n",
        ),
        misses=(
            "password = get(1)\n",
            "password=$(pass show db1)\n",
            "token: List[int2]\n",
            "  password: tuple[str, int32],\n",
            "PASSWORD=$DB_PASSWORD1\n",
            "secret = items[0]\n",
        ),
        accepts=_accepts_setting,
    ),
    Rule(
        id="named-value",
        label="assigned",
        pattern=_NAMED,
        keywords=("value", "default", "<string>", "content="),
        hits=(
            '<add key="DbPassword" value="«hunter2!»" />',
            '{"name": "API_KEY", "value": "«kJ8sh2Kq9x»"}',
            "- name: DB_PASSWORD\n  value: «s3cretpw9»\n",
            '<setting name="Secret" serializeAs="String"><value>«kJ8sh2Kq9xZpL0vB»</value></setting>',
            '{"key": "apiKey", "type": "string", "value": "«kJ8sh2Kq9x»"}',
        ),
        misses=(
            '<add key="DbHost" value="db1.internal" />',
            "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef: x\n",
            '{"name": "password", "value": ""}',
        ),
        accepts=_accepts_named,
    ),
)
