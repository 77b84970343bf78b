"""The egress acknowledges what the broker has confirmed, and nothing before."""

import asyncio
import json
from collections.abc import Sequence

import pytest

from gateways.amqp.publisher import Failure, Fate, Outgoing, Unconfirmed
from infra.hosts.egress import EgressHost
from infra.links import Hello, LinkBroken
from messages.envelope import Envelope

ACCOUNT, DESK = "account/acme", "desk/alpha"
REPORT = (
    b'{"MsgType":"ExecutionReport","ClOrdID":"o-1","TransactTime":"2026-11-23T09:00:00.000000000Z"}'
)


class Broker:
    """Confirms nothing until it is told to."""

    def __init__(self) -> None:
        self.published: list[Outgoing] = []
        self.confirms = asyncio.Event()
        self.usable = True

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        self.published += messages
        await self.confirms.wait()

    async def ready(self) -> None:
        pass


class Connection:
    """One connection of the account, as the egress sees it."""

    def __init__(self, host: EgressHost, first: int, epoch: int = 1, sender: str = ACCOUNT) -> None:
        self.hello = Hello(sender=sender, recipient=DESK, epoch=epoch, first=first)
        self.acknowledged: list[int] = []
        self.rewound: list[int] = []
        self.host = host
        self.heard = host.greet(self)

    def brings(self, *numbers: int) -> None:
        self.host.take(self, [_report(seq, self.hello.sender) for seq in numbers])

    def acknowledge(self, heard: int) -> None:
        self.acknowledged.append(heard)

    def rewind(self, heard: int) -> None:
        self.rewound.append(heard)

    def pause(self) -> None:
        raise AssertionError("the egress holds nobody back")

    resume = pause


def _report(seq: int, sender: str) -> Envelope:
    return Envelope(sender, DESK, seq, "ExecutionReport", 1, "", REPORT)


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_report_is_acknowledged_once_the_broker_has_confirmed_it() -> None:
    broker = Broker()
    account = Connection(EgressHost(broker), first=1)
    assert account.heard == 0
    account.brings(1, 2)
    await turns()
    assert len(broker.published) == 2
    assert account.acknowledged == []
    broker.confirms.set()
    await turns()
    assert account.acknowledged[-1] == 2


async def test_an_account_that_comes_back_is_not_told_that_an_unconfirmed_report_was_heard() -> (
    None
):
    broker = Broker()
    host = EgressHost(broker)
    before = Connection(host, first=1)
    before.brings(1, 2, 3)
    await turns()
    after = Connection(host, first=1)
    assert after.heard == 0  # else it would forget what dies with this process
    after.brings(1, 2, 3, 4)
    await turns()
    assert after.acknowledged in ([], [0])
    broker.confirms.set()
    await turns()
    assert after.acknowledged[-1] == 4
    assert before.acknowledged == []
    assert len(broker.published) == 4  # none of them twice


async def test_a_hole_is_sent_again_from_what_was_confirmed() -> None:
    broker = Broker()
    account = Connection(EgressHost(broker), first=1)
    account.brings(1)
    account.brings(3)
    assert account.rewound == [0]
    broker.confirms.set()
    await turns()
    account.brings(1, 2, 3)
    await turns()
    assert account.acknowledged[-1] == 3
    assert len(broker.published) == 3


async def test_an_egress_that_was_killed_goes_on_where_the_account_stands() -> None:
    broker = Broker()
    broker.confirms.set()
    account = Connection(EgressHost(broker), first=8)
    assert account.heard == 7
    account.brings(8)
    await turns()
    assert account.acknowledged == [8]


async def test_a_succeeded_account_does_not_take_the_acknowledgements_of_the_living() -> None:
    """Found by the simulator: a stopped incarnation went on and connected: the next one starved."""
    broker = Broker()
    host = EgressHost(broker)
    living = Connection(host, first=1, epoch=2)
    with pytest.raises(LinkBroken, match="epoch 1 was succeeded"):
        Connection(host, first=1, epoch=1)
    living.brings(1)
    broker.confirms.set()
    await turns()
    assert living.acknowledged == [1]


async def test_reports_of_an_account_that_waited_together_leave_as_a_list_for_who_agreed() -> None:
    broker = Broker()
    host = EgressHost(broker, packed={"alpha"})
    account = Connection(host, first=1)
    account.brings(1)
    await turns()
    account.brings(2, 3)
    other = Connection(host, first=1, sender="account/other")
    other.brings(1)
    account.brings(4)
    assert len(broker.published) == 1  # the rest waits for the first to be confirmed
    broker.confirms.set()
    await turns()
    assert [_numbers(message) for message in broker.published] == [[1], [2, 3, 4], [1]]
    assert account.acknowledged == [1, 4]
    assert other.acknowledged == [1]


async def test_nothing_of_a_list_is_acknowledged_before_the_broker_has_confirmed_it() -> None:
    broker = Broker()
    account = Connection(EgressHost(broker, packed={"alpha"}), first=1)
    account.brings(1, 2, 3)
    await turns()
    assert [_numbers(message) for message in broker.published] == [[1, 2, 3]]
    assert account.acknowledged == []
    broker.confirms.set()
    await turns()
    assert account.acknowledged == [3]


async def test_a_desk_that_did_not_agree_hears_each_report_alone() -> None:
    broker = Broker()
    broker.confirms.set()
    account = Connection(EgressHost(broker, packed={"beta"}), first=1)
    account.brings(1, 2, 3)
    await turns()
    assert [_numbers(message) for message in broker.published] == [[1], [2], [3]]


async def test_a_list_that_was_not_confirmed_goes_again_as_it_was() -> None:
    class Refusing(Broker):
        async def publish(self, messages: Sequence[Outgoing]) -> None:
            self.published += messages
            if len(self.published) == 1:
                raise Unconfirmed([Failure(0, Fate.UNKNOWN, "lost")])

    broker = Refusing()
    account = Connection(EgressHost(broker, packed={"alpha"}), first=1)
    account.brings(1, 2)
    await turns()
    first, second = broker.published
    assert first == second
    assert _numbers(first) == [1, 2]
    assert account.acknowledged == [2]


def _numbers(message: Outgoing) -> list[int]:
    value = json.loads(message.body)
    return [one["ReportSeq"] for one in (value if isinstance(value, list) else [value])]
