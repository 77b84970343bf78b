"""What can be looked at through the control door: the book, the orders, the executions."""

from decimal import Decimal
from typing import Any

from gateways.paper.effects import Standing
from gateways.paper.floor import Floor
from gateways.paper.orders import Order
from gateways.paper.phases import everything
from gateways.paper.queues import Queues
from gateways.paper.reports import order_id

View = dict[str, Any]


def book(floor: Floor, symbol: str) -> View:
    """Both sides by price, the best first, and the orders that wait beside them."""
    found = floor.book(symbol)
    beside = [order for order in everything(found) if not found.own(order).holds(order)]
    return {
        "Phase": found.phase,
        "last": None if found.last is None else f"{found.last:f}",
        "bids": _side(found.bids),
        "offers": _side(found.offers),
        "waiting": [_order(order) for order in beside],
    }


def trades(floor: Floor, symbol: str) -> View:
    """The last executions as they stand, oldest first; LastQty 0 is a bust."""
    found = floor.past.trades(symbol)
    found += [Standing(f, f.exec_id) for f in floor.effects.fills if symbol in ("", f.symbol)]
    return {"trades": [_trade(floor.find_fill(one.fill.exec_id) or one) for one in found]}


def orders(floor: Floor, symbol: str) -> View:
    """The open orders."""
    every = (o for o in floor.open.values() if o.is_open and symbol in ("", o.symbol))
    return {"orders": [_order(order) for order in sorted(every, key=lambda o: o.number)]}


def _side(queues: Queues) -> list[View]:
    levels: dict[Decimal, View] = {}
    for price, shown in queues.depth():
        levels[price] = {"Price": f"{price:f}", "Shown": f"{shown:f}", "Orders": []}
    for order in queues.in_order():
        assert order.price is not None, "only an order with a price rests"
        levels[order.price]["Orders"].append(_order(order))
    return list(levels.values())


def _order(order: Order) -> View:
    name = "house" if order.is_house else order_id(order)
    return {
        **{"OrderID": name, "ClOrdID": order.cl_ord_id, "Symbol": order.symbol},
        **{"Side": order.side, "OrdType": order.ord_type, "OrdStatus": order.status.value},
        "Price": None if order.price is None else f"{order.price:f}",
        **{"OrderQty": f"{order.order_qty:f}", "LeavesQty": f"{order.leaves_qty:f}"},
        **{"CumQty": f"{order.cum_qty:f}", "Shown": f"{order.shown:f}"},
    }


def _trade(standing: Standing) -> View:
    fill = standing.fill
    return {
        **{"ExecID": fill.exec_id, "last": standing.last_id, "ClOrdID": fill.cl_ord_id},
        **{"OrderID": f"O-{fill.number}", "Symbol": fill.symbol, "Side": fill.side},
        **{"LastQty": f"{fill.quantity:f}", "LastPx": f"{fill.price:f}"},
    }
