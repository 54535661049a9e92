"""The preview of a fix: everything that was checked is said, and nothing in it does anything."""

from __future__ import annotations

import subprocess  # noqa: TID251 - the real git reads the diff
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from inline_snapshot import snapshot

from lsp_debugger.core.ask import Place
from lsp_debugger.features.preview import Shown, harmless, preview, unified_diff

SHOWN = Shown(
    title="Fix: change total (parses · F821 gone)",
    rungs=[("passed", "applies"), ("passed", "F821 gone"), ("not checked", "no tests found"), ("passed", "")],
    flags=["noqa"],
    callers=[Place("/w/till.py", 7, "passes `prices`, which is gone")],
    diff="--- a/app.py\n+++ b/app.py\n@@ -1 +1 @@\n-x = 1\n+x = 2\n",
    callers_unknown="Other callers may exist: the index is not ready.",
)


def test_a_whole_preview() -> None:
    assert preview(SHOWN, "/w") == snapshot("""\
# Fix: change total (parses · F821 gone)

## It silences instead of fixing

- noqa

## What was checked

- passed: applies
- passed: F821 gone
- not checked: no tests found

## What may break

- [till.py:7](file:///w/till.py#L7) passes `prices`, which is gone
- Other callers may exist: the index is not ready.

## What changes

```diff
--- a/app.py
+++ b/app.py
@@ -1 +1 @@
-x = 1
+x = 2
```
""")


def test_a_diff_cannot_leave_its_block() -> None:
    shown = Shown("Fix", [], [], [], "+```` [x](command:run)\n+ \u202e hidden \x1b[2J\r\n")
    text = preview(shown)
    assert "\n`````diff\n" in text
    assert "\\u202e hidden \\u001b[2J\n" in text
    assert "\u202e" not in text


@given(st.text())
def test_what_is_shown_of_a_diff_moves_no_cursor(text: str) -> None:
    shown = harmless(text)
    assert all(letter.isprintable() or letter in "\n\t" for letter in shown)
    assert harmless(shown) == shown


TEXT = st.lists(st.text(st.sampled_from("ab \r\x0c\u2028é"), max_size=4), max_size=5).map("\n".join)


def check_git(folder: Path, before: dict[str, str], after: dict[str, str | None]) -> None:
    folder.mkdir()
    for name, text in before.items():
        (folder / name).write_bytes(text.encode())
    diff = unified_diff(before, after)
    command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "--unidiff-zero", "-"]
    done = subprocess.run(command, cwd=folder, input=diff.encode(), capture_output=True, check=False)
    assert done.returncode == 0, (done.stderr, diff)
    kept = {**before, **after}
    assert {path.name: path.read_bytes().decode() for path in folder.iterdir()} == {
        name: text for name, text in kept.items() if text is not None
    }


def test_git_applies_the_diff(tmp_path: Path) -> None:
    check_git(tmp_path / "a", {"a.py": "x = 1\ny\n"}, {"a.py": "x = 2\ny\n", "new.py": "z\n"})
    check_git(tmp_path / "b", {"a.py": "x = 1\r\ny\x0cz\u2028w"}, {"a.py": "x = 2\r\ny\x0cz\u2028w"})
    check_git(tmp_path / "c", {"a.py": "x = 1", "b.py": "b\n"}, {"a.py": "x = 1\n", "b.py": None})


@settings(max_examples=30)
@given(old=TEXT, new=TEXT)
def test_git_applies_any_diff(tmp_path_factory: pytest.TempPathFactory, old: str, new: str) -> None:
    if old != new:
        check_git(tmp_path_factory.mktemp("git") / "w", {"a.py": old}, {"a.py": new})
