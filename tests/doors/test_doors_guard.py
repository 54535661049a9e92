"""The guard, each time in a real process with the real audit hook."""

from __future__ import annotations

import socket  # noqa: TID251  the other end of what is refused
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Guarded = Callable[[str], str]

ATTEMPT = """
def attempt(call):
    try:
        call()
    except OSError as exc:
        print(type(exc).__mro__[1].__name__, "|", exc, "|", bool(exc.hint))
    else:
        print("went through")
"""


@pytest.fixture
def listener(socket_enabled: None) -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        yield server


def nobody_came(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return True
    return False


@pytest.mark.parametrize(
    ("event", "call"),
    [
        ("subprocess.Popen", "__import__('subprocess').run(['true'])"),
        ("os.system", "os.system('true')"),
        ("os.fork", "os.fork()"),
        ("os.forkpty", "os.forkpty()"),
        ("os.exec", "os.execv('/bin/true', ['true'])"),
        ("os.posix_spawn", "os.posix_spawn('/bin/true', ['true'], {})"),
        ("os.fork", "os.spawnv(os.P_WAIT, '/bin/true', ['true'])"),
        ("pty.spawn", "__import__('pty').spawn(['true'])"),
        ("subprocess.Popen", "os.popen('true')"),
        (
            "_posixsubprocess.fork_exec",
            "__import__('multiprocessing').get_context('spawn').Process(target=print).start()",
        ),
    ],
)
def test_a_program_start_outside_the_door_is_refused(guarded: Guarded, event: str, call: str) -> None:
    out = guarded(f"import os\n{ATTEMPT}\nattempt(lambda: {call})")

    assert out.splitlines()[-1] == f"SpawnRefused | {event} outside of spawn.py was refused | True"
    assert f"LOG refused {event}, called from __main__:" in out


@pytest.mark.parametrize(
    ("event", "call"),
    [
        ("socket.connect", "socket.socket().connect(ADDRESS)"),
        ("socket.connect", "socket.socket().connect_ex(ADDRESS)"),
        ("socket.connect", "socket.socket(socket.AF_UNIX).connect('/nowhere')"),
        ("socket.connect", "socket.socket(socket.AF_UNIX).connect(b'\\0abstract')"),
        ("socket.sendto", "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ADDRESS)"),
        ("socket.sendmsg", "socket.socket(type=socket.SOCK_DGRAM).sendmsg([b'x'], [], 0, ADDRESS)"),
        ("socket.getaddrinfo", "socket.getaddrinfo('secret.example', 1)"),
        ("socket.getaddrinfo", "socket.create_connection(ADDRESS)"),
        ("socket.gethostbyname", "socket.gethostbyname('secret.example')"),
        ("socket.gethostbyname", "socket.gethostbyname_ex('secret.example')"),
        ("socket.gethostbyaddr", "socket.gethostbyaddr('127.0.0.1')"),
        ("socket.getnameinfo", "socket.getnameinfo(('127.0.0.1', 1), 0)"),
    ],
)
def test_a_way_out_beside_the_door_is_refused(
    guarded: Guarded, listener: socket.socket, event: str, call: str
) -> None:
    out = guarded(
        f"import gc, socket, warnings\nwarnings.simplefilter('ignore', ResourceWarning)\n"
        f"ADDRESS = {listener.getsockname()!r}\n{ATTEMPT}\nattempt(lambda: {call})"
    )

    assert out.splitlines()[-1] == f"EgressRefused | {event} outside of egress.py was refused | True"
    assert "secret" not in out
    assert nobody_came(listener)


def test_libraries_in_threads_and_on_the_loop_are_refused(guarded: Guarded, listener: socket.socket) -> None:
    out = guarded(f"""
        import asyncio, threading, urllib.request, httpx
        from lsp_debugger.core.errors import EgressRefused
        url = "http://127.0.0.1:{listener.getsockname()[1]}/"

        def fetch():
            try:
                urllib.request.urlopen(url)
            except OSError as exc:
                print("thread:", isinstance(exc.reason, EgressRefused))

        async def main():
            try:
                await asyncio.open_connection("127.0.0.1", {listener.getsockname()[1]})
            except EgressRefused:
                print("asyncio: refused")
            async with httpx.AsyncClient(trust_env=False) as client:
                try:
                    await client.get(url)
                except httpx.ConnectError:
                    print("httpx: refused")

        thread = threading.Thread(target=fetch); thread.start(); thread.join()
        asyncio.run(main())
    """)

    assert [line for line in out.splitlines() if not line.startswith("LOG")] == [
        "thread: True",
        "asyncio: refused",
        "httpx: refused",
    ]
    assert nobody_came(listener)


def test_a_permit_opens_one_address_while_it_is_held(guarded: Guarded, listener: socket.socket) -> None:
    host, port = listener.getsockname()
    out = guarded(f"""
        import socket, threading
        {ATTEMPT.strip().replace(chr(10), chr(10) + " " * 8)}

        def connect(port):
            with socket.socket() as sock:
                sock.connect(({host!r}, port))

        with guard.permit_connect({host!r}, {port}):
            with guard.permit_connect({host!r}, {port}):
                attempt(lambda: connect({port}))
            thread = threading.Thread(target=attempt, args=(lambda: connect({port}),))
            thread.start(); thread.join()
            attempt(lambda: connect({port} + 1))
        attempt(lambda: connect({port}))
    """)

    verdicts = [line.split(" |")[0] for line in out.splitlines() if not line.startswith("LOG")]
    assert verdicts == ["went through", "went through", "EgressRefused", "EgressRefused"]


def test_a_permit_opens_one_unix_path(guarded: Guarded, tmp_path: Path, socket_enabled: None) -> None:
    path = tmp_path / "engine.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        out = guarded(f"""
            import socket
            {ATTEMPT.strip().replace(chr(10), chr(10) + " " * 12)}

            def connect(path):
                with socket.socket(socket.AF_UNIX) as sock:
                    sock.connect(path)

            with guard.permit_unix({str(path)!r}):
                attempt(lambda: connect({str(path)!r}))
                attempt(lambda: connect({str(path) + "2"!r}))
            attempt(lambda: connect({str(path)!r}))
        """)

    verdicts = [line.split(" |")[0] for line in out.splitlines() if not line.startswith("LOG")]
    assert verdicts == ["went through", "EgressRefused", "EgressRefused"]


def test_a_start_permit_stays_in_its_context(guarded: Guarded) -> None:
    out = guarded("""
        import subprocess, threading
        def start():
            try:
                subprocess.run(["true"])
                print("started")
            except OSError as exc:
                print("refused")

        with guard.starting_process():
            with guard.starting_process():
                start()
            start()
            thread = threading.Thread(target=start); thread.start(); thread.join()
        start()
    """)

    verdicts = [line for line in out.splitlines() if not line.startswith("LOG")]
    assert verdicts == ["started", "started", "refused", "refused"]


def test_what_asyncio_needs_for_itself_still_works(guarded: Guarded) -> None:
    """Also the socketpair that Windows builds from two loopback sockets."""
    out = guarded("""
        import asyncio, socket
        guard.install()  # a second time

        async def main():
            left, right = socket.socketpair()
            left.sendmsg([b"x"])
            print(right.recv(1), await asyncio.to_thread(lambda: guard.is_active()))
            left.close(); right.close()

        asyncio.run(main())
        as_on_windows = '''
        def _fallback_socketpair():
            with socket() as listening:
                listening.bind(("127.0.0.1", 0)); listening.listen()
                with socket() as connecting:
                    connecting.connect(listening.getsockname())
                    listening.accept()[0].close()
        '''
        import textwrap
        exec(textwrap.dedent(as_on_windows), socket.__dict__)
        socket._fallback_socketpair()
        print(socket.getaddrinfo(None, 80)[0][4][1])
    """)

    assert out == "b'x' True\n80\n"


def test_a_log_handler_that_connects_does_not_recurse(guarded: Guarded, listener: socket.socket) -> None:
    out = guarded(f"""
        import logging.handlers, socket
        handler = logging.handlers.SocketHandler("127.0.0.1", {listener.getsockname()[1]})
        logging.getLogger().addHandler(handler)
        logging.raiseExceptions = False
        try:
            socket.gethostbyname("somewhere")
        except OSError:
            print("refused once")
    """)

    assert [line.split(",")[0] for line in out.splitlines()] == [
        "LOG refused socket.gethostbyname",
        "refused once",
    ]
    assert nobody_came(listener)
