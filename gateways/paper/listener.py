"""The exchange's listening socket, on the loopback interface alone.

QuickFIX has no setting for the address and binds its port on all interfaces. So it is given a port
that nobody knows, and its listening socket is replaced by ours under the same file descriptor. Our
own bind also tells what is wrong where the port is taken, before an engine exists.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import suppress

HOST = "127.0.0.1"


class PortTaken(Exception):
    """The port cannot be listened on; the text says what helps."""


def listen(port: int) -> socket.socket:
    """A listening socket on the loopback interface; PortTaken where there can be none."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen(16)
    except OSError as error:
        listening.close()
        raise PortTaken(
            f"{HOST}:{port} cannot be listened on ({error.strerror}); end what uses the port, or"
            " give another one with --port"
        ) from error
    listening.setblocking(False)  # as the engine has its own
    return listening


def take_over(listening: socket.socket) -> None:
    """Put ``listening`` in the place of the engine's listening socket, and close our own handle.

    Call it once, right after the engine's start with SocketAcceptPort=0.
    """
    (descriptor, port), *others = _open_to_all()
    assert not others, "only the engine listens on all interfaces"
    os.dup2(listening.fileno(), descriptor, inheritable=False)
    listening.close()
    # The engine's thread may be waiting for the old socket, for up to a second. A connection to it
    # makes the thread look, find nobody at the new one, and wait for that. Where it did not wait
    # yet, the old socket is gone already.
    with suppress(OSError):
        socket.create_connection((HOST, port), timeout=1).close()


def _open_to_all() -> Iterator[tuple[int, int]]:
    """Descriptor and port of each socket of this process that listens on all interfaces."""
    for name in os.listdir("/dev/fd"):
        descriptor = int(name)
        try:
            found = socket.socket(fileno=os.dup(descriptor))
        except OSError:
            continue  # not a socket, or the listing's own descriptor
        with found:
            if found.family == socket.AF_INET and found.getsockopt(
                socket.SOL_SOCKET, socket.SO_ACCEPTCONN
            ):
                address, port = found.getsockname()
                if address == "0.0.0.0":  # noqa: S104
                    yield descriptor, port
