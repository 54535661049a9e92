"""Write a llama model with random weights: small enough for a test, real enough for a real engine.

Every byte is a token, so token counts can be worked out by hand. Logits of everything that is not
printable ASCII stay at zero, so that what the model says is valid UTF-8 and never ends by itself. A model
with `words` says nothing but those: what might be the beginning of a secret is held back, and they never are.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gguf
import numpy as np

CHAT_TEMPLATE = (
    "{% for message in messages %}<{{ message['role'] }}>\n{{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}<assistant>\n{% endif %}"
)
_SPECIALS = ("<bos>", "<eos>", "<pad>")


@dataclass(frozen=True)
class Shape:
    """The default loads in 0.1 s; `MEDIUM` costs enough per token to be measured."""

    layers: int = 2
    width: int = 64
    heads: int = 4
    kv_heads: int = 2
    feed_forward: int = 128
    context_tokens: int = 2048
    quantised: bool = False  # q8_0 instead of float32
    seed: int = 7
    words: int = 0  # at most 1000, each a token of its own

    @property
    def vocabulary(self) -> int:
        return 256 + len(_SPECIALS) + self.words


MEDIUM = Shape(layers=16, width=640, heads=10, feed_forward=2560, context_tokens=4096, quantised=True)


def write_tiny_gguf(path: Path, shape: Shape | None = None) -> Path:
    """Write the model to `path` and return it."""
    shape = shape or Shape()
    writer = gguf.GGUFWriter(path, "llama")
    _write_facts(writer, shape)
    _write_vocabulary(writer, shape)
    _write_weights(writer, shape)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _write_facts(writer: gguf.GGUFWriter, shape: Shape) -> None:
    writer.add_name("tiny")
    writer.add_context_length(shape.context_tokens)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_rope_freq_base(10_000.0)
    writer.add_vocab_size(shape.vocabulary)


def _write_vocabulary(writer: gguf.GGUFWriter, shape: Shape) -> None:
    letters = _byte_letters()
    words = [letters[ord(" ")] + word for word in _words()[: shape.words]]
    tokens = [*letters, *_SPECIALS, *words]
    types = [gguf.TokenType.NORMAL] * len(tokens)
    types[256 : 256 + len(_SPECIALS)] = [gguf.TokenType.CONTROL] * len(_SPECIALS)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    # llama.cpp insists on a list of merges; this pair of control bytes never occurs in text.
    writer.add_token_merges([f"{tokens[1]} {tokens[2]}"])
    writer.add_bos_token_id(256)
    writer.add_eos_token_id(257)
    writer.add_pad_token_id(258)
    writer.add_add_bos_token(True)
    writer.add_chat_template(CHAT_TEMPLATE)


def _byte_letters() -> list[str]:
    """The letter that stands for each byte in a byte-level BPE vocabulary (GPT-2's table)."""
    shown = {*range(33, 127), *range(161, 173), *range(174, 256)}
    hidden = iter(range(256, 512))
    return [chr(byte) if byte in shown else chr(next(hidden)) for byte in range(256)]


def _words() -> list[str]:
    """Pronounceable, and none of any language."""
    syllables = [consonant + vowel for consonant in "bdfglmnrst" for vowel in "aeiou"]
    return [first + second for first in syllables[:20] for second in syllables]


def _write_weights(writer: gguf.GGUFWriter, shape: Shape) -> None:
    rng = np.random.default_rng(shape.seed)
    width, kv_width = shape.width, shape.width // shape.heads * shape.kv_heads

    def random(rows: int, columns: int) -> np.ndarray[Any, Any]:
        return (rng.standard_normal((rows, columns)) / np.sqrt(columns)).astype(np.float32)

    def add(name: str, tensor: np.ndarray[Any, Any]) -> None:
        if shape.quantised and tensor.ndim == 2:
            kind = gguf.GGMLQuantizationType.Q8_0
            writer.add_tensor(name, gguf.quants.quantize(tensor, kind), raw_dtype=kind)
        else:
            writer.add_tensor(name, tensor)

    vocabulary = shape.vocabulary
    add("token_embd.weight", random(vocabulary, width))
    for layer in range(shape.layers):
        block = f"blk.{layer}"
        add(f"{block}.attn_norm.weight", np.ones(width, np.float32))
        add(f"{block}.attn_q.weight", random(width, width))
        add(f"{block}.attn_k.weight", random(kv_width, width))
        add(f"{block}.attn_v.weight", random(kv_width, width))
        add(f"{block}.attn_output.weight", random(width, width))
        add(f"{block}.ffn_norm.weight", np.ones(width, np.float32))
        add(f"{block}.ffn_gate.weight", random(shape.feed_forward, width))
        add(f"{block}.ffn_up.weight", random(shape.feed_forward, width))
        add(f"{block}.ffn_down.weight", random(width, shape.feed_forward))
    add("output_norm.weight", np.ones(width, np.float32))
    head = random(vocabulary, width)
    if shape.words:
        head[: -shape.words] = 0.0
    else:
        head[:32] = head[127:] = 0.0
    add("output.weight", head * np.float32(4.0))  # a little confident, as trained models are
