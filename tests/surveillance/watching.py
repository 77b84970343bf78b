"""A scene of surveillance: what compliance tells it, in the words of a trader."""

from decimal import Decimal
from typing import Any, Self

from actors.surveillance.surveillance import Surveillance
from messages import events as ev
from messages.base import SECOND, Instant
from messages.cases import CaseRequest, CaseStep, NewsReported
from messages.fix import Side
from messages.operators import FromOperator
from messages.surveillance import LookAgain, Sightings
from messages.thresholds import (
    Capacity,
    Party,
    Restriction,
    SurveillanceDefinition,
    Thresholds,
    Watched,
)
from tests.actors.scenes import Scene

NOON: Instant = 1_795_435_200 * SECOND
BUY, SELL = Side.Buy, Side.Sell


def told(
    *parties: Party, restrictions: tuple[Restriction, ...] = (), **limits: Any
) -> SurveillanceDefinition:
    """One band, one instrument that closes at one o'clock, and these parties."""
    return SurveillanceDefinition(
        Bands=(Thresholds(Band="mid", **limits),),
        Instruments=(
            Watched(Symbol="AAPL", Band="mid", ADV=Decimal(100_000), CloseAt=13 * 3_600),
            Watched(Symbol="MSFT", Band="mid"),
        ),
        Parties=parties,
        Restrictions=restrictions,
    )


def house(account: str = "prop", **fields: Any) -> Party:
    return Party(Account=account, Capacity=Capacity.House, **fields)


class Watching(Scene):
    """Seconds are those after noon; every sighting comes in a message of its own."""

    def __init__(self, *parties: Party, **words: Any) -> None:
        super().__init__(lambda: Surveillance("surveillance/0"))
        self.alerts: list[ev.AlertRaised] = []
        self.timers_due: list[tuple[Instant, LookAgain]] = []
        self._entries: dict[str, int] = {}
        self.when(told(*parties, **words))

    def saw(self, *rows: Any) -> Self:
        """These, as one message."""
        self.when(Sightings(Rows=rows))
        return self

    def _take(self, done: Any) -> None:
        super()._take(done)
        self.alerts += [event for event in done.events if isinstance(event, ev.AlertRaised)]
        self.timers_due += [(t.at, t.message) for t in done.timers]

    def time_passes(self) -> Self:
        """Every timer that was asked for is due."""
        due, self.timers_due = self.timers_due, []
        for at, message in sorted(due, key=lambda row: row[0]):
            self.now = at
            self.when(message)
        return self

    def enter(
        self,
        at: float,
        account: str,
        side: Side,
        qty: int,
        px: str | None = "10",
        symbol: str = "AAPL",
    ) -> str:
        """A new order; its OrderID."""
        number = self._entry(account)
        self.saw(
            ev.OrderSeen(
                Account=account, Entry=number, At=_at(at), OrderID=f"{account}-{number}",
                Desk=f"{account}.desk", Symbol=symbol, Side=side, OrderQty=Decimal(qty),
                Price=None if px is None else Decimal(px),
            )
        )  # fmt: skip
        return f"{account}-{number}"

    def fill(self, at: float, order: str, qty: int, px: str = "10", venue: str = "XPAR") -> Self:
        """Some of it trades."""
        account = order.partition("-")[0]
        number = self._entry(account)
        return self.saw(
            ev.FillSeen(
                Account=account, Entry=number, At=_at(at), OrderID=order, Venue=venue,
                LastQty=Decimal(qty), LastPx=Decimal(px),
            )
        )  # fmt: skip

    def revise(self, at: float, order: str, qty: int, px: str) -> Self:
        """A replace of it."""
        account = order.partition("-")[0]
        number = self._entry(account)
        return self.saw(
            ev.OrderRevised(
                Account=account, Entry=number, At=_at(at), OrderID=order, OrderQty=Decimal(qty),
                Price=Decimal(px),
            )
        )  # fmt: skip

    def cancel(self, at: float, *orders: str, asked: bool = True) -> Self:
        """They are gone."""
        for order in orders:
            account = order.partition("-")[0]
            number = self._entry(account)
            self.saw(
                ev.OrderGone(Account=account, Entry=number, At=_at(at), OrderID=order, Asked=asked)
            )
        return self

    def trade(
        self,
        at: float,
        account: str,
        side: Side,
        qty: int,
        px: str = "10",
        venue: str = "XPAR",
        symbol: str = "AAPL",
    ) -> Self:
        """An order that takes what is there."""
        return self.fill(at, self.enter(at, account, side, qty, px, symbol), qty, px, venue)

    def quote(self, at: float, bid: str, offer: str) -> Self:
        """A book heard prices."""
        seen = ev.QuoteSeen(Symbol="AAPL", At=_at(at), BidPx=Decimal(bid), OfferPx=Decimal(offer))
        return self.saw(seen)

    def news(self, at: float, move: str) -> Self:
        """A person tells of news."""
        said = NewsReported(Symbol="AAPL", Move=Decimal(move), At=_at(at), Headline="results")
        return self.when(FromOperator(Operator="ann", ReceivedAt=_at(at), Request=said))

    def person(self, alert: str, step: CaseStep, name: str = "ann", **words: Any) -> Self:
        """A step in a case."""
        wish = CaseRequest(AlertID=alert, Step=step, **words)
        return self.when(FromOperator(Operator=name, ReceivedAt=self.now, Request=wish))

    def found(self, *patterns: str) -> Self:
        """Exactly these alerts so far, in order; and a replay knows as much."""
        assert [alert.Pattern for alert in self.alerts] == list(patterns)
        self.replays()
        return self

    def _entry(self, account: str) -> int:
        self._entries[account] = number = self._entries.get(account, 0) + 1
        return number


def _at(seconds: float) -> Instant:
    return NOON + int(seconds * 1_000) * 1_000_000
