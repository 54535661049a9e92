"""Numbers that prove themselves: what a checksum confirms is no stand-in, whatever it looks like."""

from __future__ import annotations

import base64
import json
import string
import zlib
from typing import cast

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_LETTER_VALUES = {letter: str(ord(letter) - ord("A") + 10) for letter in string.ascii_uppercase}


def luhn(digits: str) -> bool:
    """Cards: every second digit from the right doubled, digits summed, divisible by ten (ISO/IEC 7812-1)."""
    doubled = (int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits)))
    return sum(sum(divmod(one, 10)) for one in doubled) % 10 == 0


def iban(compact: str) -> bool:
    """Accounts: letters as numbers, the first four characters last, 1 modulo 97 (ISO 13616)."""
    turned = compact[4:] + compact[:4]
    if not turned.isalnum() or not turned.isascii():
        return False
    return int("".join(_LETTER_VALUES.get(char, char) for char in turned.upper())) % 97 == 1


def crc32_base62(text: str, checksum: str) -> bool:
    """Tokens of GitHub and npm: the CRC-32 of what stands between prefix and checksum, in 0-9A-Za-z."""
    number, written = zlib.crc32(text.encode("ascii", "replace")), ""
    while number:
        number, digit = divmod(number, 62)
        written = _BASE62[digit] + written
    return written.rjust(len(checksum), "0") == checksum


def json_object(segment: str) -> dict[str, object] | None:
    """What a part of a JSON web token says: base64url of a JSON object; None when it is something else."""
    try:
        plain = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
        said: object = json.loads(plain)
    except ValueError:
        return None
    return cast("dict[str, object]", said) if isinstance(said, dict) else None
