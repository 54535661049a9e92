"""Files that a patch leaves alone, since an editor, a build or a checkout acts on them by itself."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

from lsp_debugger.policy.globs import matcher
from lsp_debugger.policy.paths import Workspace, local_path
from lsp_debugger.verify.refusal import Refusal

_KINDS = {
    "editor settings": (
        *("**/.vscode", "**/.vs", "**/.idea", "**/.fleet", "**/.zed", "**/.helix", "**/.nvim", "**/.cursor"),
        *("**/.devcontainer", "**/.settings", "*.code-workspace", "*.sublime-*", ".dir-locals*.el"),
        *(".editorconfig", ".exrc", ".nvimrc", ".nvim.lua", ".vimrc", ".lvimrc", ".lsp_debugger*"),
    ),
    "a CI file": (
        *("**/.github", "**/.gitlab", "**/.circleci", "**/.buildkite", "**/.woodpecker", "**/.teamcity"),
        *("**/.semaphore", "**/.forgejo", "**/.gitea", "**/.azure-pipelines", "*.gitlab-ci.y*ml"),
        *("Jenkinsfile*", "azure-pipelines*.y*ml", ".travis.y*ml", "bitbucket-pipelines.y*ml", ".drone.y*ml"),
        *("*appveyor.y*ml", ".cirrus.y*ml", ".woodpecker.y*ml", "cloudbuild*.y*ml", "buildspec*.y*ml"),
        *(".pre-commit-*.yaml", ".pre-commit-*.yml", "**/.husky", "*lefthook*.y*ml", ".envrc", ".mise.toml"),
    ),
    "a policy": ("policy.yaml", "policy.yml"),
    "a lock file": (
        *("*.lock", "*.lockb", "*.lockfile", "*-lock.json", "*-lock.y*ml", "*.lock.json", "*.lock.hcl"),
        *("npm-shrinkwrap.json", "go.sum", "Package.resolved", "pylock*.toml", "*.lock.txt"),
    ),
    "part of the version control": (
        *("**/.git", "**/.hg", "**/.svn", "**/.jj", "**/.bzr", "**/_darcs", "**/CVS", "**/.sl"),
        *(".gitmodules", ".gitattributes", ".gitconfig", ".hgsub", ".hgsubstate", ".fslckout"),
    ),
}
# Letters may mean no difference to a file system, so they mean none here.
_RULES = [(kind, matcher(globs, folds_case=True)) for kind, globs in _KINDS.items()]
_ASK = "make this change by hand"


def relative(root: Path, path: str) -> str:
    """`path`, as somebody spelt it, below the real `root`, with `/`. Raises Refusal when it is not there.

    Links are followed, of folders that do not exist yet as far as they do.
    """
    spelt = path.strip().replace("\\", "/")
    if local_path(spelt) is None or spelt.startswith("~") or not spelt.isprintable() or ":" in spelt[:2]:
        raise Refusal("the answer names a path that is none in this workspace", _ASK)
    if Workspace((str(root),)).names_of(spelt).outside:
        raise Refusal("the answer changes a file outside of the workspace", _ASK)
    base = os.path.realpath(root)
    found = os.path.relpath(os.path.realpath(Path(base, spelt)), base).replace(os.sep, "/")
    if found == "." or found.startswith("../"):
        raise Refusal("the answer changes a file outside of the workspace", _ASK)
    check(spelt if not Path(spelt).is_absolute() else found, found)
    return found


def check(*names: str) -> None:
    """Raises Refusal when one of a file's names is not to be touched."""
    for name in names:
        plain = "/".join(_plain(part) for part in name.split("/"))
        for kind, covers in _RULES:
            if covers(plain) or covers(name):
                raise Refusal(f"the answer changes {kind}", _ASK)


def _plain(name: str) -> str:
    """As the most forgiving file system would read it: no final dots and blanks, no invisible letters."""
    folded = unicodedata.normalize("NFKC", name)
    visible = "".join(letter for letter in folded if unicodedata.category(letter) != "Cf")
    short = visible.lower().partition("~")
    if short[1] and short[2].isdigit() and short[0] in {"git", "hg"}:  # Windows' second names for folders
        return f".{short[0]}"
    return visible if set(visible) <= {"."} else visible.partition(":")[0].rstrip(". ")
