"""A function given whole, in each language: the right one is replaced at its place, and no other ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_debugger.core.patch import Applied, PatchRefused, Rung
from lsp_debugger.syntax.grammars import language_of
from lsp_debugger.syntax.tree import parse_view
from lsp_debugger.verify.apply import apply_completion

# Each file has a wrong `mean`, and `area` twice; what is wrong in each stands in one line.
FILES = {
    "a.py": """\
class Disc:
    def area(self, r):
        return r * r * 1

    @property
    def name(self):
        return "disc"


class Ring:
    def area(self, r):
        return r * r * 2


def mean(xs):
    return sum(xs) / len(xs) + 1


def largest(xs):
    return max(xs)
""",
    "a.js": """\
export class Disc {
  area(r) {
    return r * r * 1;
  }
}

class Ring {
  area(r) {
    return r * r * 2;
  }
}

export function mean(xs) {
  return sum(xs) / xs.length + 1;
}

const largest = (xs) => {
  return Math.max(...xs);
};
""",
    "a.ts": """\
export class Disc {
  private area(r: number): number {
    return r * r * 1;
  }
}

class Ring {
  area(r: number): number {
    return r * r * 2;
  }
}

export default async function mean(xs: number[]): Promise<number> {
  return (await sum(xs)) / xs.length + 1;
}

export const largest = (xs: number[]): number => Math.max(...xs);
""",
    "a.go": """\
package a

type Disc struct{}
type Ring struct{}

func (d Disc) area(r int) int {
\treturn r * r * 1
}

func (g *Ring) area(r int) int {
\treturn r * r * 2
}

func mean(xs []int) int {
\treturn sum(xs)/len(xs) + 1
}
""",
    "a.rs": """\
struct Disc;
struct Ring;

impl Disc {
    fn area(&self, r: i32) -> i32 {
        r * r * 1
    }
}

impl Ring {
    fn area(&self, r: i32) -> i32 {
        r * r * 2
    }
}

pub fn mean(xs: &[i32]) -> i32 {
    xs.iter().sum::<i32>() / xs.len() as i32 + 1
}
""",
    "A.java": """\
class A {
    static class Disc {
        int area(int r) {
            return r * r * 1;
        }
    }

    static class Ring {
        int area(int r) {
            return r * r * 2;
        }
    }

    static int mean(int[] xs) {
        return sum(xs) / xs.length + 1;
    }
}
""",
    "a.c": """\
#include <stdio.h>

#ifdef DISC
static int area(int r)
{
\treturn r * r * 1;
}
#else
static int area(int r)
{
\treturn r * r * 2;
}
#endif

int mean(const int *xs, int n)
{
\treturn sum(xs, n) / n + 1;
}
""",
}
needs_grammar = pytest.mark.parametrize("name", FILES)


def lines_with(name: str, text: str) -> list[int]:
    return [number for number, line in enumerate(FILES[name].splitlines(), 1) if text in line]


def function_at(name: str, line: int) -> str:
    """The text of the function around a line (1-based), further left, as models give it."""
    source = FILES[name]
    view = parse_view(source, language_of(name))
    if view is None:
        pytest.skip(f"no grammar for {name}: the extra `languages` has it")
    lines = source.splitlines(keepends=True)
    offset = sum(map(len, lines[: line - 1])) + len(lines[line - 1]) - 2
    scope = view.scope_at(offset)
    assert scope is not None
    text = scope.span.of(source)
    start = source.rfind("\n", 0, scope.span.start) + 1
    return text.replace("\n" + source[start : scope.span.start], "\n")


def answered(root: Path, name: str, code: str, line: int | None) -> Applied | PatchRefused:
    (root / name).write_text(FILES[name])
    return apply_completion(f"Here it is:\n\n```\n{code}\n```\n", root, name, line)


@needs_grammar
@pytest.mark.parametrize("has_line", [True, False])
def test_a_function_goes_where_its_name_is(tmp_path: Path, name: str, has_line: bool) -> None:
    [line] = lines_with(name, "+ 1")
    code = function_at(name, line).replace(" + 1", "")
    result = answered(tmp_path, name, code, line if has_line else None)
    assert isinstance(result, Applied), result
    assert result.new_texts == {name: FILES[name].replace(" + 1", "")}
    assert result.rung is Rung.DEFINITION


@needs_grammar
@pytest.mark.parametrize("wrong", ["* 1", "* 2"])
def test_of_two_with_one_name_the_problems_own_is_replaced(tmp_path: Path, name: str, wrong: str) -> None:
    [line] = lines_with(name, wrong)
    code = function_at(name, line).replace(wrong, "* 3")
    result = answered(tmp_path, name, code, line)
    assert isinstance(result, Applied), result
    assert result.new_texts == {name: FILES[name].replace(wrong, "* 3")}


@needs_grammar
def test_of_two_with_one_name_none_is_guessed(tmp_path: Path, name: str) -> None:
    [line], [elsewhere] = lines_with(name, "* 1"), lines_with(name, "+ 1")
    code = function_at(name, line).replace("* 1", "* 3")
    for where in (None, elsewhere):
        result = answered(tmp_path, name, code, where)
        if name == "a.go":  # the receiver says which
            assert isinstance(result, Applied)
            assert result.new_texts == {name: FILES[name].replace("* 1", "* 3")}
        else:
            assert isinstance(result, PatchRefused), result
            assert result.reason == "2 definitions in the file have the same name"


@needs_grammar
def test_what_the_file_does_not_have_has_no_place(tmp_path: Path, name: str) -> None:
    [line] = lines_with(name, "+ 1")
    code = function_at(name, line).replace("mean", "median")
    result = answered(tmp_path, name, code, line)
    assert isinstance(result, PatchRefused), result
    assert "does not have" in result.reason


def test_a_method_of_another_type_is_no_answer(tmp_path: Path) -> None:
    old = "package a\n\ntype Disc struct{}\n\nfunc (d Disc) area(r int) int {\n\treturn r\n}\n"
    (tmp_path / "a.go").write_text(old)
    code = "func (g Ring) area(r int) int {\n\treturn r * 2\n}\n"
    if parse_view(old, "go") is None:
        pytest.skip("no grammar for Go: the extra `languages` has it")
    assert isinstance(apply_completion(f"```go\n{code}```", tmp_path, "a.go", 6), PatchRefused)


def test_one_function_is_not_the_text_of_a_file_that_holds_it(tmp_path: Path) -> None:
    """The guard of a header stays, however much of the file its function is."""
    body = "".join(f"  x += {number};\n" for number in range(20))
    function = f"static inline int f(int x) {{\n{body}  return x;\n}}\n"
    old = f"#ifndef A_H\n#define A_H\n{function}#endif\n"
    if parse_view(old, "c") is None:
        pytest.skip("no grammar for C: the extra `languages` has it")
    (tmp_path / "a.h").write_text(old)
    fixed = function.replace("return x", "return x + 1")
    result = apply_completion(f"```c\n{fixed}```", tmp_path, "a.h", 24)
    assert isinstance(result, Applied), result
    assert result.new_texts == {"a.h": old.replace("return x", "return x + 1")}
    whole = old.replace("return x", "return x + 1").replace("f(int x)", "f(long x)")
    result = apply_completion(f"```c\n{whole}```", tmp_path, "a.h", 24)
    assert isinstance(result, Applied), result
    assert result.new_texts == {"a.h": whole}
