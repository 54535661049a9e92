"""A root of its own for a command that may run anybody's code: what it needs of this machine, no more.

The shell text below is run by `overlay.py` in new namespaces, with all rights over them and none outside. It
builds a small root (programs, libraries and the patched workspace; no home, no sockets, no network), looks
from inside at what must not be there, and only then starts the command: in one more user namespace and
without a capability, so that what was mounted for it cannot be taken down again.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# What a command ends with that was not started: the tree could not be set up, or it could still see something
# that it must not.
NOT_ISOLATED = 113
# As large as all that a command writes may become: it lies in memory.
DISK = "size=1g"
# A command beside this many others of its own is making copies of itself.
MAX_PROCESSES = 1024
# A folder that is there inside only, and what comes out of it at the end.
LEFT = "/lsp-debugger-left"
MAX_LEFT_BYTES = 1_000_000  # of a file
_MAX_LEFT = 100
_MAX_SOCKETS = 10_000
# Programs and libraries of the system. What is missing from the list is missing from the root.
_SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr", "etc", "opt", "nix", "gnu")
# Where others keep theirs: each has to be another folder inside than outside, or not to be there.
_PRIVATE = ("/home", "/root", "/run", "/tmp", "/var", "/mnt", "/media", "/srv")  # noqa: S108 - only compared
# What a program reads beside its own folder, below the home or where a variable of its own leads instead.
_RUST = (("RUSTUP_HOME", ".rustup", ("",)), ("CARGO_HOME", ".cargo", ("registry", "git")))
_GO = (("GOMODCACHE", "go/pkg/mod", ("",)),)
_COMPANIONS = {"cargo": _RUST, "rustc": _RUST, "go": _GO, "gopls": _GO, "staticcheck": _GO}


@dataclass(frozen=True, slots=True)
class Enclosure:
    """What an enclosed command sees beside the system and the workspace.

    keep: to be read. writable: to be written too; what it leaves there stays, so nothing that anybody else
    trusts may be there. copied: to be written too, and what it leaves there goes with the command.
    """

    keep: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    copied: tuple[Path, ...] = ()

    def write_plan(self, folder: Path, root: Path) -> None:
        """What the shell text reads, one path a line. Raises ValueError for what cannot be isolated."""
        keep = {path for path in self.keep if not path.is_relative_to(root) and path.exists()}
        _write(folder / "keep", sorted(keep))
        _write(folder / "writable", sorted(self.writable))
        _write(folder / "copied", sorted(self.copied))
        _write(folder / "sockets", sockets())
        _write(folder / "private", private_places(root))


def programs_of(command: Iterable[str]) -> set[Path]:
    """The installations that a command line's programs and scripts come from, links followed."""
    found = set[Path]()
    for word in command:
        path = Path(word)
        if path.is_absolute() and path.is_file():
            for each in filter(None, (path, _interpreter(path))):
                found |= {installation_of(each), installation_of(each.resolve())}
            for variable, below_home, names in _COMPANIONS.get(path.name, ()):
                home = Path(homes().get(variable, Path.home() / below_home))
                found |= {home / name for name in names}
    return found


def homes() -> dict[str, str]:
    """The variables that lead toolchains to what they have installed, where the user has set them."""
    names = [variable for companions in _COMPANIONS.values() for variable, _, _ in companions]
    return {name: value for name in names if Path(value := os.environ.get(name, "")).is_absolute()}


def installation_of(program: Path) -> Path:
    """The folder that a program needs to run: above its `bin`, or the packages of node that it is one of."""
    parts = program.parts
    if "node_modules" in parts:
        return Path(*parts[: parts.index("node_modules") + 1])
    folder, above, home = program.parent, program.parent.parent, Path.home()
    # Beside `~/.cargo/bin` and `~/.local/bin` lie other things than what the programs need.
    too_wide = home.is_relative_to(above) or (above.parent == home and above.name.startswith("."))
    return above if folder.name in {"bin", "Scripts"} and not too_wide else folder


def _interpreter(script: Path) -> Path | None:
    with script.open("rb") as file:
        first = file.readline(512)
    path = Path(os.fsdecode(first[2:].split()[0])) if first.startswith(b"#!") and first[2:].split() else None
    return path if path is not None and path.is_file() else None


def private_places(root: Path) -> list[str]:
    """`device:inode path` of folders that must not be the same ones inside.

    Raises ValueError where the workspace itself holds one of them.
    """
    found = list[str]()
    for place in dict.fromkeys([Path.home(), *map(Path, _PRIVATE)]):
        if place.is_relative_to(root) or place.resolve().is_relative_to(root.resolve()):
            raise ValueError(f"{place} lies in the workspace")
        try:
            status = place.stat()
        except OSError:  # not there, or not to be looked into by anybody
            continue
        found.append(f"{status.st_dev}:{status.st_ino} {place}")
    return found


def sockets() -> list[str]:
    """Paths of the sockets that listen on this machine now: agents, daemons, keyrings, desktops."""
    try:
        lines = Path("/proc/net/unix").read_text("utf-8", "replace").splitlines()[1:]
    except OSError:
        return []
    paths = (line.split(maxsplit=7)[7] for line in lines if len(line.split(maxsplit=7)) == 8)
    return list(dict.fromkeys(path for path in paths if path.startswith("/")))[:_MAX_SOCKETS]


def _write(file: Path, lines: Iterable[object]) -> None:
    texts = [str(line) for line in lines]
    if any("\n" in text for text in texts):
        raise ValueError("a path with a line feed")
    file.write_text("".join(f"{text}\n" for text in texts), "utf-8", "surrogateescape")


@cache
def needed() -> dict[str, str]:
    """Programs that set it all up, by name, each absolute; empty where it is not there."""
    folders = ("/usr/bin", "/bin", "/usr/sbin", "/sbin")
    names = ("unshare", "mount", "umount", "pivot_root", "setpriv")
    return {
        name: next((f"{each}/{name}" for each in folders if Path(each, name).is_file()), "") for name in names
    }


# $1 workspace, $2 folder with `patched` and `ours`, $3 plan of this command, $4 where to start, $5 INNER.
ENTER = f"""
set -e
trap 'exit {NOT_ISOLATED}' EXIT
root=$1 folder=$2 plan=$3 start=$4 inner=$5
shift 5
ours=$folder/ours
mount -t tmpfs -o %(disk)s,mode=755 tmpfs "$ours"
mkdir "$ours/upper" "$ours/work"
cp -a "$folder/patched/." "$ours/upper/"
find "$ours/upper" -type f -exec touch {{}} +
# Without attributes of its own an overlay cannot rename a new folder, as cargo does; older systems have none.
layer() {{
  set -- "$1" "lowerdir=$2,upperdir=$3,workdir=$4"
  mount -t overlay -o "$2,userxattr" overlay "$1" 2>/dev/null || mount -t overlay -o "$2" overlay "$1"
}}
layer "$root" "$root" "$ours/upper" "$ours/work"
while IFS= read -r name; do rm -f -- "$root/$name"; done < "$plan/gone"
""".strip()

START = """
cd "$start"
exec "$@"
""".strip()

ENCLOSE = f"""
new=$ours/root
mkdir "$new"
mount -t tmpfs -o %(disk)s,mode=755 tmpfs "$new"
for name in {" ".join(_SYSTEM)}; do
  if [ -L "/$name" ]; then cp -P "/$name" "$new/$name"
  elif [ -d "/$name" ]; then mkdir "$new/$name"; mount --rbind "/$name" "$new/$name"; fi
done
mkdir -p "$new/dev/shm" "$new/proc" "$new/tmp" "$new/run" "$new/var/tmp" "$new$HOME" "$new/.old"
chmod 1777 "$new/tmp" "$new/var/tmp" "$new/dev/shm"
for name in null zero full random urandom tty; do
  : > "$new/dev/$name"; mount --bind "/dev/$name" "$new/dev/$name"
done
ln -s /proc/self/fd "$new/dev/fd"
ln -s /proc/self/fd/0 "$new/dev/stdin"
ln -s /proc/self/fd/1 "$new/dev/stdout"
ln -s /proc/self/fd/2 "$new/dev/stderr"
put() {{
  [ ! -e "$new$1" ] || [ "$(stat -c %%d:%%i "$new$1")" != "$(stat -c %%d:%%i "$1")" ] || return 0
  if [ -d "$1" ]; then mkdir -p "$new$1"; else mkdir -p "$new${{1%%/*}}"; : > "$new$1"; fi
  mount --rbind "$1" "$new$1"
}}
while IFS= read -r path; do put "$path"; done < "$plan/keep"
# Each mount by itself, since a recursive read-only is newer than the systems this runs on. What is locked
# about one has to be said again.
while read -r _ _ _ _ place flags _; do
  place=$(printf '%%b' "$place")
  case "$place" in "$new"/proc*|"$new"/dev*) ;; "$new"/*)
    set_again=ro
    for flag in nosuid nodev noexec noatime nodiratime relatime; do
      case ",$flags," in *",$flag,"*) set_again="$set_again,$flag" ;; esac
    done
    mount -o "remount,bind,$set_again" "$place" ;;
  esac
done < /proc/self/mountinfo
mount --rbind /proc "$new/proc"
mkdir -p "$new$root"
mount --rbind "$root" "$new$root"
while IFS= read -r path; do mkdir -p "$new$path"; mount --rbind "$path" "$new$path"; done < "$plan/writable"
n=0
while IFS= read -r path; do
  n=$((n + 1))
  mkdir -p "$new$path" "$ours/copies/$n/upper" "$ours/copies/$n/work"
  layer "$new$path" "$path" "$ours/copies/$n/upper" "$ours/copies/$n/work"
done < "$plan/copied"
while IFS= read -r path; do [ ! -S "$new$path" ] || mount --bind /dev/null "$new$path"; done < "$plan/sockets"
mkdir "$new{LEFT}" "$plan/left"
cd "$new{LEFT}"
ulimit -c 0
ulimit -u {MAX_PROCESSES} 2>/dev/null || ulimit -p {MAX_PROCESSES} 2>/dev/null || true
set +e
%(unshare)s --user --map-root-user --mount -- /bin/sh -c "$inner" sh "$new" "$start" "$@" \\
  3< "$plan/private" 4< "$plan/sockets" 5> "$plan/started"
ended=$?
# Nobody may be left who could put a link in the place of a file that is copied here.
kill -9 -1 2>/dev/null
n=0
for file in ./*; do
  [ -f "$file" ] && [ ! -L "$file" ] && [ "$n" -lt {_MAX_LEFT} ] || continue
  n=$((n + 1))
  head -c {MAX_LEFT_BYTES} "$file" > "$plan/left/$file"
done
trap - EXIT
exit $ended
""".strip()

# Inside: $1 the new root, $2 where to start, then the command. What cannot be proven here is not started.
INNER = f"""
set -e
trap 'exit {NOT_ISOLATED}' EXIT
new=$1 start=$2
shift 2
mount --rbind "$new" "$new"
cd "$new"
%(pivot_root)s . .old
cd /
umount -l /.old
rmdir /.old 2>/dev/null || true
while read -r was path; do
  [ ! -e "$path" ] || [ "$(stat -c %%d:%%i "$path")" != "$was" ] || exit {NOT_ISOLATED}
done <&3
while IFS= read -r path; do [ ! -S "$path" ] || exit {NOT_ISOLATED}; done <&4
[ "$(grep -c : /proc/net/dev)" -le 1 ] || exit {NOT_ISOLATED}
[ "$(wc -l < /proc/net/route)" -le 1 ] || exit {NOT_ISOLATED}
cd "$start"
echo started >&5
exec 3<&- 4<&- 5>&-
exec %(setpriv)s --no-new-privs --bounding-set=-all --inh-caps=-all -- "$@"
""".strip()
