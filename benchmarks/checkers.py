"""What running a checker through us costs beside the same command run by hand, for each tool that is here.

    python benchmarks/checkers.py [--pairs 7] [--only NAMES]

By hand: the same programs, arguments and environment, their output read through a pipe and thrown away. Ours:
the whole way from a folder to problems. Both take turns on the same project and the same cache, which is
warm; before each run a line is added to one file, as somebody does who then checks.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import shutil
import subprocess  # noqa: TID251 - the other side of the comparison
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness import Row, median, print_table

from lsp_debugger.checkers import CHECKERS, Checked, Checker, Job
from lsp_debugger.checkers.run import ENVIRONMENT, Runner
from lsp_debugger.context.workspace import Workspace
from lsp_debugger.spawn import scrubbed_environment
from lsp_debugger.syntax.symbols import SymbolMap

REPO = Path(__file__).resolve().parent.parent
_GOAL_RATIO = 1.10
_LONGEST_WAIT_S = 600.0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    wanted = {name for name in options.only.split(",") if name}
    rows = list[Row]()
    with tempfile.TemporaryDirectory(prefix="lsp-debugger-bench-") as folder:
        for checker in CHECKERS:
            if not wanted or checker.name in wanted:
                rows.append(asyncio.run(measured(checker, Path(folder).resolve(), options.pairs)))
    return 0 if print_table("Checkers, through us beside by hand", rows) else 1


@dataclass
class Recorded:
    """A checker that keeps what it has asked for."""

    checker: Checker
    jobs: list[Job] = field(default_factory=list[Job])
    argvs: list[Sequence[str]] = field(default_factory=list[Sequence[str]])

    def commands(self, job: Job) -> Iterable[Sequence[str]]:
        self.jobs, self.argvs = [job], list(self.checker.commands(job))
        return self.argvs

    def by_hand(self) -> float:
        """Seconds."""
        [job] = self.jobs
        env = scrubbed_environment(
            {**ENVIRONMENT, **self.checker.environment(job)}, untrusted_roots=job.tool.untrusted_roots
        )
        started = time.perf_counter()
        for argv in self.argvs:
            subprocess.run(
                argv, cwd=job.root, env=env, stdin=subprocess.DEVNULL, capture_output=True,
                check=False, timeout=_LONGEST_WAIT_S,
            )  # fmt: skip
        return time.perf_counter() - started


async def measured(checker: Checker, folder: Path, pairs: int) -> Row:
    write, changed, comment = _PROJECTS[min(checker.suffixes & _PROJECTS.keys())]
    root, cache = folder / checker.name / "project", folder / checker.name / "cache"
    root.mkdir(parents=True)
    cache.mkdir()
    lines = write(root)
    recorded = Recorded(checker)
    workspace = Workspace([root], SymbolMap())
    watched = replace(checker, commands=recorded.commands, is_wanted=lambda _: True)
    runner = Runner(root, True, lambda _: cache, workspace.on_disk, (watched,))

    edits = itertools.count()

    def edit() -> None:
        with (root / changed).open("a", encoding="utf-8") as file:
            file.write(f"{comment} {next(edits)}\n")

    async def ours() -> tuple[float, Checked]:
        edit()
        workspace._disk.clear()  # a run in a new process has read nothing
        started = time.perf_counter()
        [checked] = await runner.check(root)
        return time.perf_counter() - started, checked

    _, checked = await ours()  # fills the cache, and asks for the version once
    if checked.reason:
        return Row(checker.name, checked.reason)
    recorded.by_hand()
    by_hand_s, ours_s = list[float](), list[float]()
    for number in range(pairs):
        for is_ours in (True, False) if number % 2 else (False, True):
            if is_ours:
                ours_s.append((await ours())[0])
            else:
                edit()
                by_hand_s.append(recorded.by_hand())
    ratio, added_ms = median(ours_s) / median(by_hand_s), (median(ours_s) - median(by_hand_s)) * 1000
    return Row(
        f"{checker.name} {checked.version}: {lines:,} lines, {len(checked.problems)} findings",
        f"{median(by_hand_s):.3f} s → {median(ours_s):.3f} s, {added_ms:+.0f} ms, {ratio:.2f}",
        f"< {_GOAL_RATIO:.2f}",
        ratio < _GOAL_RATIO,
    )


def write_python(root: Path) -> int:
    """A copy of this package, with some faults."""
    shutil.copytree(
        REPO / "lsp_debugger", root / "shop", ignore=shutil.ignore_patterns("__pycache__", "demo_project")
    )
    (root / "pyproject.toml").write_text(
        '[project]\nname = "shop"\nversion = "0"\n[tool.ruff]\nline-length = 110\n[tool.mypy]\n'
        'ignore_missing_imports = true\n[tool.bandit]\nskips = ["B101"]\n'
    )
    faults = "import os\nimport subprocess\n\ncount: int = 'three'\nsubprocess.call('ls', shell=True)\n"
    (root / "faults.py").write_text(faults)
    return lines_in(root, ".py")


def write_scripts(root: Path) -> int:
    """TypeScript for the compiler, JavaScript for ESLint."""
    for number in range(80):
        text = "".join(
            f"export function total{index}(prices: number[], discount: number): number {{\n"
            f"  let sum = {index};\n  for (const price of prices) {{\n"
            "    sum += price * (1 - discount);\n  }\n"
            f"  return sum > {index} ? sum : total{max(index - 1, 0)}(prices, discount / 2);\n}}\n\n"
            for index in range(12)
        )
        fault = "export const count: number = 'three';\n" if number % 10 == 0 else ""
        (root / f"orders{number}.ts").write_text(f"import * as other from './orders{(number + 1) % 80}.js';\n"
            f"export const first = other.total0([1], 0.5);\n{text}{fault}")  # fmt: skip
        plain = text.replace(": number[]", "").replace(": number", "")
        (root / f"plain{number}.js").write_text(plain + ("debugger;\nundefinedName();\n" if fault else ""))
    (root / "tsconfig.json").write_text(
        '{"compilerOptions": {"strict": true, "types": [], "module": "nodenext", "target": "es2022"}, '
        '"include": ["*.ts"]}'
    )
    (root / "eslint.config.mjs").write_text(
        'export default [{files: ["*.js"], rules: {"no-debugger": 2, "no-undef": 2, "prefer-const": 1, '
        '"no-unused-vars": 2, "eqeqeq": 2}}];\n'
    )
    return lines_in(root, ".ts", ".js")


def write_rust(root: Path) -> int:
    (root / "src").mkdir()
    (root / "Cargo.toml").write_text('[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n')
    (root / "Cargo.lock").write_text('version = 3\n\n[[package]]\nname = "shop"\nversion = "0.1.0"\n')
    for number in range(40):
        text = "".join(
            f"pub fn total_{index}(prices: &[f64], discount: f64) -> f64 {{\n"
            f"    let sum: f64 = prices.iter().map(|price| price * (1.0 - discount)).sum();\n"
            f"    if sum > {index}.0 {{\n        return sum;\n    }}\n    sum + {index}.0\n}}\n\n"
            for index in range(12)
        )
        fault = "pub fn odd() {\n    let unused = 1;\n}\n" if number % 5 == 0 else ""
        (root / f"src/orders_{number}.rs").write_text(text + fault)
    (root / "src/lib.rs").write_text("".join(f"pub mod orders_{number};\n" for number in range(40)))
    return lines_in(root, ".rs")


def write_go(root: Path) -> int:
    (root / "go.mod").write_text("module example.org/shop\n\ngo 1.21\n")
    for number in range(40):
        text = "".join(
            f"func Total{number}x{index}(prices []float64, discount float64) float64 {{\n\tsum := {index}.0\n"
            "\tfor _, price := range prices {\n\t\tsum += price * (1 - discount)\n\t}\n\treturn sum\n}\n\n"
            for index in range(12)
        )
        fault = (
            f"func odd{number}(count int) int {{\n\tcount = count\n\treturn count\n}}\n"
            if number % 5 == 0
            else ""
        )
        (root / f"orders{number}.go").write_text(f"package shop\n\n{text}{fault}")
    return lines_in(root, ".go")


def write_c(root: Path) -> int:
    for number in range(12):
        text = "".join(
            f"double total_{index}(const double *prices, size_t count, double discount) {{\n"
            f"    double sum = {index};\n    for (size_t at = 0; at < count; at++) {{\n"
            f"        sum += prices[at] * (1 - discount);\n    }}\n    return sum;\n}}\n\n"
            for index in range(12)
        )
        fault = "int odd(void) { int unused; return missing; }\n" if number % 4 == 0 else ""
        (root / f"orders{number}.c").write_text(f"#include <stdio.h>\n#include <stdlib.h>\n\n{text}{fault}")
    return lines_in(root, ".c")


def write_shell(root: Path) -> int:
    for number in range(30):
        text = "".join(
            f'total_{index}() {{\n    sum=0\n    for price in "$@"; do\n'
            f"        sum=$((sum + price + {index}))\n"
            f'    done\n    echo "$sum"\n}}\n\n'
            for index in range(10)
        )
        fault = "echo $1\nrm -rf `ls $2`\n" if number % 5 == 0 else ""
        (root / f"orders{number}.sh").write_text(f"#!/bin/sh\n{text}{fault}")
    return lines_in(root, ".sh")


def lines_in(root: Path, *suffixes: str) -> int:
    return sum(len(path.read_bytes().splitlines()) for path in root.rglob("*") if path.suffix in suffixes)


# How to write one, and the file and the comment of the edits.
_PROJECTS: dict[str, tuple[Callable[[Path], int], str, str]] = {
    ".py": (write_python, "faults.py", "#"),
    ".js": (write_scripts, "orders1.ts", "//"),
    ".rs": (write_rust, "src/orders_1.rs", "//"),
    ".go": (write_go, "orders1.go", "//"),
    ".c": (write_c, "orders1.c", "//"),
    ".sh": (write_shell, "orders1.sh", "#"),
}

if __name__ == "__main__":
    sys.exit(main())
