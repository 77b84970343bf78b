"""What one actor says to others: an outpost for each recipient, and news of what was heard."""

from collections.abc import Callable, Mapping, Sequence

from infra.hosts.network import Network
from infra.links import Outpost
from infra.links.outlink import Outlink
from messages.envelope import Address, Envelope

Local = Mapping[str, Callable[[Sequence[Envelope]], None]]
"""By kind: recipients in this very process, which take what they are given at once."""


class Outposts:
    """``heard``: called whenever a recipient has acknowledged something."""

    def __init__(self, network: Network, local: Local, heard: Callable[[], None]) -> None:
        self._network = network
        self._local = local
        self._on_heard = heard
        self._outposts: dict[Address, Outpost] = {}
        self._news: dict[Address, int] = {}

    def is_local(self, recipient: Address) -> bool:
        """Whether the recipient lives in this process."""
        return recipient.partition("/")[0] in self._local

    def offer(self, recipient: Address, envelopes: Sequence[Envelope], epoch: int) -> None:
        """Say these to ``recipient``; they are durable, and follow on what it was offered."""
        outpost = self._outposts.get(recipient)
        if outpost:
            outpost.offer(envelopes)
        elif local := self._local.get(recipient.partition("/")[0]):
            local(envelopes)
            self._heard(recipient, envelopes[-1].seq)
        else:
            first = envelopes[0]
            link = Outlink(first.sender, recipient, epoch=epoch, heard=first.seq - 1)
            outpost = self._outposts[recipient] = self._network.outpost(link, self._heard)
            outpost.offer(envelopes)

    def _heard(self, recipient: Address, seq: int) -> None:
        self._news[recipient] = seq
        self._on_heard()

    def take_news(self) -> dict[Address, int]:
        """What recipients have heard since the last call."""
        news, self._news = self._news, {}
        return news

    def unacknowledged(self, kind: str = "") -> list[int]:
        """How much each recipient (of that kind) was offered and has not acknowledged."""
        return [o.unacknowledged for a, o in self._outposts.items() if a.startswith(kind)]

    def vitals(self, recipient: Address, data: bytes) -> None:
        """Tell a recipient that we have spoken to how we are; it may be lost."""
        outpost = self._outposts.get(recipient)
        if outpost:
            outpost.vitals(data)

    async def close(self) -> None:
        """Close every link."""
        for outpost in self._outposts.values():
            await outpost.close()
