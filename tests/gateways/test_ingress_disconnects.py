"""The ingress tells accounts of a desk that is gone, over the same links as its orders."""

import asyncio
from typing import Any, cast

from gateways.amqp.publisher import BulkPublisher
from infra.hosts.ingress import IngressHost, KnownNames
from infra.hosts.network import Network
from infra.links.outlink import Outlink
from messages.envelope import Envelope
from messages.lists import DeskDisconnected

NOW = 1_795_000_000_000_000_000
KNOWN = KnownNames({"acme", "other"}, {"alpha", "beta"}, {"alpha": ("acme", "other")})


class Outposts:
    """A network whose links keep what they are offered."""

    def __init__(self) -> None:
        self.offered: dict[str, list[Envelope]] = {}
        self.heard: Any = None

    def outpost(self, link: Outlink, heard: Any) -> "Outposts.Post":
        self.heard = heard
        return Outposts.Post(self, link.recipient)

    class Post:
        """One link's sending end."""

        def __init__(self, network: "Outposts", recipient: str) -> None:
            self.kept = network.offered.setdefault(recipient, [])

        def offer(self, envelopes: list[Envelope]) -> None:
            self.kept += envelopes


def host(network: Outposts) -> IngressHost:
    publisher = cast(BulkPublisher, None)  # nothing is answered here
    return IngressHost("ingress/0", cast(Network, network), publisher, KNOWN, clock=lambda: NOW)


async def test_each_account_that_the_desk_may_trade_is_told_over_its_link() -> None:
    network = Outposts()
    ingress = host(network)
    ingress.disconnected("alpha", NOW - 5, keep_good_till_cancel=True)
    await asyncio.sleep(0)
    assert set(network.offered) == {"account/acme", "account/other"}
    for recipient, (envelope,) in network.offered.items():
        assert (envelope.sender, envelope.recipient, envelope.seq) == ("ingress/0", recipient, 1)
        assert envelope.kind == "DeskDisconnected"
        said = DeskDisconnected.model_validate_json(envelope.body)
        assert said == DeskDisconnected(Desk="alpha", At=NOW - 5, KeepGoodTillCancel=True)


async def test_it_is_numbered_among_the_others_and_acknowledged_like_them() -> None:
    network = Outposts()
    ingress = host(network)
    for _ in range(2):
        ingress.disconnected("alpha", NOW, keep_good_till_cancel=False)
    await asyncio.sleep(0)
    assert [envelope.seq for envelope in network.offered["account/acme"]] == [1, 2]
    network.heard("account/acme", 1)
    network.heard("account/acme", 2)  # no delivery of the broker waits for it


async def test_a_desk_without_accounts_leads_to_nothing() -> None:
    network = Outposts()
    host(network).disconnected("beta", NOW, keep_good_till_cancel=False)
    await asyncio.sleep(0)
    assert network.offered == {}
