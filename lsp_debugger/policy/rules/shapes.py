"""What a value looks like: random, a hash, a name, a template. Predicates over short strings."""

from __future__ import annotations

import math
import re
from collections import Counter

_HEX = re.compile(r"(?:0x)?[0-9a-fA-F]+\Z")
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\Z")
# Subresource integrity and pip's hashes, with their algorithm in front.
_NAMED_HASH = re.compile(r"(?i)(?:sha-?\d{1,3}|md5|blake2[bs]|h1|crc32)[-:=_]")
_TEMPLATE = re.compile(
    r"\$\{|\{\{|\}\}|\$\(|#\{|%[sdr(]|%\w+%|<[^<>]*>|\{[A-Za-z_][\w.]*\}|@@|\.\.\.|\*\*\*|…|\A[$@%]\w+\Z|\A\$\w+\b|__\w+__\Z"
)
_FILE_NAME = re.compile(
    r"(?i)\.(?:pem|key|crt|cer|json|ya?ml|toml|ini|txt|env|py|js|ts|go|rs|java|html?|xml|php|conf|cfg|md|svg|png)\Z"
)
_PATH = re.compile(r"(?:~|\.{1,2})?/[\w.-]+(?:/[\w.-]*)+\Z|[A-Za-z]:\\|\.{1,2}/")
_NAME = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|->|::|\?\.)[A-Za-z_$][\w$]*)*\Z")
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_PROMPT_WORDS = re.compile(
    r"(?i)your|example|sample|dummy|placeholder|change[-_ ]?me|replace|redacted|insert|todo|fixme|xxxx|not[-_ ]?set|"
    r"password|passwd|secret|token|api[-_]?key|credential|username|foobar|undefined|required|optional|\Anone\Z|\Anull\Z"
)


def entropy_bits(text: str) -> float:
    """Shannon entropy a character, in bits."""
    length = len(text)
    return -sum(n / length * math.log2(n / length) for n in Counter(text).values()) if length else 0.0


def is_hash(text: str) -> bool:
    """Hex of a digest's length, a UUID, a named hash, a plain number: identities, rarely secrets."""
    if _UUID.match(text) or _NAMED_HASH.match(text):
        return True
    return bool(_HEX.match(text))


def is_template(text: str) -> bool:
    """Something is put in later, or it was blotted out already."""
    return bool(_TEMPLATE.search(text)) or len(set(text)) <= 2


def is_reference(text: str) -> bool:
    """Says where to look, not what it is: a path, a file name, a URL."""
    return bool(_PATH.match(text) or _FILE_NAME.search(text)) or "://" in text


def is_name(text: str) -> bool:
    """An identifier as people make them: dotted, snake or camel, of words and few digits."""
    if not _NAME.match(text):
        return False
    return sum(char.isdigit() for char in text) <= 2 and not _is_mixed_up(text)


def is_stand_in(text: str) -> bool:
    """A word for a secret, not a secret: `your-api-key`, `changeme`, `password`."""
    return bool(_PROMPT_WORDS.search(text))


def looks_random(text: str, bits_a_char: float = 3.3) -> bool:
    """Made by a generator: many changes between kinds of characters, or no words in it."""
    if len(text) < 12 or is_template(text) or entropy_bits(text) < bits_a_char:
        return False
    digits = sum(char.isdigit() for char in text)
    return digits >= 2 and digits < len(text) and _is_mixed_up(text)


def _is_mixed_up(text: str) -> bool:
    """The pieces that people would read as words or numbers are short: under 2.6 characters on average."""
    body = re.sub(r"[^A-Za-z0-9]", "", text)
    pieces = _WORDS.findall(body)
    if not pieces:
        return False
    longest = max(len(piece) for piece in pieces if not piece.isdigit()) if not body.isdigit() else 0
    return len(body) / len(pieces) < 2.9 and longest <= max(8, len(body) // 4)
