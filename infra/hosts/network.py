"""How a host reaches others: addresses to endpoints, endpoints to outposts."""

import hashlib
import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from infra.links import Heard, Inbox, Outpost
from infra.links.calls import Call, CallListener, CallOutpost
from infra.links.outlink import Outlink
from infra.links.stream import Endpoint, StreamListener, StreamOutpost
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


Network = StreamNetwork | CallNetwork
