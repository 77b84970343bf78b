"""An order as a venue of a random run holds it, under all its names."""

from dataclasses import dataclass, field
from decimal import Decimal

from messages.fix import ExecInst, OrdStatus, OrdType, Side, TimeInForce
from messages.terms import STOPS, Terms

ZERO = Decimal(0)
WORKING = (OrdStatus.New, OrdStatus.PartiallyFilled)
LASTS = (TimeInForce.GoodTillCancel, TimeInForce.GoodTillDate)


@dataclass(slots=True)
class Resting:
    """``px`` None: it trades at the market. ``waits``: until the market reaches its stop price.

    ``whole``: it trades all at once or not at all; ``least``: the first trade is of so much.
    ``most``: the venue declined the rest, and takes no replace that asks for more.
    """

    order_id: str
    names: list[str]
    account: str
    symbol: str
    side: Side
    qty: Decimal
    px: Decimal | None
    kind: OrdType = OrdType.Limit
    lasting: TimeInForce = TimeInForce.Day
    cum: Decimal = ZERO
    least: Decimal = ZERO
    waits: bool = False
    whole: bool = False
    expires: int | None = None
    status: OrdStatus = OrdStatus.New
    most: Decimal | None = None
    last_exec: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, order_id: str, name: str, account: str, terms: Terms, qty: Decimal) -> "Resting":
        """What these terms ask for."""
        return cls(
            order_id, [name], account, terms.Symbol, terms.Side, qty, terms.Price,
            terms.OrdType, terms.TimeInForce,
            least=terms.MinQty or ZERO,
            waits=terms.OrdType in STOPS,
            expires=terms.ExpireTime,
            whole=terms.has(ExecInst.AllOrNone) or terms.TimeInForce is TimeInForce.FillOrKill,
        )  # fmt: skip

    @property
    def left(self) -> Decimal:
        """What may still trade."""
        return self.qty - self.cum if self.working else ZERO

    @property
    def working(self) -> bool:
        """Whether it may trade now."""
        return self.status in WORKING

    @property
    def asleep(self) -> bool:
        """Done for the day, and back on the next."""
        return self.status is OrdStatus.DoneForDay and self.lasting in LASTS

    def settle(self) -> None:
        """The quantities decide what it is."""
        if self.status in (*WORKING, OrdStatus.Filled):
            part = OrdStatus.PartiallyFilled if self.cum else OrdStatus.New
            self.status = OrdStatus.Filled if self.qty == self.cum else part
