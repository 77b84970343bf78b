"""Where scenarios are played: a desk's end and a venue's end, with the system between them."""

from collections import deque
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from infra.reference import Reference
from messages import fix
from messages.orders import DeskRequest
from messages.reference import (
    AccountDefinition,
    Capabilities,
    InstrumentDefinition,
    Limits,
    VenueDefinition,
)
from messages.reports import DeskReport

WireFields = dict[str, str]
"""A FIX message at the venue's end: tag to value, MsgType(35) among them."""

DESK = "buyside"
ACCOUNT = "conformance"
VENUE = "SELLSIDE"
SENDER, TARGET = "OMS", VENUE

DEFAULT_CURRENCY = "USD"
DEFAULT_PX = Decimal(100)
"""Price of an order, and of a fill, where the row does not say."""

AMPLE = Decimal(10) ** 14

EVERYTHING = Capabilities(
    OrdTypes=tuple(fix.OrdType),
    TimesInForce=tuple(fix.TimeInForce),
    ExecInsts=tuple(fix.ExecInst),
    DisplayQty=True,
    MinQty=True,
    CashOrderQty=True,
)
"""The venue works whatever a row asks for, so that nothing is worked or refused before it."""


class CannotPlay(Exception):
    """The stage failed, and not the system on it: one line, with the remedy."""


class Stage(Protocol):
    """The two ends. What arrives is appended, in order, to ``reports`` and ``requests``."""

    reports: deque[DeskReport]
    """At the desk: every report, repeats of a delivery excepted."""
    requests: deque[WireFields]
    """At the venue: every application message."""
    trouble: list[str]
    """What could not be read or taken on the way, for people."""

    async def publish(self, request: DeskRequest) -> None:
        """The desk says this; returns when it is on its way."""
        ...

    async def say(self, fields: WireFields) -> None:
        """The venue says this; returns when it is on its way."""
        ...

    async def news(self) -> bool:
        """Wait until something more arrived at either end; False: nothing will come any more."""
        ...


@dataclass(frozen=True)
class Cast:
    """Who is on the stage: one desk, account and venue, and an instrument for each currency."""

    currencies: tuple[str, ...] = (DEFAULT_CURRENCY,)
    symbols: tuple[str, ...] = ()
    """Instruments that the files name themselves, in the default currency."""

    def symbol(self, currency: str | None) -> str:
        """The instrument that trades in that currency."""
        return f"CONF{currency or DEFAULT_CURRENCY}"

    def reference(self, port: int) -> Reference:
        """The reference data, with limits that refuse nothing a scenario says."""
        return Reference(
            desks=(DESK,),
            venues=(
                VenueDefinition(
                    Venue=VENUE,
                    Dialect="FIX44",
                    SenderCompID=SENDER,
                    TargetCompID=TARGET,
                    Host="127.0.0.1",
                    Port=port,
                    Native=EVERYTHING,
                ),
            ),
            instruments=(
                *(self._instrument(self.symbol(one), one) for one in self.currencies),
                *(self._instrument(name, DEFAULT_CURRENCY) for name in self.symbols),
            ),
            accounts=(
                AccountDefinition(
                    Account=ACCOUNT,
                    Desks=(DESK,),
                    Cash={currency: AMPLE for currency in self.currencies},
                    Limits=Limits(),
                    PendingReports=fix.PendingReports.Venue,
                ),
            ),
        )

    def _instrument(self, symbol: str, currency: str) -> InstrumentDefinition:
        return InstrumentDefinition(
            Symbol=symbol,
            Currency=currency,
            ReferencePx=DEFAULT_PX,
            TickSize=Decimal("0.0001"),
            LotSize=Decimal("0.0001"),
            ContractMultiplier=Decimal(1),
            Venues=(VENUE,),
        )
