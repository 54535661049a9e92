"""How Go tells what it ran: the go command hands each test program to a script of ours (`-exec`), beside
which lies the list of the packages that were linked into it.

Go's caches go by the content of the sources, so a package in that list is made of what its files hold. A
file counts if the package has it for this system and these tags.
"""

from __future__ import annotations

# Of a package: its import path, files that are always in it, files that are in its own test program.
_LIST = (
    "{{.ImportPath}}"
    "|{{range .GoFiles}}{{.}}/{{end}}{{range .CgoFiles}}{{.}}/{{end}}"
    "{{range .CFiles}}{{.}}/{{end}}{{range .CXXFiles}}{{.}}/{{end}}{{range .HFiles}}{{.}}/{{end}}"
    "|{{range .TestGoFiles}}{{.}}/{{end}}{{range .XTestGoFiles}}{{.}}/{{end}}"
)
EXEC = f"""\
linked=${{1%/*}}/importcfg.link
known=$LSPD_PROOF/.go
tell() {{
  printf '%s\\n' "$LSPD_FILES" | while IFS= read -r file; do
    name=${{file##*/}}
    package=$(cd "${{file%/*}}" && go list -f '{_LIST}' . 2>/dev/null) || continue
    printf '%s\\n' "$package|$name|$(sha256sum < "$file" | cut -c1-64) $file"
  done > "$known.$$"
  mv "$known.$$" "$known"
}}
if [ -f "$linked" ]; then
  [ -f "$known" ] || tell
  while IFS='|' read -r path always tests name loaded; do
    case "/$always" in *"/$name/"*)
      ! grep -qF "packagefile $path=" "$linked" || printf '%s\\n' "$loaded" ;;
    esac
    case "/$tests" in *"/$name/"*)
      ! grep -qF "packagefile $path.test=" "$linked" || printf '%s\\n' "$loaded" ;;
    esac
  done < "$known" > "$LSPD_PROOF/go-$$.loaded"
fi
exec "$@"
"""


def variables(hook: str) -> dict[str, str]:
    """hook: the path of the script. -count: a result out of the cache is not a run."""
    return {
        "GOFLAGS": f"'-exec=/bin/sh {hook}' -count=1 -buildvcs=false",
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
    }
