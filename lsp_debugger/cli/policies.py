"""Which policy a command line asks: a file that is named, or the one in force here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lsp_debugger.cli.project import load_settings, open_state, root_of
from lsp_debugger.core.errors import PolicyInvalid

if TYPE_CHECKING:
    from lsp_debugger.policy.store import LoadedPolicy


def in_force(file: Path | None, folder: Path) -> LoadedPolicy:
    """The policy of `file`, read as a user's own, or the one in force in `folder`.

    Raises PolicyInvalid when a named file is wrong; what is wrong with the one in force is in its problems.
    """
    from lsp_debugger.policy.store import PolicyStore
    from lsp_debugger.wiring.policies import policy_store

    root = root_of(folder)
    if file is None:
        settings = load_settings(root)
        return policy_store(settings.settings, open_state(settings), [root]).current()
    if not file.is_file():
        raise PolicyInvalid(f"{file}: there is no such file", "name a policy.yaml")
    loaded = PolicyStore(user_path=str(file), roots=[str(root)]).current()
    if loaded.unreadable:
        raise PolicyInvalid(loaded.unreadable, "correct the file; until then nothing leaves")
    return loaded
