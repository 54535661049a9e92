"""Certificates for a server on this machine, made by openssl."""

from __future__ import annotations

import ssl
import subprocess  # noqa: TID251  openssl is a program
from pathlib import Path


class Certificates:
    """An authority of our own, and one for `name` that it signed."""

    def __init__(self, directory: Path, name: str = "IP:127.0.0.1") -> None:
        self.authority = directory / "authority.pem"
        self.key, self.certificate = directory / "key.pem", directory / "certificate.pem"
        authority_key = directory / "authority.key"
        (directory / "san").write_text(f"subjectAltName={name}\n", encoding="utf-8")
        new = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        self._openssl(
            "req", "-x509", *new, "-subj", "/CN=a", "-keyout", authority_key, "-out", self.authority
        )
        request = directory / "request.pem"
        self._openssl("req", *new[:-2], "-subj", "/CN=s", "-keyout", self.key, "-out", request)
        self._openssl(
            "x509", "-req", "-in", request, "-days", "2", "-CAcreateserial", "-CA", self.authority,
            "-CAkey", authority_key, "-extfile", directory / "san", "-out", self.certificate,
        )  # fmt: skip

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context

    def _openssl(self, *args: object) -> None:
        subprocess.run(["openssl", *map(str, args)], check=True, capture_output=True)
