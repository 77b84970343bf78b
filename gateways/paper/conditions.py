"""What an order may ask beyond price, quantity and time, and what became of it.

Invariant: an order without any of it has no ``Conditions`` at all, so the ordinary limit order
costs nothing more; and all of it is one JSON text, so that it survives a restart with its order.
"""

import json
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

ZERO = Decimal(0)
ALL_OR_NONE, CANCEL_ON_HALT, TRAILING = "G", "K", "a"
MID, PRIMARY, MARKET_SIDE = "M", "R", "P"
PEGS = (MID, PRIMARY, MARKET_SIDE, TRAILING)
"""ExecInst(18)."""
PRICE_OFFSET, BASIS_POINTS = "0", "1"
"""PegOffsetType(836)."""
PENDING_CANCEL, PENDING_REPLACE = "6", "E"


@dataclass(slots=True, kw_only=True)
class Conditions:
    """The asked ones carry FIX's values; quantities are units, ``expires`` is nanoseconds.

    ``limit`` is Price(44) of a pegged order, whose own price follows the book. Since then:
    ``triggered``: it works now; ``shown``: what an iceberg still shows; ``earlier``: CumQty of
    the days before ``day_begun``, which is 0 on the first day; ``pending``: the OrdStatus(39) while
    a request about it waits; ``guaranteed``: it was Stopped.
    """

    exec_inst: str = ""
    stop_px: Decimal | None = None
    min_qty: Decimal | None = None
    display_qty: Decimal | None = None
    cash_order_qty: Decimal | None = None
    expire_date: str = ""
    expire_time: str = ""
    expires: int = 0
    peg_offset: Decimal = ZERO
    peg_offset_type: str = PRICE_OFFSET
    limit: Decimal | None = None
    triggered: bool = False
    shown: Decimal = ZERO
    earlier: Decimal = ZERO
    day_begun: int = 0
    pending: str = ""
    guaranteed: bool = False

    def has(self, instruction: str) -> bool:
        """Whether ExecInst(18), values separated by spaces, holds this one."""
        return instruction in self.exec_inst.split()

    @property
    def peg(self) -> str:
        """The ExecInst(18) that says what a pegged order follows; "" where there is none."""
        return next((one for one in self.exec_inst.split() if one in PEGS), "")

    def asks_as(self, other: "Conditions") -> bool:
        """Whether both ask the same, whatever became of them."""
        return all(getattr(self, name) == getattr(other, name) for name in ASKED)

    def succeed(self, before: "Conditions") -> None:
        """These replace those of ``before``, whose history goes on."""
        for name in HISTORY:
            setattr(self, name, getattr(before, name))

    def text(self) -> str:
        """JSON of what differs from the default."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return json.dumps(
            {
                name: f"{value:f}" if isinstance(value, Decimal) else value
                for name, value in values.items()
                if value != _DEFAULTS[name]
            }
        )

    @classmethod
    def of(cls, text: str) -> "Conditions":
        """What ``text`` wrote."""
        values: dict[str, Any] = json.loads(text)
        for name in _DECIMALS & values.keys():
            values[name] = Decimal(values[name])
        return cls(**values)


_DECIMALS = {
    *("stop_px", "min_qty", "display_qty", "cash_order_qty", "peg_offset", "limit"),
    *("shown", "earlier"),
}
_DEFAULTS = {f.name: f.default for f in fields(Conditions)}
HISTORY = ("triggered", "earlier", "day_begun", "pending", "guaranteed")
ASKED = (
    *("exec_inst", "stop_px", "min_qty", "display_qty", "expire_date", "expire_time"),
    *("peg_offset", "peg_offset_type", "limit"),
)
