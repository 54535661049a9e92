"""Golden cases of Rust: one Cargo workspace, a package for each case, built for one target."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from card_golden import GoldenCase, cases_of
from card_of_tool import cards_of
from tool_golden import Reported, ToolCases

from lsp_debugger.cards.docs import RuleTexts
from lsp_debugger.cards.python.proof import applied
from lsp_debugger.checkers import Checker
from lsp_debugger.core.ask import Problem

# Tests get a home of their own, and rustup keeps its toolchains in the user's.
TOOLCHAINS = os.environ.get("RUSTUP_HOME") or str(Path.home() / ".rustup")


@dataclass
class CargoCases(ToolCases):
    """given: cases that stand in no file; they are run, and nothing is recorded."""

    given: list[GoldenCase] | None = None

    @property
    def cases(self) -> list[GoldenCase]:
        return super().cases if self.given is None else self.given

    def run(self, root: Path) -> Reported:
        """What the tool says of the given cases."""
        root = root.resolve()
        self._write(root)
        tool = self._tool(root)
        if tool is None:
            pytest.skip(f"no {self.checker.name} here")
        problems = list(self.checker.read(self._job(root, tool), self._run(root, tool)))
        return Reported(root, problems, here=True, version="")


def cargo_cases(folder: str, checker: Checker, given: list[GoldenCase] | None = None) -> CargoCases:
    cases = cases_of(folder) if given is None else given
    members = ", ".join(f'"{case.folder}"' for case in cases)
    shared = {"Cargo.toml": f'[workspace]\nresolver = "2"\nmembers = [{members}]\n'}
    shared |= {f"{case.folder}/Cargo.toml": manifest(case.folder.lower(), case) for case in cases}
    return CargoCases(folder, checker, shared, scrub, given=given)


def manifest(name: str, case: GoldenCase) -> str:
    """Without the targets for tests and benchmarks: they would tell everything again, and take as long."""
    target = '[[bin]]\nname = "main"\npath = "src/main.rs"\n' if "src/main.rs" in case.files else "[lib]\n"
    package = f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n'
    return f"{package}\n{target}test = false\nbench = false\n"


def scrub(text: str) -> str:
    """The diagnostics alone, in an order that does not depend on which package is done first.

    Cargo's own lines tell times, and much of a diagnostic is said twice: what the checker reads stays.
    """
    kept = list[str]()
    for line in text.splitlines():
        found: Any = json.loads(line) if line.startswith("{") else {}
        if found.get("reason") == "compiler-message" and found["message"]["spans"]:
            message = _without_repetition(found["message"])
            kept.append(_without_toolchain(json.dumps({"reason": found["reason"], "message": message})))
        elif found.get("reason") == "build-finished":
            kept.append(json.dumps(found))
    return "".join(f"{line}\n" for line in sorted(kept))


def _without_repetition(message: dict[str, Any]) -> dict[str, Any]:
    return {
        "message": message["message"],
        "code": message["code"] and {"code": message["code"]["code"]},
        "level": message["level"],
        "spans": [_place(span) for span in message["spans"]],
        "children": [_without_repetition(child) for child in message["children"]],
    }


def _place(span: dict[str, Any]) -> dict[str, Any]:
    left_out = {"byte_start", "byte_end", "text", "def_site_span", "expansion"}
    kept = {key: value for key, value in span.items() if key not in left_out}
    used = span["expansion"]
    kept["expansion"] = used and {"macro_decl_name": used["macro_decl_name"], "span": _place(used["span"])}
    return kept


def _without_toolchain(text: str) -> str:
    installed = re.sub(r"(?:/[\w.+-]+)+/lib/rustlib", "$SYSROOT/lib/rustlib", text)
    return re.sub(r"/rustc/[0-9a-f]{40}", "$SYSROOT", installed)


async def check_edits(cases: CargoCases, reported: Reported, docs: RuleTexts, root: Path) -> list[str]:
    """Each certain edit on a copy of its case, one run over all copies: its finding is gone, none has come.

    Returns the edits' titles.
    """
    copies, wanted = list[GoldenCase](), list[tuple[str, Counter[tuple[str, str]]]]()
    for case in cases.cases:
        made = await cards_of(case, reported, docs)
        for problem, card, project in made:
            if card.edit is None:
                continue
            name = Path(str(problem.path)).relative_to(project.root).as_posix()
            text = applied(project.read(name).text, card.edit.replacements)
            copy = GoldenCase(case.source, f"{case.name} {len(copies)}", {**case.files, name: text})
            copies.append(copy)
            left = Counter(_told(each) for each, _, _ in made) - Counter([_told(problem)])
            wanted.append((f"{case.id}: {card.edit.title}", left))
    found = await asyncio.to_thread(cargo_cases(cases.folder, cases.checker, copies).run, root)
    worse = list[str]()
    for copy, (title, left) in zip(copies, wanted, strict=True):
        new = Counter(_told(each) for each in found.of(copy)) - left
        worse += [f"{title}: {new}"] if new else []
    assert not worse, "\n".join(worse)
    return [title for title, _ in wanted]


def _told(problem: Problem) -> tuple[str, str]:
    return problem.code, problem.message.partition("\n")[0]
