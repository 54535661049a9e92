"""What a patch writes is looked through for secrets; what stood there before is the user's own."""

from __future__ import annotations

import pytest
from secret_corpus import harmless, positives

from lsp_debugger.verify.written_secrets import written_secrets

KEY = "AKIA" + "Q7RZ" * 4
CODE = "def connect():\n    return client()\n"
BLOCK = (
    "-----BEGIN PRIVATE KEY-----\n" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n" * 6 + "-----END PRIVATE KEY-----\n"
)


@pytest.mark.parametrize(
    ("old", "new", "is_found"),
    [
        (CODE, CODE.replace("client()", f'client(key="{KEY}")'), True),
        (CODE, CODE + f'KEY = """\n{BLOCK}"""\n', True),
        ("", f"KEY={KEY}\n", True),
        # The user's own, on a line that changes, or that moves.
        (f'KEY = "{KEY}"\n', f'KEY = "{KEY}"  # of the tests\n', False),
        (f'KEY = "{KEY}"\n{CODE}', f'{CODE}KEY = "{KEY}"\n', False),
        (f'KEY = "{KEY}"\n{CODE}', f'KEY = "{KEY}"\n{CODE}x = 1\n', False),
        (CODE, CODE.replace("client", "connected"), False),
    ],
)
def test_only_what_is_new(old: str, new: str, is_found: bool) -> None:
    assert bool(written_secrets({"a.py": old}, {"a.py": new})) == is_found


def test_a_file_that_moves_takes_its_secrets_along() -> None:
    assert written_secrets({"a.py": f'KEY = "{KEY}"\n'}, {"a.py": None, "b.py": f'KEY = "{KEY}"\n'}) == ()


def test_what_prompts_are_looked_through_for_is_found_here_too() -> None:
    records = positives(7)[:200]
    missed = [each for each in records if not written_secrets({"a.py": CODE}, {"a.py": CODE + each.text})]
    assert len(missed) <= len(records) // 50, missed[:3]
    for each in harmless(7)[:100]:
        assert written_secrets({"a.py": CODE}, {"a.py": CODE + each.text}) == (), each
