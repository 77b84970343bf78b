"""Bitstamp's order events, as the R package ob-analytics keeps them: BTC/USD, order by order.

Columns: id, timestamp (ms), exchange.timestamp (ms), price (USD), volume (what is left, in 1e-8
BTC), action (created, changed, deleted), direction (bid, ask). Both sides of a trade have rows: an
order that takes liquidity is created like any other, so what traded must not be sent again.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from infra.replay.market import Kind, MarketEvent, UnreadableRow
from messages import fix

HEADER = "id,timestamp,exchange.timestamp,price,volume,action,direction"
SIDES = {"bid": fix.Side.Buy, "ask": fix.Side.Sell}
_ZERO = Decimal(0)

_Open = dict[str, tuple[Decimal, Decimal]]  # order -> (left, price)


def events(lines: Iterable[str]) -> Iterator[MarketEvent]:
    """One event for each row; UnreadableRow where a row is not Bitstamp's.

    A row tells what is left of an order, an event what changed: so the open orders are remembered.
    """
    known: _Open = {}
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or (number == 1 and text.startswith("id,")):
            continue
        try:
            yield _event(text, known)
        except (ValueError, ArithmeticError, KeyError) as error:
            raise UnreadableRow(f"line {number} is not {HEADER}: {text!r} ({error!r})") from error


def recognises(first_line: str) -> bool:
    """Whether a file that begins with this line is Bitstamp's: its header says so."""
    return first_line.strip() == HEADER


def _event(text: str, known: _Open) -> MarketEvent:
    order_id, at, _exchange_at, price_text, volume, action, direction = text.split(",")
    left, price = Decimal(volume).scaleb(-8), Decimal(price_text)
    kind, qty = _change(order_id, left, price, action, known)
    return MarketEvent(int(at) * 1_000_000, kind, order_id, SIDES[direction], qty, price)


def _change(
    order_id: str, left: Decimal, price: Decimal, action: str, known: _Open
) -> tuple[Kind, Decimal]:
    match action:
        case "created":
            known[order_id] = (left, price)
            return Kind.New, left
        case "deleted":
            # Whether it was cancelled or filled: an order that filled there and not in a replay
            # has to leave the book all the same.
            had, _ = known.pop(order_id, (left, price))
            return Kind.Delete, had
        case "changed":
            had, was = known.get(order_id, (left, price))
            if order_id in known:
                known[order_id] = (left, price)
            if price != was or left > had:
                return Kind.Change, max(left - had, _ZERO)  # what is missing has traded
            return Kind.Match, had - left
        case _:
            raise ValueError(f"action {action!r} is not created, changed or deleted")
