"""Ed25519 signatures: of an organisation's policy, of attestations, of the audit's checkpoints.

A public key is written `ed25519:BASE64`, a signature likewise. What is signed starts with a word of its own
for each use, so that a signature for one never passes for another.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
from collections.abc import Iterable
from pathlib import Path

from lsp_debugger.core.errors import PolicyInvalid

POLICY = b"lsp-debugger policy 1\n"
ATTESTATION = b"lsp-debugger attestation 1\n"
APPROVAL = b"lsp-debugger approval 1\n"
CHECKPOINT = b"lsp-debugger checkpoint 1\n"

KEYS_FILE = "policy.pub"
_PREFIX = "ed25519:"
_MAX_KEYS_BYTES = 64 * 1024
_SECRET_BYTES = 32


class SigningKey:
    """A private key in a file that its owner alone can read. Making one of these reads it."""

    def __init__(self, path: Path) -> None:
        """Raises PolicyInvalid when there is no usable key in the file."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        try:
            data = path.read_bytes()[: _SECRET_BYTES + 1]
        except OSError as exc:
            raise PolicyInvalid(
                f"{path}: cannot be read ({type(exc).__name__})", "lsp-debugger policy sign key makes one"
            ) from exc
        if len(data) != _SECRET_BYTES:
            raise PolicyInvalid(f"{path}: is no key of ours", "lsp-debugger policy sign key makes one")
        self._key = Ed25519PrivateKey.from_private_bytes(data)

    @property
    def public(self) -> str:
        return _PREFIX + base64.b64encode(self._key.public_key().public_bytes_raw()).decode()

    def sign(self, purpose: bytes, message: bytes) -> str:
        return _PREFIX + base64.b64encode(self._key.sign(purpose + message)).decode()


def signing_key(path: Path) -> SigningKey:
    """The key in this file; made when there is none. Of two processes that make it, one wins.

    Raises OSError when it cannot be written, PolicyInvalid when it is damaged.
    """
    if not path.exists():
        write_new_private(path, os.urandom(_SECRET_BYTES))
    return SigningKey(path)


def write_new_private(path: Path, data: bytes) -> None:
    """Give a complete file its name, readable by its owner alone; a file that is there already stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(fresh)
        except FileExistsError:
            pass
        except OSError:  # a file system without hard links
            if not path.exists():
                fresh.rename(path)
    finally:
        fresh.unlink(missing_ok=True)


def verified(keys: Iterable[str], purpose: bytes, message: bytes, signature: str) -> bool:
    """True when one of the public keys has signed this message for this purpose."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    raw = _decoded(signature)
    if raw is None:
        return False
    for key in keys:
        known = _decoded(key)
        if known is None or len(known) != _SECRET_BYTES:
            continue
        with contextlib.suppress(InvalidSignature, ValueError):
            Ed25519PublicKey.from_public_bytes(known).verify(raw, purpose + message)
            return True
    return False


def public_keys(path: Path) -> tuple[str, ...]:
    """Keys in a file, one a line, `#` begins a remark. A missing file holds none.

    Raises PolicyInvalid for a line that is no key: a slip must not leave a key out unnoticed.
    """
    try:
        with path.open("rb") as file:
            lines = file.read(_MAX_KEYS_BYTES).decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return ()
    except OSError as exc:
        raise PolicyInvalid(f"{path}: cannot be read ({type(exc).__name__})", "make it readable") from exc
    stripped = [(number, line.partition("#")[0].strip()) for number, line in enumerate(lines, 1)]
    keys = [(number, key) for number, key in stripped if key]
    for number, key in keys:
        known = _decoded(key)
        if known is None or len(known) != _SECRET_BYTES:
            raise PolicyInvalid(f"{path}:{number}: not a public key", "a line is ed25519:BASE64")
    return tuple(key for _, key in keys)


def _decoded(text: str) -> bytes | None:
    if not text.startswith(_PREFIX):
        return None
    try:
        return base64.b64decode(text.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        return None
