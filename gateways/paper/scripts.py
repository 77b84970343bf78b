"""Scripted behaviours: what venues do wrong or late, switched on by name.

Invariant: a script changes when and what the exchange says, or what it executes, but still in the
transaction of the request; with no script on, nothing here is run.
"""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from gateways.paper import after_the_fact, entry, reports
from gateways.paper.conditions import PENDING_CANCEL, PENDING_REPLACE, Conditions
from gateways.paper.effects import Effects, Later
from gateways.paper.fields import SOH
from gateways.paper.floor import Floor
from gateways.paper.orders import Order, OrdStatus
from gateways.paper.requests import Cancel, MassCancel, NewOrder, Replace, Request, Status
from gateways.paper.terms import BROKER_OPTION, BROKER_OPTION_REJECT

NANOS_PER_MS = 1_000_000
REFUSED = "refused by a script of this exchange"

SCRIPTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "delay": ("every report leaves ``ms`` later", {"ms": "100"}),
    "late_fill": ("a fill after the cancel was confirmed", {"qty": "", "px": ""}),
    "duplicate": ("each report is said twice, with the same ExecID", {}),
    "out_of_order": ("a fill and the next report of its order are swapped", {}),
    "drop": ("the request is swallowed", {}),
    "fill_before_ack": ("the first fill is said before New", {}),
    "overfill": ("``qty`` more than OrderQty is filled", {"qty": "1"}),
    "reject_all": ("orders, cancels and replaces are refused", {"text": REFUSED}),
    "slow_cancel": ("cancels and replaces are decided ``ms`` later", {"ms": "500"}),
    "pending": ("PendingCancel or PendingReplace is said before the answer", {}),
}
"""What each does, and what its arguments are where they are not given. Each also takes ``times``
(how many requests it holds for; by default all) and ``Symbol`` (by default all)."""
COMMON = ("times", "Symbol")


class Scripts:
    """The behaviours that are on, with their arguments. Kept in the effects as they change."""

    def __init__(self, kept: Mapping[str, str]) -> None:
        self.active: dict[str, dict[str, str]] = {n: json.loads(text) for n, text in kept.items()}

    def set(self, effects: Effects, name: str, args: Mapping[str, Any] | None) -> None:
        """Switch one on with these arguments, or off where they are None."""
        self.active.pop(name, None)
        if args is not None:
            given = {key: str(value) for key, value in args.items()}
            self.active[name] = {**SCRIPTS[name][1], **given}
        effects.scripts[name] = json.dumps(self.active[name]) if args is not None else ""

    def take(self, effects: Effects, name: str, symbol: str) -> dict[str, str] | None:
        """The arguments of a script that holds for this symbol now; uses up one of its times."""
        args = self.active.get(name)
        if args is None or args.get("Symbol", symbol) != symbol:
            return None
        if "times" in args:
            left = int(args["times"]) - 1
            self.set(effects, name, {**args, "times": left} if left > 0 else None)
        return args

    @property
    def delay_ms(self) -> int:
        """How much later reports leave."""
        return int(self.active["delay"]["ms"]) if "delay" in self.active else 0


def begins(floor: Floor, scripts: Scripts, request: Request, now: int, text: str) -> bool:
    """What happens before a request is decided; True: it is not to be decided now."""
    effects, symbol = floor.effects, symbol_of(request)
    if scripts.take(effects, "drop", symbol) is not None:
        return True
    if isinstance(request, NewOrder | Cancel | Replace) and (
        args := scripts.take(effects, "reject_all", symbol)
    ):
        _refuse(floor, request, args["text"], now)
        return True
    if not isinstance(request, Cancel | Replace):
        return False
    slow = scripts.take(effects, "slow_cancel", symbol) if text else None
    if scripts.take(effects, "pending", symbol) is not None:
        _pend(floor, request, now, stays=slow is not None)
    if slow is not None:
        floor.counters.report += 1
        due = now + int(slow["ms"]) * NANOS_PER_MS
        effects.later.append(Later(floor.counters.report, due, text))
    return slow is not None


def ends(floor: Floor, scripts: Scripts, request: Request, first: int, now: int) -> None:
    """What happens after a request was decided; ``first`` is the place of its first report."""
    effects, symbol = floor.effects, symbol_of(request)
    order = floor.find(_name(request)) if isinstance(request, NewOrder | Cancel) else None
    if order is not None and isinstance(request, Cancel) and order.status is OrdStatus.CANCELED:
        said_so = f"{SOH}150={reports.CANCELED}{SOH}" in "".join(effects.reports[first:])
        if said_so and (args := scripts.take(effects, "late_fill", symbol)):
            _late_fill(floor, order, args, now)
    if order is not None and isinstance(request, NewOrder) and order.status is OrdStatus.FILLED:
        args = scripts.take(effects, "overfill", symbol)
        if args is not None:
            quantity, price = Decimal(args["qty"]), order.average_price
            after_the_fact.extra_fill(floor, order, quantity, price, now)
    said = effects.reports[first:]
    if said and "fill_before_ack" in scripts.active:
        said = _moved(said, reports.NEW, scripts, effects, "fill_before_ack", symbol)
    if said and "out_of_order" in scripts.active:
        said = _moved(said, reports.TRADE, scripts, effects, "out_of_order", symbol)
    if said and scripts.take(effects, "duplicate", symbol) is not None:
        said = [text for text in said for _ in range(2)]
    effects.reports[first:] = said


def no_longer_pending(floor: Floor, request: Request) -> None:
    """The time of a slow request has come."""
    if isinstance(request, Cancel | Replace):
        order = floor.find(request.orig_cl_ord_id)
        if order is not None and order.conditions is not None:
            order.conditions.pending = ""
            floor.effects.orders[order.number] = order


def symbol_of(request: Request) -> str:
    """The Symbol(55) that a request is about; "" where it is about none or many."""
    match request:
        case Replace(order=terms):
            return terms.symbol
        case NewOrder() | Cancel() | Status() | MassCancel():
            return request.symbol
        case _:
            return ""


def _name(request: NewOrder | Cancel | Replace) -> str:
    return request.order.cl_ord_id if isinstance(request, Replace) else request.cl_ord_id


def _refuse(floor: Floor, request: NewOrder | Cancel | Replace, text: str, now: int) -> None:
    if isinstance(request, NewOrder):
        entry.enter(floor, request, now, (BROKER_OPTION_REJECT, text))
    else:
        entry.refuse(floor, request, BROKER_OPTION, text, now)


def _pend(floor: Floor, request: Cancel | Replace, now: int, *, stays: bool) -> None:
    """Say that the request waits, of an order that is open; it stays so while it waits."""
    order, name = floor.find(request.orig_cl_ord_id), _name(request)
    if order is None or not order.is_open or floor.find(name) is not None:
        return
    if order.conditions is None:
        order.conditions = Conditions()
    pending = PENDING_CANCEL if isinstance(request, Cancel) else PENDING_REPLACE
    order.conditions.pending = pending
    floor.say(order, pending, now, name, f"41={order.cl_ord_id}")
    if not stays:
        order.conditions.pending = ""


def _late_fill(floor: Floor, order: Order, args: Mapping[str, str], now: int) -> None:
    quantity = Decimal(args["qty"] or order.order_qty - order.cum_qty)
    price = Decimal(args["px"]) if args["px"] else order.price or floor.book(order.symbol).last
    if quantity > 0 and price is not None:
        after_the_fact.extra_fill(floor, order, quantity, price, now)


def _moved(
    said: list[str], kind: str, scripts: Scripts, effects: Effects, name: str, symbol: str
) -> list[str]:
    """The first report of this ExecType(150), behind the next of the same order (a fill where it
    is New), or as it was where there is none."""
    for place, text in enumerate(said):
        if f"{SOH}150={kind}{SOH}" not in text:
            continue
        order = text.split(SOH, 2)[1]
        for later in range(place + 1, len(said)):
            same = said[later].split(SOH, 2)[1] == order
            if same and (kind != reports.NEW or f"{SOH}150={reports.TRADE}{SOH}" in said[later]):
                if scripts.take(effects, name, symbol) is None:
                    return said
                between = said[place + 1 : later + 1]
                return [*said[:place], *between, text, *said[later + 1 :]]
    return said
