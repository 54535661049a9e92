"""What a value looks like: random, a hash, a name, a template. Predicates over short strings."""

from __future__ import annotations

import re

from lsp_debugger.policy.rule import Groups
from lsp_debugger.policy.rules import spelling
from lsp_debugger.policy.rules.vocabulary import TALK

_NOTHING = ("None", "null", "nil", "undefined")
_HEX = re.compile(r"(?:0x)?[0-9a-fA-F]+\Z")
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\Z")
# Subresource integrity and pip's hashes, with their algorithm in front.
_NAMED_HASH = re.compile(r"(?i)(?:sha-?\d{1,3}|md5|blake2[bs]|h1|crc32)[-:=_]")
# What something else is put into later. Taken out, the rest decides.
_HOLE = re.compile(
    r"\$\{[^{}\n]*\}|\{\{[\w.:|$ -]*\}\}|\$\([\w.:$/ -]*\)|#\{[\w.:@ -]*\}"
    r"|%\(\w+\)[sdr]|%[sdrvq]|\{[A-Za-z_]?[\w.]*(?:![rsa])?(?::[^{}]{0,20})?\}|%\w+%|@@\w+@@"
)
_WHOLE_TEMPLATE = re.compile(r"<[^<>]*>\Z|\$\w+\Z|@\w+@\Z|__\w+__\Z|%\w+%\Z|\[[A-Za-z_ -]*\]\Z")
_BLOTTED = re.compile(r"\.{3}|\*{3}|…|•|(?i:x{4})|#{4}|_{4}|-{4}")
_REGEX = re.compile(r"\[\^|\]\{\d|\]\+|\]\*|\(\?[:P=!<i]|\\[dwsb](?:[+*{]|\Z)|\\[.(|]|\.\*|\.\+|\^\[")
_FILE_NAME = re.compile(
    r"(?i:[\w-]\.(?:pem|key|crt|cer|json|ya?ml|toml|ini|txt|env|cfg|conf|md|svg|png)\Z)"
    r"|(?i:[\w-]\.(?:py|js|tsx?|go|rs|java|html?|xml|php)\Z)"
)
_PATH = re.compile(r"(?:~|\.{1,2})?/[\w.@-]+(?:/[\w.@-]*)+\Z|[A-Za-z]:\\|\.{1,2}/|~/")
_NAME = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|->|::|\?\.|-|\.#)[A-Za-z_$][\w$]*)*\Z")
_BITS = ("128", "192", "256", "512")
_NOT_WORD = re.compile(r"[^A-Za-z0-9]+")
_LETTERS = re.compile(r"[A-Za-z]+")


def is_password(group: Groups) -> bool:
    """For rules whose place says that it is one: anything but what a program fills in."""
    value = (group("value") or "").rstrip(",;)\"'")
    return not is_template(value) and value not in _NOTHING


def is_hash(text: str) -> bool:
    """Hex, a UUID, a hash that names its algorithm, a number: identities, rarely secrets."""
    return bool(_UUID.match(text) or _NAMED_HASH.match(text) or _HEX.match(text))


def is_time(text: str) -> bool:
    """A date or a moment in digits, such as 20240501120000."""
    return bool(re.match(r"(?:19|20)\d{6}(?:\d{6})?\Z", text))


def is_template(text: str) -> bool:
    """Something is put in later, or it was blotted out already."""
    if _WHOLE_TEMPLATE.match(text) or _BLOTTED.search(text) or len(set(text)) <= 2:
        return True
    if not _HOLE.search(text):
        return False
    rest = _HOLE.sub("", text)
    odd = sum(not char.isalnum() and char not in " -_./:@=" for char in rest)
    return len(rest) < 6 or not (odd >= 3 or (any(map(str.isdigit, rest)) and any(map(str.isalpha, rest))))


def is_reference(text: str) -> bool:
    """Says where to look or what to look for, not what it is: a path, a file name, a URL, a regex."""
    if (
        "://" in text
        or text.startswith("//")
        or _PATH.match(text)
        or _FILE_NAME.search(text)
        or _REGEX.search(text)
    ):
        return True
    if text.startswith(("arn:", "vault:")):
        return True
    return (
        "/" in text and spelling.strangeness(text) < 4.4 and all(map(is_name, filter(None, text.split("/"))))
    )


def is_name(text: str) -> bool:
    """An identifier as people make them: dotted, snake, kebab or camel, of words and few digits."""
    if not _NAME.match(text):
        return False
    return sum(map(str.isdigit, text)) <= 2 and not looks_random(text, named=True)


def is_stand_in(text: str) -> bool:
    """Words for a secret, not a secret: `your-api-key`, `changeme`, `password1`."""
    text = text.strip("\\\"'")
    words = [word.lower() for word in spelling.PIECE.findall(text)]
    spelled = [word for word in words if not word.isdigit()]
    digits = sum(len(word) for word in words if word.isdigit() and word not in _BITS)
    specials = sum(not char.isalnum() and char not in " _-./:<>[](){}'\"" for char in text)
    return bool(spelled) and digits <= 2 and specials <= 1 and all(word in TALK for word in spelled)


def looks_random(text: str, *, named: bool = False) -> bool:
    """Made by a generator. named: a name beside it says so, too, and half as much is proof enough."""
    body = _NOT_WORD.sub("", text)
    if len(body) < 8 or is_template(text) or spelling.is_run(text) or len(set(body.lower())) < 6:
        return False
    if any(len(word) >= 8 for word in _known_words(text)):
        return False
    return spelling.strangeness(text) >= _strange_at(len(body)) - (0.3 if named else 0.0)


def _strange_at(chars: int) -> float:
    """The longer a text is, the less it takes: chance evens out."""
    return next(
        least for most, least in ((10, 5.3), (12, 5.1), (16, 4.75), (20, 4.5), (10_000, 4.35)) if chars < most
    )


def _known_words(text: str) -> list[str]:
    """Runs of letters that are spelled like words."""
    return [word for word in _LETTERS.findall(text) if spelling.strangeness(word) < 3.6]
