"""Which grammar reads which language, and what its node types mean to us.

A grammar wheel is imported when its language is first asked for. A language without one is no
error: scopes are unknown there, and the index falls back to windows of lines.
"""

from __future__ import annotations

import functools
import importlib
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Tree

# Above this size a parse goes through callbacks: it can be stopped, and other threads get their
# turn (`Parser.parse` on plain bytes holds the GIL throughout; callbacks cost about half as much again).
_CALLBACK_BYTES = 16 * 1024
_PIECE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Shape:
    """The node types of one grammar that we look at. Everything else is walked through.

    definitions: node type → function | class. bindings: nodes that name a value (variables, and
    functions where the value is one). wrappers: parents that belong to a definition's text.
    string_edges: children of a string that are not its content.
    """

    definitions: Mapping[str, str]
    bindings: frozenset[str]
    functions: frozenset[str]  # values that make a binding a function
    wrappers: frozenset[str]
    imports: frozenset[str]
    identifiers: frozenset[str]
    strings: frozenset[str]
    string_edges: frozenset[str]


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


_PYTHON = Shape(
    definitions={"function_definition": "function", "class_definition": "class"},
    bindings=frozenset({"assignment", "type_alias_statement"}),
    functions=frozenset({"lambda"}),
    wrappers=frozenset({"decorated_definition"}),
    imports=frozenset({"import_statement", "import_from_statement", "future_import_statement"}),
    identifiers=frozenset({"identifier"}),
    strings=frozenset({"string"}),
    string_edges=frozenset({"string_start", "string_end", "interpolation"}),
)

_JAVASCRIPT = Shape(
    definitions={
        "function_declaration": "function",
        "generator_function_declaration": "function",
        "method_definition": "function",
        "class_declaration": "class",
        "abstract_class_declaration": "class",
        "interface_declaration": "class",
        "enum_declaration": "class",
        "type_alias_declaration": "class",
        "internal_module": "class",
    },
    bindings=frozenset(
        {
            "variable_declarator",
            "pair",
            "assignment_expression",
            "field_definition",
            "public_field_definition",
        }
    ),
    functions=frozenset({"arrow_function", "function_expression", "generator_function"}),
    wrappers=frozenset(
        {"export_statement", "lexical_declaration", "variable_declaration", "expression_statement"}
    ),
    imports=frozenset({"import_statement"}),
    identifiers=frozenset(
        {
            "identifier",
            "property_identifier",
            "private_property_identifier",
            "shorthand_property_identifier",
            "shorthand_property_identifier_pattern",
            "type_identifier",
        }
    ),
    strings=frozenset({"string", "template_string"}),
    string_edges=frozenset({'"', "'", "`", "template_substitution"}),
)

# Language id → module of the wheel, its function, shape.
_GRAMMARS = {
    "python": ("tree_sitter_python", "language", _PYTHON),
    "javascript": ("tree_sitter_javascript", "language", _JAVASCRIPT),
    "typescript": ("tree_sitter_typescript", "language_typescript", _JAVASCRIPT),
    "tsx": ("tree_sitter_typescript", "language_tsx", _JAVASCRIPT),
}
_ALIASES = {"javascriptreact": "javascript", "jsx": "javascript", "typescriptreact": "tsx"}

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
        "shellscript": "sh bash zsh",
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
