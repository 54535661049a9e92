"""Long random-looking tokens with no name beside them. Hashes, UUIDs and integrity values are left alone."""

from __future__ import annotations

import re

from lsp_debugger.policy.rule import Groups, Rule
from lsp_debugger.policy.rules import shapes

_DIGIT = re.compile(r"[0-9]")
_PREFIX = re.compile(r"[a-z][a-z0-9]{1,9}_\w{28,}\Z")
MAX_CHARS = 400  # longer ones are data: pictures, source maps, compressed tables


_PUBLIC = ("AAAAB3NzaC1", "AAAAC3NzaC1", "AAAAE2VjZHNh", "MIIBIjAN", "iVBORw0KGgo")  # public keys, pictures


def _accepts(group: Groups) -> bool:
    value = group("value") or ""
    # Most are long names: the cheapest look first.
    if not _DIGIT.search(value) or value.lower() == value or value.upper() == value:
        return False
    if len(value) > MAX_CHARS or len(set(value)) < 12 or value.startswith(_PUBLIC):
        return False
    if shapes.is_hash(value) or group("public"):
        return False
    before = group("before") or ""
    if before == "\\" and value[0] in "nrt":  # a line end that is written out, not a folder
        value = value[1:]
    elif before == "/" and _PREFIX.match(value):
        pass
    elif before in ("/", "\\", ".", "-", "_", ":") and before:
        return False
    return value.count("/") <= 3 and not _is_name_of_many(value) and shapes.looks_random(value)


def _is_name_of_many(value: str) -> bool:
    """`DER_OID_SZ_c2pnb304w1`: short words with lines between them, as constants are named."""
    parts = re.split(r"[_\-]", value)
    return len(parts) >= 4 and all(len(part) <= 10 for part in parts) and any(map(str.isalpha, parts))


RULES = (
    Rule(
        id="random-token",
        label="random",
        pattern=r"(?P<public>base64,|ssh-[a-z0-9]+ |ecdsa-[a-z0-9-]+ )?(?P<before>[^A-Za-z0-9]?)"
        # Three parts with full stops between them are one token.
        r"(?P<value>[A-Za-z0-9][A-Za-z0-9+/_\-]{19,}={0,2}(?:\.[A-Za-z0-9_\-]{6,7}\.[A-Za-z0-9_\-]{27,})?)",
        keywords=("",),
        hits=(
            'x = "«q8Zr3LmX0vT5bN7cW2yK9dPfA1hS6jGe»"',
            "«Zm9vYmFyMTIzNDU2Nzg5MHF3ZXJ0eXVpb3A4OTc2NTQzMjE=»",
        ),
        misses=(
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "123e4567-e89b-12d3-a456-426614174000",
            "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
            "--hash=sha256:2bf3b1d2c4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f",
            "<object at 0x7f3a5c2b9d10>",
            "test_that_a_very_long_function_name_is_fine_2",
            "getElementsByTagNameNSWithHTML5Support",
            "#define DER_OID_SZ_c2pnb304w1 10",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ),
        accepts=_accepts,
    ),
)
