"""Passwords where programs log in: addresses, headers, connection strings, command lines."""

from __future__ import annotations

import base64

from lsp_debugger.policy.rule import Groups, Rule
from lsp_debugger.policy.rules import shapes

_TEXT = r"[\"'][^\"'\n]{1,80}[\"']\s{0,3},\s{0,3}"


def _is_header(group: Groups) -> bool:
    value = group("value") or ""
    if shapes.is_template(value) or shapes.is_name(value) or shapes.is_stand_in(value):
        return False
    return value.endswith("=") or shapes.is_hash(value) or shapes.looks_random(value, named=True)


def _is_literal(group: Groups) -> bool:
    return shapes.is_password(group) and "(" not in (group("value") or "")


def _is_telling(group: Groups) -> bool:
    return shapes.is_password(group) and not shapes.is_stand_in(group("value") or "")


def _is_made_up(group: Groups) -> bool:
    """Where any word could stand: one that is no word."""
    value = group("value") or ""
    if len(value) < 6 or shapes.is_template(value) or shapes.is_reference(value) or shapes.is_stand_in(value):
        return False
    varied = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    return varied or shapes.is_hash(value) or shapes.looks_random(value, named=True)


def _is_encoded_pair(group: Groups) -> bool:
    """`user:password` in base64."""
    value = group("value") or ""
    try:
        plain = base64.b64decode(value + "=" * (-len(value) % 4)).decode("ascii")
    except ValueError:
        return False
    return ":" in plain and plain.isprintable()


def _has_digit(group: Groups) -> bool:
    return shapes.is_password(group) and any(map(str.isdigit, group("value") or ""))


RULES = (
    Rule(
        id="uri-password",
        label="uri_password",
        # The last `@` before a slash ends it, as browsers and drivers read it: passwords hold `@` themselves.
        pattern=r"(?i)[a-z][a-z0-9+.\-]{1,20}:(?:\\?/){2}[^\s:/@\"'<>`\\]{0,100}:(?P<value>[^\s/\"'<>`]+)@[a-z0-9\[_$%{.]",
        keywords=(r":(?:\\?/){2}[^/\s]*@",),
        hits=(
            "postgres://app:«s3cr3t»@db.internal:5432/x",
            "redis://:«p@ss!word»@127.0.0.1:6379/0",
            'git clone "https://me:«hunter22»@git.example.org/a.git"',
        ),
        misses=(
            "https://example.org:8080/a@b",
            "postgres://app:${DB_PASSWORD}@db/x",
            "http://user@host/",
            "postgres://user:<SECRET_1:uri_password>@h/x",
            "see http://localhost:3000 and mail a@b.c",
        ),
        accepts=shapes.is_password,
    ),
    Rule(
        id="uri-token",
        label="uri_password",
        pattern=r"(?i)https?://(?P<value>[A-Za-z0-9_\-]{20,})(?::x-oauth-basic|:)?@[a-z0-9]",
        keywords=(r":(?:\\?/){2}[^/\s]*@",),
        hits=(
            "https://«0123456789abcdef0123»@git.example.org/a.git",
            "https://«0123456789abcdef0123»:x-oauth-basic@git.example.org/a.git",
        ),
        misses=("https://bob@host/", "https://example.org/@0123456789abcdef0123"),
    ),
    Rule(
        id="authorization-header",
        label="auth_header",
        pattern=r"(?i)(?:authorization|x-[a-z-]*(?:key|token|auth))[\\\"']{0,2}\s{0,4}[:=,]\s{0,4}[\\\"'f]{0,3}"
        r"(?:[a-z][a-z\-]{1,12}\s+)?(?P<value>[A-Za-z0-9+/_.~\-=:]{8,})",
        keywords=("authorization", "x-[a-z-]*(?:key|token|auth)"),
        hits=(
            "Authorization: Basic «dXNlcjpwYXNzd29yZA==»",
            '-H "X-Api-Key: «8f14e45fceea167a»"',
            "{'Authorization': 'Bearer «aQ1zW2sX3eD4»'}",
            "Authorization: Api-Key «d1e1495bbb63047e»",
        ),
        misses=(
            "Authorization: Bearer ${TOKEN}",
            "authorization: required",
            "x-real-key: application/json",
            '("authorization", "x-amz-content-sha256")',
        ),
        accepts=_is_header,
    ),
    Rule(
        id="bearer",
        label="auth_header",
        pattern=r"(?i)\b(?:bearer|basic)\s+(?P<value>[A-Za-z0-9+/_.~\-]{16,}={0,2})",
        keywords=(r"(?:bearer|basic)\s+[a-z0-9+/_.~-]{16}",),
        hits=("curl -H 'bearer «mF9B5f41JqMmF9B5f41JqM01»'",),
        misses=("bearer authentication_middleware", "a basic understanding-of-something"),
        accepts=_is_header,
    ),
    Rule(
        id="connection-string",
        label="connection_password",
        pattern=r"(?i)[;?&](?:password|passwd|pwd)\s{0,2}=\s{0,2}(?P<value>[^;&\s\"'`<>]+)",
        keywords=("[;?&](?:password|passwd|pwd)",),
        hits=(
            '"Server=db;User Id=sa;Password=«hunter»;Encrypt=yes"',
            "jdbc:mysql://h/x?user=a&password=«abc»",
        ),
        misses=("Server=db;Password=${PW};", "f(a); password = read()"),
        accepts=_is_literal,
    ),
    Rule(
        id="dsn-password",
        label="connection_password",
        pattern=r"(?i)(?:host|dbname|user|port|sslmode)=[^\s=]{1,100}\s(?:[a-z_]{1,20}=[^\s=]{1,100}\s){0,6}"
        r"password=(?P<value>[^\s\"'`]+)",
        keywords=("password=",),
        hits=('"host=db port=5432 user=app password=«letmein» dbname=x"',),
        misses=("host=db password=${PW}", "connect(host=a, password=b)"),
        accepts=shapes.is_password,
    ),
    Rule(
        id="login-file",
        label="login",
        pattern=r"(?i)\bmachine\s+\S{1,200}\s+login\s+\S{1,200}\s+password\s+(?P<value>\S+)",
        keywords=(r"machine\s+\S+\s+login",),
        hits=("machine git.example.org login me password «hunter2»\n",),
        misses=("the machine needs a login and a password",),
        accepts=shapes.is_password,
    ),
    Rule(
        id="server-password",
        label="login",
        pattern=r"(?i)(?m:^)[ \t]*(?:(?:requirepass|masterauth|rootpw|bindpw|userpassword:)[ \t]"
        r"|(?:npm config set )?(?://\S{1,80}:)?_(?:authtoken|password|auth)[ \t]{0,3}[ =])[ \t]*[\"']?"
        r"(?P<value>[^\s\"']{4,})[\"']?[ \t]*\r?(?m:$)",
        keywords=("requirepass", "masterauth", "rootpw", "bindpw", "userpassword:", "_auth", "_password"),
        hits=(
            "requirepass «sunshine»\n",
            "userPassword: «hunter2»\n",
            "//r.example.org/:_authToken=«abcd1234»\n",
            "npm config set //r.example.org/:_authToken «abcd1234»\n",
        ),
        misses=("requirepass ${PW}\n", "requirepass\n", "the requirepass directive\n"),
        accepts=shapes.is_password,
    ),
    Rule(
        id="sql-password",
        label="login",
        pattern=r"(?i)\b(?:identified\s+(?:with\s+\S{1,60}\s+)?(?:by|as)|password)\s+(?:password\s+)?"
        r"['\"](?P<value>[^'\"\s]{3,})['\"]",
        keywords=(r"identified\s", r"password\s+['\"]"),
        hits=(
            "CREATE USER a IDENTIFIED BY '«hunter2»';",
            "ALTER ROLE a WITH LOGIN PASSWORD '«0a1b2c3d4e5f»';",
        ),
        misses=("identified by 'a name'", "the password 'must not be empty'", "IDENTIFIED BY '${PW}'"),
        accepts=_is_telling,
    ),
    Rule(
        id="login-pair",
        label="login",
        pattern=r"(?i)(?:auth\w{0,12}\s{0,2}[=(: ]\s{0,2}[(\[]?|log_?in\(|credentials?\(|auth\("
        rf"|getconnection\(|\bpdo\()(?:[^()\"'\n]{{0,40}},\s{{0,3}}|{_TEXT}){{0,2}}{_TEXT}[\"'](?P<value>[^\"'\s]{{4,}})[\"']",
        keywords=("auth", r"log_?in\(", r"credentials?\(", r"getconnection\(", r"pdo\("),
        hits=(
            'get(url, auth=("bob", "«hunter2!»"))',
            "smtp.login('bob', '«0a1b2c3d4e5f6a7b»')",
            'new BasicAWSCredentials("ACCESS", "«kJ8sh2Kq9xZpL0vB»")',
            'Credentials("realm", "host", "bob", "«32ec79df73a060fa»")',
            'DriverManager.getConnection(url, "bob", "«hunter2»")',
            "new PDO('mysql:host=h', 'root', '«5mXvTZeSogYDrzdB»')",
            "http.basic_auth 'bob', '«hunter2»'",
        ),
        misses=(
            'auth("users", "view_users")',
            "login('bob', password)",
            'authors = ["Bob", "Alice"]',
            'auth_header("Authorization", "Bearer")',
        ),
        accepts=_is_made_up,
    ),
    Rule(
        id="postgres-login-file",
        label="login",
        pattern=r"(?m:^)[A-Za-z0-9.*_\-]{1,100}:(?:\d{4,5}|\*):[^:\s]{1,60}:[^:\s]{1,60}:"
        r"(?P<value>\S{4,})[ \t]*\r?(?m:$)",
        keywords=(r":(?:5432|5433|6432|6543|\*):",),
        hits=("db.example.org:5432:app:app:«hunter2»\n", "*:*:*:bob:«correcthorse»\n"),
        misses=("a.py:5432:12:error:x", "http://db:5432:x"),
        accepts=shapes.is_password,
    ),
    Rule(
        id="registry-login",
        label="login",
        pattern=r"\"auth\"\s{0,3}:\s{0,3}\"(?P<value>[A-Za-z0-9+/]{8,}={0,2})\"",
        keywords=(r"\"auth\"",),
        hits=('{"auths": {"r.example.org": {"auth": "«Ym9iOmh1bnRlcjI=»"}}}',),
        misses=('{"auth": "required"}', '{"auth": "basicAuthentication"}'),
        accepts=_is_encoded_pair,
    ),
    Rule(
        id="device-password",
        label="login",
        pattern=r"(?im:^)[ \t]*(?:enable|snmp-server|(?:username|neighbor|line) \S{1,60})?[ \t]*"
        r"(?:password|secret|community)[ \t]+(?:[057][ \t]+)?(?P<value>[^\s\"'`;,(){}=:]{6,})"
        r"[ \t]*(?:R[OW]\b.{0,40})?(?m:$)",
        keywords=("password[ \t]", "secret[ \t]", "community[ \t]"),
        hits=("enable password 7 «0822455D0A16»\n", "snmp-server community «s3cr3tc0m» RO\n"),
        misses=("password required\n", "  secret sauce is not here\n", "enable password authentication\n"),
        accepts=_has_digit,
    ),
    Rule(
        id="element-text",
        label="assigned",
        pattern=r"(?i)<(?:[a-z]+:)?(?:\w*password|passphrase|\w*secret|\w*apikey|\w*token)>(?:<!\[CDATA\[)?"
        r"(?P<value>[^<>\s\]]{4,})(?:\]\]>)?</",
        keywords=("password>", "passphrase>", "secret>", "apikey>", "token>"),
        hits=("<password>«hunter2»</password>", "<dbPassword><![CDATA[«Tr0ub4dor»]]></dbPassword>"),
        misses=("<password>${pw}</password>", "<token></token>"),
        accepts=_is_telling,
    ),
)
