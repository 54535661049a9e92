"""From a model's answer to new texts, on real files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lsp_debugger.core.patch import Applied, PatchRefused, Rung
from lsp_debugger.verify.apply import MAX_FILE_BYTES, apply_completion
from lsp_debugger.verify.completion import MAX_COMPLETION_CHARS

OLD = """\
import math


def mean(values):
    total = 0
    for value in values:
        total += value
    return total / len(values) + 1


def spread(values):
    low = min(values)
    high = max(values)
    return low - high
"""
NEW_MEAN = OLD.replace("len(values) + 1", "len(values)")
NEW_SPREAD = OLD.replace("low - high", "high - low")
FIXED_MEAN = """\
def mean(values):
    total = 0
    for value in values:
        total += value
    return total / len(values)
"""


def block(search: str, replace: str) -> str:
    return f"<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n"


ONE = block("    return total / len(values) + 1\n", "    return total / len(values)\n")
DIFF = """\
--- a/app.py
+++ b/app.py
@@ -5,4 +5,4 @@
     for value in values:
         total += value
-    return total / len(values) + 1
+    return total / len(values)
"""


def applied(root: Path, completion: str, old: str = OLD, line: int | None = None) -> Applied | PatchRefused:
    (root / "app.py").write_bytes(old.encode())
    return apply_completion(completion, root, "app.py", line)


def check(root: Path, completion: str, new: str, rung: Rung, old: str = OLD, line: int | None = None) -> None:
    result = applied(root, completion, old, line)
    assert isinstance(result, Applied), result
    assert result.new_texts["app.py"] == new
    assert result.rung is rung
    assert (root / "app.py").read_bytes() == old.encode(), "nothing is written"


def refused(root: Path, completion: str, reason: str, old: str = OLD, line: int | None = None) -> None:
    result = applied(root, completion, old, line)
    assert isinstance(result, PatchRefused), result
    assert reason in result.reason
    assert "\n" not in result.reason


FORMS = {
    "block": (ONE, Rung.EXACT),
    "block in a fence with its file": (f"`app.py`\n```python\n{ONE}```\n", Rung.EXACT),
    "prose around": (f"The mean is off by one.\n\n{ONE}\nThat is all, `1` is gone.\n", Rung.EXACT),
    "CRLF": (ONE.replace("\n", "\r\n"), Rung.EXACT),
    "diff": (DIFF, Rung.EXACT),
    "diff in a fence": (f"Here:\n```diff\n{DIFF}```\nDone.", Rung.EXACT),
    "diff without prefixes": (DIFF.replace("a/", "").replace("b/", ""), Rung.EXACT),
    "diff with wrong line numbers": (DIFF.replace("-5,4 +5,4", "-95,4 +92,4"), Rung.EXACT),
    "diff with wrong counts, in a fence": (f"```diff\n{DIFF.replace('5,4', '1,9')}```", Rung.EXACT),
    "diff without header": (
        "```diff\n-    return total / len(values) + 1\n+    return total / len(values)\n```",
        Rung.EXACT,
    ),
    "whole function": (f"```python\n{FIXED_MEAN}```\n", Rung.DEFINITION),
    "whole function, two spaces": (f"```python\n{FIXED_MEAN.replace('    ', '  ')}```", Rung.DEFINITION),
    "whole file": (f"```python\n{NEW_MEAN}```\n", Rung.FILE),
    "drifted to two spaces": (
        block(
            "  total = 0\n  for value in values:\n    total += value\n  return total / len(values) + 1\n",
            "  total = 0\n  for value in values:\n    total += value\n  return total / len(values)\n",
        ),
        Rung.INDENTATION,
    ),
    "drifted to tabs": (
        block(
            "\tfor value in values:\n\t\ttotal += value\n\treturn total / len(values) + 1\n",
            "\tfor value in values:\n\t\ttotal += value\n\treturn total / len(values)\n",
        ),
        Rung.WHITESPACE,
    ),
    "blanks at ends and between": (
        block("    return total/len( values ) + 1  \n", "    return total/len( values )  \n"),
        Rung.WHITESPACE,
    ),
    "elided block": (
        block(
            "def mean(values):\n    ...\n    return total / len(values) + 1\n",
            "def mean(values):\n    ...\n    return total / len(values)\n",
        ),
        Rung.ELIDED,
    ),
    "elided by a comment": (
        block(
            "def mean(values):\n    # ... existing code ...\n    return total / len(values) + 1\n",
            "def mean(values):\n    # ... existing code ...\n    return total / len(values)\n",
        ),
        Rung.ELIDED,
    ),
    "context spelt otherwise": (
        block(
            FIXED_MEAN.replace("values)", "values: list)", 1).replace("len(values)", "len(values) + 1"),
            FIXED_MEAN.replace("values)", "values: list)", 1),
        ),
        Rung.FUZZY,
    ),
    "JSON": (
        '{"edits": [{"path": "app.py", "search": "len(values) + 1", "replace": "len(values)"}]}',
        Rung.EXACT,
    ),
    "JSON of a tool call": (
        (
            'Sure:\n```json\n{"file_path": "app.py", "old_string": "    return total / len(values) + 1",'
            ' "new_string": "    return total / len(values)"}\n```'
        ),
        Rung.EXACT,
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_one_fix_in_many_forms(tmp_path: Path, name: str) -> None:
    completion, rung = FORMS[name]
    check(tmp_path, completion, NEW_MEAN, rung)


REFUSED = {
    "empty": ("  \n", "empty"),
    "enormous": ("x" * (MAX_COMPLETION_CHARS + 1), "longer than"),
    "only prose": ("I do not see any problem here.", "cut off|no edit|does not parse"),
    "block cut off": (ONE[:-18], "cut off"),
    "block cut off in its search": (ONE[:40], "cut off"),
    "diff cut off": (DIFF[:-28], "cut off"),
    "diff cut off in a fence": (f"```diff\n{DIFF[:-28]}", "cut off"),
    "function cut off": (f"```python\n{FIXED_MEAN[:-20]}", "cut off"),
    "function cut off without a fence": (FIXED_MEAN[:-28], "cut off"),
    "two dividers": (block("a\n=======\nb\n", "c\n"), "more than one"),
    "not there": (block("    return sum(values)\n", "    return 0\n"), "not in the file"),
    "not there, long": (block("    a = 1\n    b = 2\n    c = 3\n", "    a = 1\n"), "not in the file"),
    "nothing to look for": (block("", "x = 1\n"), "without saying where"),
    "changes nothing": (block("    total = 0\n", "    total = 0\n"), "changes nothing"),
    "two functions of a name": ("```python\ndef other():\n    pass\n```", "does not have"),
    "JSON cut off": ('{"edits": [{"path": "app.py", "search": "le', "cut off"),
    "JSON by line numbers": (
        '{"edits": [{"path": "app.py", "start_line": 3, "new_text": "x"}]}',
        "line numbers",
    ),
    "left out on one side": (
        block("    total = 0\n    for value in values:\n", "    total = 1\n    ...\n"),
        "leave out",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_with_a_reason(tmp_path: Path, name: str) -> None:
    completion, reason = REFUSED[name]
    result = applied(tmp_path, completion)
    assert isinstance(result, PatchRefused), result
    assert any(each in result.reason for each in reason.split("|")), result.reason


TWICE = "def a():\n    x = 1\n    return x\n\n\ndef b():\n    x = 1\n    return x\n"


def test_a_repeated_anchor_needs_the_line_of_the_problem(tmp_path: Path) -> None:
    change = block("    x = 1\n", "    x = 2\n")
    refused(tmp_path, change, "2 places", TWICE)
    second = "def a():\n    x = 1\n    return x\n\n\ndef b():\n    x = 2\n    return x\n"
    check(tmp_path, change, second, Rung.EXACT, TWICE, line=7)
    check(tmp_path, change, second, Rung.EXACT, TWICE, line=8)  # within the same function
    refused(tmp_path, change, "2 places", TWICE, line=5)
    check(tmp_path, change + change, TWICE.replace("x = 1", "x = 2"), Rung.EXACT, TWICE)


def test_line_numbers_of_a_diff_decide_nothing(tmp_path: Path) -> None:
    diff = "```diff\n--- a/app.py\n+++ b/app.py\n@@ -2 +2 @@\n-    x = 1\n+    x = 2\n```"
    refused(tmp_path, diff, "2 places", TWICE)


def test_ends_of_lines_stay_as_they_were(tmp_path: Path) -> None:
    old = "a = 1\r\nb = 2\nc = 3\r\nd = 4"
    check(
        tmp_path, block("b = 2\nc = 3\n", "b = 2\nc = 5\n"), "a = 1\r\nb = 2\nc = 5\r\nd = 4", Rung.EXACT, old
    )
    check(
        tmp_path,
        block("d = 4\n", "d = 5\ne = 6\n"),
        "a = 1\r\nb = 2\nc = 3\r\nd = 5\r\ne = 6",
        Rung.EXACT,
        old,
    )
    check(tmp_path, block("c = 3\nd = 4\n", "c = 3\n"), "a = 1\r\nb = 2\nc = 3", Rung.EXACT, old)
    check(
        tmp_path,
        f"```python\n{FIXED_MEAN}```",
        NEW_MEAN.replace("\n", "\r\n"),
        Rung.DEFINITION,
        OLD.replace("\n", "\r\n"),
    )


def test_a_byte_order_mark_stays(tmp_path: Path) -> None:
    check(tmp_path, block("a = 1\n", "a = 2\n"), "\ufeffa = 2\n", Rung.EXACT, "\ufeffa = 1\n")


def test_what_a_renderer_put_in(tmp_path: Path) -> None:
    old = 'if a < b and c == "x":\n    run()\n'
    check(
        tmp_path,
        block("if a &lt; b and c == “x”:\n", "if a &lt;= b and c == “x”:\n"),
        old.replace("<", "<="),
        Rung.EXACT,
        old,
    )
    escapes = 'text = text.replace("<", "x")\n'
    new = 'text = text.replace("<", "&lt;")\n'
    check(tmp_path, block(escapes, new), new, Rung.EXACT, escapes)


def test_a_method_is_found_by_its_name(tmp_path: Path) -> None:
    old = (
        "class A:\n    @property\n    def f(self):\n        return 1\n\n    def g(self):\n        return 2\n"
    )
    new = old.replace("return 1", "return 3")
    check(tmp_path, "```python\ndef f(self):\n    return 3\n```", new, Rung.DEFINITION, old)
    check(tmp_path, "```python\nclass A:\n    def f(self):\n        return 3\n```", new, Rung.DEFINITION, old)
    twins = old + "\n\nclass B:\n    def f(self):\n        return 1\n"
    refused(tmp_path, "```python\ndef f(self):\n    return 3\n```", "same name", twins)
    result = applied(tmp_path, "```python\ndef f(self):\n    return 3\n```", twins, line=12)
    assert isinstance(result, Applied)
    assert result.new_texts["app.py"] == twins[::-1].replace("1 nruter", "3 nruter", 1)[::-1]


def test_imports_of_a_whole_function_are_added(tmp_path: Path) -> None:
    code = "```python\nimport statistics\n\ndef mean(values):\n    return statistics.mean(values)\n```"
    body = OLD.index("    total = 0"), OLD.index("\n\n\ndef spread")
    new = OLD[: body[0]] + "    return statistics.mean(values)" + OLD[body[1] :]
    check(tmp_path, code, new.replace("import math\n", "import math\nimport statistics\n"), Rung.DEFINITION)


def test_a_function_that_leaves_lines_out(tmp_path: Path) -> None:
    gap = "    for value in values:\n"
    known = f"```python\n{FIXED_MEAN.replace(gap, '    # ... existing code ...' + chr(10))}```"
    check(tmp_path, known, NEW_MEAN, Rung.DEFINITION)
    unknown = "```python\ndef mean(values):\n    # ... existing code ...\n    return total / len(values)\n```"
    refused(tmp_path, unknown, "not clear which lines")


def test_lost_indentation_is_not_guessed(tmp_path: Path) -> None:
    flat = block(
        "for value in values:\ntotal += value\n", "for value in values:\ntotal += value\nprint(value)\n"
    )
    refused(tmp_path, flat, "indentation")


def test_several_files(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/two.py").write_text("x = 1\n")
    both = f"app.py\n```\n{ONE}```\nlib/two.py\n```\n" + block("x = 1\n", "x = 2\n") + "```\n"
    result = applied(tmp_path, both)
    assert isinstance(result, Applied)
    assert dict(result.new_texts) == {"app.py": NEW_MEAN, "lib/two.py": "x = 2\n"}
    half = both.replace("x = 1", "x = 7")
    refused(tmp_path, half, "not in the file")


def test_create_rename_delete(tmp_path: Path) -> None:
    create = "--- /dev/null\n+++ b/new.py\n@@ -0,0 +1 @@\n+x = 1\n"
    (tmp_path / "old.py").write_text("y = 1\n")
    rename = "diff --git a/old.py b/moved.py\nrename from old.py\nrename to moved.py\n"
    delete = "diff --git a/app.py b/app.py\ndeleted file mode 100644\n--- a/app.py\n+++ /dev/null\n"
    result = applied(tmp_path, create + rename + delete)
    assert isinstance(result, Applied), result
    assert dict(result.new_texts) == {
        "new.py": "x = 1\n",
        "moved.py": "y = 1\n",
        "old.py": None,
        "app.py": None,
    }
    refused(tmp_path, create.replace("new.py", "old.py"), "there already")


@pytest.mark.parametrize(
    "path",
    [
        "../out.py",
        "/etc/passwd",
        "lib/../../out.py",
        "leads_out/x.py",
        "file_out.py",
        "~/x.py",
        "..\\out.py",
        "//host/share/x.py",
        "C:/x.py",
        "file:///etc/passwd",
        ".git/hooks/pre-commit",
        "sub/.git/config",
        ".GIT/config",
        ".git./config",
        "git~1/config",
        ".g\u200cit/config",
        ".vscode/settings.json",
        ".idea/x.xml",
        ".github/workflows/ci.yml",
        ".gitlab-ci.yml",
        "Jenkinsfile",
        "policy.yaml",
        "sub/policy.yaml",
        "uv.lock",
        "package-lock.json",
        "go.sum",
        ".gitattributes",
        ".envrc",
    ],
)
@pytest.mark.parametrize("form", ["block", "create", "delete", "rename", "whole"])
def test_files_that_a_patch_leaves_alone(tmp_path: Path, path: str, form: str) -> None:
    root = tmp_path / "work"
    (root / "lib").mkdir(parents=True)
    (tmp_path / "out.py").write_text("x = 1\n")
    (root / "leads_out").symlink_to(tmp_path)
    (root / "file_out.py").symlink_to(tmp_path / "out.py")
    (root / "mine.py").write_text("x = 1\n")
    completion = {
        "block": f"File: {path}\n" + block("x = 1\n", "x = 2\n"),
        "create": f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+x = 1\n",
        "delete": f"--- a/{path}\n+++ /dev/null\n@@ -1 +0,0 @@\n-x = 1\n",
        "rename": f"rename from mine.py\nrename to {path}\n",
        "whole": f"File: {path}\n```\nx = 2\n```\n",
    }[form]
    result = applied(root, completion)
    assert isinstance(result, PatchRefused), result
    assert any(word in result.reason for word in ("outside", "answer changes a", "part of", "editor", "no"))


def test_unless_that_very_file_holds_the_problem(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("version: 1\n")
    change = block("version: 1\n", "version: 2\n")
    result = apply_completion(change, tmp_path, "policy.yaml", 1)
    assert isinstance(result, Applied)
    assert result.new_texts == {"policy.yaml": "version: 2\n"}


def test_files_that_are_no_text(tmp_path: Path) -> None:
    change = block("x = 1\n", "x = 2\n")
    for name, data, reason in [
        ("latin.py", b"# \xe9\nx = 1\n", "not UTF-8"),
        ("nul.py", b"x = 1\n\0", "binary"),
        ("large.py", b"x = 1\n" + b"#" * MAX_FILE_BYTES, "larger"),
    ]:
        (tmp_path / name).write_bytes(data)
        result = apply_completion(change, tmp_path, name)
        assert isinstance(result, PatchRefused)
        assert reason in result.reason
    os.mkfifo(tmp_path / "pipe.py")
    for name, reason in [("gone.py", "gone"), ("pipe.py", "not a file")]:
        result = apply_completion(change, tmp_path, name)
        assert isinstance(result, PatchRefused)
        assert reason in result.reason


@pytest.mark.parametrize(
    "new",
    [
        pytest.param("x = '\0'\n", id="NUL"),
        pytest.param("x = '\ud800'\n", id="half a character"),
        pytest.param("x = '\x1b[2J'\n", id="an escape sequence"),
        pytest.param("x = 1  # \u202e x = 2\n", id="text that runs the other way"),
        pytest.param("x\u200b = 2\n", id="a blank without width"),
    ],
)
def test_characters_that_nobody_sees_are_refused(tmp_path: Path, new: str) -> None:
    (tmp_path / "app.py").write_text("x = 1\n")
    for completion in (block("x = 1\n", new), f"File: new.py\n{block('', new)}"):
        result = apply_completion(completion, tmp_path, "app.py")
        assert isinstance(result, PatchRefused), result
        assert "nobody sees" in result.reason


def test_those_that_are_there_already_stay(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("\ufeffmark = '\u202e'\nx = 1\n", "utf-8")
    result = apply_completion(
        block("x = 1\n", "x = 'a \u00fc \U0001f468\u200d\U0001f469'\n"), tmp_path, "app.py"
    )
    assert isinstance(result, Applied), result
    moved = apply_completion("rename from app.py\nrename to moved.py\n", tmp_path, "app.py")
    assert isinstance(moved, Applied), moved


def test_an_unsaved_text_is_the_one_that_counts(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("x = 1\n")
    result = apply_completion(block("y = 1\n", "y = 2\n"), tmp_path, "app.py", buffers={"app.py": "y = 1\n"})
    assert isinstance(result, Applied)
    assert result.new_texts == {"app.py": "y = 2\n"}


NESTED = """\
class Keeper:
    def maintain(self, sync):
        waiting, self.waiting = self.waiting, None
        if waiting or self.needs_care():
            if waiting:
                sync.compact()
                waiting.set()  # who waits goes on
            else:
                sync.optimize()
"""
UNTRIED = """\
                sync.compact()
                waiting.set()  # who waits goes on
"""
TRIED = """\
                try:
                    sync.compact()
                finally:
                    waiting.set()  # who waits goes on
"""


def test_a_whole_method_that_moves_lines_into_a_block_keeps_their_depth(tmp_path: Path) -> None:
    """What stands deeper than before says nothing of how the answer is indented."""
    wanted = NESTED.replace(UNTRIED, TRIED)
    (tmp_path / "a.py").write_text(NESTED)
    dedented = "\n".join(line[4:] for line in wanted.split("\n")[1:])
    result = apply_completion(f"```python\n{dedented}```\n", tmp_path, "a.py", 6)
    assert isinstance(result, Applied)
    assert result.new_texts["a.py"] == wanted
