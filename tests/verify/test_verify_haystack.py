"""Large files and hostile answers: placed, or refused with the reason, and never looked at without an end."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_debugger.core.patch import Applied, Rung
from lsp_debugger.verify import haystack
from lsp_debugger.verify.apply import MAX_FILE_BYTES, MAX_FILE_LINES, apply_completion
from lsp_debugger.verify.haystack import Haystack
from lsp_debugger.verify.refusal import Refusal

FUNCTION = "def f{0}(a):\n    if a:\n        return None\n    x = {0}\n    return None\n\n\n"
LARGE = "".join(FUNCTION.format(number) for number in range(3_000))


def block(search: str, replace: str) -> str:
    return f"a.py\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n"


def result(completion: str, text: str = LARGE, line: int | None = None) -> str | Rung:
    """The rung, or why it was refused."""
    found = apply_completion(completion, Path.cwd(), "a.py", line, {"a.py": text})
    return found.rung if isinstance(found, Applied) else found.reason


@pytest.mark.parametrize(
    ("search", "replace", "rung"),
    [
        ("    x = 2000\n", "    x = 2001\n", Rung.EXACT),
        ("  x = 2000\n  return None\n", "  x = 2001\n  return None\n", Rung.INDENTATION),
        (
            "def f2000(a, b):\n    if a:\n        return None\n    x = 2000\n    return None\n",
            "def f2000(a, b):\n    if a:\n        return None\n    x = 2001\n    return None\n",
            Rung.FUZZY,
        ),
    ],
    ids=["exact", "drifted", "fuzzy"],
)
def test_a_change_is_found_among_thousands_of_lines_like_those_around_it(
    search: str, replace: str, rung: Rung
) -> None:
    assert result(block(search, replace)) is rung


def test_many_changes_of_a_large_file() -> None:
    many = "".join(
        block(f"  x = {n}\n  return None\n", f"  x = -{n}\n  return None\n") for n in range(1, 400)
    )
    assert result(many) is Rung.INDENTATION


@pytest.mark.parametrize(
    ("completion", "reason"),
    [
        (
            block("    return None\n", "    return 1\n"),
            "the lines to be changed stand in more than 1000 places",
        ),
        ("".join(block(f"    x = {n}\n", "\n") for n in range(501)), "more than 500 changes in one answer"),
        (
            "```python\n" + "".join(f"def f{n}(a):\n    return 1\n" for n in range(600)) + "```\n",
            "more than 500 changes in one answer",
        ),
    ],
    ids=["everywhere", "blocks", "functions"],
)
def test_what_fits_everywhere_or_changes_everything_is_refused(completion: str, reason: str) -> None:
    assert result(completion, line=100) == reason


def test_comparing_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(haystack, "_MAX_STEPS", 1_000)
    lines = Haystack(["a", "b"] * 400)
    assert lines.exact(["a", "b", "a", "c"]) == []
    with pytest.raises(Refusal, match="too far from this large file"):
        lines.exact(["a", "b"] * 40)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x\n" * (MAX_FILE_LINES + 1), f"the file has more than {MAX_FILE_LINES} lines"),
        ("x" * (MAX_FILE_BYTES + 1), f"the file is larger than {MAX_FILE_BYTES} bytes"),
    ],
)
def test_an_open_file_has_the_limits_of_a_saved_one(text: str, reason: str) -> None:
    assert result(block("x\n", "y\n"), text) == reason


@pytest.mark.parametrize(
    "completion",
    [
        "~" * 300_000 + "`",
        "*" * 300_000 + "\n" + block("x\n", "y\n"),
        "<<<<<<< SEARCH\n>>>>>" + " " * 300_000 + "x\n",
        "```diff\n@@ -1,5 +1,5 @@\n x\n" + "\n" * 300_000 + "```\n",
        "```\n" * 90_000,
        '"edits":\n' + "[\n" * 100_000,
        "x = 1\n...\n" * 30_000,
        "".join(" " * (n % 600) + f"x{n}\n" for n in range(1_200)),
    ],
    ids=["tildes", "stars", "marks", "blank diff", "fences", "brackets", "gaps", "indents"],
)
def test_an_answer_made_to_be_read_for_ever_is_refused(completion: str) -> None:
    # Each of them took minutes or more where a pattern or a loop read it anew from each of its places.
    assert isinstance(result(completion, "x = 1\n"), str)
