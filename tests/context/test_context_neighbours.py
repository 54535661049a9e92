"""Which files of a project a file refers to."""

from __future__ import annotations

from pathlib import Path

import pytest

from lsp_debugger.context.neighbours import MAX_NEIGHBOURS, neighbours
from lsp_debugger.core.text import Snapshot
from lsp_debugger.syntax.grammars import language_of


def check(root: Path, files: dict[str, str], asked: str, expected: list[str]) -> None:
    """files: text by path; what `asked` refers to, in order."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    path = root / asked
    snapshot = Snapshot(path.as_uri(), files[asked], None, str(path), language_of(asked))
    found = [each.relative_to(root).as_posix() for each in neighbours(snapshot, root)]
    assert found == expected


@pytest.mark.parametrize(
    ("files", "asked", "expected"),
    [
        (
            {
                "a.py": "from shop import cart\nimport b.c\n",
                "shop/__init__.py": "",
                "shop/cart.py": "",
                "b/c.py": "",
            },
            "a.py",
            ["shop/__init__.py", "shop/cart.py", "b/c.py"],
        ),
        (
            {
                "src/a.ts": 'import { x } from "./lib/b";\nconst y = require("../c");\n',
                "src/lib/b.tsx": "",
                "c.js": "",
            },
            "src/a.ts",
            ["src/lib/b.tsx", "c.js"],
        ),
        (
            {
                "go.mod": "module example.com/shop\n\ngo 1.21\n",
                "cmd/main.go": 'package main\n\nimport (\n\t"fmt"\n\tc "example.com/shop/cart"\n)\n',
                "cmd/main_test.go": "package main\n",
                "cmd/flags.go": "package main\n",
                "cart/cart.go": "package cart\n",
                "fmt/fmt.go": "package fmt\n",
            },
            "cmd/main.go",
            ["cmd/flags.go", "cmd/main_test.go", "cart/cart.go"],
        ),
        (
            {
                "src/lib.rs": "mod cart;\npub mod shop;\n",
                "src/cart.rs": "use crate::shop::{Item, Price};\nuse super::util::Money;\nmod line;\n",
                "src/cart/line.rs": "",
                "src/shop/mod.rs": "",
                "src/util.rs": "",
            },
            "src/cart.rs",
            ["src/cart/line.rs", "src/shop/mod.rs", "src/util.rs", "src/lib.rs"],
        ),
        (
            {"src/lib.rs": "mod cart;\npub(crate) mod shop;\n", "src/cart.rs": "", "src/shop/mod.rs": ""},
            "src/lib.rs",
            ["src/cart.rs", "src/shop/mod.rs"],
        ),
        (
            {
                "src/main.c": '#include <stdio.h>\n#include "cart.h"\n  # include "sub/x.h"\n',
                "include/cart.h": "",
                "src/sub/x.h": "",
                "src/main.h": "",
            },
            "src/main.c",
            ["include/cart.h", "src/sub/x.h", "src/main.h"],
        ),
        (
            {"bin/run.sh": '. ./lib.sh\nsource "common.sh"\n', "bin/lib.sh": "", "common.sh": ""},
            "bin/run.sh",
            ["bin/lib.sh", "common.sh"],
        ),
    ],
    ids=["python", "typescript", "go", "rust", "rust crate", "c", "shell"],
)
def test_neighbours(tmp_path: Path, files: dict[str, str], asked: str, expected: list[str]):
    check(tmp_path.resolve(), files, asked, expected)


def test_a_package_of_many_files_is_cut(tmp_path: Path):
    files = {f"f{number:03}.go": "package a\n" for number in range(100)}
    first = [f"f{number:03}.go" for number in range(1, MAX_NEIGHBOURS + 1)]
    check(tmp_path.resolve(), files, "f000.go", first)
