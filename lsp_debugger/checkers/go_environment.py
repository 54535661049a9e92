"""What the go command may do when it works for us: read, and nothing else.

Checked with Go 1.26, one by one, in a tree that tries it (tests/checkers/test_checkers_go_vet.py): with
cgo off and these variables set, no checker of Go starts anything of the repository. `//go:generate` and
`tool` directives are run by commands of their own (`go generate`, `go tool`) and by nothing here. A
`toolchain` line chooses another compiler, which GOTOOLCHAIN=local refuses. Assembly goes to Go's own
assembler and is not run. A vettool comes from a flag or from GOFLAGS, and GOFLAGS is ours, which wins
over the user's file too. There are no build scripts; what cgo would start, the C compiler with flags
out of `#cgo` lines, is the one thing that needs trust, so without it cgo is off.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from lsp_debugger.checkers.checker import Job

_ALWAYS = {
    # A module that is not there stays away, whatever GOPRIVATE says: those would be asked for with git.
    "GOPROXY": "off",
    "GONOPROXY": "none",
    "GOVCS": "*:off",
    "GOAUTH": "off",
    "GOSUMDB": "off",
    "GONOSUMDB": "*",
    "GOTOOLCHAIN": "local",
    # No version stamp: that would run git with the repository's configuration. No `-mod`: unasked, go only
    # reads go.mod, and takes the vendor folder where there is one; `-mod=readonly` would pass it by.
    "GOFLAGS": "-buildvcs=false",
    # Else a program called gopackagesdriver is looked for, and asked instead of go.
    "GOPACKAGESDRIVER": "off",
}
# The user's own places and choices. What a path leads to may be run (GOROOT) or names programs (GOENV).
_PATHS = ("GOENV", "GOMODCACHE", "GOPATH", "GOROOT", "GOWORK")
_CHOICES = ("GO111MODULE", "GOARCH", "GOEXPERIMENT", "GOOS", "GOPRIVATE")


def environment(job: Job) -> Mapping[str, str]:
    own = {name: os.environ[name] for name in _CHOICES if os.environ.get(name)}
    paths = {name: value for name in _PATHS if (value := os.environ.get(name)) and _is_usable(job, value)}
    cache = job.cache.absolute()
    places = {
        "GOCACHE": str(cache / "build"),  # never the user's: his own build would wait for ours
        "GOPLSCACHE": str(cache / "gopls"),
        "STATICCHECK_CACHE": str(cache / "staticcheck"),
        "XDG_CACHE_HOME": str(cache),  # gopls keeps an index of imports there
        **_without_telemetry(cache, job),
    }
    cgo = {} if job.trusted else {"CGO_ENABLED": "0"}
    return {**own, **places, **paths, **_ALWAYS, **cgo}


def _is_usable(job: Job, value: str) -> bool:
    """Absolute (`off` aside), and without trust nothing that lies in the workspace."""
    places = [Path(each) for each in value.split(os.pathsep)]
    if value == "off":
        return True
    return all(each.is_absolute() for each in places) and (
        job.trusted or not any(each.resolve().is_relative_to(job.workspace.resolve()) for each in places)
    )


def _without_telemetry(cache: Path, job: Job) -> Mapping[str, str]:
    """Counters go to a folder of ours where they are switched off; only a file can do that.

    It lies in the user's folder of settings, which moves along, so the user's settings of go are named.
    """
    if sys.platform in {"darwin", "win32"}:
        return {}  # there that folder cannot be moved; go sends nothing unless the user has asked for it
    ours = cache / "config"
    mode = ours / "go" / "telemetry" / "mode"
    try:
        mode.parent.mkdir(parents=True, exist_ok=True)
        mode.write_text("off 2025-01-01", encoding="utf-8")
    except OSError:
        return {}
    settings = os.environ.get("XDG_CONFIG_HOME", "")
    theirs = Path(settings) if Path(settings).is_absolute() else Path.home() / ".config"
    env_file = str(theirs / "go" / "env")
    return {"XDG_CONFIG_HOME": str(ours), "GOENV": env_file if _is_usable(job, env_file) else "off"}
