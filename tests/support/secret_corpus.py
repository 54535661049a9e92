"""A labelled corpus of secrets and of harmless look-alikes, drawn anew from a seed.

It is what the detectors are developed against. It was made from formats and languages, not from any
scanner's test data, so that such data can still say how well they do.
"""

from __future__ import annotations

import base64
import random
import string
import urllib.parse
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import secret_contexts
import secret_contexts_more
from harmless_text import CODE, HASHES, PLACEHOLDERS
from secret_contexts import ALONE
from secret_shapes import PLAIN, PREFIXED, STRONG_PASSWORDS, WEAK, draw, jwt, key_block, name, styled

NAMED = (*secret_contexts.NAMED, *secret_contexts_more.NAMED)
BEARING = (*secret_contexts.BEARING, *secret_contexts_more.BEARING)
# Where a bare value cannot hold these characters, or means something else with them.
_SPECIAL = "$%&|<>"
_TAKES_SPECIAL_AMISS = ("", "a.sh", "a.csh", "a.md", "a.xml", "a.html", "a.config", "a.bat", "Makefile")


@dataclass(frozen=True, slots=True)
class Record:
    """secret: what has to be gone from `text`, all of it; empty for a harmless record.

    tier: token, structural, weak, code or hash. about: which template made it.
    """

    tier: str
    text: str
    path: str
    secret: str
    about: str


def positives(seed: int) -> list[Record]:
    rng = random.Random(seed)
    named = [_named(rng, kind) for kind in ("strong", "strong", "fair") for _ in range(3 * len(NAMED))]
    return [*named, *_passwords(rng), *_bearing(rng), *_alone(rng), *_structural(rng)]


def _named(rng: random.Random, kind: str) -> Record:
    style, path, template = rng.choice(NAMED)
    value = draw(rng.choice(PLAIN), rng)
    return Record(
        "token", template.format(n=styled(name(kind, rng), style), v=value), path, value, f"{kind}|{template}"
    )


def _passwords(rng: random.Random) -> Iterator[Record]:
    for style, path, template in NAMED:
        for tier, shapes in (("token", STRONG_PASSWORDS), ("weak", WEAK)):
            for _ in range(2):
                value = draw(rng.choice(shapes), rng)
                if path in _TAKES_SPECIAL_AMISS and any(char in value for char in _SPECIAL):
                    continue
                text = template.format(n=styled(name("password", rng), style), v=value)
                yield Record(tier, text, path, value, f"password|{template}")


def _bearing(rng: random.Random) -> Iterator[Record]:
    for path, template in BEARING:
        for _ in range(5):
            value = draw(rng.choice(PLAIN[:10]), rng)
            if path == "a.py" and "engine" in template:
                value = value.replace("/", "x")
            yield Record(
                "structural",
                template.format(v=value.replace("/", "x")),
                path,
                value.replace("/", "x"),
                f"bearing|{template}",
            )
        for _ in range(2):
            value = rng.choice(WEAK)
            yield Record("weak", template.format(v=value), path, value, f"bearing-weak|{template}")


def _alone(rng: random.Random) -> Iterator[Record]:
    for shape in PREFIXED:
        path, template = rng.choice(ALONE)
        value = draw(shape, rng)
        secret = value.rpartition("/")[2] if value.startswith("http") else value
        yield Record("token", template.format(v=value), path, secret, f"alone|{shape}|{template}")
        style, path, template = rng.choice(NAMED)
        yield Record(
            "token",
            template.format(n=styled(name("strong", rng), style), v=value),
            path,
            secret,
            f"named|{shape}|{template}",
        )
    for shape in PREFIXED[:120]:
        value = draw(shape, rng)
        if not value.startswith("http"):
            yield _disguised(value, rng)


def _disguised(value: str, rng: random.Random) -> Record:
    cut = rng.randrange(4, len(value) - 4)
    ways = {
        "base64": lambda: (base64.b64encode(f"token={value}".encode()).decode(),) * 2,
        "hex": lambda: (value.encode().hex(),) * 2,
        "json": lambda: ("\\u00" + value[:1].encode().hex() + value[1:],) * 2,
        "url": lambda: (
            urllib.parse.quote(f"https://h/?a={value}", safe=""),
            urllib.parse.quote(value, safe=""),
        ),
        "plus": lambda: (f'"{value[:cut]}" + "{value[cut:]}"', value[cut:]),
        "implicit": lambda: (f'("{value[:cut]}"\n    "{value[cut:]}")', value[cut:]),
    }
    way = rng.choice(list(ways))
    text, secret = ways[way]()
    return Record(
        "token",
        f"x = {text}\n" if way in ("plus", "implicit") else f'x = "{text}"\n',
        "a.py",
        secret,
        f"disguised|{way}",
    )


def _structural(rng: random.Random) -> Iterator[Record]:
    for kind in (
        "RSA PRIVATE KEY",
        "PRIVATE KEY",
        "EC PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "PGP PRIVATE KEY BLOCK",
        "ENCRYPTED PRIVATE KEY",
        "DSA PRIVATE KEY",
    ):
        for template, joint in (
            ("{v}\n", "\n"),
            ('k = """{v}"""\n', "\n"),
            ('{{"key": "{v}\\n"}}', "\\n"),
            ("key: |\n  {v}\n", "\n  "),
            ("  {v}\r\n", "\r\n"),
            ('"{v}"', '\\n" +\n "'),
        ):
            value = key_block(rng, kind, joint)
            secret = value.split(joint)[1][:40]
            yield Record("structural", template.format(v=value), "", secret, f"block|{template}")
    for path, template in (*ALONE, *BEARING):
        value = jwt(rng)
        yield Record("structural", template.format(v=value), path, value, f"jwt|{template}")
    for scheme in (
        "postgres",
        "mysql",
        "mongodb+srv",
        "redis",
        "amqp",
        "https",
        "ftp",
        "smtp",
        "ldap",
        "jdbc:postgresql",
    ):
        for shape in ("{A12}", "{A6}!{A4}", "{L8}", "{x16}"):
            value = draw(shape, rng)
            yield Record(
                "structural", f'DSN = "{scheme}://svc:{value}@host.example.org/x"\n', "a.py", value, "uri"
            )


def harmless(seed: int) -> list[Record]:
    rng = random.Random(seed + 1)
    made = list[Record]()
    for style, path, template in NAMED:
        for _ in range(2):
            value = rng.choice(PLACEHOLDERS)
            text = template.format(n=styled(name(rng.choice(["strong", "password"]), rng), style), v=value)
            made.append(Record("code", text, path, "", f"{value}|{template}"))
    made += [Record("code", text, "", "", text) for text in CODE]
    made += [Record("hash", _filled(text, rng), "", "", text) for text in HASHES for _ in range(3)]
    return made


def _filled(template: str, rng: random.Random) -> str:
    def hexes(count: int) -> str:
        return "".join(rng.choices("0123456789abcdef", k=count))

    alphabet = string.ascii_letters + string.digits + "+/"
    b64 = "".join(rng.choices(alphabet, k=86)) + "=="
    return (
        template.replace("MD5", hexes(32))
        .replace("SHA1", hexes(40))
        .replace("SHA256", hexes(64))
        .replace("SHA512", hexes(128))
        .replace("UUID", str(uuid.UUID(int=rng.getrandbits(128), version=4)))
        .replace("SRI", b64)
        .replace("B43", b64[:43] + "=")
        .replace("SHORT", hexes(8))
    )
