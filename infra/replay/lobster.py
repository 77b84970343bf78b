"""LOBSTER's message files: the order book of a NASDAQ share, order by order.

Columns: Time (seconds after midnight), Type, OrderId, Size, Price (dollars x 10000), Direction
(1 buy, -1 sell; of the resting order). LOBSTER ships them without a header line; one that is there
is skipped. Only resting orders have rows: who takes liquidity shows as the execution of the order
that was hit.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from infra.replay.market import Kind, MarketEvent, UnreadableRow
from messages import fix

HEADER = "Time,Type,OrderId,Size,Price,Direction"
KINDS = {
    "1": Kind.New,
    "2": Kind.Reduce,
    "3": Kind.Delete,
    "4": Kind.Execute,
    "5": Kind.Hidden,
    "6": Kind.Cross,
    "7": Kind.Halt,
}
SIDES = {"1": fix.Side.Buy, "-1": fix.Side.Sell}
_COLUMNS = 6


def events(lines: Iterable[str]) -> Iterator[MarketEvent]:
    """One event for each row; UnreadableRow where a row is not LOBSTER's."""
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or (number == 1 and text.startswith("Time,")):
            continue
        try:
            yield _event(text)
        except (ValueError, ArithmeticError, KeyError) as error:
            raise UnreadableRow(f"line {number} is not {HEADER}: {text!r} ({error!r})") from error


def recognises(first_line: str) -> bool:
    """Whether a file that begins with this line is LOBSTER's: with its header, or six numbers."""
    text = first_line.strip()
    fields = text.split(",")
    return text == HEADER or (
        len(fields) == _COLUMNS and fields[1] in KINDS and fields[5] in ("1", "-1", "0")
    )


def _event(text: str) -> MarketEvent:
    at, kind, order_id, size, price, direction = text.split(",")
    told = KINDS[kind]
    return MarketEvent(
        at_ns=int(Decimal(at).scaleb(9)),
        kind=told,
        order_id=order_id,
        # A halt belongs to no side and an auction to both: whatever stands there means nothing.
        side=SIDES.get(direction, fix.Side.Buy)
        if told in (Kind.Halt, Kind.Cross)
        else SIDES[direction],
        qty=Decimal(size),
        price=Decimal(price).scaleb(-4),
    )
