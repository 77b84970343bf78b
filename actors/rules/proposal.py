"""What a rule is asked about, and what it may answer."""

from decimal import ROUND_UP, Decimal
from typing import NamedTuple

from actors.account import worth
from actors.account.limits import Applied
from actors.account.state import ZERO, AccountState, Exposure, Order
from actors.account.worth import Worth
from messages.base import Instant, short_text
from messages.fix import Side
from messages.terms import Terms

_FINEST = Decimal("0.000000000001")
"""The last decimal that can be read back from a journal (``messages.base.Number``)."""

COLLAR = Decimal("0.1")
"""How far from its reference a price is expected where no collar says it."""

_NOBODY = Applied()


class Proposal(NamedTuple):
    """An order that a desk proposes; ``replaces`` is the order whose next version it would be.

    ``now`` is the instant at which it is judged, ``limits`` what holds for the desk and its trader.
    ``known``: what one rule has worked out is there for the next.
    """

    account: str
    desk: str
    clordid: str
    terms: Terms
    replaces: Order | None = None
    now: Instant = 0
    trader: str | None = None
    limits: Applied = _NOBODY
    known: "dict[str, Worths] | None" = None

    @property
    def counted(self) -> bool:
        """Whether it is judged once more, and was counted when it came: no ClOrdID names it now."""
        return not self.clordid


class Objection(NamedTuple):
    """The field, what was given, what is allowed, and what to do instead.

    ``limit`` and ``inputs``: what was compared, by name. ``level``: whose limit it is, where that
    is not the level of the rule's parameter.
    """

    field: str
    given: str
    allowed: str
    remedy: str
    limit: str | None = None
    inputs: dict[str, str] | None = None
    level: str | None = None


def reserve_px(terms: Terms, state: AccountState, limits: Applied = _NOBODY) -> Decimal:
    """The price at which money is held back: the limit, else the collar's far end.

    Without a price of its own the reference price, or the trigger where that is higher, plus the
    collar (10 % where there is none) stands in for the worst price expected.
    """
    if terms.Price is not None:
        return terms.Price
    collar = limits.numbers.get("PriceCollar") or COLLAR
    reference = state.instruments[terms.Symbol].ReferencePx
    px = max(reference, terms.StopPx or reference) * (1 + collar)
    return px.quantize(_FINEST, ROUND_UP).normalize()


def quantity(terms: Terms, state: AccountState) -> Decimal:
    """OrderQty; of an order by cash, about what it buys at the reference price."""
    if terms.OrderQty is not None:
        return terms.OrderQty
    instrument = state.instruments[terms.Symbol]
    price = abs(instrument.ReferencePx) * instrument.ContractMultiplier
    return (terms.CashOrderQty or ZERO) / price if price else ZERO


def sides(proposal: Proposal, state: AccountState) -> tuple[Decimal, Decimal, Decimal]:
    """Position, and what would be open to buy and to sell, were the order let through."""
    terms, old = proposal.terms, proposal.replaces
    more = quantity(terms, state)
    if old is not None:
        more = max(more - old.cum_qty, old.open_qty) - old.open_qty
    open_now = state.exposures.get(terms.Symbol) or Exposure()
    buying, selling = open_now.buying, open_now.selling
    if terms.Side is Side.Buy:
        buying += more
    else:
        selling += more
    return state.position(terms.Symbol), buying, selling


Worths = tuple[Worth, Worth, Worth]


def worths(proposal: Proposal, state: AccountState) -> Worths:
    """What the symbol would be worth, and all symbols together, and all of them as it is now."""
    if proposal.known is None:
        return _worths(proposal, state)
    found = proposal.known.get("worths")
    if found is None:
        found = proposal.known["worths"] = _worths(proposal, state)
    return found


def _worths(proposal: Proposal, state: AccountState) -> Worths:
    known = state.worths
    assert known is not None, "a limit that needs it is in force"
    symbol = proposal.terms.Symbol
    then = worth.worth(state, symbol, *sides(proposal, state))
    less = known.symbols.get(symbol, worth.NOTHING)
    return then, known.total.plus(then, less), known.total


plain = short_text
"""How a refusal quotes a decimal."""
