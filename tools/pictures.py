#!/usr/bin/env python3
"""Pictures of terminal editors from what their walks kept: pictures.py build/editors FOLDER NAME…"""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.ansi import AnsiDecoder
from rich.console import Console

COLUMNS = 140
# Without fonts from elsewhere: who opens README is not to be told to anybody.
_FORMAT = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)


def picture(ansi: str, title: str) -> str:
    """An SVG of a terminal's screen. Empty lines at its end are left out."""
    console = Console(
        record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    decoder = AnsiDecoder()  # a style goes on where its line has ended
    for line in ansi.rstrip().split("\n"):
        console.print(decoder.decode_line(line), no_wrap=True, crop=True)
    return console.export_svg(title=title, code_format=_FORMAT)


def main(source: Path, target: Path, *names: str) -> None:
    for name in names:
        ansi = (source / f"{name}.ansi").read_text("utf-8")
        (target / f"{name}.svg").write_text(picture(ansi, name.partition("-")[0]), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
