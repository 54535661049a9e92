"""JavaScript and TypeScript repositories that try to run something. See tests/support/tripwires.py."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from tripwires import Hostile, Tree, hold

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(sys.platform == "win32", reason="the programs made here are shell scripts"),
]

TYPES = '{"compilerOptions": {"strict": true, "types": [], "noEmit": true%s}}\n'
FAULT = "const count: number = 'three';\n"


def sources(tree: Tree, options: str = "") -> None:
    tree.write("index.ts", FAULT)
    tree.write("index.js", "let count = 1;\n")
    tree.write("package.json", "{}\n")
    tree.write("tsconfig.json", TYPES % options)


def file_of(name: str, before: str = "", after: str = "module.exports = [];\n") -> Callable[[Tree], None]:
    def build(tree: Tree) -> None:
        sources(tree)
        tree.write(name, before + tree.javascript("config") + after)

    return build


def local_plugin(tree: Tree) -> None:
    sources(tree)
    tree.write(".eslintrc.json", '{"root": true, "plugins": ["evil"], "parser": "./parser.js"}\n')
    module = "node_modules/eslint-plugin-evil"
    tree.write(f"{module}/package.json", '{"name": "eslint-plugin-evil", "main": "main.js"}\n')
    tree.write(f"{module}/main.js", tree.javascript("plugin") + "module.exports = {};\n")
    ast = "{type: 'Program', body: [], tokens: [], comments: [], range: [0, 0], loc: place}"
    place = "const place = {start: {line: 1, column: 0}, end: {line: 1, column: 0}};\n"
    tree.write("parser.js", f"{tree.javascript('parser')}{place}exports.parse = () => ({ast});\n")


def shims(tree: Tree) -> None:
    sources(tree)
    tree.write("eslint.config.js", "module.exports = [];\n")
    for name in ("eslint", "tsc", "node"):
        tree.program(f"node_modules/.bin/{name}", name, "echo '[]'")


def node_options(tree: Tree) -> None:
    sources(tree)
    tree.write("hook.js", tree.javascript("hook"))
    tree.write(".env", f"NODE_OPTIONS=--require={tree.root}/hook.js\n")
    tree.write(".npmrc", f"node-options=--require={tree.root}/hook.js\nscript-shell={tree.root}/shell\n")
    tree.program("shell", "shell")
    scripts = '"preinstall": "sh ./shell", "prepare": "sh ./shell", "build": "true"'
    tree.write("package.json", f'{{"name": "x", "version": "1.0.0", "scripts": {{{scripts}}}}}\n')


def with_node_options(tree: Tree) -> None:
    tree.by_hand("node", "-e", "0", env={"NODE_OPTIONS": f"--require={tree.root}/hook.js"})
    tree.by_hand("sh", "./shell")


def compiler_plugins(tree: Tree) -> None:
    """Editors load these into their server; `extends` may name a package with code in it."""
    sources(tree, ', "plugins": [{"name": "evil"}, {"transform": "./evil.js"}]')
    tree.write("evil.js", tree.javascript("plugin") + "module.exports = () => ({});\n")
    tree.write(
        "node_modules/evil/package.json", '{"name": "evil", "main": "../../evil.js", "tsconfig": "base.json"}'
    )
    tree.write("node_modules/evil/index.js", tree.javascript("plugin"))
    tree.write("node_modules/evil/base.json", "{}")
    tree.write("other/tsconfig.json", '{"extends": "evil", "compilerOptions": {"types": [], "noEmit": true}}')
    tree.write("other/index.ts", FAULT)


def trace(tree: Tree) -> None:
    """Options that write: a trace of the compiler's own work, its output, its state."""
    out = tree.marks / "trace"
    sources(tree, f', "generateTrace": "{out}", "generateCpuProfile": "{tree.marks}/profile"')
    tree.write(
        "tsconfig.json",
        (tree.root / "tsconfig.json").read_text().replace('"noEmit": true', '"outDir": "out"'),
    )


CASES = [
    *(
        Hostile(
            name, file_of(name, after=end), frozenset({"config"}), by_trust=("eslint",), programs=("eslint",),
        )
        for name, end in {
            "eslint.config.js": "module.exports = [];\n",
            "eslint.config.cjs": "module.exports = [];\n",
            ".eslintrc.js": "module.exports = {root: true};\n",
        }.items()
    ),
    Hostile(
        "a local plugin and parser in .eslintrc.json", local_plugin, frozenset({"plugin", "parser"}),
        by_trust=("eslint",), programs=("eslint",),
    ),
    Hostile(
        "node_modules/.bin", shims, frozenset({"eslint", "tsc"}), by_trust=("eslint", "tsc"),
        finds=("TS2322",), programs=("eslint", "tsc"),
    ),
    Hostile(
        "NODE_OPTIONS, .npmrc and scripts", node_options, frozenset({"hook", "shell"}), with_node_options,
        finds=("TS2322",), programs=("tsc", "node"),
    ),
    Hostile(
        "plugins of the compiler", compiler_plugins, frozenset({"plugin"}),
        lambda tree: tree.by_hand("node", "-e", "require('evil')"), finds=("TS2322",),
        programs=("tsc", "node"),
    ),
    Hostile(
        "a trace of the compiler", trace, frozenset({"trace"}),
        lambda tree: tree.by_hand("tsc", "-p", ".", "--noEmit"), finds=("TS2322",), programs=("tsc",),
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_nothing_of_the_repository_runs(
    case: Hostile, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hold(case, tree, monkeypatch)


async def test_the_users_own_node_options_do_not_reach_a_tool(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An activated environment may have set them to something in the tree."""
    sources(tree)
    hook = tree.write("hook.js", tree.javascript("hook"))
    monkeypatch.setenv("NODE_OPTIONS", f"--require={hook}")
    await tree.checked(trusted=False)
    assert tree.fired() == set()
    tree.by_hand("node", "-e", "0")
    assert tree.fired() == {"hook"}
