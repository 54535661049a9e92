"""What is said about models: who serves, which weights, how near they are."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Literal


class Locality(enum.Enum):
    """How far text travels to reach a model. A class that was proven, never an address.

    OWN: an engine that we started from a file on this machine.
    VERIFIED_LOCAL: Ollama, whose raw answers for that model name no remote host and a digest of
      local weights, read again before every request.
    DECLARED_PRIVATE: listed in the user's or the organisation's own file.
    REMOTE: everything else, loopback included.
    """

    OWN = "own"
    VERIFIED_LOCAL = "verified local"
    DECLARED_PRIVATE = "declared private"
    REMOTE = "remote"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a backend listens. url: scheme, host and port; a path prefix such as `/v1` may follow.

    proxy: `http://host:port` of the one proxy that leads there; None for none, whatever the environment says.
    """

    name: str
    url: str
    ca_file: str | None = None
    proxy: str | None = None

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One model on one backend, as described just before it is used."""

    backend: str
    model: str
    digest: str
    locality: Locality
    endpoint: Endpoint
    context_tokens: int
    why_locality: str = ""
    chosen_because: str = ""
    offers_logprobs: bool = False
    offers_json_schema: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to generate. Temperature 0 and a fixed seed: the same question gets the same answer."""

    max_tokens: int = 512
    temperature: float = 0.0
    seed: int = 7
    json_schema: str | None = None  # a JSON Schema document; a wish, never trusted


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the engine counted them. cached: leading ones that it did not evaluate again."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a completion as it arrives.

    text: may be empty. reasoning text is dropped by the backend and only counted.
    finish_reason: set on the last chunk: stop | length | error.
    logprob: mean natural-log probability of this chunk's tokens, where the engine says.
    """

    text: str = ""
    finish_reason: str | None = None
    usage: Usage | None = None
    logprob: float | None = None
    reasoning_tokens: int = 0


def estimate_tokens(text: str) -> int:
    """An upper-leaning guess without a tokenizer, because none may be downloaded.

    Byte-pair tokenizers give 3 to 4.5 UTF-8 bytes a token on code; 3 keeps us on the safe side.
    """
    return (len(text.encode("utf-8", "surrogatepass")) + 2) // 3
