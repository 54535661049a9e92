"""A patch finds its place in the file as the model saw it, and the file comes back whole."""

from __future__ import annotations

import re
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from policy_samples import AWS_KEY, PASSWORD

from lsp_debugger.core.material import Fragment, FragmentKind
from lsp_debugger.policy.masked_files import MaskedFiles
from lsp_debugger.policy.redact import Redactor
from lsp_debugger.policy.restore import RestoreRefused

FILE = f'''"""Talks to Acme's server; ask Erika."""
KEY = "{AWS_KEY}"


def connect(user, retries=3):
    log.info("could not reach %s at Acme", user)
    return open(KEY, "Cannot connect to Acme")


def total(prices):
    """Of what Acme charges."""
    return sum(prices) + undefined
'''
SCOPE = FILE.split("\n\n\n")[2]


def shown(text: str, start_line: int, path: str = "a.py") -> Fragment:
    return Fragment(FragmentKind.SCOPE, text, path, start_line, "python")


def files_of(fragments: list[Fragment], *, cloud: bool = True) -> tuple[MaskedFiles, list[str]]:
    redactor = Redactor(cloud=cloud)
    parts = [redactor.mask(one.text, one.path, one.language_id) for one in fragments]
    return MaskedFiles(redactor, list(zip(fragments, parts, strict=True))), [part.text for part in parts]


def test_what_went_out_stands_in_the_file_as_it_went_out() -> None:
    files, [sent] = files_of([shown(SCOPE, 10)])
    masked = files.masked("a.py", FILE)
    assert sent in masked
    assert len(masked.split("\n")) == len(FILE.split("\n"))
    for word in ("Acme", "Erika", AWS_KEY):
        assert word not in masked
    assert files.masked("a.py", FILE) is masked, "the same text is masked once"


def test_a_fragment_out_of_a_string_keeps_the_reading_that_went_out() -> None:
    text = 'x = """\nit says "no" to Acme\nand Bob\n"""\ny = 1\n'
    inner = text.split("\n", 1)[1].split('"""', maxsplit=1)[0]
    files, [sent] = files_of([shown(inner, 2)])
    assert sent in files.masked("a.py", text)
    assert files.restored("a.py", files.masked("a.py", text).replace("y = 1", "y = 2"), text) == text.replace(
        "y = 1", "y = 2"
    )


@pytest.mark.parametrize("start_line", [1, 9, 99])
def test_a_fragment_that_is_not_there_any_more_changes_nothing(start_line: int) -> None:
    files, _ = files_of([shown(SCOPE, start_line), shown(SCOPE, 10, "b.py")])
    masked = files.masked("a.py", FILE)
    assert "Acme" not in masked
    assert files.restored("a.py", masked, FILE) == FILE


def test_fragments_that_overlap() -> None:
    files, sent = files_of([shown(SCOPE, 10), shown(SCOPE.split("\n", 1)[1], 11)])
    masked = files.masked("a.py", FILE)
    assert sent[0] in masked
    assert files.restored("a.py", masked.replace("undefined", "0"), FILE) == FILE.replace("undefined", "0")


def test_a_new_file_gets_its_literals_and_no_secret() -> None:
    files, _ = files_of([shown(FILE, 1)])
    masked = files.masked("a.py", FILE)
    name = re.search(r'KEY, "(<STR_\d+[^>]*>)"', masked)
    assert name is not None
    assert files.restored("b.py", f"x = '{name[1]}'\n", None) == "x = 'Cannot connect to Acme'\n"
    with pytest.raises(RestoreRefused, match="secret"):
        files.restored("b.py", 'x = "<SECRET_1:aws_key>"\n', None)


def test_without_masking_secrets_alone_are_out_and_come_back() -> None:
    text = f'password = "{PASSWORD}"\nlog.info("to Acme")\ny = 1\n'
    files, _ = files_of([shown(text, 1)], cloud=False)
    masked = files.masked("a.py", text)
    assert PASSWORD not in masked
    assert "to Acme" in masked
    patched = masked.replace("y = 1", "y = 2").replace('assigned>"', 'assigned>"  # why')
    assert files.restored("a.py", patched, text) == text.replace("y = 1", "y = 2").replace(
        f'"{PASSWORD}"', f'"{PASSWORD}"  # why'
    )
    with pytest.raises(RestoreRefused):
        files.restored("a.py", masked.replace("y = 1", 'y = "<SECRET_1:assigned>"'), text)


_TEXT = (Path(sysconfig.get_paths()["stdlib"]) / "netrc.py").read_text("utf-8")
_LINES = _TEXT.split("\n")


@given(st.lists(st.tuples(st.integers(1, len(_LINES)), st.integers(1, 40)), max_size=4), st.data())
@settings(max_examples=40, deadline=None)
def test_whatever_part_went_out_the_file_comes_back(cuts: list[tuple[int, int]], data: st.DataObject) -> None:
    fragments = [shown("\n".join(_LINES[start - 1 : start - 1 + count]), start) for start, count in cuts]
    files, _ = files_of(fragments)
    masked = files.masked("a.py", _TEXT)
    assert len(masked.split("\n")) == len(_LINES)
    assert files.restored("a.py", masked, _TEXT) == _TEXT
    gone = data.draw(st.integers(0, len(_LINES) - 2))
    patched = masked.split("\n")
    del patched[gone]
    assert files.restored("a.py", "\n".join(patched), _TEXT) == "\n".join(_LINES[:gone] + _LINES[gone + 1 :])
