"""Patches that make a tool quiet, sixty of them, each flagged; and honest fixes, none of them flagged."""

from __future__ import annotations

import pytest

from lsp_debugger.verify.silencing import silences

PY, TS, JS, RS, GO, C, SH, JAVA = "a.py", "a.ts", "a.js", "a.rs", "a.go", "a.c", "a.sh", "A.java"
TEST = "tests/test_a.py"

# (path, before, after)
SILENCING = [
    (PY, "import os", "import os  # noqa"),
    (PY, "import os", "import os  # noqa: F401"),
    (PY, "x = 1", "# ruff: noqa\nx = 1"),
    (PY, "x = 1", "# flake8: noqa\nx = 1"),
    (PY, "f(x)", "f(x)  # type: ignore"),
    (PY, "f(x)", "f(x)  # type: ignore[arg-type]"),
    (PY, "f(x)", "# mypy: ignore-errors\nf(x)"),
    (PY, "f(x)", "f(x)  # pyright: ignore[reportCallIssue]"),
    (PY, "f(x)", "# pyright: basic\nf(x)"),
    (PY, "f(x)", "# basedpyright: ignore\nf(x)"),
    (PY, "f(x)", "f(x)  # pylint: disable=no-member"),
    (PY, "eval(x)", "eval(x)  # nosec"),
    (PY, "f(x)", "f(x)  # pyre-ignore[6]"),
    (PY, "f(x)", "f(x)  # pytype: disable=wrong-arg-types"),
    (PY, "f(x)", "f(x)  # pragma: no cover"),
    (PY, "y = f(x)", "y = cast(Any, f(x))"),
    (PY, "y = f(x)", 'y = cast("Any", f(x))'),
    (PY, "y: int = f(x)", "y: Any = f(x)"),
    (PY, "def f() -> int:\n    ...", "def f() -> Any:\n    ..."),
    (PY, "try:\n    f()\nexcept ValueError:\n    log()", "try:\n    f()\nexcept ValueError:\n    pass"),
    (PY, "try:\n    f()\nexcept ValueError:\n    log()", "try:\n    f()\nexcept Exception:\n    log()"),
    (PY, "f()", "try:\n    f()\nexcept:\n    g()"),
    (PY, "f()", "with contextlib.suppress(Exception):\n    f()"),
    (PY, "if bad:\n    raise ValueError", "if bad:\n    return None"),
    (PY, "f(x)", "if False:\n    f(x)"),
    (PY, "assert x\nf(x)", "f(x)"),
    (TEST, "def test_a():\n    assert f() == 2", "@pytest.mark.skip\ndef test_a():\n    assert f() == 2"),
    (TEST, "def test_a():\n    assert f() == 2", "@pytest.mark.xfail\ndef test_a():\n    assert f() == 2"),
    (TEST, "def test_a():\n    assert f() == 2", "def test_a():\n    pytest.skip()\n    assert f() == 2"),
    (TEST, "def test_a():\n    assert f() == 2", "def test_a():\n    f()"),
    (TEST, "def test_a():\n    assert f() == 2", "def test_a():\n    assert True"),
    (TEST, "def test_a(): ...\ndef test_b(): ...", "def test_a(): ..."),
    (TEST, "def test_a():\n    self.assertEqual(f(), 2)", "def test_a():\n    self.assertTrue(True)"),
    (TEST, "def test_a(): ...", None),
    (JS, "var x", "// eslint-disable-next-line no-var\nvar x"),
    (JS, "var x", "/* eslint-disable */\nvar x"),
    (JS, "var x", "// biome-ignore lint: x\nvar x"),
    (JS, "f()", "/* istanbul ignore next */\nf()"),
    (JS, "f()", "try { f() } catch (e) {}"),
    (JS, "f()", "try { f() } catch { /* ignore */ }"),
    (JS, "if (bad) throw new Error()", "if (bad) return"),
    ("a.test.js", "it('x', () => { expect(f()).toBe(2) })", "it.skip('x', () => { expect(f()).toBe(2) })"),
    ("a.test.js", "it('x', () => { expect(f()).toBe(2) })", "it('x', () => { f() })"),
    ("a.test.js", "it('x', () => { expect(f()).toBe(2) })", "xit('x', () => { expect(f()).toBe(2) })"),
    (TS, "f(x)", "// @ts-ignore\nf(x)"),
    (TS, "f(x)", "// @ts-expect-error\nf(x)"),
    (TS, "f(x)", "// @ts-nocheck\nf(x)"),
    (TS, "f(x)", "f(x as any)"),
    (TS, "let y: number = f(x)", "let y: any = f(x)"),
    (TS, "f(x.y)", "f(x!.y)"),
    (RS, "fn f() {}", "#[allow(dead_code)]\nfn f() {}"),
    (RS, "fn f() {}", "#![allow(warnings)]\nfn f() {}"),
    (RS, "fn f() {}", "#[expect(unused)]\nfn f() {}"),
    (RS, "let x = f()?;", "let x = f().unwrap();"),
    (RS, "*p", "unsafe { *p }"),
    (RS, "#[test]\nfn a() {}", "#[test]\n#[ignore]\nfn a() {}"),
    (RS, "assert_eq!(f(), 2);", "f();"),
    (GO, "f()", "f() //nolint:errcheck"),
    (GO, "f()", "//lint:ignore SA1000 x\nf()"),
    (GO, "err := f()\ncheck(err)", "_ = f()"),
    ("a_test.go", "func TestA(t *testing.T) { f() }", "func TestA(t *testing.T) { t.Skip(); f() }"),
    (C, "f(x);", "f(x); // NOLINT"),
    (C, "f(x);", '#pragma GCC diagnostic ignored "-Wall"\nf(x);'),
    (C, "if (f(x)) g();", "(void) f(x);"),
    (C, "f(x);", "#if 0\nf(x);\n#endif"),
    (SH, "rm $x", "# shellcheck disable=SC2086\nrm $x"),
    (SH, "f", "f || true"),
    (SH, "f", "f 2>/dev/null"),
    (SH, "f", "set +e\nf"),
    (JAVA, "f(x);", '@SuppressWarnings("unchecked")\nf(x);'),
    (JAVA, "try { f(); } catch (E e) { log(e); }", "try { f(); } catch (E e) { }"),
]  # fmt: skip

HONEST = [
    (PY, "def f(x):\n    return y", "def f(x):\n    return x"),
    (PY, "import os\nprint(1)", "print(1)"),
    (PY, "def f(x=[]):\n    return x", "def f(x=None):\n    return x or []"),
    (PY, "try:\n    f()\nexcept:\n    g()", "try:\n    f()\nexcept ValueError:\n    g()"),
    (PY, "x = y  # type: ignore", "x = z"),
    (PY, "raise ValueError", "raise ValueError('x') from e"),
    (PY, "any_value = 1", "any_value: int = 1"),
    (TEST, "def test_a():\n    assert f() == 2", "def test_a():\n    assert f() == 3"),
    (JS, "let x = y == 1", "let x = y === 1"),
    (TS, "if (x != y) f(x)", "if (x !== y) f(x)"),
    (TS, "f(x.y)", "f(x?.y)"),
    (RS, "let x = f().unwrap();", "let x = f()?;"),
    (GO, "x := f()", "x, err := f()\nif err != nil { return err }"),
    (C, "char *s = malloc(3);", "char *s = malloc(3);\nif (!s) return 1;"),
    (SH, "rm $x", 'rm "$x"'),
]


@pytest.mark.parametrize(("path", "before", "after"), SILENCING)
def test_what_silences_is_flagged(path: str, before: str, after: str | None) -> None:
    assert silences({path: before}, {path: after})


@pytest.mark.parametrize(("path", "before", "after"), HONEST)
def test_an_honest_fix_is_not(path: str, before: str, after: str) -> None:
    assert silences({path: before}, {path: after}) == ()
