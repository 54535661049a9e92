"""The policy in force: read from its layers, merged, and read again when a file changes."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lsp_debugger.core.errors import PolicyInvalid
from lsp_debugger.policy import globs
from lsp_debugger.policy.approvals import Approval, read_approvals
from lsp_debugger.policy.document import Action, Mode, Policy
from lsp_debugger.policy.organisation import SerialMemory, check_signature, companions
from lsp_debugger.policy.schema import read_policy, read_tightening
from lsp_debugger.policy.signing import public_keys
from lsp_debugger.policy.yamltree import MAX_FILE_BYTES

# Files that hold secrets by their nature: a local index would keep them at rest, so it never sees them.
SECRET_FILES = (
    ".env*",
    "*.{pem,key,p12,pfx,jks,keystore,kdbx,ppk,gpg,asc}",
    "id_{rsa,dsa,ecdsa,ed25519}",
    ".{netrc,pgpass,npmrc,pypirc,git-credentials,htpasswd,dockercfg}",
    "**/.{ssh,gnupg,aws,kube}/**",
)


@dataclass(frozen=True, slots=True)
class LoadedPolicy:
    """Everything a decision reads, at one moment.

    sha256: over the bytes of all layers in force, so that an audit can name it.
    problems: one line each, for the user. unreadable: why nothing may leave the machine, if a file
    that was there when we started cannot be understood.
    source: which files, in words. roots: absolute workspace folders, for relative paths.
    keys: public keys whose word the granting file takes for an attestation.
    approvals: those that one of the keys has signed.
    layers: name, whether it grants, and the bytes of each file, so that a record can keep what was in force.
    """

    policy: Policy
    sha256: str
    problems: tuple[str, ...] = ()
    source: str = "built-in default"
    unreadable: str = ""
    roots: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    layers: tuple[tuple[str, bool, bytes], ...] = ()
    require_org: bool = False
    approvals: tuple[Approval, ...] = ()


@dataclass(frozen=True, slots=True)
class _Layer:
    """One file. `name` starts its ids. policy is None while it has never been readable.

    grants: read as a file that may grant; another role means another reading.
    """

    name: str
    path: str
    digest: str
    grants: bool
    policy: Policy | None = None
    problems: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    data: bytes = b""
    approvals: tuple[Approval, ...] = ()


# Why a file with this status cannot speak for the organisation, or None.
CheckOwner = Callable[[os.stat_result], str | None]
_Stat = tuple[int, int, int]
# None: no such file; text: why it cannot be looked at. The others are of the files beside it.
_Signature = tuple[_Stat | str | None, ...] | str | None


class PolicyStore:
    """Reads lazily; safe to use from several threads.

    org_path, user_path: the topmost that exists grants; the other, if it exists too, may only tighten,
    as every one of `repo_paths` may. roots: workspace folders, those of `repo_paths` when not given.
    check_org_owner: an organisation's file that fails it counts as unreadable, so nothing leaves.
    serials: refuses an organisation's file that is older than one seen before. require_org: without an
    organisation's file nothing remote happens.
    """

    def __init__(
        self,
        org_path: str | None = None,
        user_path: str | None = None,
        repo_paths: Sequence[str] = (),
        roots: Sequence[str] | None = None,
        check_org_owner: CheckOwner | None = None,
        *,
        serials: SerialMemory | None = None,
        require_org: bool = False,
    ) -> None:
        self._check_org_owner = check_org_owner
        self._serials = serials
        self._require_org = require_org
        named = [("org", org_path), ("user", user_path)]
        named += [(f"repo{i or ''}", path) for i, path in enumerate(repo_paths)]
        # Absolute without following links: a root keeps the name that its user gave it.
        self._paths = {name: Path(path).absolute() for name, path in named if path}
        folders = [Path(path).parent for path in repo_paths] if roots is None else map(Path, roots)
        self._roots = tuple(str(folder.absolute()) for folder in folders)
        self._lock = threading.Lock()
        self._signatures: dict[str, _Signature] = {}
        self._layers: dict[str, _Layer] = {}
        self._loaded: LoadedPolicy | None = None

    def current(self) -> LoadedPolicy:
        """The policy in force. Costs a stat a file; parses only what changed.

        Never raises for a bad file: that is in `problems`, and fails closed. A file that turns bad
        while we run keeps its last good content, and `problems` says so.
        """
        with self._lock:
            checks = {"org": self._check_org_owner}
            signatures = {name: _signature(path, checks.get(name)) for name, path in self._paths.items()}
            if self._loaded is None or signatures != self._signatures:
                layers = {
                    name: self._read(name, signature)
                    for name, signature in signatures.items()
                    if signature is not None
                }
                # Both at once: nobody sees half of a reload.
                self._loaded = _merge(layers, self._roots, require_org=self._require_org)
                self._layers, self._signatures = layers, signatures
            return self._loaded

    def _read(self, name: str, signature: _Signature) -> _Layer:
        # Only the topmost of the two may grant; an organisation's file that appears takes that over.
        grants = name == "org" or (name == "user" and not self._exists("org"))
        previous = self._layers.get(name)
        unchanged = signature == self._signatures.get(name)
        if previous is not None and unchanged and previous.grants == grants:
            return previous
        path, data = self._paths[name], b""
        shown = str(path)
        try:
            data = _bytes(path, signature)
            keys, approvals = tuple[str, ...](), tuple[Approval, ...]()
            if grants:
                _, keys_path, approvals_path = companions(path)
                keys = public_keys(keys_path)
                approvals = read_approvals(approvals_path, keys)
            if grants:
                policy, problems = self._granting(name, path, data), tuple[str, ...]()
            else:
                policy, problems = read_tightening(data, shown, name)
        except PolicyInvalid as exc:
            if previous is not None and previous.policy is not None and previous.grants == grants:
                said = f"{exc} (the version read before stays in force)"
                return replace(previous, problems=(said,))
            return _Layer(name, shown, _digest(data), grants, problems=(str(exc),), data=data)
        digest = _digest(data)
        return _Layer(name, shown, digest, grants, policy, problems, keys, data, approvals)

    def _granting(self, name: str, path: Path, data: bytes) -> Policy:
        """Raises PolicyInvalid, for an organisation's file also when its signature or serial is wrong."""
        if name == "org":
            check_signature(path, data)
        policy = read_policy(data, str(path), name)
        if name == "org" and self._serials is not None:
            self._serials.check(path, policy)
        return policy

    def _exists(self, name: str) -> bool:
        return name in self._paths and _signature(self._paths[name]) is not None


def rebuilt(
    layers: Sequence[tuple[str, bool, bytes]],
    roots: tuple[str, ...],
    keys: tuple[str, ...],
    *,
    require_org: bool = False,
    unreadable: str = "",
) -> LoadedPolicy:
    """A policy from the bytes of its layers, to make an old decision again. Raises PolicyInvalid."""
    read = dict[str, _Layer]()
    for name, grants, data in layers:
        digest = _digest(data)
        try:
            policy = read_policy(data, name, name) if grants else read_tightening(data, name, name)[0]
        except PolicyInvalid:
            if not unreadable:
                raise
            policy = None
        read[name] = _Layer(name, name, digest, grants, policy, (unreadable,), keys if grants else (), data)
    return _merge(read, roots, require_org=require_org)


def never_index(loaded: LoadedPolicy) -> Callable[[str], bool]:
    """A test for paths (relative to the root, with `/`) that no index may read."""
    return globs.matcher((*SECRET_FILES, *loaded.policy.never_index))


def summary(loaded: LoadedPolicy) -> str:
    """One line for a status display, which says itself what it is about."""
    if loaded.unreadable:
        return f"nothing leaves this machine ({loaded.unreadable})"
    mode = "" if loaded.policy.mode is Mode.ENFORCE else f", mode {loaded.policy.mode.value}"
    noted = f", {len(loaded.problems)} problem(s)" if loaded.problems else ""
    return f"{loaded.source}{mode}, {_reach(loaded)}{noted} ({loaded.sha256[:12]})"


def _reach(loaded: LoadedPolicy) -> str:
    if loaded.policy.mode is not Mode.ENFORCE or not loaded.policy.grants.endpoints:
        return "local models only"
    names = ", ".join(each.name for each in loaded.policy.grants.endpoints[:3])
    return f"local models first; after consent: {names}"


def _merge(layers: dict[str, _Layer], roots: tuple[str, ...], *, require_org: bool = False) -> LoadedPolicy:
    """The grants of the topmost layer, the restrictions of all."""
    top = next((layers[name] for name in ("org", "user") if name in layers), None)
    merged = (top.policy if top else None) or Policy()
    problems = [problem for layer in layers.values() for problem in layer.problems]
    if merged.login_files and top is not None and top.name != "org":
        merged = replace(merged, login_files=())
        problems.append(
            f"{top.path}: detectors.known_values: ignored, only an organisation's file may say so"
        )
    for layer in layers.values():
        if layer is not top and layer.policy is not None:
            merged = _tightened(merged, layer.policy)
    unreadable = next((layer.problems[0] for layer in layers.values() if layer.policy is None), "")
    if unreadable or (require_org and "org" not in layers):
        merged = replace(merged, mode=Mode.OFF_CLOUD)
    digest = hashlib.sha256(b"lsp_debugger policy 1\n")
    for layer in layers.values():
        digest.update(
            f"{layer.name.rstrip('0123456789')} {layer.digest} {layer.policy is not None}\n".encode()
        )
    digest.update(f"require_org {require_org}\n".encode() if require_org else b"")
    return LoadedPolicy(
        policy=merged,
        sha256=digest.hexdigest(),
        problems=tuple(problems),
        source=" + ".join(layer.path for layer in layers.values()) or "built-in default",
        unreadable=unreadable,
        roots=roots,
        keys=top.keys if top else (),
        approvals=top.approvals if top else (),
        layers=tuple((each.name, each.grants, each.data) for each in layers.values()),
        require_org=require_org,
    )


def _tightened(base: Policy, lower: Policy) -> Policy:
    """`base` with what `lower` forbids. Nothing that `lower` allows is looked at."""
    return replace(
        base,
        mode=Mode.OFF_CLOUD if lower.mode is Mode.OFF_CLOUD else base.mode,
        never_send=base.never_send + lower.never_send,
        redact_and_allow=base.redact_and_allow + lower.redact_and_allow,
        rules=base.rules + tuple(rule for rule in lower.rules if rule.action is Action.DENY),
        never_index=base.never_index + lower.never_index,
    )


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _signature(path: Path, check_owner: CheckOwner | None = None) -> _Signature:
    """Of the file and of those beside it that decide whether it counts."""
    own = _stat(path, check_owner)
    if own is None or isinstance(own, str):
        return own
    return (own, *(_stat(each, check_owner) for each in companions(path)))


def _stat(path: Path, check_owner: CheckOwner | None) -> _Stat | str | None:
    try:
        status = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as exc:
        return f"cannot be read ({type(exc).__name__})"
    if not stat.S_ISREG(status.st_mode):
        return "is not a regular file"
    if check_owner is not None and (problem := check_owner(status)):
        return problem
    return (status.st_mtime_ns, status.st_size, status.st_ino)


def _bytes(path: Path, signature: _Signature) -> bytes:
    """At most one byte more than is allowed, so that the reader can tell. Raises PolicyInvalid."""
    said = [(path, signature)] if isinstance(signature, str) else []
    if isinstance(signature, tuple):
        said = [(each, why) for each, why in zip(companions(path), signature[1:], strict=True) if why]
    for file, why in said:
        if isinstance(why, str):
            raise PolicyInvalid(f"{file}: {why}", "make it readable, or remove it")
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as exc:
        raise PolicyInvalid(
            f"{path}: cannot be read ({type(exc).__name__})", "make it readable, or remove it"
        ) from exc
