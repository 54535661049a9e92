"""Keys of companies that serve language models."""

from __future__ import annotations

from lsp_debugger.policy.rule import token

_D = "0a1b2c3d4e5f6789" * 8
_M = "aB3dE5gH7jK9mN1pQ2rS4tU6vW8xY0zL" * 4

RULES = (
    # One family of shapes: `sk-`, then words that say whose and what for, then the secret.
    token(
        "model-key",
        "model_key",
        r"sk-(?:(?:ant|proj|svcacct|admin|None|or|lf|live|test)-(?:[a-z0-9]{1,8}-)?)?[A-Za-z0-9_\-]{20,}",
        ("sk-[a-z0-9_-]{16}",),
        "sk-proj-" + _M[:48],
    ),
    token(
        "huggingface-token",
        "huggingface_token",
        r"(?:hf_[A-Za-z0-9]{30,}|api_org_[A-Za-z0-9]{34})",
        ("hf_[a-z0-9]{16}", "api_org_"),
        "hf_" + _M[:34],
    ),
    token("replicate-token", "replicate_token", r"r8_[A-Za-z0-9]{37}", ("r8_",), "r8_" + _M[:37]),
    token("groq-key", "groq_key", r"gsk_[A-Za-z0-9]{48,}", ("gsk_",), "gsk_" + _M[:52]),
    token("perplexity-key", "perplexity_key", r"pplx-[A-Za-z0-9]{40,}", ("pplx-",), "pplx-" + _M[:48]),
    token("xai-key", "xai_key", r"xai-[A-Za-z0-9]{60,}", ("xai-",), "xai-" + _M[:80]),
    token(
        "langsmith-key",
        "langsmith_key",
        r"lsv2_[ps][tk]_[a-f0-9]{32}(?:_[a-f0-9]{10})?",
        ("lsv2_",),
        "lsv2_pt_" + _D[:32] + "_" + _D[:10],
    ),
    token("pinecone-key", "pinecone_key", r"pcsk_[A-Za-z0-9_]{40,}", ("pcsk_",), "pcsk_" + _M[:70]),
    token("nvidia-key", "nvidia_key", r"nvapi-[A-Za-z0-9_\-]{60,}", ("nvapi-",), "nvapi-" + _M[:64]),
    token("fireworks-key", "fireworks_key", r"fw_[A-Za-z0-9]{22,24}\b", ("fw_",), "fw_" + _M[:24]),
    token("together-key", "together_key", r"tgp_v1_[A-Za-z0-9_\-]{43}", ("tgp_v1_",), "tgp_v1_" + _M[:43]),
)
