"""Two operators who settle what is in doubt: one rings the venue up, another confirms it.

They speak for a venue only while its members cannot, and say nothing but the truth. Now and then
they change the rule book as well, or stop something (:mod:`infra.sim.killing`).
"""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

from gateways.amqp.consumer import Delivery
from gateways.amqp.publisher import Outgoing, Unconfirmed
from gateways.amqp.topology import orders_exchange, reports_queue
from infra.sim.broker import Broker, Consumer
from infra.sim.exchange import Exchange
from infra.sim.killing import Killing, Open
from messages.base import SECOND, Instant, Message
from messages.fix import OrdStatus
from messages.operators import ConfirmResolution, DoubtOutcome, ResolveInDoubt
from messages.rulebook import ROUTING_KEY, ApproveRules, ProposeRules, RuleBook

if TYPE_CHECKING:
    from actors.venue.state import VenueState

OUTCOMES = {
    OrdStatus.Rejected: DoubtOutcome.Rejected,
    OrdStatus.Canceled: DoubtOutcome.Canceled,
    OrdStatus.Expired: DoubtOutcome.Expired,
}


class Operators:
    """``resolved``: ClOrdIDs that they have spoken about. ``reports``: what they heard."""

    def __init__(
        self,
        names: tuple[str, str],
        broker: Broker,
        random: Random,
        kills: Random,
        clock: Callable[[], float],
        still_open: Open,
    ) -> None:
        self.resolved: list[str] = []
        self.reports: list[bytes] = []
        self.sending = 0
        self.changes = 0
        self._random = random
        self._names = names
        self._publishers = {name: broker.publisher(name) for name in names}
        self._queues = {reports_queue(name): name for name in names}
        self.killing = Killing(names, self._publish, kills, clock, still_open)
        for queue in self._queues:
            broker.consume(queue, self._hear)

    @property
    def busy(self) -> bool:
        """Whether they have something to say, or a kill of theirs stands."""
        return bool(self.sending or self.killing.under_way)

    def look(self, exchange: Exchange, state: "VenueState") -> None:
        """Settle one new order that is in doubt at this venue, whose line is down."""
        doubts = [
            request.ClOrdID
            for request in map(state.requests.__getitem__, state.unanswered)
            if request.in_doubt and request.kind == "New" and request.ClOrdID not in self.resolved
        ]
        if not doubts or exchange.open:
            return
        name = self._random.choice(doubts)
        self.resolved.append(name)
        known = exchange.names.get(name)
        outcome = DoubtOutcome.NotSent
        if known is not None:
            outcome = OUTCOMES.get(known.status, DoubtOutcome.Accepted)
        proposal = ResolveInDoubt(
            Venue=exchange.venue, ClOrdID=name, Outcome=outcome, Reason="by telephone"
        )
        self.sending += 1
        task = asyncio.ensure_future(self._settle(proposal))
        task.add_done_callback(lambda _: self._done())

    def change_rules(self, book: RuleBook, now: Instant) -> None:
        """The next version of the rule book, from now or from a little later on."""
        self.changes += 1
        later = now + self._random.randint(1, 3) * SECOND if self._random.random() < 0.5 else None
        level = book.Firm.model_copy(update={"MaxNotional": Decimal(1_000_000 + self.changes)})
        wish = ProposeRules(
            Rules=book.model_copy(update={"Firm": level}),
            EffectiveAt=later,
            Reason=f"change {self.changes}",
        )
        self.sending += 1
        task = asyncio.ensure_future(self._agree(wish))
        task.add_done_callback(lambda _: self._done())

    async def _agree(self, wish: ProposeRules) -> None:
        one, other = self._names
        await self._publish(one, ROUTING_KEY, wish)
        await asyncio.sleep(0.05)
        await self._publish(other, ROUTING_KEY, ApproveRules(ProposalID=wish.proposal_id))

    def _done(self) -> None:
        self.sending -= 1

    async def _settle(self, proposal: ResolveInDoubt) -> None:
        one, other = self._names
        await self._publish(one, proposal.Venue, proposal)
        confirmation = ConfirmResolution(
            Venue=proposal.Venue, ClOrdID=proposal.ClOrdID, ResolutionID=proposal.resolution_id
        )
        await asyncio.sleep(0.05)
        await self._publish(other, proposal.Venue, confirmation)

    async def _publish(self, operator: str, key: str, said: Message) -> None:
        body = said.model_dump_json(exclude_none=True).encode()
        kind = type(said).__name__
        message = Outgoing(orders_exchange(operator), key, body, kind, "", {}, operator)
        publisher = self._publishers[operator]
        try:
            await publisher.ready()
            await publisher.publish([message])
        except Unconfirmed:
            pass  # they may have been heard or not; who asks again is told

    def _hear(self, consumer: Consumer, delivery: Delivery) -> None:
        self.reports.append(delivery.body)
        self.killing.hear(self._queues[consumer.queue], delivery.body)
        consumer.acknowledge(delivery)
