"""Modules that cannot be imported: is it another package's name, a misspelt file, an empty environment?"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from lsp_debugger.cards.case import Case
from lsp_debugger.core.ask import Card, Place
from lsp_debugger.syntax.likeness import likeliest, sketches

# Import name → the package that has it, where the two differ.
PACKAGES = {
    "Crypto": "pycryptodome",
    "MySQLdb": "mysqlclient",
    "OpenSSL": "pyOpenSSL",
    "PIL": "Pillow",
    "Xlib": "python-xlib",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cairo": "pycairo",
    "corsheaders": "django-cors-headers",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "discord": "discord.py",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "environ": "django-environ",
    "fitz": "PyMuPDF",
    "gi": "PyGObject",
    "git": "GitPython",
    "grpc": "grpcio",
    "jose": "python-jose",
    "jwt": "PyJWT",
    "kafka": "kafka-python",
    "ldap": "python-ldap",
    "magic": "python-magic",
    "nacl": "PyNaCl",
    "pkg_resources": "setuptools",
    "pptx": "python-pptx",
    "rest_framework": "djangorestframework",
    "ruamel": "ruamel.yaml",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "slugify": "python-slugify",
    "telegram": "python-telegram-bot",
    "usb": "pyusb",
    "win32api": "pywin32",
    "win32con": "pywin32",
    "wx": "wxPython",
    "yaml": "PyYAML",
    "zmq": "pyzmq",
}
_PYTHON_2 = {
    "ConfigParser": "configparser",
    "HTMLParser": "html.parser",
    "Queue": "queue",
    "StringIO": "io",
    "Tkinter": "tkinter",
    "__builtin__": "builtins",
    "cPickle": "pickle",
    "cStringIO": "io",
    "httplib": "http.client",
    "thread": "_thread",
    "urllib2": "urllib.request",
    "urlparse": "urllib.parse",
}
# Taken out of the standard library, and by which version.
_REMOVED = {
    "asynchat": "3.12",
    "asyncore": "3.12",
    "cgi": "3.13",
    "crypt": "3.13",
    "distutils": "3.12",
    "imghdr": "3.13",
    "imp": "3.12",
    "pipes": "3.13",
    "smtpd": "3.12",
    "telnetlib": "3.13",
}
_ENVIRONMENTS = (".venv", "venv", "env")
_DECLARATIONS = ("pyproject.toml", "requirements.txt", "setup.cfg", "Pipfile", "requirements-dev.txt")
_NAMES_MAX = 2000


def missing_module(case: Case, module: str) -> Card | None:
    """The card for an import of `module` that is not found. None when nothing sure can be said."""
    top, _, rest = module.lstrip(".").partition(".")
    if module.startswith(".") or not top:
        return None
    if top in _PYTHON_2:
        return Card(f"`{top}` was a module of Python 2; Python 3 has `{_PYTHON_2[top]}`.")
    if top in _REMOVED:
        return Card(f"`{top}` left the standard library with Python {_REMOVED[top]}.")
    return (
        _part_of_project(case, top, rest, module) or _misspelt(case, top) or _not_installed(case, top, module)
    )


def _part_of_project(case: Case, top: str, rest: str, module: str) -> Card | None:
    root = case.around.root
    if root is None:
        return None
    for base in (root, root / "src"):
        folder = base / top
        if folder.is_dir() and rest:
            return _missing_within(case, folder, rest, module)
    if (root / "src" / top).is_dir() or (root / "src" / f"{top}.py").is_file():
        return Card(
            f"The project has `{top}` in `src`, but imports are not looked up there.",
            notes=(
                "Installing the project itself (`pip install -e .`) or adding `src` to the path mends it.",
            ),
        )
    return None


def _missing_within(case: Case, folder: Path, rest: str, module: str) -> Card | None:
    for name in rest.split("."):
        inner = folder / name
        if inner.is_dir():
            folder = inner
            continue
        if (folder / f"{name}.py").is_file() or (folder / f"{name}.pyi").is_file():
            return None
        near = likeliest(name, [sketches(_modules_in(folder))], 1)
        shown = case.shown(str(folder))
        tail = f"; the nearest there is `{near[0]}`" if near else ""
        return Card(
            f"`{shown}` has no module `{name}`, which `{module}` would be{tail}.", _file(case, folder, near)
        )
    return None


def _file(case: Case, folder: Path, near: list[str]) -> tuple[Place, ...]:
    if not near:
        return ()
    file = folder / f"{near[0]}.py"
    return (Place(case.shown(str(file)), 1, f"module `{near[0]}`"),) if file.is_file() else ()


def _modules_in(folder: Path) -> Iterator[str]:
    try:
        for number, entry in enumerate(folder.iterdir()):
            if number > _NAMES_MAX:
                return
            name = entry.name.removesuffix(".py")
            if name.isidentifier() and (entry.suffix == ".py" or entry.is_dir()):
                yield name
    except OSError:
        return


def _misspelt(case: Case, top: str) -> Card | None:
    """A slip away from a module of the project or the standard library."""
    root = case.around.root
    own = list(_modules_in(root)) if root is not None else []
    standard = [name for name in sys.stdlib_module_names if not name.startswith("_")]
    near = [name for name in likeliest(top, [sketches(own), sketches(standard)], 2) if len(name) > 3]
    if not near or _is_declared(case, top) or top in PACKAGES:
        return None
    where = "a module of the project" if near[0] in own else "a module of the standard library"
    return Card(f"There is no module `{top}` here; `{near[0]}` is {where}.")


def _not_installed(case: Case, top: str, module: str) -> Card | None:
    package = PACKAGES.get(top, top)
    other = f" (the package is called `{package}`)" if package != top else ""
    declared = _is_declared(case, package)
    environment, has_it = _environment(case, top)
    places = (declared,) if declared is not None else ()
    if environment is not None and has_it:
        rest = module.partition(".")[2]
        if rest:
            return None
        return Card(
            f"`{top}` is installed in `{environment}`, but another interpreter is in use here.",
            places,
            (f"Choose the interpreter of `{environment}`.",),
        )
    where = (
        f"is not installed in `{environment}`"
        if environment is not None
        else "is not found by this interpreter"
    )
    if declared is not None:
        return Card(f"`{top}`{other} {where}, although {declared} asks for it.", places)
    if package != top:
        return Card(f"`{top}` comes with the package `{package}`, which {where}.")
    return (
        Card(f"`{top}` {where}, and no file of the project asks for it.") if environment is not None else None
    )


def _is_declared(case: Case, package: str) -> Place | None:
    """The line of the project's dependency files that names `package`."""
    root = case.around.root
    if root is None:
        return None
    name = re.sub(r"[-_.]+", "[-_.]+", re.escape(package).replace("\\-", "-").replace("\\.", "."))
    pattern = re.compile(rf"(?<![\w.-]){name}(?![\w.-])", re.IGNORECASE)
    for file in _DECLARATIONS:
        snapshot = case.around.read(str(root / file))
        match = pattern.search(snapshot.text) if snapshot is not None else None
        if match is not None and snapshot is not None:
            line = snapshot.lines.line_of(match.start()) + 1
            return Place(file, line, f"`{snapshot.line_text(line - 1).strip()}`")
    return None


def _environment(case: Case, top: str) -> tuple[str | None, bool]:
    """The project's virtual environment, and whether it has the module."""
    root = case.around.root
    for name in _ENVIRONMENTS if root is not None else ():
        assert root is not None
        if (root / name / "pyvenv.cfg").is_file():
            folders = [
                *(root / name / "lib").glob("python3*/site-packages"),
                root / name / "Lib" / "site-packages",
            ]
            found = any((folder / top).is_dir() or (folder / f"{top}.py").is_file() for folder in folders)
            return name, found
    return None, False
