"""Passwords that are typed: options of programs that log in, and what is piped into them."""

from __future__ import annotations

from lsp_debugger.policy.rule import Groups, Rule
from lsp_debugger.policy.rules import shapes

_WORD = r"[^\s\"'$|;&]{4,}"


def _is_made_up(group: Groups) -> bool:
    """Where any word could stand: one that is no word."""
    value = group("value") or ""
    if len(value) < 6 or shapes.is_template(value) or shapes.is_reference(value) or shapes.is_stand_in(value):
        return False
    varied = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    return varied or shapes.is_hash(value) or shapes.looks_random(value, named=True)


def _is_typed(group: Groups) -> bool:
    """A port, a path and a variable are typed after `-p`, too."""
    value = group("value") or ""
    is_port = value.replace(":", "").isdigit() and (":" in value or len(value) < 6)
    return (
        shapes.is_password(group)
        and not is_port
        and not shapes.is_reference(value)
        and not value.startswith("-")
    )


RULES = (
    Rule(
        id="command-line-login",
        label="login",
        pattern=r"(?:\bcurl\b[^\n|;]{0,300}?\s(?:-u|--user|--proxy-user)[ =]?[\"']?"
        r"[^\s:\"'$]{1,100}:(?P<value>[^\s\"']+)"
        r"|\bsshpass\s+-p\s*[\"']?(?P<value_plain>[^\s\"']+)"
        r"|\bdocker\s+login\b[^\n|;]{0,200}\s-p[ =]?[\"']?(?P<value_docker>[^\s\"']+))",
        keywords=(r"curl[^\n|;]*\s(?:-u|--)", r"sshpass\s", r"docker\s+login"),
        hits=(
            "curl -sS -u me:«hunter2» https://x",
            "sshpass -p «hunter2» ssh me@h",
            "docker login -u me -p «hunter2» r.x",
        ),
        misses=("curl -o out.tgz https://example.org/x", "curl -u me https://x", "docker run -p 80:80 x"),
        accepts=shapes.is_password,
    ),
    Rule(
        id="command-line-password",
        label="login",
        pattern=r"(?:\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\n|;]{0,200}?\s-p(?P<value_mysql>[^\s\"'$\-][^\s\"']{3,})"
        r"|\b(?:redis-cli|ldap[a-z]{3,8}|sqlcmd|bcp|zip|7z)\b[^\n|;]{0,200}?\s-[awP]\s{0,2}[\"']?(?P<value>[^\s\"'$\-][^\s\"']{3,})"
        r"|\bpass(?:in|out)?\s+pass:(?P<value_openssl>[^\s\"'$]{3,}))",
        keywords=(
            r"mysql[a-z]*\s",
            r"mariadb\s",
            r"redis-cli\s",
            r"ldap[a-z]+\s",
            "sqlcmd",
            r"\bbcp\s",
            r"zip\s",
            r"7z\s",
            "pass:",
        ),
        hits=(
            "mysql -u root -p«hunter2» app",
            "redis-cli -h db -a «hunter2» ping",
            "openssl rsa -passin pass:«hunter2»",
        ),
        misses=(
            "mysql -u root -p app",
            "mysql --port 3306",
            "zip -r a.zip folder",
            "redis-cli -h db ping",
            "mysql -p$PW",
        ),
        accepts=_is_made_up,
    ),
    Rule(
        id="command-line-user",
        label="login",
        # `-u me -p …` of any program; names of options that only a key store has; one word for both.
        pattern=r"(?:\s(?:-u|-U|--user(?:name)?|--service-principal)[ =]?[^\n|;]{0,80}?\s-[pP][ =\"']{1,2}"
        rf"(?P<value>{_WORD})"
        rf"|\bunzip\s[^\n|;]{{0,80}}?-P\s?[\"']?(?P<value_zip>{_WORD})"
        rf"|\bhtpasswd\s+-\w*b\w*\s+\S+\s+\S+\s+[\"']?(?P<value_file>{_WORD})"
        r"|\b(?:(?:smbclient|rpcclient|lftp|https?)\s[^\n|;]{0,80}?-[uUa]\s?[\w.@\\-]{1,40}[%,:]"
        r"|x?freerdp\d?\s[^\n|;]{0,80}?/p:|(?:sqlplus|expdp|impdp|jdbc:oracle:thin:)\s?[\w.]{1,40}/)"
        r"(?P<value_pair>[^\s\"'$|;&@/]{4,})(?:@|\s|\z)"
        rf"|\becho\s+(?:-n\s+)?[\"']?(?P<value_piped>{_WORD})[\"']?\s*\|[^\n|;]{{0,120}}?"
        r"(?:--password-stdin|\bsudo -S|passwd --stdin))",
        keywords=(
            r"\s-[up]\s",
            r"\s--user",
            "--service-principal",
            r"unzip\s",
            r"htpasswd\s",
            "smbclient",
            "lftp",
            "freerdp",
            "sqlplus",
            r"\bhttps?\s-a",
            "jdbc:oracle",
            "stdin",
            r"sudo -s",
        ),
        hits=(
            "mongo -u bob -p «hunter2» --quiet",
            "mosquitto_pub -u bob -P «sunshine» -t x",
            "unzip -P «changeit» x.zip",
            "htpasswd -b .htpasswd bob «monkey12»",
            "smbclient //srv/x -U bob%«sunshine»\n",
            "lftp -u bob,«hunter2» ftp.example.org",
            "xfreerdp /u:bob /p:«trustno1» /v:h",
            "sqlplus bob/«hunter2»@db",
            "http -a bob:«Passw0rd» GET https://h/",
            "jdbc:oracle:thin:bob/«s3cr3t»@//h:1521/x",
            "echo '«UOumVMbSYH6a1d4f»' | docker login --username bob --password-stdin",
        ),
        misses=(
            "docker run -u 1000 -p 8080:80 x",
            "ssh -u bob -p 2222 host",
            "mkdir -p some/folder",
            "psql -U bob -p 5432 app",
            "cp -u -p $FROM $TO",
            "echo hello | grep x",
            "a stream of text/event-stream GET and HTTP",
            "sudo -u cirrus go test -parallel 1",
        ),
        accepts=_is_typed,
    ),
)
