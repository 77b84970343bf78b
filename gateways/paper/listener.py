"""The exchange's listening socket, which only this machine may reach.

Not every build of QuickFIX knows SocketAcceptHost; the others bind their port on all interfaces.
Then the socket of the engine is bound to the loopback device as soon as it is there.
"""

import os
import socket
from collections.abc import Iterator

HOST = "127.0.0.1"
LOOPBACK = b"lo"


class CannotListen(Exception):
    """The port cannot be listened on; the text says what helps."""


def check(port: int) -> None:
    """CannotListen where nobody could listen on this port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except (OSError, OverflowError) as error:
            raise CannotListen(
                f"cannot listen on {HOST}:{port} ({error}): end what uses the port, or give another"
                " one with --port"
            ) from None


def restrict(port: int) -> None:
    """Let only this machine reach the listening socket of this process on this port."""
    for found in _open_to_all():
        with found:
            if found.getsockname()[1] != port:
                continue
            try:
                found.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, LOOPBACK)
            except (AttributeError, OSError) as error:
                raise CannotListen(
                    f"cannot keep port {port} to this machine ({error}): use Linux 5.7 or later,"
                    " or a build of quickfix that knows SocketAcceptHost"
                ) from None


def _open_to_all() -> Iterator[socket.socket]:
    """Each socket of this process that listens on all interfaces, to be closed by the caller."""
    for name in os.listdir("/dev/fd"):
        try:
            found = socket.socket(fileno=os.dup(int(name)))
        except OSError:
            continue  # not a socket, or the listing's own descriptor
        if (
            found.family == socket.AF_INET
            and found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
            and found.getsockname()[0] == "0.0.0.0"  # noqa: S104
        ):
            yield found
        else:
            found.close()
