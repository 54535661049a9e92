"""The standard library's modules and names, read and never run."""

from __future__ import annotations

import functools
import importlib.util
import re
import sys
import sysconfig
from pathlib import Path

_MAX_BYTES = 1_000_000
_TOP_LEVEL = re.compile(
    r"^(?:async[ \t]+)?(?:def|class)[ \t]+(?P<defined>\w+)"
    r"|^(?P<assigned>\w+)[ \t]*(?::[^=\n]+)?=(?!=)"
    r"|^from[ \t]+\w[\w.]*[ \t]+import[ \t]+(?P<imported>\([^)]*\)|[^\n(]+)",
    re.MULTILINE,
)
_STAR = re.compile(r"^\s*from[ \t]+(?P<module>\w+)[ \t]+import[ \t]+\*", re.MULTILINE)
_STRINGS = re.compile(r"""["'](\w+)["']""")
_ALL = re.compile(r"^__all__[ \t]*\+?=[ \t]*[\[(](?P<names>[^\])]*)[\])]", re.MULTILINE)

# Names that mean one thing to most Python programmers, and their modules.
KNOWN_NAMES = {
    name: module
    for module, names in {
        "abc": "ABC abstractmethod",
        "argparse": "ArgumentParser",
        "collections": "Counter OrderedDict defaultdict deque namedtuple",
        "collections.abc": "AsyncIterator Awaitable Callable Generator Iterable Iterator Mapping Sequence",
        "concurrent.futures": "ProcessPoolExecutor ThreadPoolExecutor as_completed",
        "contextlib": "asynccontextmanager contextmanager nullcontext suppress",
        "copy": "deepcopy",
        "dataclasses": "asdict dataclass",
        "datetime": "datetime timedelta timezone",
        "decimal": "Decimal",
        "enum": "Enum IntEnum StrEnum",
        "fractions": "Fraction",
        "functools": "cached_property lru_cache partial reduce wraps",
        "io": "BytesIO StringIO",
        "itertools": "chain groupby islice zip_longest",
        "operator": "attrgetter itemgetter",
        "pathlib": "Path PurePath",
        "pprint": "pprint",
        "tempfile": "NamedTemporaryFile TemporaryDirectory",
        "textwrap": "dedent",
        "types": "MappingProxyType SimpleNamespace",
        "typing": "Any ClassVar Final Generic Literal NamedTuple Optional Protocol TypeVar TypedDict Union",
        "unittest": "TestCase",
        "unittest.mock": "MagicMock",
        "urllib.parse": "urlencode urljoin urlparse",
        "uuid": "uuid4",
    }.items()
    for name in names.split()
}


def is_module(name: str) -> bool:
    """True for a module of the standard library that programs import."""
    return name in sys.stdlib_module_names and not name.startswith("_")


@functools.lru_cache(maxsize=64)
def names_in(module: str) -> frozenset[str]:
    """Names that `module` has at its top, as far as that can be told without importing it.

    Modules that are loaded already are asked; others are read. Empty for compiled ones.
    """
    if module not in sys.stdlib_module_names:
        return frozenset()
    try:
        spec = importlib.util.find_spec(module)
    except (ImportError, ValueError, AttributeError):
        return frozenset()
    origin = spec.origin if spec is not None else None
    if spec is None or origin is None or not _is_standard(origin):
        return frozenset()  # a file of the same name shadows it
    if module in sys.modules:
        return frozenset(dir(sys.modules[module]))
    return _names_in_file(Path(origin))


@functools.lru_cache(maxsize=64)
def longest_module(dotted: str) -> str:
    """What of `xml.etree.ElementTree.parse` is a module, by the standard library's files alone."""
    top, *names = dotted.split(".")
    if top not in sys.stdlib_module_names:
        return ""
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError, AttributeError):
        return ""
    if spec is None or spec.origin is None or not _is_standard(spec.origin):
        return ""
    folder = Path(spec.submodule_search_locations[0]) if spec.submodule_search_locations else None
    found = [top]
    for name in names:
        if folder is None or not ((folder / f"{name}.py").is_file() or (folder / name).is_dir()):
            break
        folder = folder / name
        found.append(name)
    return ".".join(found)


def _is_standard(origin: str) -> bool:
    if origin in ("built-in", "frozen"):
        return True
    bases = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"))
    return "site-packages" not in origin and any(Path(origin).is_relative_to(base) for base in bases)


def _names_in_file(path: Path) -> frozenset[str]:
    if path.suffix != ".py":
        return frozenset()
    try:
        text = path.read_bytes()[:_MAX_BYTES].decode("utf-8", "replace")
    except OSError:
        return frozenset()
    found = set[str]()
    for match in _TOP_LEVEL.finditer(text):
        if match["imported"]:
            found.update(part.split()[-1] for part in re.split(r"[,()\n]", match["imported"]) if part.split())
        else:
            found.add(match["defined"] or match["assigned"])
    for listed in _ALL.finditer(text):
        found.update(_STRINGS.findall(listed["names"]))
    for star in _STAR.finditer(text):
        found |= names_in(star["module"])
    return frozenset(found)
