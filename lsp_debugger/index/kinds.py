"""Files and folders that are no source of this project: by name, by size, by a look at their beginning."""

from __future__ import annotations

import re
import stat

MAX_FILE_BYTES = 1_000_000
_MAX_JSON_BYTES = 64_000
_MAX_AVERAGE_LINE = 300
_HEAD_BYTES = 8_000
_PROSE = (".md", ".rst", ".txt")  # where a paragraph may be one line

_VERSION_CONTROL = frozenset({".git", ".hg", ".svn", ".jj", ".bzr", "_darcs", "CVS"})
_VENDORED = frozenset(
    """
    node_modules bower_components jspm_packages site-packages dist-packages vendor third_party __pycache__
    .venv venv .tox .nox .eggs .mypy_cache .ruff_cache .pytest_cache .hypothesis .gradle .terraform
    .next .nuxt .svelte-kit .yarn .pnpm-store .cache
    """.split()  # noqa: SIM905  a literal of strings would take a page
)
# A folder with one of these is an environment or a cache, whatever its name.
VENDORED_MARKS = frozenset({"pyvenv.cfg", "CACHEDIR.TAG"})
_DATA = frozenset(
    "csv tsv svg lock log ipynb map snap geojson po pot sum patch diff tfstate drawio".split()  # noqa: SIM905  a word each
)
_BINARY = frozenset(
    """
    7z a avi bin bmp bz2 class dat db dll doc docx dylib eot exe gguf gif gz ico jar jpeg jpg ko lib mo mov
    mp3 mp4 npy npz o obj onnx otf parquet pdf pickle pkl png pptx pyc pyd pyo rar safetensors so sqlite
    tar tgz tif tiff ttf wasm wav webm webp whl woff woff2 xls xlsx xz zip zst
    """.split()  # noqa: SIM905  as above
)
_GENERATED_NAME = re.compile(
    r"(?:_pb2(?:_grpc)?\.pyi?|\.pb\.go|\.g\.dart|\.designer\.cs|\.generated\.\w+|package-lock\.json|"
    r"pnpm-lock\.yaml|composer\.lock|\.tsbuildinfo)$",
    re.IGNORECASE,
)
_MINIFIED_NAME = re.compile(r"[.-]min\.(?:js|css|mjs)$|\.bundle\.js$", re.IGNORECASE)
_GENERATED_TEXT = re.compile(
    rb"^\W{0,20}(?:@generated\b|Code generated [^\n]{0,200}DO NOT EDIT"
    rb"|[^\n]{0,80}auto-?generated[^\n]{0,80}do not edit)",
    re.IGNORECASE | re.MULTILINE,
)


def reason_by_kind(name: str, mode: int) -> str:
    """Why something is no file or folder of the project; empty when it is one. mode: as in `stat`."""
    if stat.S_ISLNK(mode):
        return "link"  # its target is a file of its own, or lies outside
    try:
        name.encode()
    except UnicodeEncodeError:
        return "name is not UTF-8"
    if name in _VERSION_CONTROL:  # a worktree's and a submodule's `.git` is a file
        return "version control"
    if not stat.S_ISDIR(mode):
        return "" if stat.S_ISREG(mode) else "special"
    return "vendored" if name in _VENDORED else ""


def reason_by_name(name: str, size_bytes: int) -> str:
    """Why a file stays out, without opening it; empty when it may belong."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if size_bytes > MAX_FILE_BYTES:
        return "too large"
    if _GENERATED_NAME.search(name):
        return "generated"
    if _MINIFIED_NAME.search(name):
        return "minified"
    if extension in _BINARY:
        return "binary"
    if extension in _DATA or (extension == "json" and size_bytes > _MAX_JSON_BYTES):
        return "data"
    return ""


def reason_by_content(path: str, data: bytes) -> str:
    """Why a file stays out that looked all right by name and size; empty when it belongs."""
    head = data[:_HEAD_BYTES]
    if b"\0" in head:
        return "binary"
    if _GENERATED_TEXT.search(head[:2_000]):
        return "generated"
    average_line = len(data) // (data.count(b"\n") + 1)
    if len(data) > _HEAD_BYTES and average_line > _MAX_AVERAGE_LINE and not path.endswith(_PROSE):
        return "minified"
    return ""
