"""How Rust tells what it ran: cargo starts the compiler through a script of ours, and each test program
through another one.

The first keeps, of each crate of the workspace that is compiled in this run, which patched files the compiler
read (it says so in a file of dependencies) and which crates were handed to it. The second follows these from
the program that is about to run. What cargo did not compile anew was not seen, and counts for nothing.
"""

from __future__ import annotations

RUSTC = r"""#!/bin/sh
"$@" || exit $?
place= crate= extra= needs= word=
for next in "$@"; do
  case "$word" in
    --out-dir) place=$next ;;
    --crate-name) crate=$next ;;
    --extern) case "$next" in *=*) next=${next##*/}; next=${next#lib}; needs="$needs ${next%.*}" ;; esac ;;
    -C) case "$next" in extra-filename=*) extra=${next#extra-filename=} ;; esac ;;
  esac
  word=$next
done
made=$place/$crate$extra.d
[ -n "$place" ] && [ -f "$made" ] || exit 0
mkdir -p "$LSPD_PROOF/.rust"
printf '%s\n' "$LSPD_FILES" | {
  while IFS= read -r file; do
    for each in "$file" "${file#"$PWD"/}"; do
      each=$(printf '%s' "$each" | sed 's/ /\\ /g')
      if grep -qxF -e "$each:" "$made"; then
        printf 'read %s %s\n' "$(sha256sum < "$file" | cut -c1-64)" "$file"
        break
      fi
    done
  done
  for each in $needs; do printf 'needs %s\n' "$each"; done
} > "$LSPD_PROOF/.rust/$crate$extra"
exit 0
"""
RUNNER = r"""known=$LSPD_PROOF/.rust
told=$LSPD_PROOF/rust-$$.loaded
follow() {
  case " $seen " in *" $1 "*) return ;; esac
  seen="$seen $1"
  [ -f "$known/$1" ] || return
  sed -n 's/^read //p' "$known/$1" >> "$told"
  for crate in $(sed -n 's/^needs //p' "$known/$1"); do follow "$crate"; done
}
seen=
follow "${1##*/}"
exec "$@"
"""
_TARGETS = tuple(
    f"{machine}_{system}"
    for machine in ("X86_64", "AARCH64")
    for system in ("UNKNOWN_LINUX_GNU", "UNKNOWN_LINUX_MUSL", "APPLE_DARWIN")
)


def variables(rustc: str, runner: str) -> dict[str, str]:
    """rustc, runner: paths of the scripts; the first has to be one that can be started."""
    runners = {f"CARGO_TARGET_{target}_RUNNER": f"/bin/sh {runner}" for target in _TARGETS}
    return {"RUSTC_WRAPPER": rustc, "CARGO_NET_OFFLINE": "true", **runners}
