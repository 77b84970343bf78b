"""Which desks listen, and what waits: how many consumers and messages a queue has.

The broker knows at once when a desk's connection ends, and within two heartbeats when the desk
hangs. A passive declare changes nothing and needs no right on the queue.
"""

import asyncio
from collections.abc import Iterable

import aiormq

from gateways.amqp.connection import BrokerGone, Connection, LastingChannel
from gateways.amqp.topology import reports_queue
from messages.base import SECOND, Instant
from messages.reference import DeskSettings

ASK_TIMEOUT_S = 5.0


class Presence(LastingChannel):
    """Asks the broker about queues."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)

    async def consumers(self, desk: str) -> int:
        """How many listen to the desk's reports; BrokerGone where nobody can say."""
        return (await self._ask(reports_queue(desk), f"who listens to desk {desk}"))[0]

    async def waiting(self, queue: str) -> int:
        """How many messages are ready in the queue; BrokerGone where nobody can say."""
        return (await self._ask(queue, f"what waits in {queue}"))[1]

    async def _ask(self, queue: str, what: str) -> tuple[int, int]:
        """Consumers and ready messages of a queue."""
        channel = self.channel
        if channel is None or not self.usable:
            raise BrokerGone(f"channel {self.connection.name!r} is lost")
        try:
            async with asyncio.timeout(ASK_TIMEOUT_S):
                answer = await channel.queue_declare(queue, passive=True)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # aiormq cancels whoever waits for it while its connection closes
            raise BrokerGone(f"the connection closed while asking {what}") from None
        except (aiormq.AMQPError, TimeoutError, ConnectionError, RuntimeError) as error:
            raise BrokerGone(f"cannot ask {what}: {error!r}") from error
        return answer.consumer_count or 0, answer.message_count or 0

    async def set_up(self, channel: aiormq.abc.AbstractChannel) -> None:
        """See :class:`LastingChannel`; there is nothing to prepare."""

    def lost(self, reason: str) -> None:
        """See :class:`LastingChannel`; nothing is under way that the question does not settle."""


class Absences:
    """Since when each desk has been away, and who has been so for as long as was agreed. No I/O.

    A desk that nobody has seen counts as away from the first look: it may have been there before
    this process was, and died with it.
    """

    def __init__(self, agreed: Iterable[DeskSettings]) -> None:
        self._agreed = {s.Desk: s for s in agreed if s.CancelOnDisconnect is not None}
        self._since: dict[str, Instant] = {}
        self._told: set[str] = set()

    @property
    def agreed(self) -> list[DeskSettings]:
        """Those with the setting."""
        return list(self._agreed.values())

    def saw(self, desk: str, consumers: int, now: Instant) -> Instant | None:
        """One look at a desk; since when it is away, where that is to be told now."""
        if consumers:
            self._since.pop(desk, None)
            self._told.discard(desk)
            return None
        since = self._since.setdefault(desk, now)
        patience = (self._agreed[desk].CancelOnDisconnect or 0) * SECOND
        if desk in self._told or now - since < patience:
            return None
        self._told.add(desk)
        return since

    def heard(self, desk: str | None) -> None:
        """It has sent something: it was there, though perhaps between two looks."""
        if desk in self._agreed:
            self._since.pop(desk, None)
            self._told.discard(desk)

    def blind(self) -> None:
        """Nobody could look: who is away has to be seen so anew, for all of the time agreed."""
        self._since.clear()
