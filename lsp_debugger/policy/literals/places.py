"""People, machines and where code comes from: how each is written. Those of everybody are left alone."""

from __future__ import annotations

import re

CREDENTIAL_URI = r"(?i)\b[a-z][a-z0-9+.\-]{1,20}://[^\s\"'<>`/@]*:[^\s\"'<>`]*@[^\s\"'<>`]*"
HOME = re.compile(r"(?:/home/|/Users/|[\\/]Users[\\/]{1,2}|/export/home/)(?P<user>[^/\\\s\"':;,<>()]{1,64})")
REMOTE = r"\b(?:[\w.\-]+@[\w.\-]+:[\w.~\-]+/[\w./~\-]+|ssh://[\w.@:\-]+/[\w./~\-]+|https?://[^\s\"'<>/]+/[\w.~/\-]+\.git\b)"
EMAIL = r"[\w.+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,24}\b"
HOST = (
    r"(?i)\b(?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01])|169\.254)\.\d{1,3}\.\d{1,3}\b|\b(?:[a-z0-9\-]+\.)+"
    r"(?:internal|corp|local|lan|intra|intranet|private|localdomain|home|svc)\b(?:\.[a-z0-9\-]+)*"
)
URL_HOST = re.compile(r"://(?P<host>[\w.-]+)")
PUBLIC = re.compile(
    r"(?i)(?:localhost|127\.0\.0\.1|0\.0\.0\.0|(?:[\w-]+\.)*(?:github|gitlab|python|pypi|npmjs|mozilla|w3|golang"
    r"|rust-lang|readthedocs|stackoverflow|microsoft|oracle|eslint|example|pydantic)\.(?:com|org|io|dev|net))\Z"
)
PHONE = r"\+\d[\d ().\-]{7,17}\d\b"
# Homes of nobody in particular.
NOBODY = frozenset(
    ("root", "user", "users", "app", "admin", "runner", "ubuntu", "node", "test", "build", "shared")
)
