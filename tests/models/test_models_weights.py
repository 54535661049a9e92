"""A GGUF file before it is loaded: its header read by us, its digest computed once."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import gguf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_gguf import Shape, write_tiny_gguf

from lsp_debugger.core.errors import ConfigInvalid
from lsp_debugger.models import weights
from lsp_debugger.models.gguf_file import GgufFacts, read_facts
from lsp_debugger.models.weights import ModelFile, look_at
from lsp_debugger.state import State


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return write_tiny_gguf(tmp_path / "tiny.gguf")


def header(path: Path, **values: object) -> GgufFacts:
    """Facts of a file without tensors, its keys written by the `gguf` package."""
    writer = gguf.GGUFWriter(path, "odd")
    for key, value in values.items():
        writer.add_key_value(
            key.replace("__", "."),
            value,
            gguf.GGUFValueType.get_type(value),
            sub_type=gguf.GGUFValueType.UINT32 if isinstance(value, list) else None,
        )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return read_facts(path)


def test_facts_are_those_that_were_written(tiny: Path) -> None:
    assert read_facts(tiny) == GgufFacts(
        name="tiny",
        architecture="llama",
        context_tokens=2048,
        kv_bytes_per_token=2 * 2 * (16 + 16) * 2,  # layers, heads, key and value, two bytes each
        size_bytes=tiny.stat().st_size,
    )


def test_a_number_for_each_layer_counts_by_its_largest(tmp_path: Path) -> None:
    facts = header(
        tmp_path / "odd.gguf",
        odd__block_count=2,
        odd__embedding_length=64,
        odd__attention__head_count=4,
        odd__attention__head_count_kv=[1, 4],
    )
    assert facts.kv_bytes_per_token == 2 * 4 * (16 + 16) * 2


def test_a_file_without_a_fit_name_is_called_by_its_own(tmp_path: Path) -> None:
    assert header(tmp_path / "a.gguf").name == "a"
    assert header(tmp_path / "b.gguf", general__name="line\nbreak").name == "b"
    assert header(tmp_path / "c.gguf", general__name="x" * 1000).name == "c"


@given(cut=st.integers(0, 400), flipped=st.integers(0, 399), byte=st.integers(0, 255))
def test_damage_is_an_error_of_ours_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, cut: int, flipped: int, byte: int
) -> None:
    path = write_tiny_gguf(tmp_path_factory.mktemp("damage") / "model.gguf")
    data = bytearray(path.read_bytes())
    data[flipped] = byte
    path.write_bytes(data[:cut] if cut < 400 else data)
    try:
        facts = read_facts(path)
    except ConfigInvalid:
        return
    assert facts.context_tokens > 0


async def look(path: Path, tmp_path: Path, context_tokens: int = 0) -> ModelFile:
    state = State(tmp_path / "state")
    return await look_at(path, state, state.engine, context_tokens)


async def test_a_file_is_hashed_once_and_again_when_it_changes(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    def counted(path: Path, stop: object) -> str:
        hashed.append(path.name)
        return sha256_of(path)

    monkeypatch.setattr(weights, "sha256_of", counted)
    first = await look(tiny, tmp_path)
    assert first.weights.sha256 == sha256_of(tiny)
    assert (await look(tiny, tmp_path)).weights == first.weights
    assert hashed == ["tiny.gguf"]
    write_tiny_gguf(tiny, Shape(seed=9))
    changed = await look(tiny, tmp_path)
    assert changed.weights.sha256 == sha256_of(tiny) != first.weights.sha256
    os.utime(tiny, ns=(1, 1))
    assert (await look(tiny, tmp_path)).weights.sha256 == changed.weights.sha256
    assert len(hashed) == 3


async def test_damaged_memory_of_digests_costs_a_hash_and_nothing_else(tiny: Path, tmp_path: Path) -> None:
    before = await look(tiny, tmp_path)
    digests = State(tmp_path / "state").engine / "digests.json"
    for damage in ("", "{", "[1]", '[{"path": 1}]'):
        digests.write_text(damage)
        assert (await look(tiny, tmp_path)).weights == before.weights


async def test_context_is_the_setting_else_the_models_within_reason(tmp_path: Path) -> None:
    small = write_tiny_gguf(tmp_path / "small.gguf", Shape(context_tokens=512))
    long = write_tiny_gguf(tmp_path / "long.gguf", Shape(context_tokens=100_000))
    assert (await look(small, tmp_path)).context_tokens == 512
    assert (await look(long, tmp_path)).context_tokens == 8192
    assert (await look(long, tmp_path, context_tokens=3000)).context_tokens == 3000


@pytest.mark.parametrize(
    ("spare_tokens", "expected"), [(40_000, 8192), (20_000, 4096), (9_000, 2048), (100, 2048), (-1, 2048)]
)
def test_little_memory_means_a_shorter_context(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, spare_tokens: int, expected: int
) -> None:
    import psutil

    facts = GgufFacts("m", "llama", 100_000, kv_bytes_per_token=1000, size_bytes=5_000_000)
    memory = psutil.virtual_memory()._replace(available=facts.size_bytes + spare_tokens * 1000)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)
    assert weights._affordable_context(facts) == expected


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
