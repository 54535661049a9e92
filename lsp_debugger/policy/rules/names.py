"""What a name says about the value beside it: `dbPassword`, `API_KEY`, `tokenizer`, `password_field`."""

from __future__ import annotations

import enum
import re
from functools import lru_cache


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
    *("bearer", "jwt", "cookie", "session", "salt", "signature", "dsn", "license", "pat", "webhook", "otp"),
)

# The end of a name, its words run together.
_STRONG = (
    *("password", "passwd", "passphrase", "passcode", "pwd", "passwort", "secret", "credentials", "accessid"),
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
    *("subscriptionkey", "sessionkey", "hashkey", "hmackey", "jwtkey", "aeskey", "clientkey", "adminkey"),
    *("authtoken", "accesstoken", "refreshtoken", "apitoken", "bearertoken", "sessiontoken", "idtoken"),
    *("bottoken", "usertoken", "oauthtoken", "securitytoken", "admintoken", "deploytoken", "logintoken"),
)
_FAIR = frozenset(
    (
        *("token", "pass", "auth", "bearer", "jwt", "credential", "cred", "creds", "salt", "pat", "otp"),
        *("session", "cookie", "dsn", "basic", "authorization", "pw", "webhook"),
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
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_LAST_PART = re.compile(r"[^.]*\Z")


@lru_cache(maxsize=8192)
def strength(name: str) -> Strength:
    """Judged by its last words: `tokenizer` and `password_field` name something else."""
    part = _LAST_PART.search(name.strip("."))
    words = [word.lower() for word in _WORD.findall(part[0] if part else name)]
    while len(words) > 1 and (words[-1] in _TRAILING or words[-1].isdigit()):
        words.pop()
    if not words:
        return Strength.NONE
    joined = "".join(words[-3:])
    if joined.endswith(_STRONG):
        return Strength.STRONG
    if words[-1] in _FAIR or joined.endswith("token"):
        return Strength.FAIR
    return Strength.FAINT if words[-1] in _FAINT else Strength.NONE
