"""Patches that make a tool quiet instead of the code right, told by what there is more of, or less, afterwards."""

# ruff: noqa: E501 - a pattern in pieces is harder to read than a long line

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from lsp_debugger.policy.patterns import compile_pattern, encode


@dataclass(frozen=True, slots=True)
class _Sign:
    """More matches after a patch than before are a flag; is_loss: fewer are. paths: of the files it is for.

    Both are RE2's: the text is a stranger's, and must not be able to choose how long it takes to read it.
    """

    name: str
    pattern: str
    is_loss: bool = False
    paths: str = ""


_TESTS = (
    r"(?:^|/)(?:tests?|specs?|__tests__)/|(?:^|/)(?:test_[^/]*|[^/]*(?:_test|\.test|\.spec|Test|Tests))\.\w+$"
)

SIGNS = (
    # Comments that a tool obeys.
    _Sign("noqa", r"(?i)#\s*(?:ruff:\s*|flake8[:-]\s*)?noqa"),
    _Sign("type: ignore", r"(?i)#\s*(?:type|mypy)\s*:\s*(?:ignore|disable)"),
    _Sign("pyright: ignore", r"(?i)#\s*(?:based)?pyright\s*:"),
    _Sign("pylint: disable", r"(?i)#\s*pylint\s*:\s*(?:disable|skip)"),
    _Sign("nosec", r"(?i)#\s*nosec"),
    _Sign("pyre or pytype ignore", r"(?i)#\s*(?:pyre-(?:ignore|fixme)|pytype:\s*disable)"),
    _Sign("formatter or coverage off", r"(?i)#\s*(?:pragma:\s*no\s*cover|isort:\s*skip)"),
    _Sign("eslint-disable", r"(?i)(?://|/\*|<!--)\s*eslint-disable"),
    _Sign("ts-ignore", r"(?i)(?://|/\*)\s*@ts-(?:ignore|nocheck|expect-error)"),
    _Sign("other linters of JavaScript", r"(?i)(?://|/\*)\s*(?:tslint:disable|jshint\s+ignore|biome-ignore|oxlint-disable|deno-lint-ignore|istanbul ignore|v8 ignore|c8 ignore)"),
    _Sign("allow attribute", r"#!?\[\s*(?:cfg_attr\([^)]*,\s*)?(?:allow|expect)\s*\("),
    _Sign("nolint", r"(?i)//\s*(?:nolint|lint:(?:file-)?ignore|#nosec|revive:disable)"),
    _Sign("shellcheck disable", r"(?i)#\s*shellcheck\s+disable"),
    _Sign("NOLINT", r"//\s*NOLINT(?:NEXTLINE|BEGIN)?\b|/\*\s*NOLINT"),
    _Sign("diagnostic pragma", r"(?i)#\s*pragma\s+(?:GCC|clang)\s+diagnostic\s+ignored|#\s*pragma\s+warning\s*\(?\s*disable"),
    _Sign("suppressed warnings", r"(?i)@SuppressWarnings|@Suppress\s*\(|\[\s*SuppressMessage|rubocop\s*:\s*disable|phpcs\s*:\s*(?:ignore|disable)|@phpstan-ignore|@psalm-suppress|NOSONAR|CHECKSTYLE\s*:?\s*OFF|swiftlint\s*:\s*disable|detekt\s*:"),
    # Types that fit everything.
    _Sign("cast to Any", r"\bcast\s*\(\s*[\"']?(?:typing\.)?Any\b|:\s*(?:typing\.)?Any\s*=|->\s*(?:typing\.)?Any\b"),
    _Sign("as any", r"\bas\s+(?:any|never|unknown\s+as)\b|:\s*any\b|<any>"),
    _Sign("non-null assertion", r"(?m)[\w)\]]!(?:[.\[;,)]|$)", paths=r"\.[cm]?tsx?$"),
    _Sign("unwrapped", r"\.unwrap\(\)|\.expect\(\"", paths=r"\.rs$"),
    _Sign("unsafe", r"\bunsafe\s*\{", paths=r"\.rs$"),
    _Sign("discarded error", r"(?m)^\s*_\s*(?:,\s*_\s*)?=\s*\w|,\s*_\s*:?=\s", paths=r"\.go$"),
    # Errors that nobody sees any more.
    _Sign("emptied except", r"except\b[^\n]*:\s*(?:#[^\n]*)?(?:\n\s*(?:#[^\n]*)?)*(?:pass|\.\.\.|continue)\b"),
    _Sign("suppress", r"\bsuppress\s*\(\s*(?:Base)?Exception"),
    _Sign("bare except", r"except\s*:|except\s+(?:Base)?Exception\b"),
    _Sign("emptied catch", r"(?s)catch\s*(?:\([^)]*\))?\s*\{\s*(?://[^\n]*\s*|/\*.*?\*/\s*)*\}"),
    _Sign("ignored failure", r"\|\|\s*(?:true|:)(?:\s|$)|2>\s*/dev/null|set\s+\+e\b", paths=r"\.(?:sh|bash|bats)$|(?:^|/)[^./]+$"),
    _Sign("ignored result", r"\(void\)\s*\w+\s*\(", paths=r"\.(?:c|cc|cpp|h|hpp)$"),
    # Code that is not looked at any more.
    _Sign("dead branch", r"(?m)\bif\s+(?:False|0|TYPE_CHECKING\s+and\s+False)\s*:|\bif\s*\(\s*(?:false|0)\s*\)|^\s*#\s*if\s+0\b"),
    _Sign("skipped test", r"pytest\.(?:mark\.)?(?:skip|xfail)|unittest\.(?:skip|expectedFailure)|\.skipTest\(|\b(?:it|test|describe)\.(?:skip|todo|failing)\b|\bx(?:it|describe|test)\s*\(|#\[\s*ignore|\bt\.Skip|@(?:Ignore|Disabled)\b"),
    _Sign("assertion that is always true", r"\bassert\s+(?:True|1)\b|assert_?(?:True|true)\s*\(\s*(?:True|true)\s*\)|expect\s*\(\s*true\s*\)\s*\.\s*to(?:Be|Equal)\s*\(\s*true|\bassert!\s*\(\s*true"),
    # What is gone.
    _Sign("removed assertion", r"\bassert\b|\bself\.assert\w+\(|\bexpect\s*\(|\bassert(?:_eq|_ne)?!|\brequire\.\w+\(t|\bt\.(?:Error|Fatal)", is_loss=True),
    _Sign("removed test", r"(?m)^\s*(?:async\s+)?def\s+test|^\s*(?:it|test)\s*\(|#\[\s*(?:\w+::)?test\b|^func\s+Test\w+|@Test\b", is_loss=True, paths=_TESTS),
    _Sign("removed check", r"\braise\s+\w|\bthrow\s+\w|\bpanic!?\s*\(|\breturn\s+(?:Err|fmt\.Errorf|errors\.New)\b", is_loss=True),
)  # fmt: skip

# What checkers and test runners are told to look at.
_SETTINGS_FILES = (
    r"(?i)(?:^|/)(?:\.?ruff\.toml|\.?mypy\.ini|\.flake8|\.?pylintrc(?:\.toml)?|\.?bandit(?:\.ya?ml)?|pyrightconfig\.json"
    r"|pytest\.(?:ini|toml)|\.coveragerc|tox\.ini|\.eslintrc(?:\.\w+)?|\.eslintignore|eslint\.config\.\w+|\.?biome\.jsonc?"
    r"|\.?oxlintrc\.json|[jt]sconfig(?:\.[\w-]+)?\.json|(?:jest|vitest|karma|playwright|cypress)\.config\.\w+"
    r"|\.mocharc(?:\.\w+)?|\.nycrc(?:\.\w+)?|\.?clippy\.toml|\.golangci\.(?:ya?ml|toml|json)|staticcheck\.conf|\.clang-tidy"
    r"|\.shellcheckrc|\.rubocop\.yml|phpstan\.neon(?:\.dist)?|psalm\.xml|checkstyle\.xml)$"
)
# Files that hold some of those beside other things: by tables, sections and keys.
_SHARED_FILES = r"(?i)(?:^|/)(?:pyproject\.toml|setup\.cfg|Cargo\.toml|package\.json)$"
_SHARED_HEAD = r"^\s*\[{1,2}[^\]]*\]"
_CHECKERS_HEAD = r"(?i)^\s*\[{1,2}\s*\"?(?:tool\.(?:based)?(?:ruff|mypy|pyright|pylint|flake8|bandit|pytest|coverage|tox)|mypy|flake8|pylint|tool:pytest|coverage|(?:workspace\.)?lints)\b"
_CHECKERS_KEY = r"^\s*\"(?:eslintConfig|eslintIgnore|jest|mocha|ava|nyc|c8|vitest|xo|standard)\"\s*:"


def silences(before: Mapping[str, str], after: Mapping[str, str | None], own: str = "") -> tuple[str, ...]:
    """Names of what the patch does to be quiet. Texts by path; None is a file that it deletes.

    own: the file that holds the problem, whose settings are what is wrong if it is one of those. Blocks for
    as long as it takes to read the texts.
    """
    found = dict[str, None]()
    for path, text in after.items():
        old = before.get(path, "")
        if path != own and _tells_a_checker(path, old, text or ""):
            found["settings of a checker"] = None
        if text is None:
            if _has(_TESTS, path):
                found["removed test"] = None
            continue
        found |= dict.fromkeys(_in_file(path, old, text))
    return tuple(found)


def _tells_a_checker(path: str, old: str, new: str) -> bool:
    """Whether tools look at something else, or at less: in files of their own, or their parts of others."""
    is_shared = _has(_SHARED_FILES, path)
    return _has(_SETTINGS_FILES, path) or (is_shared and _parts(old) != _parts(new))


def _parts(text: str) -> list[str]:
    """The tables and sections of a shared file that are some checker's, in their order."""
    found, is_kept, depth = list[str](), False, 0
    for line in text.splitlines():
        if _has(_SHARED_HEAD, line):
            is_kept = _has(_CHECKERS_HEAD, line)
        if not depth and _has(_CHECKERS_KEY, line):  # of JSON, until its bracket closes
            depth = max(_nesting(line), 0)
            found.append(line.strip())
        elif depth:
            depth = max(depth + _nesting(line), 0)
            found.append(line.strip())
        elif is_kept and line.strip():
            found.append(line.strip())
    return found


def _nesting(line: str) -> int:
    return sum(line.count(mark) for mark in "{[") - sum(line.count(mark) for mark in "}]")


def _in_file(path: str, old: str, new: str) -> Iterator[str]:
    was, now = encode(old), encode(new)
    for sign in SIGNS:
        if sign.paths and not _has(sign.paths, path):
            continue
        had, has = (_count(sign.pattern, text) for text in (was, now))
        if (has < had) if sign.is_loss else (has > had):
            yield sign.name


def _has(pattern: str, text: str) -> bool:
    return compiled(pattern).search(encode(text)) is not None


def _count(pattern: str, text: bytes) -> int:
    return sum(1 for _ in compiled(pattern).finditer(text))


compiled = cache(compile_pattern)
