"""Long random-looking tokens with no name beside them. Hashes, UUIDs and integrity values are left alone."""

from __future__ import annotations

from lsp_debugger.policy.rule import Groups, Rule
from lsp_debugger.policy.rules import shapes

MAX_CHARS = 400  # longer ones are data: pictures, source maps, compressed tables


def _accepts(group: Groups) -> bool:
    value = group("value") or ""
    if len(value) > MAX_CHARS or group("before") in ("/", "\\", ".", "-", "_", ":") or shapes.is_hash(value):
        return False
    kinds = (any(map(str.isupper, value)), any(map(str.islower, value)), any(map(str.isdigit, value)))
    return all(kinds) and value.count("/") <= 3 and shapes.looks_random(value, bits_a_char=4.0)


RULES = (
    Rule(
        id="random-token",
        label="random",
        pattern=r"(?P<before>[^A-Za-z0-9]?)(?P<value>[A-Za-z0-9][A-Za-z0-9+/_\-]{19,}={0,2})",
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
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ),
        accepts=_accepts,
    ),
)
