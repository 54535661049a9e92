"""Golden cases: files, the real tool's findings in them, and what their cards say.

A file in tests/golden/cards/TOOL holds cases:

    @@ name of the case
    --- app.py
    its text
    === app.py:3:7 F821
    the card, a line each

`UPDATE_GOLDEN=1 pytest tests/cards` writes the cards as they are now. Read the diff.
"""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

GOLDEN = Path(__file__).parents[1] / "golden" / "cards"
UPDATING = os.environ.get("UPDATE_GOLDEN") == "1"


@dataclass
class GoldenCase:
    """files: text by path. cards: lines by `path:line:column CODE`, in the order of the findings."""

    source: Path
    name: str
    files: dict[str, str] = field(default_factory=dict)
    cards: dict[str, list[str]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.source.stem}: {self.name}"

    @property
    def folder(self) -> str:
        return re.sub(r"\W+", "_", f"{self.source.stem}_{self.name}")

    def write_files(self, root: Path) -> None:
        for path, text in self.files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")


def cases_of(tool: str) -> list[GoldenCase]:
    return [case for file in sorted((GOLDEN / tool).glob("*.txt")) for case in _read(file)]


def _read(file: Path) -> Iterator[GoldenCase]:
    for block in re.split(r"^@@ ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        name, _, body = block.partition("\n")
        case = GoldenCase(file, name.strip())
        parts = re.split(r"^(---|===) (.+)\n", body, flags=re.MULTILINE)
        for at in range(1, len(parts), 3):
            kind, title, text = parts[at : at + 3]
            if kind == "---":
                case.files[title] = text
            else:
                case.cards[title] = text.rstrip("\n").split("\n")
        yield case


def check(case: GoldenCase, found: Mapping[str, list[str]]) -> None:
    """Compare, or write what was found into the case's file."""
    if UPDATING:
        _write(case, found)
    else:
        before, now = (json.dumps(each, indent=1, ensure_ascii=False) for each in (case.cards, found))
        difference = difflib.unified_diff(before.splitlines(), now.splitlines(), "golden", "now", lineterm="")
        assert found == case.cards, "\n".join(difference)


def _write(changed: GoldenCase, found: Mapping[str, list[str]]) -> None:
    blocks = list[str]()
    for case in _read(changed.source):
        cards = found if case.name == changed.name else case.cards
        files = "".join(f"--- {path}\n{text}" for path, text in case.files.items())
        shown = "".join(f"=== {title}\n" + "\n".join(lines) + "\n" for title, lines in cards.items())
        blocks.append(f"@@ {case.name}\n{files}{shown}")
    changed.source.write_text("".join(blocks), encoding="utf-8")
