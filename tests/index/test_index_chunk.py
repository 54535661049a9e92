"""Chunks cover the file, and each says truly where it comes from."""

from __future__ import annotations

import random
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.core.text import LineIndex
from lsp_debugger.index.chunk import MAX_CHARS, MAX_LINES, Chunk, chunk_file

SHOP = '''"""A shop."""
import json, os.path as p
from shop.money import (
    Money as Cash,
    rate,
)

TAX = 0.19


@register
class Basket(Base):
    """What a customer wants."""

    limit = "ten"

    def total(self):
        return rate(TAX)

    names = []

    @property
    def size(self): return len(self.names)

def load(file_name):
    def inner():
        return 'key: 😀'
    return inner

if __name__ == "__main__":
    load(p)
'''


def check_cover(path: str, text: str) -> list[Chunk]:
    """Every line with text is in a chunk, and each chunk's text is its lines."""
    chunks = chunk_file(path, text, "hash")
    lines = LineIndex(text)
    every = range(1, len(lines) + 1)
    covered = {line for chunk in chunks for first, last in chunk.runs for line in range(first, last + 1)}
    assert {line for line in every if lines.span_of(line - 1).of(text).strip()} <= covered <= set(every)
    for chunk in chunks:
        assert chunk.runs == tuple(sorted(chunk.runs))
        spans = [(lines.span_of(first - 1).start, lines.span_of(last - 1).end) for first, last in chunk.runs]
        if all(end - start <= MAX_CHARS for start, end in spans):
            assert chunk.text == "\n".join(text[start:end] for start, end in spans)
        for literal in chunk.literals:
            assert 0 <= literal.start < literal.end <= len(chunk.text)
    return chunks


def outline(chunks: list[Chunk]) -> list[str]:
    return [
        f"{chunk.kind} {chunk.qualname or '-'} {' '.join(f'{a}-{b}' for a, b in chunk.runs)}"
        for chunk in chunks
    ]


def test_functions_classes_and_the_rest():
    chunks = check_cover("shop/basket.py", SHOP)
    assert outline(chunks) == [
        "module - 1-10 30-31",
        "class Basket 11-16 20-21",
        "method Basket.total 17-19",
        "method Basket.size 22-24",
        "function load 25-29",
    ]
    module, basket, total, _, load = chunks
    assert module.defines == ("TAX",)
    assert module.imports == ("json", "os.path", "shop.money", "shop.money.Money", "shop.money.rate")
    assert basket.defines == ("Basket", "limit", "names")
    assert load.defines == ("load", "inner")
    assert "rate" in total.refers
    assert "total" not in total.refers
    assert [span.of(basket.text) for span in basket.literals] == ["What a customer wants.", "ten"]
    assert [span.of(load.text) for span in load.literals] == ["key: 😀"]
    assert [span.of(module.text) for span in module.literals] == ["A shop.", "__main__"]
    assert {"shop", "basket", "total"} <= set(total.tokens.split())  # path and name are searched too
    assert not any(chunk.is_test for chunk in chunks)


def test_javascript():
    text = "import {a} from './b'\nexport class K {\n  m() {\n    return 'x'\n  }\n}\nf = () => {\n  a()\n}\n"
    chunks = check_cover("src/k.test.js", text)
    assert outline(chunks) == ["module - 1-1", "class K 2-2 6-6", "method K.m 3-5", "function f 7-9"]
    assert chunks[0].imports == ("./b",)
    assert all(chunk.is_test for chunk in chunks)


def test_long_functions_are_split_and_each_part_knows_its_signature():
    text = "def very_long(argument_one):\n" + "".join(f"    x{i} = {i}\n" for i in range(150))
    chunks = check_cover("a.py", text)
    assert outline(chunks) == [
        "function very_long 1-51",
        "function very_long 52-102",
        "function very_long 103-151",
    ]
    assert all("argumentone" in chunk.tokens.split() for chunk in chunks)
    assert [chunk.defines for chunk in chunks] == [("very_long",), (), ()]


def test_files_without_a_grammar_come_in_windows():
    text = "".join(f"line {i}\n" for i in range(100))
    assert outline(check_cover("notes.md", text)) == [
        "window - 1-40",
        "window - 31-70",
        "window - 61-100",
    ]
    assert check_cover("empty.py", " \n\n\t\n") == []
    assert outline(check_cover("one.txt", "x")) == ["window - 1-1"]


def test_a_parse_that_takes_too_long_falls_back_to_windows():
    noise = "".join(random.Random(1).choices("()[]{}'\" \n\tabc=:+", k=300_000))
    chunks = chunk_file("noise.py", noise, "hash", parse_timeout_s=0.02)
    assert {chunk.kind for chunk in chunks} == {"window"}


def test_a_line_of_a_million_characters_is_cut():
    (chunk,) = chunk_file("a.py", "x = '" + "a" * 1_000_000 + "'", "hash")
    assert chunk.runs == ((1, 1),)
    assert len(chunk.text) == MAX_CHARS


def test_the_hash_depends_on_text_and_header_but_not_on_the_place():
    one = chunk_file("a.py", "def f():\n    return 1\n", "1")[0]
    moved = chunk_file("a.py", "\n\ndef f():\n    return 1\n", "2")[0]
    assert one.chunk_hash == moved.chunk_hash
    assert chunk_file("b.py", "def f():\n    return 1\n", "1")[0].chunk_hash != one.chunk_hash
    assert chunk_file("a.py", "def f():\n    return 2\n", "1")[0].chunk_hash != one.chunk_hash


PIECES = [
    *(
        "def f(a):\n",
        "    return 'x'\n",
        "class A:\n",
        "    def m(self):\n",
        "        pass\n",
        "\n",
        "   \n",
        "x = 1\n",
    ),
    *(
        "'''doc\nmore\n'''\n",
        "if x:\n",
        "@d\n",
        "# c\n",
        "a = 1; b = 2\n",
        "(",
        "😀 = '漢'\n",
        "\r\n",
        "\r",
        "\f",
    ),
    *("def g(): pass; y = 2\n", "import a.b as c\n", "lambda: (\n", "\u2028", "\x0b", "'", "def h(\n", "\0"),
]


@given(
    st.lists(st.sampled_from(PIECES), max_size=60).map("".join) | st.text(),
    st.sampled_from(["a.py", "a.ts", "a.jsx", "a.txt", "tests/ü b.py"]),
)
def test_chunks_cover_any_text(text: str, path: str):
    for chunk in check_cover(path, text):
        assert sum(last - first + 1 for first, last in chunk.runs) <= MAX_LINES
        assert " ".join(chunk.tokens.split()) == chunk.tokens


PROGRAMS = {
    "a.py": SHOP,
    "a.js": "import a from 'b'\nexport class A {\n  m() { return `x${1}` }\n}\nconst f = () => {\n}\n",
    "a.tsx": "interface I {}\n@D()\nexport class A<T> {\n  m?(): T {\n    return <b>x</b>\n  }\n}\n",
    "a.rs": 'use a::b;\nimpl<T> A<T> {\n    fn m(&self) -> u8 {\n        r#"x"#; 1\n    }\n}\nmod n {}\n',
    "a.go": 'package a\nimport (\n\t"b"\n)\ntype A struct {\n\tb int\n}\nfunc (a *A) M() {\n\tgo f()\n}\n',
    "A.java": "import a.B;\n@C\nclass A {\n  int x = 1;\n  void m() {\n    f();\n  }\n  enum E { P }\n}\n",
    "a.c": "#include <a.h>\nstruct s { int a; };\nstatic int *f(void)\n{\n  return 0;\n}\n#define M(x) x\n",
    "a.cpp": "namespace a {\ntemplate <class T>\nclass B {\n  void m();\n};\n}\nvoid a::B::m()\n{\n}\n",
    "A.cs": "using A;\nnamespace N {\n  class A {\n    int P;\n    void M() {\n      f();\n    }\n  }\n}\n",
    "a.rb": "require 'a'\nclass A\n  def m\n    'x'\n  end\nend\ndescribe 'x' do\n  it { 1 }\nend\n",
    "a.php": "<p>\n<?php\nuse A\\B;\nclass C {\n  function m() {\n    return 1;\n  }\n}\n?>\n<b>x</b>\n",
    "a.sh": '#!/bin/sh\nx=1\nf() {\n  echo "$x"\n}\ncat <<E\n  text\nE\nf\n',
}


@pytest.mark.parametrize("path", PROGRAMS)
def test_every_language_has_its_functions(path: str):
    chunks = check_cover(path, PROGRAMS[path])
    assert {"function", "method"} & {chunk.kind for chunk in chunks}
    assert not any(chunk.kind == "window" for chunk in chunks)


@given(st.sampled_from(sorted(PROGRAMS)), st.data())
def test_chunks_cover_programs_in_pieces(path: str, data: st.DataObject):
    """Lines lost, repeated, moved, with rubbish in between: what is left is covered, in each language."""
    lines = PROGRAMS[path].splitlines(keepends=True)
    line = st.sampled_from([*lines, *PIECES]) | st.text(max_size=20)
    check_cover(path, "".join(data.draw(st.lists(line, max_size=60))))


STDLIB = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))


@pytest.mark.parametrize("path", random.Random(7).sample(STDLIB, 40), ids=lambda path: path.name)
def test_chunks_cover_real_files(path: Path):
    text = path.read_text("utf-8", "replace")
    chunks = check_cover(path.name, text)
    assert all(len(chunk.text) <= MAX_CHARS + 1000 for chunk in chunks)
    assert any(chunk.kind in {"function", "method", "class"} for chunk in chunks) or "def " not in text
