"""How this program is installed. The one place to change once an index of packages has it.

What editors, README and hints say follows from here, the files by `nox -s generate`.
"""

from __future__ import annotations

# None yet: whoever asked an index for our name would get what somebody else put there under it.
PACKAGE = ""
WHERE = "" if PACKAGE else "in a checkout of lsp_debugger"
_USUAL = ("demo", "languages")


def command(tool: str = "pipx install", *extras: str) -> str:
    """For a shell, in double quotes, which all shells take."""
    return f'{tool} "{PACKAGE or "."}[{",".join(dict.fromkeys((*_USUAL, *extras)))}]"'


def how(*extras: str) -> str:
    """One line: where to run what. extras: of those who have it installed already, without these."""
    place = f"{WHERE}: " if WHERE else ""
    return place + command("pipx install --force" if extras else "pipx install", *extras)
