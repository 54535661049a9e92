#!/usr/bin/env bash
# The editor packages as files to hand on, into build/: .vsix, Neovim plugin, Emacs package, LSP4IJ template, Helix settings.
# The .vsix needs what `tools/install_editors.sh vscode` brings; without that it is left out with a line that says so.
set -euo pipefail
cd "$(dirname "$0")/.."
version="$(sed -n 's/^__version__ = "\(.*\)"/\1/p' lsp_debugger/__init__.py)"
: "${version:?lsp_debugger/__init__.py names no version}"
mkdir -p build

archive() { # name, folder below editors/; the same bytes for the same files
    tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --transform "s,^$2,$1-$version," -C editors -cf - "$2" |
        gzip -n >"build/$1-$version.tar.gz"
}

archive lsp-debugger.nvim neovim
archive lsp-debugger-lsp4ij jetbrains
cp editors/emacs/lsp-debugger.el "build/lsp-debugger-$version.el"
cp editors/helix/languages.toml "build/lsp-debugger-helix-$version.toml"
if [ -e editors/vscode/node_modules/.bin/vsce ]; then
    PATH="$PWD/.tools/editors/vscode/node/bin:$PATH" npm --prefix editors/vscode run --silent check
    PATH="$PWD/.tools/editors/vscode/node/bin:$PATH" npm --prefix editors/vscode run --silent package >/dev/null
    cp editors/vscode/dist/lsp-debugger.vsix "build/lsp-debugger-$version.vsix"
else
    echo "left out: the .vsix (tools/install_editors.sh vscode)" >&2
fi
ls -l build | sed -n 's/.*\(lsp-debugger.*\)/\1/p'
