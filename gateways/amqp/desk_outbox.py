"""A desk's requests on their way out: each is sent until the broker has it on disk.

What is sent again keeps its ClOrdID and its bytes, so whoever receives both takes them for one.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, Protocol

from gateways.amqp import topology
from gateways.amqp.connection import BrokerGone
from gateways.amqp.desk_record import DeskRecord, request_key
from gateways.amqp.ingress_items import MAX_ITEMS
from gateways.amqp.publisher import Failure, Fate, Outgoing, Unconfirmed
from messages.orders import DESK_REQUEST, DeskRequest

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 1.0  # seconds before what was not confirmed is sent again
MAX_BYTES = topology.MAX_MESSAGE_BYTES - 2  # of a message, without its brackets
EVERY_ACCOUNT = ""  # routing key of what is for all accounts that the desk may trade
PERMANENT = ("403", "404", "406")  # AMQP: no right, no such exchange, not a message it takes


class Refused(Exception):
    """The broker will never take these requests from this desk: sending again is of no use."""


class Prepared(NamedTuple):
    """A request as it travels; ``key`` as in ``request_key``. Make it with ``prepare``."""

    key: str
    account: str
    type: str
    body: bytes
    headers: Mapping[str, str] = MappingProxyType({})


def prepare(request: DeskRequest, traceparent: str = "") -> Prepared:
    """The bytes of a request, to be made once and, if need be, ahead of time."""
    return Prepared(
        request_key(request),
        request.Account or EVERY_ACCOUNT,
        request.MsgType,
        DESK_REQUEST.dump_json(request, exclude_none=True),
        {"traceparent": traceparent} if traceparent else MappingProxyType({}),
    )


class Publisher(Protocol):
    """What an outbox needs of a BulkPublisher, whose errors these are."""

    async def publish(self, messages: Sequence[Outgoing]) -> None: ...

    async def ready(self) -> None: ...


class Outbox:
    """Sends for one desk over one publisher, which somebody else opens and closes.

    ``resent`` counts requests sent again, or later than asked because of an outage.
    """

    def __init__(self, publisher: Publisher, desk: str, record: DeskRecord | None = None) -> None:
        self.resent = 0
        self._publisher = publisher
        self.desk = desk
        self._record = record
        self._exchange = topology.orders_exchange(desk)
        self._calls: dict[int, asyncio.Future[None]] = {}  # unfinished, in the order they were made
        self._made = 0
        self._recovering = 0

    async def send(self, batch: Sequence[Prepared], *, packed: bool = False) -> None:
        """Return when every request of the batch is confirmed.

        ``packed``: requests of one account travel together in one message, which costs everybody
        less; the requests of an account keep their order either way.

        Waits through any outage of the broker. Raises Refused; ValueError for a request that is too
        long; BrokerGone once the publisher is closed. Calls may overlap: a later one does not
        overtake an earlier one, except where the broker refused the earlier one for a full queue.
        """
        if not batch:
            return
        if self._record is not None:
            self._record.sent(time.time_ns(), (one.body for one in batch))
        self._made += 1
        call = self._made
        done = self._calls[call] = asyncio.get_running_loop().create_future()
        try:
            parcels = _parcels(batch) if packed else batch
            await self._until_confirmed(call, [self._outgoing(one) for one in parcels])
        finally:
            del self._calls[call]
            done.set_result(None)
        if self._record is not None:
            self._record.confirmed(time.time_ns(), [one.key for one in batch])

    def _outgoing(self, one: Prepared) -> Outgoing:
        name = one.key.removeprefix("status ")
        return Outgoing(
            self._exchange, one.account, one.body, one.type, name, one.headers, self.desk
        )

    async def _until_confirmed(self, call: int, left: list[Outgoing]) -> None:
        if not self._recovering:
            left = await self._attempt(left)
        if not left:
            return
        self._recovering += 1
        try:
            earlier = [done for made, done in self._calls.items() if made < call]
            if earlier:
                await asyncio.wait(earlier)
            pause = FIRST_PAUSE
            while left:
                await self._publisher.ready()
                self.resent += len(left)
                left = await self._attempt(left)
                if left:
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, LONGEST_PAUSE)
        finally:
            self._recovering -= 1

    async def _attempt(self, batch: list[Outgoing]) -> list[Outgoing]:
        """Publish once; what has to be published again."""
        try:
            await self._publisher.publish(batch)
        except BrokerGone:
            return batch
        except Unconfirmed as error:
            for failure in error.failures:
                if _is_permanent(failure):
                    raise Refused(
                        f"{len(error.failures)} of {len(batch)} requests of desk {self.desk}: "
                        f"{failure.fate.value}, {failure.reason}; does the desk exist on this "
                        "broker, and is it logged in as itself?"
                    ) from error
            return [batch[failure.index] for failure in error.failures]
        return []


def _parcels(batch: Sequence[Prepared]) -> list[Prepared]:
    """The batch as lists of one account each, in order, as large as one message may be."""
    parcels: list[list[Prepared]] = []
    newest: dict[str, tuple[int, int]] = {}  # account -> (index of its parcel, bytes in it)
    for one in batch:
        index, size = newest.get(one.account, (-1, MAX_BYTES))
        full = size + len(one.body) >= MAX_BYTES or len(parcels[index]) == MAX_ITEMS
        if full or parcels[index][0].headers != one.headers:
            index, size = len(parcels), 0
            parcels.append([])
        parcels[index].append(one)
        newest[one.account] = (index, size + len(one.body) + 1)
    return [
        parcel[0]._replace(body=b"[%s]" % b",".join([one.body for one in parcel]))
        for parcel in parcels
    ]


def _is_permanent(failure: Failure) -> bool:
    """Whether the broker would say the same again, as it does for rights and missing objects."""
    lost = failure.fate is Fate.UNKNOWN and failure.reason.startswith(PERMANENT)
    return lost or failure.fate is Fate.UNROUTABLE
