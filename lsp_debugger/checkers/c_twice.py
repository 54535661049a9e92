"""What gcc and clang both find, under the names that each has for it."""

from __future__ import annotations

# Flags that mean the same to both.
_FLAGS = (
    "address", "array-bounds", "char-subscripts", "comment", "cpp", "dangling-else",
    "deprecated-declarations", "enum-compare", "format", "format-extra-args", "format-security",
    "format-zero-length", "ignored-qualifiers", "implicit-fallthrough", "implicit-function-declaration",
    "implicit-int", "incompatible-pointer-types", "infinite-recursion", "init-self", "int-conversion",
    "int-to-pointer-cast", "logical-not-parentheses", "misleading-indentation", "missing-braces",
    "missing-field-initializers", "nonnull", "parentheses", "pessimizing-move", "pointer-sign",
    "range-loop-construct", "redundant-move", "return-type", "shadow", "shift-count-negative",
    "shift-count-overflow", "sign-compare", "sizeof-array-argument", "sizeof-pointer-div",
    "sizeof-pointer-memaccess", "string-compare", "suggest-override", "switch", "tautological-compare",
    "unused-but-set-parameter", "unused-but-set-variable", "unused-const-variable", "unused-function",
    "unused-label", "unused-parameter", "unused-result", "unused-variable", "write-strings",
)  # fmt: skip

SAME: tuple[frozenset[str], ...] = (
    *(frozenset({f"-W{flag}", f"-W{flag}=", f"clang-diagnostic-{flag}"}) for flag in _FLAGS),
    frozenset(
        {
            "-Wuninitialized",
            "-Wmaybe-uninitialized",
            "-Wanalyzer-use-of-uninitialized-value",
            "clang-diagnostic-uninitialized",
            "clang-diagnostic-sometimes-uninitialized",
            "clang-analyzer-core.uninitialized.Assign",
            "clang-analyzer-core.uninitialized.UndefReturn",
            "clang-analyzer-core.UndefinedBinaryOperatorResult",
        }
    ),
    frozenset(
        {
            "-Wuse-after-free",
            "-Wanalyzer-use-after-free",
            "-Wanalyzer-double-free",
            "-Wanalyzer-malloc-leak",
            "-Wanalyzer-free-of-non-heap",
            "clang-analyzer-unix.Malloc",
        }
    ),
    frozenset({"-Wanalyzer-file-leak", "clang-analyzer-unix.Stream"}),
    frozenset({"-Wanalyzer-null-dereference", "clang-analyzer-core.NullDereference"}),
    frozenset({"-Wc++11-narrowing", "-Wnarrowing", "clang-diagnostic-c++11-narrowing"}),
    frozenset({"-Wdelete-non-virtual-dtor", "clang-diagnostic-delete-non-abstract-non-virtual-dtor"}),
    frozenset({"-Wdiscarded-qualifiers", "clang-diagnostic-incompatible-pointer-types-discards-qualifiers"}),
    frozenset({"-Wdiv-by-zero", "clang-diagnostic-division-by-zero", "clang-analyzer-core.DivideZero"}),
    frozenset({"-Wempty-body", "clang-diagnostic-empty-body", "bugprone-suspicious-semicolon"}),
    frozenset({"-Woverflow", "clang-diagnostic-constant-conversion", "clang-diagnostic-integer-overflow"}),
    frozenset({"-Wreorder", "clang-diagnostic-reorder-ctor"}),
    frozenset(
        {
            "-Wreturn-local-addr",
            "clang-diagnostic-return-stack-address",
            "clang-analyzer-core.StackAddressEscape",
        }
    ),
    frozenset({"-Wunused-value", "clang-diagnostic-unused-value", "clang-diagnostic-unused-comparison"}),
)
# Compilers stumble over one mistake in different places: a file that one of them cannot read is told as
# the first of them tells it.
BROKEN = frozenset({"error", "clang-diagnostic-error"})
