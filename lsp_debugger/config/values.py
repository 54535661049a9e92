"""What a value may be: URLs, paths, names. Each check returns the value in its one canonical form.

They raise ValueError with what is wrong, never with the value: people paste keys into the wrong field.
"""

from __future__ import annotations

import re

_DEFAULT_PORTS = {"http": 80, "https": 443}
_OLLAMA_PORT = 11434
_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
# RFC 3986's characters; without this urlsplit() would quietly drop tabs and line ends.
_URL_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/\[\]@!$&'()*+,;=%?#]*\Z")


def http_url(text: str) -> str:
    """`scheme://host[:port][/path]` in lower case where case means nothing; "" stays "".

    Refused: other schemes, credentials, a query or fragment, characters no URL has.
    """
    if not text:
        return ""
    scheme, host, port, path = _url_parts(text)
    authority = f"[{host}]" if ":" in host else host
    if port is not None and port != _DEFAULT_PORTS[scheme]:
        authority += f":{port}"
    return f"{scheme}://{authority}{path.rstrip('/')}"


def origin_of(url: str) -> str:
    """`scheme://host:port`, the port always written: two URLs of one server compare equal.

    Raises ValueError as `http_url` does.
    """
    scheme, host, port, _ = _url_parts(url)
    authority = f"[{host}]" if ":" in host else host
    return f"{scheme}://{authority}:{port or _DEFAULT_PORTS[scheme]}"


def declared_host(text: str) -> str:
    """The origin of one machine that its owner vouches for. A pattern or 'every address' is nobody's."""
    origin = origin_of(text)
    host = _url_parts(text)[1]
    if "*" in host:
        raise ValueError("must name one machine, not a pattern")
    if _is_unspecified(host):
        raise ValueError("must name one machine; 0.0.0.0 and [::] mean every address")
    return origin


def is_loopback(url: str) -> bool:
    """Whether a URL names this machine by a literal address; a name can be made to point anywhere."""
    import ipaddress

    try:
        return ipaddress.ip_address(_url_parts(url)[1]).is_loopback
    except ValueError:
        return False


def absolute_path(text: str) -> str:
    """`~` expanded; "" stays "". A relative path would mean another file in each folder."""
    from pathlib import Path

    if not text:
        return ""
    if "\0" in text:
        raise ValueError("must be a path")
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        raise ValueError("must be a path; that home directory is not known") from None
    if not path.is_absolute():
        raise ValueError("must be an absolute path (it may start with ~)")
    return str(path)


def environment_name(text: str) -> str:
    """The name of an environment variable; "" stays ""."""
    if text and not _ENVIRONMENT_NAME.match(text):
        raise ValueError("must be the name of an environment variable, not the key itself")
    return text


def loopback_url(ollama_host: str) -> str | None:
    """OLLAMA_HOST as a URL if it is a literal loopback address, `localhost` not included; else None."""
    text = ollama_host.strip()
    url = text if "://" in text else f"http://{text}"
    if not is_loopback(url):
        return None
    scheme, host, port, path = _url_parts(url)
    if path.strip("/"):
        return None
    authority = f"[{host}]" if ":" in host else host
    # The daemon's own client uses 11434 when only a host is given, and the scheme's port with a scheme.
    default = _DEFAULT_PORTS[scheme] if "://" in text else _OLLAMA_PORT
    return http_url(f"{scheme}://{authority}:{port or default}")


def _url_parts(text: str) -> tuple[str, str, int | None, str]:
    """Scheme, host without brackets, port if written, path."""
    from urllib.parse import urlsplit

    if not _URL_CHARACTERS.match(text):
        raise ValueError("must be a URL without spaces or special characters")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError("must be a URL like http://host:port") from None
    if parts.scheme not in _DEFAULT_PORTS or not host or port == 0:
        raise ValueError("must be a URL like http://host:port")
    if "@" in parts.netloc:
        raise ValueError("must not hold a user name or password")
    if parts.query or parts.fragment:
        raise ValueError("must not have a query or a fragment")
    return parts.scheme, host, port, parts.path


def _is_unspecified(host: str) -> bool:
    """Also of the short forms that C libraries read as an address: `0`, `0x0`, `00.0`."""
    import ipaddress

    try:
        address = ipaddress.ip_address(host)
        return (getattr(address, "ipv4_mapped", None) or address).is_unspecified
    except ValueError:
        return re.fullmatch(r"(0x)?0*(\.(0x)?0*)*", host) is not None
