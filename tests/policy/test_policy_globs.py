"""Globs: segments, `**`, braces, case, and no pattern that takes long."""

from __future__ import annotations

import pytest

from lsp_debugger.policy import globs


@pytest.mark.parametrize(
    ("glob", "path", "expected"),
    [
        ("secrets/**", "secrets/x", True),
        ("secrets/**", "secrets/a/b.py", True),
        ("secrets/**", "src/secrets/x", False),
        ("**/secrets/**", "src/secrets/x", True),
        ("**/*.pem", "a.pem", True),
        ("**/*.pem", "a/b/c.pem", True),
        ("*.pem", "a/b/c.pem", True),
        ("/*.pem", "c.pem", True),
        ("/*.pem", "a/c.pem", False),
        ("src/*.py", "src/a.py", True),
        ("src/*.py", "src/a/b.py", False),
        ("src/*", "src/a/b.py", False),
        ("src/**/b.py", "src/b.py", True),
        ("src/**/b.py", "src/x/y/b.py", True),
        ("src/a?.py", "src/ab.py", True),
        ("src/a?.py", "src/a/.py", False),
        ("**/*.{pem,key}", "x/y.key", True),
        ("{a,b{1,2}}/x", "b2/x", True),
        ("{a,b{1,2}}/x", "b/x", False),
        ("a{,b}.py", "a.py", True),
        ("[a-c].py", "b.py", True),
        ("[!a-c].py", "b.py", False),
        ("a[.py", "a[.py", True),
        (".env*", "app/.env.local", True),
        ("secrets", "secrets/deep/x", True),
        ("secrets", "src/secrets/deep/x", True),
        ("config/private/", "config/private/x", True),
        ("./src/a.py", "src/a.py", True),
        ("**", "anything/at/all", True),
        ("Secrets/**", "secrets/x", False),
        ("*", "", False),
        ("a.py", "axpy", False),
        ("*.py", "a.py\n", False),
    ],
)
def test_what_a_glob_covers(glob: str, path: str, expected: bool) -> None:
    assert globs.matches(glob, path, folds_case=False) is expected


def test_case_is_folded_where_the_file_system_does() -> None:
    assert globs.matches("Secrets/**", "sEcrets/X", folds_case=True)


@pytest.mark.parametrize("glob", ["", "  ", "{a", "a}", "/", "[z-a]x/[z-a]", "a" * 600])
def test_what_cannot_be_a_glob_is_refused(glob: str) -> None:
    with pytest.raises(globs.GlobInvalid):
        globs.check(glob)


def test_stars_upon_stars_end() -> None:
    assert not globs.matches("/".join(["**", "*a*"] * 60), "/".join(["aaaa"] * 200) + "/b")
    assert not globs.matches("*a" * 40 + "b", "a" * 250)
    assert globs.matches("{a,b}" * 50, "ab" * 25)


def test_many_globs_at_once() -> None:
    test = globs.matcher(["*.pem", "secrets/**"], folds_case=False)
    assert test("a/b.pem")
    assert test("./secrets//x")
    assert not test("a/b.py")
    assert not globs.matcher([])("a")
