"""A value given to a name that says `secret`: `password = "…"`, `API_KEY=…`, `"token": "…"`, `--password …`."""

from __future__ import annotations

import re
from functools import lru_cache

from lsp_debugger.policy.rules import shapes
from lsp_debugger.policy.rule import Groups, Rule

_STEMS = (
    "passw", "passphrase", "passcode", "pwd", "pass", "secret", "token", "api", "key", "auth", "cred",
    "bearer", "jwt", "cookie", "session", "salt", "signature", "dsn", "license", "pat", "webhook", "otp",
)  # fmt: skip

_QUOTED = r"""(?:[fbruFBRUL@$]{0,2}(?:\\+"(?P<value_escaped>(?:[^"\\\r\n]|\\[^"\r\n])+)|"(?P<value_double>(?:[^"\\\r\n]|\\.)+)|'(?P<value_single>(?:[^'\\\r\n]|\\.)+)|`(?P<value_back>[^`\r\n]+)))"""
_BARE = r"""(?P<value_bare>[^\s"'`,;&<>(){}\[\]|\\]{4,})(?:[\s"'`,;&<>)}\]|\\]|\z)"""
_PATTERN = (
    r"(?i)(?P<before>[\n;?&{, \t'\"]?)(?P<key>[a-z0-9_$.\-]*(?:" + "|".join(_STEMS) + r")[a-z0-9_\-]*)"
    r"""(?P<closing>[\\"'`\])]{0,4})"""
    r"(?P<sep>[ \t]{0,20}(?:(?::[ \t]{0,4}[\w.<>\[\]|? ]{1,40}|\[[0-9]*\])?(?:=>|:=|={1,3}|!={1,2}|\?=|\|\|=?|:)|,|\(|>)[ \t]{0,20}|[ \t]{1,20})"
    rf"(?:{_QUOTED}|{_BARE})"
)

# What the last words of a name say. STRONG: the value is secret whatever it looks like. FAIR: if it looks
# random, a hash included. FAINT: if it looks random and is no hash.
_STRONG = (
    "password", "passwd", "passphrase", "passcode", "pwd", "passwort", "secret", "apikey", "secretkey",
    "accesskey", "privatekey", "authtoken", "accesstoken", "refreshtoken", "apitoken", "bearertoken", "clientsecret",
    "apisecret", "appsecret", "sharedsecret", "encryptionkey", "signingkey", "masterkey", "accountkey", "sharedkey",
    "servicekey", "storagekey", "authkey", "appkey", "sharedaccesskey", "secretaccesskey", "sessiontoken",
    "connectionpassword", "dbpass", "userpass", "rootpass", "adminpass", "credentials", "licensekey", "deploykey",
    "idtoken", "bottoken", "usertoken", "accessid", "subscriptionkey", "webhooksecret", "signingsecret", "consumersecret",
    "oauthtoken", "personalaccesstoken", "securitytoken", "jwtsecret",
)  # fmt: skip
_FAIR = ("token", "pass", "auth", "bearer", "jwt", "credential", "cred", "creds", "salt", "pat", "otp", "session",
         "cookie", "dsn", "basic", "authorization", "pw", "webhook")  # fmt: skip
_FAINT = ("key", "signature", "sig", "license", "api", "id")
_PASSWORDS = ("password", "passwd", "passphrase", "pwd", "pass")

# After the word that counts, these do not change what the value is.
_TRAILING = frozenset(
    ("value", "val", "string", "str", "default", "plain", "text", "plaintext", "raw", "bytes", "data", "old", "new",
     "current", "base64", "b64", "hex", "prod", "production", "dev", "test", "staging", "live", "env", "literal",
     "base", "json", "us", "eu")
)  # fmt: skip
_PIECES = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_ENV_KEY = re.compile(r"[A-Z][A-Z0-9_]*\Z")


@lru_cache(maxsize=8192)
def strength(key: str) -> str:
    """`strong`, `fair`, `faint` or `` for a name such as `dbPassword`, `API_KEY`, `tokenizer`."""
    words = [word.lower() for word in _PIECES.findall(key.rsplit(".", 1)[-1] if "." in key else key)]
    while words and (words[-1] in _TRAILING or words[-1].isdigit() or (words[-1] == "v" and len(words) > 1)):
        words.pop()
    if not words:
        return ""
    joined = "".join(words[-3:])
    if joined.endswith(_STRONG):
        return "strong"
    if words[-1] in _FAIR or joined.endswith("token"):
        return "fair"
    return "faint" if words[-1] in _FAINT else ""


def _accepts(group: Groups) -> bool:
    said = strength(group("key"))
    if not said:
        return False
    bare = group("value_bare")
    value = bare or next(
        filter(None, map(group, ("value_double", "value_single", "value_escaped", "value_back"))), ""
    )
    separator = group("sep").strip()
    if bare and separator in (",", "(", ">"):
        return False
    if not separator and not (group("key").startswith("-") or group("closing") == ""):
        return False
    if (
        shapes.is_template(value)
        or shapes.is_reference(value)
        or any(char.isspace() for char in value.strip())
    ):
        return False
    if said == "strong":
        return _strong_value(group, value, bare, separator)
    if shapes.is_stand_in(value) or len(value) < 16:
        return False
    if said == "faint" and shapes.is_hash(value):
        return False
    return _is_opaque(value)


def _strong_value(group: Groups, value: str, bare: str, separator: str) -> bool:
    if len(value) < 4 or (shapes.is_stand_in(value) and not _is_opaque(value)):
        return False
    if not separator:  # `--password hunter2`, `password hunter2` as in .netrc: not prose
        flag = group("key").startswith("-")
        return (flag and not value.startswith("-")) if bare else flag or _has_variety(value)
    if not bare:
        return _has_variety(value) or (separator in ("=", "==", "=>") and _is_lower_word(group("key"), value))
    env_line = group("before") in ("\n", "", " ") and _ENV_KEY.match(group("key")) and group("sep") == "="
    if env_line and not shapes.is_name(value):
        return True
    return len(value) >= 6 and _has_variety(value) and not shapes.is_name(value)


def _has_variety(value: str) -> bool:
    """Not only letters, and not an identifier or a number."""
    return not value.isalpha() and not shapes.is_name(value) and any(char.isalpha() for char in value)


def _is_lower_word(key: str, value: str) -> bool:
    """`password = "hunter"`: weak, and still somebody's."""
    return len(value) >= 6 and value.isalpha() and value.islower() and key.lower().endswith(_PASSWORDS)


def _is_opaque(value: str) -> bool:
    hexadecimal = shapes.is_hash(value) and len(value) >= 16 and not value.isdigit()
    return hexadecimal or shapes.looks_random(value, bits_a_char=2.8)


RULES = (
    Rule(
        id="assignment",
        label="assigned",
        pattern=_PATTERN,
        keywords=_STEMS,
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
        ),
        accepts=_accepts,
        nested=True,
    ),
)
