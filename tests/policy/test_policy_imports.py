"""A start of the server pays for none of this: what is heavy comes with the first use."""

from __future__ import annotations

import subprocess  # noqa: TID251 - a fresh interpreter
import sys
from pathlib import Path

import lsp_debugger.policy

_CODE = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(f"lsp_debugger.policy.{name}")
from lsp_debugger.policy.store import PolicyStore
assert PolicyStore().current().policy.rules == ()
heavy = {"re2", "yaml", "sqlite3", "lsp_debugger.policy.rules"} & set(sys.modules)
assert not heavy, heavy
"""


def test_the_package_itself_imports_none_of_its_modules() -> None:
    """Threads that import its parts for the first time at once would wait for each other's locks."""
    code = "import sys, lsp_debugger.policy; assert not [m for m in sys.modules if 'policy.' in m]"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_nothing_heavy_is_imported_with_the_package() -> None:
    folder = Path(lsp_debugger.policy.__file__).parent
    names = sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
    assert {"gate", "redact", "audit", "schema"} <= set(names)
    subprocess.run([sys.executable, "-c", _CODE, *names], check=True, timeout=60)
