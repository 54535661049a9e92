"""Connections that end, wait, are refused or cannot be trusted; processes that are not there."""

from __future__ import annotations

import ast
import re

from lsp_debugger.cards.exceptions.raised import Raised
from lsp_debugger.cards.exceptions.system import BY_NUMBER
from lsp_debugger.core.ask import Card

_URL = re.compile(r"<urlopen error (?:\[Errno (?P<number>-?\d+)\] )?(?P<why>.+)>$")
_HTTP = re.compile(r"HTTP Error (?P<status>\d{3}): (?P<reason>.*)$")
_VERIFY = re.compile(
    r"\[SSL: CERTIFICATE_VERIFY_FAILED\] certificate verify failed: (?P<why>.+?)(?:\.? \(_ssl\.c:\d+\)|$)"
)
_CERTIFICATES = {
    "self-signed certificate in certificate chain": (
        "The server's certificate comes from an authority that this machine does not know."
    ),
    "self signed certificate in certificate chain": (
        "The server's certificate comes from an authority that this machine does not know."
    ),
    "self-signed certificate": "The server has signed its certificate itself, so nobody vouches for it.",
    "self signed certificate": "The server has signed its certificate itself, so nobody vouches for it.",
    "unable to get local issuer certificate": (
        "Who issued the server's certificate is not known here, or the server leaves out a link of the chain."
    ),
    "certificate has expired": "The server's certificate has expired, or this machine's clock is wrong.",
}
_STATUS = {
    "401": "The server wants to know who asks, and does not accept what it was told.",
    "403": "The server knows what is asked for and does not give it.",
    "404": "The server answers, and has nothing at that address.",
    "405": "The server does not take that method at that address.",
    "429": "The server was asked too often and wants a pause.",
    "500": "The server failed at its own work.",
    "502": "A server in between got no usable answer from the one behind it.",
    "503": "The server is not able to answer for the moment.",
    "504": "A server in between waited too long for the one behind it.",
}


def connection_ended(raised: Raised) -> Card | None:
    """ConnectionResetError, ConnectionAbortedError, BrokenPipeError."""
    call = raised.only(raised.on_line(ast.Call))
    during = f" during `{raised.code(call)}`" if call is not None else ""
    if raised.name == "BrokenPipeError":
        return Card(
            f"Whoever read at the other end is gone{during}: nothing more can be written.", raised.here()
        )
    if raised.name == "ConnectionAbortedError":
        return Card(f"The connection was given up on this side{during}.", raised.here())
    return Card(f"The other side broke the connection off{during}.", raised.here())


def would_wait(raised: Raised) -> Card | None:
    call = raised.only(raised.on_line(ast.Call))
    if call is None or "[Errno 11]" not in raised.message:
        return None
    owner = raised.owner(call)
    what = f"`{owner}`" if owner else "it"
    return Card(f"`{raised.code(call)}` would have to wait, and {what} is set never to wait.", raised.here())


def certificate(raised: Raised) -> Card | None:
    message = raised.message
    if match := _URL.match(message):
        message = match["why"]
    match = _VERIFY.search(message)
    if match is None:
        if "WRONG_VERSION_NUMBER" in message:
            return Card("What listens at that port does not speak TLS.", raised.here())
        return None
    why = match["why"]
    if why.startswith("Hostname mismatch"):
        name = re.search(r"'(?P<name>[^']+)'", why)
        shown = f" `{name['name']}`" if name is not None else ""
        return Card(
            f"The server's certificate is for other names than{shown or ' the one asked for'}.", raised.here()
        )
    words = _CERTIFICATES.get(why)
    return Card(words, raised.here(), (why,)) if words is not None else None


def url_error(raised: Raised) -> Card | None:
    match = _URL.match(raised.message)
    if match is None:
        return None
    if found := certificate(raised):
        return found
    number = int(match["number"]) if match["number"] else None
    if number == 111:
        return Card("Nothing listens at the address of that URL.", raised.here())
    words = BY_NUMBER.get(number) if number is not None else None
    return Card(words, raised.here(), (match["why"],)) if words is not None else None


def http_error(raised: Raised) -> Card | None:
    match = _HTTP.match(raised.message)
    words = _STATUS.get(match["status"]) if match is not None else None
    if match is None or words is None:
        return None
    return Card(words, raised.here(), (f"HTTP status {match['status']}: {match['reason']}",))


def no_process(raised: Raised) -> Card | None:
    """ProcessLookupError and ChildProcessError: the number names no process, or none of ours."""
    call = raised.call_of("kill", "killpg", "getpgid", "waitpid", "wait", "send_signal", "terminate")
    if call is None:
        return None
    if raised.name == "ChildProcessError":
        return Card(f"`{raised.code(call)}` waits for a child process that is not there.", raised.here())
    return Card(f"The process that `{raised.code(call)}` means has ended, or never was.", raised.here())
