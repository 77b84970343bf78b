"""Where a recipient listens."""

import errno
import os
import ssl
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from messages.envelope import Address

PORTS = 1000
"""With a first port (``Endpoint.ports``): so many are tried."""


@dataclass(frozen=True)
class Endpoint:
    """A unix socket path, or host and port with TLS and a token.

    ``name``: what the other end's certificate must be made out to, where it shows one. ``ports``:
    to listen on a free one from this port on.
    """

    path: Path | None = None
    host: str = ""
    port: int = 0
    tls: ssl.SSLContext | None = None
    token: str = ""
    name: str | None = None
    ports: int = 0

    def candidates(self) -> Iterator[int]:
        """The ports to try to listen on, in order; each process begins at another one.

        Raises:
            OSError: there is no further one.
        """
        if not self.ports:
            yield self.port
        else:
            begin = os.getpid() % PORTS
            yield from (self.ports + (begin + step) % PORTS for step in range(PORTS))
            last = self.ports + PORTS - 1
            raise OSError(errno.EADDRINUSE, f"no free port from {self.ports} to {last}")


Locate = Callable[[Address], Awaitable[Endpoint]]
"""Where the recipient listens now. Raises ConnectionError where nobody can tell."""
