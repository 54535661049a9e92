"""What a name says about the value beside it: `dbPassword`, `API_KEY`, `tokenizer`, `password_field`."""

from __future__ import annotations

import enum
import re
from functools import lru_cache

from lsp_debugger.policy.rules.vocabulary import SERVICES


class Strength(enum.IntEnum):
    """NONE: says nothing. FAINT: secret if it looks random and is no hash. FAIR: if it looks random,
    a hash included. STRONG: secret unless it says itself that it is not.
    """

    NONE = 0
    FAINT = 1
    FAIR = 2
    STRONG = 3


# Any name that says something contains one of these.
STEMS = (
    *("passw", "passphrase", "passcode", "pwd", "pass", "secret", "token", "api", "key", "auth", "cred"),
    *(
        "bearer",
        "jwt",
        "psk",
        "cookie",
        "session",
        "salt",
        "signature",
        "dsn",
        "license",
        "pat",
        "webhook",
        "otp",
    ),
    *("kennwort", "senha", "contrasen", "wachtwoord", "haslo"),  # passwords, elsewhere
)

# These two say something at the end of a name only, and `path` and `api_version` are everywhere.
_LAST = ("api", "pat")
# As a pattern: a name, from its first such part to its end.
NAME = (
    rf"(?:(?:{'|'.join(stem for stem in STEMS if stem not in _LAST)})[a-z0-9_\-]*"
    rf"|(?:{'|'.join(_LAST)})(?:[_\-]?(?:[0-9]+|prod|dev|test|live|value|new|old))?)"
)

# The end of a name, its words run together.
_STRONG = (
    *(
        "password",
        "passwd",
        "passphrase",
        "passcode",
        "pwd",
        "passwort",
        "kennwort",
        "motdepasse",
        "senha",
        "contrasena",
        "wachtwoord",
        "haslo",
        "secret",
        "credentials",
        "accessid",
        "psk",
    ),
    *(
        "dbpass",
        "userpass",
        "rootpass",
        "adminpass",
        "mypass",
        "ftppass",
        "smtppass",
        "mailpass",
        "mysqlpass",
        "storepass",
        "keypass",
        "requirepass",
        "masterauth",
    ),
    *("apikey", "secretkey", "accesskey", "privatekey", "encryptionkey", "signingkey", "masterkey", "appkey"),
    *(
        "accountkey",
        "sharedkey",
        "servicekey",
        "storagekey",
        "authkey",
        "licensekey",
        "deploykey",
        "cryptkey",
    ),
    *("enckey", "cipherkey", "privkey", "activationkey", "productkey", "consumerkey", "functionkey"),
    *("functionskey", "authorizationtoken", "secrettoken", "recoverycode", "backupcode"),
    *("subscriptionkey", "sessionkey", "hashkey", "hmackey", "jwtkey", "aeskey", "clientkey", "adminkey"),
    *(
        "authtoken",
        "accesstoken",
        "refreshtoken",
        "apitoken",
        "bearertoken",
        "sessiontoken",
        "idtoken",
        "secretid",
    ),
    *("bottoken", "usertoken", "oauthtoken", "securitytoken", "admintoken", "deploytoken", "logintoken"),
)
_FAIR = frozenset(
    (
        *("token", "auth", "bearer", "jwt", "credential", "cred", "creds", "salt", "pat", "otp"),
        *("session", "cookie", "dsn", "basic", "authorization", "webhook"),
    )
)
_FAINT = frozenset(("key", "signature", "sig", "license", "api", "id"))
# After the word that counts, these do not change what the value is.
_TRAILING = frozenset(
    (
        *(
            "value",
            "val",
            "string",
            "str",
            "default",
            "plain",
            "text",
            "plaintext",
            "raw",
            "bytes",
            "data",
            "old",
        ),
        *(
            "new",
            "current",
            "base",
            "b",
            "hex",
            "prod",
            "production",
            "dev",
            "test",
            "staging",
            "live",
            "env",
        ),
        *(
            "literal",
            "json",
            "us",
            "eu",
            "v",
            "real",
            "local",
            "main",
            "master",
            "backup",
            "primary",
            "secondary",
        ),
    )
)
_PLURALS = frozenset(("passwords", "secrets", "tokens", "apikeys"))
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_STRONG_WORDS = frozenset(("pass", "pw"))


@lru_cache(maxsize=8192)
def strength(name: str) -> Strength:
    """Judged by its last words: `tokenizer` and `password_field` name something else."""
    *before, part = name.strip(".").split(".")
    words = _words(part)
    if len(words) == 1 and before:  # `signing.key`; of `config.api_key` the last part says enough
        words = [*_words(before[-1]), *words]
    while len(words) > 1 and (words[-1] in _TRAILING or words[-1].isdigit()):
        words.pop()
    if not words:
        return Strength.NONE
    if words[-1] in _PLURALS:
        words[-1] = words[-1][:-1]
    joined = "".join(words[-3:])
    if joined.endswith(_STRONG) or words[-1] in _STRONG_WORDS:
        return Strength.STRONG
    is_service = not SERVICES.isdisjoint(words[:-1])
    if words[-1] in _FAIR or joined.endswith("token"):
        return Strength.FAIR
    if words[-1] in _FAINT:
        return Strength.FAIR if is_service else Strength.FAINT
    return Strength.NONE


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]
