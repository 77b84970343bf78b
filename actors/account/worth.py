"""What an account's positions and open orders are worth, kept as running sums.

Each symbol is valued at its reference price in the base currency, in the worst case of its open
orders: ``up`` if all that buys trades, ``down`` if all that sells does. A symbol changes only when
an order of it does, so an order costs the same however many symbols the account holds.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from actors.account.state import AccountState

ZERO = Decimal(0)


class Worth(NamedTuple):
    """Of one symbol, or of all: gross is the larger side without its sign."""

    gross: Decimal = ZERO
    up: Decimal = ZERO
    down: Decimal = ZERO
    held: Decimal = ZERO

    def plus(self, other: "Worth", less: "Worth") -> "Worth":
        """With ``other`` in the place of ``less``."""
        return Worth(
            self.gross + other.gross - less.gross,
            self.up + other.up - less.up,
            self.down + other.down - less.down,
            self.held + other.held - less.held,
        )


NOTHING = Worth()


@dataclass(slots=True)
class Worths:
    """By symbol, and their sum."""

    symbols: dict[str, Worth] = field(default_factory=dict)
    total: Worth = NOTHING


def unit(state: "AccountState", symbol: str) -> Decimal:
    """What one unit is worth in the base currency; negative where prices are."""
    instrument = state.instruments[symbol]
    rate = state.rules.Rates.get(instrument.Currency) if state.rules else None
    px = instrument.ReferencePx * instrument.ContractMultiplier
    return px if rate is None else px * rate


def worth(
    state: "AccountState", symbol: str, held: Decimal, buying: Decimal, selling: Decimal
) -> Worth:
    """A position with open orders on both sides."""
    px = unit(state, symbol)
    size = abs(px)
    up, down = (held + buying) * size, (held - selling) * size
    return Worth(max(abs(up), abs(down)), up, down, held * px)


def settle(state: "AccountState", symbol: str) -> None:
    """The symbol's orders or position have changed."""
    worths = state.worths
    assert worths is not None
    open_now = state.exposures.get(symbol)
    buying, selling = (open_now.buying, open_now.selling) if open_now else (ZERO, ZERO)
    now = worth(state, symbol, state.position(symbol), buying, selling)
    worths.total = worths.total.plus(now, worths.symbols.get(symbol, NOTHING))
    worths.symbols[symbol] = now


def build(state: "AccountState") -> Worths:
    """All of it anew: prices or rates have changed."""
    state.worths = Worths()
    for symbol in dict.fromkeys((*state.positions, *state.exposures)):
        settle(state, symbol)
    return state.worths


def equity(state: "AccountState") -> Decimal:
    """Cash and positions in the base currency."""
    rates = state.rules.Rates if state.rules else {}
    cash = sum((amount * rates.get(c, 1) for c, amount in state.cash.items()), ZERO)
    return cash + (state.worths.total.held if state.worths else ZERO)
