"""A value given to a name that says `secret`: `password = "…"`, `API_KEY=…`, `"token": "…"`, `--pwd …`."""

from __future__ import annotations

import re

from lsp_debugger.policy.rule import Groups, Rule, first_of
from lsp_debugger.policy.rules import shapes
from lsp_debugger.policy.rules.names import STEMS, Strength, strength

_STEM = "|".join(STEMS)
# What a line starts with says that a bare word is a setting and not an expression.
_BEFORE = (
    r"(?P<before>(?m:^)[ \t]*(?:export |set |setx |set -x |set -gx |ENV |ARG |- |\+ |# |// )?[ \t]*"
    r"|\\n|-e |--env |:set )?"
)
# A second word in front: `Access key: …`.
_KEY = rf"(?P<key>[a-z0-9_$.\-]*(?:[a-z0-9] )?(?:{_STEM})[a-z0-9_\-]*)"
_CLOSING = r"""(?P<closing>[\\"'`\])]*)"""
# Counted repetitions would give the engine a state for each count: only where the count means something.
_TYPE = r"(?:[ \t]*:[ \t]*&?(?:'[a-z]+ )?[\w.<>\[\]|? ]+|[ \t][a-z]+|\[[0-9]*\])"
_SIGN = (
    r"(?:,[ \t]*default[ \t]*=|=>|<-|:{1,3}=|[.+?|]=|\?\?=?|\|\|=?|={1,3}|!={1,2}"
    r"|:-|:|,|\(|>|\||[ \t]is[ \t])"
)
_SEP = rf"(?P<sep>(?:{_TYPE})?[ \t]{{0,20}}{_SIGN}[ \t]{{0,20}}|[ \t]{{1,20}})"
_NEXT_LINE = r"(?:\(?[ \t]*\\?\r?\n[ \t]*)?"
_QUOTED = (
    rf"{_NEXT_LINE}(?:(?:(?:new )?[\w.:]{{1,40}}\(|convertto-securestring (?:-string )?)?[fbrul@$]{{0,2}}(?:"
    r'\\+"(?P<value_escaped>(?:[^"\\\r\n]|\\[^"\r\n])+)'
    r'|"""(?P<value_triple>[^"\r\n]+)"""'
    r'|"(?P<value_double>(?:[^"\\\r\n]|\\.)+)'
    r"|'(?P<value_single>(?:[^'\\\r\n]|\\.)+)"
    r"|`(?P<value_back>[^`\r\n]+)))"
)
# The block and tag marks are YAML's.
_BARE = (
    r"(?P<block>[|>][+-]?[ \t]*\r?\n[ \t]+|!![a-z]+ )?"
    r"(?P<value_bare>[^\s\"'`,;&<>(){}\[\]|\\]{4,})(?P<after>[\s\"'`,;&<>)}\]|\\]|\z)"
)
_PATTERN = rf"(?i){_BEFORE}{_KEY}{_CLOSING}{_SEP}(?:{_QUOTED}|{_BARE})"
_QUOTED_GROUPS = ("value_double", "value_single", "value_escaped", "value_back", "value_triple")

# `<add key="DbPassword" value="…"/>`, `{"name": "API_KEY", "value": "…"}`, the same as YAML on two lines,
# `variable "db_password" { default = "…" }`, `<key>DbPassword</key> <string>…</string>`.
_NAMED = (
    rf"(?i)\b(?:key|name|id|field|property|setting|variable)[\"']?\s{{0,3}}[=:> ]\s{{0,3}}[\"']?"
    rf"(?P<key>[a-z0-9_.\-]*(?:{_STEM})[a-z0-9_\-]*)[\"']?(?:</key>)?[\s,;{{>]{{1,40}}"
    r"(?:- |<)?[\"']?(?:value|default|string)[\"']?\s{0,3}[=:>]\s{0,3}"
    r"(?:\"(?P<value_double>(?:[^\"\\\r\n]|\\.)+)|'(?P<value_single>[^'\r\n]+)"
    r"|(?P<value_bare>[^\s\"',;<>(){}\[\]]{4,}))"
)

_PASSWORDS = ("password", "passwd", "passphrase", "pwd", "pass")
_LONG_CHARS = 4_096  # beyond it a value is not looked at more closely
_ENV_KEY = re.compile(r"[A-Z][A-Z0-9_]*\Z")
_PROSE_SIGNS = ("|", "is")


def _accepts(group: Groups) -> bool:
    key = group("key") or ""
    said = strength(key)
    if said is Strength.NONE:
        return False
    bare = group("value_bare") or ""
    value = bare or first_of(group, *_QUOTED_GROUPS)
    sign = (group("sep") or "").strip().rpartition(" ")[2].removeprefix("default")
    if len(value) > _LONG_CHARS:
        return said is Strength.STRONG and not bare
    if not _may_be_said(group, bare, sign) or _is_said_otherwise(value):
        return False
    if said is not Strength.STRONG or (bare and sign in _PROSE_SIGNS):
        return _is_opaque(said, value)
    return _is_strong_bare(group, value, sign) if bare else _is_strong_quoted(key, value, sign)


def _accepts_named(group: Groups) -> bool:
    key, value = group("key") or "", first_of(group, "value_double", "value_single", "value_bare")
    said = strength(key)
    if said is Strength.NONE or _is_said_otherwise(value):
        return False
    return _is_strong_quoted(key, value, "=") if said is Strength.STRONG else _is_opaque(said, value)


def _may_be_said(group: Groups, bare: str, sign: str) -> bool:
    """Calls and lists take literals only; without a sign between them, name and value are a command's."""
    if bare and (sign in (",", "(") or (sign == ">" and group("after") != "<")):
        return False
    if sign:
        return True
    if bare:
        return (group("key") or "").startswith("-") or _is_shell_setting(group)
    return not group("closing")


def _is_shell_setting(group: Groups) -> bool:
    return (group("before") or "").strip() in ("ENV", "ARG", "setx", "set -x", "set -gx")


def _is_said_otherwise(value: str) -> bool:
    # Prose has words; a pass phrase of words alone cannot be told from it.
    prose = " " in value and sum(not char.isalpha() and char not in " .,:!?'" for char in value) < 4
    misread = value[:1] in (",", ")", "]", "}", ";")  # what follows a closing quote
    return prose or misread or "\t" in value or shapes.is_template(value) or shapes.is_reference(value)


def _is_opaque(said: Strength, value: str) -> bool:
    """For names that promise less: only what a generator has made."""
    if len(value) < 14 or shapes.is_stand_in(value):
        return False
    if shapes.is_hash(value):
        return said >= Strength.FAIR and (len(value) >= 16) and not shapes.is_time(value)
    return shapes.looks_random(value, named=True)


def _is_strong_quoted(key: str, value: str, sign: str) -> bool:
    if len(value) < 4 or shapes.is_stand_in(value):
        return False
    if shapes.looks_random(value, named=True):
        return True
    if shapes.is_hash(value):
        return len(value) >= (16 if sign == "," else 6)
    if not value.isalpha() and not shapes.is_name(value) and any(map(str.isalpha, value)):
        # Beside a bare word or in a list, what is no name may still be anything.
        stated = bool(sign) or key.startswith("-")
        return stated and (sign != "," or any(map(str.isdigit, value)))
    return _is_weak(key, value, stated=sign in ("=", "==", "===", "!=", "=>", ":="))


def _is_weak(key: str, value: str, *, stated: bool) -> bool:
    """`password = "hunter"`: a word, and still somebody's."""
    if any(map(str.isdigit, value)) and value.isalnum():
        return len(value) >= (6 if stated else 8)
    is_word = value.isalpha() and value.islower() and len(value) >= 6
    return stated and is_word and key.lower().endswith(_PASSWORDS)


def _is_strong_bare(group: Groups, value: str, sign: str) -> bool:
    """An unquoted word is a value where it cannot be a variable."""
    key = group("key") or ""
    if shapes.is_stand_in(value):
        return False
    if not sign and not _is_shell_setting(group):  # `--password hunter2`
        return key.startswith("-") and not value.startswith("-")
    if shapes.looks_random(value, named=True) or (shapes.is_hash(value) and len(value) >= 16):
        return True
    varied = any(map(str.isdigit, value)) and any(map(str.isalpha, value)) and len(value) >= 6
    at_line_start = group("before") is not None or _ENV_KEY.match(key)
    is_setting = at_line_start and group("after") in ("\n", "\r", "", " ")
    if is_setting and sign in ("=", ":", "?=", ":=", "::=", ""):
        is_environment = _ENV_KEY.match(key) and group("sep") == "=" and not shapes.is_name(value)
        is_number = value.isdigit() and len(value) >= 6 and not shapes.is_time(value)
        if is_environment or is_number or (varied and value.isalnum()):  # `db.password=hunter2`
            return True
    special = any(char in "!@#$%^&*?~+" for char in value)
    return len(value) >= 6 and (varied or special) and not shapes.is_name(value)


# A setting's value to the end of its line, where a password may hold what ends a word in code.
_SETTING = (
    r"(?i)(?m:^)[ \t]*(?:export |set |ENV |ARG |- )?[ \t]*"
    rf"(?P<key>[a-z0-9_.\-]*(?:{_STEM})[a-z0-9_\-]*)(?:[ \t]{{0,10}}[:?]{{0,3}}[=:]|[ \t])[ \t]{{0,10}}"
    r"(?P<value>[^\s\"'#`=:][^\s\"'`]{5,200})[ \t]*\r?(?m:$)"
)
_CODE = re.compile(r"[\w.]+\(|.*(?:\(\)|[;,{[]\Z|&&|\|\|)|[$@%!<*({\[]?\(|[\w.]+\[[\w\"']")


def _accepts_setting(group: Groups) -> bool:
    value = group("value") or ""
    odd = sum(char in "(){}[]<>&|;,%^$!@#*+" for char in value)
    if strength(group("key") or "") is not Strength.STRONG or not odd or _CODE.match(value):
        return False
    if _is_said_otherwise(value) or shapes.is_stand_in(value):
        return False
    varied = any(map(str.isdigit, value)) or odd > 1
    return varied and any(map(str.isalpha, value)) and not shapes.is_name(value)


RULES = (
    Rule(
        id="assignment",
        label="assigned",
        pattern=_PATTERN,
        keywords=STEMS,
        hits=(
            'password = "«hunter2!»"',
            "DB_PASSWORD=«Tr0ub4dor»\n",
            '{"clientSecret": "«a8f5f167f44f4964e6c998dee827110c»"}',
            "api_key: '«0123456789abcdef0123456789abcdef»'",
            "mysql --password «s3cr3tPazz»\n",
            'x = "{\\"password\\": \\"«pa55-w0rd»\\"}"',
            'String apiKey := "«kJ8sh2Kq9xZpL0vB»"',
            'auth_token: str = "«9f8a7b6c5d4e3f2a1b0c»"',
            'os.environ["API_KEY"] = "«zX81-kk20-PPq7-77aa»"',
            "url?access_token=«9a8b7c6d5e4f3a2b1c0d»&next=1",
            "spring.datasource.password=«hunter2»\n",
            "  password: «s3cretpw9»\n",
            'setPassword("«qwerty77!»")',
            "define('DB_PASSWORD', '«qwerty77!»');",
            'const apiKey string = "«kJ8sh2Kq9xZpL0vB»"',
            'password == "«hunter2»"',
            'secret="«m{{h}o)p${e]nob(ody[finds>-_$#thisone}}»"',
        ),
        misses=(
            'password = os.environ["DB_PASSWORD"]',
            "password = get_password(user)",
            "token = tokens[0]",
            "token_type = 'Bearer'",
            "tokenizer = 'bert-base-uncased'",
            'PASSWORD_FIELD = "password"',
            "api_key: str | None = None",
            'secretKeyRef: "app-secrets"',
            '"key": "ctrl+shift+down"',
            'password: "${DB_PASSWORD}"',
            "def login(user, password, token=None):",
            "if password1 != password2:",
            '"password": "<SECRET_1:assigned>"',
            'key = "d41d8cd98f00b204e9800998ecf8427e"',
            "for key, value in items: print(key, value)",
            "password_file=/run/secrets/db_password",
            'help="Enter your password: "',
            'secret: "projects/p/secrets/db"',
            '"forgotPassword": "Passwort"',
            "self.password = password",
            "api_key = config.api_key2",
            "<input type=password name=pw autocomplete=current-password>",
            'raise ValueError("password must not be empty")',
        ),
        accepts=_accepts,
        nested=True,
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
        keywords=("value", "default", "<string>"),
        hits=(
            '<add key="DbPassword" value="«hunter2!»" />',
            '{"name": "API_KEY", "value": "«kJ8sh2Kq9x»"}',
            "- name: DB_PASSWORD\n  value: «s3cretpw9»\n",
        ),
        misses=(
            '<add key="DbHost" value="db1.internal" />',
            "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef: x\n",
            '{"name": "password", "value": ""}',
        ),
        accepts=_accepts_named,
    ),
)
