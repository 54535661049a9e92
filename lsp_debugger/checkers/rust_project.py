"""What a Cargo project is: its workspace, whether it has a lock file, and which toolchain it asks for."""

from __future__ import annotations

import os
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, cast

_MAX_MANIFEST_BYTES = 4 * 1024 * 1024
_TOOLCHAIN_FILES = ("rust-toolchain.toml", "rust-toolchain")


def manifest(folder: Path) -> Mapping[str, Any]:
    """The folder's Cargo.toml; empty when there is none that can be read."""
    return _toml(folder / "Cargo.toml")


def table(found: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """The table below `keys`; empty for whatever else stands there."""
    inner: object = found
    for key in keys:
        inner = cast("dict[str, object]", inner).get(key) if isinstance(inner, dict) else None
    return cast("dict[str, Any]", inner) if isinstance(inner, dict) else {}


def cargo_root(package: Path) -> Path:
    """The folder of the workspace that the package in `package` belongs to, or the package's own.

    As Cargo looks for it: what `package.workspace` names, else the nearest manifest above that has a
    `[workspace]`, unless it excludes the package. Which members that lists is left to Cargo to complain of.
    """
    own = manifest(package)
    if "workspace" in own:
        return package
    named = table(own, "package").get("workspace")
    if isinstance(named, str):
        return Path(os.path.normpath(package / named))
    for folder in package.parents:
        found = manifest(folder)
        if "workspace" in found:
            return package if _excludes(found, package.relative_to(folder).as_posix()) else folder
    return package


def root_within(package: Path, workspace: Path) -> Path:
    """The Cargo workspace's folder, unless it lies outside of what the user has opened and trusted."""
    root = cargo_root(package)
    return root if root.is_relative_to(workspace) else package


def package_of(path: Path, root: Path) -> Path:
    """The folder of the nearest manifest with a `[package]` above a file, at most `root`."""
    for folder in path.parents:
        if folder == root:
            break
        if "package" in manifest(folder):
            return folder
    return root


def has_clippy(root: Path) -> bool:
    """Whether the toolchain that is used at `root` has clippy. Looks at the disk only.

    Rustup puts a `cargo-clippy` on PATH that stands for all toolchains, with clippy or without.
    """
    found = shutil.which("cargo-clippy")
    if found is None:
        return False
    if not _is_rustup(Path(found)):
        return True
    toolchain = _toolchain(root)
    return toolchain is not None and any((toolchain / "bin").glob("cargo-clippy*"))


def _is_rustup(path: Path) -> bool:
    """Rustup's stand-ins are links to it, hard or symbolic."""
    beside = path.with_name(f"rustup{path.suffix}")
    try:
        return path.resolve().stem == "rustup" or path.samefile(beside)
    except OSError:
        return False


def _toolchain(root: Path) -> Path | None:
    home = Path(os.environ.get("RUSTUP_HOME") or Path.home() / ".rustup")
    settings = _toml(home / "settings.toml")
    default = settings.get("default_toolchain", "")
    wanted = next(_wanted(root, settings), default)
    installed = home / "toolchains"
    if not isinstance(wanted, str) or not wanted or "/" in wanted or "\\" in wanted:
        return None
    if (installed / wanted).is_dir():
        return installed / wanted
    return next(iter(sorted(installed.glob(f"{wanted.replace('[', '')}-*"))), None)


def _wanted(root: Path, settings: Mapping[str, Any]) -> Iterator[str]:
    """Names of toolchains, the one that counts first: the user's override, then the project's file."""
    overrides = table(settings, "overrides")
    for folder in (root, *root.parents):
        if isinstance(name := overrides.get(str(folder)), str):
            yield name
        for file in _TOOLCHAIN_FILES:
            if (folder / file).is_file():
                yield _channel(folder / file)


def _channel(file: Path) -> str:
    found = table(_toml(file), "toolchain").get("channel")
    if isinstance(found, str):
        return found
    try:
        lines = file.read_text("utf-8", "replace")[:200].splitlines()
    except OSError:
        return ""
    return lines[0].strip() if lines and "[" not in lines[0] else ""


def _excludes(found: Mapping[str, Any], path: str) -> bool:
    workspace = table(found, "workspace")
    if any(fnmatch(path, each) for each in _folders(workspace.get("members"))):
        return False
    return any(f"{path}/".startswith(f"{each}/") for each in _folders(workspace.get("exclude")))


def _folders(listed: object) -> list[str]:
    found = cast("list[object]", listed) if isinstance(listed, list) else []
    return [each.removeprefix("./").rstrip("/") for each in found if isinstance(each, str)]


def _toml(file: Path) -> Mapping[str, Any]:
    try:
        if not file.is_file() or file.stat().st_size > _MAX_MANIFEST_BYTES:
            return {}
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
