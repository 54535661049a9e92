"""Redaction: what is found, what is left alone, how long it takes, and what a fix can still be made of.

    python benchmarks/redaction.py [--repos DIR]

DIR holds a clone of each repository in `data/dev_bugs.jsonl` (from BugsInPy's metadata), named owner+name;
without it the part about real fixes is left out, and said so.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import re
import statistics
import subprocess  # noqa: TID251 - git, on this machine's own clones
import sys
import sysconfig
import tempfile
import time
import tokenize
from collections import Counter
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "support"))

import real_traces  # noqa: E402 - found where the tests keep them
import secret_corpus  # noqa: E402

from lsp_debugger.policy.detect import builtin, scan  # noqa: E402
from lsp_debugger.policy.patterns import encode  # noqa: E402
from lsp_debugger.policy.redact import Redactor, prepare  # noqa: E402
from lsp_debugger.policy.restore import RestoreRefused, restore  # noqa: E402

CHUNK_CHARS = 32_768


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--repos", type=Path)
    repos = parser.parse_args().repos
    prepare()
    for cloud in (False, True):
        show_recall(cloud=cloud)
    show_false_alarms()
    show_traces()
    show_speed()
    if repos is None:
        print("real fixes: left out, no --repos")
    else:
        show_fixes(repos)


def show_recall(*, cloud: bool) -> None:
    found, seen = Counter[str](), Counter[str]()
    for record in [record for seed in (101, 102) for record in secret_corpus.positives(seed)]:
        redacted = Redactor(cloud=cloud).mask(record.text, record.path)
        start = record.text.index(record.secret)
        covered = {at for one in redacted.findings for at in range(one.start, one.end)}
        seen[record.tier] += 1
        found[record.tier] += covered.issuperset(range(start, start + len(record.secret)))
    shares = ", ".join(f"{tier} {found[tier] / seen[tier]:.4f} of {seen[tier]}" for tier in seen)
    print(f"whole values found, mode {'cloud' if cloud else 'secrets'}: {shares}")


def show_false_alarms() -> None:
    marked, seen = Counter[str](), Counter[str]()
    for record in [record for seed in (101, 102) for record in secret_corpus.harmless(seed)]:
        seen[record.tier] += 1
        marked[record.tier] += bool(scan(record.text, [builtin()]))
    print("harmless records marked: " + ", ".join(f"{tier} {marked[tier]} of {seen[tier]}" for tier in seen))
    texts = library()
    size_chars = sum(map(len, texts))
    spans = sum(len(scan(text, [builtin()])) for text in texts)
    print(
        f"standard library: {spans} spans in {size_chars / 1e6:.1f} MB,"
        f" {spans / size_chars * 1e5:.3f} per 100 KB"
    )


def library() -> list[str]:
    folder = Path(sysconfig.get_paths()["stdlib"])
    skipped = re.compile(r"/(?:test|tests|idle_test|site-packages)/")
    paths = [path for path in sorted(folder.rglob("*.py")) if not skipped.search(path.as_posix())]
    return [path.read_text("utf-8", "replace") for path in paths]


def show_traces() -> None:
    """Of traces of programs that really fail, mode cloud: what a reader needs and still has."""
    kept, lost = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for trace in real_traces.traces(Path(folder)):
            kept.update(kind for kind, _ in trace.kept)
            masked = Redactor(cloud=True).mask(trace.text)
            lost.update(kind for kind, _ in real_traces.lost(trace, masked.text))
    shares = ", ".join(f"{kind} {kept[kind] - lost[kind]} of {kept[kind]}" for kind in sorted(kept))
    print(f"real traces, masked, what survives: {shares}")


def show_speed() -> None:
    text = "\n".join(library())
    step = (len(text) - CHUNK_CHARS) // 200
    chunks = [text[at : at + CHUNK_CHARS] for at in range(0, step * 200, step)]
    keywords = builtin().keywords_in
    passes = [cpu_ms(lambda chunk: keywords(encode(chunk)), chunk) for chunk in chunks]
    print(f"32 KB, one keyword pass: {quantiles(passes)}")
    for label, run in (
        ("mode secrets", lambda chunk: Redactor().redact(chunk)),
        ("mode cloud, Python", lambda chunk: Redactor(cloud=True).mask(chunk, "a.py")),
    ):
        times_ms = [cpu_ms(run, chunk) for chunk in chunks]
        ratio = statistics.median(times_ms) / statistics.median(passes)
        print(f"32 KB, {label}: {quantiles(times_ms)}, {ratio:.1f} keyword passes")
    sizes = [CHUNK_CHARS << shift for shift in range(0, 9, 2)]
    for label, run in (
        ("secrets", lambda part: Redactor().redact(part)),
        ("keyword pass", lambda part: keywords(encode(part))),
    ):
        best = [min(cpu_ms(run, text[:size]) for _ in range(3)) for size in sizes]
        slope, _ = statistics.linear_regression(
            [math.log(size) for size in sizes], [math.log(one) for one in best]
        )
        print(f"32 KB to {sizes[-1] / 1e6:.1f} MB, {label}: log-log slope {slope:.2f}")


def quantiles(times_ms: list[float]) -> str:
    ordered = sorted(times_ms)
    return f"median {statistics.median(ordered):.2f} ms, p95 {ordered[len(ordered) * 95 // 100]:.2f} ms"


def cpu_ms(run: Callable[[str], object], text: str) -> float:
    """Of this process: what else the machine does is not in it."""
    began = time.process_time()
    run(text)
    return (time.process_time() - began) * 1000


def show_fixes(repos: Path) -> None:
    """True fixes against the masked file: does every changed token survive, and do they come back?"""
    bugs = whole = files = equal = 0
    refused, lost = Counter[str](), Counter[str]()
    names = kept_names = 0
    for bug in map(json.loads, (HERE / "data" / "dev_bugs.jsonl").read_text("utf-8").splitlines()):
        ok = True
        for path in bug["files"]:
            old, new = (shown(repos, bug["repo"], bug[side], path) for side in ("buggy", "fixed"))
            if not old or not new:
                continue
            redactor = Redactor(cloud=True)
            masked = redactor.mask(old, path)
            patched = redactor.mask(new, path)
            files += 1
            before, after = tokens(old), tokens(masked.text)
            for token in changed(old, new):
                # A literal comes back when the model has seen the placeholders that it is written with.
                if token in before and after.isdisjoint({token, redactor.mask(token, path).text}):
                    lost[token[:40]] += 1
                    ok = False
            is_name = re.compile(r"[A-Za-z_]\w*\Z").match
            names += sum(1 for token in before if is_name(token))
            kept_names += sum(1 for token in before if is_name(token) and token in after)
            try:
                equal += restore(old, masked, patched.text, redactor.placeholders, path) == new
            except RestoreRefused as refusal:
                refused[refusal.reason] += 1
        bugs += 1
        whole += ok
    print(
        f"fixes with every changed token present or restorable: {whole} of {bugs};"
        f" lost: {lost.most_common(8)}"
    )
    print(f"names that survive: {kept_names} of {names}")
    print(f"files of fixes restored byte by byte: {equal} of {files}; refused: {dict(refused)}")


def shown(repos: Path, repo: str, commit: str, path: str) -> str:
    folder = repos / repo.replace("/", "+")
    folder = folder / "repo" if (folder / "repo").is_dir() else folder
    done = subprocess.run(["git", "-C", folder, "show", f"{commit}:{path}"], capture_output=True, check=False)
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def tokens(text: str) -> set[str]:
    """Of Python, as far as it can be read."""
    found = set[str]()
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE):
                found.add(token.string)
    except (tokenize.TokenError, SyntaxError):
        pass
    return found


def changed(old: str, new: str) -> set[str]:
    """Tokens of lines that only the fix has."""
    lines = set(old.split("\n"))
    added = "\n".join(line.strip() for line in new.split("\n") if line not in lines)
    return {token for line in added.split("\n") for token in tokens(line)}


if __name__ == "__main__":
    main()
