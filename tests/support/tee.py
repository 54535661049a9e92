"""Stands before a server and writes down what passes: RECORD.in, RECORD.out and, at the end, RECORD.code.

python tee.py RECORD COMMAND [ARGUMENTS]
"""

from __future__ import annotations

import os
import subprocess  # noqa: TID251 - a program of its own
import sys
import threading
from pathlib import Path

RECORD = sys.argv[1]


def pump(source: int, drain: int, record: str, *, closes: bool) -> None:
    with Path(record).open("wb", buffering=0) as kept:
        while data := os.read(source, 65536):
            kept.write(data)
            while data:
                data = data[os.write(drain, data) :]
    if closes:
        os.close(drain)


server = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
assert server.stdin
assert server.stdout
threading.Thread(
    target=pump, args=(0, server.stdin.fileno(), f"{RECORD}.in"), kwargs={"closes": True}, daemon=True
).start()
pump(server.stdout.fileno(), 1, f"{RECORD}.out", closes=False)
code = server.wait()
Path(f"{RECORD}.code").write_text(str(code))
os._exit(code)
