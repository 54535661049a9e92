"""Which grammar reads which language, and what its node types mean to us.

A grammar wheel is imported when its language is first asked for. A language without one is no
error: scopes are unknown there, and the index falls back to windows of lines.
"""

from __future__ import annotations

import functools
import importlib
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_debugger.syntax.shapes import (
    CPP,
    CSHARP,
    GO,
    JAVA,
    JAVASCRIPT,
    PHP,
    PYTHON,
    RUBY,
    RUST,
    SHELL,
    C,
    Shape,
)

if TYPE_CHECKING:
    from tree_sitter import Language, Tree

# Above this size a parse goes through callbacks: it can be stopped, and other threads get their
# turn (`Parser.parse` on plain bytes holds the GIL throughout; callbacks cost about half as much again).
_CALLBACK_BYTES = 16 * 1024
_PIECE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Grammar:
    name: str
    language: Language
    shape: Shape

    def parse(self, source: bytes, timeout_s: float) -> Tree | None:
        """None when it takes longer than `timeout_s`: text that is no program can take seconds.

        Broken source gives a tree with errors in it. Safe in any thread.
        """
        from tree_sitter import Parser

        parser = Parser(self.language)
        if len(source) <= _CALLBACK_BYTES:
            return parser.parse(source)
        deadline_s = time.monotonic() + timeout_s
        try:
            return parser.parse(
                lambda offset, _: source[offset : offset + _PIECE_BYTES],
                progress_callback=lambda _offset, _failed: time.monotonic() > deadline_s,
            )
        except ValueError:  # how the binding says that the callback stopped it
            return None


# Language id → module of the wheel, its function, shape.
_GRAMMARS = {
    "python": ("tree_sitter_python", "language", PYTHON),
    "javascript": ("tree_sitter_javascript", "language", JAVASCRIPT),
    "typescript": ("tree_sitter_typescript", "language_typescript", JAVASCRIPT),
    "tsx": ("tree_sitter_typescript", "language_tsx", JAVASCRIPT),
    "rust": ("tree_sitter_rust", "language", RUST),
    "go": ("tree_sitter_go", "language", GO),
    "c": ("tree_sitter_c", "language", C),
    "cpp": ("tree_sitter_cpp", "language", CPP),
    "java": ("tree_sitter_java", "language", JAVA),
    "csharp": ("tree_sitter_c_sharp", "language", CSHARP),
    "ruby": ("tree_sitter_ruby", "language", RUBY),
    "php": ("tree_sitter_php", "language_php", PHP),
    "shellscript": ("tree_sitter_bash", "language", SHELL),
}
_ALIASES = {
    "javascriptreact": "javascript",
    "jsx": "javascript",
    "typescriptreact": "tsx",
    "cuda-cpp": "cpp",
    "bash": "shellscript",
    "sh": "shellscript",
}

_LANGUAGE_OF_EXTENSION = {
    extension: language_id
    for language_id, extensions in {
        "python": "py pyi pyw",
        "javascript": "js mjs cjs",
        "javascriptreact": "jsx",
        "typescript": "ts mts cts",
        "typescriptreact": "tsx",
        "c": "c h",
        "cpp": "cc cpp cxx hh hpp hxx",
        "csharp": "cs",
        "css": "css scss less",
        "dockerfile": "dockerfile",
        "go": "go",
        "html": "html htm vue svelte",
        "java": "java",
        "json": "json jsonc",
        "kotlin": "kt kts",
        "lua": "lua",
        "makefile": "mk",
        "markdown": "md",
        "php": "php",
        "proto": "proto",
        "restructuredtext": "rst",
        "ruby": "rb",
        "rust": "rs",
        "scala": "scala",
        "shellscript": "sh bash zsh ksh",
        "sql": "sql",
        "swift": "swift",
        "toml": "toml",
        "xml": "xml",
        "yaml": "yaml yml",
    }.items()
    for extension in extensions.split()
}
_LANGUAGE_OF_NAME = {"dockerfile": "dockerfile", "makefile": "makefile", "gnumakefile": "makefile"}

_loading = threading.Lock()


def language_of(path: str) -> str:
    """The LSP language id by file name; empty when the name does not tell."""
    name = path.replace("\\", "/").rpartition("/")[2].lower()
    stem, _, extension = name.rpartition(".")
    return _LANGUAGE_OF_NAME.get(name) or (_LANGUAGE_OF_EXTENSION.get(extension, "") if stem else "")


def grammar_for(language_id: str) -> Grammar | None:
    """The grammar of a language id, loaded on first use; None when there is none or it cannot load."""
    name = _ALIASES.get(language_id, language_id)
    if name not in _GRAMMARS:
        return None
    with _loading:  # two threads importing one extension module for the first time
        return _load(name)


@functools.cache
def _load(name: str) -> Grammar | None:
    module_name, function_name, shape = _GRAMMARS[name]
    try:
        from tree_sitter import Language

        capsule: object = getattr(importlib.import_module(module_name), function_name)()
        return Grammar(name, Language(capsule), shape)
    except (ImportError, AttributeError, ValueError):  # missing, or built for another ABI
        return None
