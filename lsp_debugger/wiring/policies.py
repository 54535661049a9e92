"""The policy's layers, where they lie on this machine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from lsp_debugger.config import Settings
from lsp_debugger.config.files import Owner, organisation_directory, ownership_problem, user_directory
from lsp_debugger.core.errors import StateUnavailable
from lsp_debugger.policy.organisation import SerialMemory
from lsp_debugger.policy.store import PolicyStore
from lsp_debugger.state import State

POLICY_FILE = "policy.yaml"


def policy_store(settings: Settings, state: State, roots: Sequence[Path]) -> PolicyStore:
    """The organisation's file above the user's above those of the workspace folders."""
    return PolicyStore(
        org_path=str(organisation_directory() / POLICY_FILE),
        user_path=settings.policy_path or str(user_directory() / POLICY_FILE),
        repo_paths=[str(root / POLICY_FILE) for root in roots],
        roots=[str(root) for root in roots],
        check_org_owner=_not_the_administrators if os.name == "posix" else None,
        serials=SerialMemory(_state_path(state) / "policy-serial"),
        require_org=settings.policy_require_org,
    )


def _state_path(state: State) -> Path:
    """Where the state is, also while it cannot be used: then an organisation's file counts as unreadable."""
    try:
        return state.directory
    except StateUnavailable:
        return state.path


def _not_the_administrators(status: os.stat_result) -> str | None:
    return ownership_problem(status, Owner.ADMINISTRATOR, os.getuid())
