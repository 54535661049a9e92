"""A value given to a name that says `secret`: `password = "…"`, `API_KEY=…`, `"token": "…"`, `--pwd …`."""

from __future__ import annotations

import re

from lsp_debugger.policy.rule import Groups, Rule, first_of
from lsp_debugger.policy.rules import shapes
from lsp_debugger.policy.rules.names import NAME, STEMS, Strength, strength
from lsp_debugger.policy.rules.values import is_common, is_made, is_opaque, is_said_otherwise, is_strong

# What a line starts with says that a bare word is a setting and not an expression.
_BEFORE = (
    r"(?P<before>(?m:^)[ \t]*(?:export |setenv |set |setx |set -x |set -gx |ENV |ARG |- |\+ |# |// )?[ \t]*"
    r"|\\n|-e |--env |:set |configure set )?"
)
# A second word in front: `Access key: …`.
_KEY = rf"(?P<key>[a-z0-9_$.\-]*(?:[a-z0-9] )?{NAME})"
_CLOSING = r"""(?P<closing>[\\"'`\])}?!]*)"""
# Counted repetitions would give the engine a state for each count: only where the count means something.
_TYPE = (
    r"(?:[ \t]*:[ \t]*&?(?:'[a-z]+ )?[\w.<>\[\]|? ]+|[ \t][a-z]+|\[[0-9]*\]|[ \t]+as[ \t]+\w+"
    r"|[ \t]*\{[ \t]*get;[^{}\r\n]*\})"
)
# Another value first: `= os.environ.get("X") or "…"`, `= config("X", default="…")`, `("token=%s", "…")`.
_SIGN = (
    r"(?:[=:][ \t]*[\w.]+(?:\([^()\r\n]*\)|\[[^\]\r\n]*\])?[ \t]*(?:or[ \t]|\|\||\?\?|\?:)"
    r"|=[ \t]*[\w.]+\((?:[\"'][^\"'\r\n]*[\"'],)?[ \t]*default[ \t]*=|[=:] ?(?:%[sdrqv]|\{\})[\"'],"
    r"|,[ \t]*default[ \t]*=|=>|<-|:{1,3}=|[.+?|]=|\?\?=?|\|\|=?|={1,3}|!={1,2}"
    r"|:-|:|,[ \t]*\[|,|\(|><!\[CDATA\[|>|\||[ \t](?:is|was|to)[ \t]|[ \t]--(?:body|value|data)[ \t=])"
)
_SEP = rf"(?:(?P<type>{_TYPE})?[ \t]*(?P<sign>{_SIGN})[ \t]*\{{?|[ \t]+)"
_NEXT_LINE = r"(?:\(?[ \t]*\\?\r?\n[ \t]*)?"
_QUOTED = (
    rf"{_NEXT_LINE}(?:(?:(?:new )?[\w.:]+\(|convertto-securestring (?:-string )?)?[fbrul@$]{{0,2}}(?:"
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

_LONG_CHARS = 4_096  # beyond it a value is not looked at more closely
_ENV_KEY = re.compile(r"[A-Z][A-Z0-9_]*\Z")
_PROSE_SIGNS = ("|", "is", "was")
_SETTERS = frozenset(("env", "arg", "setenv", "setx", "set -x", "set -gx", "configure set"))
# After `--password` in prose about a command line.
_PROSE = frozenset(("option", "options", "flag", "flags", "argument", "arguments", "parameter", "parameters"))


def _accepts(group: Groups) -> bool:
    key = group("key") or ""
    said = strength(key)
    if said is Strength.NONE:
        return False
    bare = group("value_bare") or ""
    value = bare or first_of(group, *_QUOTED_GROUPS)
    sign = _sign(group("sign") or "")
    if len(value) > _LONG_CHARS:
        return said is Strength.STRONG and not bare
    if not _may_be_said(group, bare, sign) or is_said_otherwise(value):
        return False
    if said is not Strength.STRONG:
        return is_opaque(said, value) or (said is Strength.FAIR and not bare and is_made(value))
    if bare and sign in _PROSE_SIGNS:
        return is_opaque(said, value) or is_made(value)
    return _is_strong_bare(group, value, sign) if bare else is_strong(key, value, sign)


def _sign(said: str) -> str:
    """`=` and its kin, `,` in a list, a word of prose; empty for blanks."""
    sign = said.strip().lower()
    if sign.endswith(("default=", "cdata[")) or _is_alternative(sign):
        return "="
    return "," if sign.startswith(",") or sign.endswith(",") else sign


def _is_alternative(sign: str) -> bool:
    """`= x or`, `: y ??`: what follows takes the place of something else."""
    return len(sign) > 3 and sign.endswith(("or", "||", "??", "?:", "default="))


def _may_be_said(group: Groups, bare: str, sign: str) -> bool:
    """Calls and lists take literals only; without a sign between them, name and value are a command's."""
    if bare and (sign in (",", "(", "to") or (sign == ">" and group("after") != "<")):
        return False
    if bare and _is_alternative((group("sign") or "").strip().lower()):
        return False
    if sign:
        return True
    if bare:
        return (group("key") or "").startswith("-") or _is_shell_setting(group)
    return not group("closing") or _is_shell_setting(group)


def _is_shell_setting(group: Groups) -> bool:
    return (group("before") or "").strip().lower() in _SETTERS


def _is_strong_bare(group: Groups, value: str, sign: str) -> bool:
    """An unquoted word is a value where it cannot be a variable."""
    key = group("key") or ""
    if shapes.is_stand_in(value):
        return False
    if not sign and not _is_shell_setting(group):  # `--password hunter2`
        return key.startswith("-") and not value.startswith("-") and value.lower() not in _PROSE
    if shapes.looks_random(value, named=True) or (shapes.is_hash(value) and len(value) >= 16):
        return True
    if is_common(key, value):
        return True
    varied = any(map(str.isdigit, value)) and any(map(str.isalpha, value)) and len(value) >= 6
    at_line_start = group("before") is not None or _ENV_KEY.match(key)
    is_setting = at_line_start and group("after") in ("\n", "\r", "", " ")
    if is_setting and sign in ("=", ":", "?=", ":=", "::=", ""):
        is_environment = (
            _ENV_KEY.match(key) and group("sign") == "=" and not group("type") and not shapes.is_name(value)
        )
        is_number = value.isdigit() and len(value) >= 6 and not shapes.is_time(value)
        if is_environment or is_number or (varied and value.isalnum()):  # `db.password=hunter2`
            return True
    special = any(char in "!@#$%^&*?~+" for char in value)
    return len(value) >= 6 and (varied or special) and not shapes.is_name(value)


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
            'password = os.environ.get("X") or "«Tr0ub4dor»"',
            'api_key = config("X", default="«kJ8sh2Kq9xZpL0vB»")',
            'token = "«aB3xK9pQ»"',
            'log("secret=%s", "«kJ8sh2Kq9xZpL0vB»")',
            "<apiKey><![CDATA[«kJ8sh2Kq9xZpL0vB»]]></apiKey>",
            "SetEnv API_KEY «kJ8sh2Kq9xZpL0vB»\n",
            'public string Password { get; set; } = "«Tr0ub4dor»";',
            'Const apiKey As String = "«kJ8sh2Kq9xZpL0vB»"',
            "the password was «PuhqC#479cJsD»\n",
            'gh secret set API_KEY --body "«kJ8sh2Kq9xZpL0vB»"',
            'secret="«m{{h}o)p${e]nob(ody[finds>-_$#thisone}}»"',
        ),
        misses=(
            'password = os.environ["DB_PASSWORD"]',
            "password = get_password(user)",
            "token = tokens[0]",
            "password = first or second2",
            "[JSON Web Key]: https://tools.ietf.org/html/rfc7517",
            "if (message.secret !== this.#messageSecret2) {",
            "headers['Proxy-Authorization'] = `Basic ${Buffer.from(auth).toString('base64')}`;",
            "the password is base64-encoded",
            "the --username and --password options",
            '"PASSWORD_MISSING": "パスワードは設定ファイルを確認してください。"',
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
)
