"""What may be a value of a name that says `secret`, and what is said otherwise: prose, holes, references."""

from __future__ import annotations

from lsp_debugger.policy.rules import shapes
from lsp_debugger.policy.rules.names import Strength
from lsp_debugger.policy.rules.vocabulary import COMMON_PASSWORDS

_SPECIAL = "!@#$%^&*?~+"
_PASSWORDS = ("password", "passwd", "passphrase", "pwd", "pass")


def is_said_otherwise(value: str) -> bool:
    # Prose has words; a pass phrase of words alone cannot be told from it.
    prose = " " in value and sum(not char.isalpha() and char not in " .,:!?'" for char in value) < 4
    foreign = sum(not char.isascii() for char in value) * 2 > len(value)  # a sentence that has no blanks
    # What follows a closing quote.
    misread = value[:1] in (",", ")", "]", "}", ";") or (
        value[:1] == "+" and shapes.is_name(value[1:].rstrip("()"))
    )
    return (
        prose
        or foreign
        or misread
        or "\t" in value
        or shapes.is_template(value)
        or shapes.is_reference(value)
    )


def is_opaque(said: Strength, value: str) -> bool:
    """For names that promise less: only what a generator has made."""
    words = " " in value and sum(not char.isalnum() for char in value) < 8
    if len(value) < 14 or words or shapes.is_stand_in(value):
        return False
    if shapes.is_hash(value):
        return said >= Strength.FAIR and (len(value) >= 16) and not shapes.is_time(value)
    return shapes.looks_random(value, named=True)


def is_made(value: str) -> bool:
    """In prose: no word, and not how programs name things."""
    kinds = (
        any(map(str.isdigit, value)),
        any(map(str.islower, value)),
        any(map(str.isupper, value)) or any(char in _SPECIAL for char in value),
    )
    return len(value) >= 8 and all(kinds) and not shapes.is_name(value) and not shapes.is_stand_in(value)


def is_common(key: str, value: str) -> bool:
    """One of the words that people take for a password, where a password stands."""
    return value.lower() in COMMON_PASSWORDS and key.lower().rstrip("_0123456789").endswith(_PASSWORDS)


def is_strong(key: str, value: str, sign: str) -> bool:
    if is_common(key, value):
        return bool(sign) or key.startswith("-")
    if len(value) < 4 or shapes.is_stand_in(value):
        return False
    if shapes.looks_random(value, named=True):
        return True
    if shapes.is_hash(value):
        return len(value) >= (16 if sign == "," else 6)
    if not value.isalpha() and not shapes.is_name(value) and any(map(str.isalpha, value)):
        # Beside a bare word or in a list, what is no name may still be anything.
        stated = bool(sign) or key.startswith("-")
        return stated and (sign != "," or any(map(str.isdigit, value)))
    return _is_weak(key, value, stated=sign in ("=", "==", "===", "!=", "=>", ":="))


def _is_weak(key: str, value: str, *, stated: bool) -> bool:
    """`password = "hunter"`: a word, and still somebody's."""
    if any(map(str.isdigit, value)) and value.isalnum():
        return len(value) >= (6 if stated else 8)
    is_word = value.isalpha() and value.islower() and len(value) >= 6
    return stated and is_word and key.lower().endswith(_PASSWORDS)
