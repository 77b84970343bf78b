"""Who there is in a simulated installation: desks, accounts, instruments, venues, operators.

One venue does everything natively, the other knows Market and Limit only, so the books work what is
sent there. One account hears pending states on the venue's word, one may not trade one symbol, and
all of them share a limit.
"""

from decimal import Decimal

from infra.compose import COMPLIANCE
from infra.reference import Reference
from messages.base import Instant
from messages.envelope import Address
from messages.fix import ExecInst, OrdType, PendingReports, TimeInForce
from messages.reference import (
    AccountDefinition,
    Capabilities,
    InstrumentDefinition,
    Limits,
    VenueDefinition,
)
from messages.rulebook import RULEBOOK, RuleBook, RuleLimits
from messages.surveillance import SURVEILLANCE

START: Instant = 1_795_400_184_000_000_000
SHARDS = 2
DESKS = ("blue", "red")
OPERATORS = ("ann", "bob")
ACCOUNTS = {"acme": ("blue",), "bravo": ("blue", "red"), "carol": ("red",)}
SYMBOLS = {"AAPL": Decimal(1), "MSFT": Decimal(2)}
"""With their ContractMultiplier."""
VENUES = ("XNAS", "XPAR")
RESTRICTED = {"carol": "MSFT"}
CASH = Decimal(200_000)
MOST_QTY = Decimal(210)
COLLAR = Decimal("0.10")
REFERENCE_PX = Decimal(10)
SHARED_GROSS, DESKS_GROSS = Decimal(50_000), Decimal(35_000)
"""What all accounts may have at risk together, and those of the first desk."""

EVERYTHING = Capabilities(
    OrdTypes=tuple(OrdType),
    TimesInForce=tuple(TimeInForce),
    ExecInsts=tuple(ExecInst),
    DisplayQty=True,
    MinQty=True,
    CashOrderQty=True,
    MarketData=True,
)
PLAIN = Capabilities(
    OrdTypes=(OrdType.Market, OrdType.Limit),
    TimesInForce=(
        TimeInForce.Day,
        TimeInForce.GoodTillCancel,
        TimeInForce.ImmediateOrCancel,
        TimeInForce.FillOrKill,
    ),
    MarketData=True,
)

ADDRESSES: tuple[Address, ...] = (
    "egress/0",
    "ingress/0",
    COMPLIANCE,
    SURVEILLANCE,
    *(f"account/{name}" for name in ACCOUNTS),
    *(f"book/{symbol}" for symbol in SYMBOLS),
    *(f"venue/{venue}" for venue in VENUES),
    RULEBOOK,
)


def tradable(desk: str) -> tuple[str, ...]:
    """The accounts that the desk may trade."""
    return tuple(account for account, desks in ACCOUNTS.items() if desk in desks)


def reference() -> Reference:
    """All of it."""
    return Reference(
        desks=DESKS,
        operators=OPERATORS,
        venues=tuple(
            VenueDefinition(
                Venue=name, Dialect="Paper", SenderCompID="OMS", TargetCompID=name,
                Host="sim", Port=1, Native=native, StaleAfter=stale,
            )
            for name, native, stale in zip(VENUES, (EVERYTHING, PLAIN), (3, 0), strict=True)
        ),
        instruments=tuple(
            InstrumentDefinition(
                Symbol=symbol, ReferencePx=REFERENCE_PX, TickSize=Decimal("0.01"),
                LotSize=Decimal(1), ContractMultiplier=multiplier,
                Venues=VENUES[index:] + VENUES[:index],
            )
            for index, (symbol, multiplier) in enumerate(SYMBOLS.items())
        ),
        accounts=tuple(
            AccountDefinition(
                Account=name, Desks=desks, Cash={"USD": CASH},
                Limits=Limits(MaxOrderQty=MOST_QTY, PriceCollar=COLLAR, MaxPosition=Decimal(5_000)),
                RestrictedSymbols=(RESTRICTED[name],) if name in RESTRICTED else (),
                PendingReports=PendingReports.Venue if name == "bravo" else PendingReports.OMS,
            )
            for name, desks in ACCOUNTS.items()
        ),
        rules=RuleBook(
            Firm=RuleLimits(SharedGross=SHARED_GROSS),
            Desks={DESKS[0]: RuleLimits(SharedGross=DESKS_GROSS)},
        ),
    )  # fmt: skip
