"""What a GGUF file says about itself in its first bytes, read without any library, and its digest."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from lsp_debugger.core.errors import ConfigInvalid

# https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
_MAGIC = b"GGUF"
_SCALARS: dict[int, str] = dict(zip((0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12), "BbHhIif?Qqd", strict=True))
_STRING, _ARRAY = 8, 9
_MAX_KEYS = 4096
_MAX_STRING_BYTES = 1 << 20
_MAX_ARRAY_ITEMS = 1 << 22
_HASH_PIECE_BYTES = 4 << 20

_HINT = "set llamacpp.model_path to a model in GGUF format"


@dataclass(frozen=True, slots=True)
class GgufFacts:
    """context_tokens: what it was trained with. kv_bytes_per_token: of a 16-bit cache, an upper bound."""

    name: str
    architecture: str
    context_tokens: int
    kv_bytes_per_token: int
    size_bytes: int


def read_facts(path: Path) -> GgufFacts:
    """Read the header. Raises ConfigInvalid when it is no usable GGUF file, and OSError."""
    with path.open("rb") as file:
        try:
            values = _read_header(file)
        except ValueError as exc:
            raise ConfigInvalid(f"{path.name} is not a usable GGUF file: {exc}", _HINT) from exc
        size_bytes = path.stat().st_size
    architecture = values.get("general.architecture", "")
    if not isinstance(architecture, str) or not architecture:
        raise ConfigInvalid(f"{path.name} does not name its architecture", _HINT)
    return _facts(path, architecture, values, size_bytes)


def sha256_of(path: Path, stop: Callable[[], bool] = lambda: False) -> str:
    """Hex digest of the whole file; empty when `stop` said so between two pieces. Raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_HASH_PIECE_BYTES):
            if stop():
                return ""
            digest.update(piece)
    return digest.hexdigest()


def _facts(path: Path, architecture: str, values: dict[str, object], size_bytes: int) -> GgufFacts:
    def number(key: str, default: int) -> int:
        value = values.get(f"{architecture}.{key}", default)
        if isinstance(value, list):  # one number a layer: the largest is the safe one
            value = max((item for item in value if isinstance(item, int)), default=default)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return value if isinstance(value, int) and value > 0 else default

    heads = number("attention.head_count", 1)
    width = number("embedding_length", 4096)
    kv_heads = number("attention.head_count_kv", heads)
    key_length = number("attention.key_length", width // heads)
    value_length = number("attention.value_length", width // heads)
    name = values.get("general.name")
    return GgufFacts(
        name=name if isinstance(name, str) and name.isprintable() and 0 < len(name) <= 120 else path.stem,
        architecture=architecture,
        context_tokens=number("context_length", 4096),
        kv_bytes_per_token=number("block_count", 32) * kv_heads * (key_length + value_length) * 2,
        size_bytes=size_bytes,
    )


def _read_header(file: BinaryIO) -> dict[str, object]:
    """Everything before the tokenizer, whose tables are the long part and stand last."""
    if file.read(4) != _MAGIC:
        raise ValueError("it does not begin with GGUF")
    version = _number(file, "I")
    if version not in {2, 3}:
        raise ValueError("its version is not 2 or 3 (big-endian files cannot be used)")
    _number(file, "Q")  # tensors
    keys = _number(file, "Q")
    if keys > _MAX_KEYS:
        raise ValueError("its header is damaged")
    values: dict[str, object] = {}
    for _ in range(keys):
        key = _text(file)
        if key.startswith("tokenizer.") and f"{values.get('general.architecture')}.context_length" in values:
            break
        values[key] = _value(file, _number(file, "I"))
    return values


def _value(file: BinaryIO, kind: int) -> object:
    if kind == _STRING:
        return _text(file)
    if kind == _ARRAY:
        item_kind, count = _number(file, "I"), _number(file, "Q")
        if count > _MAX_ARRAY_ITEMS or item_kind == _ARRAY:
            raise ValueError("its header is damaged")
        return [_value(file, item_kind) for _ in range(count)]
    form = _SCALARS.get(kind)
    if form is None:
        raise ValueError("its header is damaged")
    return _unpack(file, form)


def _text(file: BinaryIO) -> str:
    length = _number(file, "Q")
    if length > _MAX_STRING_BYTES:
        raise ValueError("its header is damaged")
    return _exactly(file, length).decode("utf-8", "replace")


def _number(file: BinaryIO, form: str) -> int:
    return int(_unpack(file, form))


def _unpack(file: BinaryIO, form: str) -> int | float | bool:
    form = "<" + form
    value: int | float | bool = struct.unpack(form, _exactly(file, struct.calcsize(form)))[0]
    return value


def _exactly(file: BinaryIO, length: int) -> bytes:
    data = file.read(length)
    if len(data) != length:
        raise ValueError("it ends in the middle of its header")
    return data
