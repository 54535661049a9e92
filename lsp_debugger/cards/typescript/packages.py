"""What package.json and node_modules of a project say about a package."""

from __future__ import annotations

from pathlib import PurePath

from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Place
from lsp_debugger.syntax.jsonc import parsed

_MAX_FOLDERS = 24
_LISTS = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")


def folders(case: Case) -> list[PurePath]:
    """From the file's own up to the root."""
    found = list[PurePath]()
    for folder in list(PurePath(case.path).parents)[:_MAX_FOLDERS]:
        found.append(folder)
        if folder == case.around.root:
            break
    return found


def package_of(specifier: str) -> str:
    """`@scope/name/sub` → `@scope/name`."""
    pieces = specifier.split("/")
    return "/".join(pieces[: 2 if specifier.startswith("@") else 1])


def manifest(case: Case) -> tuple[str, dict[str, object], str] | None:
    """The nearest package.json: path, content, text."""
    for folder in folders(case):
        path = str(folder / "package.json")
        snapshot = case.around.read(path)
        if snapshot is not None:
            return path, parsed(snapshot.text), snapshot.text
    return None


def lists_package(case: Case, package: str) -> bool:
    return listed_at(case, package) is not None


def listed_at(case: Case, package: str) -> Place | None:
    """Where the nearest package.json names it."""
    found = manifest(case)
    if found is None:
        return None
    path, content, text = found
    for name in _LISTS:
        listing = content.get(name)
        if isinstance(listing, dict) and package in listing:
            at = text.find(f'"{package}"', max(text.find(f'"{name}"'), 0))
            return Place(
                case.shown(path), text.count("\n", 0, max(at, 0)) + 1, f"lists `{package}` in `{name}`"
            )
    return None


def is_installed(case: Case, package: str) -> bool:
    """A folder of it is seen in node_modules."""
    return any(
        case.around.read(str(folder.joinpath("node_modules", package, "package.json"))) is not None
        for folder in folders(case)
    )
