"""Secrets with a form of their own: key blocks, JSON web tokens, credentials in addresses and headers."""

from __future__ import annotations

from lsp_debugger.policy.rules import shapes
from lsp_debugger.policy.rule import Groups, Rule

_B = "-" * 5  # apart, so that no other scanner takes these lines for keys
_BODY = "MIIEpAIBAAKCAQEA" + "x9Kd/3Lq+" * 5
_JWT = (
    "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0" + ".dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
)


def _is_password(group: Groups) -> bool:
    value = group("value")
    return not shapes.is_template(value) and not value.startswith("<SECRET_")


def _is_header(group: Groups) -> bool:
    value = group("value")
    if shapes.is_template(value) or shapes.is_name(value):
        return False
    return any(map(str.isdigit, value)) or value.endswith("=")


RULES = (
    Rule(
        id="private-key",
        label="private_key",
        # To the end of the block; without one, as long as lines look like its body. `\\n` is a line end in a literal.
        pattern=r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:[^-]+-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|[A-Za-z0-9+/=\s\\#*>\"',:.+-]*)",
        keywords=("private key",),
        hits=(
            f"a\n«{_B}BEGIN RSA PRIVATE KEY{_B}\n{_BODY}\n{_BODY}\n{_B}END RSA PRIVATE KEY{_B}»\nb",
            f'k = "«{_B}BEGIN PRIVATE KEY{_B}\\n{_BODY}\\n{_B}END PRIVATE KEY{_B}»\\n"',
            f"«{_B}BEGIN OPENSSH PRIVATE KEY{_B}\n{_BODY}»",
        ),
        misses=(f"{_B}BEGIN PUBLIC KEY{_B}\n{_BODY}\n{_B}END PUBLIC KEY{_B}", "a private key is needed"),
    ),
    Rule(
        id="private-key-end",
        label="private_key",
        pattern=r"(?:[A-Za-z0-9+/=]{16,}[\s\\nr\"',+]{1,12})+-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----",
        keywords=("private key",),
        hits=(f"«{_BODY}\n{_BODY}\n{_B}END EC PRIVATE KEY{_B}»",),
        misses=(f"{_B}END CERTIFICATE{_B}",),
    ),
    Rule(
        id="private-key-der",
        label="private_key",
        # How PKCS#1, PKCS#8, SEC1 and OpenSSH private keys start in base64, without the lines around them.
        pattern=r"(?:MII[A-Za-z0-9+/]{2,3}[IJ]B(?:AAK|ADAN)|MHcCAQEEI|MIG[A-Za-z0-9]AgEAM|MC4CAQAw|b3BlbnNzaC1rZXktdjE)"
        r"(?:[A-Za-z0-9+/=]|\s{1,4}|\\n){40,}",
        keywords=(
            "mii[a-z0-9+/]{2,3}[ij]b",
            "mhccaqeei",
            "mig[a-z0-9]agea",
            "mc4caqaw",
            "b3blbnnzac1rzxktdje",
        ),
        hits=(f'key = "«{_BODY}»"',),
        misses=("MIICertificateBodyThatIsPublic" * 3,),
    ),
    Rule(
        id="jwt",
        label="jwt",
        pattern=r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,3}",
        keywords=("eyj",),
        hits=(f"Cookie: s=«{_JWT}»; path=/", f'"«{_JWT}»"'),
        misses=("eyJhbGciOiJIUzI1NiJ9", "eyJ.x.y", "keyJoin.value.other"),
    ),
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
        accepts=_is_password,
    ),
    Rule(
        id="uri-token",
        label="uri_password",
        pattern=r"(?i)https?://(?P<value>[A-Za-z0-9_\-]{20,})@[a-z0-9]",
        keywords=(r"https?://[a-z0-9_-]{20,}@",),
        hits=("https://«0123456789abcdef0123»@git.example.org/a.git",),
        misses=("https://bob@host/", "https://example.org/@0123456789abcdef0123"),
    ),
    Rule(
        id="authorization-header",
        label="auth_header",
        pattern=r"(?i)(?:authorization|x-[a-z-]*(?:key|token|auth))[\\\"']{0,2}\s{0,4}[:=,]\s{0,4}[\\\"'f]{0,3}(?:(?:bearer|basic|token|apikey|digest|negotiate|key)\s+)?(?P<value>[A-Za-z0-9+/_.~\-=:]{8,})",
        keywords=("authorization", "x-[a-z-]*(?:key|token|auth)"),
        hits=(
            "Authorization: Basic «dXNlcjpwYXNzd29yZA==»",
            '-H "X-Api-Key: «8f14e45fceea167a»"',
            "{'Authorization': 'Bearer «abc123def456»'}",
        ),
        misses=("Authorization: Bearer ${TOKEN}", "authorization: required", "x-real-key: application/json"),
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
        accepts=lambda group: _is_password(group) and "(" not in group("value"),
    ),
    Rule(
        id="dsn-password",
        label="connection_password",
        pattern=r"(?i)(?:host|dbname|user|port|sslmode)=[^\s=]{1,100}\s(?:[a-z_]{1,20}=[^\s=]{1,100}\s){0,6}password=(?P<value>[^\s\"'`]+)",
        keywords=("password=",),
        hits=('"host=db port=5432 user=app password=«letmein» dbname=x"',),
        misses=("host=db password=${PW}", "connect(host=a, password=b)"),
        accepts=_is_password,
    ),
    Rule(
        id="login-file",
        label="login",
        pattern=r"(?i)\bmachine\s+\S{1,200}\s+login\s+\S{1,200}\s+password\s+(?P<value>\S+)",
        keywords=(r"machine\s+\S+\s+login",),
        hits=("machine git.example.org login me password «hunter2»\n",),
        misses=("the machine needs a login and a password",),
        accepts=_is_password,
    ),
    Rule(
        id="command-line-login",
        label="login",
        pattern=r"(?:\bcurl\b[^\n|;]{0,300}?\s(?:-u|--user|--proxy-user)[ =]?[\"']?|\bsshpass\s+-p\s*[\"']?(?P<value_plain>[^\s\"']+)|\bdocker\s+login\b[^\n|;]{0,200}\s-p[ =]?[\"']?(?P<value_docker>[^\s\"']+))(?:[^\s:\"'$]{1,100}:(?P<value>[^\s\"']+))?",
        keywords=(r"curl[^\n|;]*\s(?:-u|--)", r"sshpass\s", r"docker\s+login"),
        hits=(
            "curl -sS -u me:«hunter2» https://x",
            "sshpass -p «hunter2» ssh me@h",
            "docker login -u me -p «hunter2» r.x",
        ),
        misses=("curl -o out.tgz https://example.org/x", "curl -u me https://x", "docker run -p 80:80 x"),
        accepts=lambda group: (
            not shapes.is_template(group("value") or group("value_plain") or group("value_docker") or "--")
        ),
    ),
    Rule(
        id="element-text",
        label="assigned",
        pattern=r"(?i)<(?:[a-z]+:)?(?:\w*password|passphrase|\w*secret|\w*apikey|\w*token)>(?P<value>[^<>\s]{4,})</",
        keywords=("password>", "passphrase>", "secret>", "apikey>", "token>"),
        hits=("<password>«hunter2»</password>",),
        misses=("<password>${pw}</password>", "<token></token>"),
        accepts=lambda group: (
            not shapes.is_template(group("value")) and not shapes.is_stand_in(group("value"))
        ),
    ),
)
