"""Golden cases of Rust: one Cargo workspace, a package for each case, built for one target."""

from __future__ import annotations

import json
import re
from typing import Any

from card_golden import GoldenCase, cases_of
from tool_golden import ToolCases

from lsp_debugger.checkers import Checker


def cargo_cases(folder: str, checker: Checker) -> ToolCases:
    cases = cases_of(folder)
    members = ", ".join(f'"{case.folder}"' for case in cases)
    shared = {"Cargo.toml": f'[workspace]\nresolver = "2"\nmembers = [{members}]\n'}
    shared |= {f"{case.folder}/Cargo.toml": manifest(case.folder, case) for case in cases}
    return ToolCases(folder, checker, shared, scrub)


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
