"""A patch of a masked file comes back on the real one, and no secret moves on the way."""

from __future__ import annotations

import re
import sysconfig
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from policy_samples import AWS_KEY

from lsp_debugger.policy import placeholders
from lsp_debugger.policy.literals import source
from lsp_debugger.policy.redact import Redactor
from lsp_debugger.policy.restore import RestoreRefused, restore

FILE = f"""\
import os
# why the customer wants it
KEY = "{AWS_KEY}"
def connect(user, retries=3):
    log.info("could not reach %s at Acme", user)
    return open(KEY, "Cannot connect to Acme", r"raw \\d text", b"some bytes", f"for {{user}} it is")
"""


def patch(change: dict[str, str], *, expected: dict[str, str] | None, file: str = FILE) -> None:
    """Change the masked file as a model would. expected: the changes to the real one, None if refused."""
    redactor = Redactor(cloud=True)
    masked = redactor.mask(file, "a.py")
    assert masked.clean
    patched = masked.text
    for old, new in change.items():
        assert old in patched, patched
        patched = patched.replace(old, new, 1)
    if expected is None:
        with pytest.raises(RestoreRefused):
            restore(file, masked, patched, redactor.placeholders, "a.py")
        return
    wanted = file
    for old, new in expected.items():
        assert old in wanted
        wanted = wanted.replace(old, new, 1)
    assert restore(file, masked, patched, redactor.placeholders, "a.py") == wanted


def test_what_the_model_sees() -> None:
    masked = Redactor(cloud=True).mask(FILE, "a.py")
    assert masked.text.splitlines() == [
        "import os",
        "# <COMMENT_1>",
        'KEY = "<SECRET_1:aws_key>"',
        "def connect(user, retries=3):",
        '    log.info("<STR_1> %s <STR_2>", user)',
        '    return open(KEY, "<STR_3>", r"<STR_4>", b"<STR_5>", f"for {user} <STR_6>")',
    ]


def test_nothing_changed_is_nothing_changed() -> None:
    patch({}, expected={})


def test_a_changed_line_keeps_its_literals() -> None:
    patch({"retries=3": "retries=5"}, expected={"retries=3": "retries=5"})
    patch({'", user)': '", name)'}, expected={'Acme", user)': 'Acme", name)'})


def test_a_literal_is_written_anew_for_its_quotes() -> None:
    file = "x = \"it's Acme's own\"\ny = 1\n"
    for written, wanted in (
        ("'<STR_1>'", "'it\\'s Acme\\'s own'"),
        ('r"<STR_1>"', "r\"it's Acme's own\""),
        ('"""<STR_1>"""', '"""it\'s Acme\'s own"""'),
        ("b'<str_1>'", "b'it\\'s Acme\\'s own'"),
        ("# &lt;STR_1&gt;", "# it's Acme's own"),
    ):
        patch({"y = 1": f"y = {written}"}, expected={"y = 1": f"y = {wanted}"}, file=file)
    patch({"y = 1": "y = r'<STR_1>'"}, expected=None, file=file)
    patch({"y = 1": "y = b'<STR_1>'"}, expected=None, file='x = "größer als das"\ny = 1\n')


def test_a_spelling_comes_back_as_it_was() -> None:
    file = "x = 'at (the \\\\d line'\ny = 'at (the \\d line'\n"
    patch({"y = ": "z = "}, expected={"y = ": "z = "}, file=file)
    patch({"x = ": "z = "}, expected={"x = ": "z = "}, file=file)


def test_a_line_with_a_secret_may_change_behind_it() -> None:
    patch({'key>"': 'key>"  # noqa'}, expected={f'"{AWS_KEY}"': f'"{AWS_KEY}"  # noqa'})


@pytest.mark.parametrize(
    "change",
    [
        {"import os": 'import os\nprint("<SECRET_1:aws_key>")'},
        {"import os": 'KEY = "<SECRET_1:aws_key>"\nimport os'},
        {'KEY = "': 'print("'},
        {'"<SECRET_1:aws_key>"': '"<SECRET_1:aws_key>" + "<SECRET_1:aws_key>"'},
        {"retries=3": 'retries="<SECRET_2:aws_key>"'},
        {"retries=3": "retries=SECRET_1_aws_key"},
        {"retries=3": 'retries="<STR_99>"'},
        {"<STR_3>": "<SECRET_1:aws_key>"},
    ],
)
def test_a_secret_that_moves_is_refused(change: dict[str, str]) -> None:
    patch(change, expected=None)


def test_a_secret_of_another_file_is_refused() -> None:
    redactor = Redactor(cloud=True)
    redactor.mask(f'OTHER = "{AWS_KEY}"\n', "b.py")
    masked = redactor.mask("x = 1\n", "a.py")
    with pytest.raises(RestoreRefused, match="another file"):
        restore("x = 1\n", masked, 'x = "<SECRET_1:aws_key>"\n', redactor.placeholders, "a.py")


def test_a_look_alike_in_the_file_stays() -> None:
    patch({"y = 1": "y = 2"}, expected={"y = 1": "y = 2"}, file='x = "<STR_1>"  # and more of it\ny = 1\n')


_text = st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=30)


@given(_text, st.sampled_from(['"', "'", 'f"', 'b"', 'r"', '"""', "rb'", "#", ""]))
def test_what_is_written_is_read_again(text: str, quote: str) -> None:
    try:
        written = source.write(text, quote)
    except source.NotWritable:
        return
    controls = {"\t": "\\t", "\0": "\\0"}
    if "r" in quote or quote in ("#", ""):
        controls = {}
    assert source.read(written, quote) == "".join(controls.get(char, char) for char in text)


_FOLDER = Path(sysconfig.get_paths()["stdlib"])
_FILES = [_FOLDER / name for name in ("shlex.py", "getopt.py", "textwrap.py", "netrc.py", "sched.py")]


@given(
    st.sampled_from(_FILES),
    st.integers(0, 10_000),
    st.sampled_from(["delete", "twice", "swap", "words", "more"]),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_fixes_of_real_files_come_back_byte_by_byte(path: Path, at: int, kind: str) -> None:
    original = path.read_text("utf-8")
    lines = original.split("\n")
    at %= len(lines) - 4
    changed = {
        "delete": [*lines[:at], *lines[at + 2 :]],
        "twice": [*lines[: at + 2], *lines[at:]],
        "swap": [*lines[:at], lines[at + 2], lines[at + 1], lines[at], *lines[at + 3 :]],
        "words": [*lines[:at], lines[at].replace("self", "this") + " + 1", *lines[at + 1 :]],
        "more": [*lines[:at], "    x = compute(1)", *lines[at:]],
    }[kind]
    redactor = Redactor(cloud=True)
    masked = redactor.mask(original, path.name)
    patched = redactor.mask("\n".join(changed), path.name)
    restored = restore(original, masked, patched.text, redactor.placeholders, path.name)
    assert restored == "\n".join(changed)
    assert not set(placeholders.names_in(restored)) - set(placeholders.names_in(original))
    assert not re.search(r"<SECRET_", restored)
