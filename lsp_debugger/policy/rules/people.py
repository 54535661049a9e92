"""Numbers of people's money. Names and addresses go by `literals/hidden.py`, for models of others only."""

from __future__ import annotations

import re

from lsp_debugger.policy.rule import Groups, Rule
from lsp_debugger.policy.rules import checksums

_NOT_DIGIT = re.compile(r"[^0-9]")
# Published for tests by those who issue cards: nobody's.
_TEST_CARDS_TEXT = """
4242424242424242 4111111111111111 4012888888881881 4000056655665556 5555555555554444 5105105105105100
2223003122003222 378282246310005 371449635398431 6011111111111117 6011000990139424 3566002020360505
"""
_TEST_CARDS = frozenset(_TEST_CARDS_TEXT.split())
# Lengths by country: what else checks out by chance is no account.
_IBAN_LENGTHS_TEXT = """
NO15 BE16 DK18 FI18 NL18 SI19 AT20 EE20 LT20 LU20 BA20 XK20 CH21 HR21 LI21 LV21 BG22 DE22 GB22 IE22
ME22 RS22 GE22 BH22 AE23 GI23 IL23 CZ24 ES24 MD24 PK24 RO24 SA24 SE24 SK24 TN24 PT25 FR27 GR27 IT27
SM27 IS26 TR26 CY28 HU28 PL28 AL28 AZ28 DO28 LB28 BR29 UA29 QA29 JO30 KW30 MU30 KZ20 MT31 MC27 EG29
"""
_IBAN_CHARS = {word[:2]: int(word[2:]) for word in _IBAN_LENGTHS_TEXT.split()}


def _is_card(group: Groups) -> bool:
    digits = _NOT_DIGIT.sub("", group("value") or "")
    if digits in _TEST_CARDS or len(set(digits)) < 4 or not 13 <= len(digits) <= 19:
        return False
    return checksums.luhn(digits) and not (digits[:2] == digits[4:6] == digits[8:10])  # a row of numbers


def _is_account(group: Groups) -> bool:
    compact = (group("value") or "").replace(" ", "")
    return len(compact) == _IBAN_CHARS.get(compact[:2].upper()) and checksums.iban(compact)


RULES = (
    Rule(
        id="card-number",
        label="card_number",
        # 4, 5, 2, 6 and 3 as their issuers use them; four by four or, at American Express, 4-6-5.
        pattern=r"(?:^|[^0-9A-Za-z.,_\-])(?P<value>"
        r"(?:4[0-9]{3}|5[1-5][0-9]{2}|2[2-7][0-9]{2}|6(?:011|4[4-9][0-9]|5[0-9]{2})|35[2-8][0-9])"
        r"(?:[ \-]?[0-9]{4}){3}"
        r"|3[47][0-9]{2}[ \-]?[0-9]{6}[ \-]?[0-9]{5})(?:[^0-9A-Za-z_.\-]|[.,](?:[^0-9]|\z)|\z)",
        keywords=(r"[2-6][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}", r"3[47][0-9]{2}[ -]?[0-9]{6}"),
        hits=(
            'card = "«4539 1488 0343 6467»"',
            "paid with «5425-2334-3010-9903».",
            "{'pan': «4716108999716531»}",
            "«374245455400126»",
        ),
        misses=(
            'card = "4539 1488 0343 6468"',
            "4242424242424242",
            "x = 0.4539148803436467",
            "id_4539148803436467",
            "4539148803436467890123",
            "2023-1104-1159-2712",
            "(2799 2798 2797 2796 2795)",
        ),
        accepts=_is_card,
    ),
    Rule(
        id="bank-account",
        label="bank_account",
        pattern=r"(?:^|[^0-9A-Za-z_.\-/+=])"
        r"(?P<value>[A-Z]{2}[0-9]{2}(?:[A-Z0-9]{11,27}|(?: [A-Z0-9]{4}){2,6}(?: [A-Z0-9]{1,4})?))"
        r"(?:[^0-9A-Za-z_\-/+=]|\z)",
        keywords=(r"[a-z]{2}[0-9]{2} ?[a-z0-9]{4} ?[a-z0-9]{4}",),
        hits=(
            "pay to «GB29 NWBK 6016 1331 9268 19», soon",
            "iban='«DE89370400440532013000»'",
            "(«NL91ABNA0417164300»)",
        ),
        misses=(
            "GB29 NWBK 6016 1331 9268 18",
            "DE8937040044053201300",
            "AB12CD34EF56AB78CD90",
            "xDE89370400440532013000",
        ),
        accepts=_is_account,
    ),
)
