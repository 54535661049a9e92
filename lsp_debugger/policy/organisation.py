"""An organisation's file: signed with a key that this machine pins, and never older than one seen before."""

from __future__ import annotations

import os
from pathlib import Path

from lsp_debugger.core.errors import PolicyInvalid
from lsp_debugger.policy.approvals import APPROVALS_FILE
from lsp_debugger.policy.document import Policy
from lsp_debugger.policy.signing import KEYS_FILE, POLICY, public_keys, verified

SIGNATURE_SUFFIX = ".sig"
_MAX_SIGNATURE_BYTES = 1_000


def companions(path: Path) -> tuple[Path, Path, Path]:
    """The files beside a policy that belong to it: its signature, the keys that are trusted, approvals."""
    signature = path.with_name(path.name + SIGNATURE_SUFFIX)
    return signature, path.with_name(KEYS_FILE), path.with_name(APPROVALS_FILE)


def check_signature(path: Path, data: bytes) -> None:
    """Raises PolicyInvalid when keys are pinned and none of them has signed these bytes.

    Without a pinned key the file's owner vouches for it; then no attestation can be verified either, so it
    opens nothing.
    """
    signature_path, keys_path, _ = companions(path)
    keys = public_keys(keys_path)
    if not keys:
        return
    try:
        with signature_path.open("rb") as file:
            signature = file.read(_MAX_SIGNATURE_BYTES).decode("ascii", "replace").strip()
    except OSError as exc:
        raise PolicyInvalid(
            f"{path}: is not signed ({signature_path.name}: {type(exc).__name__})",
            f"lsp-debugger policy sign file --key KEY {path}",
        ) from exc
    if not verified(keys, POLICY, data, signature):
        raise PolicyInvalid(
            f"{path}: {signature_path.name} is not the signature of this text by a pinned key",
            "ask the administrator for the file and its signature again",
        )


class SerialMemory:
    """The highest serial that was ever in force here: an old file with a good signature is still old."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)

    def check(self, path: Path, policy: Policy) -> None:
        """Raises PolicyInvalid for a serial below one seen before, and when that cannot be told."""
        highest = self._highest()
        if policy.serial < highest:
            raise PolicyInvalid(
                f"{path}: serial {policy.serial} is older than {highest}, which was in force here before",
                "ask the administrator for the current file",
            )
        if policy.serial > highest:
            self._keep(policy.serial)

    def _highest(self) -> int:
        try:
            return int(self._path.read_text(encoding="ascii")[:20])
        except FileNotFoundError:
            return 0
        except (OSError, ValueError) as exc:
            raise PolicyInvalid(
                f"{self._path}: cannot be read ({type(exc).__name__}), so an old policy could not be told",
                "make it readable, or remove it if you know the organisation's file to be current",
            ) from exc

    def _keep(self, serial: int) -> None:
        fresh = self._path.with_name(f"{self._path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            fresh.write_text(f"{serial}\n", encoding="ascii")
            fresh.replace(self._path)
        except OSError as exc:
            fresh.unlink(missing_ok=True)
            raise PolicyInvalid(
                f"{self._path}: cannot be written ({type(exc).__name__}), so an old policy could not be told",
                "make the state directory writable: `lsp-debugger doctor` names it",
            ) from exc
