"""How Python tells what it ran: a hook of its own, at the start of every Python that a command starts.

An audit hook sees source text as it is compiled and code as it is begun. Code that begins without having
been compiled comes from a cache, whose source nobody has seen: that is told as a doubt.
"""

from __future__ import annotations

# From a folder of ours that stands first on the path. A project's own sitecustomize runs after it.
SITECUSTOMIZE = r"""import os, sys

def _watch(os=os, sys=sys):
    import hashlib
    names, into = frozenset(os.environ["LSPD_FILES"].split("\n")), os.environ["LSPD_PROOF"]
    before = frozenset(os.environ["LSPD_BEFORE"].split())
    tails = {name: os.path.join(*name.split(os.sep)[-2:]) for name in names}
    bases, compiled, copies, real = {os.path.basename(name) for name in names}, {}, {}, {}

    def digest(data):
        return hashlib.sha256(data).hexdigest()

    def tell(how, path):
        with open(os.path.join(into, "python-%d.loaded" % os.getpid()), "a") as file:
            file.write(how + " " + path + "\n")

    def path_of(name):
        if isinstance(name, bytes):
            name = os.fsdecode(name)
        if not isinstance(name, str) or os.path.basename(name) not in bases:
            return ""
        name = os.path.abspath(name)
        if name not in real:
            real[name] = os.path.realpath(name)
        return real[name]

    def content(path):
        with open(path, "rb") as file:
            return file.read()

    def is_all_of(source, data):
        if isinstance(source, str):
            return source.splitlines() == data.decode("utf-8-sig").splitlines()
        return bytes(source) == data

    def saw(event, args):
        if event == "compile":
            source, name = args
            path = path_of(name)
            if path in names and isinstance(source, (str, bytes, bytearray, memoryview)):
                data = content(path)
                compiled[path] = digest(data) if is_all_of(source, data) else "!"
            elif path and isinstance(source, (str, bytes, bytearray, memoryview)):
                copies[path] = digest(source.encode() if isinstance(source, str) else bytes(source))
        elif event == "exec":
            code = args[0]
            if getattr(code, "co_name", "") != "<module>":
                return
            path = path_of(code.co_filename)
            if path in names:
                tell(compiled.pop(path, "!"), path)
            elif path:
                another_copy(path)
        elif event == "cpython.run_file":
            path = path_of(args[0])
            if path in names:  # there are a compile without a source, and an exec, to come
                compiled[path] = digest(content(path))

    def another_copy(path):
        was = copies.pop(path, None)
        if os.path.isfile(path):
            was = digest(content(path))
        for name, tail in tails.items():  # of what is in an archive, and compiled, nobody knows what it is
            if os.path.basename(name) == os.path.basename(path) and (
                was is None or was in before or path.endswith(os.sep + tail)
            ):
                tell("!", name)

    def hook(event, args):
        if event in ("compile", "exec", "cpython.run_file"):
            try:
                saw(event, args)
            except Exception:
                pass

    sys.addaudithook(hook)
    for module in list(sys.modules.values()):
        path = path_of(getattr(module, "__file__", None))
        if path in names:
            tell("!", path)
        elif path:
            another_copy(path)

if hasattr(sys, "addaudithook"):
    _watch()
sys.path.remove(os.path.dirname(__file__))
_ours = sys.modules.pop("sitecustomize", None)
try:
    import sitecustomize
except ImportError:
    sys.modules["sitecustomize"] = _ours
"""
