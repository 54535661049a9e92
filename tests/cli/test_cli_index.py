"""`lsp-debugger index` with the real worker and a real table."""

from __future__ import annotations

import importlib.util
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from lsp_debugger.cli.index_query import answer_of, queries, query_of
from lsp_debugger.core.errors import ConfigInvalid
from lsp_debugger.core.material import Fragment, FragmentKind, Hit

Shell = Any  # conftest.py's; pytest hands it in

MONEY = (
    "RATE = 2\n\n\ndef convert(amount):\n    return amount * RATE\n\n\ndef unrelated():\n    return None\n"
)
TEST = "from shop.money import convert\n\n\ndef test_convert():\n    assert convert(1) == 2\n"


@pytest.fixture
def built(shell: Shell) -> Shell:
    for path, text in {"shop/money.py": MONEY, "tests/test_money.py": TEST, "logo.png": "x"}.items():
        place: Path = shell.folder / path
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)
    code, out, err = shell.run("index", "build")
    assert (code, err) == (0, "")
    assert out.startswith("2 files, ")
    assert "Skipped: " in out
    assert "1 binary" in out
    return shell


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_a_search_names_lines_that_count_from_one(built: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "tests/test_money.py::test_convert amount")
    code, out, err = built.run("index", "search", "--json", "--k", "2", "--exclude-tests")
    assert (code, err) == (0, "")
    answer = json.loads(out)
    first = answer["hits"][0]
    assert first["path"] == "shop/money.py"
    assert (first["start_line"], first["end_line"]) == (4, 5)
    assert (first["symbol"], first["kind"]) == ("convert", "function")
    assert "named like the test" in first["why"]
    assert len(answer["hits"]) == 2
    assert answer["index_version"] != "none"
    assert all(hit["path"] != "tests/test_money.py" for hit in answer["hits"])


def test_an_edit_and_a_deletion_are_seen_without_a_command(
    built: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    (built.folder / "shop/money.py").write_text("def zebra():\n    return 'stripes'\n")
    (built.folder / "tests/test_money.py").unlink()
    typed(monkeypatch, '{"id": 1, "query": "zebra"}\n\n{"id": "two", "query": "test_convert"}\n')
    code, out, _ = built.run("index", "search", "--jsonl")
    one, two = map(json.loads, out.splitlines())
    assert code == 0
    assert (one["id"], one["hits"][0]["symbol"]) == (1, "zebra")
    assert (two["id"], two["hits"]) == ("two", [])


def test_a_budget_takes_whole_hits(built: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    typed(monkeypatch, "convert amount")
    assert json.loads(built.run("index", "search", "--json", "--budget-tokens", "1")[1])["hits"] == []
    typed(monkeypatch, "convert amount")
    assert json.loads(built.run("index", "search", "--json", "--budget-tokens", "4000")[1])["hits"]


def test_status_verify_compact_drop(built: Shell) -> None:
    assert json.loads(built.run("index", "status", "--json")[1])["files"] == 2
    assert built.run("index", "verify")[:2] == (0, "2 right, 0 changed, 0 gone, 0 damaged\n")
    assert built.run("index", "compact")[0] == 0
    assert built.run("index", "drop")[:2] == (0, "Dropped.\n")
    code, out, err = built.run("index", "status")
    assert (code, out) == (3, "")
    assert err == "error: there is no index yet — make one: lsp-debugger index build\n"


@pytest.mark.parametrize(
    "argv", [("index",), ("index", "biuld"), ("index", "build", "nowhere"), ("index", "search", "--k", "0")]
)
def test_wrong_usage_is_one_line(shell: Shell, argv: tuple[str, ...]) -> None:
    code, out, err = shell.run(*argv)
    assert (code, out, err.count("\n")) == (2, "", 1)


@pytest.mark.parametrize("line", ["x", "[]", '{"id": 1}', '{"query": "x"}', '{"id": 1, "query": 2}'])
def test_a_bad_record_is_named(line: str) -> None:
    with pytest.raises(ConfigInvalid, match=r"line 1 (?:needs|is no JSON object)"):
        list(queries(io.BytesIO(line.encode())))


def test_a_query_has_the_text_and_the_frames_below_the_root(tmp_path: Path) -> None:
    traceback = (
        "Traceback (most recent call last):\n"
        '  File "shop/money.py", line 5, in convert\n    return amount * RATE\nTypeError: no rate\n'
    )
    query = query_of("why", traceback, tmp_path, exclude_tests=False)
    assert query.frames == ((str(tmp_path / "shop/money.py"), 5),)
    assert query.text == f"why\n{traceback}"
    assert query_of(traceback, "", tmp_path, exclude_tests=True).frames == query.frames


def test_a_budget_passes_over_what_does_not_fit() -> None:
    hits = [Hit(Fragment(FragmentKind.RELATED, "x" * size, f"{size}.py", 1), 1.0) for size in (40, 400, 41)]
    assert [hit["path"] for hit in answer_of(hits, "1", 21)["hits"]] == ["40.py", "41.py"]
    assert len(answer_of(hits, "1", None)["hits"]) == 3


@pytest.mark.skipif(importlib.util.find_spec("wordllama") is None, reason="needs the extra `embeddings`")
def test_a_build_waits_for_its_vectors_and_says_whose_they_are(shell: Shell) -> None:
    (shell.folder / "money.py").write_text(MONEY)
    shell.settings('[index]\nembeddings = "embedded"\n')
    code, out, err = shell.run("index", "build")
    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "Vectors of wordllama-l2-supercat-256"
