"""A small market whose actors leave real journals behind: no broker, no Ray, no FIX session.

The same shells and the same SQLite files as in service; only what carries the envelopes is a loop.
Every message handled takes a millisecond, so times can be foretold.
"""

from collections import deque
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from infra.compose import make_actor
from infra.journals import Journal, journal_path
from infra.journals.sqlite import SqliteJournal
from infra.shell import Shell
from messages import fix, orders, reference
from messages import venue as wire
from messages.base import Instant, Message
from messages.envelope import Address, Envelope

D = Decimal
MS = 1_000_000
START: Instant = 1_795_400_184_000_000_000
COMPLIANCE = "compliance/0"
VENUE = "XPAR"
SYMBOLS = ("AAPL", "BRK.B")
ACCOUNTS = {"growth": ("alpha",), "macro": ("beta", "alpha")}


def trace_of(number: int) -> str:
    """The traceparent of the desks' request of that number."""
    return f"00-{number:032x}-{number:016x}-01"


class Day:
    """Two accounts, two books, one venue and compliance, with their journals under ``data``."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.now = START
        self.asked: list[Message] = []
        """What the venue was sent, in order."""
        self.requests = 0
        self._shells: dict[Address, Shell] = {}
        self._journals: dict[Address, Journal] = {}
        self._queue: deque[Envelope] = deque()
        self._said = 0
        self._open(COMPLIANCE)
        for name, desks in ACCOUNTS.items():
            self._open(f"account/{name}", account(name, desks), *map(instrument, SYMBOLS))
        for symbol in SYMBOLS:
            self._open(f"book/{symbol}", instrument(symbol))
        scope = reference.VenueScope(Venue=VENUE, Accounts=tuple(ACCOUNTS), Symbols=SYMBOLS)
        self._open(f"venue/{VENUE}", venue(), scope)

    def the_venue_does_everything(self) -> None:
        """From now on the books pass every order on as it is."""
        able = reference.Capabilities(
            OrdTypes=tuple(fix.OrdType),
            TimesInForce=tuple(fix.TimeInForce),
            ExecInsts=tuple(fix.ExecInst),
            DisplayQty=True,
            MinQty=True,
            CashOrderQty=True,
        )
        for symbol in SYMBOLS:
            told = venue().model_copy(update={"Native": able})
            self._hear("reference/settings", f"book/{symbol}", told)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for journal in self._journals.values():
            journal.close()

    def shell(self, address: Address) -> Shell:
        """The live actor, to be compared with what its journal says."""
        return self._shells[address]

    def journal(self, address: Address) -> Path:
        """The file of that actor."""
        return file_of(self.data, address)

    def desk(self, desk: str, request: orders.DeskRequest) -> str:
        """A desk's request, and all that follows from it; returns its traceparent."""
        self.requests += 1
        trace = trace_of(self.requests)
        said = orders.FromDesk(Desk=desk, ReceivedAt=self.now, Request=request)
        self._hear("ingress/0", f"account/{request.Account}", said, trace=trace)
        return trace

    def says(self, message: Message) -> None:
        """A word of the venue, and all that follows from it."""
        self._said += 1
        self._hear(f"fix/{VENUE}", f"venue/{VENUE}", message, seq=self._said)

    def executes(self, clordid: str, kind: fix.ExecType, **fields: Any) -> None:
        """The venue reports on the request of that ClOrdID."""
        asked: Any = next(m for m in self.asked if getattr(m, "ClOrdID", "") == clordid)
        terms = asked.Terms
        given: dict[str, Any] = {
            "ClOrdID": clordid,
            "OrderID": f"V-{clordid}",
            "ExecID": f"X-{self._said + 1}",
            "ExecType": kind,
            "OrdStatus": fix.OrdStatus.New,
            "Symbol": terms.Symbol,
            "Side": terms.Side,
            "OrderQty": terms.quantity,
            "CumQty": D(0),
            "LeavesQty": D(0),
            "TransactTime": self.now,
        }
        self.says(wire.VenueExecution(**(given | fields)))

    def fills(self, clordid: str, quantity: int, price: str, **fields: Any) -> str:
        """The venue trades some of the request of that ClOrdID; returns its ExecID."""
        last: dict[str, Any] = {"LastQty": D(quantity), "LastPx": D(price)}
        self.executes(clordid, fix.ExecType.Trade, **(last | fields))
        return f"X-{self._said}"

    def made_at_the_venue(self, order_id: str, kind: fix.ExecType, **fields: Any) -> None:
        """The venue reports on an order that nobody sent: a telephoned one of account growth."""
        given: dict[str, Any] = {
            "OrderID": order_id,
            "ExecID": f"X-{self._said + 1}",
            "ExecType": kind,
            "OrdStatus": fix.OrdStatus.New,
            "Account": "growth",
            "Symbol": "AAPL",
            "Side": fix.Side.Buy,
            "OrdType": fix.OrdType.Limit,
            "Price": D(190),
            "OrderQty": D(25),
            "CumQty": D(0),
            "LeavesQty": D(25),
            "TransactTime": self.now,
        }
        self.says(wire.VenueExecution(**(given | fields)))

    def parks(self, address: Address, message: Message, reason: str) -> None:
        """A message on which the actor fails: its host parks it."""
        self.now += MS
        body = message.model_dump_json().encode()
        trace = trace_of(self.requests)
        said = Envelope("book/AAPL", address, 0, type(message).__name__, self.now, trace, body)
        entry = self._shells[address].park(said, reason, self.now)
        self._journals[address].append([entry])

    def pass_time(self, seconds: int) -> None:
        """Let the clock run, and every timer that is due by then."""
        self.now += seconds * 1000 * MS
        for shell in list(self._shells.values()):
            self._queue.extend(shell.due(self.now))
        self._drain()

    def _open(self, address: Address, *told: Message) -> None:
        actor = make_actor(address)
        journal = self._journals[address] = SqliteJournal(file_of(self.data, address))
        self._shells[address] = Shell(actor, journal.open())
        for message in told:
            self._hear("reference/settings", address, message)

    def _hear(
        self, sender: Address, address: Address, message: Message, *, seq: int = 0, trace: str = ""
    ) -> None:
        body = message.model_dump_json().encode()
        request = getattr(message, "Request", message)  # the ingress names what the desk has sent
        kind = type(request).__name__
        self._queue.append(Envelope(sender, address, seq, kind, self.now, trace, body))
        self._drain()

    def _drain(self) -> None:
        while self._queue:
            envelope = self._queue.popleft()
            if envelope.recipient in self._shells:
                self._take(envelope)
            elif envelope.recipient == f"fix/{VENUE}":
                self.asked.append(TO_VENUE[envelope.kind].model_validate_json(envelope.body))

    def _take(self, envelope: Envelope) -> None:
        self.now += MS
        address = envelope.recipient
        shell = self._shells[address]
        entry = shell.take(envelope, self.now)
        if entry is None:
            return
        sends = shell.take_outbox()
        self._queue.extend(sends)
        heard = {send.recipient: send.seq for send in sends}
        if address != COMPLIANCE:
            body = entry.copy_body(address)
            copy = Envelope(
                address, COMPLIANCE, entry.number, "EntryCopy", entry.at, entry.trace, body
            )
            self._queue.append(copy)
            heard[COMPLIANCE] = entry.number
        self._journals[address].append([entry], heard)


TO_VENUE: dict[str, type[Message]] = {
    kind.__name__: kind
    for kind in (
        wire.VenueNewOrder,
        wire.VenueCancel,
        wire.VenueReplace,
        wire.VenueStatusRequest,
        wire.VenueMassStatusRequest,
        wire.VenueMarketDataRequest,
    )
}


def file_of(data: Path, address: Address) -> Path:
    """The journal of ``address`` under ``data``."""
    path = journal_path(data / "journals", address)
    return path.with_name(f"{path.name}.sqlite")


def account(name: str, desks: tuple[str, ...]) -> reference.AccountDefinition:
    """An account with money and one limit."""
    return reference.AccountDefinition(
        Account=name,
        Desks=desks,
        Cash={"USD": D(1_000_000), "EUR": D(50_000)},
        Limits=reference.Limits(MaxOrderQty=D(5_000)),
    )


def instrument(symbol: str) -> reference.InstrumentDefinition:
    """A share that trades at the one venue."""
    return reference.InstrumentDefinition(
        Symbol=symbol,
        ReferencePx=D(190),
        TickSize=D("0.01"),
        LotSize=D(1),
        ContractMultiplier=D(1),
        Venues=(VENUE,),
    )


def venue() -> reference.VenueDefinition:
    """The venue."""
    return reference.VenueDefinition(
        Venue=VENUE,
        Dialect="Paper",
        SenderCompID="OMS",
        TargetCompID=VENUE,
        Host="localhost",
        Port=1,
    )


def new(clordid: str, quantity: int = 100, price: str = "190", **fields: Any) -> Any:
    """A limit order to buy AAPL in account growth."""
    given: dict[str, Any] = {
        "Account": "growth",
        "Symbol": "AAPL",
        "Side": fix.Side.Buy,
        "OrderQty": D(quantity),
        "OrdType": fix.OrdType.Limit,
        "Price": D(price),
    }
    return orders.NewOrderSingle(ClOrdID=clordid, **(given | fields))


def cancel(clordid: str, orig: str, account: str = "growth") -> orders.OrderCancelRequest:
    """Cancel what is left of ``orig``."""
    return orders.OrderCancelRequest(ClOrdID=clordid, OrigClOrdID=orig, Account=account)


def replace(clordid: str, orig: str, quantity: int, price: str) -> Any:
    """A new total and price for ``orig``."""
    terms = dict(new(clordid, quantity, price)) | {"MsgType": "OrderCancelReplaceRequest"}
    terms.pop("ReportPendingNew")
    terms.pop("HandlInst")
    return orders.OrderCancelReplaceRequest(**terms, OrigClOrdID=orig)


def traded_day(data: Path) -> Day:
    """A day with one order in each state that a person asks about, left open for more.

    alpha in growth: a-1 filled in two parts, a-2 replaced by a-3 and working, a-4 refused, a-5
    canceled by a-6, a-7 in doubt; beta in macro: b-1 partly filled, short; a-1 of beta refused.
    """
    day = Day(data)
    day.says(wire.SessionUp())
    day.desk("alpha", new("a-1"))
    day.executes("growth-1.1", fix.ExecType.New)
    day.fills("growth-1.1", 40, "189.50")
    day.fills("growth-1.1", 60, "190")
    day.desk("alpha", new("a-2", 50, "180"))
    day.executes("growth-2.1", fix.ExecType.New)
    day.desk("alpha", replace("a-3", "a-2", 70, "181.25"))
    day.executes("growth-2.1.1", fix.ExecType.Replaced)
    day.desk("alpha", new("a-4", 9_000))
    day.desk("alpha", new("a-5", 10, "200.00", Symbol="BRK.B"))
    day.executes("growth-4.1", fix.ExecType.New)
    day.desk("alpha", cancel("a-6", "a-5"))
    day.executes("growth-4.1.1", fix.ExecType.Canceled)
    short = {"Account": "macro", "Side": fix.Side.SellShort}
    day.desk("beta", new("b-1", 200, "195", **short))
    day.executes("macro-1.1", fix.ExecType.New)
    day.fills("macro-1.1", 30, "195.10")
    day.desk("beta", new("a-1", 9_000, **short))
    day.desk("alpha", new("a-7", 5, "150"))
    day.pass_time(6)
    return day
