"""Which standard header declares a name, for the names that are met most; and where an include goes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lsp_debugger.cards.c.lookup import includes, is_cpp
from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import CertainEdit, Replacement
from lsp_debugger.core.text import Span


def _table(groups: Mapping[str, str]) -> Mapping[str, str]:
    return {name: header for header, names in groups.items() for name in names.split()}


# Header of C → what it declares. C++ has each as <c….> too.
C_NAMES = _table(
    {
        "assert.h": "assert static_assert",
        "ctype.h": "isalnum isalpha isdigit islower isprint ispunct isspace isupper isxdigit tolower toupper",
        "errno.h": "errno EINVAL ENOENT ENOMEM EINTR EAGAIN EEXIST EACCES ERANGE",
        "fcntl.h": "O_RDONLY O_WRONLY O_RDWR O_CREAT O_TRUNC O_APPEND O_NONBLOCK",
        "inttypes.h": "PRId64 PRIu64 PRIx64 PRId32 PRIu32 PRIx32",
        "limits.h": "INT_MAX INT_MIN UINT_MAX LONG_MAX LONG_MIN ULONG_MAX LLONG_MAX CHAR_BIT "
        "UCHAR_MAX SHRT_MAX",
        "math.h": "sqrt pow fabs floor ceil round sin cos tan atan2 exp log log10 fmod M_PI NAN "
        "INFINITY isnan",
        "pthread.h": "pthread_t pthread_mutex_t pthread_create pthread_join pthread_mutex_lock "
        "pthread_mutex_unlock",
        "signal.h": "signal raise SIGINT SIGTERM SIGSEGV sigaction",
        "stdarg.h": "va_list va_start va_end va_arg va_copy",
        "stdbool.h": "bool true false",
        "stddef.h": "ptrdiff_t offsetof",
        "stdint.h": "int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t intptr_t uintptr_t "
        "intmax_t uintmax_t SIZE_MAX INT32_MAX UINT32_MAX INT64_MAX UINT64_MAX UINT8_MAX UINT16_MAX",
        "stdio.h": "printf fprintf sprintf snprintf vprintf vfprintf vsnprintf scanf sscanf fscanf "
        "puts putchar "
        "getchar fopen fclose fread fwrite fgets fputs fseek ftell rewind feof ferror fflush perror "
        "remove rename getline stdin stdout stderr FILE EOF",
        "stdlib.h": "malloc calloc realloc free exit abort atexit atoi atol atof strtol strtoul "
        "strtoll strtod "
        "qsort bsearch rand srand getenv setenv system EXIT_SUCCESS EXIT_FAILURE",
        "string.h": "strlen strcpy strncpy strcat strncat strcmp strncmp strchr strrchr strstr strtok strdup "
        "strerror memcpy memmove memset memcmp memchr",
        "strings.h": "strcasecmp strncasecmp",
        "sys/stat.h": "mkdir fstat lstat S_ISDIR S_ISREG",
        "time.h": "clock time_t clock_t localtime gmtime mktime strftime difftime CLOCKS_PER_SEC "
        "CLOCK_MONOTONIC "
        "clock_gettime nanosleep",
        "unistd.h": "close fork getpid sleep usleep pipe dup2 execv execvp rmdir unlink getcwd isatty access "
        "STDIN_FILENO STDOUT_FILENO STDERR_FILENO",
    }
)
# Several headers declare these; the first is the one that is for nothing else.
SHARED = _table({"stddef.h": "size_t NULL", "sys/types.h": "ssize_t pid_t off_t", "time.h": "time"})
_WITHOUT_C_TWIN = frozenset(
    {"fcntl.h", "pthread.h", "strings.h", "sys/stat.h", "sys/types.h", "unistd.h", "stdbool.h"}
)
STD_NAMES = _table(
    {
        "algorithm": "sort stable_sort find find_if count count_if any_of all_of none_of max min max_element "
        "min_element copy copy_if transform reverse unique remove_if lower_bound upper_bound "
        "binary_search fill for_each clamp nth_element partition shuffle equal",
        "any": "any any_cast",
        "array": "array",
        "atomic": "atomic atomic_bool atomic_int",
        "bitset": "bitset",
        "chrono": "chrono",
        "complex": "complex",
        "condition_variable": "condition_variable",
        "deque": "deque",
        "exception": "exception terminate current_exception rethrow_exception",
        "filesystem": "filesystem",
        "fstream": "ifstream ofstream fstream",
        "functional": "function bind hash invoke less greater plus reference_wrapper",
        "future": "future promise async",
        "initializer_list": "initializer_list",
        "iomanip": "setw setprecision setfill put_time quoted",
        "iostream": "cout cin cerr clog",
        "istream": "istream",
        "ostream": "endl ostream",
        "iterator": "back_inserter inserter distance advance next prev istream_iterator ostream_iterator",
        "limits": "numeric_limits",
        "list": "list",
        "map": "map multimap",
        "memory": "unique_ptr shared_ptr weak_ptr make_unique make_shared enable_shared_from_this",
        "mutex": "mutex lock_guard unique_lock scoped_lock recursive_mutex call_once once_flag",
        "numeric": "accumulate iota inner_product reduce gcd lcm",
        "optional": "optional nullopt make_optional",
        "queue": "queue priority_queue",
        "random": "mt19937 random_device uniform_int_distribution uniform_real_distribution "
        "normal_distribution",
        "regex": "regex regex_match regex_search regex_replace smatch",
        "set": "set multiset",
        "sstream": "stringstream istringstream ostringstream",
        "stack": "stack",
        "stdexcept": "runtime_error logic_error invalid_argument out_of_range overflow_error domain_error",
        "string": "string wstring to_string stoi stol stod getline u16string",
        "string_view": "string_view",
        "thread": "thread this_thread",
        "tuple": "tuple make_tuple tie",
        "type_traits": "is_same_v enable_if_t decay_t is_integral_v remove_reference_t conditional_t",
        "unordered_map": "unordered_map unordered_multimap",
        "unordered_set": "unordered_set unordered_multiset",
        "utility": "pair make_pair move forward swap exchange",
        "variant": "variant visit get_if holds_alternative monostate",
        "vector": "vector",
    }
)

# Two headers have a function of that name, or another header brings it for sure.
_NOT_CERTAIN = frozenset(
    {"move", "remove", "count", "find", "getline", "bind", "get", "equal", "copy", "next"}
)
_MACRO_WORDS = frozenset({"bool", "true", "false"})
_CONDITION = re.compile(
    r"^[ \t]*#[ \t]*(?P<word>if|ifdef|ifndef|elif|else|endif)\b(?P<rest>[^\n]*)", re.MULTILINE
)
_ANGLED = re.compile(r"^[ \t]*#[ \t]*include[ \t]*<[^>\n]*>[^\n]*$", re.MULTILINE)
_QUOTED = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"', re.MULTILINE)
_PRAGMA = re.compile(r"^[ \t]*#[ \t]*pragma[ \t]+once[^\n]*$", re.MULTILINE)
_LEADING = re.compile(r"(?:[ \t]*(?://[^\n]*)?\r?\n|[ \t]*/\*(?:[^*]|\*(?!/)){0,20000}\*/[ \t]*\r?\n)*")


def c_header(case: Case, name: str) -> str | None:
    """Of a name of C; in C++ the header with a `c` in front where there is one."""
    if is_cpp(case) and name in _MACRO_WORDS:
        return None
    header = C_NAMES.get(name) or SHARED.get(name)
    if header is None or not is_cpp(case) or header in _WITHOUT_C_TWIN:
        return header
    return "c" + header.removesuffix(".h")


def is_included(case: Case, header: str) -> bool:
    twins = {header, f"{header.removeprefix('c')}.h", f"c{header.removesuffix('.h')}"}
    return bool(twins & set(includes(case.snapshot.text)))


def added_include(case: Case, name: str, header: str) -> CertainEdit | None:
    """Where gcc found it and no other header can be meant: editors with clangd offer it themselves."""
    by_gcc = case.problem.source.lower() in {"gcc", "g++", "cc"}
    if not by_gcc or name in SHARED or name in _NOT_CERTAIN or is_included(case, header):
        return None
    at = _place(case.snapshot.text)
    if at is None:
        return None
    end = "\r\n" if "\r\n" in case.snapshot.text[:2_000] else "\n"
    text = case.snapshot.text
    line = f"#include <{header}>{end}"
    is_alone = not _ANGLED.search(text) and not _QUOTED.search(text)
    replacement = Replacement(Span(at, at), line + (end if is_alone else ""))
    return CertainEdit(f"Add `#include <{header}>`", case.snapshot.uri, case.snapshot.version, (replacement,))


def _place(text: str) -> int | None:
    """Behind the first run of `#include <…>`, before the first `#include "…"`, or above the code.

    None where a condition of the preprocessor, other than a header's guard, decides about the place.
    """
    angled, quoted = _ANGLED.search(text), _QUOTED.search(text)
    if angled is not None:
        at = angled.end()
        while following := _ANGLED.match(text, _line_after(text, at)):
            at = following.end()
        at = _line_after(text, at)
        if not text[:at].endswith("\n"):
            return None
    elif quoted is not None:
        at = quoted.start()
    else:
        pragma = _PRAGMA.search(text)
        if pragma is None and _CONDITION.search(text):
            return None
        leading = _LEADING.match(text)
        at = _line_after(text, pragma.end()) if pragma else leading.end() if leading else 0
    return at if _open_conditions(text[:at]) <= _guards(text) else None


def _line_after(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _open_conditions(text: str) -> int:
    depth = 0
    for match in _CONDITION.finditer(text):
        depth += 1 if match["word"].startswith("if") else -1 if match["word"] == "endif" else 0
    return depth


def _guards(text: str) -> int:
    """1 where the first condition is `#ifndef NAME` with `#define NAME` right behind it."""
    first = _CONDITION.search(text)
    if first is None or first["word"] != "ifndef" or not first["rest"].split():
        return 0
    following = text[first.end() : first.end() + 300].lstrip()
    return int(
        re.match(rf"#[ \t]*define[ \t]+{re.escape(first['rest'].split()[0])}\b", following) is not None
    )
