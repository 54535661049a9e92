"""Real traces, masked: frames, types, names, formats and identities are all still there."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from real_traces import lost, traces

from lsp_debugger.policy.redact import Redactor


def test_what_a_trace_is_for_survives(tmp_path: Path) -> None:
    seen = Counter[str]()
    for trace in traces(tmp_path):
        masked = Redactor(cloud=True).mask(trace.text)
        assert masked.clean, trace.about
        assert lost(trace, masked.text) == [], f"{trace.about}\n{masked.text}"
        seen.update(kind for kind, _ in trace.kept)
        assert lost(trace, "") or not trace.kept, "the measure sees what is gone"
    assert seen["frame"] > 150
    assert seen["name"] > 200
    assert min(seen[kind] for kind in ("type", "hash", "format")) > 5
