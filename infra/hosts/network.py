"""How a host reaches others: addresses to endpoints, endpoints to outposts."""

import hashlib
import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from infra.links import Heard, Inbox, Outpost, tls
from infra.links.calls import Call, CallListener, CallOutpost
from infra.links.endpoint import Endpoint
from infra.links.outlink import Outlink
from infra.links.stream import StreamListener, StreamOutpost
from messages.envelope import Address

Activate = Callable[[Address], Awaitable[None]]
"""Make sure that something listens at this address; returns before it does."""

COMPLIANCE_LINGER_S = 0.25
"""Copies for compliance travel together, and so does what it tells on: nobody waits for them."""

PATIENT = ("compliance/", "surveillance/")
"""Recipients to whom that applies."""


def run_folder(data: Path) -> Path:
    """Where sockets live: short, because a unix socket path has at most 107 bytes."""
    name = hashlib.sha256(str(data.resolve()).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"oms-{name}"


def host_of(address: Address) -> Address:
    """Which process serves an address: reports of every desk leave by the egress."""
    kind, _, _ = address.partition("/")
    return "egress/0" if kind == "desk" else address


class StreamNetwork:
    """Unix sockets on one node, found by name."""

    def __init__(self, data: Path, activate: Activate, token: str = "") -> None:
        self._folder = run_folder(data)
        self._activate = activate
        self._token = token

    def endpoint(self, address: Address) -> Endpoint:
        """Where ``address`` listens."""
        name = host_of(address).replace("/", ".")
        return Endpoint(path=self._folder / name, token=self._token)

    def outpost(self, link: Outlink, heard: Heard) -> Outpost:
        """The sending end of ``link``."""
        linger = COMPLIANCE_LINGER_S if link.recipient.startswith(PATIENT) else 0.0
        return StreamOutpost(
            link, self.endpoint(link.recipient), heard, self._wake, linger_s=linger
        )

    async def listen(self, address: Address, inbox: Inbox) -> StreamListener:
        """Listen at ``address``."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._folder.stat().st_uid != os.getuid():
            raise PermissionError(
                f"{self._folder} belongs to another user, who could listen in our place: remove it"
            )
        listener = StreamListener(inbox, self.endpoint(address))
        await listener.start()
        return listener

    async def _wake(self, address: Address) -> None:
        await self._activate(host_of(address))


Where = Callable[[Address], Awaitable[tuple[str, int]]]
"""Host and port at which the process of an address listens; it is started where there is none.

Raises where nobody can tell at the moment.
"""


class TlsNetwork:
    """TCP with TLS between nodes. The recipient itself says where it listens, as it is now."""

    def __init__(self, where: Where, ip: str, ports: int, certificates: Path | None, token: str):
        """``certificates``: see :mod:`infra.links.tls`; ``ports``: the first to listen on, 0: any.

        Raises:
            LinkNotSecured: they cannot be used.
        """
        self._where = where
        self._certificates = certificates
        self._token = token
        context = tls.server(certificates)
        self._here = Endpoint(host=ip, tls=context, token=token, name=tls.NAME, ports=ports)

    def outpost(self, link: Outlink, heard: Heard) -> Outpost:
        """The sending end of ``link``."""
        linger = COMPLIANCE_LINGER_S if link.recipient.startswith("compliance/") else 0.0
        to = Endpoint(token=self._token)
        return StreamOutpost(
            link, to, heard, _nothing_to_wake, linger_s=linger, locate=self._locate
        )

    async def listen(self, address: Address, inbox: Inbox) -> StreamListener:
        """Listen at a port of its own."""
        del address
        listener = StreamListener(inbox, self._here)
        await listener.start()
        return listener

    async def _locate(self, address: Address) -> Endpoint:
        try:
            host, port = await self._where(host_of(address))
        except Exception as error:  # whatever the runtime has: what is owed is tried again
            raise ConnectionError(f"{address} does not say where it listens: {error}") from error
        there = tls.client(self._certificates)
        return Endpoint(host=host, port=port, tls=there, token=self._token, name=tls.NAME)


async def _nothing_to_wake(address: Address) -> None:
    """Whoever is asked where it listens is started by that."""


class CallNetwork:
    """Remote calls of the runtime; slower, and nothing to configure."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def outpost(self, link: Outlink, heard: Heard) -> Outpost:
        """The sending end of ``link``."""
        return CallOutpost(link, lambda to, words: self._call(host_of(to), words), heard)

    async def listen(self, address: Address, inbox: Inbox) -> CallListener:
        """The runtime hands what it is called with to the listener."""
        del address
        return CallListener(inbox)


Network = StreamNetwork | TlsNetwork | CallNetwork
