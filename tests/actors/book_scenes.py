"""A book with what its venue quotes and says, and with a clock that wakes it as it asked for."""

from typing import Any, Self

from actors.actor import Step
from messages.base import SECOND, Instant, Message, parse_time
from messages.fix import (
    CxlRejReason,
    ExecInst,
    ExecType,
    OrdType,
    SecurityTradingStatus,
    TimeInForce,
)
from messages.market import Quote, QuotesLost, TradingStatus
from messages.reference import Capabilities, VenueDefinition
from messages.routing import CancelOrder, Execution, NewOrder, ReplaceOrder, RequestRejected
from messages.sessions import SessionCalendar, TradingDay
from messages.terms import Terms
from tests.actors.scenes import BookScene, dec, instrument, terms

PLAIN = (
    TimeInForce.Day,
    TimeInForce.GoodTillCancel,
    TimeInForce.ImmediateOrCancel,
    TimeInForce.FillOrKill,
)


def venue(name: str = "XNAS", **native: Any) -> VenueDefinition:
    """A venue with market data that works Market and Limit, but for what is given."""
    given: dict[str, Any] = {
        "OrdTypes": (OrdType.Market, OrdType.Limit),
        "TimesInForce": PLAIN,
        "MarketData": True,
    }
    return VenueDefinition(
        Venue=name,
        Dialect="FIX44",
        SenderCompID="OMS",
        TargetCompID=name,
        Host="h",
        Port=1,
        Native=Capabilities(**(given | native)),
    )


def calendar(*dates: str) -> SessionCalendar:
    """Days from 14:30 to 21:00 UTC."""
    days = tuple(
        TradingDay(TradeDate=date, Opens=at(date, "14:30"), Closes=at(date, "21:00"))
        for date in dates
    )
    return SessionCalendar(Calendar="XNYS", Days=days)


def at(date: str, clock: str) -> Instant:
    return parse_time(f"{date[:4]}-{date[4:6]}-{date[6:]}T{clock}:00Z")


def working(kind: OrdType, **fields: Any) -> Terms:
    """Terms of any type: a Limit order's, less the price where the type takes none."""
    given: dict[str, Any] = {"OrdType": kind, "Price": None}
    return terms(**(given | fields))


def stop(px: str = "10.50", **fields: Any) -> Terms:
    return working(OrdType.Stop, StopPx=dec(px), **fields)


def pegged(peg: ExecInst = ExecInst.PrimaryPeg, *more: ExecInst, **fields: Any) -> Terms:
    return working(OrdType.Pegged, ExecInst=(peg, *more), **fields)


def iceberg(qty: int = 100, shown: int = 40, **fields: Any) -> Terms:
    return terms(OrderQty=qty, DisplayQty=dec(shown), **fields)


class MarketScene(BookScene):
    """``book/AAPL``: XNAS quotes, reports on children, and timers fire when time passes."""

    def __init__(self, *given: Message) -> None:
        self.alarms: dict[str, tuple[Instant, Message]] = {}
        self.said = 0
        super().__init__(*(given or (instrument(Venues=("XNAS",)), venue())))

    def order(self, given: Terms | None = None, order_id: str = "acme-1") -> Self:
        return self.when(
            NewOrder(OrderID=order_id, Account="acme", Terms=terms() if given is None else given)
        )

    def cancel(self, request: str = "b", order_id: str = "acme-1") -> Self:
        return self.when(CancelOrder(OrderID=order_id, RequestID=request, Symbol="AAPL"))

    def replace(self, given: Terms, request: str = "b", order_id: str = "acme-1") -> Self:
        return self.when(ReplaceOrder(OrderID=order_id, RequestID=request, Terms=given))

    def quote(
        self,
        last: str | None = None,
        bid: str | None = None,
        offer: str | None = None,
        when: Instant | None = None,
        size: int = 1_000,
    ) -> Self:
        def px(text: str | None) -> Any:
            return None if text is None else dec(text)

        return self.when(
            Quote(
                Venue="XNAS",
                Symbol="AAPL",
                BidPx=px(bid),
                BidSize=None if bid is None else dec(size),
                OfferPx=px(offer),
                OfferSize=None if offer is None else dec(size),
                LastPx=px(last),
                At=self.now if when is None else when,
            )
        )

    def lost(self) -> Self:
        return self.when(QuotesLost(Venue="XNAS", Symbol="AAPL"))

    def status(self, status: SecurityTradingStatus) -> Self:
        return self.when(TradingStatus(Venue="XNAS", Symbol="AAPL", Status=status))

    def venue(self, kind: ExecType, child: str = "acme-1.1", **fields: Any) -> Self:
        """The venue reports on a child."""
        self.said += 1
        return self.when(
            Execution(
                OrderID=child,
                Symbol="AAPL",
                Account="acme",
                ExecType=kind,
                Venue="XNAS",
                VenueExecID=fields.pop("exec_id", f"x{self.said}"),
                TransactTime=self.now,
                **fields,
            )
        )

    def fill(self, qty: int, px: str = "10.00", child: str = "acme-1.1", **fields: Any) -> Self:
        return self.venue(ExecType.Trade, child, LastQty=dec(qty), LastPx=dec(px), **fields)

    def refuse(
        self, request: str, child: str = "acme-1.1", reason: CxlRejReason = CxlRejReason.Other
    ) -> Self:
        return self.when(
            RequestRejected(
                OrderID=child,
                Symbol="AAPL",
                Account="acme",
                RequestID=request,
                CxlRejReason=reason,
                Text="no",
            )
        )

    def start(self, instant: Instant) -> Self:
        """It is that time; nothing was waiting for it."""
        self.now = instant
        return self

    def until(self, instant: Instant) -> Self:
        """Time passes, and whatever was waiting for it is woken; what all that led to is kept."""
        events, sends, timers = (), (), ()  # type: ignore[var-annotated]
        while due := self._next(instant):
            self.now, message = self.alarms.pop(due)
            self.when(message)
            events += self.events
            sends += self.sends
            timers += self.timers
        self.now = instant
        self.events, self.sends, self.timers = events, sends, timers
        return self

    def _next(self, instant: Instant) -> str | None:
        ready = [(when, key) for key, (when, _) in self.alarms.items() if when <= instant]
        return min(ready)[1] if ready else None

    def passes(self, seconds: int) -> Self:
        return self.until(self.now + seconds * SECOND)

    @property
    def text(self) -> str:
        """Text of what the account was told last."""
        told = [s.message for s in self.sends if s.recipient == "account/acme"]
        return str(told[-1].Text)  # type: ignore[attr-defined]

    def child(self, n: int = -1) -> Terms:
        """Terms of the n-th order or replace that the last step sent to the venue."""
        sent = [s.message for s in self.sends if isinstance(s.message, NewOrder | ReplaceOrder)]
        found: Terms = sent[n].Terms
        return found

    def _take(self, done: Step) -> None:
        super()._take(done)
        for send in done.sends:  # what an actor says another must be able to read
            body = send.message.model_dump_json(exclude_none=True)
            assert type(send.message).model_validate_json(body) == send.message
        for key, when, message, keep in done.timers:
            if not (keep and key in self.alarms):
                self.alarms[key] = (when, message)
