"""How the tests of actors speak: given what happened, when a message comes, then this follows.

What an actor sends is compared as lines in the notation of FIX's order state change matrices:
``ClOrdID<OrigClOrdID ExecType OrdStatus OrderQty/CumQty/LeavesQty``. Every message and every event
of every scene goes through JSON and back, and at any time the replay of a scene's events must give
the state in memory.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Self

from actors.account.account import Account
from actors.actor import Actor, Send, Step, Timer, step
from actors.book import Book
from actors.venue.venue import Venue
from messages import venue as wire
from messages.base import SECOND, Event, Instant, Message, decimal_text
from messages.fix import (
    CxlRejReason,
    ExecType,
    MassCancelRequestType,
    OrdStatus,
    OrdType,
    Side,
    TimeInForce,
)
from messages.orders import (
    DeskRequest,
    FromDesk,
    NewOrderSingle,
    OrderCancelReplaceRequest,
    OrderCancelRequest,
    OrderMassCancelRequest,
    Terms,
)
from messages.reference import AccountDefinition, InstrumentDefinition, Limits
from messages.reports import ExecutionReport, OrderCancelReject, OrderMassCancelReport
from messages.routing import CancelOrder, Execution, NewOrder, ReplaceOrder, RequestRejected

START: Instant = 1_795_400_184_915_000_000
DESK = "blue"


def dec(value: str | int | Decimal) -> Decimal:
    return Decimal(value)


def instrument(symbol: str = "AAPL", **fields: Any) -> InstrumentDefinition:
    given: dict[str, Any] = {
        "ReferencePx": dec("10.00"),
        "TickSize": dec("0.01"),
        "LotSize": dec(1),
        "ContractMultiplier": dec(1),
        "Venues": ("XNAS", "XPAR"),
    }
    return InstrumentDefinition(Symbol=symbol, **(given | fields))


def definition(account: str = "acme", **fields: Any) -> AccountDefinition:
    """``Limits`` may be given as keywords of their own."""
    limits = {name: fields.pop(name) for name in Limits.model_fields if name in fields}
    given: dict[str, Any] = {"Desks": (DESK,), "Cash": {"USD": dec(1_000_000)}}
    return AccountDefinition(Account=account, Limits=Limits(**limits), **(given | fields))


def terms(**fields: Any) -> Terms:
    """A Limit order to buy 100 AAPL at 10.00, but for what is given."""
    return Terms(**_terms(fields))


def _terms(fields: dict[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {
        "Symbol": "AAPL",
        "Side": Side.Buy,
        "OrderQty": 100,
        "OrdType": OrdType.Limit,
        "Price": "10.00",
        "TimeInForce": TimeInForce.Day,
    }
    given |= fields
    if given["OrdType"] is OrdType.Market:
        given["Price"] = None
    for name in ("OrderQty", "Price"):
        if isinstance(given[name], int | str):
            given[name] = dec(given[name])
    return given


def order(clordid: str = "a", account: str = "acme", **fields: Any) -> NewOrderSingle:
    return NewOrderSingle(ClOrdID=clordid, Account=account, **_terms(fields))


def cancel(clordid: str, orig: str, account: str = "acme", **fields: Any) -> OrderCancelRequest:
    return OrderCancelRequest(ClOrdID=clordid, OrigClOrdID=orig, Account=account, **fields)


def replace(
    clordid: str, orig: str, account: str = "acme", **fields: Any
) -> OrderCancelReplaceRequest:
    return OrderCancelReplaceRequest(
        ClOrdID=clordid, OrigClOrdID=orig, Account=account, **_terms(fields)
    )


def mass_cancel(clordid: str, symbol: str | None = None) -> OrderMassCancelRequest:
    kind = (
        MassCancelRequestType.CancelOrdersForASecurity
        if symbol
        else MassCancelRequestType.CancelAllOrders
    )
    return OrderMassCancelRequest(
        ClOrdID=clordid, Account="acme", MassCancelRequestType=kind, Symbol=symbol
    )


def from_desk(request: DeskRequest, desk: str = DESK, at: Instant = START) -> FromDesk:
    return FromDesk(Desk=desk, ReceivedAt=at, Request=request)


class Scene:
    """One actor, what happened to it, and what it did about the last message."""

    def __init__(self, make: Callable[[], Actor[Any, Any, Any]], *given: Message) -> None:
        self.make = make
        self.actor = make()
        self.now = START
        self.history: list[bytes] = []
        self.events: tuple[Event, ...] = ()
        self.sends: tuple[Send, ...] = ()
        self.timers: tuple[Timer, ...] = ()
        for message in given:
            self.when(message)

    @property
    def state(self) -> Any:
        return self.actor.state

    def when(self, *messages: Message) -> Self:
        """These come, one after the other; what the last one led to is kept."""
        for message in messages:
            if self.actor.RUNS:
                self.together(message)
            else:
                self._take(step(self.actor, self._read(message), self.now))
        return self

    def together(self, *messages: Message) -> Self:
        """These come as one run; see ``Actor.RUNS``."""
        run = b",".join(message.model_dump_json().encode() for message in messages)
        read = self.actor.INBOX.validate_json(b"[" + run + b"]")
        assert read == messages
        self._take(step(self.actor, read, self.now))
        return self

    def later(self, seconds: int) -> Self:
        """Time passes."""
        self.now += seconds * SECOND
        return self

    def then(self, *lines: str) -> Self:
        """Exactly this was sent, in this order."""
        assert [line(send) for send in self.sends] == list(lines)
        return self

    def happened(self, *kinds: str) -> Self:
        """Exactly these events, in this order."""
        assert [event.Event for event in self.events] == list(kinds)  # type: ignore[attr-defined]
        return self

    def replayed(self) -> Actor[Any, Any, Any]:
        """A fresh actor to which the same has happened."""
        fresh = self.make()
        for journaled in self.history:
            for event in fresh.EVENTS.validate_json(journaled):
                fresh.apply(event)
        return fresh

    def replays(self) -> Self:
        """The journal alone gives the state in memory, to the last byte."""
        dump = self.actor.STATE.dump_json
        assert dump(self.replayed().state) == dump(self.state)
        return self

    def _read(self, message: Message) -> Message:
        read: Message = self.actor.INBOX.validate_json(message.model_dump_json())
        assert read == message
        return read

    def _take(self, done: Step) -> None:
        journaled = self.actor.EVENTS.dump_json(done.events, exclude_none=True)
        assert self.actor.EVENTS.validate_json(journaled) == done.events
        self.history.append(journaled)
        self.events, self.sends, self.timers = done


class AccountScene(Scene):
    """``account/acme`` with what a desk and the book of AAPL say to it."""

    def __init__(self, *given: Message) -> None:
        super().__init__(lambda: Account("account/acme"), *(given or (definition(), instrument())))
        self._execs = 0

    def desk(self, *requests: DeskRequest, desk: str = DESK) -> Self:
        """A desk asks."""
        return self.when(*(from_desk(request, desk, self.now) for request in requests))

    def venue(self, exec_type: ExecType, order_id: str = "acme-1", **fields: Any) -> Self:
        """The venue reports on an order."""
        return self.when(self.execution(exec_type, order_id, **fields))

    def execution(self, exec_type: ExecType, order_id: str = "acme-1", **fields: Any) -> Execution:
        self._execs += 1
        given: dict[str, Any] = {
            "Symbol": "AAPL",
            "Venue": "XNAS",
            "VenueExecID": f"v{self._execs}",
            "TransactTime": self.now,
        }
        return Execution(OrderID=order_id, Account="acme", ExecType=exec_type, **(given | fields))

    def fill(
        self, qty: int | str, px: str = "10.00", order_id: str = "acme-1", **fields: Any
    ) -> Self:
        """The venue reports a trade."""
        return self.venue(ExecType.Trade, order_id, LastQty=dec(qty), LastPx=dec(px), **fields)

    def refused(
        self, request_id: str, reason: CxlRejReason = CxlRejReason.Other, order_id: str = "acme-1"
    ) -> Self:
        """The venue refuses a cancel or replace."""
        return self.when(
            RequestRejected(
                OrderID=order_id,
                Symbol="AAPL",
                Account="acme",
                RequestID=request_id,
                CxlRejReason=reason,
            )
        )

    def working(self, **fields: Any) -> Self:
        """An order ``a``, acknowledged by the venue."""
        return self.desk(order(**fields)).venue(ExecType.New)

    @property
    def report(self) -> Any:
        """The first report of the last step."""
        return next(s.message for s in self.sends if s.recipient.startswith("desk/"))


class BookScene(Scene):
    """``book/AAPL``."""

    def __init__(self, *given: Message) -> None:
        super().__init__(lambda: Book("book/AAPL"), *(given or (instrument(),)))


class VenueScene(Scene):
    """``venue/XNAS`` with what its session says."""

    def __init__(self, *given: Message) -> None:
        super().__init__(lambda: Venue("venue/XNAS"), *given)

    def hears(self, exec_type: ExecType, clordid: str, exec_id: str = "x1", **fields: Any) -> Self:
        """The venue sends an ExecutionReport."""
        given: dict[str, Any] = {
            "OrderID": "V1",
            "OrdStatus": OrdStatus.New,
            "Symbol": "AAPL",
            "Side": Side.Buy,
            "OrderQty": dec(100),
            "CumQty": dec(0),
            "LeavesQty": dec(100),
            "TransactTime": self.now,
        }
        return self.when(
            wire.VenueExecution(
                ClOrdID=clordid, ExecID=exec_id, ExecType=exec_type, **(given | fields)
            )
        )


def cancel_reject(
    clordid: str, reason: CxlRejReason = CxlRejReason.Other, **fields: Any
) -> Message:
    """The venue refuses a cancel or replace of the order ``k``."""
    given = {"OrigClOrdID": "k", "OrderID": "V1", "OrdStatus": OrdStatus.New}
    return wire.VenueCancelReject(ClOrdID=clordid, CxlRejReason=reason, **(given | fields))


def line(send: Send) -> str:
    """What was sent, as a line."""
    message = send.message
    match message:
        case ExecutionReport():
            return _report(message)
        case OrderCancelReject():
            return (
                f"{message.ClOrdID}<{message.OrigClOrdID} CancelReject {message.OrdStatus} "
                f"{message.CxlRejReason}"
            )
        case OrderMassCancelReport():
            return f"{message.ClOrdID} {message.MassCancelResponse} {message.TotalAffectedOrders}"
        case _:
            return " ".join((send.recipient, *_words(message)))


def _report(report: ExecutionReport) -> str:
    name = report.ClOrdID or f"({report.OrderID})"
    words = [name + (f"<{report.OrigClOrdID}" if report.OrigClOrdID else "")]
    words += [report.ExecType, report.OrdStatus]
    quantities = (report.OrderQty or dec(0), report.CumQty, report.LeavesQty)
    words.append("/".join(map(decimal_text, quantities)))
    if report.LastQty is not None and report.LastPx is not None:
        words.append(f"{decimal_text(report.LastQty)}@{decimal_text(report.LastPx)}")
    if report.OrdRejReason:
        words.append(report.OrdRejReason)
    return " ".join(words + ["PossResend"] * report.PossResend)


def _words(message: Message) -> Iterator[str]:
    yield type(message).__name__
    match message:
        case NewOrder():
            yield message.OrderID
        case CancelOrder() | ReplaceOrder():
            yield from (message.OrderID, message.RequestID)
        case Execution():
            yield from (message.OrderID, message.ExecType)
            if message.RequestID:
                yield message.RequestID
            if message.LastQty is not None and message.LastPx is not None:
                yield f"{decimal_text(message.LastQty)}@{decimal_text(message.LastPx)}"
        case RequestRejected():
            yield from (message.OrderID, message.RequestID, message.CxlRejReason)
        case wire.VenueNewOrder() | wire.VenueCancel() | wire.VenueReplace():
            yield message.ClOrdID
            if not isinstance(message, wire.VenueNewOrder):
                yield f"<{message.OrigClOrdID}"
            if message.PossResend:
                yield "PossResend"
        case wire.VenueStatusRequest():
            yield message.ClOrdID
