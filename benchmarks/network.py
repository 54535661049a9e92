"""What leaves the machine, by system call: connects, sends and look-ups of demo and a scripted session.

    python benchmarks/network.py        needs strace (apt-get install strace)

Counts addresses that are neither loopback nor a Unix socket, in all children too. The goal is none.
"""

from __future__ import annotations

import re
import shutil
import subprocess  # noqa: TID251 - runs the product from outside
import sys
import tempfile
from pathlib import Path

from harness import SERVER, LspClient, Row, print_table, private_environment, write_project
from latency import diagnostic, hover, list_actions, publish, wait_until_indexed

_CALLS = "connect,sendto,sendmsg,sendmmsg,bind"
_LOOPBACK = re.compile(r"^(?:127\.|::1$|0\.0\.0\.0$|::$)")


def traced(argv: tuple[str, ...], log: Path) -> tuple[str, ...]:
    strace = shutil.which("strace")
    if strace is None:
        raise SystemExit("strace is not installed: apt-get install strace")
    return (strace, "-f", "-qq", "-e", f"trace={_CALLS}", "-o", str(log), *argv)


def outside(log: Path) -> tuple[int, list[str]]:
    """(calls seen, those that name an address which is not of this machine, or the port of DNS)."""
    seen = 0
    found: list[str] = []
    for line in log.read_text("utf-8", "replace").splitlines():
        if "AF_INET" not in line:
            continue
        seen += 1
        ports = re.findall(r"sin6?_port=htons\((\d+)\)", line)
        hosts = re.findall(r'inet_addr\("([^"]+)"\)|AF_INET6[^"]*"([^"]+)"', line)
        addresses = [four or six for four, six in hosts]
        if any(not _LOOPBACK.match(address) for address in addresses) or "53" in ports:
            found.append(line[:200])
    return seen, found


def demo(log: Path, env: dict[str, str]) -> None:
    argv = traced((sys.executable, "-m", "lsp_debugger", "demo"), log)
    subprocess.run(argv, env=env, check=True, capture_output=True, timeout=300)


def scripted_session(log: Path, env: dict[str, str]) -> None:
    """Open, hover, list, explain, status, edit, close: with worker and every look for a model."""
    with tempfile.TemporaryDirectory() as folder:
        paths = write_project(Path(folder), 60)
        with LspClient(traced(SERVER, log), env=env) as client:
            client.initialize(Path(folder))
            uri = client.open(paths[0])
            publish(client, uri)
            hover(client, uri)
            list_actions(client, uri)
            argument = {"uri": uri, "position": diagnostic()["range"]["start"]}
            for _ in range(2):
                client.request(
                    "workspace/executeCommand",
                    {"command": "lspDebugger.explain", "arguments": [argument]},
                    timeout_s=120,
                )
                client.wait_notification("$/progress", 120)
            wait_until_indexed(client)  # so that the worker's own calls are seen too


def main() -> int:
    rows: list[Row] = []
    for name, run in (("demo", demo), ("a whole scripted session", scripted_session)):
        with private_environment() as env, tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "calls"
            run(log, env)
            seen, found = outside(log)
        rows.append(
            Row(
                f"{name}: addresses that are not loopback or Unix, of {seen} Internet calls",
                str(len(found)),
                "0",
                not found,
            )
        )
        for line in found[:10]:
            print(line)
    return 0 if print_table("Network", rows) else 1


if __name__ == "__main__":
    sys.exit(main())
