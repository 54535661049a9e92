"""Patches that make a tool quiet instead of the code right, told by what there is more of, or less, afterwards."""

# ruff: noqa: E501 - a pattern in pieces is harder to read than a long line

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_I = re.IGNORECASE


@dataclass(frozen=True, slots=True)
class _Sign:
    """More matches after a patch than before are a flag; is_loss: fewer are. paths: of the files it is for."""

    name: str
    pattern: re.Pattern[str]
    is_loss: bool = False
    paths: re.Pattern[str] = re.compile("")


_TESTS = re.compile(
    r"(?:^|/)(?:tests?|specs?|__tests__)/|(?:^|/)(?:test_[^/]*|[^/]*(?:_test|\.test|\.spec|Test|Tests))\.\w+$"
)

SIGNS = (
    # Comments that a tool obeys.
    _Sign("noqa", re.compile(r"#\s*(?:ruff:\s*|flake8[:-]\s*)?noqa", _I)),
    _Sign("type: ignore", re.compile(r"#\s*(?:type|mypy)\s*:\s*(?:ignore|disable)", _I)),
    _Sign("pyright: ignore", re.compile(r"#\s*(?:based)?pyright\s*:", _I)),
    _Sign("pylint: disable", re.compile(r"#\s*pylint\s*:\s*(?:disable|skip)", _I)),
    _Sign("nosec", re.compile(r"#\s*nosec", _I)),
    _Sign("pyre or pytype ignore", re.compile(r"#\s*(?:pyre-(?:ignore|fixme)|pytype:\s*disable)", _I)),
    _Sign("formatter or coverage off", re.compile(r"#\s*(?:pragma:\s*no\s*cover|isort:\s*skip)", _I)),
    _Sign("eslint-disable", re.compile(r"(?://|/\*|<!--)\s*eslint-disable", _I)),
    _Sign("ts-ignore", re.compile(r"(?://|/\*)\s*@ts-(?:ignore|nocheck|expect-error)", _I)),
    _Sign("other linters of JavaScript", re.compile(r"(?://|/\*)\s*(?:tslint:disable|jshint\s+ignore|biome-ignore|oxlint-disable|deno-lint-ignore|istanbul ignore|v8 ignore|c8 ignore)", _I)),
    _Sign("allow attribute", re.compile(r"#!?\[\s*(?:cfg_attr\([^)]*,\s*)?(?:allow|expect)\s*\(")),
    _Sign("nolint", re.compile(r"//\s*(?:nolint|lint:(?:file-)?ignore|#nosec|revive:disable)", _I)),
    _Sign("shellcheck disable", re.compile(r"#\s*shellcheck\s+disable", _I)),
    _Sign("NOLINT", re.compile(r"//\s*NOLINT(?:NEXTLINE|BEGIN)?\b|/\*\s*NOLINT")),
    _Sign("diagnostic pragma", re.compile(r"#\s*pragma\s+(?:GCC|clang)\s+diagnostic\s+ignored|#\s*pragma\s+warning\s*\(?\s*disable", _I)),
    _Sign("suppressed warnings", re.compile(r"@SuppressWarnings|@Suppress\s*\(|\[\s*SuppressMessage|rubocop\s*:\s*disable|phpcs\s*:\s*(?:ignore|disable)|@phpstan-ignore|@psalm-suppress|NOSONAR|CHECKSTYLE\s*:?\s*OFF|swiftlint\s*:\s*disable|detekt\s*:", _I)),
    # Types that fit everything.
    _Sign("cast to Any", re.compile(r"\bcast\s*\(\s*[\"']?(?:typing\.)?Any\b|:\s*(?:typing\.)?Any\s*=|->\s*(?:typing\.)?Any\b")),
    _Sign("as any", re.compile(r"\bas\s+(?:any|never|unknown\s+as)\b|:\s*any\b|<any>")),
    _Sign("non-null assertion", re.compile(r"[\w)\]]!(?=\.|\[|;|,|\)|$)", re.MULTILINE), paths=re.compile(r"\.[cm]?tsx?$")),
    _Sign("unwrapped", re.compile(r"\.unwrap\(\)|\.expect\(\""), paths=re.compile(r"\.rs$")),
    _Sign("unsafe", re.compile(r"\bunsafe\s*\{"), paths=re.compile(r"\.rs$")),
    _Sign("discarded error", re.compile(r"(?m)^\s*_\s*(?:,\s*_\s*)?=\s*\w|,\s*_\s*:?=\s"), paths=re.compile(r"\.go$")),
    # Errors that nobody sees any more.
    _Sign("emptied except", re.compile(r"except\b[^\n]*:\s*(?:#[^\n]*)?(?:\n\s*(?:#[^\n]*)?)*(?:pass|\.\.\.|continue)\b")),
    _Sign("suppress", re.compile(r"\bsuppress\s*\(\s*(?:Base)?Exception")),
    _Sign("bare except", re.compile(r"except\s*:|except\s+(?:Base)?Exception\b")),
    _Sign("emptied catch", re.compile(r"catch\s*(?:\([^)]*\))?\s*\{\s*(?://[^\n]*\s*|/\*.*?\*/\s*)*\}", re.DOTALL)),
    _Sign("ignored failure", re.compile(r"\|\|\s*(?:true|:)(?=\s|$)|2>\s*/dev/null|set\s+\+e\b"), paths=re.compile(r"\.(?:sh|bash|bats)$|(?:^|/)[^./]+$")),
    _Sign("ignored result", re.compile(r"\(void\)\s*\w+\s*\("), paths=re.compile(r"\.(?:c|cc|cpp|h|hpp)$")),
    # Code that is not looked at any more.
    _Sign("dead branch", re.compile(r"\bif\s+(?:False|0|TYPE_CHECKING\s+and\s+False)\s*:|\bif\s*\(\s*(?:false|0)\s*\)|^\s*#\s*if\s+0\b", re.MULTILINE)),
    _Sign("skipped test", re.compile(r"pytest\.(?:mark\.)?(?:skip|xfail)|unittest\.(?:skip|expectedFailure)|\.skipTest\(|\b(?:it|test|describe)\.(?:skip|todo|failing)\b|\bx(?:it|describe|test)\s*\(|#\[\s*ignore|\bt\.Skip|@(?:Ignore|Disabled)\b")),
    _Sign("assertion that is always true", re.compile(r"\bassert\s+(?:True|1)\b|assert_?(?:True|true)\s*\(\s*(?:True|true)\s*\)|expect\s*\(\s*true\s*\)\s*\.\s*to(?:Be|Equal)\s*\(\s*true|\bassert!\s*\(\s*true")),
    # What is gone.
    _Sign("removed assertion", re.compile(r"\bassert\b|\bself\.assert\w+\(|\bexpect\s*\(|\bassert(?:_eq|_ne)?!|\brequire\.\w+\(t|\bt\.(?:Error|Fatal)"), is_loss=True),
    _Sign("removed test", re.compile(r"(?m)^\s*(?:async\s+)?def\s+test|^\s*(?:it|test)\s*\(|#\[\s*(?:\w+::)?test\b|^func\s+Test\w+|@Test\b"), is_loss=True, paths=_TESTS),
    _Sign("removed check", re.compile(r"\braise\s+\w|\bthrow\s+\w|\bpanic!?\s*\(|\breturn\s+(?:Err|fmt\.Errorf|errors\.New)\b"), is_loss=True),
)  # fmt: skip


def silences(before: Mapping[str, str], after: Mapping[str, str | None]) -> tuple[str, ...]:
    """Names of what the patch does to be quiet. Texts by path; None is a file that it deletes."""
    found = dict[str, None]()
    for path, text in after.items():
        old = before.get(path, "")
        if text is None:
            if _TESTS.search(path):
                found["removed test"] = None
            continue
        found |= dict.fromkeys(_in_file(path, old, text))
    return tuple(found)


def _in_file(path: str, old: str, new: str) -> Iterator[str]:
    for sign in SIGNS:
        if not sign.paths.search(path):
            continue
        had, has = (len(sign.pattern.findall(text)) for text in (old, new))
        if (has < had) if sign.is_loss else (has > had):
            yield sign.name
