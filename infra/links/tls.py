"""TLS on links between nodes: both ends show a certificate, and it must say that they are links.

The folder is laid out as cert-manager lays out a secret (ca.crt, tls.crt, tls.key). Nodes come and
go with addresses that no certificate could name, so what is checked is one name for all of them:
whoever has a certificate of that authority for something else is not let in.
"""

import ssl
from pathlib import Path
from typing import Any

NAME = "oms-link"
"""What the certificate of every link is made out to (subjectAltName DNS)."""


class LinkNotSecured(OSError):
    """The certificates are not there or cannot be used; the message says which and what to do."""


def server(folder: Path | None) -> ssl.SSLContext:
    """What a listener needs.

    Raises:
        LinkNotSecured: see there.
    """
    return _context(folder, ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))


def client(folder: Path | None) -> ssl.SSLContext:
    """What a sender needs; made for each connection, so that new certificates are taken at once.

    Raises:
        LinkNotSecured: see there.
    """
    return _context(folder, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


def is_link(certificate: dict[str, Any] | None) -> bool:
    """Whether the other end's certificate (``getpeercert``) is one of a link."""
    return ("DNS", NAME) in (certificate or {}).get("subjectAltName", ())


def _context(folder: Path | None, context: ssl.SSLContext) -> ssl.SSLContext:
    if folder is None:
        raise LinkNotSecured(
            "OMS_LINK is tls, and no certificates are named: set OMS_LINK_TLS to a folder with "
            "ca.crt, tls.crt and tls.key"
        )
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    try:
        context.load_verify_locations(folder / "ca.crt")
        context.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    except (OSError, ssl.SSLError) as error:
        raise LinkNotSecured(
            f"the certificates in {folder} (OMS_LINK_TLS) cannot be used: {error}; it needs "
            "ca.crt, tls.crt and tls.key that belong together"
        ) from error
    return context
