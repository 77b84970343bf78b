"""A long life of one account as its journal would have it: no broker, no Ray, no exchange.

The same shell, rules and journal as in service; what desk, book and venue would say is said by a
seed. Of ten orders four fill at once, three in three parts, one is replaced first, one is cancelled
after a part, and one is refused.
"""

from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

from infra.compose import COMPLIANCE, make_actor
from infra.journals import Journal
from infra.shell import Shell
from infra.snapshots import Snapshots
from messages import fix, orders, reference, routing
from messages.base import Instant, Message
from messages.entry import Entry
from messages.envelope import Address, Envelope

ACCOUNT: Address = "account/growth"
SYMBOLS = tuple(f"S{n:03}" for n in range(50))
BATCH = 256
"""Entries of one commit, as under load."""
START: Instant = 1_795_400_184_000_000_000
STEP: Instant = 2_000_000
"""From one message to the next."""
LOTS = Decimal(100)
PX = Decimal("50.00")


class Life:
    """Feed it with ``grow`` until the journal is long enough. One incarnation."""

    def __init__(self, journal: Journal, seed: int = 1) -> None:
        self.shell = Shell(make_actor(ACCOUNT), journal.open())
        self._journal = journal
        self._snapshots = Snapshots(journal)
        self._random = Random(seed)  # noqa: S311  # traffic, no secret
        self._now = START
        self._heard = dict.fromkeys((f"book/{symbol}" for symbol in SYMBOLS), 0)
        self._entries: list[Entry] = []
        self._orders = 0
        self._execs = 0

    def grow(self, entries: int) -> None:
        """Until the journal has so many, or a few more; as in service snapshots are taken."""
        self._tell(_account())
        for symbol in SYMBOLS:
            self._tell(_instrument(symbol))
        while self.shell.number < entries:
            for sender, message in self._order():
                self._hear(sender, message)
        self._commit()
        self._snapshots.keep(self.shell)

    def _order(self) -> Iterator[tuple[Address, Message]]:
        """All that comes in about one order."""
        self._orders += 1
        name, kind = f"o-{self._orders}", self._random.randrange(10)
        symbol = self._random.choice(SYMBOLS)
        side = self._random.choice((fix.Side.Buy, fix.Side.Sell))
        terms: dict[str, Any] = {
            "Account": "growth", "Symbol": symbol, "Side": side, "OrderQty": 3 * LOTS,
            "OrdType": fix.OrdType.Limit, "Price": PX if kind else PX * 2,
        }  # fmt: skip
        yield self._desk(orders.NewOrderSingle(ClOrdID=name, **terms))
        if kind == 0:
            return  # beyond the price collar
        order_id = f"growth-{self.shell.actor.state.order_count}"
        book = f"book/{symbol}"

        def execution(what: fix.ExecType, **fields: Any) -> tuple[Address, Message]:
            self._execs += 1
            said = routing.Execution(
                OrderID=order_id, Symbol=symbol, Account="growth", ExecType=what, Venue="XPAR",
                VenueExecID=f"X{self._execs}", TransactTime=self._now, **fields,
            )  # fmt: skip
            return book, said

        yield execution(fix.ExecType.New)
        if kind == 1:
            again = {**terms, "Price": PX + 1}
            yield self._desk(
                orders.OrderCancelReplaceRequest(ClOrdID=f"r{name}", OrigClOrdID=name, **again)
            )
            yield execution(fix.ExecType.Replaced, RequestID=f"r{name}")
        if kind == 2:
            yield execution(fix.ExecType.Trade, LastQty=LOTS, LastPx=PX)
            cancel = orders.OrderCancelRequest(
                ClOrdID=f"c{name}", OrigClOrdID=name, Account="growth"
            )
            yield self._desk(cancel)
            yield execution(fix.ExecType.Canceled, RequestID=f"c{name}")
            return
        parts = 3 if kind > 6 else 1
        for _ in range(parts):
            yield execution(fix.ExecType.Trade, LastQty=3 * LOTS / parts, LastPx=PX)

    def _desk(self, request: Any) -> tuple[Address, Message]:
        return "ingress/0", orders.FromDesk(Desk="alpha", ReceivedAt=self._now, Request=request)

    def _tell(self, message: Message) -> None:
        self._hear("reference/settings", message)

    def _hear(self, sender: Address, message: Message) -> None:
        self._now += STEP
        seq = 0
        if sender in self._heard:
            seq = self._heard[sender] = self._heard[sender] + 1
        body = message.model_dump_json(exclude_none=True).encode()
        kind = type(getattr(message, "Request", message)).__name__
        envelope = Envelope(sender, ACCOUNT, seq, kind, self._now, "", body)
        if entry := self.shell.take(envelope, self._now):
            self._entries.append(entry)
        if len(self._entries) >= BATCH:
            self._commit()

    def _commit(self) -> None:
        """Durable, and at once heard by everybody."""
        self.shell.take_outbox()
        self._journal.append(self._entries, {**self.shell.sent, COMPLIANCE: self.shell.number})
        self._entries = []
        self._snapshots.keep_busy(self.shell)


def _account() -> reference.AccountDefinition:
    return reference.AccountDefinition(
        Account="growth",
        Desks=("alpha",),
        Cash={"USD": Decimal(10) ** 12},
        Limits=reference.Limits(PriceCollar=Decimal("0.2")),
    )


def _instrument(symbol: str) -> reference.InstrumentDefinition:
    return reference.InstrumentDefinition(
        Symbol=symbol,
        ReferencePx=PX,
        TickSize=Decimal("0.01"),
        LotSize=Decimal(1),
        ContractMultiplier=Decimal(1),
        Venues=("XPAR",),
    )
