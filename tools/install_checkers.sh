#!/usr/bin/env bash
# What pip cannot bring for the tests of checkers and cards: TypeScript, ESLint, gopls, staticcheck.
# Into .tools/ of this checkout, where the tests look; needs npm and go, and says what it leaves out.
set -euo pipefail
cd "$(dirname "$0")/.."
here="$PWD/.tools"
mkdir -p "$here/bin"

if command -v npm >/dev/null; then
    if [ ! -x "$here/node/node_modules/.bin/eslint" ]; then
        npm install --prefix "$here/node" --no-audit --no-fund --ignore-scripts --no-save --loglevel=error \
            typescript@5.9.3 eslint@9.39.5 @eslint/js@9.39.5 typescript-eslint@8.73.0 >/dev/null
    fi
    for name in tsc eslint; do
        ln -sf "../node/node_modules/.bin/$name" "$here/bin/$name"
    done
else
    echo "left out: TypeScript and ESLint (no npm here)" >&2
fi

if command -v go >/dev/null; then
    # Versions that Go 1.26 builds; GOTOOLCHAIN=local: no other Go is fetched.
    export GOBIN="$here/bin" GOTOOLCHAIN=local GOFLAGS=-modcacherw
    [ -x "$here/bin/gopls" ] || go install golang.org/x/tools/gopls@v0.21.0
    [ -x "$here/bin/staticcheck" ] || go install honnef.co/go/tools/cmd/staticcheck@v0.7.0
else
    echo "left out: gopls and staticcheck (no go here)" >&2
fi
