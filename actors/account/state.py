"""What an account knows: its orders, who named them how, positions, cash and what is reserved."""

from dataclasses import dataclass, field
from decimal import Context, Decimal

from actors import lifecycle
from actors.account.limits import Applied, Pool
from actors.account.linked import OrderList
from actors.account.worth import Worths
from messages.base import Instant
from messages.fix import (
    CxlRejReason,
    CxlRejResponseTo,
    ExecRestatementReason,
    ExecType,
    OrdRejReason,
    OrdStatus,
    Side,
)
from messages.kills import KilledState, StandingKill
from messages.people import Role
from messages.reference import AccountDefinition, InstrumentDefinition
from messages.refusals import Refusal
from messages.rulebook import RuleBook
from messages.terms import Terms

ZERO = Decimal(0)

EXACT = Context(prec=100)
"""Wide enough that sums of money never round: what was reserved is released to the last digit."""

NOBODY = Applied()
"""What holds for a desk that may not trade the account: it is refused for that."""

_SHARE = Decimal("1e-12")
_AMOUNT = Decimal("1e-36")


@dataclass(slots=True)
class Request:
    """A cancel (no terms) or replace under way."""

    ClOrdID: str
    OrigClOrdID: str
    terms: Terms | None = None
    reserve_px: Decimal = ZERO
    reported: bool = True
    """Whether the desk was told that the request is pending."""
    ours: bool = False
    """The account's own request: the desk hears only what comes of it, for these reasons."""
    reason: ExecRestatementReason | None = None
    text: str | None = None
    cut: Decimal = ZERO
    unaware: Decimal = ZERO
    """What cuts of ours take off, of which the desk had not heard when it asked for this."""

    @property
    def status(self) -> OrdStatus:
        """The pending state this request puts the order in."""
        return OrdStatus.PendingReplace if self.terms else OrdStatus.PendingCancel

    @property
    def pending_type(self) -> ExecType:
        """How the request is reported while it is under way."""
        return ExecType.PendingReplace if self.terms else ExecType.PendingCancel

    @property
    def response_to(self) -> CxlRejResponseTo:
        """What a cancel reject answers."""
        if self.terms:
            return CxlRejResponseTo.OrderCancelReplaceRequest
        return CxlRejResponseTo.OrderCancelRequest


@dataclass(slots=True)
class Order:
    """One order over all its versions. CumQty and notional are cumulative through replaces.

    ``day`` counts the trading days that began since it came; ``overfilled`` is what the venue
    executed beyond OrderQty: a break, and booked. ``held``: it waits here for the order that
    triggers it; ``released``: it did, so the desk has heard New before the venue says it.
    """

    OrderID: str
    Desk: str
    ClOrdID: str
    terms: Terms
    reserve_px: Decimal
    received_at: Instant
    OrigClOrdID: str | None = None
    status: OrdStatus = OrdStatus.PendingNew
    cum_qty: Decimal = ZERO
    notional: Decimal = ZERO
    pending: list[Request] = field(default_factory=list)
    reserved: Decimal = ZERO
    open_qty: Decimal = ZERO
    day: int = 0
    day_cum_qty: Decimal = ZERO
    trade_date: str | None = None
    overfilled: Decimal = ZERO
    ListID: str | None = None
    held: bool = False
    released: bool = False

    @property
    def over(self) -> bool:
        """Whether nothing of it works any more."""
        done = self.status in lifecycle.DONE and 0 < self.terms.quantity <= self.cum_qty
        return done or lifecycle.over(self.status, self.terms.TimeInForce)

    @property
    def leaves_qty(self) -> Decimal:
        """OrderQty - CumQty while the order can still trade, else 0."""
        return ZERO if self.over else max(ZERO, self.terms.quantity - self.cum_qty)

    @property
    def day_order_qty(self) -> Decimal:
        """DayOrderQty(424): what of the order is for today."""
        return self.terms.quantity - (self.cum_qty - self.day_cum_qty)

    @property
    def canceling(self) -> bool:
        """Whether a cancel of it is under way."""
        return any(request.terms is None for request in self.pending)

    @property
    def avg_px(self) -> Decimal:
        """AvgPx(6): the mean price of all fills, 0 before the first."""
        return self.notional / self.cum_qty if self.cum_qty else ZERO

    @property
    def shown_status(self) -> OrdStatus:
        """OrdStatus(39) by FIX's precedence over the requests that are reported as pending."""
        return lifecycle.shown(self.status, [r.status for r in self.pending if r.reported])

    def later(self, trade_date: str | None) -> bool:
        """Whether that day is after the last one the venue spoke of."""
        return bool(trade_date and self.trade_date and trade_date > self.trade_date)

    def status_on(self, trade_date: str | None) -> OrdStatus:
        """What it is on that day: what lasts and was done for the day works again on the next."""
        if self.over or self.status not in lifecycle.DONE or not self.later(trade_date):
            return self.status
        restated = lifecycle.after(
            self.status, ExecType.Restated, self.terms.quantity, self.cum_qty
        )
        return restated or self.status

    def request(self, clordid: str) -> Request | None:
        """The pending request of that name."""
        return next((r for r in self.pending if r.ClOrdID == clordid), None)


@dataclass(slots=True)
class Fill:
    """One execution as it counts now: busted ones are gone, corrected ones have the last values.

    ``quantity`` and ``amount`` (of money, with the multiplier) are signed: positive for a purchase.
    """

    OrderID: str
    ExecID: str
    symbol: str
    currency: str
    quantity: Decimal
    px: Decimal
    amount: Decimal
    day: int


@dataclass(slots=True)
class Position:
    """Signed quantity, what it cost, and what closed quantity has earned."""

    quantity: Decimal = ZERO
    cost: Decimal = ZERO
    realized: Decimal = ZERO

    def book(self, quantity: Decimal, amount: Decimal) -> None:
        """Add a signed fill; ``amount`` is its signed money (quantity x price x multiplier).

        ``cost - realized - (money paid)`` never changes, so no money appears or vanishes. Runs in
        ``EXACT``; a share of the cost is rounded once, and what is left of it is the rest.
        """
        held = self.quantity
        if not held or (held > 0) == (quantity > 0):
            self.quantity += quantity
            self.cost += amount
            return
        closing = quantity if abs(quantity) <= abs(held) else -held
        closing_amount = (amount * closing / quantity).quantize(_AMOUNT).normalize()
        freed = (-self.cost * closing / held).quantize(_SHARE).normalize()
        self.realized -= closing_amount + freed
        self.cost -= freed
        self.quantity += closing
        if not self.quantity:
            self.realized -= self.cost  # what rounding left of the cost goes with the last unit
            self.cost = ZERO
        opening = quantity - closing
        if opening:
            self.quantity = opening
            self.cost = amount - closing_amount


@dataclass(slots=True)
class Exposure:
    """Quantity of open orders of one symbol, by direction."""

    buying: Decimal = ZERO
    selling: Decimal = ZERO


@dataclass(slots=True)
class Spoken:
    """A ClOrdID that a desk has used: for what, and how it was answered first."""

    kind: str
    content: str
    OrderID: str
    ExecID: str | None = None
    answer: ExecType | None = None
    ord_rej_reason: OrdRejReason | None = None
    cxl_rej_reason: CxlRejReason | None = None
    refusal: Refusal | None = None
    OrigClOrdID: str | None = None


@dataclass(slots=True)
class Lease:
    """What the account holds of a shared limit. ``number``: of its last word to the rule book.

    ``waiting``: that word has no answer yet. ``wanted``: what it asked for then, and when.
    """

    held: Decimal = ZERO
    number: int = 0
    waiting: bool = False
    wanted: Decimal = ZERO
    asked_at: Instant = 0


@dataclass(slots=True)
class Staging:
    """An order that waits for people. ``steps``: who must approve, of which ``done`` have.

    ``deciders``: who approved; ``trader``: whose it is to release, "" where any trader's is;
    ``sender``: who of its desk sent it, whose limits hold for it.
    """

    OrderID: str
    steps: tuple[Role, ...]
    why: str
    expires_at: Instant
    done: int = 0
    deciders: list[str] = field(default_factory=list)
    trader: str = ""
    returned: bool = False
    sender: str | None = None


@dataclass(slots=True)
class AccountState:
    """Everything an account knows, as plain data.

    ``booked`` has every execution that a venue reported, as ``venue ExecID``; ``fills`` those that
    count, by the key under which they were first booked; ``corrected`` leads from a correction's
    key to that one. ``lists`` are named like ``spoken``; ``lost``: when a desk's connection was.
    """

    definition: AccountDefinition | None = None
    instruments: dict[str, InstrumentDefinition] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    open: dict[str, None] = field(default_factory=dict)
    spoken: dict[str, Spoken] = field(default_factory=dict)
    refused: dict[str, Terms] = field(default_factory=dict)
    positions: dict[str, Position] = field(default_factory=dict)
    exposures: dict[str, Exposure] = field(default_factory=dict)
    cash: dict[str, Decimal] = field(default_factory=dict)
    reserved: dict[str, Decimal] = field(default_factory=dict)
    booked: dict[str, None] = field(default_factory=dict)
    fills: dict[str, Fill] = field(default_factory=dict)
    corrected: dict[str, str] = field(default_factory=dict)
    lists: dict[str, OrderList] = field(default_factory=dict)
    lost: dict[str, Instant] = field(default_factory=dict)
    rules: RuleBook | None = None
    version: int | None = None
    applied: dict[str, Applied] = field(default_factory=dict)
    """What of the rule book holds, by desk and by ``desk trader``."""
    worths: Worths | None = None
    """None: no limit needs them."""
    buckets: dict[str, Instant] = field(default_factory=dict)
    """When each token bucket will be full again; see ``actors/rules/order_rate.py``."""
    recent: dict[str, Instant] = field(default_factory=dict)
    """Orders by what they say, and when they came; the oldest first."""
    day: int = 0
    day_equity: Decimal = ZERO
    """Equity before the first order of that UTC day."""
    pools: list[Pool] = field(default_factory=list)
    """What the account shares with others, whichever of its desks sends."""
    leases: dict[str, Lease] = field(default_factory=dict)
    order_count: int = 0
    exec_count: int = 0
    request_count: int = 0
    kills: dict[str, StandingKill] = field(default_factory=dict)
    released: dict[str, None] = field(default_factory=dict)
    closing: dict[str, list[str]] = field(default_factory=dict)
    settled: dict[str, KilledState] = field(default_factory=dict)
    """See ``kills.Listing``."""
    staged: dict[str, Staging] = field(default_factory=dict)

    def limits_of(self, desk: str, trader: str | None = None) -> Applied:
        """What holds for an order of that desk, and of that trader where one is named."""
        found = self.applied.get(f"{desk} {trader}") if trader else None
        return found or self.applied.get(desk) or NOBODY

    def named(self, desk: str, clordid: str) -> Order | None:
        """The order that ``clordid`` belongs to, for that desk."""
        use = self.spoken.get(f"{desk} {clordid}")
        return self.orders.get(use.OrderID) if use else None

    def order_of(self, desk: str, clordid: str | None, order_id: str | None) -> Order | None:
        """The order that a request names, by OrigClOrdID or else by OrderID."""
        if clordid is not None:
            return self.named(desk, clordid)
        order = self.orders.get(order_id or "")
        return order if order and order.Desk == desk else None

    def list_of(self, order: Order) -> OrderList | None:
        """The list that the order came in."""
        return self.lists[f"{order.Desk} {order.ListID}"] if order.ListID else None

    def position(self, symbol: str) -> Decimal:
        """Signed position in ``symbol``."""
        held = self.positions.get(symbol)
        return held.quantity if held else ZERO

    def buying_power(self, currency: str) -> Decimal:
        """Cash less what open orders have reserved."""
        return self.cash.get(currency, ZERO) - self.reserved.get(currency, ZERO)

    def reserve(self, terms: Terms, reserve_px: Decimal, cum_qty: Decimal) -> Decimal:
        """Money to hold back for what is left of ``terms``; selling what is owned needs none."""
        if terms.Side is Side.Sell:
            return ZERO
        instrument = self.instruments[terms.Symbol]
        if terms.OrderQty is None:
            return terms.CashOrderQty or ZERO
        left = max(ZERO, terms.OrderQty - cum_qty)
        if terms.CashOrderQty is not None:
            return (terms.CashOrderQty * left / terms.OrderQty).quantize(_SHARE).normalize()
        return left * abs(reserve_px) * instrument.ContractMultiplier

    def fill(self, venue: str, exec_id: str) -> Fill | None:
        """The fill that this execution, or a correction of it, was booked as; None: it is none."""
        key = f"{venue} {exec_id}"
        return self.fills.get(self.corrected.get(key, key))

    def open_orders(self, desk: str, symbol: str | None) -> list[Order]:
        """Open orders of a desk, oldest first; of one symbol where it is given."""
        found = (self.orders[order_id] for order_id in self.open)
        return [o for o in found if o.Desk == desk and symbol in (None, o.terms.Symbol)]
