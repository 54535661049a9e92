"""argparse with our manners: one line instead of a usage block, and no exit from inside."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from lsp_debugger.core.errors import ConfigInvalid


class Arguments(argparse.ArgumentParser):
    """Raises ConfigInvalid on wrong usage. Help is the verb's HELP, printed by app.py."""

    def __init__(self, prog: str, **rest: Any) -> None:
        super().__init__(prog=prog, add_help=False, allow_abbrev=False, **rest)

    def error(self, message: str) -> NoReturn:
        verb = " ".join(self.prog.split()[:2])
        raise ConfigInvalid(message, f"see `{verb} --help`")
