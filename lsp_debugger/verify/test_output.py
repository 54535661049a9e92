"""What test runners print, as far as it has to be understood: how many tests passed and which failed."""

from __future__ import annotations

import re

# pytest, jest, vitest, mocha: the last line of this kind counts the tests, those before it count files.
_PASSED = re.compile(r"\b(\d+) pass(?:ed|ing)\b")
_PYTEST = re.compile(
    r"^=* ?(?:no tests ran|\d+ (?:passed|skipped|deselected|xfailed|xpassed|warnings?)\b.*) in [\d.]+s",
    re.MULTILINE,
)
_CARGO = re.compile(r"^test result: ok\. (\d+) passed;", re.MULTILINE)
_NODE = re.compile(r"^(?:#|ℹ) pass (\d+)$", re.MULTILINE)  # noqa: RUF001 - Node prints this sign
_GO = re.compile(r"^--- PASS: ", re.MULTILINE)
_GO_WITHOUT = re.compile(r"^(?:ok  .*\[no tests to run\]|\?   .*\[no test files\])$", re.MULTILINE)
_GO_OK = re.compile(r"^ok  ", re.MULTILINE)
_FAILING = re.compile(
    r"^(?:(?:FAILED|ERROR) (?P<pytest>.+?)"
    r"|\s*--- FAIL: (?P<go>\S+)"
    r"|test (?P<cargo>\S+) \.\.\. FAILED"
    r"|\s*not ok \d+ - (?P<tap>.+?)"
    r"|\s*✖ (?P<node>.+?))(?: \([\d.]+m?s\))?(?: - .*)?$",
    re.MULTILINE,
)


def passed(output: str) -> int | None:
    """How many tests passed; None where the runner does not say. 0 is no proof of anything."""
    if counts := _CARGO.findall(output) or _NODE.findall(output):
        return sum(map(int, counts))
    if _GO_OK.search(output):
        counted = len(_GO.findall(output))
        return counted or (0 if len(_GO_WITHOUT.findall(output)) == len(_GO_OK.findall(output)) else None)
    found = _PASSED.findall(output)
    if found:
        return int(found[-1])
    return 0 if _PYTEST.search(output) else None


def failing(output: str) -> frozenset[str]:
    """The names of the tests that failed, as the runner writes them; empty where it names none."""
    return frozenset(next(filter(None, found.groups())) for found in _FAILING.finditer(output))
