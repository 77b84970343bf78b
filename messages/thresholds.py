"""Who is who, and what is usual for a security: what surveillance is told before it judges.

A threshold belongs to a liquidity band, never to the whole market: what is large in a small cap is
nothing in a large one. All of them are reference data, so those in force stand in the journal.
"""

from decimal import Decimal
from typing import Literal

from messages.base import Message, Name, Number, Quantity, UTCTimestamp
from messages.fix import Code


class Capacity(Code):
    """For whom an account trades (FIX OrderCapacity, 528, and whom it belongs to)."""

    Customer = "Customer"
    House = "House"
    """Proprietary: FINRA 5270 and 5320 are about this one."""
    RisklessPrincipal = "RisklessPrincipal"
    """Facilitates a customer's order at the same price (5320.03)."""
    Error = "Error"
    """Corrects bona fide errors (5320.06)."""
    Employee = "Employee"
    """A person of the firm, or of their household."""


class Thresholds(Message):
    """One liquidity band: from where on something is looked at. Seconds, shares, fractions, money.

    Money is in the currency of the instrument; a fraction of price or volume is "0.01" for 1 %.
    """

    Band: Name
    Quiet: int = 600
    """The same pattern of the same owner in the same symbol is one alert within this time."""
    SelfMatchWithin: int = 1
    WashWithin: int = 3600
    WashPairWithin: int = 60
    WashPairs: int = 2
    WashPriceWithin: Number = Decimal("0.0002")
    WashQtyWithin: Number = Decimal("0.03")
    WashShare: Number = Decimal("0.6")
    """Of what the owner traded, how much is in pairs that undo each other."""
    WashVolume: Number = Decimal("0.5")
    """Of the volume that we have seen meanwhile."""
    LayerLevels: int = 3
    LayerNotional: Quantity = Decimal(500_000)
    LayerCanceled: Number = Decimal("0.7")
    LayerAfterFill: int = 120
    SpoofNotional: Quantity = Decimal(250_000)
    SpoofMultiple: Number = Decimal(5)
    SpoofLife: int = 60
    SpoofFilled: Number = Decimal("0.1")
    StuffingActs: int = 60
    StuffingWithin: int = 5
    StuffingCanceled: Number = Decimal("0.8")
    RatioWithin: int = 300
    RatioOrders: int = 30
    RatioCanceled: Number = Decimal("0.75")
    RatioFilled: Number = Decimal("0.05")
    CloseWithin: int = 900
    CloseVolume: Number = Decimal("0.01")
    """Of the average daily volume."""
    CloseShare: Number = Decimal("0.2")
    """Of the volume that we have seen since then."""
    CloseMove: Number = Decimal("0.005")
    RampWithin: int = 600
    RampTrades: int = 6
    RampRising: Number = Decimal("0.8")
    RampMove: Number = Decimal("0.01")
    RampShare: Number = Decimal("0.3")
    IgnitionWithin: int = 30
    IgnitionTrades: int = 3
    IgnitionMove: Number = Decimal("0.005")
    IgnitionShare: Number = Decimal("0.3")
    IgnitionReverseWithin: int = 120
    IgnitionReversed: Number = Decimal("0.5")
    BlockQty: Quantity = Decimal(10_000)
    """FINRA 5270 speaks of 10,000 shares as a guide."""
    FrontRunWithin: int = 600
    AheadWithin: int = 60
    """In this time the customer is executed too, at the same price or better (FINRA 5320)."""
    AheadLargeQty: Quantity = Decimal(10_000)
    AheadLargeNotional: Quantity = Decimal(100_000)
    OddLot: Quantity = Decimal(100)
    NewsWithin: int = 7200
    NewsMove: Number = Decimal("0.02")
    NewsMultiple: Number = Decimal(3)
    NewsNotional: Quantity = Decimal(250_000)
    """From here on a trade of an owner without a habit counts as large."""
    BestExMove: Number = Decimal("0.01")
    BestExTrades: int = 5
    BestExWithin: int = 60


class Watched(Message):
    """What surveillance knows of one instrument. ``ADV``: average daily volume; None: unknown."""

    Symbol: Name
    Band: Name | None = None
    ADV: Quantity | None = None
    CloseAt: int | None = None
    """Seconds after midnight UTC at which trading closes, where there is no calendar."""
    Calendar: Name | None = None
    ContractMultiplier: Quantity = Decimal(1)


class Party(Message):
    """Who is behind an account. ``Owner``: the beneficial owner; None: the account itself.

    ``Wall``: those on the same side of an information barrier know of each other's orders.
    """

    Account: Name
    Owner: Name | None = None
    Capacity: "Capacity" = Capacity.Customer
    Wall: Name | None = None
    Institutional: bool = False


class Restriction(Message):
    """Nobody of the firm, or none of ``Accounts``, deals in ``Symbol`` while it holds."""

    Symbol: Name
    Accounts: tuple[Name, ...] = ()
    From: UTCTimestamp
    Until: UTCTimestamp | None = None
    Reason: str


class SurveillanceSettings(Message):
    """The part of the reference data that surveillance alone reads; all of it may be left out."""

    Bands: tuple[Thresholds, ...] = ()
    Instruments: tuple[Watched, ...] = ()
    Parties: tuple[Party, ...] = ()
    Restrictions: tuple[Restriction, ...] = ()


class SurveillanceDefinition(SurveillanceSettings):
    """The same, told to a shard: every instrument of the installation is in it."""

    MsgType: Literal["SurveillanceDefinition"] = "SurveillanceDefinition"
