"""What a value looks like: random, a hash, a name, a template. Predicates over short strings."""

from __future__ import annotations

import math
import re
from collections import Counter

from lsp_debugger.policy.rules.vocabulary import TALK

_HEX = re.compile(r"(?:0x)?[0-9a-fA-F]+\Z")
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\Z")
# Subresource integrity and pip's hashes, with their algorithm in front.
_NAMED_HASH = re.compile(r"(?i)(?:sha-?\d{1,3}|md5|blake2[bs]|h1|crc32)[-:=_]")
# What something else is put into later. Taken out, the rest decides.
_HOLE = re.compile(
    r"\$\{[\w.:?+=/ -]*\}|\{\{[\w.:|$ -]*\}\}|\$\([\w.:$/ -]*\)|#\{[\w.:@ -]*\}"
    r"|%\(\w+\)[sdr]|%[sdrvq]|\{[A-Za-z_]?[\w.]*\}|%\w+%|@@\w+@@"
)
_WHOLE_TEMPLATE = re.compile(r"<[^<>]*>\Z|\$\w+\Z|@\w+@\Z|__\w+__\Z|%\w+%\Z|\[[A-Za-z_ -]*\]\Z")
_BLOTTED = re.compile(r"\.{3}|\*{3}|…|•|(?i:x{4})|#{4}|_{4}|-{4}")
_REGEX = re.compile(r"\[\^|\]\{\d|\]\+|\]\*|\(\?[:P=!<i]|\\[dwsb](?:[+*{]|\Z)|\.\*|\.\+|\^\[")
_FILE_NAME = re.compile(
    r"(?i:[\w-]\.(?:pem|key|crt|cer|json|ya?ml|toml|ini|txt|env|cfg|conf|md|svg|png)\Z)"
    r"|(?i:[\w-]\.(?:py|js|tsx?|go|rs|java|html?|xml|php)\Z)"
)
_PATH = re.compile(r"(?:~|\.{1,2})?/[\w.@-]+(?:/[\w.@-]*)+\Z|[A-Za-z]:\\|\.{1,2}/|~/")
_NAME = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|->|::|\?\.|-)[A-Za-z_$][\w$]*)*\Z")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")


def entropy_bits(text: str) -> float:
    """Shannon entropy a character, in bits."""
    length = len(text)
    return -sum(n / length * math.log2(n / length) for n in Counter(text).values()) if length else 0.0


def is_hash(text: str) -> bool:
    """Hex, a UUID, a hash that names its algorithm, a number: identities, rarely secrets."""
    return bool(_UUID.match(text) or _NAMED_HASH.match(text) or _HEX.match(text))


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
    if "://" in text or _PATH.match(text) or _FILE_NAME.search(text) or _REGEX.search(text):
        return True
    return "/" in text and all(is_name(part) for part in text.split("/") if part)


def is_name(text: str) -> bool:
    """An identifier as people make them: dotted, snake, kebab or camel, of words and few digits."""
    if not _NAME.match(text):
        return False
    return sum(map(str.isdigit, text)) <= 2 and not _is_mixed_up(text)


def is_stand_in(text: str) -> bool:
    """Words for a secret, not a secret: `your-api-key`, `changeme`, `password1`."""
    words = [word.lower() for word in _WORD.findall(text)]
    spelled = [word for word in words if not word.isdigit()]
    digits = sum(len(word) for word in words if word.isdigit())
    specials = sum(not char.isalnum() and char not in " _-./:<>[](){}'\"" for char in text)
    return bool(spelled) and digits <= 2 and specials <= 1 and all(word in TALK for word in spelled)


def looks_random(text: str, bits_a_char: float = 3.3) -> bool:
    """Made by a generator: kinds of characters change all the time, and few pieces read as words."""
    if len(text) < 12 or is_template(text) or entropy_bits(text) < bits_a_char:
        return False
    digits = sum(map(str.isdigit, text))
    return 2 <= digits < len(text) and _is_mixed_up(text)


def _is_mixed_up(text: str) -> bool:
    """The pieces that people would read as words or numbers are short: under 3 characters on average."""
    body = re.sub(r"[^A-Za-z0-9]", "", text)
    pieces = _WORD.findall(body)
    spelled = [len(piece) for piece in pieces if not piece.isdigit()]
    if not spelled or len(body) < 8:
        return False
    return len(body) / len(pieces) < 2.9 and max(spelled) <= max(8, len(body) // 4)
